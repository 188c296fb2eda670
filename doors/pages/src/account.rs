//! The own record: what a person is shown of it and may change.

use directory::users::{self, OwnRecord, OwnUpdate};
use directory::{Argument, Error, Unique};
use gate::{Change, Circumstances, PageAnswer, PageRequest};
use minijinja::{Value, context};
use model::globalization::Language;
use model::text::{Description, DisplayName};

use crate::Settings;
use crate::fields;
use crate::seen::{Fate, Field, Seen};
use crate::visit::{Answered, Refused, Shown, Visit};

const FORM: &str = "profile";
/// Fields that everybody has.
const DISPLAY_NAME: &str = "display_name";
const DESCRIPTION: &str = "description";

/// What was given and is not taken: the field, and what is told of it. The form shows what was typed.
#[derive(Default)]
struct Problem {
    field: String,
    text: &'static str,
}

pub(crate) async fn show(
    settings: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let visit = Visit::of(settings, change, circumstances, request).await?;
    let answer = ask(change, &visit, (200, ""), None).await?;
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
    let Some(carried) = visit.carried_by(FORM) else {
        return Ok((ask(change, &visit, (400, visit.stale()), None).await?, None));
    };
    let overtaken = (409, visit.words.overtaken);
    let record = users::own_record(&mut change.beside(), &permit).await?;
    let (seen, all) = (Seen::read(Some(&carried)), all(request, &record));
    if seen.is_overtaken(&all) {
        return Ok((ask(change, &visit, overtaken, None).await?, None));
    }
    let problem = match given(&seen, &all, &record) {
        Ok(update) => match users::update_own(change, &permit, &update).await {
            Ok(_) => {
                let answer = PageAnswer::go(visit.address("/account?done=profile"));
                return Ok((visit.told(answer), Some(permit)));
            }
            // It was taken away a moment ago.
            Err(Error::Missing(Argument::PropertyName, _)) => {
                return Ok((ask(change, &visit, overtaken, None).await?, None));
            }
            Err(error) => problem(&visit, error)?,
        },
        Err(field) => Problem { field: field.to_owned(), text: visit.words.unfit },
    };
    Ok((ask(change, &visit, (422, ""), Some(problem)).await?, None))
}

/// The fields of the form.
fn all(request: &PageRequest, record: &OwnRecord) -> Vec<Field> {
    let user = &record.listed.user;
    let plain = [(DISPLAY_NAME, user.display_name.as_str()), (DESCRIPTION, user.description.as_str())];
    let plain = plain.map(|(name, now)| Field {
        name: name.to_owned(),
        typed: vec![lines(request.field(name))],
        now: vec![lines(now)],
    });
    plain.into_iter().chain(record.fields.iter().filter_map(|own| fields::of(request, own))).collect()
}

/// A text whose lines end with one character: browsers end them with two.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// What the person has changed.
///
/// # Errors
/// The field whose text is too long, or holds what it must not.
fn given(seen: &Seen, all: &[Field], record: &OwnRecord) -> Result<OwnUpdate, &'static str> {
    let changed = |name: &str| all.iter().find(|f| f.name == name && seen.fate(f) == Fate::Changed);
    let text = |name| changed(name).map(|field| field.typed.concat());
    let values = record.fields.iter();
    let values = values.filter_map(|own| Some(fields::given(own, &changed(&fields::id(own))?.typed)));
    Ok(OwnUpdate {
        display_name: text(DISPLAY_NAME).map(DisplayName::new).transpose().map_err(|_| DISPLAY_NAME)?,
        description: text(DESCRIPTION).map(Description::new).transpose().map_err(|_| DESCRIPTION)?,
        values: values.collect(),
    })
}

/// What a refusal is about.
///
/// # Errors
/// What is about no field.
fn problem(visit: &Visit<'_>, error: Error) -> Result<Problem, Refused> {
    let words = visit.words;
    if let Error::Required(field) = error {
        return Ok(Problem { field, text: words.required });
    }
    if let Error::Unfit(Argument::PropertyValue, field) = error {
        return Ok(Problem { field, text: words.unfit });
    }
    if let Error::Taken(Unique::PropertyValue, field) = error {
        return Ok(Problem { field, text: words.taken });
    }
    Err(error.into())
}

async fn ask(
    change: &mut Change,
    visit: &Visit<'_>,
    (status, alert): (u16, &str),
    problem: Option<Problem>,
) -> Result<PageAnswer, Refused> {
    let signed = match visit.full() {
        Ok((_, signed)) => signed,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let (words, permit) = (visit.words, signed.permit(visit.circumstances));
    let mut beside = change.beside();
    let record = users::own_record(&mut beside, &permit).await?;
    let ends = directory::passwords::ends(&mut beside, &permit, &record.listed.user).await?;
    let (seen, all) = (Seen::read(visit.carried_late(FORM).as_deref()), all(visit.request, &record));
    let problem = problem.unwrap_or_default();
    let field = |name: &str| all.iter().find(|field| field.name == name);
    let is_overtaken = |name: &str| field(name).is_some_and(|field| seen.fate(field) == Fate::Overtaken);
    let named = |name: &str| match is_overtaken(name) {
        _ if problem.field == name => problem.text,
        true => words.overtaken_field,
        false => "",
    };
    let texts = |name: &str| field(name).map(|field| field.shown(&seen));
    let shown_fields: Vec<Value> = record
        .fields
        .iter()
        .map(|own| {
            let id = fields::id(own);
            // A rule names a property by its own name.
            let told = if problem.field == own.property.name.as_str() { problem.text } else { named(&id) };
            fields::shown(words, own, texts(&id), told)
        })
        .collect();
    let ends_text = ends.notice_days.map(|days| match days {
        ..=0 => words.ended.to_owned(),
        days => words.ends.replace("{days}", &days.to_string()),
    });
    let own = context! {
        mark => visit.mark(FORM, &Seen::of(&all).carried()),
        alert => alert,
        done => visit.was_done(),
        ends_text => ends_text.unwrap_or_default(),
        profile => profile(visit, &record, ends.at.map(|at| visit.moment(at)), &texts),
        problems => context! { display_name => named(DISPLAY_NAME), description => named(DESCRIPTION) },
        fields => shown_fields,
    };
    Ok(visit.told(visit.page(Shown { status, template: "account.html", title: words.profile, own })?))
}

fn profile<'a>(
    visit: &Visit<'_>,
    record: &OwnRecord,
    ends: Option<String>,
    texts: &impl Fn(&str) -> Option<&'a [String]>,
) -> Value {
    let user = &record.listed.user;
    let text = |name: &str| texts(name).unwrap_or_default().concat();
    let units: Vec<&str> = record.listed.units.iter().map(|unit| unit.path.as_str()).collect();
    let phone = user.phone.as_ref().map(|phone| match phone.region.as_str() {
        "" => phone.number.as_str().to_owned(),
        region => format!("+{region} {}", phone.number.as_str()),
    });
    context! {
        username => user.username.as_str(),
        display_name => text(DISPLAY_NAME),
        description => text(DESCRIPTION),
        email => user.email.as_str(),
        email_verified => user.email_verified,
        phone => phone.unwrap_or_default(),
        phone_verified => user.phone_verified,
        units => units.join(if visit.language == Language::Chinese { "；" } else { "; " }),
        ends => ends.unwrap_or_default(),
    }
}
