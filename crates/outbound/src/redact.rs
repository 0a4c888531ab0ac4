//! URLs as they may be shown: webhook URLs carry their secret in the path or the query, so neither is
//! printed.

use std::fmt;

use url::Url;

/// Shows a URL without user, password, path and query: `https://host:port/…`.
pub struct Redacted<'a>(pub &'a Url);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.0.scheme(), self.0.host_str().unwrap_or("(no host)"))?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        let bare = self.0.path() == "/" && self.0.query().is_none() && self.0.fragment().is_none();
        f.write_str(if bare { "/" } else { "/…" })
    }
}

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `host:port` of a URL, for messages.
pub(crate) fn target(url: &Url) -> String {
    let host = url.host_str().unwrap_or("(no host)");
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_host_and_port_are_shown() {
        for (url, shown) in [
            ("https://user:pw@hooks.example.com/services/T0/secret?sig=abc#x", "https://hooks.example.com/…"),
            ("https://hooks.example.com:8443/?sig=abc", "https://hooks.example.com:8443/…"),
            ("http://hooks.example.com", "http://hooks.example.com/"),
        ] {
            let url = Url::parse(url).expect("a URL");
            assert_eq!(Redacted(&url).to_string(), shown);
            assert_eq!(format!("{:?}", Redacted(&url)), shown);
        }
    }
}
