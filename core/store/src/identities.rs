//! Login identities: what opens an account beside its username, each one user's alone.
//!
//! Source: `reference/doors.md` §2.2.

use model::{DirectoryKey, Millis, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

/// An address or a number, as it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity<'a> {
    /// `email` or `mobile`.
    pub kind: &'a str,
    /// The folded address, or the number.
    pub identity: &'a str,
    /// The number's region; empty for an address.
    pub extra: &'a str,
}

/// Who holds it.
pub async fn holder(
    reader: &mut Reader,
    directory: DirectoryKey,
    identity: Identity<'_>,
) -> Result<Option<Number>, Error> {
    reader
        .query_one(
            "select user_number from identities
             where directory = $1 and kind = $2 and identity = $3 and extra = $4",
            &params![directory.number, identity.kind, identity.identity, identity.extra],
            |row| row.number(0),
        )
        .await
}

/// Holds it for a user as contact data; `number` is the row's own. Where somebody holds it the key is taken.
pub async fn insert(
    tx: &mut Tx,
    directory: DirectoryKey,
    identity: Identity<'_>,
    (number, user): (Number, Number),
    at: Millis,
) -> Result<(), Error> {
    tx.write(
        "insert into identities (directory, kind, identity, extra, number, user_number, contact, linked, given,
             display_name, created)
         values ($1, $2, $3, $4, $5, $6, 1, 0, '', '', $7)",
        &params![
            directory.number,
            identity.kind,
            identity.identity,
            identity.extra,
            number,
            user,
            at
        ],
    )
    .await
}

/// Holds what is linked to the user as contact data as well; whether it was not before.
pub async fn keep(tx: &mut Tx, directory: DirectoryKey, identity: Identity<'_>) -> Result<bool, Error> {
    let kept = tx
        .write_returning(
            "update identities set contact = 1
             where directory = $1 and kind = $2 and identity = $3 and extra = $4 and contact = 0
             returning number",
            &params![directory.number, identity.kind, identity.identity, identity.extra],
            |_| Ok(()),
        )
        .await?;
    Ok(!kept.is_empty())
}

/// Ends a user's hold on it as contact data; a link stays.
pub async fn release(
    tx: &mut Tx,
    directory: DirectoryKey,
    identity: Identity<'_>,
    user: Number,
) -> Result<(), Error> {
    let params = params![directory.number, identity.kind, identity.identity, identity.extra, user];
    for what in
        ["delete from identities where linked = 0", "update identities set contact = 0 where contact = 1"]
    {
        let mut sql = Sql::new(what);
        sql.push(" and directory = $1 and kind = $2 and identity = $3 and extra = $4 and user_number = $5");
        sql.push(" returning number");
        tx.write_returning(&sql.text, &params, |_| Ok(())).await?;
    }
    Ok(())
}
