//! The actions on users.

mod create;
mod describe;
mod remove;

pub(crate) use create::create;
pub(crate) use describe::describe;
pub(crate) use remove::remove;
