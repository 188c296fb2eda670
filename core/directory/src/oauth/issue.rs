//! Tokens are issued, and what comes with a sign-in.

use access::apps::App;
use access::tokens::{self, Issued, Whom};
use access::{Change, Permit, Scope};
use model::account::Directory;
use model::event::Event;
use model::text::Label;
use model::user::User;
use store::profiles;

use crate::drives;
use crate::error::Error;

/// Tokens, and whom they stand for.
#[derive(Debug)]
pub struct Given {
    /// The tokens.
    pub issued: Issued,
    /// Whom they stand for.
    pub holder: Holder,
    /// The directory that they are for.
    pub directory: Directory,
}

/// Whom tokens stand for.
#[derive(Debug)]
pub enum Holder {
    /// A user.
    User {
        /// Who.
        user: Box<User>,
        /// Whether the user never signed in before.
        is_first: bool,
    },
    /// The app itself, for the whole directory.
    Service,
}

/// By what tokens were got, as the audit trail names it.
pub(super) mod grant {
    pub(crate) const ASSERTION: &str = "assertion";
    pub(crate) const CODE: &str = "code";
    pub(crate) const REFRESH_TOKEN: &str = "refresh_token";
    pub(crate) const LINK: &str = "link";
}

/// How tokens came to be issued.
#[derive(Debug, Clone, Copy)]
pub(super) struct By<'a> {
    /// The app that gets them, where one does.
    pub(super) app: Option<&'a App>,
    /// By what.
    pub(super) grant: &'static str,
    /// The chain of refresh tokens that they go on with.
    pub(super) chain: Option<&'a str>,
}

/// Issues tokens of a user who is locked for this change, because an account was linked, and who was prepared for it by
/// [`drives::prepare_first`] before.
///
/// # Errors
/// `Shut`; the store's.
pub async fn issue_by_link(change: &mut Change, permit: &Permit, user: &User) -> Result<Given, Error> {
    if user.is_shut_for_good(permit.at()) {
        return Err(Error::Shut(user.public_id()));
    }
    to_user(change, permit, user, By { app: None, grant: grant::LINK, chain: None }).await
}

/// Issues tokens of a user who is locked for this change. To who never signed in comes a drive with them, where the
/// directory gives one and the user owns none.
pub(super) async fn to_user(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    by: By<'_>,
) -> Result<Given, Error> {
    let (directory, number) = (permit.directory(), user.id.number());
    let profile = profiles::get(change.tx(), directory, number).await?;
    // Who goes on with a chain signs in no more than that once.
    let is_first = by.chain.is_none() && profile.signed_in.is_none();
    if is_first {
        drives::first_drive(change, permit, user).await?;
    }
    if by.chain.is_some() {
        profiles::note_refresh(change.tx(), directory, number, permit.at()).await?;
    } else if by.grant != grant::LINK {
        // Whoever links an account to a user is somebody else: the user has not signed in.
        profiles::note_sign_in(change.tx(), directory, number, permit.at()).await?;
    }
    let whom = Whom::User(user, &profile.label);
    let issued = tokens::issue(change, permit, whom, by.app, by.chain).await?;
    let app = by.app.map_or("", |app| app.id.as_str());
    let facts = [("app", app.to_owned()), ("grant", by.grant.to_owned())];
    change.record(Event::joined("token.issued", user, None, Some(&facts)));
    let holder = Holder::User { user: Box::new(user.clone()), is_first };
    Ok(Given { issued, holder, directory: home(permit) })
}

/// Issues tokens of the app itself.
pub(super) async fn to_app(
    change: &mut Change,
    permit: &Permit,
    app: &App,
    by: By<'_>,
) -> Result<Given, Error> {
    let issued = tokens::issue(change, permit, Whom::Service, Some(app), by.chain).await?;
    change.record(Event::app("token.issued_to_app", &app.id, &app.name));
    Ok(Given { issued, holder: Holder::Service, directory: home(permit) })
}

/// Whether a user is said to be in the part of the directory that was asked for; an empty one was not.
pub(super) async fn is_in(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    label: &str,
) -> Result<bool, Error> {
    if label.is_empty() {
        return Ok(true);
    }
    let profile = profiles::get(change.tx(), permit.directory(), user.id.number()).await?;
    Ok(Label::new(label).is_ok_and(|label| label == profile.label))
}

fn home(permit: &Permit) -> Directory {
    match permit.scope() {
        Scope::Directory(directory) => directory.clone(),
        Scope::Account(_) => unreachable!("tokens are for a directory"),
    }
}
