//! `oauth/authorize`: a person who is signed in goes back to the app with a code; whoever is not, signs in first.
//!
//! Source: `reference/pds.md` §13.5.

use api::pds::Authorize;
use directory::oauth;
use directory::sessions::{self, Signed};
use gate::{
    Change, Circumstances, Cookie, LONGEST_STATE, Onward, PageAnswer, PageRequest, Permit, origin_of,
    with_code,
};
use model::Number;
use model::account::Directory;
use model::time::MINUTE;

use crate::words::{Refused, not_found};
use crate::{Settings, ids};

/// How old a session may be that is enough; older ones are proved anew.
const OLDEST: i64 = 12 * 60 * MINUTE;
/// The page to sign in on.
const SIGN_IN: &str = "/sign-in";

/// Checks what is asked. What is wrong is told to whoever asks, and nobody is sent anywhere.
pub(crate) async fn authorize(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Result<(PageAnswer, Option<Permit>), Refused> {
    let asked: Authorize = wire::pds::decode(&request.query)?;
    let mut reader = change.beside();
    let app = oauth::find_app(reader.rows(), &asked.client_id).await?;
    // An app without an address of its own signs nobody in.
    if app.redirect_uri.is_empty() || app.redirect_uri != asked.redirect_uri {
        return Err(Refused::invalid("redirect_uri"));
    }
    let state = asked.state.as_deref().filter(|state| !state.is_empty());
    if state.is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(Refused::invalid("state"));
    }
    let number = match named_domain(request) {
        None => None,
        Some(text) => Some(ids::domain(&text).ok_or_else(|| unknown_domain(&text))?),
    };
    let directory = oauth::domain_of_app(reader.rows(), &app, number).await?;
    oauth::may_work(reader.rows(), &app, &directory).await?;
    let key = request.cookie(settings.cookies.name(Cookie::Session)).map(sessions::key);
    let signed = match &key {
        Some(key) => sessions::find(reader.rows(), key, circumstances.at).await?,
        None => None,
    };
    // Given back before the change opens.
    drop(reader);
    let known = key.zip(signed).filter(|(_, signed)| is_enough(signed, &directory, circumstances));
    if let Some((key, signed)) = &known {
        let permit = signed.permit(circumstances);
        if let Some(code) = oauth::send_code(change, &permit, (key, signed), &app).await? {
            let answer = PageAnswer {
                caller: permit.principal().to_string(),
                ..PageAnswer::go(with_code(&app.redirect_uri, &code, state))
            };
            return Ok((answer, Some(permit)));
        }
    }
    let onward = Onward {
        target: request.target.clone(),
        name: app.name,
        leads_to: origin_of(&app.redirect_uri).to_owned(),
        directory: directory.key.number.0,
        again: true,
    };
    Ok((sign_in(change, circumstances, &onward), None))
}

/// Whether a session is enough to go on without a password.
fn is_enough(signed: &Signed, directory: &Directory, circumstances: &Circumstances) -> bool {
    let is_young = circumstances.at.since(signed.session.created) <= OLDEST;
    signed.is_full() && signed.directory.id == directory.id && is_young
}

/// Leads to the page to sign in on, and from there back here. The domain is named beside: it is known as well where the
/// way back cannot be read any more.
fn sign_in(change: &Change, circumstances: &Circumstances, onward: &Onward) -> PageAnswer {
    let text = onward.bind(&change.beside().keyring(), circumstances.at);
    let mut said = form_urlencoded::Serializer::new(String::new());
    said.append_pair("onward", &text).append_pair("domain_id", &Number(onward.directory).domain());
    PageAnswer { status: 302, ..PageAnswer::go(format!("{SIGN_IN}?{}", said.finish())) }
}

/// The domain that the host's first label or the query names.
fn named_domain(request: &PageRequest) -> Option<String> {
    let label = request.host_label();
    if ids::is_domain(&label) { Some(label) } else { request.asked("domain_id").map(str::to_owned) }
}

fn unknown_domain(text: &str) -> Refused {
    Refused::Fault(Box::new(not_found("Domain", text)))
}
