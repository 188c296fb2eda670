//! The outbox: messages that wait to be sent, each written with what it tells of.

use model::time::MINUTE;
use model::{DirectoryKey, Id, Millis, Number};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

/// A message. It names what is told and about whom; who gets it, where, and with which link or code is decided
/// when it is sent.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its number is the order in which messages about one person are sent.
    pub id: Id,
    /// Which text, `password_reset`.
    pub template: &'static str,
    /// About whom.
    pub user: Number,
    /// Who gets it, where that is decided already.
    pub recipient: Option<Number>,
    /// By which way.
    pub way: Way,
    /// When it was written.
    pub created: Millis,
    /// What else it says, as JSON without secrets.
    pub facts: String,
}

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// By e-mail.
    Mail,
    /// By text message.
    Text,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Text];

    /// The word by which people know it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Text => "text",
        }
    }

    /// The way that is known by this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.word() == word)
    }

    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Mail => 1,
            Self::Text => 2,
        }
    }

    pub(crate) fn of_code(code: i64) -> Result<Self, Error> {
        match code {
            1 => Ok(Self::Mail),
            2 => Ok(Self::Text),
            other => Err(Error::corrupt(format!("{other} is no way of a message"))),
        }
    }
}

/// A message as it lies in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The directory.
    pub directory: Number,
    /// Its number.
    pub number: Number,
    /// Which text.
    pub template: String,
    /// About whom.
    pub user: Number,
    /// Who gets it, where that is decided already.
    pub recipient: Option<Number>,
    /// By which way.
    pub way: Way,
    /// When it was written.
    pub created: Millis,
    /// When it is to be sent, or tried again.
    pub due: Millis,
    /// How often it was tried, since somebody has asked for it anew.
    pub attempts: i64,
    /// How often it was taken to be sent at all: of two senders the later one has the higher figure.
    pub claims: i64,
    /// Until when it is one sender's alone.
    pub claimed_until: Option<Millis>,
    /// Since when nobody tries any more.
    pub failed: Option<Millis>,
    /// What the last attempt failed with; empty for nothing.
    pub trouble: String,
    /// What else it says, as JSON without secrets.
    pub facts: String,
}

const COLUMNS: &str =
    "o.directory, o.number, o.template, o.user_number, o.recipient, o.way, o.created, o.due,
     o.attempts, o.claims, o.claimed_until, o.failed, o.trouble, o.facts";

fn stored(row: &Row<'_>) -> Result<Stored, Error> {
    Ok(Stored {
        directory: row.number(0)?,
        number: row.number(1)?,
        template: row.text(2)?,
        user: row.number(3)?,
        recipient: row.opt_int(4)?.map(Number),
        way: Way::of_code(row.int(5)?)?,
        created: row.millis(6)?,
        due: row.millis(7)?,
        attempts: row.int(8)?,
        claims: row.int(9)?,
        claimed_until: row.opt_millis(10)?,
        failed: row.opt_millis(11)?,
        trouble: row.text(12)?,
        facts: row.text(13)?,
    })
}

/// Adds a message, which is due at once.
pub async fn insert(tx: &mut Tx, directory: DirectoryKey, message: &Message) -> Result<(), Error> {
    tx.write(
        "insert into outbox (directory, number, template, user_number, recipient, way, created, due, attempts,
             claims, trouble, facts)
         values ($1, $2, $3, $4, $5, $6, $7, $7, 0, 0, '', $8)",
        &params![
            directory.number,
            message.id.number(),
            message.template,
            message.user,
            message.recipient.map(|recipient| recipient.0),
            message.way.code(),
            message.created,
            &message.facts,
        ],
    )
    .await
}

/// The most messages that are counted.
const MOST_COUNTED: i64 = 100_000;
/// No message is put off by so many milliseconds, and none is taken for so long: where a row says so, the clock has
/// gone back since, and what it says counts for nothing.
const FAR: i64 = 120 * MINUTE;

/// By which ways messages are sent.
#[derive(Debug, Clone, Copy)]
pub struct Ways<'a> {
    /// The one that messages are wanted for.
    pub wanted: Way,
    /// The template whose messages wait for one another whichever way they go.
    pub alone: &'a str,
    /// By which they are sent at all: a message that goes by no such way is not waited for.
    pub served: &'a [Way],
}

/// Up to `most` messages that may be sent now, the longest due first. Of those that one person gets about one user by
/// one way only the oldest may, whether it is due or not. What lies in a directory that was removed waits until it goes
/// with it.
pub async fn due(reader: &mut Reader, at: Millis, ways: Ways<'_>, most: i64) -> Result<Vec<Stored>, Error> {
    let due = within(reader, ("<=", at), at, ways, most).await?;
    if due.is_empty() { within(reader, (">", at.plus(FAR)), at, ways, most).await } else { Ok(due) }
}

/// Those of them that are due before or after an instant: each is one stretch of an index.
async fn within(
    reader: &mut Reader,
    (side, instant): (&str, Millis),
    at: Millis,
    ways: Ways<'_>,
    most: i64,
) -> Result<Vec<Stored>, Error> {
    let served = ways.served.iter().map(|way| way.code()).collect::<Vec<i64>>();
    let mut sql = Sql::new("select ");
    sql.push(COLUMNS).push(" from outbox o where o.failed is null and o.way = ").bind(ways.wanted.code());
    sql.push(" and o.due ").push(side).push(" ").bind(instant);
    sql.push(" and (o.claimed_until is null or o.claimed_until <= ").bind(at);
    sql.push(" or o.claimed_until > ").bind(at.plus(FAR)).push(")");
    sql.push(
        " and exists (select 1 from directories d where d.number = o.directory and d.removed is null)
          and not exists (select 1 from outbox e where e.directory = o.directory
              and e.user_number = o.user_number and e.number < o.number and e.failed is null
              and coalesce(e.recipient, -1) = coalesce(o.recipient, -1)
              and (e.way = o.way or (e.template = ",
    );
    sql.bind(ways.alone).push(" and o.template = e.template and e.way in ").bind_list(&served);
    sql.push("))) order by o.due, o.number limit ").bind(most);
    reader.query(&sql.text, &sql.params, stored).await
}

/// Whether a message may be due that goes by this way: perhaps one that waits for another one, or that a sender has.
pub async fn any_due(reader: &mut Reader, way: Way, at: Millis) -> Result<bool, Error> {
    let due = "select 1 from outbox where failed is null and way = $1 and due <= $2 limit 1";
    let far = "select 1 from outbox where failed is null and way = $1 and due > $2 limit 1";
    Ok(reader.exists(due, &params![way.code(), at]).await?
        || reader.exists(far, &params![way.code(), at.plus(FAR)]).await?)
}

/// What lies in the outbox by one way, in all directories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Messages that wait; of more than 100,000 so many.
    pub waiting: i64,
    /// When the oldest of them was written.
    pub oldest: Option<Millis>,
    /// Messages that were given up; of more than 100,000 so many.
    pub failed: i64,
}

/// What lies in the outbox by this way.
pub async fn queue(reader: &mut Reader, way: Way) -> Result<Queue, Error> {
    let counts = reader
        .query_one(
            "select (select count(*) from (
                         select 1 from outbox where way = $1 and failed is null limit $2) w),
                    (select count(*) from (
                         select 1 from outbox where way = $1 and failed is not null limit $2) f),
                    (select min(created) from outbox where way = $1 and failed is null)",
            &params![way.code(), MOST_COUNTED],
            |row| Ok((row.int(0)?, row.int(1)?, row.opt_millis(2)?)),
        )
        .await?;
    let (waiting, failed, oldest) = counts.unwrap_or_default();
    Ok(Queue { waiting, oldest, failed })
}

/// Takes a message that was due, for one sender until `until`; `None` where somebody else has taken it meanwhile, or it
/// is gone.
pub async fn claim(
    tx: &mut Tx,
    message: &Stored,
    at: Millis,
    until: Millis,
) -> Result<Option<Stored>, Error> {
    let claimed = tx
        .query_one(
            "update outbox set claimed_until = $4, attempts = attempts + 1, claims = claims + 1
             where directory = $1 and number = $2 and claims = $5 and failed is null
                 and (claimed_until is null or claimed_until <= $3 or claimed_until > $6)
             returning attempts, claims",
            &params![message.directory, message.number, at, until, message.claims, at.plus(FAR)],
            |row| Ok((row.int(0)?, row.int(1)?)),
        )
        .await?;
    Ok(claimed.map(|(attempts, claims)| Stored {
        attempts,
        claims,
        claimed_until: Some(until),
        ..message.clone()
    }))
}

/// Keeps what was taken until `until`, with these facts; false where it is not this sender's any more.
pub async fn hold(tx: &mut Tx, message: &Stored, until: Millis, facts: &str) -> Result<bool, Error> {
    let held = tx
        .query(
            "update outbox set claimed_until = $4, facts = $5
             where directory = $1 and number = $2 and claims = $3 and failed is null returning number",
            &params![message.directory, message.number, message.claims, until, facts],
            |_| Ok(()),
        )
        .await?;
    Ok(!held.is_empty())
}

/// Removes what was taken: it is sent, or there is nobody to get it; false where it is not this sender's any more.
pub async fn done(tx: &mut Tx, message: &Stored) -> Result<bool, Error> {
    let gone = tx
        .write_returning(
            "delete from outbox where directory = $1 and number = $2 and claims = $3 returning number",
            &params![message.directory, message.number, message.claims],
            |_| Ok(()),
        )
        .await?;
    Ok(!gone.is_empty())
}

/// Removes the other messages of the same text about the same user, but for those that were given up; which these are.
pub async fn done_beside(tx: &mut Tx, message: &Stored) -> Result<Vec<Stored>, Error> {
    let sql = format!(
        "delete from outbox where directory = $1 and user_number = $2 and template = $3 and number <> $4
             and failed is null returning {}",
        COLUMNS.replace("o.", "")
    );
    let (directory, user) = (message.directory, message.user);
    tx.write_returning(&sql, &params![directory, user, &message.template, message.number], stored).await
}

/// Puts what was taken back, to be tried again when it is due.
pub async fn put_back(tx: &mut Tx, message: &Stored, due: Millis, trouble: &str) -> Result<(), Error> {
    tx.write_unseen(
        "update outbox set due = $4, claimed_until = null, trouble = $5
         where directory = $1 and number = $2 and claims = $3",
        &params![message.directory, message.number, message.claims, due, trouble],
    )
    .await
}

/// Gives what was taken up; false where it is not this sender's any more.
pub async fn give_up(tx: &mut Tx, message: &Stored, at: Millis, trouble: &str) -> Result<bool, Error> {
    let given_up = tx
        .write_returning(
            "update outbox set failed = $4, claimed_until = null, trouble = $5
             where directory = $1 and number = $2 and claims = $3 and failed is null returning number",
            &params![message.directory, message.number, message.claims, at, trouble],
            |_| Ok(()),
        )
        .await?;
    Ok(!given_up.is_empty())
}

/// The messages about a user, the oldest first.
pub async fn of_user(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
) -> Result<Vec<Stored>, Error> {
    let mut sql = Sql::new("select ");
    sql.push(COLUMNS).push(" from outbox o where o.directory = ").bind(directory.number);
    sql.push(" and o.user_number = ").bind(user).push(" order by o.number");
    reader.query(&sql.text, &sql.params, stored).await
}

/// Which messages a person at the command line means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that were given up.
    Failed,
    /// The one with this number.
    One(Number),
}

impl Which {
    /// Narrows a question to these.
    fn narrow(self, sql: &mut Sql<'_>) {
        match self {
            Self::Failed => {
                sql.push(" and failed is not null");
            }
            Self::One(number) => {
                sql.push(" and number = ").bind(number);
            }
        }
    }
}

/// Up to `most` messages of a directory, all or these, after the one with the number `after`, the oldest first, each with the name of
/// the user whom it is about.
pub async fn list(
    reader: &mut Reader,
    directory: DirectoryKey,
    which: Option<Which>,
    after: Number,
    most: i64,
) -> Result<Vec<(Stored, String)>, Error> {
    let mut inner = Sql::new("select * from outbox where directory = ");
    inner.bind(directory.number);
    if let Some(which) = which {
        which.narrow(&mut inner);
    }
    inner.push(" and number > ").bind(after);
    let mut sql = Sql::new("select ");
    sql.push(COLUMNS).push(", u.username from (").push(&inner.text);
    sql.params = inner.params;
    sql.push(
        ") o join users u on u.directory = o.directory and u.number = o.user_number order by o.number limit ",
    );
    sql.bind(most);
    reader.query(&sql.text, &sql.params, |row| Ok((stored(row)?, row.text(14)?))).await
}

/// Has up to `most` messages tried again, now and as if for the first time, but for those that a sender has just taken;
/// which these are.
pub async fn revive(
    tx: &mut Tx,
    directory: DirectoryKey,
    which: Which,
    at: Millis,
    most: i64,
) -> Result<Vec<Stored>, Error> {
    let mut sql = Sql::new("update outbox set failed = null, claimed_until = null, attempts = 0, due = ");
    sql.bind(at);
    these(&mut sql, directory, which, most);
    sql.push(" and (failed is not null or claimed_until is null or claimed_until <= ").bind(at);
    sql.push(" or claimed_until > ").bind(at.plus(FAR)).push(")");
    sql.push(" returning ").push(&COLUMNS.replace("o.", ""));
    tx.write_returning(&sql.text, &sql.params, stored).await
}

/// Removes up to `most` messages, sent or not; which these are.
pub async fn remove(
    tx: &mut Tx,
    directory: DirectoryKey,
    which: Which,
    most: i64,
) -> Result<Vec<Stored>, Error> {
    let mut sql = Sql::new("delete from outbox");
    these(&mut sql, directory, which, most);
    sql.push(" returning ").push(&COLUMNS.replace("o.", ""));
    tx.write_returning(&sql.text, &sql.params, stored).await
}

/// The first `most` of these messages. What they are is asked once more of each, which another change may have made
/// something else meanwhile.
fn these(sql: &mut Sql<'_>, directory: DirectoryKey, which: Which, most: i64) {
    sql.push(" where directory = ").bind(directory.number);
    sql.push(" and number in (select number from outbox where directory = ").bind(directory.number);
    which.narrow(sql);
    sql.push(" order by number limit ").bind(most).push(")");
    which.narrow(sql);
}
