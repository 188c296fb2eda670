//! Links that lead to a new password: each is good once, for a time, and until there is another password.

use access::passwords::Hash;
use access::{Change, Circumstances, Permit, Person, secrets};
use model::account::Directory;
use model::event::Event;
use model::time::DAY;
use model::user::{Locks, User};
use model::{Millis, Number, Right, Secret};
use store::failures::{self, Kind};
use store::reset_links::{self as rows, Stored};
use store::{profiles, users as people};

use crate::error::{Argument, Error};
use crate::users::{self, PasswordChange, Way};

pub use store::reset_links::Purpose;

/// What a person does by a link, as a refusal would name it.
const RIGHT: Right = Right::update("roster:SetOwnPassword");

/// For how many milliseconds a link is good.
pub(crate) const fn link_life(purpose: Purpose) -> i64 {
    match purpose {
        Purpose::Invitation => 3 * DAY,
        Purpose::Reset | Purpose::Forgotten => DAY,
    }
}

/// Makes what a link to a new password of a user holds: 43 characters of a URL. It is good for three days to who is
/// invited, else for one.
///
/// # Errors
/// `Missing` the user.
pub(crate) async fn mint_link(
    change: &mut Change,
    permit: &Permit,
    user: Number,
    purpose: Purpose,
) -> Result<Secret, Error> {
    let directory = permit.directory();
    let found = people::lock_one(change.tx(), directory, user).await?;
    let user = found.ok_or_else(|| Error::Missing(Argument::User, user.to_string()))?;
    let token = secrets::draw(change);
    let link = Stored {
        hash: secrets::hash(token.reveal()),
        user: user.id.number(),
        purpose,
        created: permit.at(),
        expires: permit.at().plus(link_life(purpose)),
    };
    rows::insert(change.tx(), directory, &link).await?;
    let facts = [("purpose", word(purpose).to_owned()), ("expires", link.expires.to_string())];
    change.record(Event::joined("user.password_link_made", &user, None, Some(&facts)));
    Ok(token)
}

const fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Invitation => "invitation",
        Purpose::Reset => "reset",
        Purpose::Forgotten => "forgotten",
    }
}

/// Whose password a link is for, and why it was made; `None` where it is unknown, spent, too old or another directory's,
/// or where its user may not act.
///
/// # Errors
/// The store's.
pub async fn find_link(
    reader: &mut store::Reader,
    (directory, circumstances): (&Directory, &Circumstances),
    token: &Secret,
) -> Result<Option<(User, Purpose)>, Error> {
    let (key, at) = (directory.key, circumstances.at);
    let Some(link) = rows::find(reader, key, &secrets::hash(token.reveal())).await? else { return Ok(None) };
    let Some(user) = people::find(reader, key, link.user).await? else { return Ok(None) };
    let keeps_password = profiles::get(reader, key, link.user).await?.keeps_password;
    Ok(is_good(&link, &user, keeps_password, at).then_some((user, link.purpose)))
}

/// Whether a link still leads to a new password of its user. Who is kept from another one gets it by an administrator
/// alone.
fn is_good(link: &Stored, user: &User, keeps_password: bool, at: Millis) -> bool {
    let is_kept = keeps_password && link.purpose == Purpose::Forgotten;
    link.expires > at && !user.is_shut_for_good(at) && !is_kept
}

/// Sets the password that somebody has chosen by a link, and spends the link. Every other link, session and token of the
/// user ends, and so does the lock of wrong passwords. It is committed under the permit of that person, which is
/// returned. The password was judged before, for the user whom [`find_link`] names.
///
/// # Errors
/// `Missing` the code, where the link is no longer good.
pub async fn by_link(
    change: &mut Change,
    (directory, circumstances): (&Directory, &Circumstances),
    token: &Secret,
    hash: &Hash,
) -> Result<(User, Permit), Error> {
    let (key, at) = (directory.key, circumstances.at);
    let missing = || Error::Missing(Argument::Code, String::new());
    let token = secrets::hash(token.reveal());
    let link = rows::find(change.tx(), key, &token).await?.ok_or_else(missing)?;
    // The user's row before the link's, as whoever removes the user takes them.
    let user = people::lock_one(change.tx(), key, link.user).await?.ok_or_else(missing)?;
    let keeps_password = profiles::get(change.tx(), key, link.user).await?.keeps_password;
    if !is_good(&link, &user, keeps_password, at) || !rows::spend(change.tx(), key, &token).await? {
        return Err(missing());
    }
    let person = Person { directory: directory.id, user: user.id };
    let permit = Permit::by_proof(person, RIGHT, directory.clone(), circumstances.clone());
    let permit = permit.expect("the user is in this directory");
    let user = lift(change, &permit, user).await?;
    let tells: &[Way] = match link.purpose {
        Purpose::Invitation => &[],
        Purpose::Reset | Purpose::Forgotten => &[Way::Mail],
    };
    let password = PasswordChange { hash, must_change: false, tells };
    let user = users::set_password_of(change, &permit, &user, password).await?;
    Ok((user, permit))
}

/// Ends the lock of wrong passwords of a user who is locked for this change.
async fn lift(change: &mut Change, permit: &Permit, user: User) -> Result<User, Error> {
    failures::remove(change.tx(), permit.directory(), &Kind::SignIn.of_user(user.id.number())).await?;
    let locks = Locks { lock_until: None, ..user.locks.clone() };
    let after = User { locks, ..user.clone() };
    users::write(change, permit, "user.sign_in_unlocked", &user, after).await
}
