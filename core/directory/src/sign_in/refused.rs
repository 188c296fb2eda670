//! Refused sign-ins in the audit trail: the first ones of a minute by name, the others as a number.

use std::sync::Arc;

use access::{Change, Permit, Scope, Task, Tools};
use model::Millis;
use model::event::Event;
use model::user::User;
use store::{Store, directories};

use crate::sweep::Trouble;

/// Records that a name was refused, unless there were too many in this minute, which are counted.
pub(super) fn record(change: &mut Change, permit: &Permit, user: Option<&User>, why: &str) {
    let directory = permit.directory().number;
    if change.is_made_again() || change.tools().guesses.is_named(directory, permit.at()) {
        change.record(Event::sign_in_refused(user, why));
    }
}

/// Records how many more were refused in minutes that are over.
///
/// # Errors
/// Of the store; then they are told of no more.
pub(super) async fn tell_of_more(store: &Store, tools: &Arc<Tools>, at: Millis) -> Result<(), Trouble> {
    for (number, count) in tools.guesses.unnamed(at) {
        let Some(directory) = directories::of_number(&mut store.reader(), number).await? else { continue };
        let mut change = Change::new(store, tools, None);
        change.record(Event::sign_ins_refused(directory.id, count));
        change.commit(&Permit::system(Task::Sweep, Scope::Directory(directory), at)).await?;
    }
    Ok(())
}
