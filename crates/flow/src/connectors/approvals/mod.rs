//! The `approvals` connector: asks people, who answer behind a signed link in a mail. What they decide comes as a
//! call back to the action that waits.

use async_trait::async_trait;
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{RunId, Store};

use crate::approvals::{self, Letters, Request, Rule};
use crate::connectors::Kind::{Any, Boolean, Html, Integer};
use crate::connectors::shared::{Parameters, bad_request, connection, operation};
use crate::connectors::{
    CallOutcome, CallRequest, Choices, Connection, Connector, Foreign, Manifest, Operation, Parameter,
    TestRequest, Tested,
};
use crate::machine::CALLBACK_PARAMETER;

const ASK: &str = "startAndWait";
/// What Power Automate calls the parts of the request.
const INPUT: &str = "WebhookApprovalCreationInput";
/// People of one approval. Ours: each gets a mail.
const MOST_PEOPLE: usize = 100;
/// Answers of one approval. Ours.
const MOST_ANSWERS: usize = 20;
/// Characters of a title or a person.
const LONGEST: usize = 500;

/// Asks people.
pub struct Approvals {
    store: Store,
    letters: Letters,
}

impl Approvals {
    /// A connector that keeps approvals in `store`; `letters` writes the mails.
    pub fn new(store: Store, letters: Letters) -> Self {
        Self { store, letters }
    }

    async fn attempt(&self, request: &CallRequest) -> Result<CallOutcome, CallOutcome> {
        let operation = operation(self, request)?;
        let connection = connection(self, request)?;
        let parameters = Parameters::checked(request, operation)?;
        let mut asked = asked(&parameters, connection)?;
        let callback = request.parameters.get(CALLBACK_PARAMETER).and_then(Value::as_str);
        let Some((address, run, token)) = callback.and_then(parts_of) else {
            return Err(bad_request(
                "an approval needs an action that waits (OpenApiConnectionWebhook), and `weir serve --address`",
            ));
        };
        asked.address = address.to_owned();
        let mut tx = self.store.write().await.map_err(|error| busy(&error.into()))?;
        let id = &request.idempotency_key;
        approvals::ask(&mut tx, id, &run, token, &asked, &self.letters)
            .await
            .map_err(|error| busy(&error))?;
        tx.commit().await.map_err(|error| busy(&error.into()))?;
        Ok(CallOutcome::Response {
            status_code: 202,
            headers: [].into(),
            body: json!({"name": id, "people": asked.people}),
        })
    }
}

fn busy(error: &crate::FlowError) -> CallOutcome {
    CallOutcome::Retryable { code: error.code().to_owned(), message: error.to_string(), retry_after: None }
}

/// The address of the instance, the run and the secret of an address that is called back.
fn parts_of(callback: &str) -> Option<(&str, RunId, &str)> {
    let (rest, token) = callback.rsplit_once('/')?;
    let (rest, run) = rest.rsplit_once('/')?;
    Some((rest.strip_suffix("/api/flow-callbacks")?, run.parse().ok()?, token))
}

fn asked(parameters: &Parameters<'_>, connection: &Connection) -> Result<Request, CallOutcome> {
    let part = |name: &str| format!("{INPUT}/{name}");
    let text =
        |name: &str| Ok::<_, CallOutcome>(parameters.text(&part(name))?.filter(|text| !text.is_empty()));
    let title = parameters.required_text(&part("title"))?;
    let people = approvals::texts(parameters.get(&part("assignedTo")));
    let rule_name = parameters.text("approvalType")?.unwrap_or_else(|| "Basic".to_owned());
    let rule = rule(&rule_name)?;
    let answers = match approvals::texts(parameters.get(&part("responseOptions"))) {
        own if rule_name.starts_with("Custom") => own,
        _ => vec!["Approve".to_owned(), "Reject".to_owned()],
    };
    within("people in assignedTo", people.len(), MOST_PEOPLE)?;
    within("responseOptions", answers.len(), MOST_ANSWERS)?;
    if let Some(long) = people.iter().chain(&answers).chain([&title]).find(|it| it.chars().count() > LONGEST)
    {
        let start: String = long.chars().take(40).collect();
        return Err(bad_request(format!("'{start}…' is longer than {LONGEST} characters")));
    }
    if let Some(person) = people.iter().find(|person| !person.contains('@')) {
        return Err(bad_request(format!("'{person}' in assignedTo is no address of mail")));
    }
    let link = text("itemLink")?;
    if link.as_deref().is_some_and(|link| !(link.starts_with("https://") || link.starts_with("http://"))) {
        return Err(bad_request("itemLink must begin with https:// or http://"));
    }
    let field = |name: &str| connection.config.get(name);
    let mail = field("mail").and_then(Value::as_str).unwrap_or_default().to_owned();
    if mail.is_empty() {
        let name = &connection.name;
        return Err(bad_request(format!("the connection '{name}' has no `mail` (an email connection)")));
    }
    let hours = field("remindAfterHours").and_then(Value::as_i64).filter(|hours| (1..=8760).contains(hours));
    Ok(Request {
        title,
        details: text("details")?.unwrap_or_default(),
        link_text: text("itemLinkDescription")?,
        link,
        people,
        answers,
        rule,
        mail,
        address: String::new(),
        remind_after: hours.map(SignedDuration::from_hours),
    })
}

fn rule(name: &str) -> Result<Rule, CallOutcome> {
    match name {
        "Basic" | "CustomResponse" => Ok(Rule::First),
        "BasicAwaitAll" => Ok(Rule::EveryoneApproves),
        "CustomResponseAwaitAll" => Ok(Rule::EveryoneAnswers),
        other => Err(bad_request(format!("approvalType is one of {}, not '{other}'", TYPES.join(", ")))),
    }
}

fn within(what: &str, count: usize, most: usize) -> Result<(), CallOutcome> {
    if (1..=most).contains(&count) {
        return Ok(());
    }
    Err(bad_request(format!("an approval has 1 to {most} {what}, not {count}")))
}

#[async_trait]
impl Connector for Approvals {
    fn name(&self) -> &'static str {
        "approvals"
    }

    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    async fn call(&self, request: CallRequest) -> CallOutcome {
        self.attempt(&request).await.unwrap_or_else(|failure| failure)
    }

    async fn test(&self, request: TestRequest) -> Tested {
        let mail = request.connection.config.get("mail").and_then(Value::as_str).unwrap_or_default();
        Tested::Unknown(format!("test the connection '{mail}' that its mails go through"))
    }
}

const TYPES: &[&str] = &["Basic", "BasicAwaitAll", "CustomResponse", "CustomResponseAwaitAll"];

const OUTPUTS: &[Parameter] = &[
    Parameter::must("body/outcome", "Outcome", "What was decided: Approve, Reject, or the own answer."),
    Parameter::must("body/responses", "Responses", "Who answered what, when, with which comments.").of(Any),
    Parameter::must("body/responseSummary", "Summary", "The same as a text."),
    Parameter::must("body/completionDate", "Completed", "When it was decided."),
];

pub(super) static MANIFEST: Manifest = Manifest {
    title: "Approvals",
    summary: "Asks people for a decision by mail, and waits for what they answer.",
    needs_connection: true,
    connection: &[
        Parameter::must("mail", "Mail", "The email connection that the mails go through."),
        Parameter::may(
            "remindAfterHours",
            "Remind after",
            "After how many hours those who have not answered are asked again; never, when not given.",
        )
        .of(Integer),
    ],
    operations: &[Operation::new(
        ASK,
        "Start and wait for an approval",
        "Asks people and waits for their decision. The action's time limit ends the wait.",
        &[
            Parameter::may("approvalType", "Type", "When it is decided.")
                .or("Basic")
                .choices(Choices::Of(TYPES)),
            Parameter::must("WebhookApprovalCreationInput/title", "Title", "The question."),
            Parameter::must(
                "WebhookApprovalCreationInput/assignedTo",
                "Assigned to",
                "Who is asked; `;` between them.",
            ),
            Parameter::may("WebhookApprovalCreationInput/details", "Details", "More about it.").of(Html),
            Parameter::may("WebhookApprovalCreationInput/itemLink", "Link", "Where to look."),
            Parameter::may(
                "WebhookApprovalCreationInput/itemLinkDescription",
                "Link text",
                "What the link says.",
            ),
            Parameter::may("WebhookApprovalCreationInput/responseOptions", "Answers", "Own answers.").of(Any),
            Parameter::unused("WebhookApprovalCreationInput/enableNotifications", "Notify").of(Boolean),
            Parameter::unused("WebhookApprovalCreationInput/enableReassignment", "Reassign").of(Boolean),
            Parameter::unused("WebhookApprovalCreationInput/requestor", "Requestor"),
            Parameter::unused(CALLBACK_PARAMETER, "Call back"),
        ],
    )
    .gives(OUTPUTS)
    .also(&[Foreign { api: "shared_approvals", ids: &["StartAndWaitForAnApproval"] }])],
    ..Manifest::EMPTY
};

#[cfg(test)]
mod tests;
