//! Forgetting the replay keys of calls whose time stamp nobody accepts any more.

use std::sync::Arc;

use access::{Change, Failure, Permit, Scope, Task, Tools};
use model::Millis;
use model::time::MINUTE;
use store::{Store, directories, replays};

/// How long a call is remembered: its time stamp is accepted a quarter of an hour before and after.
const REMEMBERED: i64 = 30 * MINUTE;

/// Forgets what is older, in steps of 1,000.
///
/// # Errors
/// Of the store.
pub async fn forget(store: &Store, tools: &Arc<Tools>, at: Millis) -> Result<(), Failure> {
    let before = at.plus(-REMEMBERED).minute();
    let Some(account) = directories::first_account(&mut store.reader()).await? else { return Ok(()) };
    let permit = Permit::system(Task::ForgetReplays, Scope::Account(account), at);
    for access_key in replays::stale(&mut store.reader(), before).await? {
        loop {
            let mut change = Change::new(store, tools, None);
            let forgotten = replays::forget(change.tx(), &access_key, before).await?;
            change.commit(&permit).await?;
            if forgotten == 0 {
                break;
            }
        }
    }
    Ok(())
}
