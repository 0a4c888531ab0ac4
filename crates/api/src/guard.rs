//! Who may ask what: a request shows a token, the token has a role, the route says the least role that may.

use auth::Role;
use auth::tokens::Caller;
use axum::Extension;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::{AppState, Problem};

/// Where clients of Customer Insights send their key.
const SUBSCRIPTION_KEY: &str = "ocp-apim-subscription-key";

/// Lets through who shows a good token and asks about this instance.
pub(crate) async fn know(
    State(state): State<AppState>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(token) = token(request.headers()) else { return Problem::no_token().into_response() };
    let caller = match state.tokens.check(token).await {
        Ok(Some(caller)) => caller,
        Ok(None) => return Problem::no_token().into_response(),
        Err(error) => {
            tracing::error!(%error, "a token could not be checked");
            return Problem::not_ready().into_response();
        }
    };
    let asked = params.as_ref().ok().and_then(|params| params.iter().find(|(name, _)| *name == "instanceId"));
    match state.store.setting("instance").await {
        Ok(Some(instance)) if asked.is_some_and(|(_, asked)| asked == instance) => {}
        Ok(_) => return Problem::unknown_instance().into_response(),
        Err(error) => {
            tracing::error!(%error, "the name of the instance could not be read");
            return Problem::not_ready().into_response();
        }
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Lets through whose role is at least that of the route.
pub(crate) async fn allow(
    State(least): State<Role>,
    caller: Option<Extension<Caller>>,
    request: Request,
    next: Next,
) -> Response {
    match caller {
        Some(Extension(caller)) if caller.role >= least => next.run(request).await,
        Some(Extension(caller)) => Problem::role_needed(caller.role, least).into_response(),
        None => Problem::no_token().into_response(),
    }
}

/// The token that a request shows.
fn token(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.split_once(' '));
    let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let key = || headers.get(SUBSCRIPTION_KEY)?.to_str().ok();
    bearer.map(|(_, token)| token.trim()).or_else(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_in_either_header() {
        let found = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            token(&headers).map(str::to_owned)
        };
        assert_eq!(found("authorization", "Bearer abc").as_deref(), Some("abc"));
        assert_eq!(found("authorization", "bearer  abc ").as_deref(), Some("abc"));
        assert_eq!(found("ocp-apim-subscription-key", "abc").as_deref(), Some("abc"));
        assert_eq!(found("authorization", "Basic abc"), None);
        assert_eq!(found("authorization", "Bearer"), None);
        assert_eq!(found("cookie", "abc"), None);
    }
}
