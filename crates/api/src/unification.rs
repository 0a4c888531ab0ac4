//! `…/unification/…`: what the last unification did, and why.

use axum::Json;
use axum::extract::State;
use cdp::unification::{Funnel, UnificationError};

use crate::{AppState, Problem};

/// The counts of the last unification, per entity and per rule.
pub(crate) async fn report(State(state): State<AppState>) -> Result<Json<Funnel>, Problem> {
    Ok(Json(state.unification.funnel().await?))
}

impl From<UnificationError> for Problem {
    fn from(error: UnificationError) -> Self {
        match error {
            UnificationError::NeverUnified | UnificationError::Outdated => {
                Self::missing(error.code(), error.to_string())
            }
            error => {
                tracing::error!(%error, "a question about the unification failed");
                Self::internal()
            }
        }
    }
}
