//! Redirects: where to go next, with what, and what must stay behind.

use url::Url;

use super::request::{Method, Request, check_url};
use crate::{OutboundError, Result, redact};

/// Headers that may follow to another origin: they say what is wanted, never who asks.
const HARMLESS: [&str; 6] =
    ["accept", "accept-language", "content-language", "content-type", "idempotency-key", "user-agent"];

/// True when the status sends the client elsewhere.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Turns `request` into the request of the next hop.
///
/// 303 always becomes GET, 301 and 302 turn POST into GET as every client does, 307 and 308 keep method and
/// body (RFC 9110 §15.4). To another scheme, host or port only harmless headers go along.
pub(super) fn follow(request: &mut Request, status: u16, location: &str) -> Result<()> {
    let next = request.url.join(location).map_err(|error| OutboundError::Redirect {
        target: redact::target(&request.url),
        detail: format!("to an address that cannot be read ({error})"),
    })?;
    check_url(&next)?;
    let becomes_get = match status {
        303 => request.method != Method::Head,
        301 | 302 => request.method == Method::Post,
        _ => false,
    };
    if becomes_get {
        request.method = Method::Get;
        request.body = None;
        request.headers.retain(|(name, _)| !name.as_str().starts_with("content-"));
    }
    if !same_origin(&request.url, &next) {
        request.headers.retain(|(name, _)| HARMLESS.contains(&name.as_str()));
        request.identity = None;
    }
    request.url = next;
    Ok(())
}

fn same_origin(left: &Url, right: &Url) -> bool {
    left.scheme() == right.scheme()
        && left.host() == right.host()
        && left.port_or_known_default() == right.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Body;

    fn request(method: Method) -> Request {
        Request::new(method, "https://a.test/start?sig=1")
            .and_then(|request| request.header("Authorization", "Bearer secret"))
            .and_then(|request| request.header("X-Api-Key", "secret"))
            .and_then(|request| request.header("Accept", "application/json"))
            .and_then(|request| request.body(Body::text("hello")))
            .expect("a request")
    }

    fn names(request: &Request) -> Vec<&str> {
        request.headers.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn secrets_stay_behind_when_the_origin_changes() {
        for location in ["https://b.test/", "http://a.test/", "https://a.test:8443/", "//b.test/x"] {
            let mut hop = request(Method::Post);
            follow(&mut hop, 307, location).expect(location);
            assert_eq!(names(&hop), ["accept", "content-type"], "{location}");
        }
        let mut hop = request(Method::Post);
        follow(&mut hop, 307, "/next").expect("same origin");
        assert_eq!(names(&hop), ["authorization", "x-api-key", "accept", "content-type"]);
        assert_eq!(hop.url.as_str(), "https://a.test/next");
    }

    #[test]
    fn the_method_and_body_change_as_the_standard_says() {
        for (method, status, next, keeps_body) in [
            (Method::Post, 301, Method::Get, false),
            (Method::Post, 302, Method::Get, false),
            (Method::Post, 303, Method::Get, false),
            (Method::Put, 303, Method::Get, false),
            (Method::Put, 302, Method::Put, true),
            (Method::Post, 307, Method::Post, true),
            (Method::Patch, 308, Method::Patch, true),
            (Method::Head, 303, Method::Head, true),
        ] {
            let mut hop = request(method);
            follow(&mut hop, status, "/next").expect("same origin");
            assert_eq!((hop.method, hop.body.is_some()), (next, keeps_body), "{method:?} {status}");
        }
    }

    #[test]
    fn a_hop_to_another_scheme_is_refused() {
        for location in ["file:///etc/passwd", "gopher://a.test/", "ftp://a.test/", "data:,x"] {
            assert_eq!(
                follow(&mut request(Method::Get), 302, location).expect_err(location).code(),
                "badUrl"
            );
        }
        assert_eq!(
            follow(&mut request(Method::Get), 302, "http://[broken").expect_err("unreadable").code(),
            "redirect"
        );
    }
}
