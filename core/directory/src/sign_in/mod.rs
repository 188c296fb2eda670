//! Signing in: one way for every door, which a name and a password open, and a code where the user has a device.
//!
//! Source: `reference/doors.md` §1.1, §1.2 and §2.1.

mod attempt;
mod forget;
mod refused;

use access::passwords::Hash;
use access::{Change, Circumstances, Permit, Scope};
use model::account::Directory;
use model::event::Event;
use model::policy::Expiration;
use model::user::User;
use model::{Number, Secret};
use store::users as people;

use crate::error::Error;
use crate::{devices, policies};

pub(crate) use attempt::{Attempt, UsedLink, Why, by_account, holder, key, take_as_long};
pub(crate) use forget::forget;
pub(crate) use refused::tell_of_more;
pub use store::sessions::Step;

/// What comes of a name and a password.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// They are a user's, whose account is open to them.
    Proved(Proof),
    /// They are not, or the account is not open. Why, nobody is told who tries.
    Refused,
    /// Too many were wrong that came from this address. Nothing was looked at.
    Wait {
        /// For how many seconds nothing is.
        seconds: i64,
    },
}

/// That somebody knows a user's password. It is good while the password stays what it was.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The user.
    pub user: Number,
    /// The account that was named, where it was not the username.
    pub(crate) link: Option<UsedLink>,
    /// The hash that the password was checked with.
    pub(crate) hash: Hash,
    /// How far it leads: a code is due, else another password, else nothing.
    pub step: Step,
    /// In how many days the password ends, where the person is to be told.
    pub notice_days: Option<i64>,
}

/// Checks a name and a password in a directory. The name is a username first, then an address, then a number; the first
/// that somebody has is the only one that is tried.
///
/// The change is to be committed whatever comes of it: under the permit that is returned, which is nobody's, or under
/// that of the person who is proved.
///
/// # Errors
/// `Busy`; the store's.
pub async fn sign_in(
    change: &mut Change,
    (directory, circumstances): (&Directory, &Circumstances),
    name: &str,
    password: &Secret,
) -> Result<(SignIn, Permit), Error> {
    let permit = Permit::nobody(Scope::Directory(directory.clone()), circumstances.clone());
    if let Some(seconds) = wait(change, &permit) {
        return Ok((SignIn::Wait { seconds }, permit));
    }
    let attempt = Attempt::of_name(change, &permit, name).await?;
    let is_right = attempt.check((change.tools(), &circumstances.source), password).await?;
    // Of many that came at once, those behind the last one that is taken.
    if let Some(seconds) = wait(change, &permit) {
        return Ok((SignIn::Wait { seconds }, permit));
    }
    let came = match attempt.settle(change, &permit, (password, is_right)).await? {
        Ok(user) => SignIn::Proved(prove(change, &permit, attempt, &user).await?),
        Err((why, user)) => {
            if !why.is_guess() && !change.is_made_again() {
                // Not of the name, but of the address: else one that has to wait would tell a wrong password.
                change.tools().guesses.note(&permit.circumstances().source, permit.at());
            }
            refused::record(change, &permit, user.as_ref(), why.word());
            SignIn::Refused
        }
    };
    Ok((came, permit))
}

/// For how many seconds nothing is taken from the address of a call; `None` where something is.
pub fn wait(change: &Change, permit: &Permit) -> Option<i64> {
    change.tools().guesses.wait(&permit.circumstances().source, permit.at())
}

async fn prove(change: &mut Change, permit: &Permit, attempt: Attempt, user: &User) -> Result<Proof, Error> {
    let device = devices::of_user(change.tx(), permit, user.id.number()).await?;
    let step = match device {
        Some(device) if device.is_enabled() => Step::Device,
        Some(_) | None => due(user, &attempt.expiration, permit),
    };
    match step {
        Step::Device => change.record(Event::joined("sign_in.password_proved", user, None, Some(&[]))),
        Step::Change | Step::Full => record(change, user, step),
    }
    let notice_days = user.password_notice(&attempt.expiration, permit.at());
    let (link, hash) = attempt.into_proof();
    Ok(Proof { user: user.id.number(), link, hash, step, notice_days })
}

/// What is due of who has proved all that was asked for.
fn due(user: &User, expiration: &Expiration, permit: &Permit) -> Step {
    if user.must_change_password(expiration, permit.at()) { Step::Change } else { Step::Full }
}

fn record(change: &mut Change, user: &User, step: Step) {
    let due = if step == Step::Change { "password" } else { "" };
    change.record(Event::joined("sign_in.succeeded", user, None, Some(&[("due", due.to_owned())])));
}

/// What comes of a code, or of a password once more, of a person who is known by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the person's.
    Right,
    /// It is not.
    Wrong,
    /// There were too many wrong ones: not even a right one is taken for a time.
    Locked,
    /// Nothing is taken from this address for so many seconds.
    Wait {
        /// How many.
        seconds: i64,
    },
}

/// Looks at a code that somebody shows who has proved the password of a user: of the user's device, or one that stands for
/// it. The change is to be committed whatever comes of it.
///
/// # Errors
/// The store's.
pub async fn second_step(
    change: &mut Change,
    permit: &Permit,
    user: Number,
    code: &str,
) -> Result<Verdict, Error> {
    if let Some(seconds) = wait(change, permit) {
        return Ok(Verdict::Wait { seconds });
    }
    let shown = devices::check(change, permit, user, code).await?;
    if shown != Verdict::Right {
        if !change.is_made_again() {
            change.tools().guesses.note(&permit.circumstances().source, permit.at());
        }
        return Ok(shown);
    }
    if let Some(user) = people::find(change.tx(), permit.directory(), user).await? {
        let step = due_after_device(change.tx(), permit, &user).await?;
        record(change, &user, step);
    }
    Ok(Verdict::Right)
}

/// What is due of a user who has shown a code: another password, or nothing.
///
/// # Errors
/// The store's.
pub async fn due_after_device(
    reader: &mut store::Reader,
    permit: &Permit,
    user: &User,
) -> Result<Step, Error> {
    let expiration: Option<Expiration> = policies::stored(reader, permit.directory()).await?;
    Ok(due(user, &expiration.unwrap_or_default(), permit))
}
