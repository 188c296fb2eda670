//! What browsers keep to be known again: keys of sessions. Only their hashes are stored.

use model::Secret;

use crate::change::Change;
use crate::secrets;

/// The key of a session, as it travels in a cookie.
#[derive(Debug, Clone)]
pub struct Key(Secret);

impl Key {
    /// What a browser sent, whether or not it opens anything.
    pub const fn new(text: Secret) -> Self {
        Self(text)
    }

    /// A new one, of 256 bits of chance.
    pub fn draw(change: &Change) -> Self {
        Self(secrets::draw(change))
    }

    /// The text of the cookie.
    pub const fn secret(&self) -> &Secret {
        &self.0
    }

    /// What lies in the store for it.
    pub fn hash(&self) -> String {
        secrets::hash(self.0.reveal())
    }
}
