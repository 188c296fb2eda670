//! In which language an instance writes to its people, and by which clock.

use model::globalization::{is_tag, is_zone};
use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Action, Place, Undecodable};

use crate::eiam::Done;
use crate::eiam::text::{filled, id, valid};

/// `GetInstanceGlobalizationConfig`: shows in which language an instance writes to its people, and by which clock.
///
/// Source: `reference/eiam.md`, 13.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetInstanceGlobalizationConfig {
    /// The instance.
    pub instance_id: String,
}

/// The answer of [`GetInstanceGlobalizationConfig`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetInstanceGlobalizationConfigReply {
    /// The configuration.
    pub globalization_config: GlobalizationConfig,
}

/// The configuration.
///
/// Source: `reference/eiam.md`, 13.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GlobalizationConfig {
    /// A tag of a language, `zh-Hans-CN`.
    pub language: String,
    /// A zone of the IANA database, `Asia/Shanghai`.
    pub time_zone: String,
}

impl Action for GetInstanceGlobalizationConfig {
    const NAME: &'static str = "GetInstanceGlobalizationConfig";
    const RIGHT: Right = Right::get("eiam:GetInstanceGlobalizationConfig");
    type Reply = GetInstanceGlobalizationConfigReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")
    }
}

/// `SetInstanceGlobalizationConfig`: says in which language an instance writes to its people, and by which clock.
///
/// Source: `reference/eiam.md`, 13.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SetInstanceGlobalizationConfig {
    /// The instance.
    pub instance_id: String,
    /// A tag of a language as BCP 47 has it, 35 characters at most.
    pub language: String,
    /// A zone of the IANA database.
    pub time_zone: String,
}

impl Action for SetInstanceGlobalizationConfig {
    const NAME: &'static str = "SetInstanceGlobalizationConfig";
    const RIGHT: Right = Right::update("eiam:SetInstanceGlobalizationConfig");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        filled(&self.language, "Language")?;
        filled(&self.time_zone, "TimeZone")?;
        valid(is_tag(&self.language), "Language")?;
        valid(is_zone(&self.time_zone), "TimeZone")
    }
}
