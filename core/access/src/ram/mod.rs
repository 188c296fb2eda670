//! The policy language: what an account's users and roles may do, as documents say it.
//!
//! Everything here is pure: a document becomes a [`Policy`] once, where anything that is not understood is an error,
//! and is then asked without storage, clock or chance.
//!
//! Decided here, where the reference leaves it open:
//! - Empty arrays but of statements, an operator without keys, a name or a condition's key twice in one object, and a condition's value
//!   that its operator cannot compare with are malformed: each would make a statement apply to more, or to less, than
//!   its writer meant.
//! - A request's value that cannot be compared makes every operator false, also a negated one.
//! - `NotResource` is understood, in the place of `Resource`.
//! - An IPv4 address written as IPv6 is IPv4, in a request and in a document.
//! - A pattern with `?` among more than 64 characters between two `*` is malformed: nothing is named so, and to look
//!   for it would take long.
//! - Principals of trust policies compare without case, as names are unique; they are no patterns.
//!
//! Source: `reference/protocol.md` §7.

mod condition;
mod decide;
mod document;
mod grammar;
mod json;
mod keys;
mod patience;
mod pattern;
pub mod system;
mod trust;
mod values;

pub use decide::{Ask, By, Grants, Layer, Named, PolicyName, Refusal, Verdict, decide, decide_somewhere};
pub use document::Malformed;
pub use grammar::{Kind, Policy};
pub use keys::Keys;
pub use trust::Trust;
