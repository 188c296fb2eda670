//! The page to sign in on: plain HTML without scripts, and without anything from elsewhere.

use std::fmt::Write;

use super::language::Language;

/// What the page says.
struct Words {
    title: &'static str,
    to: &'static str,
    name: &'static str,
    hint: &'static str,
    password: &'static str,
    enter: &'static str,
    refused: &'static str,
    expired: &'static str,
}

const ENGLISH: Words = Words {
    title: "Sign in",
    to: "to continue to",
    name: "Username",
    hint: "or e-mail address, or telephone number",
    password: "Password",
    enter: "Sign in",
    refused: "The name or the password is not right, or the account is not open.",
    expired: "This page was open for too long. Go back to the application and begin again.",
};
const CHINESE: Words = Words {
    title: "登录",
    to: "以继续访问",
    name: "用户名",
    hint: "或邮箱、手机号",
    password: "密码",
    enter: "登录",
    refused: "用户名或密码不正确，或账号不可用。",
    expired: "此页面打开时间过长，请返回应用重新开始。",
};

/// Colours and sizes, for narrow and wide screens, dark and light, large print and keyboards.
const STYLE: &str = "\
:root{color-scheme:light dark}\
*{box-sizing:border-box}\
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;\
font:1rem/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}\
main{width:100%;max-width:24rem}\
h1{font-size:1.5rem;margin:0}\
p{margin:.25rem 0 1rem;overflow-wrap:anywhere}\
label{display:block;margin-top:1rem;font-weight:600}\
small{font-weight:400}\
input,button{width:100%;font:inherit;padding:.75rem;border:1px solid GrayText;border-radius:.375rem}\
button{margin-top:1.5rem;background:#0a58ca;border-color:#0a58ca;color:#fff;font-weight:600;cursor:pointer}\
:focus-visible{outline:3px solid #f90}\
[role=alert]{padding:.75rem;border:2px solid #b00020;border-radius:.375rem;margin-top:1rem}";

/// What the form shows and carries.
pub(crate) struct Form<'a> {
    /// The app that asks.
    pub(crate) app: &'a str,
    /// What was asked, for the form to bring back.
    pub(crate) request: &'a str,
    /// The name that was tried; empty at first.
    pub(crate) name: &'a str,
    /// Whether it was refused.
    pub(crate) is_refused: bool,
}

/// The page with the form.
pub(crate) fn form(language: Language, form: &Form<'_>) -> String {
    let words = words(language);
    let (app, name, request) = (escaped(form.app), escaped(form.name), escaped(form.request));
    let alert = if form.is_refused {
        format!("<p role=\"alert\" id=\"refused\">{}</p>\n", words.refused)
    } else {
        String::new()
    };
    // The cursor stands where something is to be typed next.
    let (first, second) = if !form.is_refused { (" autofocus", "") } else { ("", " autofocus") };
    let described = if form.is_refused { " aria-describedby=\"refused\"" } else { "" };
    let body = format!(
        "<h1>{title}</h1>\n<p>{to} <strong>{app}</strong></p>\n{alert}\
         <form method=\"post\" action=\"authorize\">\n\
         <input type=\"hidden\" name=\"request\" value=\"{request}\">\n\
         <label for=\"name\">{label} <small>{hint}</small></label>\n\
         <input id=\"name\" name=\"username\" value=\"{name}\" type=\"text\" required autocomplete=\"username\" \
         autocapitalize=\"none\" spellcheck=\"false\"{described}{first}>\n\
         <label for=\"password\">{password}</label>\n\
         <input id=\"password\" name=\"password\" type=\"password\" required \
         autocomplete=\"current-password\"{described}{second}>\n\
         <button type=\"submit\">{enter}</button>\n</form>",
        title = words.title,
        to = words.to,
        label = words.name,
        hint = words.hint,
        password = words.password,
        enter = words.enter,
    );
    page(language, &body)
}

/// The page that says that the form is too old.
pub(crate) fn expired(language: Language) -> String {
    let words = words(language);
    page(language, &format!("<h1>{}</h1>\n<p role=\"alert\">{}</p>", words.title, words.expired))
}

fn page(language: Language, body: &str) -> String {
    // The policy of the headers, by which nothing is told to the app, would hide from us as well where the form comes from.
    format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"same-origin\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n",
        tag = language.tag(),
        title = words(language).title,
    )
}

const fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

/// Text that stands in HTML and means only itself.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' | '\'' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_stays_text() {
        let text = "\"><script>alert('1')</script>&amp;";
        let shown = Form { app: text, request: text, name: text, is_refused: true };
        for language in [Language::English, Language::Chinese] {
            let html = form(language, &shown);
            assert!(!html.contains("<script") && !html.contains("alert('1')"), "{html}");
            let escaped = "&#34;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;";
            assert_eq!(html.matches(escaped).count(), 3);
        }
    }

    #[test]
    fn each_field_has_a_label_and_the_first_empty_one_the_cursor() {
        let of = |name| Form { app: "App", request: "r", name, is_refused: false };
        let html = form(Language::English, &of(""));
        for id in ["name", "password"] {
            assert!(html.contains(&format!("for=\"{id}\"")) && html.contains(&format!("id=\"{id}\"")));
        }
        assert!(html.find("autofocus") < html.find("type=\"password\""));
        let html = form(Language::Chinese, &Form { is_refused: true, ..of("alice") });
        assert!(html.find("autofocus") > html.find("type=\"password\"") && html.contains("lang=\"zh-Hans\""));
    }
}
