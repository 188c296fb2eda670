//! What a server in development shows of the messages that it does not send.

use std::net::IpAddr;

use directory::messages::Shown as Sent;
use gate::{Change, Circumstances, PageAnswer, PageRequest};
use minijinja::{Value, context};
use model::globalization::Language;

use crate::visit::{self, Answered, Refused};
use crate::{Settings, view};

/// Shows the messages, the newest first, to callers on this machine; to others there is no such page.
pub(crate) async fn show(
    settings: &Settings,
    _: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Answered {
    let Some(mailbox) = &settings.mailbox else { return Err(Refused::None) };
    // A proxy on this machine says whom it has come for; one that does not is not to be served.
    let is_forwarded =
        ["x-forwarded-for", "forwarded"].iter().any(|name| request.headers.contains_key(*name));
    let is_here = circumstances.source.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    // A page from elsewhere reaches this machine by a name of its own, and would read what it is shown.
    if !is_here || is_forwarded || !is_local(request.host()) {
        return Err(Refused::None);
    }
    let site = settings.site.as_deref().unwrap_or_default();
    let letters: Vec<Value> = mailbox.letters().iter().map(|sent| shown(sent, site)).collect();
    let own = context! { title => "Messages", letters => letters };
    let language = visit::language(request).unwrap_or(Language::English);
    let around = view::around(request, (language, site), &[]);
    let html = view::render("dev.html", around, own)?;
    Ok((PageAnswer::page(200, html), None))
}

fn shown(sent: &Sent, site: &str) -> Value {
    let letter = &sent.letter;
    let links = letter.text.split_whitespace().filter(|word| is_link(word, site)).map(str::to_owned);
    context! {
        at => sent.at.to_string(),
        way => letter.way.word(),
        template => letter.template.word(),
        to => letter.to.as_str(),
        name => letter.name.as_str(),
        subject => letter.subject.as_str(),
        text => letter.text.as_str(),
        links => links.collect::<Vec<String>>(),
    }
}

/// Whether a host is this machine, by a name or an address that nobody else has.
fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a word is an address of ours: of this machine, or of the site. People may be called like another one.
fn is_link(word: &str, site: &str) -> bool {
    let rest = word.strip_prefix("http://").or_else(|| word.strip_prefix("https://"));
    let Some((host, path)) = rest.and_then(|rest| rest.split_once('/')) else { return false };
    let is_ours = is_local(host) || host == site;
    is_ours && ["password/reset?", "sign-in"].iter().any(|ours| path.starts_with(ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_names_that_nobody_else_has() {
        for (host, expected) in [
            ("localhost", true),
            ("LocalHost:8080", true),
            ("127.0.0.1:8080", true),
            ("127.8.9.1", true),
            ("[::1]:8080", true),
            ("[::1]", true),
            ("", false),
            ("evil.example:8080", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example:80", false),
            ("localhost:evil", false),
            ("192.0.2.1", false),
        ] {
            assert_eq!(is_local(host), expected, "{host}");
        }
    }

    #[test]
    fn what_people_are_called_is_no_link() {
        for (word, expected) in [
            ("http://127.0.0.1:8080/password/reset?token=a", true),
            ("https://id.example.com/sign-in", true),
            ("https://evil.example/password/reset?token=a", false),
            ("https://evil.example/http://127.0.0.1/password/reset?token=a", false),
            ("https://id.example.com.evil.example/sign-in", false),
            ("https://id.example.com/evil", false),
            ("javascript:alert(1)//password/reset?", false),
        ] {
            assert_eq!(is_link(word, "id.example.com"), expected, "{word}");
        }
    }
}
