//! The pages behind the links in mails of approvals. Looking at one decides nothing: a person presses a button.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flow::approvals::{self, Approval, Taken};
use flow::requests::Signer;

use crate::{AppState, Problem};

/// The page of one person.
const PAGE: &str = "/approvals/{id}/{person}/{signature}";
/// Characters of a comment that are kept.
const LONGEST_COMMENT: usize = 4_000;
/// Nothing but the page itself: no script, no picture, no frame.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What a page says.
pub struct Page<'a> {
    /// The approval; none when there is nothing behind the link.
    pub approval: Option<&'a Approval>,
    /// Who looks at it.
    pub person: &'a str,
    /// What became of an answer, when one was given.
    pub taken: Option<Taken>,
    /// The languages that the person's browser asks for, as written.
    pub languages: &'a str,
}

type Write = dyn Fn(&Page<'_>) -> String + Send + Sync;

/// Writes pages, in the words of people, and checks their addresses.
#[derive(Clone)]
pub struct ApprovalPages {
    signer: Signer,
    write: Arc<Write>,
}

impl ApprovalPages {
    /// `write` gives the HTML of a page.
    pub fn new(signer: Signer, write: impl Fn(&Page<'_>) -> String + Send + Sync + 'static) -> Self {
        Self { signer, write: Arc::new(write) }
    }
}

/// The address that asks for no token: it carries its own proof.
pub(crate) const SIGNED: &str = PAGE;

pub(crate) fn router() -> Router<AppState> {
    Router::new().route(PAGE, get(look).post(answer))
}

/// Who stands behind a signed address.
struct Visitor {
    approval: Approval,
    person: String,
}

async fn visitor(state: &AppState, id: &str, index: &str, signature: &str) -> Result<Visitor, Response> {
    let refused = || Problem::bad_signature().into_response();
    let index: usize = index.parse().map_err(|_| refused())?;
    if !approvals::is_signed(&state.approvals.signer, signature, id, index) {
        return Err(refused());
    }
    let found = approvals::get(&state.store, id).await;
    let approval = found.map_err(|error| {
        tracing::error!(%error, "an approval could not be read");
        Problem::internal().into_response()
    })?;
    let person = approval.as_ref().and_then(|approval| approval.request.people.get(index).cloned());
    approval.zip(person).map(|(approval, person)| Visitor { approval, person }).ok_or_else(|| {
        let page = Page { approval: None, person: "", taken: None, languages: "" };
        shown(StatusCode::NOT_FOUND, (state.approvals.write)(&page))
    })
}

async fn look(
    State(state): State<AppState>,
    Path((id, person, signature)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    match visitor(&state, &id, &person, &signature).await {
        Ok(visitor) => page(&state, &visitor, None, &headers),
        Err(refused) => refused,
    }
}

async fn answer(
    State(state): State<AppState>,
    Path((id, person, signature)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields: BTreeMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let visitor = match visitor(&state, &id, &person, &signature).await {
        Ok(visitor) => visitor,
        Err(refused) => return refused,
    };
    let given = fields.get("answer").map(String::as_str).unwrap_or_default();
    let comments: String = fields
        .get("comments")
        .map(|text| text.trim().chars().take(LONGEST_COMMENT).collect())
        .unwrap_or_default();
    let comments = Some(comments.as_str()).filter(|text| !text.is_empty());
    match approvals::answer(&state.store, &id, &visitor.person, given, comments).await {
        Ok(taken) => match self::visitor(&state, &id, &person, &signature).await {
            Ok(visitor) => page(&state, &visitor, Some(taken), &headers),
            Err(refused) => refused,
        },
        Err(error @ (flow::FlowError::NoAnswer { .. } | flow::FlowError::UnknownApproval(_))) => {
            Problem::parameter(error.to_string()).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "an answer could not be noted");
            Problem::internal().into_response()
        }
    }
}

fn page(state: &AppState, visitor: &Visitor, taken: Option<Taken>, headers: &HeaderMap) -> Response {
    let languages = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let page = Page {
        approval: Some(&visitor.approval),
        person: &visitor.person,
        taken,
        languages: languages.unwrap_or_default(),
    };
    shown(StatusCode::OK, (state.approvals.write)(&page))
}

fn shown(status: StatusCode, html: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (status, headers, html).into_response()
}
