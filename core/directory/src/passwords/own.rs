//! People prove their passwords once more, and choose others.

use access::passwords::Hash;
use access::sessions::Key;
use access::{Change, Permit};
use model::policy::Expiration;
use model::user::User;
use model::{Number, Secret};
use store::profiles;

use super::{Candidate, judge};
use crate::error::{Argument, Error};
use crate::sign_in::{self, Attempt, Verdict, Why};
use crate::users::{self, PasswordChange, Way};
use crate::{policies, sessions};

/// What comes of a password that a person chooses for the own account.
#[derive(Debug)]
pub enum Chosen {
    /// It is set. Every other session, every token and every link of the person is over.
    Set,
    /// The session is over: whatever has ended it came first, maybe another password.
    Over,
    /// The present password was not proved.
    Unproved(Verdict),
}

/// Looks at a password that a person shows once more who is signed in. Wrong ones count as in a sign-in, so the change is
/// to be committed whatever comes of it.
///
/// # Errors
/// `Busy`; the store's.
pub async fn prove_own(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    password: &Secret,
) -> Result<Verdict, Error> {
    match Checked::of(change, permit, user, password).await? {
        Ok(checked) => checked.settle(change, permit).await,
        Err(verdict) => Ok(verdict),
    }
}

/// Sets the password that a person has chosen for the own account, in a session that goes on. `old` is the present one;
/// there is none where the change is forced, because the session proves it. Wrong ones count, so the change is to be
/// committed whatever comes of it.
///
/// # Errors
/// `WeakPassword`; `Reused`; `Busy`; `Forbidden` the user, where the permit is another's, or where people are kept from
/// changing this password and nothing forces them to.
pub async fn choose_own(
    change: &mut Change,
    permit: &Permit,
    (key, user): (&Key, &User),
    old: Option<&Secret>,
    candidate: Candidate<'_>,
) -> Result<Chosen, Error> {
    // Everything is hashed before the change opens, and the new password for nobody who does not know the old one.
    let checked = match old {
        Some(old) => match Checked::of(change, permit, user, old).await? {
            Ok(checked) if checked.is_right => Some(checked),
            Ok(checked) => return Ok(Chosen::Unproved(checked.settle(change, permit).await?)),
            Err(verdict) => return Ok(Chosen::Unproved(verdict)),
        },
        None => match sign_in::wait(change, permit) {
            Some(seconds) => return Ok(Chosen::Unproved(Verdict::Wait { seconds })),
            None => None,
        },
    };
    let judged = judge(change, permit, Some(user.id.number()), candidate).await;
    // Before a word about the new one: else who guesses at the old one would learn through a lock which is right.
    if let Some(checked) = checked {
        let shown = checked.settle(change, permit).await?;
        if shown != Verdict::Right {
            return Ok(Chosen::Unproved(shown));
        }
    }
    let hash = judged?;
    set_own(change, permit, (key, user.id.number()), &hash).await
}

async fn set_own(
    change: &mut Change,
    permit: &Permit,
    (key, user): (&Key, Number),
    hash: &Hash,
) -> Result<Chosen, Error> {
    let directory = permit.directory();
    let Some(signed) = sessions::locked(change, permit, (key, user)).await? else { return Ok(Chosen::Over) };
    let user = &signed.user;
    let policy: Expiration = policies::stored(change.tx(), directory).await?.unwrap_or_default();
    let keeps_password = profiles::get(change.tx(), directory, user.id.number()).await?.keeps_password;
    let is_kept = keeps_password && !user.must_change_password(&policy, permit.at());
    if !permit.covers(user.id) || is_kept {
        return Err(Error::Forbidden(Argument::User, user.username.to_string()));
    }
    let password = PasswordChange { hash, must_change: false, tells: &[Way::Mail] };
    users::set_password_of(change, permit, user, password).await?;
    sessions::go_on(change, key, &signed).await?;
    Ok(Chosen::Set)
}

/// A password that was checked, and of which nothing has come yet.
struct Checked<'a> {
    attempt: Attempt,
    password: &'a Secret,
    is_right: bool,
}

impl<'a> Checked<'a> {
    /// Of a user, unless not even a right one is taken now. Of who is locked out none is looked at: how long it takes would
    /// tell a right one.
    async fn of(
        change: &mut Change,
        permit: &Permit,
        user: &User,
        password: &'a Secret,
    ) -> Result<Result<Self, Verdict>, Error> {
        if let Some(seconds) = sign_in::wait(change, permit) {
            return Ok(Err(Verdict::Wait { seconds }));
        }
        if user.locks.lock_until.is_some_and(|until| until > permit.at()) {
            return Ok(Err(Verdict::Locked));
        }
        let attempt = Attempt::of_user(change, permit, user.id.number()).await?;
        let is_right = attempt.check((change.tools(), &permit.circumstances().source), password).await?;
        let waits = sign_in::wait(change, permit);
        Ok(waits.map_or(Ok(Self { attempt, password, is_right }), |seconds| Err(Verdict::Wait { seconds })))
    }

    async fn settle(&self, change: &mut Change, permit: &Permit) -> Result<Verdict, Error> {
        Ok(match self.attempt.settle(change, permit, (self.password, self.is_right)).await? {
            // One that nobody may sign in with any more is to be changed all the more.
            Ok(_) | Err((Why::Ended | Why::Easy, _)) => Verdict::Right,
            Err((Why::Locked | Why::Shut, _)) => Verdict::Locked,
            Err((Why::Unknown | Why::Wrong, _)) => Verdict::Wrong,
        })
    }
}
