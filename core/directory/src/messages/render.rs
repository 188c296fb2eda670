//! A text becomes a message: values are put in, and the HTML of a mail is made where nobody has written one.

use std::fmt::Write;

use minijinja::{Environment, UndefinedBehavior};
use model::globalization::Language;
use serde::Serialize;
use store::outbox::Way;

use super::Template;
use super::compose::hours;
use super::texts::{Place, Text};

/// What texts may show. A text that is not meant for a template is empty in it.
#[derive(Clone, Serialize)]
pub struct Values {
    /// What the person who gets the message is called.
    pub name: String,
    /// What the person is called whom the message is about.
    pub person: String,
    /// What that person signs in with.
    pub username: String,
    /// The host at which people sign in.
    pub site: String,
    /// Where to go on: to a new password, or to sign in.
    pub link: String,
    /// How many hours the link is good for.
    pub hours: i64,
    /// A password that was just made.
    pub password: String,
    /// Whether it has to be changed at the first sign-in.
    pub must_change: bool,
    /// In how many days the password ends.
    pub days: i64,
    /// When what the message tells of happened.
    pub at: String,
    /// Until when sign-ins are refused.
    pub until: String,
    /// Whether the message goes to who manages the account, and not to the person whom it is about.
    pub for_manager: bool,
    /// Whether the page for forgotten passwords sends this person a link; told with a lock alone.
    pub can_reset: bool,
}

impl Values {
    /// Values of nobody, for previews: such as a message of this place has.
    pub(super) fn sample(place: Place) -> Self {
        let (name, person) = match place.language {
            Language::English => ("Alice Example", "Alice Example"),
            Language::Chinese => ("李雷", "李雷"),
        };
        let (template, hours) = (place.template, hours(place.template));
        let link = if hours == 0 { "/sign-in?" } else { "/password/reset?token=sample&" };
        let only_in = |meant: Template, value: &str| {
            if template == meant { value.to_owned() } else { String::new() }
        };
        Self {
            name: name.to_owned(),
            person: person.to_owned(),
            username: "alice".to_owned(),
            site: "id.example.com".to_owned(),
            link: format!("https://id.example.com{link}domain_id=rs1"),
            hours,
            password: only_in(Template::InitialPassword, "Sample-Passw0rd"),
            must_change: true,
            days: 7,
            at: "2026-01-15 16:00 +08:00".to_owned(),
            until: only_in(Template::SignInLocked, "2026-01-15 16:30 +08:00"),
            for_manager: false,
            can_reset: template == Template::SignInLocked,
        }
    }
}

/// A message as it is sent.
#[derive(Clone)]
pub struct Rendered {
    /// What stands over a mail, in one line; empty for a text message.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML of a mail.
    pub html: Option<String>,
}

/// Puts values into a text.
///
/// # Errors
/// Where the text cannot be read, or names what there is not.
pub(super) fn render(text: &Text, place: Place, given: &Values) -> Result<Rendered, minijinja::Error> {
    let environment = environment();
    // Only what is named as HTML is escaped.
    let values = &minijinja::Value::from(minijinja::value::Serde(given));
    let put = |name: &str, source: &str| environment.render_named_str(name, source, values);
    let subject = one_line(&put("subject.txt", &text.subject)?);
    let plain = put("text.txt", &text.text)?.trim().to_owned();
    let html = match place.way {
        Way::Text => None,
        Way::Mail if text.html.is_empty() => Some(page(place.language, &subject, &plain, given)),
        Way::Mail => Some(put("mail.html", &text.html)?),
    };
    Ok(Rendered { subject, text: plain, html })
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}

/// The first name in a text that stands for nothing, with all that stand for a value. A text that cannot be read names
/// none.
pub(super) fn unknown_name(text: &Text, given: &Values) -> Option<(String, Vec<String>)> {
    let environment = environment();
    let values = minijinja::Value::from(minijinja::value::Serde(given));
    let mut known: Vec<String> =
        values.try_iter().into_iter().flatten().map(|name| name.to_string()).collect();
    known.sort();
    let is_known = |name: &String| known.contains(name) || environment.globals().any(|(own, _)| own == name);
    let unknown = [&text.subject, &text.text, &text.html].into_iter().find_map(|source| {
        let names = environment.template_from_str(source).ok()?.undeclared_variables(false);
        names.into_iter().filter(|name| !is_known(name)).min()
    })?;
    Some((unknown, known))
}

/// A text without what would break its line: such as would begin another header of a mail.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The plain text as HTML. Its paragraphs stay; one that is the link alone becomes a button with the link below it,
/// one that is the password alone is set apart. Nothing else in it becomes a link, whatever people are called.
fn page(language: Language, title: &str, text: &str, values: &Values) -> String {
    let (tag, go_on) = match language {
        Language::English => ("en", "Continue"),
        Language::Chinese => ("zh-Hans", "继续"),
    };
    let mut html = format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{}</title></head>\n\
         <body style=\"margin:0;padding:24px;font-family:system-ui,sans-serif;font-size:16px;line-height:1.5;\
         color:#1a1a1a;background:#ffffff\">\n<div style=\"max-width:560px;margin:0 auto\">\n",
        escaped(title)
    );
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        let shown = escaped(paragraph);
        let written = if paragraph == values.link {
            write!(
                html,
                "<p><a href=\"{shown}\" style=\"display:inline-block;padding:12px 20px;border-radius:6px;\
                 background:#0b57d0;color:#ffffff;text-decoration:none\">{go_on}</a></p>\n\
                 <p style=\"font-size:13px;color:#555555;word-break:break-all\">{shown}</p>\n"
            )
        } else if paragraph == values.password {
            writeln!(html, "<p style=\"font-family:monospace;font-size:20px\">{shown}</p>")
        } else {
            writeln!(html, "<p>{}</p>", shown.replace('\n', "<br>"))
        };
        written.expect("a string takes everything");
    }
    html.push_str("</div>\n</body>\n</html>\n");
    html
}

/// A text in which nothing is read as HTML.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::texts::built_in;

    const MAIL: Place =
        Place { template: Template::PasswordReset, language: Language::English, way: Way::Mail };

    fn named(name: &str) -> Values {
        Values { name: name.to_owned(), ..Values::sample(MAIL) }
    }

    #[test]
    fn what_people_are_called_is_no_markup_no_header_and_no_link() {
        let values = named("<b>https://evil.example/</b>");
        let text = Text {
            subject: "For {{ name }}\r\nBcc: x@example.com".to_owned(),
            text: "{{ name }}\n\n{{ link }}".to_owned(),
            html: String::new(),
        };

        let made = render(&text, MAIL, &values).expect("it can be read");
        assert_eq!(made.subject, "For <b>https://evil.example/</b> Bcc: x@example.com");
        let html = made.html.expect("a mail has HTML");
        assert!(html.contains("<p>&lt;b&gt;https://evil.example/&lt;/b&gt;</p>"), "{html}");
        assert_eq!(html.matches("<a href=").count(), 1, "{html}");

        let own = Text { html: "<i>{{ name }}</i> {{ link }}".to_owned(), ..text };
        let html = render(&own, MAIL, &values).expect("it can be read").html.expect("a mail has HTML");
        assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
    }

    #[test]
    fn the_link_is_a_button_and_is_shown_in_full() {
        let made = render(&built_in(MAIL), MAIL, &named("Alice")).expect("it can be read");
        let html = made.html.expect("a mail has HTML");

        let link = "https://id.example.com/password/reset?token=sample&domain_id=rs1";
        let shown = link.replace('&', "&amp;");
        assert!(
            html.contains(&format!("<a href=\"{shown}\"")) && html.contains(&format!(">{shown}</p>")),
            "{html}"
        );
        assert!(made.text.contains(link) && made.text.starts_with("Hello Alice,"));
        assert!(!html.contains("<script") && !html.contains("<img"), "nothing is fetched");
    }

    #[test]
    fn a_manager_is_told_whose_password_it_is() {
        let values = Values { person: "Bob".to_owned(), for_manager: true, ..Values::sample(MAIL) };
        let made = render(&built_in(MAIL), MAIL, &values).expect("it can be read");

        assert_eq!(made.subject, "Set a new password for alice at id.example.com");
        assert!(made.text.contains("for Bob (username alice)"), "{}", made.text);
    }
}
