//! The device for one-time codes: enrolled, confirmed and taken away.

use directory::devices::{self, Enrolment};
use directory::passwords;
use directory::sign_in::Verdict;
use directory::{Argument, Error, Unique};
use gate::{Change, Circumstances, PageAnswer, PageRequest, Permit};
use minijinja::{Value, context};
use model::user::User;
use model::{Id, Secret};

use crate::password::unproved;
use crate::visit::{Answered, Refused, Shown, Visit};
use crate::{Settings, picture};

/// The forms of this page.
const BEGIN: &str = "device-begin";
const CONFIRM: &str = "device-confirm";
const REMOVE: &str = "device-remove";
const RENEW: &str = "device-renew";

pub(crate) async fn show(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let visit = Visit::of(settings, change, circumstances, request).await?;
    let answer = match visit.full() {
        Ok((_, signed)) => overview(change, &visit, (200, ""), &signed.user).await?,
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
    let (user, permit) = match visit.full() {
        Ok((_, signed)) => (signed.user.clone(), signed.permit(circumstances)),
        Err(elsewhere) => return Ok((*elsewhere, None)),
    };
    let (answer, permit) = if visit.carried_by(BEGIN).is_some() {
        begin(change, &visit, (&user, permit)).await?
    } else if let Some(carried) = visit.carried_by(CONFIRM) {
        confirm(change, &visit, (&user, permit), &carried).await?
    } else if visit.carried_by(REMOVE).is_some() {
        remove(change, &visit, (&user, permit)).await?
    } else if visit.carried_by(RENEW).is_some() {
        renew(change, &visit, (&user, permit)).await?
    } else {
        (overview(change, &visit, (400, visit.stale()), &user).await?, None)
    };
    Ok((visit.told(answer), permit))
}

/// Who knows the password once more gets the secret of a device.
async fn begin(change: &mut Change, visit: &Visit<'_>, (user, permit): (&User, Permit)) -> Answered {
    let password = Secret::new(visit.request.field("password"));
    let shown = passwords::prove_own(change, &permit, user, &password).await?;
    if shown != Verdict::Right {
        let answer =
            refused(change, visit, user, (shown, visit.words.old_refused, visit.words.locked)).await?;
        return Ok((answer, Some(permit)));
    }
    match devices::begin(change, (&permit, visit.settings.site.as_deref()), user).await {
        Ok(enrolment) => Ok((enrol(visit, (200, ""), &enrolment)?, Some(permit))),
        // Another window was faster.
        Err(Error::Taken(Unique::Device, _)) => Ok((superseded(change, visit, user).await?, None)),
        Err(error) => Err(error.into()),
    }
}

async fn confirm(
    change: &mut Change,
    visit: &Visit<'_>,
    (user, permit): (&User, Permit),
    carried: &str,
) -> Answered {
    let device = Id::from_digits(carried);
    let device = device.ok_or_else(|| Refused::Unshown(format!("{carried} is no device")))?;
    let issued = (&permit, visit.settings.site.as_deref());
    match devices::confirm(change, &permit, (user, device), visit.request.field("code")).await {
        Ok(codes) => Ok((recovery(visit, &codes)?, Some(permit))),
        Err(Error::Code) => match devices::begun(&mut change.beside(), issued, (user, device)).await? {
            Some(enrolment) => Ok((enrol(visit, (422, visit.words.code_refused), &enrolment)?, None)),
            None => Ok((superseded(change, visit, user).await?, None)),
        },
        // The page was sent again, or another window was faster.
        Err(Error::Taken(Unique::Device, _)) => {
            Ok((overview(change, visit, (409, visit.words.device_done), user).await?, None))
        }
        // Another window has begun anew.
        Err(Error::Missing(Argument::Device, _)) => Ok((superseded(change, visit, user).await?, None)),
        Err(error) => Err(error.into()),
    }
}

async fn remove(change: &mut Change, visit: &Visit<'_>, (user, permit): (&User, Permit)) -> Answered {
    let number = user.id.number();
    let shown = devices::check(change, &permit, number, visit.request.field("code")).await?;
    if shown != Verdict::Right {
        let answer =
            refused(change, visit, user, (shown, visit.words.code_refused, visit.words.code_locked)).await?;
        return Ok((answer, Some(permit)));
    }
    devices::remove(change, &permit, number).await?;
    Ok((PageAnswer::go("/account/device?done=device"), Some(permit)))
}

async fn renew(change: &mut Change, visit: &Visit<'_>, (user, permit): (&User, Permit)) -> Answered {
    let number = user.id.number();
    let shown = devices::check(change, &permit, number, visit.request.field("code")).await?;
    if shown != Verdict::Right {
        let answer =
            refused(change, visit, user, (shown, visit.words.code_refused, visit.words.code_locked)).await?;
        return Ok((answer, Some(permit)));
    }
    let codes = devices::renew_recovery_codes(change, &permit, user).await?;
    Ok((recovery(visit, &codes)?, Some(permit)))
}

/// The page once more for who has shown no right password or code.
async fn refused(
    change: &mut Change,
    visit: &Visit<'_>,
    user: &User,
    (shown, wrong, locked): (Verdict, &str, &str),
) -> Result<PageAnswer, Refused> {
    let (status, alert, retry_after) = unproved(visit, shown, (wrong, locked));
    let page = overview(change, visit, (status, &alert), user).await?;
    Ok(PageAnswer { retry_after, ..page })
}

/// The page as it is now for who has an old one.
async fn superseded(change: &mut Change, visit: &Visit<'_>, user: &User) -> Result<PageAnswer, Refused> {
    overview(change, visit, (409, visit.words.device_superseded), user).await
}

/// Whether there is a device, and what can be done about it.
async fn overview(
    change: &mut Change,
    visit: &Visit<'_>,
    said: (u16, &str),
    user: &User,
) -> Result<PageAnswer, Refused> {
    let permit = visit.full().map(|(_, signed)| signed.permit(visit.circumstances));
    let Ok(permit) = permit else { return Ok(visit.go("/sign-in")) };
    let mut beside = change.beside();
    let number = user.id.number();
    let found = devices::of_user(beside.rows(), &permit, number).await.map_err(Error::from)?;
    let found = found.filter(|device| device.is_enabled());
    let left = devices::recovery_codes(beside.rows(), &permit, number).await.map_err(Error::from)?;
    let own = match found {
        None => context! { state => "none", mark => visit.mark(BEGIN, ""), name => user.username.as_str() },
        Some(device) => context! {
            state => "on",
            is_locked => device.is_locked_at(visit.circumstances.at),
            left => left.to_string(),
            renew => visit.mark(RENEW, ""),
            remove => visit.mark(REMOVE, ""),
        },
    };
    page(visit, said, visit.words.device, own)
}

/// The key of a device that is to be confirmed, and its picture where there is one.
fn enrol(visit: &Visit<'_>, said: (u16, &str), begun: &Enrolment) -> Result<PageAnswer, Refused> {
    let own = context! {
        state => "begun",
        // What codes are made from stays in its row.
        mark => visit.mark(CONFIRM, &begun.device.digits()),
        secret => grouped(begun.secret_base32.reveal_text().unwrap_or_default()),
        picture => picture::of(begun.uri.reveal_text().unwrap_or_default()),
    };
    page(visit, said, visit.words.device, own)
}

/// Codes that are shown this time only.
fn recovery(visit: &Visit<'_>, codes: &[Secret]) -> Result<PageAnswer, Refused> {
    let codes: Vec<String> = codes.iter().filter_map(Secret::reveal_text).map(str::to_owned).collect();
    page(visit, (200, ""), visit.words.codes_title, context! { state => "codes", codes => codes })
}

fn page(
    visit: &Visit<'_>,
    (status, alert): (u16, &str),
    title: &'static str,
    own: Value,
) -> Result<PageAnswer, Refused> {
    let around = context! { alert => alert, done => visit.was_done() };
    let own = minijinja::value::merge_maps([around, own]);
    visit.page(Shown { status, template: "device.html", title, own })
}

/// In groups of four, as people type it.
fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_typed_in_groups() {
        for (secret, expected) in [("", ""), ("ABCD", "ABCD"), ("ABCDE", "ABCD E")] {
            assert_eq!(grouped(secret), expected);
        }
    }
}
