//! News for a run from elsewhere: a call back, the answer of a flow that it started. Each is a row until the run
//! has taken it in, in the transaction that writes what followed from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Queue, RunId, Store, Tx, to_micros};

use crate::connectors::CallOutcome;
use crate::machine::{ActionPath, Message};
use crate::{FlowError, Result};

/// Characters of the secret in an address that is called back.
const TOKEN_CHARACTERS: usize = 32;

/// One piece of news.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum News {
    /// Somebody called back.
    CalledBack { token: String, outputs: Value },
    /// A flow that was started answered.
    Replied { path: ActionPath, attempt: u32, outcome: Outcome },
}

/// An answer, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", untagged)]
pub(crate) enum Outcome {
    Answer { status_code: u16, headers: BTreeMap<String, String>, body: Value },
    None { code: String, message: String },
}

impl From<CallOutcome> for Outcome {
    fn from(outcome: CallOutcome) -> Self {
        match outcome {
            CallOutcome::Response { status_code, headers, body } => {
                Self::Answer { status_code, headers, body }
            }
            CallOutcome::Retryable { code, message, .. } | CallOutcome::Permanent { code, message } => {
                Self::None { code, message }
            }
            CallOutcome::Later { .. } => Self::None {
                code: "TooManyRequests".to_owned(),
                message: "The connection is at its limit.".to_owned(),
            },
        }
    }
}

impl From<News> for Message {
    fn from(news: News) -> Self {
        match news {
            News::CalledBack { token, outputs } => Self::CalledBack { token, outputs },
            News::Replied { path, attempt, outcome } => {
                let outcome = match outcome {
                    Outcome::Answer { status_code, headers, body } => {
                        CallOutcome::Response { status_code, headers, body }
                    }
                    Outcome::None { code, message } => CallOutcome::Permanent { code, message },
                };
                Self::Replied { path, attempt, outcome }
            }
        }
    }
}

/// Leaves news for a run and wakes it. The same key is left once.
pub(crate) async fn post(tx: &mut Tx, run: &RunId, key: &str, news: &News) -> Result<()> {
    let text = serde_json::to_string(news).map_err(|error| corrupt(run, error.to_string()))?;
    let now = tx.now();
    sqlx::query(
        "INSERT INTO run_news (run_id, id, news, came_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (run_id, id) DO NOTHING",
    )
    .bind(run.as_str())
    .bind(key)
    .bind(text)
    .bind(to_micros(now))
    .execute(tx.conn())
    .await?;
    tx.enqueue(Queue::Run, run.as_str(), now).await?;
    Ok(())
}

/// What was left for a run, oldest first, with the keys under which it is forgotten.
pub(crate) async fn waiting(store: &Store, run: &RunId) -> Result<Vec<(String, Message)>> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT id, news FROM run_news WHERE run_id = $1 ORDER BY came_at, id")
            .bind(run.as_str())
            .fetch_all(store.pool())
            .await?;
    let read = |(id, text): (String, String)| {
        let news: News = serde_json::from_str(&text).map_err(|error| corrupt(run, error.to_string()))?;
        Ok((id, news.into()))
    };
    rows.into_iter().map(read).collect()
}

/// Forgets news that was taken in.
pub(crate) async fn forget(tx: &mut Tx, run: &RunId, keys: &[String]) -> Result<()> {
    for key in keys {
        sqlx::query("DELETE FROM run_news WHERE run_id = $1 AND id = $2")
            .bind(run.as_str())
            .bind(key)
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

/// Somebody called the address of an action that waits: `outputs` are what was sent, `{headers, body}`. Says
/// whether the run is under way and has (or had) an action that waits for this secret.
pub async fn call_back(store: &Store, run: &RunId, token: &str, outputs: Value) -> Result<bool> {
    let shaped = token.len() == TOKEN_CHARACTERS && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !shaped {
        return Ok(false);
    }
    let mut tx = store.write().await?;
    let waits: Option<i64> = sqlx::query_scalar(
        "SELECT 1 FROM run JOIN run_fact ON run_fact.run_id = run.id \
         WHERE run.id = $1 AND run.status IN ('Waiting', 'Running') AND run_fact.fact LIKE $2 LIMIT 1",
    )
    .bind(run.as_str())
    .bind(format!("%\"token\":\"{token}\"%"))
    .fetch_optional(tx.conn())
    .await?;
    if waits.is_none() {
        return Ok(false);
    }
    let news = News::CalledBack { token: token.to_owned(), outputs };
    post(&mut tx, run, token, &news).await?;
    tx.commit().await?;
    Ok(true)
}

fn corrupt(run: &RunId, detail: String) -> FlowError {
    FlowError::Corrupt { what: "news", of: run.to_string(), detail }
}
