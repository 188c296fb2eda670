//! What apps bring to get tokens, and what they get.

use access::apps::{self, App};
use access::assertions::{self, Subject, Unbelieved};
use access::keyring::Keyring;
use access::refresh::{self, Turn};
use access::{Change, Circumstances, Failure, Permit, Service, secrets, signing_keys};
use model::account::Directory;
use model::event::Event;
use model::text::{ChosenId, DisplayName, Username};
use model::user::User;
use model::{Millis, Number, Secret};
use store::{directories, oauth_codes, users as people};

use super::Refused;
use super::issue::{By, Given, grant, is_in, to_app, to_user};
use crate::error::{Argument, Error};
use crate::users::{self, NewUser};
use crate::{domains, drives};

/// Characters of an unknown client id that are repeated.
const LONGEST_ID: usize = 128;

/// An app as it names and proves itself.
#[derive(Debug, Clone, Copy)]
pub struct Client<'a> {
    /// The client id.
    pub id: &'a str,
    /// The secret, where it said one.
    pub secret: Option<&'a Secret>,
}

/// The app with this client id.
///
/// # Errors
/// `NoApp`.
pub async fn find_app(reader: &mut store::Reader, id: &str) -> Result<App, Refused> {
    apps::find(reader, id).await?.ok_or_else(|| Refused::NoApp(id.chars().take(LONGEST_ID).collect()))
}

/// The directory of an app's account with this number, or the default one.
///
/// # Errors
/// `Missing` the directory.
pub async fn domain_of_app(
    reader: &mut store::Reader,
    app: &App,
    number: Option<Number>,
) -> Result<Directory, Error> {
    let found = match number {
        Some(number) => directories::find(reader, app.account, number).await?,
        None => directories::default_of(reader, app.account).await?,
    };
    let text = || number.map(Number::domain).unwrap_or_default();
    found.ok_or_else(|| Error::Missing(Argument::Directory, text()))
}

/// Asks whether the app may work in the directory.
///
/// # Errors
/// `NotAllowed`.
pub async fn may_work(reader: &mut store::Reader, app: &App, directory: &Directory) -> Result<(), Refused> {
    if domains::app_is_allowed(reader, directory.key, &app.id).await? {
        Ok(())
    } else {
        Err(Refused::NotAllowed)
    }
}

/// Gives tokens for what an app has signed: of a user, who is made where the app wants that, or of the app itself.
/// `label` is the part of the directory that the user must be in; empty for any.
///
/// # Errors
/// `NoApp`, `Assertion`, `NotAllowed`, `Shut`, `Label`; a user who is not there is `Missing`, and where one cannot be
/// made `Taken`, `Unfit` or `TooMany`.
pub async fn by_assertion(
    change: &mut Change,
    circumstances: &Circumstances,
    client: &str,
    assertion: &Secret,
    label: &str,
) -> Result<(Given, Permit), Refused> {
    prepare(change, circumstances.at).await?;
    let mut beside = change.beside();
    let app = find_app(beside.rows(), client).await?;
    let assertion = assertions::read(&app, assertion.reveal_text().unwrap_or_default(), circumstances.at)?;
    let directory = directory_of(beside.rows(), &app, assertion.domain()).await?;
    let directory = directory.ok_or(Unbelieved::Domain)?;
    may_work(beside.rows(), &app, &directory).await?;
    let permit = permit(&app, directory, circumstances);
    let known = match &assertion.subject {
        Subject::User { id, .. } => people::find_public(beside.rows(), permit.directory(), id).await?,
        Subject::Service => None,
    };
    // Given back before the change opens, for which many wait at once.
    drop(beside);
    // Whoever is made in this change is locked by nobody else.
    if let Some(user) = known {
        drives::prepare_first(change, &permit, user.id.number()).await?;
    }
    if !assertions::take(change, &app, &assertion, permit.at()).await? {
        return Err(Unbelieved::Repeated.into());
    }
    let by = By { app: Some(&app), grant: grant::ASSERTION, chain: None };
    let given = match &assertion.subject {
        Subject::Service => to_app(change, &permit, &app, by).await?,
        Subject::User { id, auto_create } => {
            let user = user_of(change, &permit, id, *auto_create).await?;
            require_open(&user, &permit)?;
            if !is_in(change, &permit, &user, label).await? {
                return Err(Refused::Label);
            }
            to_user(change, &permit, &user, by).await?
        }
    };
    Ok((given, permit))
}

/// Gives tokens for a code, once.
///
/// # Errors
/// `NoApp`, `NoSecret`, `Secret`, `Code`, `NotAllowed`, `Shut`.
pub async fn by_code(
    change: &mut Change,
    circumstances: &Circumstances,
    client: Client<'_>,
    code: &Secret,
    redirect_uri: &str,
) -> Result<(Given, Permit), Refused> {
    prepare(change, circumstances.at).await?;
    let mut beside = change.beside();
    let app = proved(&change.tools().keys.now(), beside.rows(), client).await?;
    let hash = secrets::hash(code.reveal());
    let found = oauth_codes::find(beside.rows(), &hash).await?;
    let found = found.filter(|found| {
        found.app == app.id && found.redirect_uri == redirect_uri && found.expires > circumstances.at
    });
    let found = found.ok_or(Refused::Code)?;
    let directory = directories::find(beside.rows(), app.account, found.directory).await?;
    let directory = directory.ok_or(Refused::Code)?;
    may_work(beside.rows(), &app, &directory).await?;
    let permit = permit(&app, directory, circumstances);
    drop(beside);
    drives::prepare_first(change, &permit, found.user).await?;
    // The user's row before the code's, as whoever removes the user takes them.
    let user = people::lock_one(change.tx(), permit.directory(), found.user).await?;
    let user = user.ok_or(Refused::Code)?;
    if !oauth_codes::spend(change.tx(), &hash).await? {
        return Err(Refused::Code);
    }
    require_open(&user, &permit)?;
    let by = By { app: Some(&app), grant: grant::CODE, chain: None };
    Ok((to_user(change, &permit, &user, by).await?, permit))
}

/// Gives the next tokens for a refresh token. One that was spent long ago ends all refresh tokens
/// of its chain; access tokens run out.
///
/// # Errors
/// `NoApp`, `NoSecret`, `Secret`, `RefreshToken`, `NotAllowed`, `Shut`.
pub async fn by_refresh_token(
    change: &mut Change,
    circumstances: &Circumstances,
    client: Client<'_>,
    token: &Secret,
) -> Result<(Given, Permit), Refused> {
    prepare(change, circumstances.at).await?;
    let mut beside = change.beside();
    let app = proved(&change.tools().keys.now(), beside.rows(), client).await?;
    let found = refresh::find(beside.rows(), token, circumstances.at).await?;
    // One that was given to no app is good for any.
    let found = found.filter(|found| found.app.is_empty() || found.app == app.id);
    let found = found.ok_or(Refused::RefreshToken)?;
    let directory = directories::find(beside.rows(), app.account, found.directory).await?;
    let directory = directory.ok_or(Refused::RefreshToken)?;
    may_work(beside.rows(), &app, &directory).await?;
    let permit = permit(&app, directory, circumstances);
    drop(beside);
    let user = match found.user {
        None => None,
        // The user's row before the token's, as whoever removes the user takes them.
        Some(user) => {
            let user = people::lock_one(change.tx(), permit.directory(), user).await?;
            let user = user.filter(|user| user.signed_out.is_none_or(|out| found.issued > out));
            Some(user.ok_or(Refused::RefreshToken)?)
        }
    };
    let turn = refresh::spend(change, &permit, &found).await?.ok_or(Refused::RefreshToken)?;
    if turn == Turn::Reused {
        change.record(match &user {
            Some(user) => Event::joined("token.reused", user, Some(&[("app", app.id.clone())]), None),
            None => Event::app("token.reused_by_app", &app.id, &app.name),
        });
        // The chain has ended though the call is refused, so this is committed here and by nobody else.
        change.commit(&permit).await.map_err(not_committed)?;
        return Err(Refused::RefreshToken);
    }
    let by = By { app: Some(&app), grant: grant::REFRESH_TOKEN, chain: Some(&found.chain) };
    let given = match &user {
        Some(user) => {
            require_open(user, &permit)?;
            to_user(change, &permit, user, by).await?
        }
        None => to_app(change, &permit, &app, by).await?,
    };
    Ok((given, permit))
}

/// Sees to it that tokens can be signed: to be called before the change opens.
///
/// # Errors
/// The store's.
pub async fn prepare(change: &mut Change, at: Millis) -> Result<(), Error> {
    change.keep_signing_key(at).await.map_err(|error| match error {
        signing_keys::Error::Store(error) => error.into(),
        signing_keys::Error::Change(failure) => not_committed(failure),
        other => Error::Store(store::Error::Corrupt(other.to_string())),
    })
}

fn not_committed(failure: Failure) -> Error {
    match failure {
        Failure::Store(error) => error.into(),
        Failure::Unrecorded => Error::Store(store::Error::Corrupt(failure.to_string())),
    }
}

/// The app that asks, which has said its secret where it has one.
async fn proved(keyring: &Keyring, reader: &mut store::Reader, client: Client<'_>) -> Result<App, Refused> {
    let app = find_app(reader, client.id).await?;
    if app.has_secret() {
        let secret = client.secret.ok_or(Refused::NoSecret)?;
        if !app.is_secret(keyring, secret) {
            return Err(Refused::Secret);
        }
    }
    Ok(app)
}

async fn directory_of(
    reader: &mut store::Reader,
    app: &App,
    number: Option<Number>,
) -> Result<Option<Directory>, store::Error> {
    match number {
        Some(number) => directories::find(reader, app.account, number).await,
        None => Ok(None),
    }
}

fn permit(app: &App, directory: Directory, circumstances: &Circumstances) -> Permit {
    let service = Service { directory: directory.key.number, app: app.id.clone() };
    Permit::by_app(service, directory, circumstances.clone())
}

/// The user whom an assertion names, locked for this change; a new one where there is none and the app wants that.
async fn user_of(change: &mut Change, permit: &Permit, id: &str, auto_create: bool) -> Result<User, Refused> {
    let taken = match users::locked_by_public_id(change, permit, id).await {
        Err(Error::Missing(..)) if auto_create => match make_user(change, permit, id).await {
            Err(taken @ Error::Taken(..)) => taken,
            made => return Ok(made?),
        },
        found => return Ok(found?),
    };
    // Another first sign-in may have made the user between the two questions; else the name is somebody else's.
    users::locked_by_public_id(change, permit, id).await.map_err(|error| match error {
        Error::Missing(..) => taken.into(),
        other => other.into(),
    })
}

/// A user of whom only the id is known. Source: `reference/doors.md` §5, JWT auto_create.
async fn make_user(change: &mut Change, permit: &Permit, id: &str) -> Result<User, Error> {
    let unfit = |_| Error::Unfit(Argument::ChosenId, id.to_owned());
    let chosen_id = ChosenId::new(id).map_err(unfit)?;
    let username = Username::new(id).map_err(unfit)?;
    let display_name = DisplayName::new(id).map_err(unfit)?;
    let new = NewUser { chosen_id: Some(chosen_id), display_name, ..NewUser::named(username) };
    let made = users::create(change, permit, std::slice::from_ref(&new)).await?.pop();
    made.expect("one for each user")
}

/// Whether the account is open to who does not come with a password.
fn require_open(user: &User, permit: &Permit) -> Result<(), Refused> {
    if user.is_shut_for_good(permit.at()) { Err(Refused::Shut(user.public_id())) } else { Ok(()) }
}
