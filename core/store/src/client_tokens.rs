//! What calls that their callers had marked were answered, so that each is made once and answered again.

use model::{AccountUid, Millis, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// A call as its caller marked it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark<'a> {
    /// The caller's account.
    pub account: AccountUid,
    /// The directory that the call is about; 0 where it is about the account.
    pub directory: Number,
    /// The action's name.
    pub action: &'a str,
    /// The caller's own text.
    pub token: &'a str,
}

/// What lies of a call that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// A keyed digest of what the call said.
    pub digest: String,
    /// The answer, as JSON.
    pub reply: String,
}

/// What the call with this mark was answered, if it has not expired.
pub async fn find(reader: &mut Reader, mark: Mark<'_>, at: Millis) -> Result<Option<Answered>, Error> {
    reader
        .query_one(
            "select digest, reply from client_tokens
             where account = $1 and directory = $2 and action = $3 and token = $4 and expires > $5",
            &params![mark.account, mark.directory, mark.action, mark.token, at],
            |row| Ok(Answered { digest: row.text(0)?, reply: row.text(1)? }),
        )
        .await
}

/// Remembers what a call was answered, instead of what has expired at `at`. The change fails with `Taken(Key::Other)`
/// where another one has answered a call of this mark meanwhile.
pub async fn insert(
    tx: &mut Tx,
    mark: Mark<'_>,
    answered: &Answered,
    at: Millis,
    expires: Millis,
) -> Result<(), Error> {
    tx.write_unseen(
        "delete from client_tokens
         where account = $1 and directory = $2 and action = $3 and token = $4 and expires <= $5",
        &params![mark.account, mark.directory, mark.action, mark.token, at],
    )
    .await?;
    tx.write_unseen(
        "insert into client_tokens (account, directory, action, token, digest, reply, expires)
         values ($1, $2, $3, $4, $5, $6, $7)",
        &params![
            mark.account,
            mark.directory,
            mark.action,
            mark.token,
            &answered.digest,
            &answered.reply,
            expires,
        ],
    )
    .await
}

/// Whether there are answers that have expired.
pub async fn any_expired(reader: &mut Reader, at: Millis) -> Result<bool, Error> {
    reader.exists("select 1 from client_tokens where expires <= $1 limit 1", &params![at]).await
}

/// Forgets up to `limit` answers that have expired.
pub async fn forget(tx: &mut Tx, at: Millis, limit: i64) -> Result<(), Error> {
    tx.write_unseen(
        "delete from client_tokens where expires <= $1 and (account, directory, action, token) in (
             select account, directory, action, token from client_tokens where expires <= $1 limit $2)",
        &params![at, limit],
    )
    .await
}
