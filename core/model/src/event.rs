//! What the audit trail keeps of a change: one event for each thing changed.

use serde::Serialize;

use crate::id::Id;
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

impl Event {
    /// A user was made.
    pub fn user_created(user: &User) -> Self {
        Self::of_user("user.created", user.id, user.username.as_str(), None, Some(user))
    }

    /// A user was removed.
    pub fn user_removed(user: &User) -> Self {
        Self::of_user("user.removed", user.id, user.username.as_str(), Some(user), None)
    }

    fn of_user(what: &'static str, id: Id, name: &str, before: Option<&User>, after: Option<&User>) -> Self {
        Self {
            what,
            subject: id.digits(),
            name: name.to_owned(),
            before: before.map(facts),
            after: after.map(facts),
        }
    }

    /// An AccessKey was made, changed or deleted; `before` and `after` are its status.
    pub fn access_key(what: &'static str, id: &str, before: Option<&str>, after: Option<&str>) -> Self {
        let status = |status: &str| facts(&[("status", status)]);
        Self {
            what,
            subject: id.to_owned(),
            name: id.to_owned(),
            before: before.map(status),
            after: after.map(status),
        }
    }

    /// The first start made an account and its default directory.
    pub fn directory_created(id: Id) -> Self {
        Self {
            what: "directory.created",
            subject: id.digits(),
            name: "default".to_owned(),
            before: None,
            after: Some("{}".to_owned()),
        }
    }
}

fn facts(thing: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(thing).expect("facts are plain structs with text keys")
}
