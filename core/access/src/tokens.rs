//! Access tokens: what they claim, and how they are issued together with what gets the next one.
//!
//! Source: `reference/pds.md` §13.4.

use model::account::Directory;
use model::text::Label;
use model::time::MINUTE;
use model::user::{Role, User};
use model::{Id, Millis, Secret};
use serde::{Deserialize, Serialize};
use store::Store;

use crate::apps::App;
use crate::change::{Change, Tools};
use crate::permit::Permit;
use crate::{refresh, signing_keys};

/// How long an access token is good.
pub const LIFE: i64 = 120 * MINUTE;

/// What every manager's token is good for. Source: `reference/pds.md` §13.4.
const SCOPE_OF_MANAGERS: &[&str] = &[
    "DRIVE.ALL",
    "SHARE.ALL",
    "FILE.ALL",
    "USER.ALL",
    "VIEW.ALL",
    "STORAGE.ALL",
    "STORAGEFILE.LIST",
    "BATCH",
    "OAUTH.ALL",
    "IMAGE.ALL",
];
/// What everybody else's token is good for.
const SCOPE_OF_USERS: &[&str] = &[
    "DRIVE.GET",
    "DRIVE.LIST",
    "SHARE.ALL",
    "FILE.ALL",
    "USER.GET",
    "USER.UPDATE_INFO",
    "BATCH",
    "IMAGE.ALL",
];

/// What a service token is called as: it stands for nobody.
const SERVICE: &str = "service";
/// What a person's token is called as.
const USER: &str = "user";

/// Whom a token stands for.
#[derive(Debug, Clone, Copy)]
pub enum Whom<'a> {
    /// A person, and the part of the directory that the person is said to be in.
    User(&'a User, &'a Label),
    /// The app itself, for the whole directory.
    Service,
}

/// Tokens that were issued together.
#[derive(Debug, Clone)]
pub struct Issued {
    /// What goes with each call.
    pub access_token: Secret,
    /// What gets the next ones.
    pub refresh_token: Secret,
    /// When the access token ends: a whole second.
    pub expires: Millis,
}

/// What an access token says, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    /// The directory's stored id.
    pub(crate) directory: Id,
    /// The user's; none for the app itself.
    pub(crate) user: Option<Id>,
    /// The app that it was given to; empty for none.
    pub(crate) app: String,
    /// The role that the user had.
    pub(crate) role: Role,
    /// When it was issued.
    pub(crate) issued: Millis,
    /// When it ends.
    pub(crate) expires: Millis,
}

/// The claims as they are signed. Times are in seconds.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    user_id: String,
    custom_json: String,
    iat: i64,
    exp: i64,
}

/// What stands in `customJson`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Custom {
    client_id: String,
    domain_id: String,
    scope: Vec<String>,
    role: String,
    subdomain_id: String,
    sub_type: String,
    jti: String,
    /// The stored ids: what programs call a user or a directory may come to mean another one.
    directory: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// In milliseconds, so that a token of the same second as a signing out is told from one that came after it.
    issued_at: i64,
}

/// Issues tokens in the permit's directory; `app` is who gets them, where an app does. With `chain` they go on from
/// earlier ones.
///
/// # Errors
/// Of the store; `Unreachable` while there is no key to sign with.
pub async fn issue(
    change: &mut Change,
    permit: &Permit,
    whom: Whom<'_>,
    app: Option<&App>,
    chain: Option<&str>,
) -> Result<Issued, store::Error> {
    let app = app.map_or("", |app| app.id.as_str());
    let (user, at) = match whom {
        Whom::User(user, _) => (Some(user.id.number()), user.begins_at(permit.at())),
        Whom::Service => (None, permit.at()),
    };
    let refresh_token = refresh::add(change, permit, (user, app), chain, at).await?;
    let tools = change.tools();
    // A whole second: programs read no parts of one.
    let expires = Millis((at.0 + LIFE + 999).div_euclid(1_000) * 1_000);
    let signed = claims(whom, app, permit.home(), (at, expires), tools.ids.salt());
    let access_token = tools
        .signing
        .sign(&signed)
        .ok_or_else(|| store::Error::Unreachable("there is no key to sign tokens with yet".to_owned()))?;
    Ok(Issued { access_token: Secret::new(access_token), refresh_token, expires })
}

fn claims(
    whom: Whom<'_>,
    app: &str,
    directory: &Directory,
    (issued, expires): (Millis, Millis),
    jti: u128,
) -> Signed {
    let domain = directory.key.number.domain();
    let (user_id, role, label, user, kind) = match whom {
        Whom::User(user, label) => (user.public_id(), user.role, label.as_str(), Some(user.id), USER),
        Whom::Service => (domain.clone(), Role::Superadmin, "", None, SERVICE),
    };
    let scope = if role.manages() { SCOPE_OF_MANAGERS } else { SCOPE_OF_USERS };
    let custom = Custom {
        client_id: app.to_owned(),
        domain_id: domain,
        scope: scope.iter().map(|&word| word.to_owned()).collect(),
        role: role.word().to_owned(),
        subdomain_id: label.to_owned(),
        sub_type: kind.to_owned(),
        jti: format!("{jti:032x}"),
        directory: directory.id.digits(),
        user: user.map(Id::digits),
        issued_at: issued.0,
    };
    Signed {
        user_id,
        custom_json: serde_json::to_string(&custom).expect("a plain struct with text keys"),
        iat: issued.0.div_euclid(1_000),
        exp: expires.0 / 1_000,
    }
}

impl Signed {
    /// What the token says; `None` where this program has not said so.
    fn read(&self) -> Option<Claims> {
        let custom: Custom = serde_json::from_str(&self.custom_json).ok()?;
        let user = match (custom.sub_type.as_str(), custom.user) {
            (USER, Some(digits)) => Some(Id::from_digits(&digits)?),
            (SERVICE, None) => None,
            _ => return None,
        };
        Some(Claims {
            directory: Id::from_digits(&custom.directory)?,
            user,
            app: custom.client_id,
            role: Role::of_word(&custom.role)?,
            issued: Millis(custom.issued_at),
            expires: Millis(self.exp.checked_mul(1_000)?),
        })
    }
}

/// What a token says that one of our keys has signed, expired or not; `None` where none has.
///
/// # Errors
/// Of the store.
pub(crate) async fn read(
    store: &Store,
    tools: &Tools,
    token: &str,
    now: Millis,
) -> Result<Option<Claims>, signing_keys::Error> {
    let signed: Option<Signed> = tools.signing.claims(store, &tools.keys, token, now).await?;
    Ok(signed.and_then(|signed| signed.read()))
}
