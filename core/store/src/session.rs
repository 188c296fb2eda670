//! A connection in use: a [`Reader`] that cannot write, and a [`Tx`] that can.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, MutexGuard};

use model::total::Total;
use model::{DirectoryKey, Number};

use crate::engine::postgres::PostgresSession;
use crate::engine::ranks::{Between, Moved, Names, Texts};
use crate::engine::search_sqlite::Rarity;
use crate::engine::sqlite::SqliteSession;
use crate::engine::{search_postgres, search_sqlite};
use crate::error::{Error, SWALLOWED};
use crate::generations;
use crate::row::Row;
use crate::search::{Entry, Pattern, Search};
use crate::totals;
use crate::value::{Value, params};

/// A connection that reads. Statements of one reader see each a state of their own.
pub struct Reader {
    pub(crate) session: Session,
}

pub(crate) enum Session {
    Sqlite(SqliteSession),
    Postgres(PostgresSession),
}

/// The transaction of one change. It opens at its first statement; dropped without [`Tx::commit`] it rolls back.
pub struct Tx {
    reader: Reader,
    totals: BTreeMap<(DirectoryKey, Total), i64>,
    /// What SQLite writes with the commit.
    entries: Vec<Entry>,
    /// What SQLite notes after it.
    moved: Vec<Moved>,
    /// The directories in which users change.
    searched: BTreeSet<Number>,
    /// The subjects whose generations it raises.
    raised: BTreeSet<String>,
    /// The generations that subjects must still have.
    demanded: BTreeMap<String, i64>,
    wrote: bool,
}

impl Reader {
    pub(crate) fn new(session: Session) -> Self {
        Self { session }
    }

    /// Lets the queries that follow take long: each ends after two seconds, and they hold up nobody else. PostgreSQL's
    /// readers are always like that.
    pub(crate) fn bound(&mut self) {
        if let Session::Sqlite(session) = &mut self.session {
            session.bound();
        }
    }

    /// Gives back what the reader holds, until its next query.
    pub fn let_go(&mut self) {
        if let Session::Sqlite(session) = &mut self.session {
            session.let_go();
        }
    }

    /// Runs a query and reads each of its rows.
    pub(crate) async fn query<T: Send>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error> + Send,
    ) -> Result<Vec<T>, Error> {
        match &mut self.session {
            Session::Sqlite(session) => session.query(sql, params, read).await,
            Session::Postgres(session) => {
                session.query(sql, params).await?.iter().map(|row| read(&Row::Postgres(row))).collect()
            }
        }
    }

    /// Up to `limit` users whom the search index finds, after `after` in the search's order of numbers: what
    /// `select` tells of the row `u`.
    pub(crate) async fn search<T: Send>(
        &mut self,
        select: &str,
        search: &Search<'_, '_>,
        after: Option<Number>,
        limit: usize,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error> + Send,
    ) -> Result<Vec<T>, Error> {
        match &mut self.session {
            Session::Sqlite(_) => {
                let sql = search_sqlite::page(self, select, search, after, limit).await?;
                self.query(&sql.text, &sql.params, read).await
            }
            Session::Postgres(session) => {
                let rows = search_postgres::page(session, select, search, after, limit).await?;
                rows.iter().map(|row| read(&Row::Postgres(row))).collect()
            }
        }
    }

    /// About how many users the search index leads to, where that is known without asking it.
    pub(crate) async fn search_size(
        &mut self,
        directory: DirectoryKey,
        pattern: &Pattern,
    ) -> Result<Option<i64>, Error> {
        match &self.session {
            Session::Sqlite(_) => search_sqlite::size(self, directory, pattern).await.map(Some),
            Session::Postgres(_) => Ok(None),
        }
    }

    /// How many users the search index leads to, of whom so many are counted at most, where it counts quickly.
    pub(crate) async fn search_counted(
        &mut self,
        directory: DirectoryKey,
        pattern: &Pattern,
        most: i64,
    ) -> Result<Option<i64>, Error> {
        match &self.session {
            Session::Sqlite(_) => search_sqlite::counted(self, directory, pattern, most).await.map(Some),
            Session::Postgres(_) => Ok(None),
        }
    }

    /// How many users the search index finds.
    pub(crate) async fn count_search(&mut self, search: &Search<'_, '_>) -> Result<i64, Error> {
        match &mut self.session {
            Session::Sqlite(_) => {
                let sql = search_sqlite::count(self, search).await?;
                self.count_rows(&sql.text, &sql.params).await
            }
            Session::Postgres(session) => search_postgres::count(session, search).await,
        }
    }

    /// What is known of rare grams, by directory; only SQLite keeps it here.
    pub(crate) fn rarities(&self) -> Option<MutexGuard<'_, HashMap<Number, Arc<Rarity>>>> {
        match &self.session {
            Session::Sqlite(session) => Some(session.rarities()),
            Session::Postgres(_) => None,
        }
    }

    /// The number at which `skip` of `people` have gone by, but for so many, and `None` behind the last one; where that
    /// is known without a look at each.
    pub(crate) fn rank_at(
        &self,
        directory: DirectoryKey,
        people: i64,
        skip: i64,
    ) -> Option<Option<(Number, i64)>> {
        match &self.session {
            Session::Sqlite(session) => {
                session.ranked(directory.number, |ranks| ranks.at(directory.number, people, skip))
            }
            Session::Postgres(_) => None,
        }
    }

    /// How many people stand between two texts, likewise.
    pub(crate) fn between(
        &self,
        directory: DirectoryKey,
        people: i64,
        texts: Texts,
        bounds: (&str, Option<&str>),
    ) -> Option<Between> {
        match &self.session {
            Session::Sqlite(session) => session
                .ranked(directory.number, |ranks| ranks.between(directory.number, people, texts, bounds)),
            Session::Postgres(_) => None,
        }
    }

    /// What differs between the search index and the rows of a directory.
    pub(crate) async fn search_differences(&mut self, directory: DirectoryKey) -> Result<Vec<String>, Error> {
        match &mut self.session {
            Session::Sqlite(_) => search_sqlite::differences(self, directory).await,
            Session::Postgres(session) => search_postgres::differences(session, directory).await,
        }
    }

    /// What somebody has put into the database that acts by itself when rows are written, each in a line for a person:
    /// the schema has nothing of the kind.
    ///
    /// # Errors
    /// Of the store.
    pub async fn triggers(&mut self) -> Result<Vec<String>, Error> {
        let sql = match &self.session {
            Session::Sqlite(_) => {
                "select 'the trigger ' || name || ' on ' || tbl_name from sqlite_master where type = 'trigger' order by 1"
            }
            Session::Postgres(_) => {
                "select 'the trigger ' || t.tgname::text || ' on ' || c.relname::text
                 from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
                 where not t.tgisinternal and n.nspname = current_schema()
                 union all
                 select 'the rule ' || r.rulename::text || ' on ' || r.tablename::text
                 from pg_rules r where r.schemaname = current_schema()
                 order by 1"
            }
        };
        let found: Vec<String> = self.query(sql, &[], |row| row.text(0)).await?;
        Ok(found.into_iter().map(|what| format!("{what} was put into the database by somebody")).collect())
    }

    /// Whether a query has a row.
    pub(crate) async fn exists(&mut self, sql: &str, params: &[Value<'_>]) -> Result<bool, Error> {
        Ok(self.query_one(sql, params, |_| Ok(())).await?.is_some())
    }

    /// The integer that a query counts or sums up; 0 without a row.
    pub(crate) async fn count_rows(&mut self, sql: &str, params: &[Value<'_>]) -> Result<i64, Error> {
        Ok(self.query_one(sql, params, |row| row.int(0)).await?.unwrap_or_default())
    }

    /// Runs a query that has at most one row.
    pub(crate) async fn query_one<T: Send>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, Error> + Send,
    ) -> Result<Option<T>, Error> {
        Ok(self.query(sql, params, read).await?.pop())
    }
}

impl Tx {
    pub(crate) fn new(session: Session) -> Self {
        Self {
            reader: Reader::new(session),
            totals: BTreeMap::new(),
            entries: Vec::new(),
            moved: Vec::new(),
            searched: BTreeSet::new(),
            raised: BTreeSet::new(),
            demanded: BTreeMap::new(),
            wrote: false,
        }
    }

    /// Writes, at once on SQLite; on PostgreSQL before the next query or with the commit, so that
    /// statements that do not wait for one another go in one flight.
    pub(crate) async fn write(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        params: &[Value<'_>],
    ) -> Result<(), Error> {
        self.wrote = true;
        self.write_unseen(sql, params).await
    }

    /// Writes what is no change of the directory: a replay key, an event.
    pub(crate) async fn write_unseen(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        params: &[Value<'_>],
    ) -> Result<(), Error> {
        match &mut self.reader.session {
            Session::Sqlite(session) => session.execute(&sql.into(), params).await.map(|_| ()),
            Session::Postgres(session) => {
                session.defer(sql.into(), params.iter().cloned().map(Value::into_owned).collect());
                Ok(())
            }
        }
    }

    /// Adds so many rows of what is no change of the directory, all of them: nothing is committed where a trigger or a
    /// rule that somebody has put into the database swallows one.
    pub(crate) async fn write_all(
        &mut self,
        insert: &str,
        params: &[Value<'_>],
        rows: usize,
    ) -> Result<(), Error> {
        if let Session::Sqlite(session) = &mut self.reader.session {
            let written = session.execute(insert, params).await?;
            return if written == rows as u64 { Ok(()) } else { Err(Error::Swallowed) };
        }
        // The commit may be sent before the answer comes, so the database is to fail by itself: by a text that is no number.
        let sql = format!(
            "with written as ({insert} returning 1)
             select cast(case when count(*) = {rows} then '1' else '{SWALLOWED}' end as bigint) from written"
        );
        self.write_unseen(sql, params).await
    }

    /// Writes at once on either engine and reads each row that the statement returns: those that it changed.
    pub(crate) async fn write_returning<T: Send>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, Error> + Send,
    ) -> Result<Vec<T>, Error> {
        let rows = self.reader.query(sql, params, read).await?;
        self.wrote |= !rows.is_empty();
        Ok(rows)
    }

    /// Counts `by` onto a kept total when the change commits.
    pub fn count(&mut self, directory: DirectoryKey, total: Total, by: i64) {
        *self.totals.entry((directory, total)).or_default() += by;
    }

    /// Drops what was counted onto a kept total so far: the thing that it is of is gone.
    pub(crate) fn drop_count(&mut self, directory: DirectoryKey, total: Total) {
        self.totals.remove(&(directory, total));
    }

    /// Raises the generation of a subject with the commit.
    pub(crate) fn raise(&mut self, subject: String) {
        self.wrote = true;
        self.raised.insert(subject);
    }

    /// Commits only where the subject still has this generation.
    pub(crate) fn demand(&mut self, subject: String, n: i64) {
        self.demanded.insert(subject, n);
    }

    /// Takes what was written so far for no change of a directory: what was recorded as removed is cleared away.
    pub(crate) fn overlook(&mut self) {
        self.wrote = false;
    }

    /// Clears up to `limit` rows of what the search index holds of a directory without users; true where some may
    /// remain.
    pub(crate) async fn clear_search(&mut self, directory: DirectoryKey, limit: i64) -> Result<bool, Error> {
        match &mut self.reader.session {
            // Each user's entry went with the user.
            Session::Sqlite(_) => Ok(false),
            Session::Postgres(session) => search_postgres::clear(session, directory, limit).await,
        }
    }

    /// Lets the search index know of a user whose searched texts are new. It comes before the row is written.
    pub(crate) fn index(&mut self, directory: DirectoryKey, user: Number, entry: impl FnOnce() -> Entry) {
        match &mut self.reader.session {
            Session::Sqlite(_) => self.entries.push(entry()),
            Session::Postgres(session) => {
                if self.searched.insert(directory.number) {
                    search_postgres::enter(session, directory);
                }
                search_postgres::queue(session, directory, user);
            }
        }
    }

    /// Lets the search index know that a user is gone.
    pub(crate) fn unindex(&mut self, directory: DirectoryKey, user: Number) {
        if let Session::Sqlite(_) = &self.reader.session {
            self.entries.push(Entry::removed(directory, user));
        }
    }

    /// Notes that a user came, went or is called otherwise.
    pub(crate) fn rank(
        &mut self,
        directory: DirectoryKey,
        user: Number,
        before: Option<Names>,
        after: Option<Names>,
    ) {
        if let Session::Sqlite(_) = &self.reader.session {
            self.moved.push(Moved { directory: directory.number, number: user, before, after });
        }
    }

    /// The row of a kept total that this change writes to.
    pub(crate) fn slot(&self) -> i64 {
        match &self.reader.session {
            Session::Sqlite(_) => 0,
            Session::Postgres(session) => session.slot(),
        }
    }

    /// What ends a query whose rows nobody else may change until this change is over.
    pub(crate) fn for_update(&self) -> &'static str {
        match &self.reader.session {
            // The one writer is this change.
            Session::Sqlite(_) => "",
            Session::Postgres(_) => " for update",
        }
    }

    /// What ends a query whose row is still there when this change is over.
    pub(crate) fn for_keeping(&self) -> &'static str {
        match &self.reader.session {
            Session::Sqlite(_) => "",
            Session::Postgres(_) => " for key share",
        }
    }

    /// Whether anything of a directory or an account was written.
    pub fn wrote(&self) -> bool {
        self.wrote
    }

    /// Commits. When this returns, the change is on disk.
    ///
    /// # Errors
    /// Nothing of the change is kept then.
    pub async fn commit(mut self) -> Result<(), Error> {
        self.keep_totals().await?;
        self.keep_generations().await?;
        match self.reader.session {
            Session::Sqlite(session) => session.commit(self.entries, self.moved).await,
            Session::Postgres(session) => session.commit().await,
        }
    }
}

impl Tx {
    async fn keep_totals(&mut self) -> Result<(), Error> {
        for ((directory, total), by) in std::mem::take(&mut self.totals) {
            totals::add(self, directory, total, by).await?;
        }
        Ok(())
    }

    /// Keeps others from raising the generation of a subject until this change is over. All that may have to wait for
    /// others comes before.
    pub(crate) async fn settle(&mut self, subject: &str) -> Result<(), Error> {
        self.keep_totals().await?;
        if let Session::Postgres(session) = &mut self.reader.session {
            session.share(subject);
        }
        Ok(())
    }

    /// The last statements of a change. On PostgreSQL they hold a lock on each subject, so nothing that others may hold
    /// is waited for behind them: who has such a lock only commits.
    async fn keep_generations(&mut self) -> Result<(), Error> {
        let (raised, demanded) = (std::mem::take(&mut self.raised), std::mem::take(&mut self.demanded));
        if let Session::Postgres(session) = &mut self.reader.session {
            for subject in &raised {
                session.hold(subject);
            }
        }
        for (subject, n) in demanded {
            self.require(&subject, n).await?;
        }
        for subject in raised {
            self.write(
                "insert into generations (subject, n) values ($1, 1)
                 on conflict (subject) do update set n = generations.n + 1",
                &params![subject],
            )
            .await?;
        }
        Ok(())
    }

    /// Checks the generation of a subject: on SQLite at once, by the one writer; on PostgreSQL with the commit.
    async fn require(&mut self, subject: &str, n: i64) -> Result<(), Error> {
        match &mut self.reader.session {
            Session::Sqlite(_) => {
                let now = generations::of(&mut self.reader, subject).await?;
                if now == n { Ok(()) } else { Err(Error::Outdated) }
            }
            Session::Postgres(session) => {
                session.require(subject, n);
                Ok(())
            }
        }
    }
}

impl Deref for Tx {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}
