//! What travels: RPC parameters, JSON bodies, signatures, answers and errors, and the traits `Action` and `Operation`.
//!
//! A request is read in three steps: [`Parameters::read`] splits and decodes it,
//! [`signature::Claim::read`] finds who is said to have sent it, [`rpc::decode`] makes the
//! action's own type of it. [`answer`] is the way back.
//!
//! A request to the PDS API is signed otherwise, [`signature::roa::Claim::read`], and is JSON both ways: [`pds`].

pub mod action;
pub mod answer;
pub mod fault;
pub mod list;
pub mod operation;
pub mod parameters;
pub mod pds;
mod percent;
pub mod rpc;
pub mod signature;
mod xml;

pub use action::{Action, Place, refuse, require};
pub use answer::Format;
pub use fault::{AccessDenied, Fault};
pub use list::List;
pub use operation::{Operation, Success};
pub use parameters::{Body, Parameters, Unreadable};
pub use rpc::Undecodable;
