//! `oauth/authorize`: a person signs in, and goes back to the app with a code.
//!
//! Source: `reference/pds.md` §13.5.

use api::pds::Authorize;
use directory::oauth::{self, Sent};
use directory::sign_in::{SignIn, sign_in};
use gate::{Change, Circumstances, PageAnswer, PageRequest, Permit, page_token};
use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, HOST, HeaderName, ORIGIN};
use model::time::MINUTE;
use model::{Millis, Number, Secret};
use serde::{Deserialize, Serialize};
use wire::Operation;

use super::language::Language;
use super::page::{self, Form};
use crate::words::{Refused, not_authorized, not_found};
use crate::{Settings, ids};

/// How long the page may be open.
const LIFE: i64 = 15 * MINUTE;
/// The name under which what was asked is bound.
const BOUND: &str = "oauth/authorize";
/// What browsers say of where a request comes from.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The longest text that an app may want back.
const LONGEST_STATE: usize = 2_048;

/// What was asked and found to be right, as the form brings it back.
#[derive(Serialize, Deserialize)]
struct Asked {
    client_id: String,
    redirect_uri: String,
    state: Option<String>,
    /// The number.
    directory: i64,
}

pub(crate) async fn authorize(
    _: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Result<(PageAnswer, Option<Permit>), Refused> {
    match &request.form {
        None => Ok((show(change, circumstances, request).await?, None)),
        Some(form) => {
            let text = |name| form.text(name).unwrap_or_default();
            let tried = Tried {
                request: text("request"),
                name: text("username"),
                password: Secret::new(text("password")),
            };
            enter(change, circumstances, &request.headers, tried).await
        }
    }
}

/// What the form brings.
struct Tried<'a> {
    request: &'a str,
    name: &'a str,
    password: Secret,
}

/// Checks what is asked, and shows the page. What is wrong is told to whoever asks, and nobody is sent anywhere.
async fn show(
    change: &mut Change,
    circumstances: &Circumstances,
    request: &PageRequest,
) -> Result<PageAnswer, Refused> {
    let asked: Authorize = wire::pds::decode(&request.query)?;
    let mut reader = change.beside();
    let app = oauth::find_app(reader.rows(), &asked.client_id).await?;
    // An app without an address of its own signs nobody in.
    if app.redirect_uri.is_empty() || app.redirect_uri != asked.redirect_uri {
        return Err(Refused::invalid("redirect_uri"));
    }
    let state = asked.state.as_ref().filter(|state| !state.is_empty());
    if state.is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(Refused::invalid("state"));
    }
    let named = named_domain(request);
    let number = match named {
        None => None,
        Some(text) => Some(ids::domain(&text).ok_or_else(|| unknown_domain(&text))?),
    };
    let directory = oauth::domain_of_app(reader.rows(), &app, number).await?;
    oauth::may_work(reader.rows(), &app, &directory).await?;
    let asked = Asked {
        client_id: app.id,
        redirect_uri: app.redirect_uri,
        state: state.cloned(),
        directory: directory.key.number.0,
    };
    let bound = bind(change, &asked, circumstances.at);
    let form = Form { app: &app.name, request: &bound, name: "", is_refused: false };
    Ok(answer((200, ""), page::form(liked(&request.headers), &form), &asked.redirect_uri))
}

/// Signs a person in, and sends them back to the app with a code; or shows the page again.
async fn enter(
    change: &mut Change,
    circumstances: &Circumstances,
    headers: &HeaderMap,
    tried: Tried<'_>,
) -> Result<(PageAnswer, Option<Permit>), Refused> {
    if !is_ours(headers) {
        return Err(Refused::Fault(Box::new(not_authorized())));
    }
    let language = liked(headers);
    let mut reader = change.beside();
    let place = page_token::read(&reader.keyring(), BOUND, b"", tried.request);
    let place = place.ok_or_else(|| Refused::invalid("request"))?;
    let asked: Asked = serde_json::from_str(&place.after).map_err(|_| Refused::invalid("request"))?;
    if !(0..LIFE).contains(&circumstances.at.since(place.issued)) {
        return Ok((answer((400, "PageExpired"), page::expired(language), &asked.redirect_uri), None));
    }
    let app = oauth::find_app(reader.rows(), &asked.client_id).await?;
    if app.redirect_uri != asked.redirect_uri {
        return Err(Refused::invalid("redirect_uri"));
    }
    let number = Some(Number(asked.directory));
    let directory = oauth::domain_of_app(reader.rows(), &app, number).await?;
    oauth::may_work(reader.rows(), &app, &directory).await?;
    let place = (&directory, circumstances);
    if let SignIn::Proved(proof) = sign_in(&mut reader, place, tried.name, &tried.password).await? {
        let sent = oauth::send_code(change, place, Authorize::RIGHT, &app, &proof).await?;
        if let Some(Sent { code, permit }) = sent {
            return Ok((back(&asked, &code), Some(permit)));
        }
    }
    let bound = bind(change, &asked, circumstances.at);
    let form = Form { app: &app.name, request: &bound, name: tried.name, is_refused: true };
    Ok((answer((401, "SignInRefused"), page::form(language, &form), &asked.redirect_uri), None))
}

/// What was asked, so that only we can have written it, and when.
fn bind(change: &Change, asked: &Asked, at: Millis) -> String {
    let after = serde_json::to_string(asked).expect("a plain struct with text keys");
    let place = page_token::Place { after, total: None, issued: at };
    page_token::issue(&change.beside().keyring(), BOUND, b"", &place)
}

/// Where the browser goes with the code.
fn back(asked: &Asked, code: &Secret) -> PageAnswer {
    let mut said = form_urlencoded::Serializer::new(String::new());
    said.append_pair("code", code.reveal_text().unwrap_or_default());
    if let Some(state) = &asked.state {
        said.append_pair("state", state);
    }
    let mark = if asked.redirect_uri.contains('?') { '&' } else { '?' };
    let location = format!("{}{mark}{}", asked.redirect_uri, said.finish());
    PageAnswer { status: 302, code: "", location: Some(location), headers: Vec::new(), html: String::new() }
}

fn answer((status, code): (u16, &'static str), html: String, redirect_uri: &str) -> PageAnswer {
    let headers = vec![("content-security-policy", policy(redirect_uri))];
    PageAnswer { status, code, location: None, headers, html }
}

/// What the page may load, which is nothing, and where its form may lead: here, and on to the app.
fn policy(redirect_uri: &str) -> String {
    let to = target(redirect_uri);
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {to}; frame-ancestors 'none'; base-uri 'none'"
    )
}

/// The origin of an address on the web, else its scheme. Browsers hold a form's policy against where its answer leads.
fn target(redirect_uri: &str) -> &str {
    let Some((scheme, rest)) = redirect_uri.split_once("://") else {
        let end = redirect_uri.find(':').map_or(redirect_uri.len(), |colon| colon + 1);
        return &redirect_uri[..end];
    };
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let host = &rest[..end];
    // What would end the list of targets, or name a user, is no host.
    let is_host = host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
    let length = scheme.len() + if is_web && is_host { 3 + end } else { 1 };
    &redirect_uri[..length]
}

/// Whether a form comes from our own page, as browsers say: in so many words, or by the origin, which a proxy may hide
/// from us by another host.
///
/// Source: Fetch Metadata Request Headers, `Sec-Fetch-Site`; RFC 6454 §7.
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text(&SITE) {
        return site == "same-origin";
    }
    let Some(origin) = text(&ORIGIN) else { return true };
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    let host = text(&HOST).filter(|host| !host.is_empty());
    authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
}

fn liked(headers: &HeaderMap) -> Language {
    let accept = headers.get(ACCEPT_LANGUAGE).and_then(|accept| accept.to_str().ok());
    Language::liked(accept.unwrap_or_default())
}

/// The domain that the host's first label or the query names.
fn named_domain(request: &PageRequest) -> Option<String> {
    let host = request.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let label = host.split(['.', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let in_query = || request.query.text("domain_id").filter(|text| !text.is_empty()).map(str::to_owned);
    if ids::is_domain(&label) { Some(label) } else { in_query() }
}

fn unknown_domain(text: &str) -> Refused {
    Refused::Fault(Box::new(not_found("Domain", text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_may_lead_to_its_app_alone() {
        for (uri, expected) in [
            ("https://example.com/back?x=1", "https://example.com"),
            ("https://example.com", "https://example.com"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:8080?x", "http://[::1]:8080"),
            ("com.example.app:/oauth", "com.example.app:"),
            ("example://back", "example:"),
            ("https://example.com;script-src/", "https:"),
        ] {
            assert_eq!(target(uri), expected, "{uri}");
        }
    }

    #[test]
    fn a_form_comes_from_our_own_page() {
        let headers = |origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, "rs1.example.com:8080".parse().expect("a host"));
            if let Some(origin) = origin {
                headers.insert(ORIGIN, origin.parse().expect("an origin"));
            }
            headers
        };
        for (origin, expected) in [
            (None, true),
            (Some("https://rs1.example.com:8080"), true),
            (Some("http://RS1.example.com:8080"), true),
            (Some("https://rs1.example.com"), false),
            (Some("https://evil.example"), false),
            (Some("https://rs1.example.com:8080.evil.example"), false),
            (Some("null"), false),
            (Some(""), false),
        ] {
            assert_eq!(is_ours(&headers(origin)), expected, "{origin:?}");
        }
        for (site, expected) in [("same-origin", true), ("same-site", false), ("cross-site", false)] {
            let mut headers = headers(Some("https://public.example.com"));
            headers.insert(SITE, site.parse().expect("a word"));
            assert_eq!(is_ours(&headers), expected, "{site}");
        }
    }

    #[test]
    fn a_code_goes_back_with_what_the_app_wants_back() {
        let back_to = |redirect_uri: &str, state: Option<&str>| {
            let (client_id, redirect_uri) = ("app".to_owned(), redirect_uri.to_owned());
            let asked = Asked { client_id, redirect_uri, state: state.map(str::to_owned), directory: 1 };
            back(&asked, &Secret::new("c-_1")).location.expect("it leads back")
        };
        assert_eq!(back_to("https://a.b/c", None), "https://a.b/c?code=c-_1");
        let location = back_to("https://a.b/c?d=e", Some("x&y=1\r\n#é"));
        assert_eq!(location, "https://a.b/c?d=e&code=c-_1&state=x%26y%3D1%0D%0A%23%C3%A9");
    }
}
