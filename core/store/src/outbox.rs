//! The outbox: messages that wait to be sent, each written with what it tells of.

use model::{DirectoryKey, Id, Millis, Number};

use crate::error::Error;
use crate::session::Tx;
use crate::value::params;

/// A message. It names what is told and about whom; who gets it, where, and with which link or code is decided
/// when it is sent.
#[derive(Debug, Clone, Copy)]
pub struct Message {
    /// Its number is the order in which messages about one person are sent.
    pub id: Id,
    /// Which text, `password_reset`.
    pub template: &'static str,
    /// About whom.
    pub user: Number,
    /// By which way.
    pub way: Way,
    /// When it was written.
    pub created: Millis,
}

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// By e-mail.
    Mail,
    /// By text message.
    Text,
}

/// Adds a message.
pub async fn insert(tx: &mut Tx, directory: DirectoryKey, message: &Message) -> Result<(), Error> {
    let way = match message.way {
        Way::Mail => 1,
        Way::Text => 2,
    };
    tx.write(
        "insert into outbox (directory, number, template, user_number, way, created)
         values ($1, $2, $3, $4, $5, $6)",
        &params![
            directory.number,
            message.id.number(),
            message.template,
            message.user,
            i64::from(way),
            message.created,
        ],
    )
    .await
}
