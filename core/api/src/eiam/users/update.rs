//! Changing what is stored of a user.

use model::text::Username;
use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable};

use super::custom_fields;
use crate::eiam::Done;
use crate::eiam::text::{Contact, given, id, is_username, line, prose, valid};

/// `UpdateUser`: changes one user. What is absent or empty stays.
///
/// Source: `reference/eiam.md`, 6.2.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateUser {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
    /// The username from now on: see [`UpdateUser::check_changed`].
    pub username: Option<String>,
    /// The display name from now on, at most 256 characters.
    pub display_name: Option<String>,
    /// 1 to 6 digits, without `+` or `00`; has to be there with a number.
    pub phone_region: Option<String>,
    /// The number from now on: 6 to 15 digits.
    pub phone_number: Option<String>,
    /// Whether the number is known to be the user's; has to be there with a number, and alone is said of the
    /// stored one.
    pub phone_number_verified: Option<bool>,
    /// The address from now on: at most 128 characters, before the `@` letters, digits, `.`, `_`, `-`.
    pub email: Option<String>,
    /// Whether the address is known to be the user's; has to be there with an address, and alone is said of
    /// the stored one.
    pub email_verified: Option<bool>,
    /// Changes of custom fields, each field once. No source bounds the list.
    pub custom_fields: Option<List<CustomFieldChange, 0, 1000>>,
}

/// What becomes of a user's value in a custom field.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CustomFieldChange {
    /// The field's name, at most 64 characters.
    pub field_name: String,
    /// The value, at most 1,024 characters; several values are a JSON list of texts. Where it is absent or
    /// empty, a value that is not to be removed stays as it is.
    pub field_value: Option<String>,
    /// What to do.
    #[serde(default)]
    pub operation: FieldOperation,
}

/// What to do with a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldOperation {
    /// Give it; one that is there is replaced.
    Add,
    /// Replace it; where none is there it is given. This is meant where nothing is said.
    #[default]
    Replace,
    /// Take it away; the request's value does not matter.
    Remove,
}

impl UpdateUser {
    /// What must hold of a username other than the stored one: 1 to 256 of letters, digits, `_`, `.`, `@`,
    /// `-`. The stored one, which another API may have given, is taken as it is.
    ///
    /// # Errors
    /// `Invalid`, with `Username`.
    ///
    /// Source: `reference/doors.md` §0.2.
    pub fn check_changed(&self) -> Result<(), Undecodable> {
        let username = self.username.as_deref();
        valid(!given(username) || username.is_some_and(is_username), "Username")
    }
}

impl Action for UpdateUser {
    const NAME: &'static str = "UpdateUser";
    const RIGHT: Right = Right::update("eiam:UpdateUser");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/{}", self.instance_id, self.user_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        let contact = Contact {
            phone_region: self.phone_region.as_deref(),
            phone_number: self.phone_number.as_deref(),
            phone_number_verified: self.phone_number_verified,
            email: self.email.as_deref(),
            email_verified: self.email_verified,
        };
        id(&self.instance_id, "InstanceId")?;
        id(&self.user_id, "UserId")?;
        contact.is_whole()?;

        let username = self.username.as_deref().unwrap_or_default();
        valid(username.is_empty() || Username::new(username).is_ok(), "Username")?;
        line::<256>(self.display_name.as_deref(), "DisplayName")?;
        contact.is_well_formed()?;
        let fields = self.custom_fields.iter().flatten();
        custom_fields(fields.map(|field| (field.field_name.as_str(), field.field_value.as_deref())))
    }
}

/// `UpdateUserDescription`: changes a user's description.
///
/// Source: `reference/eiam.md`, 6.3.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateUserDescription {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
    /// The description from now on: see [`UpdateUserDescription::check_changed`]. Absent or empty clears it.
    pub description: Option<String>,
}

impl UpdateUserDescription {
    /// What must hold of a description other than the stored one: at most 256 characters. The stored one,
    /// which another API may have given, is taken as it is.
    ///
    /// # Errors
    /// `Invalid`, with `Description`.
    ///
    /// Source: `reference/doors.md` §0.2.
    pub fn check_changed(&self) -> Result<(), Undecodable> {
        prose::<256>(self.description.as_deref(), "Description")
    }
}

impl Action for UpdateUserDescription {
    const NAME: &'static str = "UpdateUserDescription";
    const RIGHT: Right = Right::update("eiam:UpdateUserDescription");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/{}", self.instance_id, self.user_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.user_id, "UserId")?;
        prose::<1024>(self.description.as_deref(), "Description")
    }
}
