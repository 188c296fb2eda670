//! The policies for passwords: five configurations of an instance, each read and replaced whole.

mod complexity;
mod expiration;
mod forgotten;
mod history;
mod initialization;

pub use complexity::*;
pub use expiration::*;
pub use forgotten::*;
pub use history::*;
pub use initialization::*;
