//! What every test stands on: a real server, clients that sign, short words for requests.

mod anyone;
mod browser;
mod client;
mod company;
mod database;
mod devices;
mod pds;
mod post;
mod program;
mod ram;
pub(crate) mod rsa;
mod server;
mod tenants;
mod trail;
mod words;
mod words_eiam;
mod words_eiam_things;
mod words_pds;
mod words_pds_doors;
mod words_pds_things;
mod words_pds_tokens;
mod words_ram;
mod words_things;
mod words_users;

pub(crate) use anyone::{Anyone, told_of};
pub(crate) use browser::{Browser, Form, Gone, Page};
pub(crate) use client::{Answer, Client, Fault, Message, Scheme, SignedAt, http_date};
pub(crate) use company::Company;
pub(crate) use database::Database;
pub(crate) use devices::{Devices, InHand};
pub(crate) use pds::{PdsCaller, Proof};
pub(crate) use post::{MailServer, endpoint, letters, mailbox};
pub(crate) use program::{Done, Process, roster};
pub(crate) use ram::{Key, Ram, document};
pub(crate) use server::{Home, KEY, NOW, SECRET, Server, until};
pub(crate) use tenants::{BACK, Tenant, Thing, nowhere};
pub(crate) use trail::{TABLES as TRAIL, Trail};
pub(crate) use words::{
    create, create_users, describe, everybody, find, list, names, new_user, remove, remove_users,
};
pub(crate) use words_eiam::{
    Instance, choices, field_values, has_password, list_users, make_eiam_user, make_field, refused, rows,
    spelled, superadmin, values_of, with,
};
pub(crate) use words_eiam_things::is_refused;
pub(crate) use words_pds::{Pds, merged, outcome, pds_fault, reply, text_of};
pub(crate) use words_pds_doors::ThreeDoors;
pub(crate) use words_pds_things::{
    NO_DRIVE, NO_GROUP, adding_member, assigning, members_in, new_drive, new_group, new_pds_user,
    removing_member, replaced, told_pds,
};
pub(crate) use words_pds_tokens::{
    App, BY_ASSERTION, access, claims_of, command, file_of, once, register, renewal, signed, unsigned,
};
pub(crate) use words_ram::{
    account_of, answered, each, make_ram_key, make_ram_users, other_account, replied, trust,
};
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
