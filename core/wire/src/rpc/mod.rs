//! RPC parameters as an action's type, and back.
//!
//! Source: `reference/protocol.md` §1.3 and §1.4.

mod decode;
mod encode;
mod failure;
mod flat;
mod node;

#[cfg(test)]
mod tests;

pub use decode::decode;
pub use encode::{Unencodable, encode, form};

/// How many names may stand in one another, and how deep JSON in a parameter may nest.
const MAX_DEPTH: usize = 16;

/// Why parameters are not the action that they should be; all name a parameter as the caller
/// spelled it, the outermost one (`Users`, not `Users.1.Email`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// A required parameter is absent.
    #[error("the parameter {0} is missing")]
    Missing(String),
    /// A parameter is not of its type, or out of its bounds.
    #[error("the parameter {0} is not valid")]
    Invalid(String),
    /// A parameter is not served, and ignoring it would change the answer.
    #[error("the parameter {0} is not served")]
    Unsupported(String),
}
