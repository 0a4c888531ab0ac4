//! Approvals: a flow asks people and waits for what they answer.
//!
//! Each person gets a mail with a signed address of their own. The page behind it asks before it answers, so that
//! programs that look at links in mails decide nothing.

mod outcome;
mod post;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{RunId, Store, Tx, from_micros, to_micros};

pub use outcome::Rule;
pub use post::{Letter, Letters, remind};

use crate::inbox::{self, News};
use crate::requests::Signer;
use crate::{FlowError, Result};

/// Open approvals that one list shows at most.
const LISTED: i64 = 1_000;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The question.
    pub title: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub details: String,
    /// Where to look; http or https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What the link says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_text: Option<String>,
    /// Who is asked, by address of mail.
    pub people: Vec<String>,
    /// What they can answer.
    pub answers: Vec<String>,
    /// When it is decided, and how.
    pub rule: Rule,
    /// The connection that mails go through.
    pub mail: String,
    /// The address of this instance.
    pub address: String,
    /// After how long those who have not answered are asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_after: Option<SignedDuration>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// Who.
    pub person: String,
    /// What.
    pub answer: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// One approval.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// Its id.
    pub id: String,
    /// The run that waits.
    pub run: RunId,
    /// What is asked.
    #[serde(flatten)]
    pub request: Request,
    /// Since when.
    pub requested: Timestamp,
    /// What was answered so far, in order.
    pub responses: Vec<Response>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<Timestamp>,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// How many times people were reminded.
    pub reminders: i64,
    #[serde(skip)]
    token: String,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Taken {
    /// It counts, and others are still to answer.
    Noted,
    /// It counts, and the flow goes on.
    Decided,
    /// This person had answered before; the first answer counts.
    Before,
    /// It was decided before, or the flow waits no more.
    TooLate,
}

/// The path of a person's page, below the address of the instance.
pub fn path(signer: &Signer, id: &str, person: usize) -> String {
    format!("/approvals/{id}/{person}/{}", signer.sign("approval", &format!("{id} {person}")))
}

/// Whether `signature` is that of this person's page.
pub fn is_signed(signer: &Signer, signature: &str, id: &str, person: usize) -> bool {
    signer.is_of(signature, "approval", &format!("{id} {person}"))
}

type Row = (String, String, String, String, i64, Option<i64>, Option<String>, i64);

const COLUMNS: &str =
    "SELECT id, run_id, token, request, requested_at, completed_at, outcome, reminders FROM approval";

async fn read(tx: &mut Tx, row: Row) -> Result<Approval> {
    let (id, run, token, request, requested, completed, outcome, reminders) = row;
    let request = serde_json::from_str(&request).map_err(|error| FlowError::Corrupt {
        what: "approval",
        of: id.clone(),
        detail: error.to_string(),
    })?;
    let responses: Vec<(String, String, Option<String>, i64)> = sqlx::query_as(
        "SELECT person, answer, comments, answered_at FROM approval_response WHERE approval_id = $1 \
         ORDER BY answered_at, person",
    )
    .bind(&id)
    .fetch_all(tx.conn())
    .await?;
    let response =
        |(person, answer, comments, at)| Response { person, answer, comments, at: from_micros(at) };
    Ok(Approval {
        run: run.parse()?,
        token,
        request,
        requested: from_micros(requested),
        responses: responses.into_iter().map(response).collect(),
        completed: completed.map(from_micros),
        outcome,
        reminders,
        id,
    })
}

/// One approval, if it is there.
pub async fn get(store: &Store, id: &str) -> Result<Option<Approval>> {
    let mut tx = store.write().await?;
    find(&mut tx, id).await
}

async fn find(tx: &mut Tx, id: &str) -> Result<Option<Approval>> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE id = $1")))
        .bind(id)
        .fetch_optional(tx.conn())
        .await?;
    match row {
        Some(row) => Ok(Some(read(tx, row).await?)),
        None => Ok(None),
    }
}

/// The approvals, the newest first; only those that wait, or all.
pub async fn list(store: &Store, only_open: bool) -> Result<Vec<Approval>> {
    let mut tx = store.write().await?;
    let sql =
        format!("{COLUMNS} WHERE completed_at IS NULL OR $1 = 0 ORDER BY requested_at DESC, id LIMIT $2");
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(i64::from(only_open))
        .bind(LISTED)
        .fetch_all(tx.conn())
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        found.push(read(&mut tx, row).await?);
    }
    Ok(found)
}

/// Asks, and sends the mails. The same id is asked once.
pub(crate) async fn ask(
    tx: &mut Tx,
    id: &str,
    run: &RunId,
    token: &str,
    request: &Request,
    letters: &Letters,
) -> Result<()> {
    let now = tx.now();
    let remind = request.remind_after.and_then(|after| now.checked_add(after).ok());
    let text = serde_json::to_string(request).map_err(|error| FlowError::Corrupt {
        what: "approval",
        of: id.to_owned(),
        detail: error.to_string(),
    })?;
    let made = sqlx::query(
        "INSERT INTO approval (id, run_id, token, request, requested_at, remind_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
    )
    .bind(id)
    .bind(run.as_str())
    .bind(token)
    .bind(text)
    .bind(to_micros(now))
    .bind(remind.map(to_micros))
    .execute(tx.conn())
    .await?;
    if made.rows_affected() == 0 {
        return Ok(());
    }
    let Some(approval) = find(tx, id).await? else { return Ok(()) };
    post::send(tx, &approval, letters).await
}

/// Notes what somebody answered; the run goes on when that decides.
///
/// # Errors
/// [`FlowError::NoAnswer`] when it is none of the answers, [`FlowError::UnknownApproval`].
pub async fn answer(
    store: &Store,
    id: &str,
    person: &str,
    answer: &str,
    comments: Option<&str>,
) -> Result<Taken> {
    let mut tx = store.write().await?;
    let unknown = || FlowError::UnknownApproval(id.to_owned());
    let approval = find(&mut tx, id).await?.ok_or_else(unknown)?;
    let request = &approval.request;
    let asked = |name: &&String| name.eq_ignore_ascii_case(person);
    let person = request.people.iter().find(asked).ok_or_else(unknown)?;
    let known = request.answers.iter().find(|known| known.eq_ignore_ascii_case(answer));
    let answer = known.ok_or_else(|| FlowError::NoAnswer {
        answer: answer.to_owned(),
        answers: request.answers.join(", "),
    })?;
    if approval.responses.iter().any(|response| response.person == *person) {
        return Ok(Taken::Before);
    }
    if approval.completed.is_some() || !waits(&mut tx, &approval.run).await? {
        return Ok(Taken::TooLate);
    }
    let now = tx.now();
    sqlx::query(
        "INSERT INTO approval_response (approval_id, person, answer, comments, answered_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(person)
    .bind(answer)
    .bind(comments)
    .bind(to_micros(now))
    .execute(tx.conn())
    .await?;
    let taken = decide(&mut tx, id).await?;
    tx.commit().await?;
    Ok(taken)
}

async fn waits(tx: &mut Tx, run: &RunId) -> Result<bool> {
    let found: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM run WHERE id = $1 AND status IN ('Waiting', 'Running')")
            .bind(run.as_str())
            .fetch_optional(tx.conn())
            .await?;
    Ok(found.is_some())
}

/// Ends an approval that is decided, and tells the run in the same transaction.
async fn decide(tx: &mut Tx, id: &str) -> Result<Taken> {
    let Some(mut approval) = find(tx, id).await? else { return Ok(Taken::TooLate) };
    let request = &approval.request;
    let Some(outcome) = request.rule.outcome(&approval.responses, request.people.len()) else {
        return Ok(Taken::Noted);
    };
    let now = tx.now();
    sqlx::query("UPDATE approval SET completed_at = $2, outcome = $3 WHERE id = $1")
        .bind(id)
        .bind(to_micros(now))
        .bind(&outcome)
        .execute(tx.conn())
        .await?;
    (approval.completed, approval.outcome) = (Some(now), Some(outcome));
    let outputs = outcome::outputs(&approval);
    let news = News::CalledBack { token: approval.token.clone(), outputs };
    inbox::post(tx, &approval.run, &approval.token, &news).await?;
    Ok(Taken::Decided)
}

/// Ends those whose run waits no more.
pub(crate) async fn close_orphans(tx: &mut Tx) -> Result<()> {
    let now = to_micros(tx.now());
    sqlx::query(
        "UPDATE approval SET completed_at = $1, outcome = 'Expired' WHERE completed_at IS NULL AND NOT EXISTS \
         (SELECT 1 FROM run WHERE run.id = approval.run_id AND run.status IN ('Waiting', 'Running'))",
    )
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What the parameters of the operation ask.
pub(crate) fn texts(value: Option<&Value>) -> Vec<String> {
    let split = |text: &str| {
        text.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    match value {
        Some(Value::String(text)) => split(text),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
