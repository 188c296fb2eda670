//! The same language once more, slowly: straight from `reference/protocol.md` §7, over plain JSON, with nothing
//! prepared and no code shared with what it is compared with.

use std::cmp::Ordering;
use std::collections::HashSet;

use access::ram::{Ask, By, Keys, Layer, PolicyName, Refusal, Verdict};
use serde_json::Value;

const STRING: [&str; 6] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
];
const COMPARED: [&str; 6] =
    ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
const KEYS: [&str; 8] = [
    "acs:CurrentTime",
    "acs:SecureTransport",
    "acs:SourceIp",
    "acs:MFAPresent",
    "acs:PrincipalARN",
    "acs:PrincipalRDId",
    "acs:PrincipalRDPath",
    "acs:SourceVpc",
];

/// A policy of a user or a role, or, with `most` 2,048, of a session; `None` where it is malformed.
pub(crate) fn policy(text: &str, most: usize) -> Option<Value> {
    document(text, most, |statement| {
        let resource = statement.get("Resource").or(statement.get("NotResource"));
        statement.contains_key("Resource") != statement.contains_key("NotResource")
            && resource.and_then(list).is_some_and(|list| list.iter().all(|text| is_resource(text)))
            && !statement.contains_key("Principal")
    })
}

/// A role's trust policy.
pub(crate) fn trust(text: &str) -> Option<Value> {
    document(text, 6_144, |statement| {
        let Some(Value::Object(principal)) = statement.get("Principal") else {
            return false;
        };
        !principal.is_empty()
            && !statement.contains_key("Resource")
            && !statement.contains_key("NotResource")
            && principal.iter().all(|(kind, value)| {
                let names = list(value).unwrap_or_default();
                !names.is_empty()
                    && match kind.as_str() {
                        "RAM" => names.iter().all(|name| is_principal(name)),
                        "Service" | "Federated" => names.iter().all(|name| !name.is_empty()),
                        _ => false,
                    }
            })
    })
}

type Object = serde_json::Map<String, Value>;

fn document(text: &str, most: usize, has_its_own: impl Fn(&Object) -> bool) -> Option<Value> {
    let document: Value = serde_json::from_str(text).ok()?;
    let elements = document.as_object()?;
    let statements = elements.get("Statement")?.as_array()?;
    let is_good = text.chars().count() <= most
        && !has_a_name_twice(text)
        && elements.keys().all(|name| ["Version", "Statement"].contains(&name.as_str()))
        && elements.get("Version")? == "1"
        && statements.iter().all(|statement| {
            statement.as_object().is_some_and(|statement| is_statement(statement) && has_its_own(statement))
        });
    is_good.then_some(document)
}

fn is_statement(statement: &Object) -> bool {
    const NAMES: [&str; 7] =
        ["Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"];
    let actions = statement.get("Action").or(statement.get("NotAction")).and_then(list);
    statement.keys().all(|name| NAMES.contains(&name.as_str()))
        && statement.get("Effect").is_some_and(|effect| effect == "Allow" || effect == "Deny")
        && statement.contains_key("Action") != statement.contains_key("NotAction")
        && actions.is_some_and(|actions| actions.iter().all(|action| is_action(action)))
        && statement.get("Condition").is_none_or(is_condition)
}

/// One text or several, but not none.
fn list(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) if !items.is_empty() => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

/// Whether no `?` stands among more than 64 characters between two `*`.
fn is_soon_found(pattern: &str) -> bool {
    let pieces: Vec<&str> = pattern.split('*').collect();
    let is_middle = |at: usize| at > 0 && at + 1 < pieces.len();
    (0..pieces.len())
        .all(|at| !is_middle(at) || !pieces[at].contains('?') || pieces[at].chars().count() <= 64)
}

fn is_action(text: &str) -> bool {
    let (code, name) = text.split_at(text.find(':').unwrap_or(0));
    let sign = |signs: &'static str| move |c: char| c.is_ascii_alphanumeric() || signs.contains(c);
    text == "*"
        || (!code.is_empty()
            && name.len() > 1
            && is_soon_found(text)
            && code.chars().all(sign("*?-"))
            && name.chars().all(sign("*?-_./:")))
}

fn is_resource(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    text == "*"
        || (parts[0] == "acs"
            && parts.len() > 1
            && !parts[1].is_empty()
            && is_soon_found(text)
            && !text.chars().any(char::is_control)
            && (text.contains('*') || (parts.len() > 4 && !parts[4..].join(":").is_empty())))
}

fn is_principal(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let ["acs", "ram", "", account, relative] = parts[..] else {
        return false;
    };
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-@".contains(c))
    };
    !account.is_empty()
        && account.chars().all(|c| c.is_ascii_digit())
        && !account.starts_with('0')
        && match relative.split_once('/') {
            None => relative == "root",
            Some((kind, name)) => (kind == "user" || kind == "role") && is_name(name),
        }
}

fn is_condition(condition: &Value) -> bool {
    condition.as_object().is_some_and(|operators| {
        operators.iter().all(|(operator, keys)| {
            keys.as_object().is_some_and(|keys| {
                let folded: HashSet<String> = keys.keys().map(|key| key.to_ascii_lowercase()).collect();
                !keys.is_empty()
                    && folded.len() == keys.len()
                    && keys.iter().all(|(key, values)| {
                        let values = list(values).unwrap_or_default();
                        !values.is_empty() && is_key(key) && values.iter().all(|value| suits(operator, value))
                    })
            })
        })
    })
}

fn is_key(key: &str) -> bool {
    let folded = key.to_ascii_lowercase();
    let is_tag = ["acs:requesttag/", "acs:resourcetag/"]
        .iter()
        .any(|start| folded.starts_with(start) && folded.len() > start.len());
    let is_of_product =
        ["ecd:", "eiam:", "pds:"].iter().any(|start| folded.starts_with(start) && folded.len() > start.len());
    let is_of_a_session = ["sts:externalid", "sts:sourceidentity"].contains(&folded.as_str());
    KEYS.iter().any(|known| known.eq_ignore_ascii_case(key))
        || is_of_a_session
        || ((is_tag || is_of_product) && !key.chars().any(char::is_control))
}

/// Whether there is such an operator, and the value is one that it compares with.
fn suits(operator: &str, value: &str) -> bool {
    if let Some(how) = operator.strip_prefix("Numeric") {
        return COMPARED.contains(&how) && is_number(value);
    }
    if let Some(how) = operator.strip_prefix("Date") {
        return COMPARED.contains(&how) && millis(value).is_some();
    }
    match operator {
        "Bool" => ["true", "false"].contains(&value.to_ascii_lowercase().as_str()),
        "IpAddress" | "NotIpAddress" => block(value).is_some(),
        "StringLike" | "StringNotLike" => is_soon_found(value),
        _ => STRING.contains(&operator),
    }
}

/// May it be done? `grants` are the policies that were read by [`policy`], with their names.
pub(crate) fn decide(grants: &[(PolicyName, Value)], session: Option<&Value>, ask: &Ask<'_>) -> Verdict {
    let named: Vec<_> = grants.iter().map(|(name, document)| (Some(name.clone()), document)).collect();
    let layers: Vec<_> = session
        .map(|document| (Layer::Session, vec![(None, document)]))
        .into_iter()
        .chain([(Layer::Identity, named)])
        .collect();
    let any = ["*".to_owned()];
    let resources = if ask.resources.is_empty() { &any } else { ask.resources };
    let mut decided = None;
    for effect in ["Deny", "Allow"] {
        for (layer, documents) in &layers {
            for resource in resources {
                let by = documents.iter().find_map(|(name, document)| {
                    let is_about = |statement: &Value| applies(statement, ask, Some(resource));
                    Some(By { policy: name.clone(), statement: first(document, effect, is_about)? })
                });
                match (effect, &by) {
                    ("Deny", Some(_)) | ("Allow", None) => {
                        return Verdict::Denied(Refusal { layer: *layer, by, resource: resource.clone() });
                    }
                    _ if *layer == Layer::Identity && *resource == resources[0] => decided = by,
                    _ => {}
                }
            }
        }
    }
    Verdict::Allowed(decided.expect("the identity layer was asked for the first resource"))
}

/// Does the trust policy trust the caller?
pub(crate) fn trusts(document: &Value, ask: &Ask<'_>) -> Verdict {
    let resource = ask.resources.first().map_or("*", String::as_str).to_owned();
    let refused = |by| Verdict::Denied(Refusal { layer: Layer::Trust, by, resource });
    let is_about = |statement: &Value| {
        let names = statement["Principal"].get("RAM").and_then(list).unwrap_or_default();
        names.iter().any(|name| is_meant(name, &ask.keys.principal)) && applies(statement, ask, None)
    };
    let by = |statement| By { policy: None, statement };
    match (first(document, "Deny", is_about), first(document, "Allow", is_about)) {
        (Some(denied), _) => refused(Some(by(denied))),
        (None, None) => refused(None),
        (None, Some(allowed)) => Verdict::Allowed(by(allowed)),
    }
}

fn is_meant(name: &str, caller: &str) -> bool {
    match name.strip_suffix("root").filter(|account| account.ends_with(':')) {
        Some(account) => caller.starts_with(account),
        None => name.eq_ignore_ascii_case(caller),
    }
}

fn first(document: &Value, effect: &str, is_about: impl Fn(&Value) -> bool) -> Option<usize> {
    let statements = document["Statement"].as_array()?;
    (1..).zip(statements).find(|(_, one)| one["Effect"] == effect && is_about(one)).map(|(number, _)| number)
}

fn applies(statement: &Value, ask: &Ask<'_>, resource: Option<&str>) -> bool {
    let any = |element: &str, fits: &dyn Fn(&str) -> bool| {
        statement.get(element).and_then(list).map(|list| list.iter().any(|pattern| fits(pattern)))
    };
    let named = |element: &str, fits: &dyn Fn(&str) -> bool| {
        any(element, fits).or(any(&format!("Not{element}"), fits).map(|fits| !fits))
    };
    let is_action = |pattern: &str| glob(&pattern.to_ascii_lowercase(), &ask.action.to_ascii_lowercase());
    let is_resource = |pattern: &str| resource.is_some_and(|resource| glob(pattern, resource));
    named("Action", &is_action) == Some(true)
        && (resource.is_none() || named("Resource", &is_resource) == Some(true))
        && statement.get("Condition").and_then(Value::as_object).is_none_or(|operators| {
            operators.iter().all(|(operator, keys)| {
                let keys = keys.as_object().expect("the document was read");
                keys.iter().all(|(key, values)| holds(operator, key, values, ask.keys))
            })
        })
}

fn holds(operator: &str, key: &str, values: &Value, keys: &Keys) -> bool {
    let is_negated = operator.contains("Not");
    let Some(found) = value(key, keys) else {
        return is_negated;
    };
    let values = list(values).expect("the document was read");
    let plain = operator.replace("Not", "");
    let any = |fits: &dyn Fn(&str) -> bool| values.iter().any(|value| fits(value));
    let fits = if let Some(how) = plain.strip_prefix("Numeric") {
        is_number(&found).then(|| any(&|value| is_so(how, numbers(&found, value))))
    } else if let Some(how) = plain.strip_prefix("Date") {
        millis(&found).map(|found| any(&|value| is_so(how, Some(found).cmp(&millis(value)))))
    } else {
        match plain.as_str() {
            "StringEquals" => Some(any(&|value| value == found)),
            "StringEqualsIgnoreCase" => Some(any(&|value| letters(value) == letters(&found))),
            "StringLike" => Some(any(&|value| glob(value, &found))),
            "Bool" => suits("Bool", &found).then(|| any(&|value| value.eq_ignore_ascii_case(&found))),
            "IpAddress" => bits(&found)
                .map(|found| any(&|value| block(value).is_some_and(|block| found.starts_with(&block)))),
            _ => unreachable!("the document was read"),
        }
    };
    fits.is_some_and(|fits| fits != is_negated)
}

/// What the request says of a key.
fn value(key: &str, keys: &Keys) -> Option<String> {
    let is = |name: &str| key.eq_ignore_ascii_case(name);
    if is("acs:CurrentTime") {
        let text = keys.now.to_string();
        return Some(format!("{}Z", &text[..text.len() - ".000Z".len()]));
    } else if is("acs:SecureTransport") {
        return Some(keys.secure.to_string());
    } else if is("acs:SourceIp") {
        return keys.source.map(|address| address.to_canonical().to_string());
    } else if is("acs:MFAPresent") {
        return keys.mfa.map(|mfa| mfa.to_string());
    } else if is("acs:PrincipalARN") {
        return Some(keys.principal.clone());
    }
    keys.more.iter().find(|(name, _)| is(name)).map(|(_, value)| value.clone())
}

/// `*` any run of characters, `?` one; by a table of which beginnings of the pattern fit which of the text.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let mut fits = vec![vec![false; text.len() + 1]; pattern.len() + 1];
    fits[0][0] = true;
    for (p, sign) in (1..).zip(&pattern) {
        for t in 0..=text.len() {
            fits[p][t] = match sign {
                '*' => fits[p - 1][t] || (t > 0 && fits[p][t - 1]),
                '?' => t > 0 && fits[p - 1][t - 1],
                _ => t > 0 && fits[p - 1][t - 1] && text[t - 1] == *sign,
            };
        }
    }
    fits[pattern.len()][text.len()]
}

fn letters(text: &str) -> Vec<String> {
    text.chars().map(|letter| letter.to_lowercase().to_string()).collect()
}

fn is_so(how: &str, found: Ordering) -> bool {
    match how {
        "Equals" => found == Ordering::Equal,
        "LessThan" => found == Ordering::Less,
        "LessThanEquals" => found != Ordering::Greater,
        "GreaterThan" => found == Ordering::Greater,
        "GreaterThanEquals" => found != Ordering::Less,
        _ => unreachable!("the document was read"),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let parts: Vec<&str> = digits.split('.').collect();
    parts.len() < 3 && parts.iter().all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
}

/// Compares two numbers by their digits, both written out to the same width.
fn numbers(one: &str, other: &str) -> Ordering {
    let width = one.len().max(other.len());
    let written = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let digits = format!("{whole:0>width$}{fraction:0<width$}");
        let is_negative = text.starts_with('-') && digits.contains(|digit| digit != '0');
        (is_negative, digits)
    };
    match (written(one), written(other)) {
        ((false, one), (false, other)) => one.cmp(&other),
        ((true, one), (true, other)) => other.cmp(&one),
        ((one, _), (other, _)) => other.cmp(&one),
    }
}

/// The milliseconds since 1970 of `2026-01-15T17:00:00.25+08:00`, counted day by day.
fn millis(text: &str) -> Option<i64> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let offset = ["Z", "+00:00", "-00:00"].into_iter().find(|offset| shape.ends_with(offset))?;
    let fraction = shape.strip_suffix(offset)?.strip_prefix("0000-00-00T00:00:00")?;
    if !["", ".0", ".00", ".000"].contains(&fraction) {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let is_leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let february = if is_leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if !(1..=12).contains(&month) || !(1..=months[month as usize - 1]).contains(&day) {
        return None;
    }
    let length = |year: i64| if is_leap(year) { 366 } else { 365 };
    let years: i64 = (1970..year).map(length).sum::<i64>() - (year..1970).map(length).sum::<i64>();
    let days = years + months[..month as usize - 1].iter().sum::<i64>() + day - 1;
    let decimals = match fraction.len() {
        0 => 0,
        length => number(20, 19 + length)? * 10_i64.pow(4 - length as u32),
    };
    let at = text.len() - offset.len();
    let (hours, minutes) =
        if offset == "Z" { (0, 0) } else { (number(at + 1, at + 3)?, number(at + 4, at + 6)?) };
    if hour > 23 || minute > 59 || second > 59 || hours > 23 || minutes > 59 {
        return None;
    }
    let ahead = (hours * 60 + minutes) * if text[at..].starts_with('-') { -1 } else { 1 };
    Some((((days * 24 + hour) * 60 + minute - ahead) * 60 + second) * 1_000 + decimals)
}

/// An address as its family and its bits, each one character.
fn bits(address: &str) -> Option<String> {
    if let Ok(address) = address.parse::<std::net::Ipv4Addr>() {
        return Some(format!("4{}", octets(&address.octets())));
    }
    let address = octets(&address.parse::<std::net::Ipv6Addr>().ok()?.octets());
    let mapped = format!("{}{}", "0".repeat(80), "1".repeat(16));
    Some(match address.strip_prefix(&mapped) {
        Some(address) => format!("4{address}"),
        None => format!("6{address}"),
    })
}

fn octets(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:08b}")).collect()
}

/// What the bits of the block's addresses begin with.
fn block(text: &str) -> Option<String> {
    let Some((address, prefix)) = text.split_once('/') else {
        return bits(text);
    };
    let is_short = (1..=3).contains(&prefix.len()) && prefix.chars().all(|c| c.is_ascii_digit());
    let prefix: usize = if is_short { prefix.parse().ok()? } else { return None };
    let width = if address.contains(':') { 128 } else { 32 };
    let bits = bits(address)?;
    if prefix > width {
        return None;
    }
    // IPv4 written as IPv6: the first 96 bits are gone, unless the block is larger than that.
    if bits.starts_with('4') && width == 128 {
        return Some(match prefix.checked_sub(96) {
            Some(prefix) => bits[..=prefix].to_owned(),
            None => format!("6{}{}", "0".repeat(prefix.min(80)), "1".repeat(prefix.saturating_sub(80))),
        });
    }
    Some(bits[..=prefix].to_owned())
}

/// Whether an object of a text that is JSON has a name twice.
fn has_a_name_twice(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut open: Vec<HashSet<String>> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' => open.push(HashSet::new()),
            b'}' => drop(open.pop()),
            b'"' => {
                let start = at;
                at += 1;
                while bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if text[at + 1..].trim_start().starts_with(':') {
                    let name: String = serde_json::from_str(&text[start..=at]).expect("JSON");
                    if !open.last_mut().expect("a name stands in an object").insert(name) {
                        return true;
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    false
}
