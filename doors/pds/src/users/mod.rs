//! The operations on users.

mod create;
mod extras;
mod get;
mod import;
mod list;
mod password;
mod remove;
mod shown;
mod update;
mod words;

pub(crate) use create::create;
pub(crate) use extras::{page_size_with, shown_info, with_extras};
pub(crate) use get::{general_get, get};
pub(crate) use import::import;
pub(crate) use list::{general_search, list, search};
pub(crate) use remove::remove;
pub(crate) use shown::user;
pub(crate) use update::update;
