//! A forgotten password: a link is asked for.

use directory::passwords::{self, Asked};
use gate::{Change, Circumstances, PageAnswer, PageRequest};
use minijinja::{Value, context};

use crate::Settings;
use crate::password::wait;
use crate::visit::{Answered, Refused, Shown, Visit};

const FORM: &str = "forgotten";

pub(crate) async fn show(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let visit = Visit::of(settings, change, circumstances, request).await?;
    let answer = ask(change, &visit, 200, "").await?;
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
        return Ok((ask(change, &visit, 400, visit.stale()).await?, None));
    }
    if !passwords::is_forgotten_offered(change.beside().rows(), &visit.directory).await? {
        return Ok((ask(change, &visit, 403, "").await?, None));
    }
    let (asked, permit) = passwords::forgotten(change, visit.place(), request.field("username")).await?;
    let answer = match asked {
        // The same for everybody, known or not.
        Asked::Noted => {
            tell(&visit, 200, visit.words.forgotten_title, visit.words.forgotten_sent, &[Link::SignIn])?
        }
        Asked::Wait { seconds } => {
            let page = ask(change, &visit, 429, &wait(&visit, seconds)).await?;
            PageAnswer { retry_after: Some(seconds), ..page }
        }
    };
    Ok((answer, Some(permit)))
}

async fn ask(
    change: &mut Change,
    visit: &Visit<'_>,
    status: u16,
    alert: &str,
) -> Result<PageAnswer, Refused> {
    let offered = passwords::is_forgotten_offered(change.beside().rows(), &visit.directory).await?;
    let own = context! {
        mark => visit.mark(FORM, ""),
        alert => alert,
        offered => offered,
        sign_in => visit.address("/sign-in"),
        menu => Vec::<String>::new(),
    };
    visit.page(Shown { status, template: "forgotten.html", title: visit.words.forgotten_title, own })
}

/// Where a page that only tells something leads to.
#[derive(Clone, Copy)]
pub(crate) enum Link {
    /// To the own account.
    Account,
    /// To sign in.
    SignIn,
    /// To ask for a link to a new password.
    Forgotten,
}

/// A page that only tells something.
pub(crate) fn tell(
    visit: &Visit<'_>,
    status: u16,
    title: &'static str,
    text: &str,
    links: &[Link],
) -> Result<PageAnswer, Refused> {
    let link = |link: &Link| match link {
        Link::Account => context! { href => "/account", text => visit.words.menu },
        Link::SignIn => context! { href => visit.address("/sign-in"), text => visit.words.to_sign_in },
        Link::Forgotten => {
            context! { href => visit.address("/password/forgotten"), text => visit.words.reset_again }
        }
    };
    let links: Vec<Value> = links.iter().map(link).collect();
    let own = context! { text => text, links => links, menu => Vec::<String>::new() };
    visit.page(Shown { status, template: "told.html", title, own })
}
