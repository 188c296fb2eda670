//! Codes that people bring from the sign-in page to the app that sent them there.

use access::apps::App;
use access::{Change, Permit, secrets};
use model::Secret;
use model::event::Event;
use model::time::MINUTE;
use store::oauth_codes::{self as rows, Stored};

use crate::error::Error;
use crate::sessions::{self, Key, Signed};

/// How long a code is good.
const LIFE: i64 = 10 * MINUTE;

/// Makes a code for who is signed in, to be brought to `app` at its own address; `None` where the session is over.
///
/// # Errors
/// The store's.
pub async fn send_code(
    change: &mut Change,
    permit: &Permit,
    (key, signed): (&Key, &Signed),
    app: &App,
) -> Result<Option<Secret>, Error> {
    let user = signed.user.id.number();
    let found = sessions::locked(change, permit, (key, user)).await?;
    let Some(signed) = found.filter(|signed| signed.is_full() && !signed.user.locks.locked) else {
        return Ok(None);
    };
    let code = secrets::draw(change);
    let row = Stored {
        hash: secrets::hash(code.reveal()),
        directory: permit.directory().number,
        user,
        app: app.id.clone(),
        redirect_uri: app.redirect_uri.clone(),
        expires: permit.at().plus(LIFE),
    };
    rows::insert(change.tx(), &row).await?;
    let facts = [("app", app.id.clone())];
    change.record(Event::joined("user.signed_in", &signed.user, None, Some(&facts)));
    Ok(Some(code))
}
