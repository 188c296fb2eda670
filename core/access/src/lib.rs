//! Who asks, and may they: keys and their secrets, replay, passwords, permits, and the change that a permit opens.

pub mod access_keys;
pub mod apps;
pub mod assertions;
mod bearer;
mod change;
pub mod client_tokens;
mod entrance;
pub mod guesses;
mod jwt;
pub mod keyring;
mod keys;
pub mod page_token;
pub mod passwords;
mod permit;
pub mod recovery_codes;
pub mod refresh;
pub mod replay;
pub mod secrets;
pub mod sessions;
pub mod signing_keys;
#[cfg(test)]
mod token_tests;
pub mod tokens;
pub mod totp;

pub use bearer::{Holder, TokenFault};
pub use change::{Change, Failure, Reader, Tools};
pub use entrance::{Entrance, Load};
pub use jwt::NotAKey;
pub use keys::{Closed, Keys};
pub use permit::{
    Bearer, Caller, Circumstances, Denied, Permit, Person, Principal, Scope, Service, Standing, Task,
};
pub use store::outbox::Queue;
pub use store::replays::Replay;
