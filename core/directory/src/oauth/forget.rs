//! Forgetting what has run out: refresh tokens, codes, sessions, marks of assertions.

use std::sync::Arc;

use access::{Change, Permit, Scope, Task, Tools};
use model::Millis;
use store::{Store, assertions, directories, oauth_codes, refresh_tokens, sessions};

use crate::sweep::Trouble;

/// Rows of one step.
const STEP: i64 = 1_000;
/// Steps of one round: the rest is left to the next one.
const STEPS: usize = 20;

/// Forgets what has expired; true where some may remain.
///
/// # Errors
/// Of the store.
pub(crate) async fn forget(store: &Store, tools: &Arc<Tools>, at: Millis) -> Result<bool, Trouble> {
    let mut reader = store.reader();
    let Some(account) = directories::first_account(&mut reader).await? else { return Ok(false) };
    let permit = Permit::system(Task::Sweep, Scope::Account(account), at);
    for _ in 0..STEPS {
        let mut change = Change::new(store, tools, None);
        if refresh_tokens::any_expired(&mut reader, at).await? {
            refresh_tokens::forget(change.tx(), at, STEP).await?;
        } else if oauth_codes::any_expired(&mut reader, at).await? {
            oauth_codes::forget(change.tx(), at, STEP).await?;
        } else if sessions::any_expired(&mut reader, at).await? {
            sessions::forget(change.tx(), at, STEP).await?;
        } else if assertions::any_expired(&mut reader, at).await? {
            assertions::forget(change.tx(), at, STEP).await?;
        } else {
            return Ok(false);
        }
        change.commit(&permit).await?;
    }
    Ok(true)
}
