//! What every test stands on: a real server, clients that sign, short words for requests.

mod client;
mod company;
mod database;
mod program;
mod server;
mod words;
mod words_eiam;
mod words_eiam_things;
mod words_things;
mod words_users;

pub(crate) use client::{Answer, Client, Fault, Message, Scheme, SignedAt};
pub(crate) use company::Company;
pub(crate) use database::Database;
pub(crate) use program::{Done, Process, roster};
pub(crate) use server::{Home, KEY, NOW, SECRET, Server, until};
pub(crate) use words::{
    create, create_users, describe, everybody, find, list, names, new_user, remove, remove_users,
};
pub(crate) use words_eiam::{
    Instance, choices, field_values, has_password, list_users, make_eiam_user, make_field, refused, rows,
    spelled, superadmin, values_of, with,
};
pub(crate) use words_eiam_things::is_refused;
pub(crate) use words_things::{
    find_orgs, joining, list_members, list_orgs, list_properties, make_resource_group, members, move_org,
    move_users, paths, person, picture, properties_of, quitting, refuses, told, values_by_key,
    with_properties,
};
pub(crate) use words_users::{
    GOOD, ROOT, bind, by_status, disable, execute, filter, filtered, join, lock, locking_at, make,
    make_group, make_org, make_property, make_with, managed, number, place_also, promote, text, texts,
    unlock, user,
};
