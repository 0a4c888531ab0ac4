//! A file at a web address; not fetched again while the server says that it has not changed.

use base64::Engine as _;
use outbound::{Method, Request, Response};

use super::{FETCH_TIMEOUT, Fetch, Fetched, failed, on_the_way};
use crate::access::Settings;
use crate::database::settings;
use crate::error::SourceError;

impl Fetch<'_> {
    pub(super) async fn http(&self, connection: Option<&str>) -> Result<Option<Fetched>, SourceError> {
        let settings = connection.map(|name| settings(self.access, name)).transpose()?;
        let url = self.entity.url.as_deref().unwrap_or_default();
        let base = settings.and_then(|settings| settings.get("url")).unwrap_or_default();
        let url = match url.contains("://") {
            true => url.to_owned(),
            false => format!("{}/{}", base.trim_end_matches('/'), url.trim_start_matches('/')),
        };
        // The query may hold a secret: no message shows it.
        let shown = url.split(['?', '#']).next().unwrap_or_default().to_owned();
        let wrong = |error| on_the_way(&shown, &error);
        let mut request = Request::new(Method::Get, &url).map_err(wrong)?;
        request = request.timeout(FETCH_TIMEOUT).max_response(self.limits.fetched_bytes);
        for (name, value) in headers(settings) {
            request = request.header(&name, &value).map_err(wrong)?;
        }
        if let Some((name, value)) = self.tag.and_then(condition) {
            request = request.header(name, value).map_err(wrong)?;
        }
        let folder = self.folder()?;
        let name = file_name(&shown);
        let answer = self.access.http.download(request, &folder.path().join(&name)).await.map_err(wrong)?;
        if answer.status == 304 {
            return Ok(None);
        }
        if !answer.is_success() {
            let transient = answer.status >= 500 || matches!(answer.status, 408 | 429);
            return Err(failed(&shown, format!("the server answers {}", answer.status), transient));
        }
        let (tag, pattern) = (tag(&answer), glob::Pattern::escape(&name));
        Ok(Some(Fetched { folder, pattern, tag }))
    }
}

/// Headers and credentials of a connection.
fn headers(settings: Option<&Settings>) -> Vec<(String, String)> {
    let Some(settings) = settings else { return Vec::new() };
    let named = settings
        .values
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix("headers.")?.to_owned(), value.clone())));
    let mut headers: Vec<(String, String)> = named.collect();
    if let Some(token) = settings.get("token") {
        headers.push(("authorization".to_owned(), format!("Bearer {token}")));
    } else if let Some(username) = settings.get("username") {
        let pair = format!("{username}:{}", settings.get("password").unwrap_or_default());
        let pair = base64::engine::general_purpose::STANDARD.encode(pair);
        headers.push(("authorization".to_owned(), format!("Basic {pair}")));
    }
    headers
}

/// What the server says to tell versions apart.
fn tag(answer: &Response) -> Option<String> {
    let etag = answer.header("etag").map(|tag| format!("etag {tag}"));
    etag.or_else(|| answer.header("last-modified").map(|date| format!("date {date}")))
}

/// The header that asks for the file only if it has changed.
fn condition(tag: &str) -> Option<(&'static str, &str)> {
    let (kind, value) = tag.split_once(' ')?;
    Some((if kind == "etag" { "if-none-match" } else { "if-modified-since" }, value))
}

/// A name for the file: the end of the path, of harmless characters.
fn file_name(url: &str) -> String {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let last = path.split_once('/').map_or("", |(_, path)| path).rsplit('/').next().unwrap_or_default();
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let name: String = last.chars().take(100).map(safe).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_the_end_of_its_address() {
        assert_eq!(file_name("https://a.test/b/c.csv.gz"), "c.csv.gz");
        assert_eq!(file_name("https://a.test/"), "file");
        assert_eq!(file_name("https://a.test"), "file");
    }
}
