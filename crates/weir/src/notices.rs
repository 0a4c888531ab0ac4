//! Flows that keep failing: they are paused, and people hear of it by an event and by mail.

use anyhow::Result;
use cdp::definitions::{self, FailingFlows};
use cdp::refresh::schedule::Ticks;
use events::{EventType, NewEvent};
use flow::failing::{self, Failing, Paused};
use jiff::Timestamp;
use serde_json::json;
use store::{Store, Tx, from_micros, to_micros};

use crate::approvals::escaped;
use crate::words::Words;

/// Until when failures were told, in microseconds.
const TOLD: &str = "failingFlows.told";

/// Pauses what is to be paused, and sends what is to be sent, once.
pub(crate) async fn look(store: &Store, words: &Words) -> Result<()> {
    let rules = definitions::applied(store).await?.failing_flows.unwrap_or_default();
    if let Some(patience) = rules.patience() {
        for flow in failing::hopeless(store, patience).await? {
            pause(store, &flow, &rules, words).await?;
        }
    }
    digest(store, &rules, words).await
}

/// One transaction: the flow is off, the event is recorded, the mail is on its way.
async fn pause(store: &Store, flow: &str, rules: &FailingFlows, words: &Words) -> Result<()> {
    let mut tx = store.write().await?;
    let Some(paused) = failing::pause(store, &mut tx, flow).await? else { return Ok(()) };
    let cause = format!("flow.paused\n{flow}\n{}", paused.last_run);
    let (subject, data, at) = (flow.to_owned(), json!(paused), paused.at);
    events::record(
        &mut tx,
        NewEvent { kind: EventType::FlowPaused, cause: cause.clone(), subject, data, at },
    )
    .await?;
    let values = [("flow", flow.into())];
    let mail = Mail { subject: words.text("mail-paused-subject", &values), body: told_pause(&paused, words) };
    send(&mut tx, rules, &mail, &cause).await?;
    tx.commit().await?;
    tracing::warn!(flow, failures = paused.failures, "the flow keeps failing and is paused");
    Ok(())
}

/// The digest of the failures since the last one, when it is due.
async fn digest(store: &Store, rules: &FailingFlows, words: &Words) -> Result<()> {
    let now = store.clock().now();
    let told = store.setting(TOLD).await?.and_then(|text| text.parse().ok()).map(from_micros);
    let Some(since) = told else { return put_told(store, now).await };
    let ticks = Ticks::of(&rules.schedule())?;
    // Several digests that nobody was there for are one.
    let mut due = None;
    let mut from = since;
    while let Some((tick, _)) = ticks.next_after(from).filter(|(tick, _)| *tick <= now) {
        (due, from) = (Some(tick), tick);
    }
    let Some(until) = due else { return Ok(()) };
    let failing: Vec<Failing> = failing::digest(store, since, until).await?;
    let mut tx = store.write().await?;
    tx.put_setting(TOLD, &to_micros(until).to_string()).await?;
    if !failing.is_empty() {
        let count = i64::try_from(failing.len()).unwrap_or(i64::MAX);
        let mail = Mail {
            subject: words.text("mail-digest-subject", &[("count", count.into())]),
            body: told_digest(&failing, words),
        };
        send(&mut tx, rules, &mail, &format!("digest {}", to_micros(until))).await?;
    }
    Ok(tx.commit().await?)
}

async fn put_told(store: &Store, now: Timestamp) -> Result<()> {
    let mut tx = store.write().await?;
    tx.put_setting(TOLD, &to_micros(now).to_string()).await?;
    Ok(tx.commit().await?)
}

struct Mail {
    subject: String,
    body: String,
}

/// Starts the run that sends a mail; nothing when the definitions name nobody.
async fn send(tx: &mut Tx, rules: &FailingFlows, mail: &Mail, key: &str) -> Result<()> {
    let Some(connection) = rules.connection.as_deref().filter(|_| !rules.to.is_empty()) else {
        return Ok(());
    };
    Ok(flow::mailer::send(tx, connection, &rules.to, &mail.subject, &mail.body, key).await?)
}

fn told_pause(paused: &Paused, words: &Words) -> String {
    let failures = i64::try_from(paused.failures).unwrap_or(i64::MAX);
    let values = [
        ("flow", paused.flow.as_str().into()),
        ("failures", failures.into()),
        ("since", paused.failing_since.strftime("%F %R UTC").to_string().into()),
    ];
    let error = paused.error.as_ref().map(|error| format!("{}: {}", error.code, error.message));
    let rows = [
        words.text("mail-paused", &values),
        format!("{} {}", paused.action.as_deref().unwrap_or_default(), error.unwrap_or_default()),
        words.text("mail-paused-next", &values),
        format!("weir flow show {}", paused.last_run),
    ];
    rows.iter().map(|row| format!("<p>{}</p>", escaped(row.trim()))).collect()
}

fn told_digest(failing: &[Failing], words: &Words) -> String {
    let line = |one: &Failing| {
        let error = one.error.as_ref().map(|error| format!("{}: {}", error.code, error.message));
        let cells = [
            one.flow.clone(),
            format!("{} / {}", one.failures, one.runs),
            one.action.clone().unwrap_or_default(),
            error.unwrap_or_default(),
            words.text("failure-hint", &[("hint", one.hint.name().into())]),
            format!("weir flow show {}", one.last_run),
        ];
        let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
        format!("<tr>{cells}</tr>")
    };
    let head = words.list([
        "column-flow",
        "column-failed",
        "column-action",
        "column-error",
        "column-hint",
        "column-run",
    ]);
    let head: String = head.iter().map(|cell| format!("<th align=\"left\">{}</th>", escaped(cell))).collect();
    let rows: String = failing.iter().map(line).collect();
    format!("<table cellpadding=\"6\"><tr>{head}</tr>{rows}</table>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;
    use flow::machine::ActionError;
    use store::RunId;

    #[test]
    fn what_a_mail_says_cannot_become_markup() {
        let failing = Failing {
            flow: "<b>".to_owned(),
            failures: 2,
            runs: 3,
            last_run: RunId::fresh(),
            last: Timestamp::UNIX_EPOCH,
            action: Some("Send".to_owned()),
            error: Some(ActionError::new("NotFound", "<script>alert(1)</script>")),
            hint: failing::Hint::Action,
            paused: None,
        };
        for language in Language::ALL {
            let body = told_digest(std::slice::from_ref(&failing), Words::of(language));
            assert!(!body.contains("<script>") && !body.contains("<b>"), "{body}");
            assert!(body.contains("2 / 3"));
        }
    }
}
