//! What a directory holds, as types that cannot be wrong.

pub mod account;
pub mod device;
pub mod drive;
pub mod event;
pub mod fold;
pub mod globalization;
pub mod group;
pub mod id;
pub mod link;
pub mod lockout;
pub mod membership;
pub mod policy;
pub mod profile;
pub mod property;
pub mod ram;
pub mod right;
pub mod secret;
pub mod text;
pub mod time;
pub mod total;
pub mod unit;
pub mod user;
pub mod weak;

pub use account::{AccountUid, DirectoryKey};
pub use fold::Folded;
pub use id::{Handle, Id, Ids, Number};
pub use right::{Audience, Resource, Right};
pub use secret::Secret;
pub use time::Millis;
