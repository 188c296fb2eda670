//! Codes by which a manager tells an application who he or she is: what GetManagerInfoByAuthCode redeems.
//!
//! Source: `reference/eds-user.md`, 10; `reference/doors.md` §7.

use directory::{Argument, Error, auth_codes, users};
use gate::{Change, Circumstances, LONGEST_STATE, PageAnswer, PageRequest, origin_of, with_code};
use minijinja::context;

use crate::Settings;
use crate::forgotten::{Link, tell};
use crate::visit::{Answered, Elsewhere, Refused, Shown, Visit};

const FORM: &str = "manager-code";
/// What the log and the figures call it that a code is to go where none goes.
const RETURN_UNKNOWN: &str = "ReturnUnknown";

/// Where a code goes.
struct Asked<'a> {
    /// The address, whole, as it is registered; none where the code is shown.
    back: Option<&'a str>,
    /// What the application wants back with it.
    state: &'a str,
}

pub(crate) async fn show(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let visit = Visit::of(settings, change, circumstances, request).await?;
    let answer = match asked(&visit)? {
        Ok(asked) => ask(&visit, (200, ""), &asked)?,
        Err(elsewhere) => *elsewhere,
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
    let asked = match asked(&visit)? {
        Ok(asked) => asked,
        Err(elsewhere) => return Ok((*elsewhere, None)),
    };
    if visit.carried_by(FORM).as_deref() != Some(&bound(&asked)) {
        return Ok((ask(&visit, (400, visit.stale()), &asked)?, None));
    }
    let permit = match visit.full() {
        Ok((_, signed)) => signed.permit(circumstances),
        Err(elsewhere) => return Ok((*elsewhere, None)),
    };
    let user = users::locked_own(change, &permit).await?;
    let code = match auth_codes::create(change, &permit, &user).await {
        Ok(code) => code,
        // Who is shut, or manages nobody, since the session began.
        Err(Error::Missing(Argument::User, _)) => return Ok((visit.told(not_offered(&visit)?), None)),
        Err(error) => return Err(error.into()),
    };
    let answer = match asked.back {
        Some(address) => PageAnswer::go(with_code(address, &code, Some(asked.state))),
        None => {
            let own = context! { code => code.reveal_text().unwrap_or_default() };
            visit.page(Shown { status: 200, template: "manager.html", title: visit.words.manager, own })?
        }
    };
    Ok((visit.told(answer), Some(permit)))
}

/// What is asked, by a manager of the directory that programs of eds-user see; or the page in its place.
fn asked<'a>(visit: &Visit<'a>) -> Result<Result<Asked<'a>, Elsewhere>, Refused> {
    let (words, request) = (visit.words, visit.request);
    let signed = match visit.full() {
        Ok((_, signed)) => signed,
        Err(elsewhere) => return Ok(Err(elsewhere)),
    };
    if !signed.user.role.manages() || !signed.directory.is_default {
        return Ok(Err(Box::new(not_offered(visit)?)));
    }
    let said = |name| request.asked(name).unwrap_or_else(|| request.field(name));
    let (back, state) = (Some(said("return")).filter(|back| !back.is_empty()), said("state"));
    let is_known = |back: &str| visit.settings.manager_returns.iter().any(|known| known == back);
    if state.len() > LONGEST_STATE {
        return Ok(Err(Box::new(tell(visit, 400, words.manager, words.trouble_long, &[Link::Account])?)));
    }
    if back.is_some_and(|back| !is_known(back)) {
        let page = tell(visit, 400, words.manager, words.manager_return, &[Link::Account])?;
        return Ok(Err(Box::new(PageAnswer { code: RETURN_UNKNOWN, ..page })));
    }
    Ok(Ok(Asked { back, state }))
}

fn not_offered(visit: &Visit<'_>) -> Result<PageAnswer, Refused> {
    tell(visit, 403, visit.words.manager, visit.words.manager_not, &[Link::Account])
}

/// What the form is bound to.
fn bound(asked: &Asked<'_>) -> String {
    format!("{}\n{}", asked.back.unwrap_or_default(), asked.state)
}

fn ask(visit: &Visit<'_>, (status, alert): (u16, &str), asked: &Asked<'_>) -> Result<PageAnswer, Refused> {
    let signed = match visit.full() {
        Ok((_, signed)) => signed,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let own = context! {
        mark => visit.mark(FORM, &bound(asked)),
        alert => alert,
        code => "",
        host => asked.back.map(origin_of).unwrap_or_default(),
        name => signed.user.username.as_str(),
        back => asked.back.unwrap_or_default(),
        state => asked.state,
    };
    let mut answer =
        visit.page(Shown { status, template: "manager.html", title: visit.words.manager, own })?;
    answer.leads_to = asked.back.map(origin_of).unwrap_or_default().to_owned();
    Ok(answer)
}
