//! What is to become of a message that was taken: whether it is still needed, and whom it goes to.

use model::Millis;
use model::policy::Expiration;
use model::user::User;
use store::outbox as rows;
use store::users as people;

use super::compose::Desk;
use super::dispatch::read;
use super::{Template, recipients};
use crate::error::Error;
use crate::policies;

/// The most people who are written to because they manage an account.
const MOST_MANAGERS: usize = 20;

/// What is to become of a message that was looked at.
pub(super) enum Plan {
    /// It is written to this person, there.
    Write(Box<User>, String),
    /// It is written to each of these people.
    Spread(Vec<User>),
    /// It has become needless.
    Drop,
    /// It reaches nobody.
    GiveUp(&'static str),
}

impl Desk<'_> {
    pub(super) async fn plan(&self, reader: &mut store::Reader, user: &User) -> Result<Plan, Error> {
        if self.is_needless(reader, user).await? {
            return Ok(Plan::Drop);
        }
        let way = self.message.way;
        if let Some(number) = self.message.recipient {
            let manager = people::find(reader, self.directory.key, number).await?;
            let manages = |manager: &User| {
                recipients::managing(user).contains(&manager.role) && !manager.is_shut_at(self.permit.at())
            };
            let reached = manager.filter(manages).and_then(|manager| {
                let to = recipients::contact(&manager, way)?;
                Some((manager, to))
            });
            return Ok(reached.map_or(Plan::Drop, |(manager, to)| Plan::Write(Box::new(manager), to)));
        }
        if self.template == Template::PasswordReset {
            let managers = recipients::managers(reader, &self.permit, user, way, MOST_MANAGERS).await?;
            if !managers.is_empty() {
                return Ok(Plan::Spread(managers));
            }
        }
        if self.template == Template::PasswordForgotten {
            // Anybody may ask for it, so it is nothing that an administrator would want to look into.
            let to = recipients::proved(reader, self.directory.key, user, way).await?;
            return Ok(to.map_or(Plan::Drop, |to| Plan::Write(Box::new(user.clone()), to)));
        }
        Ok(match recipients::contact(user, way) {
            Some(to) => Plan::Write(Box::new(user.clone()), to),
            None => Plan::GiveUp("nobody can be reached by this way"),
        })
    }

    /// Whether what the message is for is over.
    async fn is_needless(&self, reader: &mut store::Reader, user: &User) -> Result<bool, Error> {
        let (created, at) = (self.message.created, self.permit.at());
        let is_newer = user.password.set_at.is_some_and(|set_at| set_at > created);
        Ok(match self.template {
            Template::Invitation => user.password.set_at.is_some(),
            Template::PasswordReset => is_newer,
            Template::PasswordForgotten => is_newer || user.is_shut_for_good(at),
            Template::PasswordEnds => {
                let policy: Expiration =
                    policies::stored(reader, self.directory.key).await?.unwrap_or_default();
                is_newer || user.is_shut_for_good(at) || user.password_days_left(&policy, at).is_none()
            }
            Template::InitialPassword => match user.password.set_at {
                Some(set_at) => is_newer && !self.is_of_a_message(reader, set_at).await?,
                None => true,
            },
            Template::SignInLocked => self.facts.until.is_some_and(|until| until <= at),
            Template::PasswordChanged => false,
        })
    }

    /// Whether the password that was set at this instant came with this message, or with one that never arrived: nobody
    /// knows it then.
    async fn is_of_a_message(&self, reader: &mut store::Reader, set_at: Millis) -> Result<bool, Error> {
        if self.facts.minted == Some(set_at) {
            return Ok(true);
        }
        let beside = rows::of_user(reader, self.directory.key, self.message.user).await?;
        let lost = beside.iter().filter(|other| other.failed.is_some()).filter_map(|other| read(other).ok());
        Ok(lost
            .into_iter()
            .any(|(template, facts)| template == Template::InitialPassword && facts.minted == Some(set_at)))
    }
}
