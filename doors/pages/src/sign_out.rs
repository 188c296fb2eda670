//! Signing out of this browser.

use directory::sessions;
use gate::{Change, Circumstances, Cookie, PageAnswer, PageRequest};
use minijinja::context;

use crate::Settings;
use crate::sign_in::SIGNED_OUT;
use crate::visit::{Answered, Refused, Shown, Visit};

/// The form.
pub(crate) const FORM: &str = "sign-out";

pub(crate) async fn show(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let visit = Visit::of(settings, change, circumstances, request).await?;
    let answer = ask(&visit, 200, "")?;
    visit.done(change, answer).await
}

pub(crate) async fn take(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let visit = Visit::of(settings, change, circumstances, request).await?;
    if visit.carried_by(FORM).is_none() {
        return Ok((ask(&visit, 400, visit.stale())?, None));
    }
    let mut permit = None;
    if let Some((key, signed)) = visit.held() {
        sessions::replace(change, circumstances, (key, signed)).await?;
        permit = Some(signed.permit(circumstances));
    }
    Ok((visit.told(out(&visit)), permit))
}

/// Has the browser forget its session, and leads to the page to sign in on.
pub(crate) fn out(visit: &Visit<'_>) -> PageAnswer {
    let address = visit.address("/sign-in");
    let mark = if address.contains('?') { '&' } else { '?' };
    let mut answer = PageAnswer::go(format!("{address}{mark}{SIGNED_OUT}=1"));
    answer.cookies.push(visit.settings.cookies.forget(Cookie::Session));
    answer
}

fn ask(visit: &Visit<'_>, status: u16, alert: &str) -> Result<PageAnswer, Refused> {
    let Some(signed) = visit.signed() else { return Ok(visit.go("/sign-in")) };
    let own = context! {
        mark => visit.mark(FORM, ""),
        alert => alert,
        name => signed.user.username.as_str(),
    };
    visit.page(Shown { status, template: "sign_out.html", title: visit.words.sign_out, own })
}
