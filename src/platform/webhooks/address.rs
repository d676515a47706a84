//! Which addresses webhooks may reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Which addresses webhooks may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public ones, over https alone.
    Public,
    /// Any, and over http too: for development.
    Any,
}

impl Reach {
    /// Reads the address of an endpoint. A name is only resolved when something is sent.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub(super) fn url(self, text: &str) -> Result<Url, &'static str> {
        let url = Url::parse(text).map_err(|_| "The address is no URL.")?;
        if url.scheme() != "https" && (self, url.scheme()) != (Self::Any, "http") {
            return Err("The address must begin with https://.");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("The address must not hold a user or password.");
        }
        // It would never be sent.
        if url.fragment().is_some() {
            return Err("The address must not hold a fragment.");
        }
        let allowed = match url.host() {
            Some(Host::Ipv4(address)) => self.allows(address.into()),
            Some(Host::Ipv6(address)) => self.allows(address.into()),
            Some(Host::Domain(name)) => self == Self::Any || !is_local(name),
            None => false,
        };
        if allowed { Ok(url) } else { Err("The address must be a public one.") }
    }

    /// Whether a connection to `address` may be made.
    pub(super) fn allows(self, address: IpAddr) -> bool {
        self == Self::Any
            || match address {
                IpAddr::V4(address) => is_public_v4(address),
                IpAddr::V6(address) => is_public_v6(address),
            }
    }
}

fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or(name);
    !name.contains('.') || ["localhost", "local", "internal"].contains(&last)
}

/// Not one of the special-purpose addresses (RFC 6890 and its registry).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || a == 10
        || a == 127
        || a >= 224
        || (a, b) == (169, 254)
        || (a, b) == (192, 168)
        || (a == 100 && (64..128).contains(&b))
        || (a == 172 && (16..32).contains(&b))
        || (a == 198 && (18..20).contains(&b))
        || matches!((a, b, c), (192, 0, 0 | 2) | (192, 88, 99) | (198, 51, 100) | (203, 0, 113)))
}

/// Global unicast, and not a way to an address of version 4 or to a place of its own.
fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [first, second, ..] = address.segments();
    let tunnels = first == 0x2002 || (first, second) == (0x2001, 0);
    let special = (first == 0x2001 && second < 0x0200) || (first, second) == (0x2001, 0x0db8);
    (0x2000..0x4000).contains(&first) && !tunnels && !special && first != 0x3fff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_refused() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "192.0.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "::127.0.0.1",
        ] {
            let address: IpAddr = text.parse().expect("an address");
            assert!(!Reach::Public.allows(address), "{text}");
            assert!(Reach::Any.allows(address), "{text}");
        }
        for text in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"] {
            assert!(Reach::Public.allows(text.parse().expect("an address")), "{text}");
        }
    }

    #[test]
    fn urls_are_checked() {
        for text in [
            "",
            "x",
            "http://example.com/",
            "ftp://example.com/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://localhost/",
            "https://intranet/",
            "https://a.internal./",
            "https://user@example.com/",
            "https://:secret@example.com/",
            "https:///",
            "https://example.com/hook#part",
        ] {
            assert!(Reach::Public.url(text).is_err(), "{text}");
        }
        for text in ["https://example.com", "https://example.com:8443/hook?a=b", "https://8.8.8.8/"]
        {
            assert!(Reach::Public.url(text).is_ok(), "{text}");
        }
        assert!(Reach::Any.url("http://127.0.0.1:1234/hook").is_ok());
    }
}
