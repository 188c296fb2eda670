//! Roster through its door: the real server in this process, called over HTTP by clients that sign. On SQLite; on
//! PostgreSQL where `ROSTER_TEST_DATABASE` names a database from which others can be made.

mod support;

mod access_keys;
mod commands;
mod concurrency;
mod crash;
mod noise;
mod random;
mod requests;
mod rights;
mod signatures;
mod surface;
mod users_create;
mod users_describe;
mod users_filter;
mod users_remove;
