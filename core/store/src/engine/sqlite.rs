//! SQLite: many readers, one writer, and a committer that lets many changes share one commit.
//!
//! A change takes the writer (the first of a train begins the transaction), runs its statements inside a
//! savepoint and hands the writer on; then it waits. The committer queues for the writer like everybody
//! else, so it comes after the changes that waited when the first of them was done, commits for all of
//! them at once, and all are answered. Source: `reference/storage.md` §3.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use model::Number;
use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, OpenFlags, Statement};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, oneshot};

use super::ranks::{Known, Moved, Rankings, Read};
use super::search_sqlite::Rarity;
use super::{Figures, Waiting, migrations};
use crate::error::Error;
use crate::row::Row;
use crate::search::Entry;
use crate::value::Value;

/// Readers kept open when they are idle.
const IDLE_READERS: usize = 16;
/// How many unbounded questions run at once, and for how long each.
const COUNTERS: usize = 2;
const DEADLINE: Duration = Duration::from_secs(2);
/// The write-ahead log is emptied from this many pages (of 4 KiB) on.
const LONG_LOG: u64 = 8_192;
const CHECKPOINT_EVERY: Duration = Duration::from_millis(100);
/// Trains follow one another without a gap; the command line needs one now and then to make its own changes.
const GAP_EVERY: Duration = Duration::from_millis(250);
const GAP: Duration = Duration::from_millis(2);
/// Parameters of a statement that are bound by their names; more are numbered, since SQLite looks for a name among all.
const NAMED: usize = 100;
/// How long a statement waits for another process.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Sqlite {
    path: PathBuf,
    readers: Mutex<Vec<Connection>>,
    writer: Arc<Turn<Writer>>,
    commits: Mutex<Option<mpsc::Sender<()>>>,
    counters: Arc<Semaphore>,
    rarities: Mutex<HashMap<Number, Arc<Rarity>>>,
    rankings: Rankings,
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What the committer, the checkpointer and the figures share.
#[derive(Default)]
struct Shared {
    commits: AtomicU64,
    changes: AtomicU64,
    waiting: AtomicU64,
    connections: AtomicU64,
    log_pages: AtomicU64,
    /// The log is long: the committer empties it after its next commit.
    log_is_long: AtomicBool,
    closing: AtomicBool,
}

struct Writer {
    connection: Connection,
    /// Whether a train's transaction has begun.
    open: bool,
    /// The changes of the train that are done and wait for the commit.
    done: Vec<Done>,
    /// What SQLite says of changes by other processes: another number after each.
    others: i64,
    rankings: Rankings,
}

struct Done {
    entries: Vec<Entry>,
    moved: Vec<Moved>,
    answer: oneshot::Sender<Result<(), Error>>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        make_private(path)?;
        let connection = connect(path, false)?;
        connection.execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 0;
             pragma journal_size_limit = 67108864; pragma cache_size = -16384;",
        )?;
        migrations::sqlite(&connection)?;
        let shared = Arc::new(Shared::default());
        let rankings = Rankings::default();
        let (others, rankings_of_writer) = (data_version(&connection)?, rankings.clone());
        let writer =
            Writer { connection, open: false, done: Vec::new(), others, rankings: rankings_of_writer };
        let writer = Arc::new(Turn::new(writer));
        let (commits, signal) = mpsc::channel();
        let committer = std::thread::Builder::new().name("committer".into()).spawn({
            let (writer, shared) = (Arc::clone(&writer), Arc::clone(&shared));
            move || commit_trains(&writer, &shared, &signal)
        });
        let checkpointer = std::thread::Builder::new().name("checkpointer".into()).spawn({
            let (checkpoints, shared) = (connect(path, false)?, Arc::clone(&shared));
            move || keep_log_short(&checkpoints, &shared)
        });
        let threads = [committer, checkpointer].into_iter().collect::<Result<_, _>>();
        Ok(Self {
            path: path.to_owned(),
            readers: Mutex::default(),
            writer,
            commits: Mutex::new(Some(commits)),
            counters: Arc::new(Semaphore::new(COUNTERS)),
            rarities: Mutex::default(),
            rankings,
            shared,
            threads: Mutex::new(threads.map_err(|error| Error::Unreachable(format!("no thread: {error}")))?),
        })
    }

    pub(crate) fn reader(self: &Arc<Self>) -> SqliteSession {
        SqliteSession { engine: Arc::clone(self), role: Role::Reads { connection: None, bounded: false } }
    }

    pub(crate) fn snapshot(self: &Arc<Self>) -> Result<SqliteSession, Error> {
        // A connection of its own, which ends its transaction when it is closed.
        let connection = connect(&self.path, true)?;
        connection.execute_batch("begin")?;
        Ok(SqliteSession { engine: Arc::clone(self), role: Role::Looks { connection } })
    }

    pub(crate) async fn counter(self: &Arc<Self>) -> Result<SqliteSession, Error> {
        let turn = tokio::time::timeout(DEADLINE, Arc::clone(&self.counters).acquire_owned()).await;
        let turn = turn.map_err(|_| Error::Deadline)?.expect("the semaphore is never closed");
        Ok(SqliteSession { engine: Arc::clone(self), role: Role::Counts { _turn: turn } })
    }

    pub(crate) fn change(self: &Arc<Self>) -> SqliteSession {
        SqliteSession { engine: Arc::clone(self), role: Role::Writes { writer: None } }
    }

    pub(crate) fn figures(&self) -> Figures {
        let read = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        Figures {
            commits: read(&self.shared.commits),
            changes: read(&self.shared.changes),
            waiting: read(&self.shared.waiting),
            connections: read(&self.shared.connections) + 2,
            log_pages: read(&self.shared.log_pages),
        }
    }

    /// Ends both threads; what waits is committed first.
    pub(crate) async fn close(&self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        drop(self.commits.lock().unwrap_or_else(PoisonError::into_inner).take());
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joined =
            tokio::task::spawn_blocking(move || threads.into_iter().try_for_each(JoinHandle::join)).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the committer or the checkpointer ended by a panic");
        }
    }

    fn signal_commit(&self) {
        if let Some(commits) = &*self.commits.lock().unwrap_or_else(PoisonError::into_inner) {
            // The committer only ends when this sender is gone.
            let _ = commits.send(());
        }
    }

    fn take_reader(&self) -> Result<Connection, Error> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(connection) => Ok(connection),
            None => {
                let connection = connect(&self.path, true)?;
                self.shared.connections.fetch_add(1, Ordering::Relaxed);
                Ok(connection)
            }
        }
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_READERS {
            idle.push(connection);
        } else {
            self.shared.connections.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Makes the file, for its owner alone, where it is not there; SQLite gives its log the same mode.
fn make_private(path: &Path) -> Result<(), Error> {
    let mut options = std::fs::File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = options.open(path).map(drop);
    made.map_err(|error| Error::Unreachable(format!("{}: {error}", path.display())))
}

fn connect(path: &Path, reads_only: bool) -> Result<Connection, Error> {
    let access = if reads_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    };
    let mut connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_handler(Some(wait_for_other_process))?;
    connection.set_prepared_statement_cache_capacity(256);
    // Plans do not look at bound values: else SQLite makes a new one for every new value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch("pragma foreign_keys = on; pragma temp_store = memory;")?;
    if reads_only {
        // Reads come from the mapped file, so that each connection's own cache can stay small.
        connection.execute_batch("pragma mmap_size = 17179869184; pragma cache_size = -2048;")?;
    }
    Ok(connection)
}

/// A number that is another one after each change by another process or connection.
fn data_version(connection: &Connection) -> Result<i64, Error> {
    Ok(connection.prepare_cached("pragma data_version")?.query_row([], |row| row.get(0))?)
}

/// Asks again each millisecond: SQLite's own handler sleeps up to 100, longer than any gap between trains.
fn wait_for_other_process(times: i32) -> bool {
    std::thread::sleep(Duration::from_millis(1));
    u128::try_from(times).unwrap_or_default() < PATIENCE.as_millis()
}

fn commit_trains(writer: &Turn<Writer>, shared: &Shared, signal: &mpsc::Receiver<()>) {
    let mut last_gap = Instant::now();
    while signal.recv().is_ok() {
        // Every signal until now is served by the commit that follows.
        while signal.try_recv().is_ok() {}
        let mut writer = writer.blocking_lock();
        let done = std::mem::take(&mut writer.done);
        let committed = writer.commit(&done);
        if committed.is_ok() && !done.is_empty() {
            shared.commits.fetch_add(1, Ordering::Relaxed);
            shared.changes.fetch_add(done.len() as u64, Ordering::Relaxed);
            // While the writer is held: who begins to read meanwhile finds either both or neither.
            writer.rankings.follow(done.iter().flat_map(|change| &change.moved));
        }
        for change in done {
            // Nobody waits for the answer of a call whose connection is gone.
            let _ = change.answer.send(committed.clone());
        }
        if shared.log_is_long.swap(false, Ordering::Relaxed) {
            empty_log(&mut writer.connection, shared);
        }
        if last_gap.elapsed() > GAP_EVERY {
            std::thread::sleep(GAP);
            last_gap = Instant::now();
        }
    }
}

/// The checkpointer: moves the log's pages into the file while others write, and asks the committer to
/// begin the log anew where it has grown long, since only a writer can.
fn keep_log_short(connection: &Connection, shared: &Shared) {
    let mut seen = 0;
    while !shared.closing.load(Ordering::Relaxed) {
        std::thread::sleep(CHECKPOINT_EVERY);
        let commits = shared.commits.load(Ordering::Relaxed);
        if commits == seen {
            continue;
        }
        seen = commits;
        let pages = checkpoint(connection, "passive", shared);
        if pages > LONG_LOG {
            // The second round leaves little for the committer, who holds everybody up meanwhile.
            checkpoint(connection, "passive", shared);
            shared.log_is_long.store(true, Ordering::Relaxed);
        }
    }
}

/// Begins the log anew, unless somebody reads an old state for long (a backup, `roster verify`): then it grows on.
fn empty_log(connection: &mut Connection, shared: &Shared) {
    checkpoint(connection, "passive", shared);
    let patient = connection.busy_handler(Some(wait_for_short_readers));
    checkpoint(connection, "restart", shared);
    let restored = connection.busy_handler(Some(wait_for_other_process));
    if let Err(error) = patient.and(restored) {
        tracing::warn!(%error, "how long to wait for others could not be set");
    }
}

fn wait_for_short_readers(times: i32) -> bool {
    std::thread::sleep(Duration::from_millis(1));
    times < 20
}

fn checkpoint(connection: &Connection, kind: &str, shared: &Shared) -> u64 {
    let pages =
        connection.query_row(&format!("pragma wal_checkpoint({kind})"), [], |row| row.get::<_, i64>(1));
    match pages {
        Ok(pages) => {
            let pages = u64::try_from(pages).unwrap_or_default();
            shared.log_pages.store(pages, Ordering::Relaxed);
            pages
        }
        Err(error) => {
            tracing::warn!(%error, kind, "a checkpoint failed; the log grows until one succeeds");
            0
        }
    }
}

impl Writer {
    /// Commits the train: the search entries of all its changes in one go, then the transaction.
    fn commit(&mut self, done: &[Done]) -> Result<(), Error> {
        if !self.open {
            return Ok(());
        }
        self.open = false;
        let entries = done.iter().flat_map(|change| &change.entries);
        let committed = write_entries(&self.connection, entries)
            .and_then(|()| self.connection.execute_batch("commit").map_err(Error::from));
        if committed.is_err() && !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("rollback");
        }
        committed
    }

    fn begin(&mut self) -> Result<(), Error> {
        self.drop_lost_train();
        if !self.open && !self.connection.is_autocommit() {
            // A rollback that failed left its transaction behind.
            self.connection.execute_batch("rollback")?;
        }
        if !self.open {
            self.connection.execute_batch("begin immediate")?;
            self.open = true;
            let others = data_version(&self.connection)?;
            if std::mem::replace(&mut self.others, others) != others {
                self.rankings.forget();
            }
        }
        self.connection.execute_batch("savepoint change")?;
        Ok(())
    }

    /// SQLite may roll the whole transaction back on its own (a full disk): then every change of the train fails.
    fn drop_lost_train(&mut self) {
        if self.open && self.connection.is_autocommit() {
            self.open = false;
            for change in self.done.drain(..) {
                let lost = Error::Unreachable("the transaction was rolled back by the engine".into());
                let _ = change.answer.send(Err(lost));
            }
        }
    }

    fn roll_back_change(&mut self) {
        self.drop_lost_train();
        if self.open
            && let Err(error) = self.connection.execute_batch("rollback to change; release change")
        {
            // Without its savepoint the change cannot be told from its neighbours: none of them may stay.
            tracing::error!(%error, "a change could not be rolled back; its train is given up");
            let _ = self.connection.execute_batch("rollback");
            self.drop_lost_train();
        }
    }
}

/// Writes a train's entries in the order of their rows: the index collects rows that come in order, and writes
/// itself down whenever one comes before another.
fn write_entries<'a>(connection: &Connection, entries: impl Iterator<Item = &'a Entry>) -> Result<(), Error> {
    let mut entries: Vec<&Entry> = entries.collect();
    entries.sort_by_key(|entry| entry.row());
    for entry in entries {
        let row = entry.row();
        if entry.replaces {
            connection.prepare_cached("delete from search where rowid = ?1")?.execute([row])?;
        }
        if let Some(tokens) = entry.tokens() {
            connection
                .prepare_cached("insert into search (rowid, grams) values (?1, ?2)")?
                .execute(rusqlite::params![row, tokens])?;
        }
    }
    Ok(())
}

/// One use of a connection.
pub(crate) struct SqliteSession {
    engine: Arc<Sqlite>,
    role: Role,
}

enum Role {
    Reads { connection: Option<Connection>, bounded: bool },
    Looks { connection: Connection },
    Counts { _turn: OwnedSemaphorePermit },
    Writes { writer: Option<OwnedMutexGuard<Writer>> },
}

impl SqliteSession {
    /// The queries that follow may take long: they end after two seconds, and hold up no other request.
    pub(crate) fn bound(&mut self) {
        if let Role::Reads { connection, bounded } = &mut self.role {
            if connection.is_none() {
                *connection = self.engine.take_reader().ok();
            }
            *bounded = true;
        }
    }

    /// Gives the connection back, until the next query.
    pub(crate) fn let_go(&mut self) {
        if let Role::Reads { connection, .. } = &mut self.role
            && let Some(connection) = connection.take()
        {
            self.engine.give_back(connection);
        }
    }

    /// What is known of how many users stand where; where nobody has read that yet, it is begun.
    pub(crate) fn ranked<T>(&self, directory: Number, look: impl FnOnce(&Rankings) -> Known<T>) -> Option<T> {
        match look(&self.engine.rankings) {
            Known::This(known) => Some(known),
            Known::Nothing => None,
            Known::ToBeRead => {
                tokio::spawn(read_ranks(Arc::clone(&self.engine), directory));
                None
            }
        }
    }

    /// What is known of rare grams, by directory.
    pub(crate) fn rarities(&self) -> MutexGuard<'_, HashMap<Number, Arc<Rarity>>> {
        self.engine.rarities.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn query<T: Send>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, Error> + Send,
    ) -> Result<Vec<T>, Error> {
        if matches!(self.role, Role::Writes { .. }) {
            let writer = self.writer().await?;
            return query(&writer.connection, sql, params, read);
        }
        match &mut self.role {
            Role::Reads { connection: Some(connection), bounded: false } => {
                query(connection, sql, params, read)
            }
            Role::Reads { connection: Some(connection), bounded: true } => {
                tokio::task::block_in_place(|| query_in_time(connection, sql, params, read))
            }
            Role::Reads { connection, .. } => {
                let fresh = self.engine.take_reader()?;
                query(connection.insert(fresh), sql, params, read)
            }
            Role::Looks { connection } => {
                tokio::task::block_in_place(|| query(connection, sql, params, read))
            }
            Role::Counts { .. } => {
                let mut connection = self.engine.take_reader()?;
                // The thread may be taken from the runtime: the question holds it for a long time.
                let rows = tokio::task::block_in_place(|| query_in_time(&mut connection, sql, params, read));
                self.engine.give_back(connection);
                rows
            }
            Role::Writes { .. } => unreachable!("answered above"),
        }
    }

    pub(crate) async fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, Error> {
        let writer = self.writer().await?;
        let mut statement = prepare(&writer.connection, sql, params)?;
        Ok(statement.raw_execute()? as u64)
    }

    /// The writer, which this change holds from its first statement on.
    async fn writer(&mut self) -> Result<&mut Writer, Error> {
        let Role::Writes { writer } = &mut self.role else {
            unreachable!("only a change asks for the writer")
        };
        if writer.is_none() {
            let waiting = Waiting::new(&self.engine.shared.waiting);
            let mut guard = Arc::clone(&self.engine.writer).lock_owned().await;
            drop(waiting);
            guard.begin()?;
            *writer = Some(guard);
        }
        Ok(writer.as_mut().expect("set above"))
    }

    /// Hands the change over to the committer and waits until it is on disk.
    pub(crate) async fn commit(mut self, entries: Vec<Entry>, moved: Vec<Moved>) -> Result<(), Error> {
        let Role::Writes { writer } = &mut self.role else { unreachable!("only a change commits") };
        let Some(mut guard) = writer.take() else { return Ok(()) };
        if let Err(error) = guard.connection.execute_batch("release change") {
            *writer = Some(guard);
            return Err(error.into());
        }
        let (answer, committed) = oneshot::channel();
        guard.done.push(Done { entries, moved, answer });
        drop(guard);
        self.engine.signal_commit();
        committed.await.unwrap_or_else(|_| Err(Error::Unreachable("the committer has ended".into())))
    }
}

impl Drop for SqliteSession {
    fn drop(&mut self) {
        match &mut self.role {
            Role::Reads { connection, .. } => {
                if let Some(connection) = connection.take() {
                    self.engine.give_back(connection);
                }
            }
            Role::Looks { .. } | Role::Counts { .. } => {}
            Role::Writes { writer } => {
                if let Some(mut guard) = writer.take() {
                    guard.roll_back_change();
                    drop(guard);
                    // The train may have no other change: its transaction is closed all the same.
                    self.engine.signal_commit();
                }
            }
        }
    }
}

/// Reads how many users of a directory stand where, beside everybody else.
async fn read_ranks(engine: Arc<Sqlite>, directory: Number) {
    // Who holds the writer sees a state that is neither committed to nor noted meanwhile.
    let writer = engine.writer.lock().await;
    let reading = engine.rankings.begin(directory);
    let begun = connect(&engine.path, true).and_then(|connection| {
        connection.execute_batch("begin; select 1 from users limit 1")?;
        Ok(connection)
    });
    drop(writer);
    let rankings = engine.rankings.clone();
    let read = match tokio::task::spawn_blocking(move || Read::of(&begun?, directory)).await {
        Ok(Ok(read)) => Some(read),
        Ok(Err(error)) => {
            tracing::warn!(%error, "how many users stand where could not be read; they are counted");
            None
        }
        Err(error) => {
            tracing::error!(%error, "reading how many users stand where ended by a panic");
            None
        }
    };
    rankings.end(directory, reading, read);
}

fn query<T>(
    connection: &Connection,
    sql: &str,
    params: &[Value<'_>],
    mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    #[cfg(test)]
    crate::users::plans::note(connection, sql)?;
    let mut statement = prepare(connection, sql, params)?;
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(&Row::Sqlite(row))?);
    }
    Ok(found)
}

/// A query that ends after two seconds.
fn query_in_time<T>(
    connection: &mut Connection,
    sql: &str,
    params: &[Value<'_>],
    read: impl FnMut(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let started = Instant::now();
    connection.progress_handler(10_000, Some(move || started.elapsed() > DEADLINE))?;
    let rows = query(connection, sql, params, read);
    connection.progress_handler(0, None::<fn() -> bool>)?;
    rows
}

/// A statement with its parameters. SQLite itself takes `$2` for a name, and numbers names as it meets them.
fn prepare<'c>(
    connection: &'c Connection,
    sql: &str,
    params: &[Value<'_>],
) -> Result<CachedStatement<'c>, Error> {
    if params.len() <= NAMED {
        let mut statement = connection.prepare_cached(sql)?;
        let number = |name: &str| name.strip_prefix('$')?.parse().ok();
        bind(&mut statement, params, |statement, index| statement.parameter_name(index).and_then(number))?;
        return Ok(statement);
    }
    // Nothing but parameters is written with this sign.
    let mut statement = connection.prepare_cached(&sql.replace('$', "?"))?;
    bind(&mut statement, params, |_, index| Some(index))?;
    Ok(statement)
}

/// Binds each parameter to the value whose number it is called by.
fn bind(
    statement: &mut Statement<'_>,
    params: &[Value<'_>],
    number: impl Fn(&Statement<'_>, usize) -> Option<usize>,
) -> Result<(), Error> {
    for index in 1..=statement.parameter_count() {
        let number = number(statement, index);
        let value = number.and_then(|number| params.get(number.checked_sub(1)?));
        let value =
            value.ok_or_else(|| Error::corrupt(format!("parameter {index} of a statement has no value")))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}
