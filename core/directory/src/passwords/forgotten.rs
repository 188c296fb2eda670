//! Somebody has forgotten a password: a message leads to another one.

use access::{Change, Circumstances, Permit, Scope};
use model::Number;
use model::account::Directory;
use model::event::Event;
use model::link::LinkKind;
use model::lockout::{Failures, Limit};
use model::policy::{Forgotten, ProofChannel};
use model::time::MINUTE;
use model::user::User;
use store::failures::{self, Kind};
use store::{links, profiles, users as people};

use crate::error::Error;
use crate::messages::{Facts, Template, tell};
use crate::policies;
use crate::sign_in::{self, holder, key, take_as_long};
use crate::users::Way;

/// Three messages within an hour, and then none for an hour.
const LIMIT: Limit =
    Limit { after: 3, within: 60 * MINUTE, first_lock: 60 * MINUTE, longest_lock: 60 * MINUTE };

/// What comes of asking for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It is noted, whether or not anybody is called so.
    Noted,
    /// Nothing is taken from this address for so many seconds.
    Wait {
        /// How many.
        seconds: i64,
    },
}

/// Sends a message that leads to another password to whoever a name stands for, by the ways that the policy allows and
/// to what is known to be that person's. What is told is the same whether or not there is such a person, and it takes as
/// long as a sign-in. The change is committed under the permit that is returned, which is nobody's.
///
/// # Errors
/// `Busy`; the store's.
pub async fn forgotten(
    change: &mut Change,
    (directory, circumstances): (&Directory, &Circumstances),
    name: &str,
) -> Result<(Asked, Permit), Error> {
    let permit = Permit::nobody(Scope::Directory(directory.clone()), circumstances.clone());
    if let Some(seconds) = sign_in::wait(change, &permit) {
        return Ok((Asked::Wait { seconds }, permit));
    }
    let user = holder(change.beside().rows(), &permit, name).await?.map(|(user, _)| user);
    let key = key(change, &permit, Kind::Forgotten, user, name);
    // A hash hides what little the work for a user differs in, and bounds how many may ask.
    take_as_long((change.tools(), &circumstances.source)).await?;
    if !change.is_made_again() {
        change.tools().guesses.note(&circumstances.source, circumstances.at);
    }
    let user = people::lock_one(change.tx(), directory.key, user.unwrap_or_default()).await?;
    let may_ask = count(change, &permit, &key).await?;
    let ways = ways(change.tx(), &permit, user.as_ref()).await?;
    if let Some(user) = user.filter(|_| may_ask && !ways.is_empty()) {
        send(change, &permit, &user, &ways).await?;
    }
    Ok((Asked::Noted, permit))
}

/// Counts one more who asks; whether that is not too often.
async fn count(change: &mut Change, permit: &Permit, key: &str) -> Result<bool, Error> {
    let (directory, at) = (permit.directory(), permit.at());
    let known = failures::lock(change.tx(), directory, key, at).await?;
    if known.is_some_and(|known| known.locked_at(at).is_some()) {
        return Ok(false);
    }
    let after = Failures::and_one(known, at, &LIMIT);
    failures::set(change.tx(), directory, key, (known, after), after.forgotten(&LIMIT)).await?;
    Ok(true)
}

/// By which ways a user is reached who has forgotten the password; by none who is not there, may not act, or may not
/// choose another password.
///
/// # Errors
/// The store's.
pub(crate) async fn ways(
    reader: &mut store::Reader,
    permit: &Permit,
    user: Option<&User>,
) -> Result<Vec<Way>, Error> {
    let directory = permit.directory();
    let policy: Forgotten = policies::stored(reader, directory).await?.unwrap_or_default();
    // Asked for nobody as well.
    let number = user.map_or(Number::default(), |user| user.id.number());
    let links = links::of_users(reader, directory, &[number]).await?;
    let profile = profiles::get(reader, directory, number).await?;
    let is_open = user.is_some_and(|user| !user.is_shut_for_good(permit.at()));
    if !policy.enabled || !is_open || profile.keeps_password {
        return Ok(Vec::new());
    }
    let mut ways = Vec::new();
    for (channel, kind, way) in
        [(ProofChannel::Email, LinkKind::Email, Way::Mail), (ProofChannel::Sms, LinkKind::Mobile, Way::Text)]
    {
        let is_there = links.iter().any(|link| link.kind == kind);
        ways.extend((is_there && policy.channels.contains(&channel)).then_some(way));
    }
    Ok(ways)
}

async fn send(change: &mut Change, permit: &Permit, user: &User, ways: &[Way]) -> Result<(), Error> {
    for way in ways {
        tell(change, permit, Template::PasswordForgotten, user, *way, &Facts::default()).await?;
    }
    change.record(Event::joined("user.password_forgotten", user, None, Some(&[])));
    Ok(())
}
