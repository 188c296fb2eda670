//! Changing what is stored of a user.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Undecodable};

use crate::eds::{Done, filled};

/// `ModifyUser`: changes one user's contact data. What is absent stays, an empty text clears.
///
/// Source: `reference/eds-user.md`, 4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyUser {
    /// The username.
    pub end_user_id: String,
    /// The new contact address.
    pub email: Option<String>,
    /// The new mobile number.
    pub phone: Option<String>,
}

impl Action for ModifyUser {
    const NAME: &'static str = "ModifyUser";
    const RIGHT: Right = Right::update("ecd:ModifyUser");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.end_user_id, "EndUserId")
    }
}

/// `BatchSetDesktopManager`: makes 1 to 500 users local administrators of their desktops, or takes that from
/// them; all or none.
///
/// Source: `reference/eds-user.md`, 37.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct BatchSetDesktopManager {
    /// Usernames.
    pub users: List<String, 1, 500>,
    /// Whether they are.
    #[serde(default)]
    pub is_desktop_manager: IsDesktopManager,
}

/// Whether a user is local administrator of their desktops.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum IsDesktopManager {
    /// The user is, which is what is meant where nothing is said.
    #[default]
    #[serde(rename = "1")]
    Yes,
    /// The user is not.
    #[serde(rename = "0")]
    No,
}

impl Action for BatchSetDesktopManager {
    const NAME: &'static str = "BatchSetDesktopManager";
    const RIGHT: Right = Right::update("ecd:BatchSetDesktopManager");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}
