//! Work whose time comes by itself, done by one process at a time: people are told that their passwords end.
//!
//! What any number of processes may do at once is the sweep's.

use std::sync::Arc;

use access::{Change, Permit, Scope, Task, Tools};
use model::account::Directory;
use model::event::Event;
use model::policy::{Expiration, NoticeChannel};
use model::time::{DAY, MINUTE};
use model::user::User;
use model::{Millis, Number};
use store::outbox::Way;
use store::reminders::{self, Notice};
use store::{Store, directories, leases, users as people};

use crate::messages::{self, Facts, Template};
use crate::policies;
use crate::sweep::Trouble;

/// What the lease of the work is called.
const LEASE: &str = "password_reminders";
/// How often the work is done: whoever takes it has it for so long, and the next one takes it after that. So it goes on
/// where a process ends in the middle of it.
const EVERY: i64 = 60 * MINUTE;
/// Users who are looked at in one query.
const LOOK: i64 = 5_000;
/// Users who are told in one change.
const STEP: usize = 100;
/// How often a change that met another one is made again.
const TRIES: usize = 3;

/// Does the work, where it is due and no other process has it; how many people were told. `holder` names the process.
///
/// # Errors
/// The last trouble, where there was any. It keeps nobody else from being told; whom it has kept is told the next time.
pub async fn run(store: &Store, tools: &Arc<Tools>, holder: &str, at: Millis) -> Result<usize, Trouble> {
    if !leases::is_free(&mut store.reader(), LEASE, at).await? || !take(store, tools, holder, at).await? {
        return Ok(0);
    }
    let (mut told, mut trouble) = (0, None);
    for directory in directories::all(&mut store.reader()).await? {
        match tell(store, tools, &directory, at).await {
            Ok(more) => told += more,
            Err(error) => trouble = Some(error),
        }
    }
    trouble.map_or(Ok(told), Err)
}

/// Tells the people of one directory; how many.
async fn tell(
    store: &Store,
    tools: &Arc<Tools>,
    directory: &Directory,
    at: Millis,
) -> Result<usize, Trouble> {
    let policy: Expiration = policies::stored(&mut store.reader(), directory.key).await?.unwrap_or_default();
    match notice(&policy) {
        Some(notice) => Round { store, tools, directory, policy: &policy, notice, at }.tell_all().await,
        None => Ok(0),
    }
}

async fn take(store: &Store, tools: &Arc<Tools>, holder: &str, at: Millis) -> Result<bool, Trouble> {
    let Some(account) = directories::first_account(&mut store.reader()).await? else { return Ok(false) };
    let mut change = Change::new(store, tools, None);
    let is_taken = leases::take(change.tx(), LEASE, holder, at, at.plus(EVERY)).await?;
    change.commit(&Permit::system(Task::Remind, Scope::Account(account), at)).await?;
    Ok(is_taken)
}

/// Which passwords people are told of by messages; `None` where they are not.
fn notice(policy: &Expiration) -> Option<Notice> {
    let ways = ways(policy);
    let notice = Notice {
        valid_days: i64::from(policy.valid_days_of_passwords()?),
        notice_days: i64::from(policy.notice_days?),
        by_mail: ways.contains(&Way::Mail),
        by_text: ways.contains(&Way::Text),
    };
    (policy.notifies && (notice.by_mail || notice.by_text)).then_some(notice)
}

/// By which ways; who signs in is told by the page.
fn ways(policy: &Expiration) -> Vec<Way> {
    let way = |channel: &NoticeChannel| match channel {
        NoticeChannel::Email => Some(Way::Mail),
        NoticeChannel::Sms => Some(Way::Text),
        NoticeChannel::Login => None,
    };
    policy.channels.iter().filter_map(way).collect()
}

/// One look at all people of a directory.
struct Round<'a> {
    store: &'a Store,
    tools: &'a Arc<Tools>,
    directory: &'a Directory,
    policy: &'a Expiration,
    notice: Notice,
    at: Millis,
}

impl Round<'_> {
    async fn tell_all(&self) -> Result<usize, Trouble> {
        let (mut after, mut told) = (Number(0), 0);
        loop {
            let mut reader = self.store.reader();
            let looked =
                reminders::look(&mut reader, self.directory.key, self.notice, self.at, after, LOOK).await?;
            for users in looked.due.chunks(STEP) {
                told += self.tell_in_tries(users).await?;
            }
            match looked.last {
                Some(last) => after = last,
                None => return Ok(told),
            }
        }
    }

    async fn tell_in_tries(&self, users: &[Number]) -> Result<usize, Trouble> {
        for _ in 1..TRIES {
            match self.tell_some(users).await {
                Err(trouble) if trouble.is_transient() => {}
                done => return done,
            }
        }
        self.tell_some(users).await
    }

    async fn tell_some(&self, users: &[Number]) -> Result<usize, Trouble> {
        let permit = Permit::system(Task::Remind, Scope::Directory(self.directory.clone()), self.at);
        let mut change = Change::new(self.store, self.tools, None);
        let mut told = 0;
        for user in people::lock_all(change.tx(), self.directory.key, users).await? {
            told += usize::from(self.tell_one(&mut change, &permit, &user).await?);
        }
        change.commit(&permit).await?;
        Ok(told)
    }

    async fn tell_one(&self, change: &mut Change, permit: &Permit, user: &User) -> Result<bool, Trouble> {
        let (set_at, ends) = (user.password.set_at, user.password_ends(self.policy));
        let (Some(set_at), Some(ends)) = (set_at, ends) else { return Ok(false) };
        // The password may be another one since the look, and another process may have told of it.
        if ends <= self.at || ends.since(self.at) > self.notice.notice_days * DAY {
            return Ok(false);
        }
        let told = reminders::find(change.tx(), permit.directory(), user.id.number()).await?;
        let last_day = ends.plus(-DAY);
        if told.is_some_and(|told| told.set_at == set_at && (told.sent >= last_day || last_day > self.at)) {
            return Ok(false);
        }
        let ways = ways(self.policy).into_iter().filter(|way| messages::reaches(user, *way));
        let facts = Facts { days: user.password_days_left(self.policy, self.at), ..Facts::default() };
        let mut is_told = false;
        for way in ways {
            messages::tell(change, permit, Template::PasswordEnds, user, way, &facts).await?;
            is_told = true;
        }
        if is_told {
            reminders::set(change.tx(), permit.directory(), user.id.number(), set_at, self.at).await?;
            let days = facts.days.unwrap_or_default().to_string();
            change.record(Event::joined("user.password_end_told", user, None, Some(&[("days", days)])));
        }
        Ok(is_told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_sent_only_where_a_way_of_messages_is_configured() {
        let policy = |enabled, notifies, channels: &[NoticeChannel]| Expiration {
            enabled,
            valid_days: Some(90),
            notifies,
            channels: channels.to_vec(),
            notice_days: Some(7),
            ..Expiration::default()
        };
        let told = |by_mail, by_text| Some(Notice { valid_days: 90, notice_days: 7, by_mail, by_text });
        let of_others = Expiration {
            sources: vec!["ia_webauthn".to_owned()],
            ..policy(true, true, &[NoticeChannel::Email])
        };
        for (policy, expected) in [
            (policy(true, true, &[NoticeChannel::Email]), told(true, false)),
            (policy(true, true, &[NoticeChannel::Login, NoticeChannel::Sms]), told(false, true)),
            (of_others, None),
            (policy(true, true, &[NoticeChannel::Login]), None),
            (policy(true, false, &[NoticeChannel::Email]), None),
            (policy(false, true, &[NoticeChannel::Email]), None),
        ] {
            assert_eq!(notice(&policy), expected, "{policy:?}");
        }
    }
}
