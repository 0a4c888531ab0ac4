//! The addresses that are refused unless allowed. Sources: the IANA special-purpose registries for IPv4 and
//! IPv6 (RFC 6890 and its updates), RFC 6598 (CGNAT), RFC 6052 and 8215 (NAT64), RFC 3056 (6to4), RFC 4380
//! (Teredo), RFC 9602 (SRv6), and the metadata addresses that cloud providers document.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Why an address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockReason {
    /// The zero address and its network: "this host".
    Unspecified,
    /// This machine.
    Loopback,
    /// A private network (RFC 1918).
    Private,
    /// Only valid on one cable; cloud metadata lives here too.
    LinkLocal,
    /// The shared space behind a provider's address translation.
    CarrierNat,
    /// A private IPv6 network (unique local, or the older site-local).
    UniqueLocal,
    /// A group, not a host.
    Multicast,
    /// A cloud provider's metadata service.
    Metadata,
    /// An IPv4 address inside an IPv6 address (NAT64, 6to4, Teredo, compatible): it would bypass the IPv4
    /// rules.
    Embedded,
    /// Documentation and benchmarks.
    Documentation,
    /// Everything else that is not a public host.
    Reserved,
}

impl BlockReason {
    /// The stable name of the reason.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::LinkLocal => "linkLocal",
            Self::CarrierNat => "carrierNat",
            Self::UniqueLocal => "uniqueLocal",
            Self::Multicast => "multicast",
            Self::Metadata => "metadata",
            Self::Embedded => "embedded",
            Self::Documentation => "documentation",
            Self::Reserved => "reserved",
        }
    }
}

impl fmt::Display for BlockReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "an unspecified address",
            Self::Loopback => "this machine itself (loopback)",
            Self::Private => "in a private network",
            Self::LinkLocal => "a link-local address",
            Self::CarrierNat => "in a provider's shared network (CGNAT)",
            Self::UniqueLocal => "in a private network (unique local)",
            Self::Multicast => "a multicast address",
            Self::Metadata => "a cloud metadata service",
            Self::Embedded => "an IPv4 address inside an IPv6 address",
            Self::Documentation => "reserved for documentation",
            Self::Reserved => "a reserved address",
        })
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(first: [u16; 8], prefix: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = first;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), prefix)
}

/// The first match decides the reason, so single addresses come before the ranges around them.
const V4: [(Ipv4Net, BlockReason); 20] = [
    (v4(169, 254, 169, 254, 32), BlockReason::Metadata),
    (v4(169, 254, 170, 2, 32), BlockReason::Metadata),
    (v4(168, 63, 129, 16, 32), BlockReason::Metadata),
    (v4(100, 100, 100, 200, 32), BlockReason::Metadata),
    (v4(192, 0, 0, 192, 32), BlockReason::Metadata),
    (v4(0, 0, 0, 0, 8), BlockReason::Unspecified),
    (v4(10, 0, 0, 0, 8), BlockReason::Private),
    (v4(100, 64, 0, 0, 10), BlockReason::CarrierNat),
    (v4(127, 0, 0, 0, 8), BlockReason::Loopback),
    (v4(169, 254, 0, 0, 16), BlockReason::LinkLocal),
    (v4(172, 16, 0, 0, 12), BlockReason::Private),
    (v4(192, 0, 0, 0, 24), BlockReason::Reserved),
    (v4(192, 0, 2, 0, 24), BlockReason::Documentation),
    (v4(192, 88, 99, 0, 24), BlockReason::Embedded),
    (v4(192, 168, 0, 0, 16), BlockReason::Private),
    (v4(198, 18, 0, 0, 15), BlockReason::Documentation),
    (v4(198, 51, 100, 0, 24), BlockReason::Documentation),
    (v4(203, 0, 113, 0, 24), BlockReason::Documentation),
    (v4(224, 0, 0, 0, 4), BlockReason::Multicast),
    (v4(240, 0, 0, 0, 4), BlockReason::Reserved),
];

const V6: [(Ipv6Net, BlockReason); 18] = [
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128), BlockReason::Metadata),
    (v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128), BlockReason::Metadata),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), BlockReason::Unspecified),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), BlockReason::Loopback),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), BlockReason::Embedded),
    (v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96), BlockReason::Embedded),
    (v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96), BlockReason::Embedded),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), BlockReason::Embedded),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), BlockReason::Embedded),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), BlockReason::Embedded),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), BlockReason::Documentation),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), BlockReason::Documentation),
    // The IETF's protocol assignments: benchmarks, ORCHID, anycast services; no host of a customer is here.
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), BlockReason::Reserved),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), BlockReason::UniqueLocal),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), BlockReason::UniqueLocal),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), BlockReason::LinkLocal),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), BlockReason::Multicast),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), BlockReason::Reserved),
];

/// Global unicast addresses are assigned from here; whatever is outside is no public host.
const V6_GLOBAL: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// Why `address` is refused by default, or `None` for a public host. IPv4-mapped addresses are judged as
/// IPv4.
pub(super) fn reason(address: IpAddr) -> Option<BlockReason> {
    match address.to_canonical() {
        IpAddr::V4(address) => V4.iter().find(|(net, _)| net.contains(&address)).map(|(_, why)| *why),
        IpAddr::V6(address) => V6
            .iter()
            .find(|(net, _)| net.contains(&address))
            .map(|(_, why)| *why)
            .or_else(|| (!V6_GLOBAL.contains(&address)).then_some(BlockReason::Reserved)),
    }
}
