//! The actions on users.

mod create;
mod get;
mod list;
mod memberships;
mod password;
mod remove;
mod shown;
mod state;
mod update;

pub(crate) use create::create;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use memberships::{
    add_to_units, join_group, leave_group, leave_units, list_groups, list_members, set_primary_unit,
};
pub(crate) use password::set_password;
pub(crate) use remove::{remove, remove_all};
pub(crate) use state::{disable, enable, unlock};
pub(crate) use update::{describe, update};
