//! JSON values as XML elements.

use serde_json::Value;

/// Begins a document.
pub(crate) const HEAD: &str = "<?xml version='1.0' encoding='UTF-8'?>";

/// Appends `value` as an element. A list is the element repeated, so that an empty one is nothing;
/// null is nothing either.
///
/// Source: `reference/protocol.md` §6.1; `reference/eds-user.md` X.14.
pub(crate) fn element(out: &mut String, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Array(items) => items.iter().for_each(|item| element(out, name, item)),
        Value::Object(members) => within(out, name, |out| {
            for (name, member) in members {
                element(out, name, member);
            }
        }),
        Value::String(text) => within(out, name, |out| escape(out, text)),
        Value::Bool(_) | Value::Number(_) => {
            within(out, name, |out| out.push_str(&value.to_string()));
        }
    }
}

/// Appends an element with what `content` appends inside.
pub(crate) fn within(out: &mut String, name: &str, content: impl FnOnce(&mut String)) {
    let name = tag(name);
    out.extend(["<", &name, ">"]);
    content(out);
    out.extend(["</", &name, ">"]);
}

/// A map's key as an element's name: what a name cannot hold becomes `_`.
fn tag(key: &str) -> String {
    let mut name: String = key.chars().map(|c| if may_continue(c) { c } else { '_' }).collect();
    if !name.starts_with(may_begin) {
        name.insert(0, '_');
    }
    name
}

/// `NameStartChar` of XML 1.0, without the colon, which is for namespaces.
fn may_begin(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z' | '_'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}'
        | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// `NameChar` of XML 1.0, without the colon.
fn may_continue(c: char) -> bool {
    may_begin(c)
        || matches!(c,
            '0'..='9' | '-' | '.' | '\u{B7}'
            | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Appends text. What XML 1.0 cannot hold becomes U+FFFD; a carriage return is spelled out, for
/// readers take a raw one for a line feed.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
}
