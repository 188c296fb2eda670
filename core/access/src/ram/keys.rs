//! The keys of conditions: which there are, and what they say of one request.
//!
//! Source: `reference/protocol.md` §7.3.

use std::borrow::Cow;
use std::net::IpAddr;

use model::Millis;

/// What conditions may ask about one request.
#[derive(Debug, Clone)]
pub struct Keys {
    /// `acs:CurrentTime`, of which conditions see whole seconds, rounded down.
    pub now: Millis,
    /// `acs:SourceIp`; `None` where the caller has no address, as the command line.
    pub source: Option<IpAddr>,
    /// `acs:SecureTransport`.
    pub secure: bool,
    /// `acs:MFAPresent`; `None` where nobody signed in, as with an AccessKey.
    pub mfa: Option<bool>,
    /// `acs:PrincipalARN`: `acs:ram::<account>:root`, `…:user/<name>`, and `…:role/<name>` for whoever has assumed it.
    pub principal: String,
    /// Other keys, `acs:ResourceTag/team` or a product's own, with their values. Of two that differ in case alone
    /// the first counts; the five above are never taken from here.
    pub more: Vec<(String, String)>,
}

/// The vendor's own keys in lower case. Those of resource directories and of private networks are known and absent.
const COMMON: [&str; 8] = [
    "acs:currenttime",
    "acs:mfapresent",
    "acs:principalarn",
    "acs:principalrdid",
    "acs:principalrdpath",
    "acs:securetransport",
    "acs:sourceip",
    "acs:sourcevpc",
];

/// What the vendor's own keys begin with that end with a tag's name.
const TAGS: [&str; 2] = ["acs:requesttag/", "acs:resourcetag/"];

/// The keys of actions that have some: what [`super::Trust`] is asked with.
const OWN: [&str; 2] = ["sts:externalid", "sts:sourceidentity"];

/// The products whose requests are served here, of which each may have keys of its own. None has a value yet.
const PRODUCTS: [&str; 3] = ["ecd", "eiam", "pds"];

/// Whether a condition may name `key`, which is in lower case: one of the vendor's, or `<ram-code>:<key>` of a product
/// that is served. Any other is a mistake, which under a negated operator would allow everything.
pub(super) fn is_known(key: &str) -> bool {
    match key.split_once(':') {
        Some(("acs", _)) => {
            COMMON.contains(&key) || TAGS.iter().any(|start| is_name(key.strip_prefix(start)))
        }
        Some((code, name)) => OWN.contains(&key) || (PRODUCTS.contains(&code) && is_name(Some(name))),
        None => false,
    }
}

/// Whether there is a name, without control characters.
fn is_name(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.is_empty() && !text.contains(char::is_control))
}

impl Keys {
    /// The value of `key`, which is in lower case; `None` where the request has none.
    pub(super) fn value(&self, key: &str) -> Option<Cow<'_, str>> {
        match key {
            "acs:currenttime" => Some(utc_seconds(self.now).into()),
            "acs:mfapresent" => self.mfa.map(|present| truth(present).into()),
            "acs:principalarn" => Some(self.principal.as_str().into()),
            "acs:securetransport" => Some(truth(self.secure).into()),
            "acs:sourceip" => self.source.map(|address| address.to_canonical().to_string().into()),
            _ => self.other(key).map(Cow::from),
        }
    }

    /// What it takes at most to look for `key`, in steps: names of another length are no further compared.
    pub(super) fn steps(&self, key: &str) -> usize {
        let of_one = |(name, _): &(String, String)| if name.len() == key.len() { 1 + key.len() } else { 1 };
        1 + self.more.iter().map(of_one).sum::<usize>()
    }

    fn other(&self, key: &str) -> Option<&str> {
        self.more.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
    }
}

/// Truth as conditions spell it.
fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// `2026-01-15T08:30:00Z`.
fn utc_seconds(at: Millis) -> String {
    let whole = Millis(at.0.div_euclid(1_000) * 1_000).to_string();
    whole.replace(".000Z", "Z")
}
