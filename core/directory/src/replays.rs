//! Forgetting the replay keys of calls whose time stamp nobody accepts any more.

use std::sync::Arc;

use access::{Change, Failure, Permit, Scope, Task, Tools};
use model::Millis;
use model::time::MINUTE;
use store::{Store, directories, replays};

/// How long a call is remembered: its time stamp is accepted a quarter of an hour before and after.
const REMEMBERED: i64 = 30 * MINUTE;

/// Steps of one round: the rest is left to the next one.
const STEPS: usize = 200;

/// Forgets what is older, in steps of 1,000 and not all of it where that is very much.
///
/// # Errors
/// Of the store.
pub async fn forget(store: &Store, tools: &Arc<Tools>, at: Millis) -> Result<(), Failure> {
    let before = at.plus(-REMEMBERED).minute();
    let Some(account) = directories::first_account(&mut store.reader()).await? else { return Ok(()) };
    let permit = Permit::system(Task::ForgetReplays, Scope::Account(account), at);
    for _ in 0..STEPS {
        if !replays::any_before(&mut store.reader(), before).await? {
            break;
        }
        let mut change = Change::new(store, tools, None);
        replays::forget(change.tx(), before).await?;
        change.commit(&permit).await?;
    }
    Ok(())
}
