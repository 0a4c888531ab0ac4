//! `…/unification/…`: what the last unification did, and why.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use cdp::unification::{Funnel, Page, Pair, PairsQuery, Row, RowsQuery, UnificationError};

use crate::{AppState, Problem};

/// The counts of the last unification, per entity and per rule.
pub(crate) async fn report(State(state): State<AppState>) -> Result<Json<Funnel>, Problem> {
    Ok(Json(state.unification.funnel().await?))
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
