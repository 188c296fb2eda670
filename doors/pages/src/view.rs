//! From templates to pages.

use std::sync::LazyLock;

use gate::PageRequest;
use minijinja::value::{Serde, merge_maps};
use minijinja::{Environment, UndefinedBehavior, Value, context};
use model::globalization::Language;
use wire::Fault;

use crate::Settings;
use crate::visit::{self, Refused};
use crate::words::{self, Words};

/// Every template, by name.
const TEMPLATES: [(&str, &str); 20] = [
    ("account.html", include_str!("../templates/account.html")),
    ("code.html", include_str!("../templates/code.html")),
    ("dev.html", include_str!("../templates/dev.html")),
    ("device.html", include_str!("../templates/device.html")),
    ("ends.html", include_str!("../templates/ends.html")),
    ("field.html", include_str!("../templates/field.html")),
    ("forgotten.html", include_str!("../templates/forgotten.html")),
    ("hidden.html", include_str!("../templates/hidden.html")),
    ("username.html", include_str!("../templates/username.html")),
    ("layout.html", include_str!("../templates/layout.html")),
    ("manager.html", include_str!("../templates/manager.html")),
    ("new_password.html", include_str!("../templates/new_password.html")),
    ("password.html", include_str!("../templates/password.html")),
    ("reset.html", include_str!("../templates/reset.html")),
    ("sessions.html", include_str!("../templates/sessions.html")),
    ("sign_in.html", include_str!("../templates/sign_in.html")),
    ("sign_out.html", include_str!("../templates/sign_out.html")),
    ("style.css", include_str!("../templates/style.css")),
    ("told.html", include_str!("../templates/told.html")),
    ("trouble.html", include_str!("../templates/trouble.html")),
];

/// The templates, read once.
static VIEW: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut view = Environment::new();
    // What a page does not say is left out by it; what of that is not there is nothing.
    view.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    for (name, text) in TEMPLATES {
        view.add_template(name, text).expect("the templates are right");
    }
    view
});

/// Renders a page: what is its own over what stands around each one.
///
/// # Errors
/// A template asks for what is not there: a fault of the program.
pub(crate) fn render(template: &str, around: Value, own: Value) -> Result<String, Refused> {
    let page = VIEW.get_template(template).and_then(|template| template.render(merge_maps([around, own])));
    page.map_err(|error| Refused::Unshown(error.to_string()))
}

/// What stands around each page.
pub(crate) fn around(
    request: &PageRequest,
    (language, site): (Language, &str),
    more: &[(String, String)],
) -> Value {
    let languages: Vec<Value> = Language::ALL
        .into_iter()
        .map(|other| {
            context! {
                tag => marked(other),
                text => name_of(other),
                href => href(request, other, more),
                current => other == language,
            }
        })
        .collect();
    context! {
        w => Value::from(Serde(words::of(language))),
        tag => marked(language),
        gap => gap(language),
        site => site,
        nonce => request.nonce.as_str(),
        languages => languages,
    }
}

/// The tag that a page in a language is marked with: by it browsers choose letters.
const fn marked(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::Chinese => "zh-Hans",
    }
}

/// What stands between words and what explains them: Chinese writes no blanks.
const fn gap(language: Language) -> &'static str {
    match language {
        Language::English => " ",
        Language::Chinese => "",
    }
}

/// What a language calls itself.
const fn name_of(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Chinese => "中文",
    }
}

/// The page that was asked for, in a language.
fn href(request: &PageRequest, language: Language, more: &[(String, String)]) -> String {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let asked = form_urlencoded::parse(query.as_bytes());
    let mut pairs: Vec<(String, String)> =
        asked.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    pairs.extend(more.iter().filter(|(name, _)| request.query.text(name).is_none()).cloned());
    pairs.retain(|(name, _)| name != visit::LANGUAGE);
    pairs.push((visit::LANGUAGE.to_owned(), language.tag().to_owned()));
    address(path, &pairs)
}

/// A path with a query.
pub(crate) fn address(path: &str, query: &[(String, String)]) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    format!("{path}?{}", pairs.extend_pairs(query).finish())
}

/// What stands in the place of a page that cannot be shown.
pub(crate) fn trouble(settings: &Settings, request: &PageRequest, fault: &Fault) -> String {
    let language = visit::language(request).unwrap_or(Language::English);
    let words = words::of(language);
    let own = context! { title => words.trouble, text => told(words, fault) };
    // Which directory is meant is not known, and may not even be there.
    let around = around(request, (language, settings.site.as_deref().unwrap_or_default()), &[]);
    // Where not even that can be shown, the status says it.
    render("trouble.html", around, own).unwrap_or_default()
}

fn told(words: &Words, fault: &Fault) -> &'static str {
    match fault.status {
        404 if fault.code == visit::NO_PLACE => words.trouble_place,
        404 => words.trouble_none,
        405 => words.trouble_method,
        413 => words.trouble_long,
        400 | 408 | 415 => words.trouble_form,
        429 => words.trouble_often,
        503 => words.trouble_busy,
        _ => words.trouble_own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str) -> PageRequest {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        PageRequest {
            target: target.to_owned(),
            query: wire::pds::Body::form(query.as_bytes()).expect("a query"),
            form: None,
            headers: http::HeaderMap::new(),
            nonce: "n0".to_owned(),
        }
    }

    #[test]
    fn every_template_is_read() {
        assert!(TEMPLATES.iter().all(|(name, _)| VIEW.get_template(name).is_ok()));
    }

    #[test]
    fn what_is_in_the_way_is_told_in_both_languages() {
        for status in [400, 404, 405, 408, 413, 415, 500, 503] {
            for (language, expected) in [("en", "This did not work"), ("zh", "操作未成功")] {
                let fault = Fault::new(status, "Code", "message");
                let settings = Settings { site: Some("id.example.com".to_owned()), ..Settings::default() };
                let asked = request(&format!("/account/x?lang={language}&a=b%26\""));
                let html = trouble(&settings, &asked, &fault);
                assert!(html.contains(expected) && html.contains("nonce=\"n0\""), "{status} {html}");
                assert!(html.contains("<p class=\"site\">id.example.com</p>"), "{html}");
                assert!(!html.contains("<script") && !html.contains("http"), "{html}");
            }
        }
    }

    #[test]
    fn a_language_is_chosen_on_the_same_page() {
        let asked = request("/password/reset?token=a%2Fb&lang=en");
        let more = [("onward".to_owned(), "x".to_owned()), ("token".to_owned(), "other".to_owned())];
        assert_eq!(href(&asked, Language::Chinese, &more), "/password/reset?token=a%2Fb&onward=x&lang=zh");
    }

    #[test]
    fn what_others_wrote_stays_text() {
        let text = "\"><script>alert('1')</script>&amp;";
        let own = context! {
            title => text, app => text, name => text, mark => text, onward => text, forgotten => text,
        };
        let around = around(&request("/sign-in"), (Language::English, text), &[]);
        let html = render("sign_in.html", around, own);
        let html = html.expect("it is rendered");
        assert!(!html.contains("<script") && !html.contains("alert('1')"), "{html}");
        assert!(html.matches("&lt;script&gt;").count() >= 8, "{html}");
    }
}
