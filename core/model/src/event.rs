//! What the audit trail keeps of a change: one event for each thing changed.

use serde::Serialize;

use crate::account::ListedDirectory;
use crate::device::Device;
use crate::drive::Drive;
use crate::group::{Group, ResourceGroup};
use crate::id::{Id, Number};
use crate::property::Property;
use crate::ram;
use crate::unit::Unit;
use crate::user::User;

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened, `user.created`.
    pub what: &'static str,
    /// The stored id of the thing, or its own name where it has none.
    pub subject: String,
    /// What people call the thing.
    pub name: String,
    /// The thing before, as JSON; `None` for a new one.
    pub before: Option<String>,
    /// The thing after, as JSON; `None` for one that is gone.
    pub after: Option<String>,
}

/// Something with an id and a name, whose changes are kept.
pub trait Subject: Serialize {
    /// The stored id.
    fn id(&self) -> Id;
    /// What people call it.
    fn name(&self) -> &str;
}

impl Event {
    /// A thing was made.
    pub fn made(what: &'static str, thing: &impl Subject) -> Self {
        Self::of(what, thing.id(), thing.name(), None, Some(facts(thing)))
    }

    /// A thing was made, with more facts than its own: short names with texts, and its values of properties.
    pub fn made_in(
        what: &'static str,
        thing: &impl Subject,
        more: &[(&str, String)],
        values: &[(String, String)],
    ) -> Self {
        let mut own = with_values(thing, values);
        for (name, text) in more {
            own[*name] = text.as_str().into();
        }
        Self::of(what, thing.id(), thing.name(), None, Some(own.to_string()))
    }

    /// A thing changed.
    pub fn changed<T: Subject>(what: &'static str, before: &T, after: &T) -> Self {
        Self::of(what, after.id(), after.name(), Some(facts(before)), Some(facts(after)))
    }

    /// A thing changed, and its values of properties before and after.
    pub fn changed_with<T: Subject>(
        what: &'static str,
        before: (&T, &[(String, String)]),
        after: (&T, &[(String, String)]),
    ) -> Self {
        let [old, new] = [before, after].map(|(thing, values)| with_values(thing, values).to_string());
        Self::of(what, after.0.id(), after.0.name(), Some(old), Some(new))
    }

    /// A thing is gone.
    pub fn removed(what: &'static str, thing: &impl Subject) -> Self {
        Self::of(what, thing.id(), thing.name(), Some(facts(thing)), None)
    }

    /// What a thing is joined to changed: `facts` are short names with texts.
    pub fn joined(
        what: &'static str,
        thing: &impl Subject,
        before: Option<&[(&str, String)]>,
        after: Option<&[(&str, String)]>,
    ) -> Self {
        Self::of(what, thing.id(), thing.name(), before.map(pairs), after.map(pairs))
    }

    /// An AccessKey of the account's root, or of the RAM user with this number, was made, changed or deleted; `before` and
    /// `after` are its status.
    pub fn access_key(
        what: &'static str,
        id: &str,
        user: Option<Number>,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Self {
        let status = |status: &str| {
            let mut facts = vec![("status", status.to_owned())];
            facts.extend(user.map(|user| ("user", ram::user_id(user))));
            pairs(&facts)
        };
        Self {
            what,
            subject: id.to_owned(),
            name: id.to_owned(),
            before: before.map(status),
            after: after.map(status),
        }
    }

    /// Something of RAM was made, changed or removed: a user, a role, a policy. `subject` is its id, or its name where it
    /// has none.
    pub fn ram<T: Serialize>(
        what: &'static str,
        subject: &str,
        name: &str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Self {
        let (before, after) = (before.map(facts), after.map(facts));
        Self { what, subject: subject.to_owned(), name: name.to_owned(), before, after }
    }

    /// A policy was attached to a user or a role, or detached; somebody assumed a role. Facts are short names with texts.
    pub fn plain(
        what: &'static str,
        subject: &str,
        name: &str,
        before: Option<&[(&str, String)]>,
        after: Option<&[(&str, String)]>,
    ) -> Self {
        let (before, after) = (before.map(pairs), after.map(pairs));
        Self { what, subject: subject.to_owned(), name: name.to_owned(), before, after }
    }

    /// A key that tokens are signed with was made, sealed anew or forgotten.
    pub fn signing_key(what: &'static str, id: &str) -> Self {
        Self { what, subject: id.to_owned(), name: id.to_owned(), before: None, after: None }
    }

    /// An app was made or deleted, or got a token of its own.
    pub fn app(what: &'static str, id: &str, name: &str) -> Self {
        Self { what, subject: id.to_owned(), name: name.to_owned(), before: None, after: None }
    }

    /// The first start made an account and its default directory.
    pub fn directory_created(id: Id) -> Self {
        Self::of("directory.created", id, "default", None, Some("{}".to_owned()))
    }

    /// A user's device for one-time codes was made, changed or removed. It is about the user, whom it names.
    pub fn device(what: &'static str, user: &User, before: Option<&Device>, after: Option<&Device>) -> Self {
        Self::of(what, user.id, user.username.as_str(), before.map(facts), after.map(facts))
    }

    /// A directory was made, changed or removed.
    pub fn directory(
        what: &'static str,
        listed: &ListedDirectory,
        before: Option<&ListedDirectory>,
        after: Option<&ListedDirectory>,
    ) -> Self {
        let facts = |listed: &ListedDirectory| {
            pairs(&[
                ("name", listed.name.as_str().to_owned()),
                ("description", listed.description.as_str().to_owned()),
                ("most_users", listed.most_users.to_string()),
            ])
        };
        let (id, name) = (listed.directory.id, listed.name.as_str());
        Self::of(what, id, name, before.map(facts), after.map(facts))
    }

    /// A name and a password opened nothing: the user whom the name is, if it is anybody's; why. What was typed as the name
    /// of nobody is not kept: it may be a password.
    pub fn sign_in_refused(user: Option<&User>, why: &str) -> Self {
        Self {
            what: "sign_in.refused",
            subject: user.map(|user| user.id.digits()).unwrap_or_default(),
            name: user.map(|user| user.username.as_str().to_owned()).unwrap_or_default(),
            before: None,
            after: Some(pairs(&[("why", why.to_owned())])),
        }
    }

    /// So many more were refused in a directory that none of them is named.
    pub fn sign_ins_refused(directory: Id, count: i64) -> Self {
        let after = Some(pairs(&[("count", count.to_string())]));
        Self::of("sign_in.refused_more", directory, "", None, after)
    }

    /// Somebody with an AccessKey may not do what was asked for.
    pub fn access_refused(principal: &str, action: &str) -> Self {
        Self {
            what: "access.refused",
            subject: principal.to_owned(),
            name: String::new(),
            before: None,
            after: Some(pairs(&[("action", action.to_owned())])),
        }
    }

    /// So many more of somebody's calls were refused that none of them is named.
    pub fn accesses_refused(principal: &str, count: i64) -> Self {
        Self {
            what: "access.refused_more",
            subject: principal.to_owned(),
            name: String::new(),
            before: None,
            after: Some(pairs(&[("count", count.to_string())])),
        }
    }

    /// A segment of the audit trail was cut off: the numbers of its first and last event, and its last link.
    pub fn trail_cut(segment: i64, (first, last): (i64, i64), link: &str) -> Self {
        let facts = [("first", first.to_string()), ("last", last.to_string()), ("link", link.to_owned())];
        Self {
            what: "audit.segment_cut",
            subject: segment.to_string(),
            name: String::new(),
            before: Some(pairs(&facts)),
            after: None,
        }
    }

    /// What events were about was erased: those about a subject, or one of them.
    pub fn erased(what: &'static str, subject: &str) -> Self {
        Self { what, subject: subject.to_owned(), name: String::new(), before: None, after: None }
    }

    /// An account got its login alias.
    pub fn account_alias(account: &str, alias: &str) -> Self {
        Self {
            what: "account.alias_made",
            subject: account.to_owned(),
            name: alias.to_owned(),
            before: None,
            after: Some(pairs(&[("alias", alias.to_owned())])),
        }
    }

    fn of(what: &'static str, id: Id, name: &str, before: Option<String>, after: Option<String>) -> Self {
        Self { what, subject: id.digits(), name: name.to_owned(), before, after }
    }
}

fn facts(thing: &impl Serialize) -> String {
    serde_json::to_string(thing).expect("facts are plain structs with text keys")
}

/// The facts of a thing and its values of properties, which may be named as its facts are.
fn with_values(thing: &impl Serialize, values: &[(String, String)]) -> serde_json::Value {
    let mut own = serde_json::to_value(thing).expect("facts are plain structs with text keys");
    if !values.is_empty() {
        let values: serde_json::Map<_, _> =
            values.iter().map(|(name, text)| (name.clone(), text.as_str().into())).collect();
        own["values"] = values.into();
    }
    own
}

fn pairs(pairs: &[(&str, String)]) -> String {
    let map: serde_json::Map<_, _> =
        pairs.iter().map(|(name, text)| ((*name).to_owned(), text.as_str().into())).collect();
    serde_json::Value::Object(map).to_string()
}

macro_rules! subject {
    ($($thing:ty: $name:ident),*) => {
        $(impl Subject for $thing {
            fn id(&self) -> Id {
                self.id
            }

            fn name(&self) -> &str {
                self.$name.as_str()
            }
        })*
    };
}

subject!(User: username, Unit: name, Group: name, Property: name, ResourceGroup: name, Drive: name);
