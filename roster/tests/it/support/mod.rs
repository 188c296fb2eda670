//! What every test stands on: a real server, clients that sign, short words for requests.

mod client;
mod database;
mod program;
mod server;
mod words;

pub(crate) use client::{Answer, Client, Message, Scheme, SignedAt};
pub(crate) use database::Database;
pub(crate) use program::{Done, Process, roster};
pub(crate) use server::{Home, KEY, NOW, SECRET, Server, until};
pub(crate) use words::{
    create, create_users, describe, everybody, find, list, names, new_user, remove, remove_users,
};
