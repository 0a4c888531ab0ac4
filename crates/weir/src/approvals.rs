//! What approvals say to people: the mails, and the pages behind the links in them.

use api::{ApprovalPages, Page};
use flow::approvals::{Approval, Letter, Letters, Taken};
use flow::requests::Signer;

use crate::words::{Language, Words};

/// The mails, in the language of the instance.
pub(crate) fn letters(signer: Signer, words: &'static Words) -> Letters {
    Letters::new(signer, move |approval, url, again| letter(approval, url, again, words))
}

fn letter(approval: &Approval, url: &str, again: bool, words: &Words) -> Letter {
    let request = &approval.request;
    let title = [("title", request.title.as_str().into())];
    let subject = match again {
        true => words.text("approval-reminder-subject", &title),
        false => words.text("approval-subject", &title),
    };
    let answer = words.word("approval-open");
    let mut html = format!("<h2>{}</h2>", escaped(&request.title));
    html.push_str(&told(approval));
    html.push_str(&format!("<p><a href=\"{}\">{}</a></p>", escaped(url), escaped(&answer)));
    html.push_str(&format!("<p>{}</p>", escaped(&words.word("approval-yours-alone"))));
    Letter { subject, html }
}

/// The details and the link. Details are shown as text: what a flow puts there may come from anybody.
fn told(approval: &Approval) -> String {
    let request = &approval.request;
    let details: String = request.details.lines().map(|line| format!("{}<br>", escaped(line))).collect();
    let link = request.link.as_deref().map(|link| {
        let text = request.link_text.as_deref().unwrap_or(link);
        format!("<p><a href=\"{}\">{}</a></p>", escaped(link), escaped(text))
    });
    format!("<p>{details}</p>{}", link.unwrap_or_default())
}

/// The pages, in the language of who looks.
pub(crate) fn pages(signer: Signer) -> ApprovalPages {
    ApprovalPages::new(signer, |page| html(page, Words::of(language(page.languages))))
}

fn language(accepted: &str) -> Language {
    let tags = accepted.split(',').map(|part| part.split(';').next().unwrap_or_default().trim());
    tags.filter_map(Language::of_tag).next().unwrap_or(Language::English)
}

fn html(page: &Page<'_>, words: &Words) -> String {
    let Some(approval) = page.approval else {
        return document(words, &words.word("approval-none"), "");
    };
    let request = &approval.request;
    let mut body = told(approval);
    let said = approval.responses.iter().find(|response| response.person == page.person);
    match (page.taken, said, &approval.outcome) {
        (Some(Taken::TooLate), _, _) => body.push_str(&line(&words.word("approval-too-late"))),
        (_, Some(said), _) => {
            let values = [("answer", said.answer.as_str().into())];
            body.push_str(&line(&words.text("approval-you-said", &values)));
        }
        (_, None, Some(_)) => body.push_str(&line(&words.word("approval-too-late"))),
        (_, None, None) => body.push_str(&form(approval, words)),
    }
    if let Some(outcome) = &approval.outcome {
        body.push_str(&line(&words.text("approval-outcome", &[("outcome", outcome.as_str().into())])));
    }
    document(words, &request.title, &body)
}

fn line(text: &str) -> String {
    format!("<p role=\"status\"><strong>{}</strong></p>", escaped(text))
}

fn form(approval: &Approval, words: &Words) -> String {
    let button = |answer: &String| {
        let answer = escaped(answer);
        format!("<button name=\"answer\" value=\"{answer}\">{answer}</button> ")
    };
    let buttons: String = approval.request.answers.iter().map(button).collect();
    let label = escaped(&words.word("approval-comments"));
    format!(
        "<form method=\"post\"><p><label for=\"comments\">{label}</label><br>\
         <textarea id=\"comments\" name=\"comments\" rows=\"4\" maxlength=\"4000\"></textarea></p><p>{buttons}</p></form>"
    )
}

fn document(words: &Words, title: &str, body: &str) -> String {
    let (title, language) = (escaped(title), words.language().tag());
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>body{{font:1rem/1.5 system-ui,sans-serif;\
         max-width:40rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}}button{{font:inherit;\
         padding:.5rem 1.25rem;margin-right:.5rem}}textarea{{font:inherit;width:100%}}</style></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    )
}

/// Text inside HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
