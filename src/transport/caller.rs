//! From which network address a call comes.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::HeaderMap;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// What proxies add the address to that a request came to them from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Who is at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Where a call comes from, as far as that can be believed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller(pub(crate) IpAddr);

impl Caller {
    /// Where a request of `peer` comes from. What `X-Forwarded-For` says is believed as far as
    /// trusted proxies have written it: the last address that is none of theirs.
    pub(crate) fn of(peer: Peer, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
        let mut nearest = peer.0.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR);
        let named = lines.iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
        let named: Vec<&[u8]> = named.collect();
        for text in named.into_iter().rev() {
            if !is_trusted(nearest) {
                break;
            }
            // What is no address was not written by a proxy that can be trusted to know.
            let Some(before) = address(text) else { break };
            nearest = before;
        }
        Self(nearest)
    }
}

/// An address, with or without a port.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let plain = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let found = match plain.parse::<IpAddr>() {
        Ok(address) => address,
        Err(_) => text.parse::<std::net::SocketAddr>().ok()?.ip(),
    };
    Some(found.to_canonical())
}

/// A network of proxies: `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(IpNet);

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = match text.parse::<IpAddr>() {
            Ok(address) => Ok(address.into()),
            Err(_) => text.parse::<IpNet>(),
        };
        network.map(Self).map_err(|_| format!("{text:?} is not a network such as 10.0.0.0/8"))
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().expect("a header"));
        }
        let trusted: Vec<Network> =
            trusted.iter().map(|text| text.parse().expect("a network")).collect();
        let peer = Peer(peer.parse().expect("an address"));
        Caller::of(peer, &headers, &trusted).0.to_string()
    }

    #[test]
    fn the_last_address_that_is_no_proxys_is_the_callers() {
        let proxies = &["10.0.0.0/8", "fd00::/8", "192.0.2.1"][..];
        for (peer, lines, expected) in [
            // Nobody else is believed.
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("::ffff:203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.1.2.3", &["198.51.100.1"], "198.51.100.1"),
            // What the caller has made up itself lies before what a proxy has seen.
            ("10.1.2.3", &["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["1.1.1.1", "198.51.100.1, 192.0.2.1,10.9.9.9"], "198.51.100.1"),
            ("fd00::1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("10.1.2.3", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.1.2.3", &["198.51.100.1, unknown"], "10.1.2.3"),
            ("10.1.2.3", &["198.51.100.1, , 10.0.0.7"], "10.0.0.7"),
            // All of them are proxies: it came from one.
            ("10.1.2.3", &["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
        ] {
            assert_eq!(caller(peer, lines, proxies), expected, "{peer} {lines:?}");
        }
        assert_eq!(caller("127.0.0.1", &["198.51.100.1"], &[]), "127.0.0.1");
        for text in ["", "10.0.0.0/33", "proxy", "10.0.0"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
