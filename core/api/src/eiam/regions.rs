//! Where the service answers.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Action, Place};

/// `ListRegions`: lists the regions in which the service answers: the one that is set up.
///
/// Source: `reference/eiam.md`, 11.6.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListRegions {}

/// The answer of [`ListRegions`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListRegionsReply {
    /// The regions.
    pub regions: Vec<Region>,
}

/// A region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Region {
    /// Its id, `cn-hangzhou`.
    pub region_id: String,
    /// What people call it.
    pub local_name: String,
    /// The host at which this API answers there.
    pub region_endpoint: String,
}

impl Action for ListRegions {
    const NAME: &'static str = "ListRegions";
    const RIGHT: Right = Right::list("eiam:ListRegions");
    type Reply = ListRegionsReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }
}

/// `ListEiamRegions`: lists the regions in an older shape.
///
/// Source: `reference/eiam.md`, 11.6.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListEiamRegions {}

/// The answer of [`ListEiamRegions`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListEiamRegionsReply {
    /// The regions.
    pub regions: Vec<EiamRegion>,
}

/// A region in the older shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EiamRegion {
    /// Its id, `cn-hangzhou`.
    pub region_id: String,
    /// What people call it.
    pub local_name: String,
}

impl Action for ListEiamRegions {
    const NAME: &'static str = "ListEiamRegions";
    const RIGHT: Right = Right::list("eiam:ListEiamRegions");
    type Reply = ListEiamRegionsReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }
}
