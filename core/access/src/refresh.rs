//! Refresh tokens: each gets the next one, and a chain of them ends as a whole. Only their hashes are stored.
//!
//! Source: `reference/pds.md` §13.3.

use model::time::{DAY, MINUTE};
use model::{Millis, Number, Secret};
use store::apps;
use store::refresh_tokens::{self as rows, Stored};

use crate::change::Change;
use crate::permit::Permit;
use crate::secrets;

/// How long a refresh token is good.
pub const LIFE: i64 = 30 * DAY;
/// How long one is good for after it got the next one: windows of one program do so at the same time.
pub const GRACE: i64 = MINUTE;

/// What a refresh token that was presented stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// Its hash.
    hash: String,
    /// The chain that it belongs to.
    pub chain: String,
    /// The directory.
    pub directory: Number,
    /// The user; none for the app itself.
    pub user: Option<Number>,
    /// The app that it was given to; empty for none.
    pub app: String,
    /// When it was issued.
    pub issued: Millis,
}

/// What comes of presenting a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It gets the next one.
    Next,
    /// It got the next one long ago: somebody has stolen one of the two, and the chain has ended.
    Reused,
}

/// Adds a refresh token of a user or, without one, of the app itself. It begins a chain unless it goes on with one.
pub(crate) async fn add(
    change: &mut Change,
    permit: &Permit,
    (user, app): (Option<Number>, &str),
    chain: Option<&str>,
    at: Millis,
) -> Result<Secret, store::Error> {
    let tools = change.tools();
    let (token, fresh) = (secrets::draw(change), format!("{:032x}", tools.ids.salt()));
    let row = Stored {
        hash: secrets::hash(token.reveal()),
        chain: chain.map_or(fresh, str::to_owned),
        directory: permit.directory().number,
        user,
        app: app.to_owned(),
        issued: at,
        expires: permit.at().plus(LIFE),
        spent: None,
    };
    rows::insert(change.tx(), &row).await?;
    Ok(token)
}

/// What a refresh token stands for, if there is one that has not expired.
///
/// # Errors
/// Of the store.
pub async fn find(
    reader: &mut store::Reader,
    token: &Secret,
    at: Millis,
) -> Result<Option<Presented>, store::Error> {
    let found = rows::find(reader, &secrets::hash(token.reveal())).await?.filter(|found| found.expires > at);
    Ok(found.map(|found| Presented {
        hash: found.hash,
        chain: found.chain,
        directory: found.directory,
        user: found.user,
        app: found.app,
        issued: found.issued,
    }))
}

/// Spends a refresh token; `None` where it is gone by now. Its user is locked for this change. Where it has none the app
/// is, here: else a token that another change adds to the chain would outlive its end.
///
/// # Errors
/// Of the store.
pub async fn spend(
    change: &mut Change,
    permit: &Permit,
    token: &Presented,
) -> Result<Option<Turn>, store::Error> {
    if token.user.is_none() && !apps::lock(change.tx(), &token.app).await? {
        return Ok(None);
    }
    let Some(found) = rows::lock(change.tx(), &token.hash).await? else { return Ok(None) };
    match found.spent {
        None => rows::spend(change.tx(), &token.hash, permit.at()).await?,
        Some(spent) if permit.at().since(spent) <= GRACE => {}
        Some(_) => {
            rows::end_chain(change.tx(), &token.chain).await?;
            return Ok(Some(Turn::Reused));
        }
    }
    Ok(Some(Turn::Next))
}
