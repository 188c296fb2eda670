//! What messages say: the texts that come with the program, and those that an administrator has put in their place.

use access::{Change, Permit, Reader};
use model::event::Event;
use model::globalization::Language;
use store::directories;
use store::outbox::Way;
use store::templates::{self as rows, Stored};

use super::Template;
use super::render::{self, Values};
use crate::error::Error;

/// A text with its variables, as minijinja reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What stands over a mail; empty for a text message.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML; empty where it is made from the plain text, and for a text message.
    pub html: String,
}

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which text.
    pub template: Template,
    /// In which language.
    pub language: Language,
    /// By which way it goes.
    pub way: Way,
}

/// Why a text is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// It names a variable that there is not.
    #[error("there is no {{{{ {name} }}}}; it may show {}", known.join(", "))]
    Unknown {
        /// What it names.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// What is to be a mail in one piece does not begin as one.
    #[error("a mail begins with a line, its subject, and an empty line")]
    Headless,
    /// It is too long.
    #[error("the {0} is longer than {1} bytes")]
    TooLong(&'static str, usize),
    /// A mail has no subject or no text, a text message no text.
    #[error("there is no {0}")]
    Empty(&'static str),
    /// A text message has a subject or HTML.
    #[error("a text message has no {0}")]
    NotInText(&'static str),
    /// What the message is for is not in it.
    #[error("it does not show {{{{ {0} }}}}, without which the message is no use")]
    Lacks(&'static str),
}

/// The most bytes of a subject.
const LONGEST_SUBJECT: usize = 512;
/// The most bytes of a text, and of its HTML.
const LONGEST_TEXT: usize = 64 * 1024;

/// The text that comes with the program.
pub fn built_in(place: Place) -> Text {
    Text::of_file(source(place), place.way).expect("mails have a subject and a text")
}

macro_rules! source_of {
    ($place:expr, $($template:ident => $file:literal),* $(,)?) => {
        match ($place.template, $place.language, $place.way) {
            $(
                (Template::$template, Language::English, Way::Mail) => include_str!(concat!("texts/en/", $file, ".mail")),
                (Template::$template, Language::English, Way::Text) => include_str!(concat!("texts/en/", $file, ".sms")),
                (Template::$template, Language::Chinese, Way::Mail) => include_str!(concat!("texts/zh/", $file, ".mail")),
                (Template::$template, Language::Chinese, Way::Text) => include_str!(concat!("texts/zh/", $file, ".sms")),
            )*
        }
    };
}

/// A mail's file begins with the subject and an empty line.
const fn source(place: Place) -> &'static str {
    source_of!(place,
        Invitation => "invitation",
        PasswordReset => "password_reset",
        PasswordForgotten => "password_forgotten",
        PasswordChanged => "password_changed",
        InitialPassword => "initial_password",
        PasswordEnds => "password_ends",
        SignInLocked => "sign_in_locked",
    )
}

impl Text {
    /// The text of one file: of a mail the subject, an empty line and the plain text, else the plain text alone.
    ///
    /// # Errors
    /// `Headless`.
    pub fn of_file(source: &str, way: Way) -> Result<Self, Unfit> {
        let (subject, text) = match way {
            Way::Text => ("", source.trim_end()),
            Way::Mail => {
                let (subject, rest) = source.split_once('\n').ok_or(Unfit::Headless)?;
                let (gap, text) = rest.split_once('\n').unwrap_or((rest, ""));
                if subject.trim().is_empty() || !gap.trim().is_empty() {
                    return Err(Unfit::Headless);
                }
                (subject.trim(), text)
            }
        };
        Ok(Self { subject: subject.to_owned(), text: text.to_owned(), html: String::new() })
    }

    /// The text as [`Text::of_file`] reads it, without its HTML.
    pub fn to_file(&self) -> String {
        let parts = [self.subject.trim(), self.text.trim_end()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
    }

    /// Whether people can be written to with it.
    ///
    /// # Errors
    /// `Unfit` says what is in the way.
    pub fn check(&self, place: Place) -> Result<(), Unfit> {
        let bounds = [
            ("subject", &self.subject, LONGEST_SUBJECT),
            ("text", &self.text, LONGEST_TEXT),
            ("HTML", &self.html, LONGEST_TEXT),
        ];
        if let Some((what, _, most)) = bounds.into_iter().find(|(_, text, most)| text.len() > *most) {
            return Err(Unfit::TooLong(what, most));
        }
        match place.way {
            Way::Mail if self.subject.trim().is_empty() => return Err(Unfit::Empty("subject")),
            Way::Text if !self.subject.is_empty() => return Err(Unfit::NotInText("subject")),
            Way::Text if !self.html.is_empty() => return Err(Unfit::NotInText("HTML")),
            Way::Mail | Way::Text => {}
        }
        if self.text.trim().is_empty() {
            return Err(Unfit::Empty("text"));
        }
        // One text serves a manager and the person, a password that may be kept and one that may not, and who gets a
        // link on the page for forgotten passwords and who does not.
        for bits in 0..8 {
            let is_set = |bit: u8| bits & bit != 0;
            let (for_manager, must_change, can_reset) = (is_set(1), is_set(2), is_set(4));
            let sample = Values { for_manager, must_change, can_reset, ..Values::sample(place) };
            let rendered = self.rendered(place, &sample)?;
            let needed = match place.template {
                Template::Invitation | Template::PasswordReset | Template::PasswordForgotten => {
                    Some(("link", &sample.link))
                }
                Template::InitialPassword => Some(("password", &sample.password)),
                Template::PasswordChanged | Template::PasswordEnds | Template::SignInLocked => None,
            };
            if let Some((name, value)) = needed {
                // In HTML these are written so.
                let html = rendered.html.map(|html| html.replace("&#x2f;", "/").replace("&amp;", "&"));
                if std::iter::once(rendered.text).chain(html).any(|text| !text.contains(value.as_str())) {
                    return Err(Unfit::Lacks(name));
                }
            }
        }
        Ok(())
    }

    /// The text with values of nobody in it.
    ///
    /// # Errors
    /// As of [`Text::check`].
    pub fn preview(&self, place: Place) -> Result<render::Rendered, Unfit> {
        self.rendered(place, &Values::sample(place))
    }

    fn rendered(&self, place: Place, values: &Values) -> Result<render::Rendered, Unfit> {
        if let Some((name, known)) = render::unknown_name(self, values) {
            return Err(Unfit::Unknown { name, known });
        }
        render::render(self, place, values).map_err(|error| Unfit::Unreadable(describe(&error)))
    }
}

/// What is wrong, with its line, in one line.
fn describe(error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!(" in line {line}")).unwrap_or_default();
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{}{detail}{line}", error.kind())
}

/// The text for a place in a directory, and whether an administrator has changed it.
///
/// # Errors
/// The store's.
pub async fn of(reader: &mut Reader, permit: &Permit, place: Place) -> Result<(Text, bool), Error> {
    Ok(stored(reader.rows(), permit, place).await?)
}

pub(super) async fn stored(
    reader: &mut store::Reader,
    permit: &Permit,
    place: Place,
) -> Result<(Text, bool), store::Error> {
    let found = rows::find(reader, permit.directory(), row(place)).await?;
    Ok(match found {
        Some(found) => (Text { subject: found.subject, text: found.text, html: found.html }, true),
        None => (built_in(place), false),
    })
}

/// The places of the texts that an administrator of the directory has changed.
///
/// # Errors
/// The store's.
pub async fn changed(reader: &mut Reader, permit: &Permit) -> Result<Vec<Place>, Error> {
    let found = rows::all(reader.rows(), permit.directory()).await?;
    let place = |row: Stored| {
        let (template, language) = (Template::of_word(&row.name)?, Language::of_tag(&row.language)?);
        Some(Place { template, language, way: row.way })
    };
    Ok(found.into_iter().filter_map(place).collect())
}

/// Puts a text, which was checked, in the place of another.
///
/// # Errors
/// The store's; `Gone`.
pub async fn set(change: &mut Change, permit: &Permit, place: Place, text: &Text) -> Result<(), Error> {
    directories::guard(change.tx(), permit.directory()).await?;
    let (before, _) = stored(change.tx(), permit, place).await?;
    let stored = Stored {
        name: place.template.word().to_owned(),
        language: place.language.tag().to_owned(),
        way: place.way,
        subject: text.subject.clone(),
        text: text.text.clone(),
        html: text.html.clone(),
        updated: permit.at(),
    };
    rows::set(change.tx(), permit.directory(), &stored).await?;
    change.record(event("template.changed", place, Some(&before), Some(text)));
    Ok(())
}

/// Puts the text that comes with the program in its place again; false where it is there already.
///
/// # Errors
/// The store's; `Gone`.
pub async fn reset(change: &mut Change, permit: &Permit, place: Place) -> Result<bool, Error> {
    directories::guard(change.tx(), permit.directory()).await?;
    let (before, is_changed) = stored(change.tx(), permit, place).await?;
    if is_changed {
        rows::remove(change.tx(), permit.directory(), row(place)).await?;
        change.record(event("template.reset", place, Some(&before), None));
    }
    Ok(is_changed)
}

fn row(place: Place) -> rows::Place<'static> {
    rows::Place { name: place.template.word(), language: place.language.tag(), way: place.way }
}

fn event(what: &'static str, place: Place, before: Option<&Text>, after: Option<&Text>) -> Event {
    let facts = |text: &Text| {
        serde_json::json!({ "subject": text.subject, "text": text.text, "html": text.html }).to_string()
    };
    let name = format!("{} {} {}", place.template.word(), place.language.tag(), place.way.word());
    Event {
        what,
        subject: place.template.word().to_owned(),
        name,
        before: before.map(facts),
        after: after.map(facts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> impl Iterator<Item = Place> {
        Template::ALL.into_iter().flat_map(|template| {
            Language::ALL
                .into_iter()
                .flat_map(move |language| [Way::Mail, Way::Text].map(|way| Place { template, language, way }))
        })
    }

    #[test]
    fn every_text_that_comes_with_the_program_can_be_sent() {
        for place in places() {
            let text = built_in(place);
            if let Err(error) = text.check(place) {
                panic!("{place:?}: {error}");
            }
            let rendered = text.preview(place).expect("checked");
            assert_eq!(rendered.html.is_some(), place.way == Way::Mail, "{place:?}");
            assert!(!rendered.text.contains("{{") && !rendered.text.contains("{%"), "{place:?}");
            // A text message is sent in as few parts as it can be.
            assert!(place.way == Way::Mail || !rendered.text.contains('\n'), "{place:?}");
        }
    }

    #[test]
    fn what_is_shown_can_be_given_back() {
        for place in places() {
            let text = built_in(place);
            let read =
                Text::of_file(&format!("{}\n", text.to_file()), place.way).expect("it begins as it ought to");
            assert_eq!(
                (&read.subject, read.text.trim_end()),
                (&text.subject, text.text.trim_end()),
                "{place:?}"
            );
        }
        let windows =
            Text::of_file("Hi {{ name }}\r\n\r\n{{ link }}\r\n", Way::Mail).expect("it can be read");
        assert_eq!((windows.subject.as_str(), windows.text.trim_end()), ("Hi {{ name }}", "{{ link }}"));
        for headless in ["", "Hi", "Hello,\nwelcome\n\n{{ link }}", "\n\n{{ link }}"] {
            let refused = Text::of_file(headless, Way::Mail).err().map(|error| error.to_string());
            let expected = "a mail begins with a line, its subject, and an empty line";
            assert_eq!(refused.as_deref(), Some(expected), "{headless:?}");
        }
    }

    #[test]
    fn previews_show_what_their_messages_bring() {
        let preview = |template: Template| {
            let place = Place { template, language: Language::English, way: Way::Mail };
            built_in(place).preview(place).expect("checked").text
        };
        for (template, hours) in [
            (Template::Invitation, "for 72 hours"),
            (Template::PasswordReset, "for 24 hours"),
            (Template::PasswordForgotten, "for 24 hours"),
        ] {
            assert!(preview(template).contains(hours), "{template:?}");
        }
        assert!(preview(Template::PasswordEnds).ends_with("https://id.example.com/sign-in?domain_id=rs1"));
    }

    #[test]
    fn texts_that_would_be_no_use_are_refused() {
        let mail = Place { template: Template::PasswordReset, language: Language::English, way: Way::Mail };
        let text = |subject: &str, text: &str, html: &str| Text {
            subject: subject.to_owned(),
            text: text.to_owned(),
            html: html.to_owned(),
        };
        let reason = |place: Place, given: Text| given.check(place).err().map(|error| error.to_string());
        for (given, expected) in [
            (text("Hi", "{{ link }}", ""), None),
            (text("Hi", "{{ link }}", "<a href=\"{{ link }}\">x</a>"), None),
            (text("", "{{ link }}", ""), Some("there is no subject")),
            (text("Hi", " \n", ""), Some("there is no text")),
            (
                text("Hi", "hello", ""),
                Some("it does not show {{ link }}, without which the message is no use"),
            ),
            (
                text("Hi", "{{ link }}", "<p>hello</p>"),
                Some("it does not show {{ link }}, without which the message is no use"),
            ),
            (
                text("Hi", "{% if not for_manager %}{{ link }}{% endif %}", ""),
                Some("it does not show {{ link }}, without which the message is no use"),
            ),
        ] {
            assert_eq!(reason(mail, given.clone()).as_deref(), expected, "{given:?}");
        }
        let first = Place { template: Template::InitialPassword, ..mail };
        for shown in [
            "{% if must_change %}{{ password }}{% endif %}",
            "{% if not must_change %}{{ password }}{% endif %}",
        ] {
            assert_eq!(
                reason(first, text("Hi", shown, "")).as_deref(),
                Some("it does not show {{ password }}, without which the message is no use"),
                "{shown}"
            );
        }
        assert_eq!(
            reason(mail, text("Hi", "{{ link }} {% if days > 1 %}{{ nmae }}{% endif %}", "")).as_deref(),
            Some(
                "there is no {{ nmae }}; it may show at, can_reset, days, for_manager, hours, link, must_change, name, \
                 password, person, site, until, username"
            )
        );
        let loops = "{{ link }} {% for n in range(days) %}{{ n }}{% set x = n %}{{ x }}{% endfor %}";
        assert_eq!(
            reason(mail, text("Hi", loops, "")),
            None,
            "what the language has itself, and what the text makes"
        );
        for broken in ["{{ link }} {{ nobody }}", "{{ link }} {% if %}", "{{ link }} {{ name.x.y }}"] {
            assert!(reason(mail, text("Hi", broken, "")).is_some(), "{broken}");
        }
        let sms = Place { way: Way::Text, ..mail };
        assert_eq!(
            reason(sms, text("Hi", "{{ link }}", "")).as_deref(),
            Some("a text message has no subject")
        );
        let long = "x".repeat(LONGEST_TEXT + 1);
        assert!(reason(mail, text("Hi", &long, "")).is_some_and(|reason| reason.contains("longer")));
    }
}
