//! Forgetting what marked calls were answered, once nobody may ask for it any more.

use std::sync::Arc;

use access::{Change, Permit, Scope, Task, Tools};
use model::Millis;
use store::{Store, client_tokens as rows, directories};

use crate::sweep::Trouble;

/// Answers of one step.
const STEP: i64 = 1_000;
/// Steps of one round: the rest is left to the next one.
const STEPS: usize = 20;

/// Forgets answers that have expired; true where some may remain.
///
/// # Errors
/// Of the store.
pub(crate) async fn forget(store: &Store, tools: &Arc<Tools>, at: Millis) -> Result<bool, Trouble> {
    let mut reader = store.reader();
    let Some(account) = directories::first_account(&mut reader).await? else { return Ok(false) };
    let permit = Permit::system(Task::Sweep, Scope::Account(account), at);
    for _ in 0..STEPS {
        if !rows::any_expired(&mut reader, at).await? {
            return Ok(false);
        }
        let mut change = Change::new(store, tools, None);
        rows::forget(change.tx(), at, STEP).await?;
        change.commit(&permit).await?;
    }
    Ok(true)
}
