//! Forgetting what has run out: wrong passwords that count no more, links to other passwords.

use std::sync::Arc;

use access::{Change, Permit, Scope, Task, Tools};
use model::Millis;
use store::{Store, directories, failures, reset_links};

use super::refused;
use crate::sweep::Trouble;

/// Rows of one step.
const STEP: i64 = 1_000;
/// Steps of one round: the rest is left to the next one.
const STEPS: usize = 20;

/// Forgets what has expired, and tells of the sign-ins that were only counted; true where some may remain.
///
/// # Errors
/// Of the store.
pub(crate) async fn forget(store: &Store, tools: &Arc<Tools>, at: Millis) -> Result<bool, Trouble> {
    refused::tell_of_more(store, tools, (at, at)).await?;
    let mut reader = store.reader();
    let Some(account) = directories::first_account(&mut reader).await? else { return Ok(false) };
    let permit = Permit::system(Task::Sweep, Scope::Account(account), at);
    for _ in 0..STEPS {
        let mut change = Change::new(store, tools, None);
        if failures::any_old(&mut reader, at).await? {
            failures::forget(change.tx(), at, STEP).await?;
        } else if reset_links::any_expired(&mut reader, at).await? {
            reset_links::forget(change.tx(), at, STEP).await?;
        } else {
            return Ok(false);
        }
        change.commit(&permit).await?;
    }
    Ok(true)
}
