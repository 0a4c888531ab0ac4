//! Looking up names: one look-up per connection, checked, and what was checked is what is connected to.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use crate::{AddressPolicy, OutboundError, Result};

/// Turns a host name into addresses.
pub trait Lookup: Send + Sync + 'static {
    /// All addresses of `host`, or what the resolver said.
    fn lookup(
        &self,
        host: &str,
    ) -> Pin<Box<dyn Future<Output = std::result::Result<Vec<IpAddr>, String>> + Send + '_>>;
}

/// The resolver of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(
        &self,
        host: &str,
    ) -> Pin<Box<dyn Future<Output = std::result::Result<Vec<IpAddr>, String>> + Send + '_>> {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await.map_err(|error| error.to_string())?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The guard: a policy and the way names are looked up.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) policy: AddressPolicy,
    pub(crate) lookup: Arc<dyn Lookup>,
}

impl Guard {
    /// The addresses of `host` that may be connected to at `port`; an error when there is none.
    pub(crate) async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>> {
        if let Some(literal) = literal(host) {
            self.policy.check(host, literal, port)?;
            return Ok(vec![SocketAddr::new(literal, port)]);
        }
        let found = self
            .lookup
            .lookup(host)
            .await
            .map_err(|detail| OutboundError::Dns { host: host.to_owned(), detail })?;
        let mut allowed = Vec::with_capacity(found.len());
        let mut refusal = None;
        for address in found {
            match self.policy.check(host, address, port) {
                Ok(()) => allowed.push(SocketAddr::new(address, port)),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        match (allowed.is_empty(), refusal) {
            (false, _) => Ok(allowed),
            (true, Some(refusal)) => Err(refusal),
            (true, None) => {
                Err(OutboundError::Dns { host: host.to_owned(), detail: "it has no address".to_owned() })
            }
        }
    }
}

/// The address that `host` spells out, brackets allowed.
fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok()
}

/// The guard as the HTTP client's resolver, for one port: the client never sees an address that was not
/// checked.
pub(crate) struct GuardedResolver {
    pub(crate) guard: Guard,
    pub(crate) port: u16,
}

impl reqwest::dns::Resolve for GuardedResolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let guard = self.guard.clone();
        let port = self.port;
        Box::pin(async move {
            let addresses = guard.addresses(name.as_str(), port).await?;
            Ok(Box::new(addresses.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::*;

    /// A resolver with made-up names; each look-up of a name takes its next answer, the last one stays.
    #[derive(Default)]
    pub(crate) struct Names {
        answers: Mutex<BTreeMap<String, Vec<Vec<IpAddr>>>>,
    }

    impl Names {
        pub(crate) fn with(self, host: &str, answers: &[&[&str]]) -> Self {
            let answers = answers
                .iter()
                .map(|answer| answer.iter().map(|a| a.parse().expect("an address")).collect())
                .collect();
            self.answers.lock().expect("unpoisoned").insert(host.to_owned(), answers);
            self
        }
    }

    impl Lookup for Names {
        fn lookup(
            &self,
            host: &str,
        ) -> Pin<Box<dyn Future<Output = std::result::Result<Vec<IpAddr>, String>> + Send + '_>> {
            let mut names = self.answers.lock().expect("unpoisoned");
            let answer = match names.get_mut(host) {
                None => Err("no such host".to_owned()),
                Some(rest) if rest.len() > 1 => Ok(rest.remove(0)),
                Some(rest) => Ok(rest.first().cloned().unwrap_or_default()),
            };
            Box::pin(async move { answer })
        }
    }

    #[tokio::test]
    async fn only_checked_addresses_are_handed_over() {
        let lookup = Names::default()
            .with("mixed.test", &[&["10.0.0.1", "93.184.215.14", "::1"]])
            .with("inside.test", &[&["10.0.0.1"]])
            .with("empty.test", &[&[]]);
        let guard = Guard { policy: AddressPolicy::public_only(), lookup: Arc::new(lookup) };
        let addresses = guard.addresses("mixed.test", 443).await.expect("one is public");
        assert_eq!(addresses, vec!["93.184.215.14:443".parse().expect("an address")]);
        for (host, code) in [
            ("inside.test", "blockedAddress"),
            ("127.0.0.1", "blockedAddress"),
            ("[::1]", "blockedAddress"),
            ("[::ffff:127.0.0.1]", "blockedAddress"),
            ("empty.test", "dns"),
            ("absent.test", "dns"),
        ] {
            assert_eq!(guard.addresses(host, 443).await.expect_err(host).code(), code, "{host}");
        }
    }
}
