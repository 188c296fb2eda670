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
        "insert into replays (access_key, minute, hash) values ($1, $2, $3)",
        &params![&replay.access_key, replay.minute, replay.hash],
    )
    .await
}

/// The first AccessKey behind `after` that has replay keys.
pub async fn key_after(reader: &mut Reader, after: &str) -> Result<Option<String>, Error> {
    let next = reader
        .query_one("select min(access_key) from replays where access_key > $1", &params![after], |row| {
            Ok(row.opt_str(0)?.map(str::to_owned))
        })
        .await?;
    Ok(next.flatten())
}

/// Forgets up to 1,000 of the key's calls that were signed before `minute`; how many they were.
pub async fn forget(tx: &mut Tx, access_key: &str, minute: i64) -> Result<usize, Error> {
    let gone = tx
        .query(
            "delete from replays where access_key = $1 and minute < $2 and (minute, hash) in (
                 select minute, hash from replays where access_key = $1 and minute < $2
                 order by minute, hash limit 1000)
             returning minute",
            &params![access_key, minute],
            |_| Ok(()),
        )
        .await?;
    Ok(gone.len())
}
