//! `…/unification/…`: what the last unification did, and why.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use cdp::unification::{
    Asked, CustomerHistory, Explanation, Funnel, Page, Pair, PairsQuery, Row, RowsQuery, Suggested,
    SuggestionsQuery, UnificationError,
};
use tokio_util::sync::CancellationToken;

use crate::{AppState, Problem};

/// The counts of the last unification, per entity and per rule.
pub(crate) async fn report(State(state): State<AppState>) -> Result<Json<Funnel>, Problem> {
    Ok(Json(state.unification.funnel().await?))
}

/// What happened to a customer's id, and where a former one leads.
pub(crate) async fn customer(
    State(state): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<CustomerHistory>, Problem> {
    let Path((_, id)) = path.map_err(|_| Problem::not_found())?;
    Ok(Json(state.unification.customer(&id).await?))
}

/// The longest name of a customer or a row, in bytes.
const MAX_NAME: usize = 512;

/// Why rows are one customer, or two: `id=` or `record=entity:key`, once or twice in all.
pub(crate) async fn explain(
    State(state): State<AppState>,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Json<Explanation>, Problem> {
    let Query(query) = query.map_err(|error| Problem::parameter(error.body_text()))?;
    let mut asked = Vec::new();
    for (name, value) in query {
        if value.len() > MAX_NAME {
            return Err(Problem::parameter("a name may have 512 bytes"));
        }
        match name.as_str() {
            "id" => asked.push(Asked::Customer(value)),
            "record" => asked.push(
                Asked::record(&value).ok_or_else(|| Problem::parameter("record is written as entity:key"))?,
            ),
            _ => {}
        }
    }
    if asked.is_empty() || asked.len() > 2 {
        return Err(Problem::parameter("ask about one or two: id=<customer> or record=<entity>:<key>"));
    }
    Ok(Json(state.unification.explain(&asked).await?))
}

/// Rules that are suggested from the data, with pairs that would merge and pairs that would not.
pub(crate) async fn suggestions(
    State(state): State<AppState>,
    query: Result<Query<SuggestionsQuery>, QueryRejection>,
) -> Result<Json<Suggested>, Problem> {
    let Query(query) = query.map_err(|error| Problem::parameter(error.body_text()))?;
    let wishes = query.wishes().ok_or_else(|| Problem::parameter("precision is above 0 and at most 1"))?;
    // Nobody waits for the answer of a request that has ended.
    let cancel = CancellationToken::new();
    let _ends = cancel.clone().drop_guard();
    Ok(Json(state.unification.suggestions(None, wishes, |_| {}, cancel).await?))
}

/// The rows behind a rule's number.
pub(crate) async fn pairs(
    State(state): State<AppState>,
    query: Result<Query<PairsQuery>, QueryRejection>,
) -> Result<Json<Page<Pair>>, Problem> {
    let Query(query) = query.map_err(|error| Problem::parameter(error.body_text()))?;
    Ok(Json(state.unification.pairs(&query).await?))
}

/// The rows behind an entity's number.
pub(crate) async fn rows(
    State(state): State<AppState>,
    query: Result<Query<RowsQuery>, QueryRejection>,
) -> Result<Json<Page<Row>>, Problem> {
    let Query(query) = query.map_err(|error| Problem::parameter(error.body_text()))?;
    Ok(Json(state.unification.rows(&query).await?))
}

impl From<UnificationError> for Problem {
    fn from(error: UnificationError) -> Self {
        if error.is_missing() {
            return Self::missing(error.code(), error.to_string());
        }
        tracing::error!(%error, "a question about the unification failed");
        Self::internal()
    }
}
