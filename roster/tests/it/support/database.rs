//! A PostgreSQL database of a test's own, where the run names a server for it.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{Config, NoTls};

static NEXT: AtomicU32 = AtomicU32::new(1);

/// A database that is dropped with this value.
pub(crate) struct Database {
    /// Its address.
    pub(crate) url: String,
    name: String,
    server: String,
}

impl Database {
    /// The address of the database from which others are made, where the run names one.
    #[expect(clippy::disallowed_methods, reason = "this is where the tests meet their environment")]
    pub(crate) fn server() -> Option<String> {
        std::env::var("ROSTER_TEST_DATABASE").ok().filter(|url| !url.is_empty())
    }

    /// Runs a statement in the database at `url`.
    pub(crate) async fn execute(url: &str, statement: &str) {
        run(url, statement).await;
    }

    /// Makes a new one.
    pub(crate) async fn create(server: String) -> Self {
        let name = format!("roster_it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        run(&server, &format!("create database {name}")).await;
        let (before, _) = server.rsplit_once('/').expect("the address ends with a database");
        Self { url: format!("{before}/{name}"), name, server }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, statement) =
            (self.server.clone(), format!("drop database if exists {} with (force)", self.name));
        // Not on this thread: it may belong to a runtime that is ending.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be built").block_on(run(&server, &statement));
        });
        if dropped.join().is_err() && !std::thread::panicking() {
            panic!("the database {} could not be dropped", self.name);
        }
    }
}

/// Runs one statement.
async fn run(url: &str, statement: &str) {
    let config: Config = url.parse().expect("it is an address");
    let (client, connection) = config.connect(NoTls).await.expect("the database server answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(statement).await.expect("the statement runs");
    drop(client);
    let _ = connection.await;
}
