//! Several operations in one request.

use std::collections::{BTreeMap, HashSet};

use model::{Audience, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use serde_with::skip_serializing_none;
use wire::pds::{Unfit, refuse};
use wire::{List, Operation};

use super::text::valid;

/// `batch`: 1 to 100 operations of one family, each one for itself, as if it had come alone.
///
/// Source: `reference/pds.md` §16.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Batch {
    /// The family: users, groups, memberships or drives.
    pub resource: BatchResource,
    /// The operations.
    pub requests: List<BatchRequest, 1, 100>,
}

/// A family of operations.
///
/// Source: `reference/pds.md` §16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchResource {
    /// Users.
    User,
    /// Groups.
    Group,
    /// Memberships.
    Membership,
    /// Drives.
    Drive,
    /// Files; they belong to another system.
    File,
    /// Links to files; they belong to another system.
    ShareLink,
    /// Work on files; it belongs to another system.
    AsyncTask,
}

/// An operation of a [`Batch`].
///
/// Source: `reference/pds.md` §16.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BatchRequest {
    /// By which its answer is known; no other one has it.
    pub id: String,
    /// The verb: `POST`.
    pub method: String,
    /// The path without the version, `/user/get`.
    pub url: String,
    /// The headers.
    pub headers: Option<BTreeMap<String, String>>,
    /// The body: an object, or text that is the JSON of one.
    pub body: Option<Value>,
}

/// The answer of [`Batch`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct BatchReply {
    /// What each operation is answered with, in their order.
    pub responses: Vec<BatchResponse>,
}

/// What an operation of a [`Batch`] is answered with.
///
/// Source: `reference/pds.md` §16.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct BatchResponse {
    /// Which operation it was.
    pub id: String,
    /// The status that it would have had alone.
    pub status: u16,
    /// The body as it is, an object; without members where there would have been no body.
    #[schemars(with = "Value")]
    pub body: Box<RawValue>,
}

impl Operation for Batch {
    const PATH: &'static str = "/v2/batch";
    const RIGHT: Right = Right::get("pds:Batch");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = BatchReply;

    fn check(&self) -> Result<(), Unfit> {
        let served = match self.resource {
            BatchResource::User | BatchResource::Group | BatchResource::Membership | BatchResource::Drive => {
                true
            }
            BatchResource::File | BatchResource::ShareLink | BatchResource::AsyncTask => false,
        };
        refuse(!served, "resource")?;
        let mut ids = HashSet::new();
        let fit = self.requests.iter().all(|request| !request.id.is_empty() && ids.insert(&request.id));
        valid(fit, "requests")
    }
}
