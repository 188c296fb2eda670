//! What of a product's surface is served: compared with the machine-readable list of what its SDKs send and
//! expect, and printed into the door's page.

use std::collections::BTreeSet;
use std::fmt::Write;

use model::{Audience, Right};
use serde_json::Value;
use wire::{Action, Operation};

/// A product, and what is said of the names that no declaration holds.
pub struct Product {
    /// The product's name.
    pub name: &'static str,
    /// The version.
    pub version: &'static str,
    /// The surface, as JSON.
    pub surface: &'static str,
    /// Parameters that are taken and change nothing.
    pub accepted: &'static [Excuse],
    /// Parameters that are refused by name, because ignoring them would change the answer.
    pub refused: &'static [Excuse],
    /// Response fields that are never there.
    pub absent: &'static [Excuse],
    /// Actions that belong to other systems.
    pub elsewhere: &'static [Excuse],
    /// What those are answered with.
    pub not_found: &'static str,
    /// Actions that are still to come, apart from those that are merely not served yet.
    pub later: &'static [Excuse],
}

/// Why a name is not served.
#[derive(Debug, Clone, Copy)]
pub struct Excuse {
    /// The action, or `*` for all.
    pub action: &'static str,
    /// The parameter or response field, `A.B` inside another, together with all that lies inside it. Of
    /// several excuses for a field the first counts.
    pub name: &'static str,
    /// Why.
    pub why: &'static str,
}

impl Excuse {
    /// Whether it speaks of this field of this action.
    fn covers(&self, action: &str, field: &str) -> bool {
        let inside = |rest: &str| rest.is_empty() || rest.starts_with('.');
        (self.action == "*" || self.action == action) && field.strip_prefix(self.name).is_some_and(inside)
    }
}

/// What is said of one name of the surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does what it says.
    Served,
    /// It is taken and changes nothing.
    Accepted(&'static str),
    /// It is refused by name.
    Refused(&'static str),
    /// It is never there.
    Absent(&'static str),
    /// Nothing is said of it.
    Missing,
}

/// An action that is declared: its name, its right, and the names of its parameters and response fields.
#[derive(Debug, Clone)]
pub struct Declared {
    name: &'static str,
    right: Right,
    path: Option<&'static str>,
    audience: Option<Audience>,
    request: BTreeSet<String>,
    required: BTreeSet<String>,
    reply: BTreeSet<String>,
}

impl Declared {
    /// The action's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What its caller must be allowed.
    pub fn right(&self) -> Right {
        self.right
    }

    /// The path that it is sent to, of what is told by path and not by name.
    pub fn path(&self) -> Option<&'static str> {
        self.path
    }

    /// Who it is for, of those who come with a token; `None` where nobody may.
    pub fn audience(&self) -> Option<Audience> {
        self.audience
    }

    /// The dotted names of its parameters, those inside others among them, in alphabetical order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.request.iter().map(String::as_str)
    }

    /// Whether a parameter has to be there by its own type; one inside another, where that other is.
    pub fn requires(&self, name: &str) -> bool {
        self.required.contains(name)
    }

    /// Reads the names off the declaration.
    pub fn of<A: Action>() -> Self {
        Self {
            name: A::NAME,
            right: A::RIGHT,
            path: None,
            audience: None,
            request: names(&schemars::schema_for!(A)).all,
            required: names(&schemars::schema_for!(A)).required,
            reply: names(&schemars::schema_for!(A::Reply)).all,
        }
    }

    /// The same, of an operation, whose name is its right's.
    pub fn of_operation<O: Operation>() -> Self {
        Self {
            name: name_of(O::RIGHT),
            right: O::RIGHT,
            path: Some(O::PATH),
            audience: Some(O::AUDIENCE),
            request: names(&schemars::schema_for!(O)).all,
            required: names(&schemars::schema_for!(O)).required,
            reply: names(&schemars::schema_for!(O::Reply)).all,
        }
    }

    /// What is no action of an API, and is asked for by path with these parameters: its name is its right's.
    pub fn at_path(path: &'static str, right: Right, parameters: &[&str]) -> Self {
        Self {
            name: name_of(right),
            right,
            path: Some(path),
            audience: None,
            request: parameters.iter().map(|name| (*name).to_owned()).collect(),
            required: BTreeSet::new(),
            reply: BTreeSet::new(),
        }
    }
}

fn name_of(right: Right) -> &'static str {
    let action = right.action();
    action.split_once(':').map_or(action, |(_, name)| name)
}

/// Dotted names of properties.
#[derive(Default)]
struct Names {
    all: BTreeSet<String>,
    required: BTreeSet<String>,
}

/// Every property's dotted name.
fn names(schema: &schemars::Schema) -> Names {
    let mut names = Names::default();
    collect(schema.as_value(), schema.as_value(), "", &mut names);
    names
}

/// Adds every property's dotted name below `schema`, through references, lists and choices.
fn collect(root: &Value, schema: &Value, prefix: &str, names: &mut Names) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).expect("a schema refers to itself");
        collect(root, target, prefix, names);
    }
    for choice in schema["anyOf"].as_array().into_iter().flatten() {
        collect(root, choice, prefix, names);
    }
    if schema["items"].is_object() {
        collect(root, &schema["items"], prefix, names);
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        names.required.insert(format!("{prefix}{required}"));
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let name = format!("{prefix}{name}");
        collect(root, property, &format!("{name}."), names);
        names.all.insert(name);
    }
}

/// One line of the table: where, which name, and its standing.
pub struct Line {
    /// The action.
    pub action: String,
    /// `request` or `response`.
    pub side: &'static str,
    /// The dotted name.
    pub name: String,
    /// What is said of it.
    pub standing: Standing,
}

/// Every action of the surface that is declared, name by name; and those that are neither declared nor
/// excused.
pub fn compare(product: &Product, declared: &[Declared]) -> (Vec<Line>, Vec<String>) {
    let surface: Value = serde_json::from_str(product.surface).expect("the surface is JSON");
    let mut lines = Vec::new();
    let mut undeclared = Vec::new();
    for action in surface["actions"].as_array().into_iter().flatten() {
        let name = action["action"].as_str().unwrap_or_default();
        let Some(known) = declared.iter().find(|declared| declared.name == name) else {
            if !product.elsewhere.iter().chain(product.later).any(|excuse| excuse.action == name) {
                undeclared.push(name.to_owned());
            }
            continue;
        };
        let mut add =
            |side, fields: &Value, names: &BTreeSet<String>, excuse: &dyn Fn(&str) -> Option<Standing>| {
                for field in flatten(fields, "") {
                    let standing = excuse(&field)
                        .or_else(|| names.contains(&field).then_some(Standing::Served))
                        .unwrap_or(Standing::Missing);
                    lines.push(Line { action: name.to_owned(), side, name: field, standing });
                }
            };
        let excused = |excuses: &'static [Excuse], field: &str| {
            excuses.iter().find(|excuse| excuse.covers(name, field)).map(|excuse| excuse.why)
        };
        add("request", &action["request"], &known.request, &|field| {
            let accepted = excused(product.accepted, field).map(Standing::Accepted);
            accepted.or_else(|| excused(product.refused, field).map(Standing::Refused))
        });
        add("response", &action["response"], &known.reply, &|field| {
            let every_answer = (field == "RequestId").then_some(Standing::Served);
            every_answer.or_else(|| excused(product.absent, field).map(Standing::Absent))
        });
    }
    (lines, undeclared)
}

fn flatten(fields: &Value, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for field in fields.as_array().into_iter().flatten() {
        let name = format!("{prefix}{}", field["name"].as_str().unwrap_or_default());
        names.extend(flatten(&field["fields"], &format!("{name}.")));
        names.insert(0, name);
    }
    names
}

/// Whether the surface has an action of this name.
fn is_listed(product: &Product, name: &str) -> bool {
    let surface: Value = serde_json::from_str(product.surface).expect("the surface is JSON");
    let actions = surface["actions"].as_array();
    actions.into_iter().flatten().any(|action| action["action"] == name)
}

/// The table of a door's page, in Markdown. Of an action that the surface lacks it says how much it has.
pub fn table(product: &Product, declared: &[Declared]) -> String {
    let (lines, undeclared) = compare(product, declared);
    let mut text = String::from("| action | right | parameters | response fields |\n|---|---|---|---|\n");
    for action in declared {
        let side = |side: &str, own: &BTreeSet<String>| {
            if !is_listed(product, action.name) {
                return format!("{} of its own", own.len());
            }
            let of_action = || lines.iter().filter(|line| line.action == action.name && line.side == side);
            let served = of_action().filter(|line| line.standing == Standing::Served).count();
            let mut cell = format!("{served} of {} served", of_action().count());
            for line in of_action() {
                let (word, why) = match line.standing {
                    Standing::Served => continue,
                    Standing::Accepted(why) => ("without effect", why),
                    Standing::Refused(why) => ("refused", why),
                    Standing::Absent(why) => ("never there", why),
                    Standing::Missing => ("not served yet", ""),
                };
                let _ = write!(cell, "<br>`{}`: {word}", line.name);
                if !why.is_empty() {
                    let _ = write!(cell, " ({why})");
                }
            }
            cell
        };
        let _ = writeln!(
            text,
            "| `{}` | `{}` | {} | {} |",
            action.name,
            action.right.action(),
            side("request", &action.request),
            side("response", &action.reply)
        );
    }
    let list = |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let _ = writeln!(
        text,
        "\nNot served yet: {}.",
        list(undeclared.iter().map(|name| format!("`{name}`")).collect())
    );
    let excused = |excuses: &[Excuse]| {
        list(excuses.iter().map(|excuse| format!("`{}` ({})", excuse.action, excuse.why)).collect())
    };
    let _ = writeln!(text, "\nStill to come: {}.", excused(product.later));
    let elsewhere = excused(product.elsewhere);
    let _ = writeln!(text, "\nAnswered with {} for good: {elsewhere}.", product.not_found);
    text
}
