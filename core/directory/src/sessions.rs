//! Sessions of browsers: begun by a proof, found by their keys, listed and ended.
//!
//! Source: `reference/doors.md` §1.1, §1.2 and §7.

use access::{Change, Circumstances, Permit, Person};
use model::account::Directory;
use model::event::Event;
use model::time::MINUTE;
use model::user::{Status, User};
use model::{DirectoryKey, Millis, Number, Right, Secret};
use store::{directories, passwords, profiles, sessions as rows, users as people};

use crate::error::Error;
use crate::links;
use crate::sign_in::{Proof, Step};
use crate::users;

pub use access::sessions::Key;
pub use store::sessions::Session;

/// How long a session lasts that nobody uses.
const IDLE: i64 = 60 * MINUTE;
/// How long a sign-in may take that is not complete.
const INCOMPLETE: i64 = 15 * MINUTE;
/// A session that was used within this time is not noted as used again.
const TOUCH: i64 = MINUTE;
/// Sessions that a user has at once; a further one ends the oldest.
const MOST: usize = 50;
/// The same of those whose sign-in has not come to its end.
const MOST_INCOMPLETE: usize = 5;
/// Characters that are kept of what a browser calls itself.
const LONGEST_AGENT: usize = 256;
/// What a person does on the pages, as a refusal would name it.
const OWN: Right = Right::update("roster:UpdateOwnAccount");

/// Who is signed in, where, and by which session.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The session.
    pub session: Session,
    /// The user as of now.
    pub user: User,
    /// The directory, which is there.
    pub directory: Directory,
}

impl Signed {
    /// The permit of this person for the own record.
    pub fn permit(&self, circumstances: &Circumstances) -> Permit {
        own_permit(&self.directory, &self.user, circumstances)
    }

    /// Whether nothing is due any more before the person is let in.
    pub fn is_full(&self) -> bool {
        self.session.step == Step::Full
    }
}

/// Where a session begins, and how long it may last.
#[derive(Debug, Clone, Copy)]
pub struct Browser<'a> {
    /// What the browser calls itself; of a long text the beginning is kept.
    pub agent: &'a str,
    /// Milliseconds that a complete sign-in lasts at most.
    pub life: i64,
}

/// A session that has begun.
#[derive(Debug)]
pub struct Begun {
    /// What its browser is to keep.
    pub key: Key,
    /// Who is signed in by it.
    pub signed: Signed,
    /// What its making is committed under.
    pub permit: Permit,
}

/// Begins a session for who has proved to be a user; `None` where the proof is no longer good. Beyond 50 sessions of the
/// user the oldest ends.
///
/// # Errors
/// The store's.
pub async fn begin(
    change: &mut Change,
    (directory, circumstances): (&Directory, &Circumstances),
    proof: &Proof,
    browser: Browser<'_>,
) -> Result<Option<Begun>, Error> {
    let (at, key) = (circumstances.at, directory.key);
    let Some(user) = people::lock_one(change.tx(), key, proof.user).await? else { return Ok(None) };
    let known = passwords::find(change.tx(), key, proof.user).await?;
    if known.as_deref() != Some(proof.hash.as_phc()) || user.is_shut_at(at) {
        return Ok(None);
    }
    let permit = own_permit(directory, &user, circumstances);
    if let Some(link) = &proof.link {
        links::note_use(change, &permit, link.named()).await?;
    }
    let step = proof.step;
    make_room(change, key, &user, step).await?;
    let session = Session {
        id: format!("{:032x}", change.tools().ids.salt()),
        created: at,
        used: at,
        expires: ends(step, at, browser.life),
        source: circumstances.source.clone(),
        agent: browser.agent.chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect(),
        step,
    };
    let own = Key::draw(change);
    rows::insert(change.tx(), key, proof.user, (&own.hash(), &session)).await?;
    record(change, "session.begun", &user, &session);
    if session.step == Step::Full {
        profiles::note_visit(change.tx(), key, proof.user, at).await?;
    }
    let signed = Signed { session, user, directory: directory.clone() };
    Ok(Some(Begun { key: own, signed, permit }))
}

/// Ends the oldest sessions of a user that are beyond the bound, so that one more may come to this step. Those that are
/// complete give way to complete ones only: who knows a password alone ends none of them.
async fn make_room(
    change: &mut Change,
    directory: DirectoryKey,
    user: &User,
    step: Step,
) -> Result<(), store::Error> {
    let is_full = step == Step::Full;
    let most = if is_full { MOST } else { MOST_INCOMPLETE };
    let all = rows::of_user(change.tx(), directory, user.id.number()).await?;
    let alike = all.into_iter().filter(|(_, session)| (session.step == Step::Full) == is_full);
    for (hash, session) in alike.skip(most - 1) {
        rows::end(change.tx(), &hash).await?;
        record(change, "session.ended", user, &session);
    }
    Ok(())
}

/// Brings a session to its next step, under another key: who has seen the old one gains nothing. `None` where the
/// session is over.
///
/// # Errors
/// The store's.
pub async fn raise(
    change: &mut Change,
    permit: &Permit,
    (key, user): (&Key, Number),
    step: Step,
    life: i64,
) -> Result<Option<Key>, Error> {
    let Some(signed) = locked(change, permit, (key, user)).await? else { return Ok(None) };
    let (at, own) = (permit.at(), Key::draw(change));
    let expires = ends(step, at, life);
    if step == Step::Full {
        make_room(change, permit.directory(), &signed.user, step).await?;
    }
    if !rows::raise(change.tx(), (&key.hash(), &own.hash()), step, expires).await? {
        return Ok(None);
    }
    record(change, "session.raised", &signed.user, &Session { step, expires, ..signed.session });
    if step == Step::Full {
        profiles::note_visit(change.tx(), permit.directory(), user, at).await?;
    }
    Ok(Some(own))
}

/// Who is signed in by this key; `None` where nobody is: the session is unknown, over or ended, or the user may not act.
///
/// # Errors
/// The store's.
pub async fn find(reader: &mut store::Reader, key: &Key, at: Millis) -> Result<Option<Signed>, Error> {
    let found = rows::find(reader, &key.hash()).await?;
    let signed = found.map(|(session, user, directory)| Signed { session, user, directory });
    Ok(signed.filter(|signed| is_live(&signed.session, &signed.user, at)))
}

/// The same in a change, with the user locked for it.
///
/// # Errors
/// The store's.
pub async fn locked(
    change: &mut Change,
    permit: &Permit,
    (key, user): (&Key, Number),
) -> Result<Option<Signed>, Error> {
    if people::lock_one(change.tx(), permit.directory(), user).await?.is_none() {
        return Ok(None);
    }
    let found = find(change.tx(), key, permit.at()).await?;
    Ok(found.filter(|found| found.user.id.number() == user && found.directory.key == permit.directory()))
}

/// Notes that a session is in use, to the minute; whether there was something to note. That is no event.
///
/// # Errors
/// The store's.
pub async fn touch(change: &mut Change, signed: &Signed, key: &Key, at: Millis) -> Result<bool, Error> {
    let is_due = at.since(signed.session.used) >= TOUCH;
    if is_due {
        rows::touch(change.tx(), &key.hash(), at).await?;
    }
    Ok(is_due)
}

/// The sessions of a user that are not over, the newest first.
///
/// # Errors
/// The store's.
pub async fn list(reader: &mut store::Reader, permit: &Permit, user: &User) -> Result<Vec<Session>, Error> {
    let all = rows::of_user(reader, permit.directory(), user.id.number()).await?;
    let live = all.into_iter().map(|(_, session)| session);
    Ok(live.filter(|session| is_live(session, user, permit.at())).collect())
}

/// Ends the session of a user, who is locked for this change, that lists show under `id`; whether there was one.
///
/// # Errors
/// The store's.
pub async fn end(change: &mut Change, permit: &Permit, user: &User, id: &str) -> Result<bool, Error> {
    let all = rows::of_user(change.tx(), permit.directory(), user.id.number()).await?;
    let Some((hash, session)) = all.into_iter().find(|(_, session)| session.id == id) else {
        return Ok(false);
    };
    rows::end(change.tx(), &hash).await?;
    record(change, "session.ended", user, &session);
    Ok(true)
}

/// Ends what sign-ins of a user, who is locked for this change, have not come to their end.
///
/// # Errors
/// The store's.
pub(crate) async fn end_incomplete(change: &mut Change, permit: &Permit, user: &User) -> Result<(), Error> {
    for (hash, session) in rows::of_user(change.tx(), permit.directory(), user.id.number()).await? {
        if session.step != Step::Full {
            rows::end(change.tx(), &hash).await?;
            record(change, "session.ended", user, &session);
        }
    }
    Ok(())
}

/// Ends a session because its browser gets another one, or gives it up. It may be another user's, and of another
/// directory, than the change is for: the event is that user's, in that directory.
///
/// # Errors
/// The store's.
pub async fn replace(
    change: &mut Change,
    circumstances: &Circumstances,
    (key, former): (&Key, &Signed),
) -> Result<(), Error> {
    if rows::end(change.tx(), &key.hash()).await? {
        let event = event("session.ended", &former.user, &former.session);
        change.record_under(former.permit(circumstances), event);
    }
    Ok(())
}

/// Ends whatever a user, who is locked for this change, has begun: every session, every token, every code.
///
/// # Errors
/// The store's.
pub async fn end_all(change: &mut Change, permit: &Permit, user: &User) -> Result<User, Error> {
    // What differs makes the user be signed out.
    let after = User { signed_out: Some(user.begins_at(permit.at())), ..user.clone() };
    users::write(change, permit, "user.signed_out", user, after).await
}

/// Lets a session go on after its user, who is locked for this change, was signed out in the same change: whoever sets
/// another password stays where that was done. The session is as it was read before.
///
/// # Errors
/// The store's.
pub(crate) async fn go_on(change: &mut Change, key: &Key, former: &Signed) -> Result<(), Error> {
    let (directory, user) = (former.directory.key, former.user.id.number());
    Ok(rows::insert(change.tx(), directory, user, (&key.hash(), &former.session)).await?)
}

/// The directory that the pages are for: the one with this number, of whichever account; without one the default one of
/// the oldest account.
///
/// # Errors
/// The store's.
pub async fn place(reader: &mut store::Reader, number: Option<Number>) -> Result<Option<Directory>, Error> {
    if let Some(number) = number {
        return Ok(directories::of_number(reader, number).await?);
    }
    match directories::first_account(reader).await? {
        Some(account) => Ok(directories::default_of(reader, account).await?),
        None => Ok(None),
    }
}

/// A key that was sent as text.
pub fn key(text: &str) -> Key {
    Key::new(Secret::new(text))
}

fn own_permit(directory: &Directory, user: &User, circumstances: &Circumstances) -> Permit {
    let person = Person { directory: directory.id, user: user.id };
    let permit = Permit::by_proof(person, OWN, directory.clone(), circumstances.clone());
    permit.expect("the user is in this directory")
}

fn ends(step: Step, at: Millis, life: i64) -> Millis {
    match step {
        Step::Full => at.plus(life),
        Step::Change | Step::Device => at.plus(INCOMPLETE.min(life)),
    }
}

/// Whether a session is good for this user, as of now. An administrator's lock alone ends none, but nobody who is locked
/// completes a sign-in.
fn is_live(session: &Session, user: &User, at: Millis) -> bool {
    let is_due = user.locks.locks_at.as_ref().is_some_and(|locks| locks.at <= at);
    let is_barred = session.step != Step::Full && user.is_shut_at(at);
    let is_over = session.expires <= at || at.since(session.used) > IDLE;
    user.status == Status::Enabled && !is_due && !is_barred && !is_over
}

fn record(change: &mut Change, what: &'static str, user: &User, session: &Session) {
    change.record(event(what, user, session));
}

fn event(what: &'static str, user: &User, session: &Session) -> Event {
    let step = match session.step {
        Step::Change => "change",
        Step::Device => "device",
        Step::Full => "full",
    };
    let facts = [("session", session.id.clone()), ("step", step.to_owned())];
    Event::joined(what, user, None, Some(&facts))
}
