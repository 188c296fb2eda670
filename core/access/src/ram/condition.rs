//! Conditions: an operator, a key, and the values that the key is compared with.
//!
//! Source: `reference/protocol.md` §7.3.

use std::cmp::Ordering;
use std::net::IpAddr;

use model::Millis;

use super::document::{Malformed, Members, Place, each, texts};
use super::json::{Node, quoted};
use super::keys::{self, Keys};
use super::patience::Patience;
use super::pattern::{self, Pattern};
use super::values::{Block, Decimal, address, truth};

/// One key under one operator. A statement's conditions must all hold.
#[derive(Debug)]
pub(super) struct Condition {
    /// In lower case.
    key: String,
    test: Test,
    /// Whether the operator is one with `Not`: none of the values may fit.
    is_negated: bool,
}

/// The values of a condition, of which one must fit, and how they are compared.
#[derive(Debug)]
enum Test {
    Text(Vec<String>),
    /// Each letter in lower case.
    AnyCase(Vec<String>),
    Like(Vec<Pattern>),
    Number(Order, Vec<Decimal>),
    Date(Order, Vec<Millis>),
    Bool(Vec<bool>),
    Address(Vec<Block>),
}

/// How the request's value must stand to one of the condition's.
#[derive(Debug, Clone, Copy)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What an operator compares, and how.
#[derive(Debug, Clone, Copy)]
enum Family {
    Text,
    AnyCase,
    Like,
    Number(Order),
    Date(Order),
    Bool,
    Address,
}

/// What an operator's name says: what it compares, and whether it is negated; `None` where there is no such operator.
fn operator(name: &str) -> Option<(Family, bool)> {
    Some(match name {
        "StringEquals" => (Family::Text, false),
        "StringNotEquals" => (Family::Text, true),
        "StringEqualsIgnoreCase" => (Family::AnyCase, false),
        "StringNotEqualsIgnoreCase" => (Family::AnyCase, true),
        "StringLike" => (Family::Like, false),
        "StringNotLike" => (Family::Like, true),
        "NumericEquals" => (Family::Number(Order::Equal), false),
        "NumericNotEquals" => (Family::Number(Order::Equal), true),
        "NumericLessThan" => (Family::Number(Order::Less), false),
        "NumericLessThanEquals" => (Family::Number(Order::LessOrEqual), false),
        "NumericGreaterThan" => (Family::Number(Order::Greater), false),
        "NumericGreaterThanEquals" => (Family::Number(Order::GreaterOrEqual), false),
        "DateEquals" => (Family::Date(Order::Equal), false),
        "DateNotEquals" => (Family::Date(Order::Equal), true),
        "DateLessThan" => (Family::Date(Order::Less), false),
        "DateLessThanEquals" => (Family::Date(Order::LessOrEqual), false),
        "DateGreaterThan" => (Family::Date(Order::Greater), false),
        "DateGreaterThanEquals" => (Family::Date(Order::GreaterOrEqual), false),
        "Bool" => (Family::Bool, false),
        "IpAddress" => (Family::Address, false),
        "NotIpAddress" => (Family::Address, true),
        _ => return None,
    })
}

/// Reads the element `Condition`: an object of operators, each an object of keys, each with one value or several.
///
/// # Errors
/// `Grammar`: an unknown operator or key, an operator without keys, a key twice in one operator (also where only the
/// case differs), no value, or a value that the operator cannot compare with.
pub(super) fn read(place: Place, node: Node) -> Result<Vec<Condition>, Malformed> {
    let mut conditions = Vec::new();
    for (name, keys) in Members::of(place.clone(), node)?.rest() {
        let Some(operator) = operator(&name) else {
            return Err(place.wrong(format_args!("unknown operator {}", quoted(&name))));
        };
        conditions.extend(under(operator, place.within(&name), keys)?);
    }
    Ok(conditions)
}

/// The conditions of one operator.
fn under(
    (family, is_negated): (Family, bool),
    place: Place,
    keys: Node,
) -> Result<Vec<Condition>, Malformed> {
    let mut conditions: Vec<Condition> = Vec::new();
    for (written, values) in Members::of(place.clone(), keys)?.rest() {
        let key = written.to_ascii_lowercase();
        if !keys::is_known(&key) {
            return Err(place.wrong(format_args!("unknown key {}", quoted(&written))));
        }
        if conditions.iter().any(|other| other.key == key) {
            return Err(place.wrong(format_args!("{} stands there twice, in two cases", quoted(&written))));
        }
        let test = test(family, &place.within(&quoted(&written)), values)?;
        conditions.push(Condition { key, test, is_negated });
    }
    if conditions.is_empty() {
        return Err(place.wrong("there is no key"));
    }
    Ok(conditions)
}

/// The values of one key, read as its operator compares them.
fn test(family: Family, place: &Place, node: Node) -> Result<Test, Malformed> {
    let values = texts(place, node)?;
    Ok(match family {
        Family::Text => Test::Text(each(values, "text", |text| Some(text.to_owned()))?),
        Family::AnyCase => Test::AnyCase(each(values, "text", |text| Some(lower(text)))?),
        Family::Like => {
            pattern::check(&values)?;
            Test::Like(each(values, "text", |text| Some(Pattern::new(text)))?)
        }
        Family::Number(order) => Test::Number(order, each(values, "a decimal number", Decimal::read)?),
        Family::Date(order) => Test::Date(
            order,
            each(values, "a time such as \"2026-01-15T17:00:00+08:00\"", Millis::from_iso_8601)?,
        ),
        Family::Bool => Test::Bool(each(values, "\"true\" or \"false\"", truth)?),
        Family::Address => Test::Address(each(values, "an address or a block of them", Block::read)?),
    })
}

/// Each letter in lower case, by itself and in any script.
fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

impl Condition {
    /// Whether it holds. A key that the request does not have differs from every value; a value that is not of the
    /// operator's kind makes any operator false. What comes back means nothing where the patience is spent.
    pub(super) fn holds(&self, keys: &Keys, patience: &Patience) -> bool {
        if !patience.affords(keys.steps(&self.key)) {
            return false;
        }
        let Some(value) = keys.value(&self.key) else {
            return self.is_negated;
        };
        self.test.fits(&value, patience).is_some_and(|fits| fits != self.is_negated)
    }
}

impl Test {
    /// Whether `value` fits one of the condition's; `None` where it is not of their kind, or the patience is spent.
    fn fits(&self, value: &str, patience: &Patience) -> Option<bool> {
        // To read the value; patterns count by themselves.
        if !patience.affords(1 + value.len()) {
            return None;
        }
        // Each comparison ends with the shorter of both.
        let affords = || patience.affords_text(value.len());
        Some(match self {
            Self::Text(texts) => texts.iter().any(|text| affords() && text == value),
            Self::AnyCase(texts) => {
                let value = lower(value);
                texts.iter().any(|text| affords() && *text == value)
            }
            Self::Like(patterns) => patterns.iter().any(|pattern| pattern.matches(value, patience)),
            Self::Number(order, numbers) => {
                let value = Decimal::read(value)?;
                numbers.iter().any(|number| affords() && order.holds(value.cmp(number)))
            }
            Self::Date(order, instants) => {
                let value = Millis::from_iso_8601(value)?;
                instants.iter().any(|instant| affords() && order.holds(value.cmp(instant)))
            }
            Self::Bool(truths) => {
                let value = truth(value)?;
                truths.iter().any(|truth| affords() && *truth == value)
            }
            Self::Address(blocks) => {
                let value: IpAddr = address(value)?;
                blocks.iter().any(|block| affords() && block.contains(value))
            }
        })
    }
}

impl Order {
    fn holds(self, found: Ordering) -> bool {
        match self {
            Self::Equal => found.is_eq(),
            Self::Less => found.is_lt(),
            Self::LessOrEqual => found.is_le(),
            Self::Greater => found.is_gt(),
            Self::GreaterOrEqual => found.is_ge(),
        }
    }
}
