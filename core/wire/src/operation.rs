//! The trait that makes a plain struct an operation of the PDS API.

use model::right::{Audience, Right};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::pds::Unfit;

/// One operation of the PDS API, declared once: the members of its JSON body are the fields of `Self`.
///
/// Fields are named as on the wire, in snake case as in Rust. What the body need not hold is an `Option`, for which
/// null and absent are one. `domain_id`, which any request may carry, is no field, save where it names the object of
/// the operation.
///
/// Source: `reference/pds.md` §2.
pub trait Operation: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The path that the operation is sent to, `/v2/user/create`.
    const PATH: &'static str;

    /// What the caller must be allowed, `pds:CreateUser`, and whether that changes anything. As policies see it, the
    /// API has no resources: `*` alone helps.
    const RIGHT: Right;

    /// Who the operation is for, of those who come with a token.
    const AUDIENCE: Audience = Audience::Managers;

    /// Whether the domain that the body names is what the operation is about, for callers who may reach several.
    ///
    /// Source: `reference/doors.md` §3.3.
    const NAMES_DOMAIN: bool = false;

    /// What a success is answered with.
    const SUCCESS: Success = Success::Ok;

    /// The answer's members; `()` where the answer has no body.
    type Reply: Serialize + DeserializeOwned + JsonSchema + Send;

    /// Conditions between parameters, which a field's own type cannot say.
    ///
    /// # Errors
    /// The parameter to blame, and what is wrong with it.
    fn check(&self) -> Result<(), Unfit> {
        Ok(())
    }
}

/// The status of a success. Clients take any other one for a failure.
///
/// Source: `reference/pds.md` §2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Success {
    /// 200, with a body.
    Ok,
    /// 201, with what was created.
    Created,
    /// 204, without a body: the reply is `()`.
    NoContent,
}

impl Success {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::Created => 201,
            Self::NoContent => 204,
        }
    }
}
