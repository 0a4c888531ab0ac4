//! A response as the other rooms read it.

use std::time::Duration;

use jiff::Timestamp;

use crate::limits;

/// The answer to a request. Any status is an answer, also 500.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers in order, names in lower case. Values that are no UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// True for 200–299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header with this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// How long the server asks to wait (`Retry-After`, seconds or a date), at most
    /// [`limits::MAX_RETRY_AFTER`]. A date in the past is zero.
    pub fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let value = self.header("retry-after")?.trim();
        let wait = match value.parse::<u64>() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => Duration::MAX,
            Err(_) => {
                let until = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
                Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
            }
        };
        Some(wait.min(limits::MAX_RETRY_AFTER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        let now: Timestamp = "2026-11-06T08:49:37Z".parse().expect("a moment");
        for (value, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("999999999", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("Fri, 06 Nov 2026 08:50:37 GMT", Some(60)),
            ("Fri, 06 Nov 2026 08:00:00 GMT", Some(0)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            let headers = vec![("retry-after".to_owned(), value.to_owned())];
            let response = Response { status: 429, headers, body: Vec::new() };
            assert_eq!(response.retry_after(now), seconds.map(Duration::from_secs), "{value}");
        }
        let silent = Response { status: 503, headers: Vec::new(), body: Vec::new() };
        assert_eq!(silent.retry_after(now), None);
    }
}
