//! The contract: every action of every door, declared once.
//!
//! From a declaration come decoding, limits and their errors, the policy check, the answer, the coverage
//! table and the clients.

pub mod coverage;
pub mod eds;
pub mod eiam;
pub mod pds;
pub mod ram;
pub mod sts;
mod value;

pub use value::{Password, Ranged};
