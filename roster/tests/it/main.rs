//! Roster through its door: the real server in this process, called over HTTP by clients that sign. On SQLite; on
//! PostgreSQL where `ROSTER_TEST_DATABASE` names a database from which others can be made.

mod support;

mod access_keys;
mod account;
mod commands;
mod concurrency;
mod concurrency_tree;
mod crash;
mod groups;
mod noise;
mod orgs;
mod properties;
mod properties_other_doors;
mod random;
mod random_tree;
mod requests;
mod resource_groups;
mod rights;
mod signatures;
mod surface;
mod users_create;
mod users_describe;
mod users_filter;
mod users_filter_users;
mod users_group_members;
mod users_lock;
mod users_modify;
mod users_password;
mod users_remove;
