//! What the two engines do differently: opening, migrating, locking, committing, full text.

mod migrations;
pub(crate) mod postgres;
pub(crate) mod ranks;
pub(crate) mod search_postgres;
pub(crate) mod search_sqlite;
pub(crate) mod sqlite;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Error;
use crate::session::{Reader, Session, Tx};

/// Where the rows lie. It does not print itself: the address may hold a password.
#[derive(Clone)]
pub enum Place {
    /// A SQLite file; it is made where it does not exist.
    File(PathBuf),
    /// A PostgreSQL database, `postgres://user@host/name`.
    Url(String),
}

/// A store that is open. Clones share it.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
}

#[derive(Clone)]
pub(crate) enum Engine {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

/// What an operator may want to know of a running store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Commits since the start; on SQLite one commit serves many changes.
    pub commits: u64,
    /// Changes that were committed since the start.
    pub changes: u64,
    /// Changes that wait for the writer (SQLite) or for a connection (PostgreSQL).
    pub waiting: u64,
    /// Connections to the database; on PostgreSQL without those that changes use at the moment.
    pub connections: u64,
    /// Pages of the write-ahead log at the last checkpoint; 0 on PostgreSQL.
    pub log_pages: u64,
}

/// Counts somebody who waits, also where the wait is given up.
struct Waiting<'a>(&'a AtomicU64);

impl<'a> Waiting<'a> {
    fn new(figure: &'a AtomicU64) -> Self {
        figure.fetch_add(1, Ordering::Relaxed);
        Self(figure)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Store {
    /// Opens the store and brings its schema up to date.
    ///
    /// # Errors
    /// `TooNew` where the schema asks for a newer program, `Unreachable` where there is no database.
    pub async fn open(place: &Place) -> Result<Self, Error> {
        let engine = match place {
            Place::File(path) => Engine::Sqlite(Arc::new(sqlite::Sqlite::open(path)?)),
            Place::Url(url) => Engine::Postgres(Arc::new(postgres::Postgres::open(url).await?)),
        };
        Ok(Self { engine })
    }

    /// A connection to read from.
    pub fn reader(&self) -> Reader {
        Reader::new(match &self.engine {
            Engine::Sqlite(engine) => Session::Sqlite(engine.reader()),
            Engine::Postgres(engine) => Session::Postgres(engine.reader()),
        })
    }

    /// A reader whose statements all see the state of the first one.
    ///
    /// # Errors
    /// `Unreachable`, or what the engine says.
    pub async fn snapshot(&self) -> Result<Reader, Error> {
        Ok(Reader::new(match &self.engine {
            Engine::Sqlite(engine) => Session::Sqlite(engine.snapshot()?),
            Engine::Postgres(engine) => Session::Postgres(engine.snapshot().await?),
        }))
    }

    /// A change that has not begun.
    pub fn change(&self) -> Tx {
        Tx::new(match &self.engine {
            Engine::Sqlite(engine) => Session::Sqlite(engine.change()),
            Engine::Postgres(engine) => Session::Postgres(engine.change()),
        })
    }

    /// A reader for a question whose work is not bounded: it runs beside the threads that answer, two at
    /// once at most, and ends after two seconds.
    pub(crate) async fn counter(&self) -> Result<Reader, Error> {
        Ok(Reader::new(match &self.engine {
            Engine::Sqlite(engine) => Session::Sqlite(engine.counter().await?),
            Engine::Postgres(engine) => Session::Postgres(engine.counter().await?),
        }))
    }

    /// Does a round of the search index's work in the background; true where work may remain. Any number of
    /// processes may ask for it. SQLite has no such work: its index is written with each change.
    ///
    /// # Errors
    /// Of the store. What could not be done is done in a later round, and searches find everybody meanwhile.
    pub async fn tend_search(&self) -> Result<bool, Error> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(false),
            Engine::Postgres(engine) => search_postgres::tend(engine).await,
        }
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// `Unreachable`, or what the engine says.
    pub async fn ping(&self) -> Result<(), Error> {
        self.reader().query_one("select oldest from schema_version", &[], |row| row.int(0)).await.map(drop)
    }

    /// What is known of the running store.
    pub fn figures(&self) -> Figures {
        match &self.engine {
            Engine::Sqlite(engine) => engine.figures(),
            Engine::Postgres(engine) => engine.figures(),
        }
    }

    /// Writes everything that is committed into its place and closes. Changes that still wait are committed first.
    pub async fn close(self) {
        if let Engine::Sqlite(engine) = self.engine {
            engine.close().await;
        }
    }
}
