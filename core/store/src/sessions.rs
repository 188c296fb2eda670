//! Browsers that are signed in, or about to be: their keys, hashed.

use model::account::Directory;
use model::user::User;
use model::{DirectoryKey, Millis, Number};

use crate::directories;
use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::users;
use crate::value::params;

/// How far a sign-in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The password is proved, and must be changed first.
    Change,
    /// The password is proved, and a code is due.
    Device,
    /// All is proved.
    Full,
}

/// A browser that is signed in, or about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What lists show, and it is ended by: 32 hexadecimal digits. It opens nothing.
    pub id: String,
    /// When it began, or was last proved by a password.
    pub created: Millis,
    /// When it was last used, to the minute.
    pub used: Millis,
    /// When it ends in any case.
    pub expires: Millis,
    /// The address that it came from.
    pub source: String,
    /// What the browser calls itself.
    pub agent: String,
    /// How far the sign-in has come.
    pub step: Step,
}

/// The columns of a session, of the table `s`.
const COLUMNS: &str = "s.id, s.created, s.used, s.expires, s.source, s.agent, s.step";
/// How many columns those are.
const WIDTH: usize = 7;

const fn code(step: Step) -> i64 {
    match step {
        Step::Change => 1,
        Step::Device => 2,
        Step::Full => 3,
    }
}

fn step(code: i64) -> Result<Step, Error> {
    match code {
        1 => Ok(Step::Change),
        2 => Ok(Step::Device),
        3 => Ok(Step::Full),
        other => Err(Error::corrupt(format!("{other} is no step of a sign-in"))),
    }
}

fn session(row: &Row<'_>, first: usize) -> Result<Session, Error> {
    Ok(Session {
        id: row.text(first)?,
        created: row.millis(first + 1)?,
        used: row.millis(first + 2)?,
        expires: row.millis(first + 3)?,
        source: row.text(first + 4)?,
        agent: row.text(first + 5)?,
        step: step(row.int(first + 6)?)?,
    })
}

/// The session with this hash, its user as it is now, and the directory, where that was not removed.
pub async fn find(reader: &mut Reader, hash: &str) -> Result<Option<(Session, User, Directory)>, Error> {
    let mut sql = Sql::new(users::PLAIN);
    sql.push(", ").push(COLUMNS).push(", ").push(directories::JOINED);
    sql.push(" from sessions s join users u on u.directory = s.directory and u.number = s.user_number");
    sql.push(" join directories d on d.number = s.directory and d.removed is null where s.hash = ")
        .bind(hash);
    let read = |row: &Row<'_>| {
        let session = session(row, users::WIDTH)?;
        let directory = directories::directory_from(row, users::WIDTH + WIDTH)?;
        Ok((session, users::user(row)?, directory))
    };
    reader.query_one(&sql.text, &sql.params, read).await
}

/// The sessions of a user, the newest first, with their hashes.
pub async fn of_user(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
) -> Result<Vec<(String, Session)>, Error> {
    let mut sql = Sql::new("select ");
    sql.push(COLUMNS).push(", s.hash from sessions s where s.directory = ").bind(directory.number);
    sql.push(" and s.user_number = ").bind(user).push(" order by s.created desc, s.id");
    reader.query(&sql.text, &sql.params, |row| Ok((row.text(WIDTH)?, session(row, 0)?))).await
}

/// Adds a session.
pub async fn insert(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: Number,
    (hash, session): (&str, &Session),
) -> Result<(), Error> {
    tx.write(
        "insert into sessions
             (hash, directory, user_number, id, created, used, expires, source, agent, step)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &params![
            hash,
            directory.number,
            user,
            &session.id,
            session.created,
            session.used,
            session.expires,
            &session.source,
            &session.agent,
            code(session.step)
        ],
    )
    .await
}

/// Gives a session another key, and brings it to another step until another end; whether it was there.
pub async fn raise(
    tx: &mut Tx,
    (old, new): (&str, &str),
    step: Step,
    expires: Millis,
) -> Result<bool, Error> {
    let raised = tx
        .write_returning(
            "update sessions set hash = $2, step = $3, expires = $4 where hash = $1 returning id",
            &params![old, new, code(step), expires],
            |_| Ok(()),
        )
        .await?;
    Ok(!raised.is_empty())
}

/// Notes that a session is in use. That is no change of anything.
pub async fn touch(tx: &mut Tx, hash: &str, at: Millis) -> Result<(), Error> {
    tx.write_unseen("update sessions set used = $2 where hash = $1", &params![hash, at]).await
}

/// Ends a session: whether it was there.
pub async fn end(tx: &mut Tx, hash: &str) -> Result<bool, Error> {
    let ended = tx
        .write_returning("delete from sessions where hash = $1 returning id", &params![hash], |_| Ok(()))
        .await?;
    Ok(!ended.is_empty())
}

/// Ends the sessions of a user.
pub async fn end_user(tx: &mut Tx, directory: DirectoryKey, user: Number) -> Result<(), Error> {
    tx.write(
        "delete from sessions where directory = $1 and user_number = $2",
        &params![directory.number, user],
    )
    .await
}

/// Whether there are sessions that have expired.
pub async fn any_expired(reader: &mut Reader, at: Millis) -> Result<bool, Error> {
    reader.exists("select 1 from sessions where expires <= $1 limit 1", &params![at]).await
}

/// Forgets up to `limit` sessions that have expired.
pub async fn forget(tx: &mut Tx, at: Millis, limit: i64) -> Result<(), Error> {
    tx.write_unseen(
        "delete from sessions where hash in (select hash from sessions where expires <= $1 limit $2)",
        &params![at, limit],
    )
    .await
}
