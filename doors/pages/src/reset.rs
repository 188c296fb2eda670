//! A password is chosen by a link that was mailed.

use directory::passwords::{self, Candidate, Rule};
use directory::{Argument, Error, sign_in};
use gate::{Change, Circumstances, PageAnswer, PageRequest};
use minijinja::context;
use model::Secret;
use model::policy::Owner;
use model::user::User;

use crate::Settings;
use crate::forgotten::{Link, tell};
use crate::password::wait;
use crate::rules;
use crate::visit::{Answered, Refused, Shown, Visit};

const FORM: &str = "reset";

pub(crate) async fn show(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let visit = Visit::of(settings, change, circumstances, request).await?;
    let token = request.asked("token").unwrap_or_default();
    let found = passwords::find_link(change.beside().rows(), visit.place(), &Secret::new(token)).await?;
    let answer = match found {
        Some((user, _)) => ask(change, &visit, (200, ""), (token, &user)).await?,
        None => gone(change, &visit).await?,
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
    let (words, text) = (visit.words, request.field("token"));
    let token = Secret::new(text);
    let found = passwords::find_link(change.beside().rows(), visit.place(), &token).await?;
    let Some((user, _)) = found else { return Ok((gone(change, &visit).await?, None)) };
    if visit.carried_by(FORM).is_none() {
        return Ok((ask(change, &visit, (400, visit.stale()), (text, &user)).await?, None));
    }
    let password = request.field("new_password");
    if password != request.field("repeat_password") {
        return Ok((ask(change, &visit, (422, words.differs), (text, &user)).await?, None));
    }
    let nobody = passwords::nobody(visit.place());
    if let Some(seconds) = sign_in::wait(change, &nobody) {
        let page = ask(change, &visit, (429, &wait(&visit, seconds)), (text, &user)).await?;
        return Ok((PageAnswer { retry_after: Some(seconds), ..page }, None));
    }
    let password = Secret::new(password);
    let candidate = Candidate { text: &password, owner: Owner::of(&user), rule: Rule::Policy };
    let hash = match passwords::judge(change, &nobody, Some(user.id.number()), candidate).await {
        Ok(hash) => hash,
        Err(error) => {
            let alert = rules::refusal(words, error)?;
            return Ok((ask(change, &visit, (422, alert), (text, &user)).await?, None));
        }
    };
    match passwords::by_link(change, visit.place(), &token, &hash).await {
        Ok((_, permit)) => {
            let answer = tell(&visit, 200, words.reset_title, words.reset_done, &[Link::SignIn])?;
            Ok((answer, Some(permit)))
        }
        // Somebody was faster.
        Err(Error::Missing(Argument::Code, _)) => Ok((gone(change, &visit).await?, None)),
        Err(error) => Err(error.into()),
    }
}

async fn ask(
    change: &mut Change,
    visit: &Visit<'_>,
    (status, alert): (u16, &str),
    (token, user): (&str, &User),
) -> Result<PageAnswer, Refused> {
    let told = passwords::told(&mut change.beside(), &passwords::nobody(visit.place())).await?;
    let own = context! {
        mark => visit.mark(FORM, ""),
        alert => alert,
        token => token,
        name => user.username.as_str(),
        asks_old => false,
        sign_in => visit.address("/sign-in"),
        rules => rules::listed(visit.words, &told),
        menu => Vec::<String>::new(),
    };
    visit.page(Shown { status, template: "reset.html", title: visit.words.reset_title, own })
}

async fn gone(change: &mut Change, visit: &Visit<'_>) -> Result<PageAnswer, Refused> {
    let offers = passwords::is_forgotten_offered(change.beside().rows(), &visit.directory).await?;
    let links: &[Link] = if offers { &[Link::Forgotten, Link::SignIn] } else { &[Link::SignIn] };
    tell(visit, 410, visit.words.reset_title, visit.words.reset_gone, links)
}
