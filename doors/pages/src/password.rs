//! The own password is changed: by choice, or because that is due.

use directory::passwords::{self, Candidate, Chosen, Rule};
use directory::sessions;
use directory::sign_in::{Step, Verdict};
use directory::{Argument, Error};
use gate::{Change, Circumstances, Cookie, PageAnswer, PageRequest};
use minijinja::context;
use model::Secret;
use model::policy::Owner;

use crate::Settings;
use crate::rules;
use crate::sign_in::due;
use crate::visit::{Answered, Elsewhere, Refused, Shown, Visit};

const FORM: &str = "password";

pub(crate) async fn show(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let visit = Visit::of(settings, change, circumstances, request).await?;
    let answer = match who(&visit) {
        Ok(is_forced) => ask(change, &visit, (200, ""), is_forced).await?,
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
    let is_forced = match who(&visit) {
        Ok(is_forced) => is_forced,
        Err(elsewhere) => return Ok((*elsewhere, None)),
    };
    if visit.carried_by(FORM).is_none() {
        return Ok((ask(change, &visit, (400, visit.stale()), is_forced).await?, None));
    }
    set(change, &visit, is_forced).await
}

/// Whether the change is due, for who may be here.
fn who(visit: &Visit<'_>) -> Result<bool, Elsewhere> {
    match visit.signed() {
        Some(signed) if signed.session.step == Step::Change => Ok(true),
        Some(_) | None => visit.full().map(|_| false),
    }
}

async fn set(change: &mut Change, visit: &Visit<'_>, is_forced: bool) -> Answered {
    let (words, request) = (visit.words, visit.request);
    let (Some(key), Some(signed)) = (visit.key(), visit.signed()) else {
        return Ok((visit.go("/sign-in"), None));
    };
    let (user, permit) = (&signed.user, signed.permit(visit.circumstances));
    let password = request.field("new_password");
    if password != request.field("repeat_password") {
        return Ok((ask(change, visit, (422, words.differs), is_forced).await?, None));
    }
    if passwords::is_kept(&mut change.beside(), &permit, user).await? {
        return Ok((ask(change, visit, (403, ""), is_forced).await?, None));
    }
    let (password, old) = (Secret::new(password), Secret::new(request.field("old_password")));
    let candidate = Candidate { text: &password, owner: Owner::of(user), rule: Rule::Policy };
    let old = (!is_forced).then_some(&old);
    match passwords::choose_own(change, &permit, (key, user), old, candidate).await {
        Ok(Chosen::Set) => {}
        Ok(Chosen::Over) => return Ok((visit.go("/sign-in"), None)),
        Ok(Chosen::Unproved(shown)) => {
            let (status, alert, retry_after) = unproved(visit, shown, (words.old_refused, words.locked));
            let page = ask(change, visit, (status, &alert), is_forced).await?;
            return Ok((visit.told(PageAnswer { retry_after, ..page }), Some(permit)));
        }
        // Kept from it a moment ago.
        Err(Error::Forbidden(Argument::User, _)) => {
            return Ok((ask(change, visit, (403, ""), is_forced).await?, None));
        }
        Err(error) => {
            let alert = rules::refusal(words, error)?;
            return Ok((ask(change, visit, (422, alert), is_forced).await?, Some(permit)));
        }
    }
    let life = visit.settings.session_life;
    // Whoever knew the session's key beside this browser knows it no more.
    let raised = sessions::raise(change, &permit, (key, user.id.number()), Step::Full, life).await?;
    let Some(key) = raised else { return Ok((visit.go("/sign-in"), Some(permit))) };
    let mut answer = if visit.onward.is_some() {
        due(visit, Step::Full)
    } else {
        PageAnswer::go("/account?done=password")
    };
    answer.cookies.push(visit.settings.cookies.keep(Cookie::Session, key.secret()));
    Ok((visit.told(answer), Some(permit)))
}

/// What is told to who has shown no right password or code: the status, the words, and after how many seconds to come
/// again. The words are those for a wrong one, and for where none is taken.
pub(crate) fn unproved(
    visit: &Visit<'_>,
    shown: Verdict,
    (wrong, locked): (&str, &str),
) -> (u16, String, Option<i64>) {
    match shown {
        Verdict::Right | Verdict::Wrong => (401, wrong.to_owned(), None),
        Verdict::Locked => (401, locked.to_owned(), None),
        Verdict::Wait { seconds } => (429, wait(visit, seconds), Some(seconds)),
    }
}

/// What is told to who has to wait.
pub(crate) fn wait(visit: &Visit<'_>, seconds: i64) -> String {
    let minutes = seconds.max(1).unsigned_abs().div_ceil(60).to_string();
    visit.words.wait.replace("{minutes}", &minutes)
}

async fn ask(
    change: &mut Change,
    visit: &Visit<'_>,
    (status, alert): (u16, &str),
    is_forced: bool,
) -> Result<PageAnswer, Refused> {
    let Some(signed) = visit.signed() else { return Ok(visit.go("/sign-in")) };
    let permit = signed.permit(visit.circumstances);
    let mut beside = change.beside();
    let told = passwords::told(&mut beside, &permit).await?;
    let own = context! {
        mark => visit.mark(FORM, ""),
        leave => visit.mark(crate::sign_out::FORM, ""),
        alert => alert,
        name => signed.user.username.as_str(),
        is_forced => is_forced,
        is_kept => passwords::is_kept(&mut beside, &permit, &signed.user).await?,
        asks_old => !is_forced,
        rules => rules::listed(visit.words, &told),
    };
    visit.page(Shown { status, template: "password.html", title: visit.words.change_title, own })
}
