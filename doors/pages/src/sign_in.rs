//! Signing in: a name and a password, then whatever else is due.

use directory::Error;
use directory::passwords;
use directory::sessions::{self, Begun, Browser};
use directory::sign_in::{self, Proof, SignIn, Step, Verdict};
use gate::{Change, Circumstances, Cookie, PageAnswer, PageRequest};
use minijinja::context;
use model::Secret;

use crate::Settings;
use crate::password::{unproved, wait};
use crate::visit::{Answered, Refused, Shown, Visit};

/// The form of a name and a password.
const FORM: &str = "sign-in";
/// The form of a one-time code.
const CODE: &str = "code";
/// The field under which the page is told that somebody has just signed out.
pub(crate) const SIGNED_OUT: &str = "signed_out";

pub(crate) async fn show(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let visit = Visit::of(settings, change, circumstances, request).await?;
    let again = visit.onward.as_ref().is_some_and(|onward| onward.again);
    let step = visit.signed().map(|signed| signed.session.step);
    let answer = match step {
        Some(Step::Full) if !again => PageAnswer::go(visit.next()),
        Some(Step::Device) => code_page(&visit, 200, "")?,
        Some(Step::Change) => visit.go("/account/password"),
        Some(Step::Full) | None => {
            let done = if request.asked(SIGNED_OUT).is_some() { visit.words.signed_out } else { "" };
            password_page(change, &visit, 200, Said { done, ..Said::default() }).await?
        }
    };
    visit.done(change, answer).await
}

pub(crate) async fn take(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let visit = Visit::of(settings, change, circumstances, request).await?;
    if visit.carried_by(FORM).is_some() {
        return prove(change, &visit).await;
    }
    if visit.carried_by(CODE).is_some() {
        return show_code(change, &visit).await;
    }
    let alert = visit.stale();
    let is_code = visit.signed().is_some_and(|signed| signed.session.step == Step::Device);
    let answer = if is_code {
        code_page(&visit, 400, alert)?
    } else {
        password_page(change, &visit, 400, Said { alert, name: request.field("username"), ..Said::default() })
            .await?
    };
    visit.done(change, answer).await
}

/// Takes a name and a password.
async fn prove(change: &mut Change, visit: &Visit<'_>) -> Answered {
    let name = visit.request.field("username");
    let password = Secret::new(visit.request.field("password"));
    let tried = sign_in::sign_in(change, visit.place(), name, &password).await;
    let (outcome, nobody) = match tried {
        Err(Error::Busy(_)) => {
            let said = Said { alert: visit.words.busy, name, ..Said::default() };
            let answer =
                PageAnswer { retry_after: Some(1), ..password_page(change, visit, 503, said).await? };
            return Ok((answer, None));
        }
        tried => tried?,
    };
    let refused = Said { alert: visit.words.refused, name, ..Said::default() };
    match outcome {
        SignIn::Proved(proof) => {
            let browser = Browser { agent: visit.request.agent(), life: visit.settings.session_life };
            match sessions::begin(change, visit.place(), &proof, browser).await? {
                Some(begun) => begin(change, visit, &proof, begun).await,
                // The password has changed since it was looked at.
                None => Ok((password_page(change, visit, 401, refused).await?, Some(nobody))),
            }
        }
        SignIn::Refused => Ok((password_page(change, visit, 401, refused).await?, Some(nobody))),
        SignIn::Wait { seconds } => {
            let alert = wait(visit, seconds);
            let said = Said { alert: &alert, name, ..Said::default() };
            Ok((
                PageAnswer { retry_after: Some(seconds), ..password_page(change, visit, 429, said).await? },
                Some(nobody),
            ))
        }
    }
}

/// Has the browser keep the session that has begun, in place of the one that it had, and shows what is due.
async fn begin(change: &mut Change, visit: &Visit<'_>, proof: &Proof, begun: Begun) -> Answered {
    let Begun { key, signed, permit } = begun;
    if let Some((old, former)) = visit.held() {
        sessions::replace(change, visit.circumstances, (old, former)).await?;
    }
    let step = signed.session.step;
    let mut answer = match proof.notice_days {
        Some(days) if step == Step::Full => {
            let own = context! {
                days => days.to_string(), is_over => days <= 0,
                change => visit.address("/account/password"), next => visit.next(),
            };
            let title = if days <= 0 { visit.words.ended_title } else { visit.words.ends_title };
            visit.page(Shown { status: 200, template: "ends.html", title, own })?
        }
        Some(_) | None => due(visit, step),
    };
    answer.cookies.push(visit.settings.cookies.keep(Cookie::Session, key.secret()));
    answer.caller = permit.principal().to_string();
    Ok((answer, Some(permit)))
}

/// Where somebody goes whose sign-in has come so far.
pub(crate) fn due(visit: &Visit<'_>, step: Step) -> PageAnswer {
    match step {
        Step::Full => PageAnswer::go(visit.next()),
        Step::Change => visit.go("/account/password"),
        Step::Device => visit.go("/sign-in"),
    }
}

/// Takes a one-time code.
async fn show_code(change: &mut Change, visit: &Visit<'_>) -> Answered {
    let (Some(key), Some(signed)) = (visit.key(), visit.signed()) else {
        return Ok((visit.go("/sign-in"), None));
    };
    if signed.session.step != Step::Device {
        return Ok((due(visit, signed.session.step), None));
    }
    let permit = signed.permit(visit.circumstances);
    let user = signed.user.id.number();
    let shown = sign_in::second_step(change, &permit, user, visit.request.field("code")).await?;
    if shown != Verdict::Right {
        let (status, alert, retry_after) =
            unproved(visit, shown, (visit.words.code_refused, visit.words.code_locked));
        let page = code_page(visit, status, &alert)?;
        return Ok((visit.told(PageAnswer { retry_after, ..page }), Some(permit)));
    }
    let step = sign_in::due_after_device(change.tx(), &permit, &signed.user).await?;
    let raised = sessions::raise(change, &permit, (key, user), step, visit.settings.session_life).await?;
    let mut answer = due(visit, step);
    match raised {
        Some(key) => answer.cookies.push(visit.settings.cookies.keep(Cookie::Session, key.secret())),
        None => answer = visit.go("/sign-in"),
    }
    Ok((visit.told(answer), Some(permit)))
}

/// What the page says beside its form.
#[derive(Default)]
struct Said<'a> {
    alert: &'a str,
    done: &'a str,
    name: &'a str,
}

async fn password_page(
    change: &mut Change,
    visit: &Visit<'_>,
    status: u16,
    said: Said<'_>,
) -> Result<PageAnswer, Refused> {
    let offers = passwords::is_forgotten_offered(change.beside().rows(), &visit.directory).await?;
    let own = context! {
        mark => visit.mark(FORM, ""),
        alert => said.alert,
        done => said.done,
        name => said.name,
        app => visit.onward.as_ref().map(|onward| onward.name.clone()).unwrap_or_default(),
        forgotten => if offers { visit.address("/password/forgotten") } else { String::new() },
        // Nobody is signed in who sees this page, whatever the session says.
        menu => Vec::<String>::new(),
    };
    visit.page(Shown { status, template: "sign_in.html", title: visit.words.sign_in, own })
}

fn code_page(visit: &Visit<'_>, status: u16, alert: &str) -> Result<PageAnswer, Refused> {
    let own = context! {
        mark => visit.mark(CODE, ""),
        leave => visit.mark(crate::sign_out::FORM, ""),
        alert => alert,
    };
    visit.page(Shown { status, template: "code.html", title: visit.words.code_title, own })
}
