//! Refused sign-ins in the audit trail, and refused calls: the first ones of a minute by name, the others as a number.

use std::sync::Arc;

use access::{Change, Permit, Scope, Task, Tools};
use model::event::Event;
use model::user::User;
use model::{Millis, Number};
use store::{Store, directories};

use crate::sweep::Trouble;

/// Principals whose refused calls are told of in one change.
const TOGETHER: usize = 100;

/// Records that a name was refused, unless there were too many in this minute, which are counted.
pub(super) fn record(change: &mut Change, permit: &Permit, user: Option<&User>, why: &str) {
    let directory = permit.directory().number;
    if change.is_made_again() || change.tools().guesses.is_named(directory, permit.at()) {
        change.record(Event::sign_in_refused(user, why));
    }
}

/// Records how many more were refused in minutes that are over by `over`, in each directory and of each principal.
///
/// # Errors
/// Of the store. What could not be written down is told of with the next call.
pub(crate) async fn tell_of_more(
    store: &Store,
    tools: &Arc<Tools>,
    (at, over): (Millis, Millis),
) -> Result<(), Trouble> {
    let mut sign_ins = tools.guesses.unnamed(over);
    while let Some((number, count)) = sign_ins.pop() {
        if let Err(error) = tell_of_sign_ins(store, tools, at, (number, count)).await {
            tools.guesses.keep_unnamed(sign_ins.into_iter().chain([(number, count)]));
            return Err(error);
        }
    }
    let mut calls = tools.guesses.unnamed_refusals(over);
    calls.sort_unstable();
    while let Some(&((account, _), _)) = calls.last() {
        // Those of an account lie together, since they are sorted.
        let others = calls.iter().rposition(|((other, _), _)| *other != account).map_or(0, |at| at + 1);
        let some = calls.split_off(others.max(calls.len().saturating_sub(TOGETHER)));
        let mut change = Change::new(store, tools, None);
        for ((_, principal), count) in &some {
            change.record(Event::accesses_refused(principal, *count));
        }
        let permit = Permit::system(Task::Sweep, Scope::Account(account), at);
        if let Err(error) = change.commit(&permit).await {
            tools.guesses.keep_refusals(calls.into_iter().chain(some));
            return Err(error.into());
        }
    }
    Ok(())
}

async fn tell_of_sign_ins(
    store: &Store,
    tools: &Arc<Tools>,
    at: Millis,
    (number, count): (Number, i64),
) -> Result<(), Trouble> {
    let Some(directory) = directories::of_number(&mut store.reader(), number).await? else { return Ok(()) };
    let mut change = Change::new(store, tools, None);
    change.record(Event::sign_ins_refused(directory.id, count));
    Ok(change.commit(&Permit::system(Task::Sweep, Scope::Directory(directory), at)).await?)
}
