//! Accounts of PDS: the identities that a user may sign in with, held as links or as contact data that is known to be
//! the user's. What sources of EIAM call a user is none.
//!
//! Source: `reference/doors.md` §2.2.

use model::link::{Link, LinkKind};
use model::text::Line;
use model::{DirectoryKey, Millis, Number};

use crate::error::Error;
use crate::identities::Identity;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

/// Who holds an identity, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The user.
    pub user: Number,
    /// Whether it is a link.
    pub linked: bool,
    /// Whether it is the user's contact data.
    pub contact: bool,
}

/// Who holds it, if anybody does.
pub async fn held(
    reader: &mut Reader,
    directory: DirectoryKey,
    identity: Identity<'_>,
) -> Result<Option<Held>, Error> {
    reader
        .query_one(
            "select user_number, linked, contact from identities
             where directory = $1 and kind = $2 and identity = $3 and extra = $4",
            &params![directory.number, identity.kind, identity.identity, identity.extra],
            |row| Ok(Held { user: row.number(0)?, linked: row.truth(1)?, contact: row.truth(2)? }),
        )
        .await
}

/// What contact data that was never linked is shown as: as the user has it.
const COLUMNS: &str = "select i.kind,
     case when i.linked = 1 then i.given when i.kind = 'email' then u.email else u.phone end,
     i.extra, i.display_name, i.user_number, i.created, i.used
     from identities i join users u on u.directory = i.directory and u.number = i.user_number
     where i.directory = ";

/// Only what opens the account.
const USABLE: &str = " and (i.linked = 1 or (i.kind = 'email' and u.email_verified = 1)
     or (i.kind = 'mobile' and u.phone_verified = 1))";

/// The account that this identity is.
pub async fn find(
    reader: &mut Reader,
    directory: DirectoryKey,
    identity: Identity<'_>,
) -> Result<Option<Link>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.bind(directory.number).push(" and i.kind = ").bind(identity.kind);
    sql.push(" and i.identity = ").bind(identity.identity).push(" and i.extra = ").bind(identity.extra);
    sql.push(USABLE);
    reader.query_one(&sql.text, &sql.params, link).await
}

/// Users who are asked about together.
const TOGETHER: usize = 500;

/// The accounts of these users, in the order in which each user's were made.
pub async fn of_users(
    reader: &mut Reader,
    directory: DirectoryKey,
    users: &[Number],
) -> Result<Vec<Link>, Error> {
    let mut links = Vec::new();
    for users in users.chunks(TOGETHER) {
        let mut sql = Sql::new(COLUMNS);
        sql.bind(directory.number).push(" and i.user_number in ").bind_list(users);
        sql.push(" and substr(i.kind, 1, 4) <> 'idp_'").push(USABLE);
        sql.push(" order by i.user_number, i.number");
        links.extend(reader.query(&sql.text, &sql.params, link).await?);
    }
    Ok(links)
}

fn link(row: &Row<'_>) -> Result<Link, Error> {
    let word = row.str(0)?;
    let kind = LinkKind::ALL.into_iter().find(|kind| kind.word() == word);
    Ok(Link {
        kind: kind.ok_or_else(|| Error::corrupt(format!("{word:?} is no type of account")))?,
        identity: Line::new(row.str(1)?).map_err(Error::corrupt)?,
        extra: row.text(2)?,
        display_name: Line::new(row.str(3)?).map_err(Error::corrupt)?,
        user: row.number(4)?,
        created: row.millis(5)?,
        used: row.opt_millis(6)?,
    })
}

/// Links it to a user, whose contact data it may be already; `number` is the row's own. Where another user holds it the
/// key is taken.
pub async fn insert(
    tx: &mut Tx,
    directory: DirectoryKey,
    identity: Identity<'_>,
    number: Number,
    link: &Link,
) -> Result<(), Error> {
    tx.write(
        "insert into identities (directory, kind, identity, extra, number, user_number, contact, linked, given,
             display_name, created)
         values ($1, $2, $3, $4, $5, $6, 0, 1, $7, $8, $9)",
        &params![
            directory.number,
            identity.kind,
            identity.identity,
            identity.extra,
            number,
            link.user,
            link.identity.as_str(),
            link.display_name.as_str(),
            link.created,
        ],
    )
    .await
}

/// Makes a link of what a user holds as contact data.
pub async fn upgrade(
    tx: &mut Tx,
    directory: DirectoryKey,
    identity: Identity<'_>,
    link: &Link,
) -> Result<(), Error> {
    tx.write(
        "update identities set linked = 1, given = $6, display_name = $7, created = $8
         where directory = $1 and kind = $2 and identity = $3 and extra = $4 and user_number = $5",
        &params![
            directory.number,
            identity.kind,
            identity.identity,
            identity.extra,
            link.user,
            link.identity.as_str(),
            link.display_name.as_str(),
            link.created,
        ],
    )
    .await
}

/// Takes it from a user, whatever it is held as.
pub async fn remove(
    tx: &mut Tx,
    directory: DirectoryKey,
    identity: Identity<'_>,
    user: Number,
) -> Result<(), Error> {
    tx.write(
        "delete from identities
         where directory = $1 and kind = $2 and identity = $3 and extra = $4 and user_number = $5",
        &params![directory.number, identity.kind, identity.identity, identity.extra, user],
    )
    .await
}

/// Notes that somebody has signed in by it, which is told to nobody but who looks at the account.
pub async fn note_use(
    tx: &mut Tx,
    directory: DirectoryKey,
    identity: Identity<'_>,
    at: Millis,
) -> Result<(), Error> {
    tx.write_unseen(
        "update identities set used = $5
         where directory = $1 and kind = $2 and identity = $3 and extra = $4",
        &params![directory.number, identity.kind, identity.identity, identity.extra, at],
    )
    .await
}
