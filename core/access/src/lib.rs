//! Who asks, and may they: keys and their secrets, replay, passwords, permits, and the change that a permit opens.

pub mod access_keys;
mod change;
pub mod client_tokens;
mod entrance;
pub mod keyring;
mod keys;
pub mod page_token;
pub mod passwords;
mod permit;
pub mod replay;

pub use change::{Change, Failure, Reader, Tools};
pub use entrance::{Entrance, Load};
pub use keys::{Closed, Keys};
pub use permit::{Caller, Circumstances, Denied, Permit, Person, Principal, Scope, Task};
pub use store::replays::Replay;
