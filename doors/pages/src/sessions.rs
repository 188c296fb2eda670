//! The browsers in which a person is signed in.

use directory::sessions::{self, Session};
use directory::sign_in::Step;
use directory::users;
use gate::{Change, Circumstances, PageAnswer, PageRequest};
use minijinja::{Value, context};

use crate::Settings;
use crate::agent::{self, Agent};
use crate::sign_out;
use crate::visit::{Answered, Refused, Shown, Visit};

const FORM: &str = "sessions";
/// What stands for all sessions.
const ALL: &str = "all";

pub(crate) async fn show(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let visit = Visit::of(settings, change, circumstances, request).await?;
    let answer = list(change, &visit, (200, "")).await?;
    visit.done(change, answer).await
}

pub(crate) async fn take(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let visit = Visit::of(settings, change, circumstances, request).await?;
    let permit = match visit.full() {
        Ok((_, signed)) => signed.permit(circumstances),
        Err(elsewhere) => return Ok((*elsewhere, None)),
    };
    if visit.carried_by(FORM).is_none() {
        return Ok((list(change, &visit, (400, visit.stale())).await?, None));
    }
    let user = users::locked_own(change, &permit).await?;
    let answer = match request.field("session") {
        ALL => {
            sessions::end_all(change, &permit, &user).await?;
            sign_out::out(&visit)
        }
        id => {
            sessions::end(change, &permit, &user, id).await?;
            PageAnswer::go("/account/sessions?done=session")
        }
    };
    Ok((visit.told(answer), Some(permit)))
}

async fn list(
    change: &mut Change,
    visit: &Visit<'_>,
    (status, alert): (u16, &str),
) -> Result<PageAnswer, Refused> {
    let signed = match visit.full() {
        Ok((_, signed)) => signed,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let permit = signed.permit(visit.circumstances);
    let all = sessions::list(change.beside().rows(), &permit, &signed.user).await?;
    let shown: Vec<Value> = all.iter().map(|session| card(visit, session, &signed.session)).collect();
    let own = context! {
        mark => visit.mark(FORM, ""),
        alert => alert,
        done => visit.was_done(),
        sessions => shown,
    };
    visit.page(Shown { status, template: "sessions.html", title: visit.words.sessions, own })
}

fn card(visit: &Visit<'_>, session: &Session, own: &Session) -> Value {
    let called = agent::read(&session.agent).map(|Agent { browser, system }| {
        visit.words.session_agent.replace("{browser}", browser).replace("{system}", system)
    });
    let awaits = match session.step {
        Step::Device => visit.words.session_awaits_code,
        Step::Change => visit.words.session_awaits_password,
        Step::Full => "",
    };
    context! {
        awaits => awaits,
        called => called.unwrap_or_default(),
        id => session.id.as_str(),
        here => session.id == own.id,
        agent => session.agent.as_str(),
        source => session.source.as_str(),
        since => visit.moment(session.created),
        used => visit.moment(session.used),
    }
}
