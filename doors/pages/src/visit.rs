//! One request for a page: who asks, for which directory, in which language, and on the way to where.

use std::sync::Arc;

use directory::sessions::{self, Key, Signed};
use directory::sign_in::Step;
use directory::{Error, directories, passwords, policies};
use gate::{
    Change, Circumstances, Cookie, FormOf, Keyring, Onward, PageAnswer, PageRequest, Permit, Refusal,
};
use minijinja::{Value, context};
use model::account::Directory;
use model::globalization::{Globalization, Language};
use model::{Millis, Number, Secret};
use wire::Fault;

use crate::words::{self, Words};
use crate::{Settings, view};

/// The name under which addresses say a language.
pub(crate) const LANGUAGE: &str = "lang";
/// The name under which addresses and forms say where a person goes on to.
const ONWARD: &str = "onward";
/// The name under which addresses and forms say a directory.
const PLACE: &str = "domain_id";

/// The names under which addresses and forms say what a page is about: a link, where a code goes.
const MATTER: [&str; 3] = ["token", "return", "state"];

/// What the log and the figures call it that a directory is meant that is not there.
pub(crate) const NO_PLACE: &str = "DirectoryNotFound";

/// A page, and the permit under which its change is committed.
pub(crate) type Answered = Result<(PageAnswer, Option<Permit>), Refused>;

/// Where a browser is to go instead.
pub(crate) type Elsewhere = Box<PageAnswer>;

/// Why a page is not shown.
#[derive(Debug)]
pub(crate) enum Refused {
    /// A rule refused, or could not.
    Rule(Error),
    /// There is no such page for this person.
    None,
    /// There is no such directory.
    NoPlace,
    /// A page could not be made.
    Unshown(String),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Rule(error)
    }
}

impl Refusal for Refused {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Rule(error) if error.is_transient())
    }

    fn cause(&self) -> Option<String> {
        match self {
            Self::Rule(error) => Some(error.to_string()),
            Self::None | Self::NoPlace => None,
            Self::Unshown(cause) => Some(cause.clone()),
        }
    }

    fn into_fault(self) -> Fault {
        match self {
            Self::Rule(Error::Busy(_)) => gate::busy(),
            Self::Rule(Error::Store(error)) if error.is_overload() => gate::busy(),
            Self::Rule(_) | Self::Unshown(_) => Fault::internal(),
            Self::None => Fault::new(404, "NotFound", "There is no such page."),
            Self::NoPlace => Fault::new(404, NO_PLACE, "There is no such directory."),
        }
    }
}

/// A request for a page, and what is known of who asks.
pub(crate) struct Visit<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) request: &'a PageRequest,
    pub(crate) circumstances: &'a Circumstances,
    /// The directory that is meant.
    pub(crate) directory: Directory,
    /// What people know the server as, or the directory.
    site: String,
    pub(crate) language: Language,
    pub(crate) words: &'static Words,
    /// Where the person goes on to.
    pub(crate) onward: Option<Onward>,
    /// By which clock times are told.
    globalization: Globalization,
    keyring: Arc<Keyring>,
    /// Who is signed in to this directory, or about to be, and by which key.
    signed: Option<(Key, Signed)>,
    /// The session of another directory that the browser holds.
    elsewhere: Option<(Key, Signed)>,
    /// What the browser is known by that has no session yet, where it is told so by this answer.
    new_browser: Option<Secret>,
    /// What the query has named the directory by.
    place: Option<String>,
}

/// What a page shows beside what stands around each one.
pub(crate) struct Shown {
    pub(crate) status: u16,
    pub(crate) template: &'static str,
    pub(crate) title: &'static str,
    pub(crate) own: Value,
}

impl<'a> Visit<'a> {
    /// Finds out who asks, and for what.
    ///
    /// # Errors
    /// `NoPlace` where the directory that is named is not there; the store's.
    pub(crate) async fn of(
        settings: &'a Settings,
        change: &mut Change,
        circumstances: &'a Circumstances,
        request: &'a PageRequest,
    ) -> Result<Self, Refused> {
        let mut reader = change.beside();
        let keyring = reader.keyring();
        let said = |name| request.asked(name).or(Some(request.field(name)).filter(|text| !text.is_empty()));
        let onward = said(ONWARD).and_then(|text| Onward::read(&keyring, text, circumstances.at));
        let place = said(PLACE).map(str::to_owned);
        let named = named(request, onward.as_ref(), place.as_deref())?;
        let key = request.cookie(settings.cookies.name(Cookie::Session)).map(sessions::key);
        let held = match key {
            Some(key) => {
                let found = sessions::find(reader.rows(), &key, circumstances.at).await?;
                found.map(|found| (key, found))
            }
            None => None,
        };
        let is_meant = |held: &(Key, Signed)| named.is_none_or(|named| held.1.directory.key.number == named);
        let (signed, elsewhere) =
            if held.as_ref().is_some_and(is_meant) { (held, None) } else { (None, held) };
        let directory = match &signed {
            Some((_, signed)) => signed.directory.clone(),
            None => {
                let found = sessions::place(reader.rows(), named).await?;
                found.ok_or(Refused::NoPlace)?
            }
        };
        let nobody = passwords::nobody((&directory, circumstances));
        let globalization: Globalization = policies::get(&mut reader, &nobody).await?.unwrap_or_default();
        let language = language(request).unwrap_or_else(|| globalization.language());
        let site = match &settings.site {
            Some(site) => site.clone(),
            None => directories::find(&mut reader, &nobody).await?.name.as_str().to_owned(),
        };
        let mut visit = Self {
            settings,
            request,
            circumstances,
            directory,
            site,
            language,
            words: words::of(language),
            onward,
            globalization,
            keyring,
            signed,
            elsewhere,
            new_browser: None,
            place,
        };
        if visit.browser().is_empty() {
            visit.new_browser = Some(Key::draw(change).secret().clone());
        }
        Ok(visit)
    }

    /// Who is signed in, or about to be.
    pub(crate) fn signed(&self) -> Option<&Signed> {
        self.signed.as_ref().map(|(_, signed)| signed)
    }

    /// By which key.
    pub(crate) fn key(&self) -> Option<&Key> {
        self.signed.as_ref().map(|(key, _)| key)
    }

    /// The session that the browser holds, of whichever directory: it ends where the browser gets another one or gives it
    /// up, since nobody would see it any more.
    pub(crate) fn held(&self) -> Option<&(Key, Signed)> {
        self.signed.as_ref().or(self.elsewhere.as_ref())
    }

    /// Who is signed in, and of whom nothing is due any more.
    ///
    /// # Errors
    /// Where to go instead.
    pub(crate) fn full(&self) -> Result<(&Key, &Signed), Elsewhere> {
        match &self.signed {
            Some((key, signed)) => match signed.session.step {
                Step::Full => Ok((key, signed)),
                Step::Change => Err(Box::new(self.go("/account/password"))),
                Step::Device => Err(Box::new(self.go("/sign-in"))),
            },
            None => Err(Box::new(self.to_sign_in())),
        }
    }

    /// Who and where, as rules ask for it.
    pub(crate) fn place(&self) -> (&Directory, &Circumstances) {
        (&self.directory, self.circumstances)
    }

    /// That the browser is to sign in, and to come back here. The directory is named beside where the person goes on to:
    /// it is known as well where that cannot be read any more.
    fn to_sign_in(&self) -> PageAnswer {
        let path = self.path();
        let target = if self.request.form.is_none() { &self.request.target } else { path };
        let onward = Onward {
            target: target.to_owned(),
            name: String::new(),
            leads_to: String::new(),
            directory: self.directory.key.number.0,
            again: false,
        };
        let text = self.onward.as_ref().unwrap_or(&onward).bind(&self.keyring, self.circumstances.at);
        let place = self.directory.key.number.domain();
        PageAnswer::go(view::address("/sign-in", &[(ONWARD.to_owned(), text), (PLACE.to_owned(), place)]))
    }

    /// Where to go on to from here, where this was all that was due: to who has sent the person, else to the account.
    pub(crate) fn next(&self) -> String {
        self.onward.as_ref().map_or_else(|| "/account".to_owned(), |onward| onward.target.clone())
    }

    /// A page of ours, to which the person takes along where to go on to.
    pub(crate) fn address(&self, path: &str) -> String {
        view::address(path, &self.carried())
    }

    /// That the browser is to go there.
    pub(crate) fn go(&self, path: &str) -> PageAnswer {
        PageAnswer::go(self.address(path))
    }

    fn carried(&self) -> Vec<(String, String)> {
        let onward = self.onward.as_ref().map(|onward| onward.bind(&self.keyring, self.circumstances.at));
        let pairs = [(ONWARD, onward), (PLACE, self.place.clone())];
        pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// An instant for people, by the directory's clock, to the minute.
    pub(crate) fn moment(&self, at: Millis) -> String {
        self.globalization.clock(at)
    }

    /// The mark of a form. `carries` comes back with it as it was; it can be read by who sees the page.
    pub(crate) fn mark(&self, form: &'static str, carries: &str) -> String {
        self.form(form).mark(&self.keyring, carries, self.circumstances.at)
    }

    /// What the form that was sent carries, where it is this one; `None` where it is not, or did not come from a page of
    /// ours that this browser was shown a while ago.
    pub(crate) fn carried_by(&self, form: &'static str) -> Option<String> {
        if !self.request.is_from_here() {
            return None;
        }
        self.form(form).read(&self.keyring, self.request.field("mark"), self.circumstances.at)
    }

    /// The same of a form that may have been open for too long. It says what the page has shown, and allows nothing.
    pub(crate) fn carried_late(&self, form: &'static str) -> Option<String> {
        self.form(form).read_late(&self.keyring, self.request.field("mark"))
    }

    /// What is told of a form that is not taken. One that comes without any cookie comes without one the next time too,
    /// where the browser keeps none.
    pub(crate) fn stale(&self) -> &'static str {
        if self.new_browser.is_some() { self.words.cookieless } else { self.words.stale }
    }

    fn form(&self, name: &'static str) -> FormOf<'_> {
        FormOf { name, browser: self.browser() }
    }

    /// What only this browser knows.
    fn browser(&self) -> &str {
        let cookies = self.settings.cookies;
        let known = self.request.cookie(cookies.name(Cookie::Session));
        let known = known.or_else(|| self.request.cookie(cookies.name(Cookie::Visit)));
        known.or_else(|| self.new_browser.as_ref()?.reveal_text()).unwrap_or_default()
    }

    fn path(&self) -> &str {
        self.request.target.split('?').next().unwrap_or_default()
    }

    /// A page.
    ///
    /// # Errors
    /// As [`view::render`].
    pub(crate) fn page(&self, shown: Shown) -> Result<PageAnswer, Refused> {
        let more = [self.carried(), self.said_again()].concat();
        let around = view::around(self.request, (self.language, &self.site), &more);
        let onward = self.onward.as_ref().map(|onward| onward.bind(&self.keyring, self.circumstances.at));
        let more = context! {
            title => shown.title,
            onward => onward.unwrap_or_default(),
            place => self.place.clone().unwrap_or_default(),
            menu => self.menu(),
        };
        let html = view::render(shown.template, minijinja::value::merge_maps([around, more]), shown.own)?;
        let mut answer = PageAnswer::page(shown.status, html);
        answer.code = code(shown.status);
        answer.leads_to = self.onward.as_ref().map(|onward| onward.leads_to.clone()).unwrap_or_default();
        if let Some(browser) = &self.new_browser {
            answer.cookies.push(self.settings.cookies.keep(Cookie::Visit, browser));
        }
        if let Some(language) = self.request.asked(LANGUAGE).and_then(Language::of_tag) {
            answer.cookies.push(self.settings.cookies.remember(Cookie::Language, language.tag()));
        }
        Ok(answer)
    }

    /// What a form has said of the page that it is on, and its address then says: the page is to be the same one in another
    /// language.
    fn said_again(&self) -> Vec<(String, String)> {
        let said = MATTER.map(|name| (name.to_owned(), self.request.field(name).to_owned()));
        said.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// What was done on the page before this one.
    pub(crate) fn was_done(&self) -> &'static str {
        match self.request.asked("done") {
            Some("profile") => self.words.saved,
            Some("password") => self.words.password_set,
            Some("device") => self.words.device_removed,
            Some("session") => self.words.session_ended,
            Some(_) | None => "",
        }
    }

    /// The pages of an account, for who is signed in.
    fn menu(&self) -> Vec<Value> {
        let Some(signed) = self.signed().filter(|signed| signed.is_full()) else { return Vec::new() };
        let words = self.words;
        let code = signed.user.role.manages() && signed.directory.is_default;
        let items = [
            (true, "/account", words.profile),
            (true, "/account/password", words.password),
            (true, "/account/device", words.device),
            (true, "/account/sessions", words.sessions),
            (code, "/account/code", words.manager),
            (true, "/sign-out", words.sign_out),
        ];
        let shown = items.into_iter().filter(|(is_shown, ..)| *is_shown);
        shown.map(|(_, href, text)| context! { href, text, current => href == self.path() }).collect()
    }

    /// Ends a request: notes that the session is in use, and who asked.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn done(&self, change: &mut Change, answer: PageAnswer) -> Answered {
        let Some((key, signed)) = &self.signed else { return Ok((answer, None)) };
        let permit = signed.permit(self.circumstances);
        let is_noted = sessions::touch(change, signed, key, self.circumstances.at).await?;
        Ok((self.told(answer), is_noted.then_some(permit)))
    }

    /// The answer, from which the log knows who asked.
    pub(crate) fn told(&self, answer: PageAnswer) -> PageAnswer {
        let person = self.signed().map(|signed| signed.permit(self.circumstances).principal().to_string());
        PageAnswer { caller: person.unwrap_or_default(), ..answer }
    }
}

/// What is wrong, as the log and the figures name it.
const fn code(status: u16) -> &'static str {
    match status {
        400 => "PageExpired",
        401 => "ProofRefused",
        403 => "NotOffered",
        409 => "Superseded",
        410 => "LinkSpent",
        422 => "NotTaken",
        429 => "TooManyTries",
        503 => "ServiceUnavailable",
        _ => "",
    }
}

/// The language that is asked for, was chosen before, or is liked most, if any.
pub(crate) fn language(request: &PageRequest) -> Option<Language> {
    let chosen = [false, true].map(|is_secure| gate::Cookies::new(is_secure).name(Cookie::Language));
    let chosen = chosen.into_iter().filter_map(|name| request.cookie(name)).find_map(Language::of_tag);
    let asked = request.asked(LANGUAGE).and_then(Language::of_tag);
    asked.or(chosen).or_else(|| request.liked_language())
}

/// The number of the directory that is named: by where the person goes on to, by the host, or by the query.
fn named(
    request: &PageRequest,
    onward: Option<&Onward>,
    place: Option<&str>,
) -> Result<Option<Number>, Refused> {
    if let Some(onward) = onward {
        return Ok(Some(Number(onward.directory)));
    }
    let label = request.host_label();
    let by_host = Some(label.as_str()).filter(|label| Number::is_domain(label));
    match by_host.or(place) {
        Some(text) => Number::of_domain(text).map(Some).ok_or(Refused::NoPlace),
        None => Ok(None),
    }
}
