//! What texts mean as values of a property.
//!
//! Source: `reference/eiam.md`, 10.2; `reference/doors.md` §0.2 and §1.3.

use model::property::{Kind, Property, PropertyItem};
use model::text::PropertyText;

/// The longest number, in characters.
const LONGEST_NUMBER: usize = 32;

/// The values that `text` stands for, in the order of the property's items; none where it is an empty list. `own` are
/// those that the user has: they can be kept, also where they could not be given any more.
///
/// Of a property with several choices it is a JSON list of texts, or one choice by itself.
///
/// `None` where it is no value of the property.
pub(super) fn read(property: &Property, text: &str, own: &[String]) -> Option<Vec<String>> {
    let one = |fits: bool| fits.then(|| vec![text.to_owned()]);
    match property.kind {
        Kind::Text => one(!text.is_empty() && PropertyText::new(text).is_ok()),
        Kind::Number => one(is_number(text)),
        Kind::Truth => {
            let is_choice = property.items.is_empty() || is_choice(property, text, own);
            one(matches!(text, "true" | "false") && is_choice)
        }
        Kind::Select => one(is_choice(property, text, own)),
        Kind::Checkbox => {
            let several = serde_json::from_str::<Vec<String>>(text).ok();
            let several = several.filter(|several| several.iter().all(|text| is_choice(property, text, own)));
            match several {
                Some(several) => Some(in_order(property, &several)),
                None => one(is_choice(property, text, own)),
            }
        }
    }
}

/// The text that stands for `values`: of a property with several choices a JSON list, else the one value.
pub(super) fn written(kind: Kind, values: &[String]) -> String {
    match kind {
        Kind::Checkbox => serde_json::to_string(values).expect("texts are JSON"),
        Kind::Text | Kind::Number | Kind::Truth | Kind::Select => values.concat(),
    }
}

/// The values that a stored text of this kind stands for; `None` where it is none.
pub(super) fn stored(kind: Kind, text: &str) -> Option<Vec<String>> {
    match kind {
        Kind::Checkbox => serde_json::from_str(text).ok(),
        Kind::Text | Kind::Number | Kind::Truth | Kind::Select => Some(vec![text.to_owned()]),
    }
}

/// The default of a property whose items became those of `after`: it keeps to the items that it named, whatever they
/// are called now.
pub(super) fn default_after(before: &Property, after: &Property) -> Option<PropertyText> {
    let default = before.default.as_ref()?;
    if !before.kind.has_items() {
        return Some(default.clone());
    }
    let all: Vec<String> = before.items.iter().map(text_of).collect();
    let Some(named) = read(before, default.as_str(), &all) else { return Some(default.clone()) };
    let called_now = |value: &String| {
        let old = before.items.iter().find(|item| item.value.as_str() == value)?;
        after.items.iter().find(|item| item.number == old.number).map(text_of)
    };
    let now: Vec<String> = named.iter().filter_map(called_now).collect();
    if now == named {
        return Some(default.clone());
    }
    let text = (!now.is_empty()).then(|| written(after.kind, &now))?;
    PropertyText::new(text).ok()
}

fn is_choice(property: &Property, text: &str, own: &[String]) -> bool {
    let is_owned = || own.iter().any(|value| value == text);
    property.items.iter().any(|item| item.value.as_str() == text && (item.enabled || is_owned()))
}

/// Those of the items' values that are among `texts`, each once.
fn in_order(property: &Property, texts: &[String]) -> Vec<String> {
    property.items.iter().map(text_of).filter(|value| texts.contains(value)).collect()
}

fn text_of(item: &PropertyItem) -> String {
    item.value.as_str().to_owned()
}

/// Positive, whole or with decimals.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    text.len() <= LONGEST_NUMBER && digits(whole) && digits(decimals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::property::Permission;
    use model::text::{Line, PropertyDescription, PropertyName, PropertyValue};
    use model::{Id, Millis, Number};

    /// A property with the items `a`, `b` and `["a"]`, and `old`, which is disabled.
    fn property(kind: Kind, default: Option<&str>) -> Property {
        let item = |(number, value): (i64, &str)| PropertyItem {
            number: Number(number),
            value: PropertyValue::new(value).expect("short"),
            display_name: Line::default(),
            enabled: value != "old",
        };
        let items = [(1, "a"), (2, "b"), (3, "[\"a\"]"), (4, "old")];
        Property {
            id: Id::from_bits(1),
            name: PropertyName::new("field").expect("short"),
            display_name: PropertyName::new("Field").expect("short"),
            kind,
            required: false,
            unique: false,
            encrypted: false,
            enabled: true,
            default: default.map(|text| PropertyText::new(text).expect("short")),
            permission: Permission::Hide,
            description: PropertyDescription::default(),
            items: if kind.has_items() { items.map(item).into() } else { Vec::new() },
            created: Millis(0),
            updated: Millis(0),
        }
    }

    #[test]
    fn each_kind_reads_its_own_values() {
        let long = "张".repeat(1_024);
        let longer = format!("{long}张");
        let digits = "1".repeat(32);
        let more_digits = "1".repeat(33);
        let cases: [(Kind, &str, Option<&[&str]>); 35] = [
            (Kind::Text, "two words", Some(&["two words"])),
            (Kind::Text, &long, Some(&[&long])),
            (Kind::Text, &longer, None),
            (Kind::Text, "", None),
            (Kind::Text, "two\nlines", None),
            (Kind::Number, "0", Some(&["0"])),
            (Kind::Number, "007.50", Some(&["007.50"])),
            (Kind::Number, &digits, Some(&[&digits])),
            (Kind::Number, &more_digits, None),
            (Kind::Number, "", None),
            (Kind::Number, "-1", None),
            (Kind::Number, "1.", None),
            (Kind::Number, ".5", None),
            (Kind::Number, "1.2.3", None),
            (Kind::Number, "１", None),
            (Kind::Truth, "true", Some(&["true"])),
            (Kind::Truth, "false", Some(&["false"])),
            (Kind::Truth, "True", None),
            (Kind::Truth, "", None),
            (Kind::Select, "a", Some(&["a"])),
            (Kind::Select, "A", None),
            (Kind::Select, "old", None),
            (Kind::Select, "[\"b\"]", None),
            (Kind::Select, "", None),
            (Kind::Checkbox, "[\"a\"]", Some(&["a"])),
            (Kind::Checkbox, "[\"b\",\"a\",\"b\"]", Some(&["a", "b"])),
            (Kind::Checkbox, "[]", Some(&[])),
            (Kind::Checkbox, "b", Some(&["b"])),
            (Kind::Checkbox, "[\"[\\\"a\\\"]\"]", Some(&["[\"a\"]"])),
            (Kind::Checkbox, "[\"a\",\"c\"]", None),
            (Kind::Checkbox, "[\"old\"]", None),
            (Kind::Checkbox, "old", None),
            (Kind::Checkbox, "[1]", None),
            (Kind::Checkbox, "a,b", None),
            (Kind::Checkbox, "", None),
        ];
        for (kind, text, expected) in cases {
            let read = read(&property(kind, None), text, &[]);
            let expected =
                expected.map(|values| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>());
            assert_eq!(read, expected, "{kind:?} {text:?}");
        }
    }

    #[test]
    fn a_value_that_cannot_be_chosen_any_more_can_be_kept() {
        let own = ["old".to_owned()];

        assert_eq!(read(&property(Kind::Select, None), "old", &own), Some(own.to_vec()));
        let several = read(&property(Kind::Checkbox, None), "[\"old\",\"a\"]", &own);
        assert_eq!(several, Some(vec!["a".to_owned(), "old".to_owned()]));
    }

    #[test]
    fn what_is_written_reads_as_it_was() {
        for (kind, text) in [(Kind::Text, "x"), (Kind::Select, "a"), (Kind::Checkbox, "[\"a\",\"b\"]")] {
            let values = read(&property(kind, None), text, &[]).expect("it fits");
            assert_eq!(written(kind, &values), text);
            assert_eq!(stored(kind, text), Some(values));
        }
    }

    #[test]
    fn a_default_follows_the_items_that_it_names() {
        let renamed = |kind, default, numbers: &[i64]| {
            let before = property(kind, Some(default));
            let mut after = before.clone();
            after.items.retain(|item| numbers.contains(&item.number.0));
            for item in after.items.iter_mut().filter(|item| item.number == Number(1)) {
                item.value = PropertyValue::new("first").expect("short");
            }
            default_after(&before, &after).map(|default| default.as_str().to_owned())
        };
        let cases: [(Kind, &str, &[i64], Option<&str>); 6] = [
            (Kind::Select, "a", &[1, 2], Some("first")),
            (Kind::Select, "b", &[1, 2], Some("b")),
            (Kind::Select, "b", &[1], None),
            (Kind::Checkbox, "a", &[1, 2], Some("[\"first\"]")),
            (Kind::Checkbox, "[\"b\",\"a\"]", &[1, 2], Some("[\"first\",\"b\"]")),
            (Kind::Checkbox, "[\"b\"]", &[1], None),
        ];
        for (kind, default, numbers, expected) in cases {
            assert_eq!(renamed(kind, default, numbers).as_deref(), expected, "{kind:?} {default}");
        }
    }
}
