//! What several lists are asked in the same way.

use api::eds::ShownStatus;
use directory::{Field, Pattern};
use model::Folded;

use crate::texts;
use crate::words::{Refused, given};

/// Names as they are compared.
pub(crate) fn names<'a>(names: impl IntoIterator<Item = &'a String>) -> Vec<Folded> {
    names.into_iter().map(|name| Folded::of(name)).collect()
}

/// A fuzzy filter over username and e-mail address.
pub(crate) fn login(filter: Option<&String>) -> Result<Option<Pattern>, Refused> {
    let like = texts::like(given(filter), "Filter")?;
    Ok(like.map(|like| Pattern { field: Field::Login, like }))
}

/// The accounts in a state.
pub(super) enum State {
    /// Those that are shown as shut, or those that are not, or both.
    Shut(Option<bool>),
    /// Nobody is in this state here.
    Nobody,
}

pub(super) fn state(status: Option<ShownStatus>) -> State {
    match status {
        None => State::Shut(None),
        Some(ShownStatus::Normal) => State::Shut(Some(false)),
        Some(ShownStatus::Locked) => State::Shut(Some(true)),
        Some(ShownStatus::Left) => State::Nobody,
    }
}
