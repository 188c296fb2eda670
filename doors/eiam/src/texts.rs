//! Texts as this door takes them. What has to hold of them was looked at with the declaration; here they become
//! the directory's types, verbatim.
//!
//! Source: `reference/eiam.md` 3.

use directory::Called;
use model::text::{ExternalId, Line, Prose};

use crate::ids;
use crate::words::{Refused, given};

/// One line; absent and empty are the same.
pub(crate) fn line<const MAX: usize>(text: Option<&String>, parameter: &str) -> Result<Line<MAX>, Refused> {
    Line::new(given(text).unwrap_or_default()).map_err(|_| Refused::invalid(parameter))
}

/// A name: one line that is more than blanks, since names are compared without them.
pub(crate) fn name<const MAX: usize>(text: &str, parameter: &str) -> Result<Line<MAX>, Refused> {
    let name = Line::<MAX>::new(text).map_err(|_| Refused::invalid(parameter))?;
    if name.folded().is_empty() { Err(Refused::invalid(parameter)) } else { Ok(name) }
}

/// Text of several lines; absent and empty are the same.
pub(crate) fn prose<const MAX: usize>(text: Option<&String>, parameter: &str) -> Result<Prose<MAX>, Refused> {
    Prose::new(given(text).unwrap_or_default()).map_err(|_| Refused::invalid(parameter))
}

/// What another system calls a thing of the kind that this prefix stands for, where that is given.
pub(crate) fn external_id(
    text: Option<&String>,
    prefix: &str,
    parameter: &str,
) -> Result<Option<Called>, Refused> {
    let Some(text) = given(text) else { return Ok(None) };
    let means = ids::read(prefix, text);
    let text = ExternalId::new(text).map_err(|_| Refused::invalid(parameter))?;
    Ok(Some(Called { text, means }))
}

/// A text as answers show it: absent where it is empty.
pub(crate) fn shown(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
