//! Replay keys of calls that changed something, so that no node accepts one twice.

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// What tells a call from every other one for as long as its time stamp is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// The AccessKey that signed it.
    pub access_key: String,
    /// The minute it was signed in, since 1970.
    pub minute: i64,
    /// A keyed hash of its nonce, or of its signature where there is none.
    pub hash: i64,
}

/// Remembers the call with this change. The change fails with `Taken(Key::Replay)` where it was accepted before.
pub async fn insert(tx: &mut Tx, replay: &Replay) -> Result<(), Error> {
    tx.write_unseen(
        "insert into replays (minute, access_key, hash) values ($1, $2, $3)",
        &params![replay.minute, &replay.access_key, replay.hash],
    )
    .await
}

/// Whether any call was signed before `minute`.
pub async fn any_before(reader: &mut Reader, minute: i64) -> Result<bool, Error> {
    reader.exists("select 1 from replays where minute < $1 limit 1", &params![minute]).await
}

/// Forgets up to 1,000 calls that were signed before `minute`, of whichever keys.
pub async fn forget(tx: &mut Tx, minute: i64) -> Result<(), Error> {
    tx.write_unseen(
        "delete from replays where (minute, access_key, hash) in (
             select minute, access_key, hash from replays where minute < $1
             order by minute, access_key, hash limit 1000)",
        &params![minute],
    )
    .await
}
