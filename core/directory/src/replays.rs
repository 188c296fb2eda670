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
    let mut access_key = String::new();
    let mut steps = 0;
    while let Some(next) = replays::key_after(&mut store.reader(), &access_key).await? {
        access_key = next;
        loop {
            let mut change = Change::new(store, tools, None);
            let forgotten = replays::forget(change.tx(), &access_key, before).await?;
            change.commit(&permit).await?;
            steps += 1;
            if forgotten == 0 {
                break;
            }
            if steps == STEPS {
                return Ok(());
            }
        }
    }
    Ok(())
}
