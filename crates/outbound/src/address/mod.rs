//! Which addresses may be called: refused ranges, and the administrator's allow list of networks and ports.

mod ranges;

use std::fmt;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;

use ipnet::IpNet;

pub use ranges::BlockReason;

use crate::{OutboundError, Result, limits};

/// What may be called besides public hosts. The default allows nothing else.
///
/// As text: entries separated by commas or white space, each a network or an address, with an optional port
/// or range of ports: `10.0.0.0/8`, `127.0.0.1/32:1025`, `[fd00::]/8:8000-8100`, `::1`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    allow: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    net: IpNet,
    /// `None` allows every port.
    ports: Option<RangeInclusive<u16>>,
}

impl AddressPolicy {
    /// Public hosts only.
    pub fn public_only() -> Self {
        Self::default()
    }

    /// Adds a network, for one port or for all.
    pub fn allowing(mut self, net: IpNet, port: Option<u16>) -> Self {
        self.allow.push(Entry { net, ports: port.map(|port| port..=port) });
        self
    }

    /// Refuses an address that is private or special and not allowed at `port`. `host` is for the message.
    pub fn check(&self, host: &str, address: IpAddr, port: u16) -> Result<()> {
        let canonical = address.to_canonical();
        let Some(reason) = ranges::reason(canonical) else { return Ok(()) };
        let allowed = self.allow.iter().any(|entry| {
            entry.net.contains(&canonical) && entry.ports.as_ref().is_none_or(|ports| ports.contains(&port))
        });
        if allowed {
            return Ok(());
        }
        let allow = match canonical {
            IpAddr::V4(v4) => format!("{v4}/32:{port}"),
            IpAddr::V6(v6) => format!("[{v6}]/128:{port}"),
        };
        Err(OutboundError::BlockedAddress { host: host.to_owned(), address, reason, allow })
    }
}

impl FromStr for AddressPolicy {
    type Err = OutboundError;

    fn from_str(text: &str) -> Result<Self> {
        let mut allow = Vec::new();
        for entry in text.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty()) {
            if allow.len() == limits::MAX_ALLOW_ENTRIES {
                let detail = format!("the list has more than {} entries", limits::MAX_ALLOW_ENTRIES);
                return Err(OutboundError::BadPolicy { entry: entry.to_owned(), detail });
            }
            let parsed = parse_entry(entry)
                .map_err(|detail| OutboundError::BadPolicy { entry: entry.to_owned(), detail })?;
            allow.push(parsed);
        }
        Ok(Self { allow })
    }
}

impl fmt::Display for AddressPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, entry) in self.allow.iter().enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            match entry.net {
                IpNet::V4(net) => write!(f, "{separator}{net}")?,
                IpNet::V6(net) => write!(f, "{separator}[{}]/{}", net.addr(), net.prefix_len())?,
            }
            match &entry.ports {
                None => {}
                Some(ports) if ports.start() == ports.end() => write!(f, ":{}", ports.start())?,
                Some(ports) => write!(f, ":{}-{}", ports.start(), ports.end())?,
            }
        }
        Ok(())
    }
}

fn parse_entry(entry: &str) -> std::result::Result<Entry, String> {
    let (address, prefix, ports) = split_entry(entry)?;
    let address: IpAddr = address.parse().map_err(|_| format!("{address:?} is not an IP address"))?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        None => longest,
        Some(text) => text
            .parse::<u8>()
            .ok()
            .filter(|prefix| *prefix <= longest)
            .ok_or_else(|| format!("{text:?} is not a prefix length up to {longest}"))?,
    };
    let net = IpNet::new(address, prefix).map_err(|error| error.to_string())?.trunc();
    Ok(Entry { net, ports: ports.map(parse_ports).transpose()? })
}

/// Splits `address[/prefix][:ports]`. An IPv6 address may stand in brackets, and must when it has ports and
/// no prefix.
fn split_entry(entry: &str) -> std::result::Result<(&str, Option<&str>, Option<&str>), String> {
    let (address, rest) = if let Some(inner) = entry.strip_prefix('[') {
        inner.split_once(']').ok_or("the bracket is not closed")?
    } else if let Some(slash) = entry.find('/') {
        entry.split_at(slash)
    } else if entry.matches(':').count() == 1 {
        entry.split_at(entry.find(':').unwrap_or(entry.len()))
    } else {
        (entry, "")
    };
    let (prefix, ports) = match rest.strip_prefix('/') {
        Some(rest) => match rest.split_once(':') {
            Some((prefix, ports)) => (Some(prefix), Some(ports)),
            None => (Some(rest), None),
        },
        None if rest.is_empty() => (None, None),
        None => (None, Some(rest.strip_prefix(':').ok_or("after the address comes /prefix or :port")?)),
    };
    Ok((address, prefix, ports))
}

fn parse_ports(text: &str) -> std::result::Result<RangeInclusive<u16>, String> {
    let port = |text: &str| text.parse::<u16>().map_err(|_| format!("{text:?} is not a port"));
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (port(first)?, port(last)?),
        None => (port(text)?, port(text)?),
    };
    if first > last {
        return Err(format!("the ports {text} run backwards"));
    }
    Ok(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line of the table is an address and its verdict: `public`, or the reason it is refused.
    #[test]
    fn every_address_of_the_table_gets_its_verdict() {
        let table = include_str!("../../testdata/addresses.txt");
        let mut cases = 0;
        for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (address, verdict) = line.split_once(' ').expect("address and verdict");
            let address: IpAddr = address.parse().expect(line);
            let found = ranges::reason(address).map_or("public", BlockReason::name);
            assert_eq!(found, verdict.trim(), "{line}");
            cases += 1;
        }
        assert!(cases >= 90, "the table lost cases: {cases}");
    }

    #[test]
    fn an_allow_list_is_read_and_printed() {
        for (text, printed) in [
            ("127.0.0.1/32:1025", "127.0.0.1/32:1025"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.1.2.3", "10.1.2.3/32"),
            ("10.1.2.3:80", "10.1.2.3/32:80"),
            ("::1", "[::1]/128"),
            ("::1/128:25", "[::1]/128:25"),
            ("[::1]:25", "[::1]/128:25"),
            ("[fd00::]/8:8000-8100", "[fd00::]/8:8000-8100"),
            (" 10.0.0.0/8,\n127.0.0.1/32:1025 ", "10.0.0.0/8, 127.0.0.1/32:1025"),
            ("", ""),
        ] {
            let policy: AddressPolicy = text.parse().expect(text);
            assert_eq!(policy.to_string(), printed, "{text}");
            assert_eq!(policy.to_string().parse::<AddressPolicy>().expect(printed), policy);
        }
    }

    #[test]
    fn a_wrong_allow_list_is_refused_with_the_entry() {
        for text in
            ["localhost", "10.0.0.0/33", "10.0.0.0/8:x", "10.0.0.0/8:9-1", "[::1", "[::1]x", "10.0.0.0/"]
        {
            let error = text.parse::<AddressPolicy>().expect_err(text);
            assert_eq!(error.code(), "badAllowList", "{text}");
            assert!(error.to_string().contains(text), "{error}");
        }
        let one_too_many = vec!["10.0.0.1"; limits::MAX_ALLOW_ENTRIES + 1].join(",");
        assert_eq!(one_too_many.parse::<AddressPolicy>().expect_err("too many").code(), "badAllowList");
    }

    #[test]
    fn the_allow_list_opens_one_network_and_port_only() {
        let policy: AddressPolicy = "127.0.0.1/32:1025, 10.0.0.0/8:8000-8100".parse().expect("a policy");
        let check =
            |address: &str, port| policy.check("h", address.parse().expect("an address"), port).is_ok();
        assert!(check("127.0.0.1", 1025));
        assert!(check("::ffff:127.0.0.1", 1025));
        assert!(!check("127.0.0.1", 1026));
        assert!(!check("127.0.0.2", 1025));
        assert!(check("10.9.9.9", 8100));
        assert!(!check("10.9.9.9", 8101));
        assert!(!check("192.168.0.1", 8000));
        assert!(check("93.184.215.14", 1));
    }

    #[test]
    fn the_message_names_the_entry_that_would_allow_it() {
        let policy = AddressPolicy::public_only();
        let error = policy.check("printer.local", IpAddr::from([10, 0, 0, 7]), 631).expect_err("refused");
        assert_eq!(error.code(), "blockedAddress");
        let OutboundError::BlockedAddress { allow, .. } = &error else { panic!("{error}") };
        assert!(error.to_string().contains("--allow-outbound"), "{error}");
        let wider: AddressPolicy = allow.parse().expect("what the message proposes can be written");
        assert!(wider.check("printer.local", IpAddr::from([10, 0, 0, 7]), 631).is_ok());
    }
}
