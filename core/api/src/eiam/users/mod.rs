//! The actions on users, and what their answers share.

mod create;
mod get;
mod list;
mod password;
mod remove;
mod state;
mod update;

pub use create::*;
pub use get::*;
pub use list::*;
pub use password::*;
pub use remove::*;
pub use state::*;
pub use update::*;

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::Undecodable;

use super::text::{filled, line, valid};

/// What a user has in a custom field.
///
/// Source: `reference/eiam.md`, 3 and 10.2.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CustomFieldValue {
    /// The field's name, at most 64 characters. Longer than new fields' names: other APIs name fields as
    /// well.
    pub field_name: String,
    /// The value; several values are a JSON list of texts. A text that is typed in has at most 1,024 characters. In a request an absent
    /// or empty one says as much as if the field were not named. An answer always has it.
    pub field_value: Option<String>,
}

/// More than a list of a hundred choices of 64 characters is written with.
const VALUE: usize = 40_000;

/// That custom fields are named, each once, and that names and values are no longer than any can be.
fn custom_fields<'a>(fields: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Result<(), Undecodable> {
    let mut names = HashSet::new();
    for (name, value) in fields {
        filled(name, "CustomFields")?;
        line::<64>(Some(name), "CustomFields")?;
        line::<VALUE>(value, "CustomFields")?;
        valid(names.insert(name), "CustomFields")?;
    }
    Ok(())
}
