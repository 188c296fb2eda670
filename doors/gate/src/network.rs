//! Where calls come from, and whom to believe about it.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

/// Who may say where a call came from, and who may see the figures.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// Addresses of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether `/metrics` has an address of its own.
    pub metrics_apart: bool,
}

/// Where a call comes from, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The caller's address; `None` where a trusted proxy says one that cannot be read.
    pub(crate) source: Option<IpAddr>,
    /// Whether it came by TLS.
    pub(crate) is_secure: bool,
}

impl Origin {
    /// The address as log, trail and policies have it: empty where it is not known.
    pub(crate) fn text(self) -> String {
        self.source.map(|address| address.to_string()).unwrap_or_default()
    }
}

impl Network {
    /// Where a call comes from: the peer, or what a trusted proxy says. Where such a one says by what it was called
    /// itself, that counts, and not by what it calls us.
    pub(crate) fn origin(&self, headers: &HeaderMap, peer: IpAddr, by_tls: bool) -> Origin {
        let peer = peer.to_canonical();
        let is_trusted = self.trusts(peer);
        let scheme = headers.get_all("x-forwarded-proto").iter().next_back().filter(|_| is_trusted);
        let is_secure = scheme.map_or(by_tls, |scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"));
        let source = if is_trusted { self.caller(headers, peer) } else { Some(peer) };
        Origin { source, is_secure }
    }

    /// Whether an address is one of the proxies that are believed.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|proxy| proxy.to_canonical() == address)
    }

    /// Who has called the first of the trusted proxies that a call came through, the last of which is `proxy`. Each adds
    /// at the end who has called it, so entries count from there, past those of trusted proxies; what stands before is the
    /// caller's own words. An entry that cannot be read hides the caller: it is not taken for the proxy's own call.
    fn caller(&self, headers: &HeaderMap, proxy: IpAddr) -> Option<IpAddr> {
        // Some proxies add a line of their own behind the caller's.
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        let mut caller = proxy;
        for entry in lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')) {
            caller = address(entry)?;
            if !self.trusts(caller) {
                break;
            }
        }
        Some(caller)
    }

    /// Whether the caller is on this machine, and not behind a proxy that is.
    pub(crate) fn may_see_figures(&self, headers: &HeaderMap, peer: IpAddr) -> bool {
        let is_forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
        !self.metrics_apart && peer.is_loopback() && !is_forwarded
    }
}

/// An address as proxies write it: some with a port, and of IPv6 some in brackets.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?.trim();
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let with_port = || entry.parse::<SocketAddr>().map(|address| address.ip());
    bare.parse().or_else(|_| with_port()).ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const PROXY: &str = "10.0.0.5";
    /// One in front of it, written as addresses of a socket for both families are.
    const OUTER: &str = "::ffff:10.0.0.9";
    const OTHER: &str = "192.0.2.1";

    type Lines = &'static [(&'static str, &'static str)];

    fn origin(peer: &str, by_tls: bool, lines: Lines) -> (String, bool) {
        let trusted_proxies = [PROXY, OUTER].map(|proxy| proxy.parse().expect("one")).to_vec();
        let network = Network { trusted_proxies, metrics_apart: false };
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).expect("a header"));
        }
        let origin = network.origin(&headers, peer.parse().expect("one"), by_tls);
        (origin.text(), origin.is_secure)
    }

    #[test]
    fn a_call_comes_by_tls_where_this_server_or_a_trusted_proxy_says_so() {
        let cases: [(&str, bool, Lines, bool); 12] = [
            (OTHER, false, &[], false),
            (OTHER, true, &[], true),
            (OTHER, false, &[("x-forwarded-proto", "https")], false),
            (OTHER, true, &[("x-forwarded-proto", "http")], true),
            (PROXY, false, &[("x-forwarded-proto", "https")], true),
            (PROXY, false, &[("x-forwarded-proto", "HTTPS")], true),
            (PROXY, false, &[], false),
            (PROXY, true, &[], true),
            (PROXY, true, &[("x-forwarded-proto", "http")], false),
            (PROXY, true, &[("x-forwarded-proto", "https"), ("x-forwarded-proto", "http")], false),
            (PROXY, false, &[("x-forwarded-proto", "https, http")], false),
            (PROXY, false, &[("x-forwarded-proto", "")], false),
        ];
        for (peer, by_tls, lines, expected) in cases {
            assert_eq!(origin(peer, by_tls, lines).1, expected, "{peer} {by_tls} {lines:?}");
        }
    }

    #[test]
    fn a_caller_has_the_address_that_a_trusted_proxy_has_seen() {
        let cases: [(&str, Lines, &str); 22] = [
            (OTHER, &[("x-forwarded-for", "203.0.113.7")], OTHER),
            (PROXY, &[("x-forwarded-for", "203.0.113.7")], "203.0.113.7"),
            (PROXY, &[("x-forwarded-for", "198.51.100.1, 203.0.113.7")], "203.0.113.7"),
            (
                PROXY,
                &[("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.7")],
                "203.0.113.7",
            ),
            (PROXY, &[("x-forwarded-for", "::ffff:203.0.113.7")], "203.0.113.7"),
            (PROXY, &[("x-forwarded-for", "2001:db8::1")], "2001:db8::1"),
            (PROXY, &[("x-forwarded-for", "203.0.113.7:51234")], "203.0.113.7"),
            (PROXY, &[("x-forwarded-for", "[2001:db8::1]:443")], "2001:db8::1"),
            (PROXY, &[("x-forwarded-for", "[2001:db8::1]")], "2001:db8::1"),
            (PROXY, &[("x-forwarded-for", "\u{fc}, 203.0.113.7")], "203.0.113.7"),
            // Behind another proxy that is trusted too.
            (PROXY, &[("x-forwarded-for", "203.0.113.7, 10.0.0.9")], "203.0.113.7"),
            (PROXY, &[("x-forwarded-for", "198.51.100.1, 203.0.113.7, 10.0.0.9:4711")], "203.0.113.7"),
            (PROXY, &[("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "10.0.0.9")], "203.0.113.7"),
            ("::ffff:10.0.0.5", &[("x-forwarded-for", "203.0.113.7,10.0.0.9,10.0.0.5")], "203.0.113.7"),
            // A proxy's own calls.
            (PROXY, &[("x-forwarded-for", "10.0.0.9")], "10.0.0.9"),
            (PROXY, &[], PROXY),
            // The caller is not known.
            (PROXY, &[("x-forwarded-for", "unknown")], ""),
            (PROXY, &[("x-forwarded-for", "203.0.113.7, unknown, 10.0.0.9")], ""),
            (PROXY, &[("x-forwarded-for", "203.0.113.7, \u{fc}")], ""),
            (PROXY, &[("x-forwarded-for", "203.0.113.7, ")], ""),
            (PROXY, &[("x-forwarded-for", "")], ""),
            (OTHER, &[("x-forwarded-for", "unknown")], OTHER),
        ];
        for (peer, lines, expected) in cases {
            assert_eq!(origin(peer, false, lines).0, expected, "{peer} {lines:?}");
        }
    }
}
