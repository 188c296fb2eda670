//! A message that was taken is written: with what it brings, which is made then, and in its language.

use std::sync::Arc;

use access::{Change, Permit, Scope, Task, Tools};
use model::account::Directory;
use model::event::Event;
use model::globalization::Globalization;
use model::policy::{Expiration, Owner};
use model::text::within;
use model::time::MINUTE;
use model::user::User;
use model::{Millis, Secret};
use store::outbox::{self as rows, Message, Stored};
use store::{Store, directories, users as people};

use super::dispatch::{CLAIM, Claimed, event, read};
use super::plan::Plan;
use super::render::{self, Rendered, Values};
use super::texts::{self, Place};
use super::{Facts, Letter, Template};
use crate::error::Error;
use crate::passwords::{self, Purpose, Rule, Rules};
use crate::policies;
use crate::sweep::Trouble;
use crate::users::{self, Hash, PasswordChange};

/// How often a change that met another one is made again.
const TRIES: usize = 3;

/// Writes a message that was taken, with a link or a password that is made for it now; `None` where there is nothing
/// to carry: the message has become needless, or others have come in its place, one for each who gets it. `site` is the
/// address under which people reach the server, without a slash at its end.
///
/// # Errors
/// Of the store; `Busy`. The message is tried again when it is not this sender's any more.
pub async fn compose(
    store: &Store,
    tools: &Arc<Tools>,
    claimed: &Claimed,
    site: &str,
    at: Millis,
) -> Result<Option<Letter>, Trouble> {
    let Some(desk) = Desk::at(store, tools, claimed, site, at).await? else { return Ok(None) };
    for _ in 1..TRIES {
        match desk.compose().await {
            Err(trouble) if trouble.is_transient() => {}
            done => return done,
        }
    }
    desk.compose().await
}

/// What a message is written on: the directory, and what its people are told in.
pub(super) struct Desk<'a> {
    store: &'a Store,
    tools: &'a Arc<Tools>,
    pub(super) message: &'a Stored,
    pub(super) template: Template,
    pub(super) facts: Facts,
    pub(super) directory: Directory,
    pub(super) permit: Permit,
    globalization: Globalization,
    site: &'a str,
}

impl<'a> Desk<'a> {
    /// The desk for a message; `None` where its directory is gone, with which it goes.
    async fn at(
        store: &'a Store,
        tools: &'a Arc<Tools>,
        claimed: &'a Claimed,
        site: &'a str,
        at: Millis,
    ) -> Result<Option<Self>, Trouble> {
        let message = &claimed.stored;
        let mut reader = store.reader();
        let Some(directory) = directories::of_number(&mut reader, message.directory).await? else {
            return Ok(None);
        };
        let (template, facts) = read(message)?;
        let permit = Permit::system(Task::SendMessages, Scope::Directory(directory.clone()), at);
        let globalization = policies::stored(&mut reader, directory.key).await?.unwrap_or_default();
        Ok(Some(Self { store, tools, message, template, facts, directory, permit, globalization, site }))
    }

    async fn compose(&self) -> Result<Option<Letter>, Trouble> {
        let mut change = Change::new(self.store, self.tools, None);
        let password = self.new_password(&mut change).await?;
        let found = people::lock_all(change.tx(), self.directory.key, &[self.message.user]).await?;
        // Messages go with whom they are about.
        let Some(user) = found.into_iter().next() else { return Ok(None) };
        match self.plan(change.tx(), &user).await? {
            Plan::Write(recipient, to) => self.write(change, &user, &recipient, to, password).await,
            Plan::Spread(managers) => self.spread(change, &user, &managers).await.map(|()| None),
            Plan::Drop => self.drop_it(change, &user).await.map(|()| None),
            Plan::GiveUp(why) => self.give_up(change, &user, why).await.map(|()| None),
        }
    }

    /// A password for a message that brings one, hashed before the change opens.
    async fn new_password(&self, change: &mut Change) -> Result<Option<(Secret, Hash)>, Trouble> {
        if self.template != Template::InitialPassword {
            return Ok(None);
        }
        let mut beside = change.beside();
        let Some(user) = people::find(beside.rows(), self.directory.key, self.message.user).await? else {
            return Ok(None);
        };
        let rules = Rules::of(&mut beside, &self.permit, Rule::Policy).await?;
        let password = rules.example(&Owner::of(&user), change.tools());
        let hash = change.hashed(vec![password.clone()]).await.map_err(Error::from)?;
        Ok(hash.into_iter().next().map(|hash| (password, hash)))
    }

    /// Makes what the message brings, keeps the message for long enough to be carried, and writes it.
    async fn write(
        &self,
        mut change: Change,
        user: &User,
        recipient: &User,
        to: String,
        password: Option<(Secret, Hash)>,
    ) -> Result<Option<Letter>, Trouble> {
        let (at, number) = (self.permit.at(), user.id.number());
        let (mut facts, mut secrets) = (self.facts.clone(), Vec::new());
        let mut values = self.values(change.tx(), user, recipient).await?;
        if let Some(purpose) = purpose(self.template) {
            let token = passwords::mint_link(&mut change, &self.permit, number, purpose).await?;
            values.link = self.link("/password/reset", &[("token", token.reveal_text().unwrap_or_default())]);
            secrets.push(token);
        }
        if let Some((text, hash)) = &password {
            let password = PasswordChange { hash, must_change: user.password.must_change, tells: &[] };
            users::set_password_of(&mut change, &self.permit, user, password).await?;
            values.password = text.reveal_text().unwrap_or_default().to_owned();
            secrets.push(text.clone());
            facts.minted = Some(at);
        }
        if !rows::hold(change.tx(), self.message, at.plus(CLAIM), &facts.to_json()).await? {
            return Ok(None);
        }
        let rendered = self.render(change.tx(), &values).await?;
        change.commit(&self.permit).await?;
        Ok(Some(self.letter(recipient, to, rendered, secrets)))
    }

    async fn values(
        &self,
        reader: &mut store::Reader,
        user: &User,
        recipient: &User,
    ) -> Result<Values, Error> {
        let called = |user: &User| {
            let name = user.display_name.as_str();
            if name.is_empty() { user.username.to_string() } else { within(name) }
        };
        let policy: Expiration = policies::stored(reader, self.directory.key).await?.unwrap_or_default();
        let days = user.password_days_left(&policy, self.permit.at()).or(self.facts.days);
        let until = self.facts.until.map(|until| self.globalization.clock(until));
        Ok(Values {
            name: called(recipient),
            person: called(user),
            username: user.username.to_string(),
            site: host(self.site).to_owned(),
            link: self.link("/sign-in", &[]),
            hours: hours(self.template),
            password: String::new(),
            must_change: user.password.must_change,
            days: days.unwrap_or_default().max(1),
            at: self.globalization.clock(self.message.created),
            until: until.unwrap_or_default(),
            for_manager: self.message.recipient.is_some(),
            can_reset: self.can_reset(reader, user).await?,
        })
    }

    /// Whether the page for forgotten passwords would send a link to this person, where the message is to name it.
    async fn can_reset(&self, reader: &mut store::Reader, user: &User) -> Result<bool, Error> {
        Ok(self.template == Template::SignInLocked
            && !passwords::ways_for_links(reader, &self.permit, Some(user)).await?.is_empty())
    }

    /// An address of a page for people of this directory, which it names whichever it is: who opens it may be signed in to
    /// another one there. Values of queries are letters, digits, `-` and `_`.
    fn link(&self, path: &str, query: &[(&str, &str)]) -> String {
        let domain = self.directory.key.number.domain();
        let query = query.iter().copied().chain(std::iter::once(("domain_id", domain.as_str())));
        let query: Vec<String> = query.map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}{path}?{}", self.site, query.join("&"))
    }

    /// The message's text. Where the one that an administrator has written cannot be used, the program's own.
    async fn render(&self, reader: &mut store::Reader, values: &Values) -> Result<Rendered, Error> {
        let language = self.globalization.language();
        let place = Place { template: self.template, language, way: self.message.way };
        let (text, _) = texts::stored(reader, &self.permit, place).await?;
        Ok(render::render(&text, place, values).unwrap_or_else(|error| {
            tracing::warn!(template = self.template.word(), kind = %error.kind(), "a changed text cannot be used");
            render::render(&texts::built_in(place), place, values).expect("tests render every text")
        }))
    }

    fn letter(&self, recipient: &User, to: String, rendered: Rendered, secrets: Vec<Secret>) -> Letter {
        let Rendered { subject, text, html } = rendered;
        let host = without_port(host(self.site));
        Letter {
            to,
            name: recipient.display_name.as_str().to_owned(),
            way: self.message.way,
            template: self.template,
            subject,
            text,
            html,
            message_id: format!("{}.{}@{host}", self.message.directory, self.message.number),
            secrets,
        }
    }

    /// Has a message for each of these people wait in place of this one.
    async fn spread(&self, mut change: Change, user: &User, managers: &[User]) -> Result<(), Trouble> {
        if !rows::done(change.tx(), self.message).await? {
            return Ok(());
        }
        for manager in managers {
            let message = Message {
                id: change.new_id(&self.permit),
                template: self.template.word(),
                user: user.id.number(),
                recipient: Some(manager.id.number()),
                way: self.message.way,
                created: self.message.created,
                facts: self.message.facts.clone(),
            };
            rows::insert(change.tx(), self.directory.key, &message).await?;
        }
        change.record(self.event("message.spread", user, &[("people", managers.len().to_string())]));
        Ok(change.commit(&self.permit).await?)
    }

    async fn drop_it(&self, mut change: Change, user: &User) -> Result<(), Trouble> {
        if rows::done(change.tx(), self.message).await? {
            change.record(self.event("message.dropped", user, &[]));
        }
        Ok(change.commit(&self.permit).await?)
    }

    async fn give_up(&self, mut change: Change, user: &User, why: &str) -> Result<(), Trouble> {
        if rows::give_up(change.tx(), self.message, self.permit.at(), why).await? {
            change.record(self.event("message.failed", user, &[("trouble", why.to_owned())]));
        }
        Ok(change.commit(&self.permit).await?)
    }

    fn event(&self, what: &'static str, user: &User, more: &[(&str, String)]) -> Event {
        event(what, self.message, user, more)
    }
}

/// What a message's link is for, where it has one that leads to a new password.
const fn purpose(template: Template) -> Option<Purpose> {
    match template {
        Template::Invitation => Some(Purpose::Invitation),
        Template::PasswordReset => Some(Purpose::Reset),
        Template::PasswordForgotten => Some(Purpose::Forgotten),
        Template::PasswordChanged
        | Template::InitialPassword
        | Template::PasswordEnds
        | Template::SignInLocked => None,
    }
}

/// How many hours a message's link to a new password is good for; 0 where it has none.
pub(super) fn hours(template: Template) -> i64 {
    purpose(template).map_or(0, |purpose| passwords::link_life(purpose) / (60 * MINUTE))
}

/// The host of an address, with its port where it has one.
fn host(site: &str) -> &str {
    let rest = site.split_once("://").map_or(site, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// A host without its port. An IPv6 address keeps its brackets, as the id of a mail wants them.
///
/// Source: RFC 5322, 3.6.4.
fn without_port(host: &str) -> &str {
    let end = host.find(']').map(|end| end + 1).or_else(|| host.find(':'));
    &host[..end.unwrap_or(host.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_the_site() {
        for (site, expected) in [
            ("https://id.example.com", ("id.example.com", "id.example.com")),
            ("http://127.0.0.1:8080", ("127.0.0.1:8080", "127.0.0.1")),
            ("http://[::1]:8080", ("[::1]:8080", "[::1]")),
            ("http://[2001:db8::1]", ("[2001:db8::1]", "[2001:db8::1]")),
            ("https://id.example.com/people", ("id.example.com", "id.example.com")),
        ] {
            assert_eq!((host(site), without_port(host(site))), expected);
        }
    }
}
