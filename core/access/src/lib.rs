//! Who asks, and may they: keys and their secrets, replay, passwords, permits, and the change that a permit opens.

pub mod access_keys;
pub mod apps;
pub mod assertions;
pub mod audit;
mod basis;
mod bearer;
mod caller;
mod change;
pub mod client_tokens;
mod entrance;
pub mod guesses;
mod held;
mod jwt;
pub mod keyring;
mod keys;
mod known;
pub mod page_token;
pub mod passwords;
mod permit;
pub mod ram;
pub mod recovery_codes;
pub mod refresh;
pub mod replay;
pub mod secrets;
pub mod sessions;
pub mod signing_keys;
pub mod temporary;
#[cfg(test)]
mod token_tests;
pub mod tokens;
pub mod totp;

pub use bearer::{Holder, TokenFault};
pub use caller::{Asked, Caller, Denied, Who, arns};
pub use change::{Change, Failure, Reader, Tools};
pub use entrance::{Entrance, Load};
pub use held::Held;
pub use jwt::NotAKey;
pub use keys::{Closed, Keys};
pub use known::{Claimant, KeyFault, grants, write_uses};
pub use permit::{Bearer, Circumstances, Permit, Person, Principal, Scope, Service, Standing, Task};
pub use store::outbox::Queue;
pub use store::replays::Replay;
