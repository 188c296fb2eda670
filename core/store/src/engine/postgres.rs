//! PostgreSQL: a few connections that many reads share, and one for each change that runs.
//!
//! A change takes two flights: its beginning with its first reads, and its writes with the commit.
//! Statements of one flight are sent together and answered in order.

use std::borrow::Cow;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Row, Statement};

use super::search_postgres::Segments;
use super::{Figures, Waiting, migrations};
use crate::error::Error;
use crate::sql::Sql;
use crate::value::{Value, params};

/// Connections that all reads share.
const READERS: usize = 8;
/// Changes that run at once; each has a connection of its own.
const WRITERS: usize = 16;
/// How many unbounded questions run at once, and for how many milliseconds each.
const COUNTERS: usize = 2;
const DEADLINE_MILLIS: u64 = 2_000;
/// Rows that a kept total is spread over.
const SLOTS: i64 = 64;
/// Begins the locks on generations, here and in the function `stands` of the migration.
const GENERATIONS: i32 = 1_936_028_771;
/// Statements that one connection keeps prepared.
const STATEMENTS: usize = 256;

pub(crate) struct Postgres {
    config: Config,
    readers: Vec<Slot>,
    next_reader: AtomicUsize,
    writers: Pool,
    counters: Pool,
    /// Begins at another place in each process, so that nodes meet less in the rows of totals.
    next_slot: AtomicU32,
    waiting: AtomicU64,
    commits: AtomicU64,
    segments: Segments,
}

/// A place for a shared connection, made when it is first needed and again when it is lost.
type Slot = tokio::sync::Mutex<Option<Arc<Connection>>>;

/// Connections that one user at a time has.
struct Pool {
    turns: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Arc<Connection>>>>,
    setting: Cow<'static, str>,
}

pub(crate) struct Connection {
    client: Client,
    prepared: Mutex<HashMap<String, Statement>>,
}

impl Postgres {
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        let mut config: Config = url.parse().map_err(|error| Error::Unreachable(describe(&error)))?;
        config.application_name("roster").connect_timeout(Duration::from_secs(5));
        // A server that has gone without a word is noticed within half a minute.
        config.keepalives_idle(Duration::from_secs(15)).keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3).tcp_user_timeout(Duration::from_secs(20));
        let mut connection = Connection::open(&config, "").await?;
        let client = &mut Arc::get_mut(&mut connection).expect("nobody else has it yet").client;
        migrations::postgres(client).await?;
        Ok(Self {
            config,
            readers: (0..READERS).map(|_| Slot::default()).collect(),
            next_reader: AtomicUsize::new(0),
            writers: Pool::new(WRITERS, "".into()),
            counters: Pool::new(COUNTERS, deadline().into()),
            next_slot: AtomicU32::new(std::process::id()),
            waiting: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            segments: Segments::default(),
        })
    }

    pub(crate) fn reader(self: &Arc<Self>) -> PostgresSession {
        PostgresSession::new(self, Role::Reads { connection: None })
    }

    pub(crate) async fn snapshot(self: &Arc<Self>) -> Result<PostgresSession, Error> {
        let mut lent = self.writers.take(&self.config).await?;
        lent.begun = true;
        lent.connection.client.batch_execute("begin isolation level repeatable read read only").await?;
        Ok(PostgresSession::new(self, Role::Counts { lent }))
    }

    pub(crate) async fn counter(self: &Arc<Self>) -> Result<PostgresSession, Error> {
        let deadline = Duration::from_millis(DEADLINE_MILLIS);
        let lent = tokio::time::timeout(deadline, self.counters.take(&self.config)).await;
        Ok(PostgresSession::new(self, Role::Counts { lent: lent.map_err(|_| Error::Deadline)?? }))
    }

    pub(crate) fn change(self: &Arc<Self>) -> PostgresSession {
        let slot = i64::from(self.next_slot.fetch_add(1, Ordering::Relaxed)) % SLOTS;
        PostgresSession::new(self, Role::Writes { lent: None, deferred: Vec::new(), slot })
    }

    /// What this process remembers of the search index.
    pub(super) fn segments(&self) -> &Segments {
        &self.segments
    }

    pub(crate) fn figures(&self) -> Figures {
        let commits = self.commits.load(Ordering::Relaxed);
        let idle = |pool: &Pool| pool.idle.lock().unwrap_or_else(PoisonError::into_inner).len();
        Figures {
            commits,
            changes: commits,
            waiting: self.waiting.load(Ordering::Relaxed),
            connections: (READERS + idle(&self.writers) + idle(&self.counters)) as u64,
            log_pages: 0,
        }
    }

    async fn shared_reader(&self) -> Result<Arc<Connection>, Error> {
        let slot = &self.readers[self.next_reader.fetch_add(1, Ordering::Relaxed) % READERS];
        let mut slot = slot.lock().await;
        match &*slot {
            Some(connection) if !connection.client.is_closed() => Ok(Arc::clone(connection)),
            _ => Ok(Arc::clone(slot.insert(Connection::open(&self.config, &reads()).await?))),
        }
    }
}

/// Ends statements that take too long.
fn deadline() -> String {
    format!("set statement_timeout = {DEADLINE_MILLIS};")
}

/// Pages are nested loops over indexes by design; on small tables the planner would rather read them whole, anew
/// for each row of a page.
fn reads() -> String {
    format!("{} set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off", deadline())
}

impl Pool {
    fn new(size: usize, setting: Cow<'static, str>) -> Self {
        Self { turns: Arc::new(Semaphore::new(size)), idle: Arc::default(), setting }
    }

    async fn take(&self, config: &Config) -> Result<Lent, Error> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.expect("the semaphore is never closed");
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) if !connection.client.is_closed() => connection,
            _ => Connection::open(config, &self.setting).await?,
        };
        Ok(Lent { connection, idle: Arc::clone(&self.idle), begun: false, turn: Some(turn) })
    }
}

/// A connection that is out of its pool, and goes back when dropped.
struct Lent {
    connection: Arc<Connection>,
    idle: Arc<Mutex<Vec<Arc<Connection>>>>,
    begun: bool,
    turn: Option<OwnedSemaphorePermit>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        let (connection, idle, turn) =
            (Arc::clone(&self.connection), Arc::clone(&self.idle), self.turn.take());
        let give_back = |connection| idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        if connection.client.is_closed() {
            return;
        }
        if !self.begun {
            give_back(connection);
        } else if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let idle = Arc::clone(&self.idle);
            runtime.spawn(async move {
                if connection.client.batch_execute("rollback").await.is_ok() {
                    idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
                }
                drop(turn);
            });
        }
    }
}

impl Connection {
    async fn open(config: &Config, setting: &str) -> Result<Arc<Self>, Error> {
        let (client, connection) =
            config.connect(NoTls).await.map_err(|error| Error::Unreachable(describe(&error)))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "a database connection was lost");
            }
        });
        // To compile a plan takes longer than any question that is asked here; notices are for people at a prompt.
        client.batch_execute(&format!("set jit = off; set client_min_messages = warning; {setting}")).await?;
        Ok(Arc::new(Self { client, prepared: Mutex::default() }))
    }

    async fn prepare(&self, sql: &str) -> Result<Statement, Error> {
        let known = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if prepared.len() >= STATEMENTS {
            prepared.clear();
        }
        prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// The whole of what went wrong: the driver's own text leaves out the cause.
fn describe(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// One use of a connection.
pub(crate) struct PostgresSession {
    engine: Arc<Postgres>,
    role: Role,
}

enum Role {
    Reads {
        connection: Option<Arc<Connection>>,
    },
    Counts {
        lent: Lent,
    },
    Writes {
        lent: Option<Lent>,
        /// Writes that nobody waits for yet.
        deferred: Vec<Deferred>,
        /// The row of each total that this change writes to.
        slot: i64,
    },
}

struct Deferred {
    sql: Cow<'static, str>,
    params: Vec<Value<'static>>,
}

impl Deferred {
    fn plain(sql: &'static str) -> Self {
        Self { sql: sql.into(), params: Vec::new() }
    }
}

impl PostgresSession {
    fn new(engine: &Arc<Postgres>, role: Role) -> Self {
        Self { engine: Arc::clone(engine), role }
    }

    pub(crate) async fn query(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        let connection = match &mut self.role {
            Role::Writes { .. } => return self.flight(Some((sql, params))).await,
            Role::Counts { lent } => Arc::clone(&lent.connection),
            Role::Reads { connection: Some(connection) } => Arc::clone(connection),
            Role::Reads { connection } => Arc::clone(connection.insert(self.engine.shared_reader().await?)),
        };
        let statement = connection.prepare(sql).await?;
        Ok(connection.client.query(&statement, &as_params(params)).await?)
    }

    /// Asks several questions in one flight. Each is answered from a state of its own, no older than that of
    /// the one before it.
    pub(crate) async fn ask(&mut self, questions: &[Sql<'_>]) -> Result<Vec<Vec<Row>>, Error> {
        let connection = match &mut self.role {
            Role::Writes { .. } => {
                let mut answers = Vec::with_capacity(questions.len());
                for question in questions {
                    answers.push(self.flight(Some((&question.text, &question.params))).await?);
                }
                return Ok(answers);
            }
            Role::Counts { lent } => Arc::clone(&lent.connection),
            Role::Reads { connection: Some(connection) } => Arc::clone(connection),
            Role::Reads { connection } => Arc::clone(connection.insert(self.engine.shared_reader().await?)),
        };
        let mut statements = Vec::with_capacity(questions.len());
        for question in questions {
            statements.push(connection.prepare(&question.text).await?);
        }
        let client = &connection.client;
        let mut answers: Vec<BoxFuture<'_, _>> = Vec::with_capacity(questions.len());
        for (question, statement) in questions.iter().zip(&statements) {
            answers
                .push(Box::pin(async move { client.query(statement, &as_params(&question.params)).await }));
        }
        in_order(answers).await.into_iter().map(|answer| answer.map_err(Error::from)).collect()
    }

    /// What this process remembers of the search index.
    pub(super) fn segments(&self) -> &Segments {
        self.engine.segments()
    }

    pub(crate) fn slot(&self) -> i64 {
        let Role::Writes { slot, .. } = &self.role else { unreachable!("only a change counts") };
        *slot
    }

    /// Adds a write to the next flight.
    pub(crate) fn defer(&mut self, sql: Cow<'static, str>, params: Vec<Value<'static>>) {
        self.deferred().push(Deferred { sql, params });
    }

    /// Keeps others from committing what was decided by this subject, until this change is over.
    pub(crate) fn hold(&mut self, subject: &str) {
        let sql = format!("select pg_advisory_xact_lock({GENERATIONS}, hashtext($1))");
        self.defer(sql.into(), params![subject.to_owned()].to_vec());
    }

    /// Keeps others from changing the subject until this change is over, together with others that do so.
    pub(crate) fn share(&mut self, subject: &str) {
        let sql = format!("select pg_advisory_xact_lock_shared({GENERATIONS}, hashtext($1))");
        self.defer(sql.into(), params![subject.to_owned()].to_vec());
    }

    /// Fails the change where the subject has another generation than `n` as it commits.
    pub(crate) fn require(&mut self, subject: &str, n: i64) {
        self.defer("select stands($1, $2)".into(), params![subject.to_owned(), n].to_vec());
    }

    pub(crate) async fn commit(mut self) -> Result<(), Error> {
        let Role::Writes { lent, deferred, .. } = &self.role else { unreachable!("only a change commits") };
        if lent.is_none() && deferred.is_empty() {
            return Ok(());
        }
        self.deferred().push(Deferred::plain("commit"));
        self.flight(None).await?;
        // Only now is it known that `commit` was sent, and no transaction is open.
        if let Role::Writes { lent: Some(lent), .. } = &mut self.role {
            lent.begun = false;
        }
        self.engine.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn deferred(&mut self) -> &mut Vec<Deferred> {
        let Role::Writes { deferred, .. } = &mut self.role else { unreachable!("only a change writes") };
        deferred
    }

    /// Sends what waits, and `last` behind it, and waits for all of it.
    async fn flight(&mut self, last: Option<(&str, &[Value<'_>])>) -> Result<Vec<Row>, Error> {
        let Role::Writes { lent, deferred, .. } = &mut self.role else {
            unreachable!("only a change writes")
        };
        let lent = match lent {
            Some(lent) => lent,
            None => {
                let waiting = Waiting::new(&self.engine.waiting);
                let fresh = self.engine.writers.take(&self.engine.config).await?;
                drop(waiting);
                lent.insert(fresh)
            }
        };
        let connection = &*lent.connection;
        let writes = std::mem::take(deferred);

        let mut statements = Vec::with_capacity(writes.len());
        for write in &writes {
            statements.push(if write.params.is_empty() {
                None
            } else {
                Some(connection.prepare(&write.sql).await?)
            });
        }
        let question = match last {
            Some((sql, params)) => Some((connection.prepare(sql).await?, params)),
            None => None,
        };

        let mut answers: Vec<BoxFuture<'_, Result<Vec<Row>, tokio_postgres::Error>>> = Vec::new();
        if !lent.begun {
            lent.begun = true;
            answers.push(Box::pin(async {
                connection
                    .client
                    .batch_execute("begin isolation level read committed")
                    .await
                    .map(|()| Vec::new())
            }));
        }
        for (write, statement) in writes.iter().zip(&statements) {
            answers.push(Box::pin(async move {
                match statement {
                    Some(statement) => connection
                        .client
                        .execute(statement, &as_params(&write.params))
                        .await
                        .map(|_| Vec::new()),
                    None => connection.client.batch_execute(&write.sql).await.map(|()| Vec::new()),
                }
            }));
        }
        if let Some((statement, params)) = question {
            answers
                .push(Box::pin(async move { connection.client.query(&statement, &as_params(params)).await }));
        }
        let mut last = Vec::new();
        for answer in in_order(answers).await {
            // The first failure is the cause; those behind it only say that the transaction has failed.
            last = answer?;
        }
        Ok(last)
    }
}

fn as_params<'a>(values: &'a [Value<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// Waits for all of `futures`. Each sends its message when it is first asked, so asking in order keeps
/// the order on the wire.
async fn in_order<T>(futures: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut futures: Vec<Result<Pin<Box<_>>, T>> = futures.into_iter().map(Ok).collect();
    std::future::poll_fn(|context| {
        let mut all_done = true;
        for slot in &mut futures {
            if let Ok(future) = slot {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *slot = Err(value),
                    Poll::Pending => all_done = false,
                }
            }
        }
        if all_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    futures.into_iter().filter_map(Result::err).collect()
}
