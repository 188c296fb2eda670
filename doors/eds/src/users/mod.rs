//! The actions on users.

pub(crate) mod asked;
mod create;
mod describe;
mod filter;
mod find;
mod lock;
mod modify;
mod password;
mod remove;
pub(crate) mod shown;

pub(crate) use create::create;
pub(crate) use describe::describe;
pub(crate) use filter::filter;
pub(crate) use find::find;
pub(crate) use lock::{lock, unlock};
pub(crate) use modify::{modify, set_desktop_manager};
pub(crate) use password::{change, reset};
pub(crate) use remove::remove;
