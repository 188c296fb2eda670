//! Somebody with a browser: it keeps cookies, goes where it is sent, and fills in forms.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::client::{Answer, Client, Message};
use super::server::Server;

/// A browser without scripts.
pub(crate) struct Browser {
    transport: Client,
    host: String,
    headers: Vec<(String, String)>,
    cookies: RefCell<BTreeMap<String, String>>,
}

/// A page that a browser shows.
#[derive(Debug)]
pub(crate) struct Page {
    /// The status.
    pub(crate) status: u16,
    /// The address on this server that it was shown under.
    pub(crate) target: String,
    /// The text.
    pub(crate) html: String,
    /// The whole answer.
    pub(crate) answer: Answer,
}

/// A form of a page, as somebody fills it in.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// Where it goes.
    pub(crate) action: String,
    /// Its fields.
    pub(crate) fields: Vec<(String, String)>,
}

/// What comes of going somewhere.
#[derive(Debug)]
pub(crate) enum Gone {
    /// A page.
    Page(Page),
    /// Away from this server, to this address.
    Away(String),
}

impl Gone {
    /// The page.
    pub(crate) fn page(self) -> Page {
        match self {
            Self::Page(page) => page,
            Self::Away(address) => panic!("it leads away, to {address}"),
        }
    }

    /// The address that it leads to.
    pub(crate) fn away(self) -> String {
        match self {
            Self::Away(address) => address,
            Self::Page(page) => panic!("{} {}: {}", page.status, page.target, page.html),
        }
    }
}

impl Browser {
    /// A new one, in English.
    pub(crate) fn new(server: &Server) -> Self {
        Self {
            transport: server.administrator(),
            host: server.address().to_string(),
            headers: vec![("accept-language".to_owned(), "en".to_owned())],
            cookies: RefCell::default(),
        }
    }

    /// The same at another node.
    pub(crate) fn with_address(server: &Server, address: SocketAddr) -> Self {
        Self { transport: server.home.client(address), host: address.to_string(), ..Self::new(server) }
    }

    /// The same with a header in place of one of that name.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same at this host.
    pub(crate) fn at(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// A cookie that it keeps; empty where there is none.
    pub(crate) fn cookie(&self, name: &str) -> String {
        self.cookies.borrow().get(name).cloned().unwrap_or_default()
    }

    /// Has it keep a cookie, which is forgotten where it is empty.
    pub(crate) fn keep(&self, name: &str, value: &str) {
        let mut cookies = self.cookies.borrow_mut();
        if value.is_empty() {
            cookies.remove(name)
        } else {
            cookies.insert(name.to_owned(), value.to_owned())
        };
    }

    /// Asks once, wherever that leads.
    pub(crate) async fn ask(&self, target: &str) -> Answer {
        self.exchange("GET", target, Vec::new(), None).await
    }

    /// Sends fields once, wherever that leads.
    pub(crate) async fn post(&self, target: &str, fields: &[(String, String)]) -> Answer {
        let form = "application/x-www-form-urlencoded";
        self.exchange("POST", target, wire::rpc::form(fields).into_bytes(), Some(form)).await
    }

    /// Opens an address, and goes where it is sent on this server.
    pub(crate) async fn open(&self, target: &str) -> Gone {
        let answer = self.ask(target).await;
        self.follow(target, answer).await
    }

    /// Sends a form, and goes where it is sent on this server.
    pub(crate) async fn send(&self, form: &Form) -> Gone {
        let answer = self.post(&form.action, &form.fields).await;
        self.follow(&form.action, answer).await
    }

    async fn follow(&self, target: &str, answer: Answer) -> Gone {
        let (mut target, mut answer) = (target.to_owned(), answer);
        for _ in 0..10 {
            let location = answer.header("location").to_owned();
            if location.is_empty() {
                let (status, html) = (answer.status, answer.text());
                return Gone::Page(Page { status, target, html, answer });
            }
            assert!(matches!(answer.status, 302 | 303), "{answer:?}");
            if !location.starts_with('/') {
                return Gone::Away(location);
            }
            answer = self.ask(&location).await;
            target = location;
        }
        panic!("it leads in circles: {target}");
    }

    async fn exchange(
        &self,
        method: &'static str,
        target: &str,
        body: Vec<u8>,
        content_type: Option<&str>,
    ) -> Answer {
        let mut headers = vec![("host".to_owned(), self.host.clone())];
        headers.extend(self.headers.iter().cloned());
        headers.extend(content_type.map(|kind| ("content-type".to_owned(), kind.to_owned())));
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            headers.push(("cookie".to_owned(), cookies.join("; ")));
        }
        let message = Message { method, target: target.to_owned(), headers, body };
        let answer = self.transport.exchange(&message).await;
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str().expect("cookies are text");
            let (name, value) =
                line.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            assert!(
                line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Path=/"),
                "{line}"
            );
            self.keep(name, value);
        }
        answer
    }

    /// Opens the page to sign in on, and signs in.
    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Gone {
        let page = self.open("/sign-in").await.page();
        self.send(&page.form("/sign-in").with("username", name).with("password", password)).await
    }
}

impl Page {
    /// The first form that leads there.
    pub(crate) fn form(&self, action: &str) -> Form {
        let found = self.forms().into_iter().find(|form| form.action == action);
        found.unwrap_or_else(|| panic!("no form to {action} in {} {}", self.status, self.html))
    }

    /// The form that has a button with this text.
    pub(crate) fn button(&self, text: &str) -> Form {
        let parts =
            self.html.split("<form").skip(1).map(|part| part.split("</form>").next().unwrap_or_default());
        let found = parts.filter(|part| part.contains(&format!(">{text}</button>"))).map(form).next();
        found.unwrap_or_else(|| panic!("no button {text} in {} {}", self.status, self.html))
    }

    /// Where the link leads that has this text.
    pub(crate) fn link(&self, text: &str) -> String {
        let found = self.html.split("<a href=\"").find(|rest| rest.contains(&format!(">{text}</a>")));
        let found = found.unwrap_or_else(|| panic!("no link {text} in {} {}", self.status, self.html));
        unescaped(found.split('"').next().unwrap_or_default())
    }

    /// Every form.
    pub(crate) fn forms(&self) -> Vec<Form> {
        let parts = self.html.split("<form").skip(1);
        parts.map(|part| form(part.split("</form>").next().unwrap_or_default())).collect()
    }

    /// Whether the page says this, as a browser reads it.
    pub(crate) fn says(&self, text: &str) -> bool {
        unescaped(&self.html).contains(text)
    }

    /// What the page says is in the way; empty for nothing.
    pub(crate) fn alert(&self) -> String {
        said(&self.html, "role=\"alert\"")
    }

    /// What the page says was done; empty for nothing.
    pub(crate) fn status_text(&self) -> String {
        said(&self.html, "role=\"status\"")
    }

    /// The heading.
    pub(crate) fn heading(&self) -> String {
        said(&self.html, "<h1")
    }
}

impl Form {
    /// The same with a field filled in.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(other, _)| other != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without a field.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(other, _)| other != name);
        self
    }

    /// What is in a field; empty where it is not there.
    pub(crate) fn field(&self, name: &str) -> String {
        let found = self.fields.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

/// The text behind a mark, up to the end of its element.
fn said(html: &str, mark: &str) -> String {
    let rest = html.split(mark).nth(1).and_then(|rest| rest.split_once('>')).map_or("", |(_, rest)| rest);
    unescaped(rest.split("</").next().unwrap_or_default().trim())
}

fn form(part: &str) -> Form {
    let action = attribute(part.split('>').next().unwrap_or_default(), "action");
    let mut fields = Vec::new();
    for tag in part.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        let is_left = attribute(tag, "type") == "checkbox" && !tag.contains(" checked");
        if !is_left {
            fields.push((attribute(tag, "name"), attribute(tag, "value")));
        }
    }
    for area in part.split("<textarea").skip(1) {
        let (tag, rest) = area.split_once('>').unwrap_or_default();
        let text = rest.split("</textarea>").next().unwrap_or_default();
        fields.push((attribute(tag, "name"), unescaped(text.strip_prefix('\n').unwrap_or(text))));
    }
    for select in part.split("<select").skip(1) {
        let (tag, rest) = select.split_once('>').unwrap_or_default();
        let options = rest.split("</select>").next().unwrap_or_default();
        let chosen = options
            .split("<option")
            .skip(1)
            .find(|option| option.split('>').next().is_some_and(|tag| tag.contains(" selected")));
        fields.push((attribute(tag, "name"), chosen.map(|tag| attribute(tag, "value")).unwrap_or_default()));
    }
    Form { action, fields }
}

fn attribute(tag: &str, name: &str) -> String {
    let rest = tag.split(&format!(" {name}=\"")).nth(1).unwrap_or_default();
    unescaped(rest.split('"').next().unwrap_or_default())
}

fn unescaped(text: &str) -> String {
    let marks = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    marks.iter().fold(text.to_owned(), |text, (mark, sign)| text.replace(mark, sign))
}
