//! Texts as this door takes them: names, remarks, patterns.
//!
//! Source: `reference/eds-user.md` X.4 and section 3.

use directory::Like;
use model::text::Line;

use crate::words::Refused;

/// Characters of a fuzzy filter: more than any text that it could match.
const FILTER: usize = 512;

/// A name of 1 to `MAX` characters, without the blanks around it.
pub(crate) fn name<const MAX: usize>(text: &str, parameter: &str) -> Result<Line<MAX>, Refused> {
    let name = Line::<MAX>::new(text.trim()).map_err(|_| Refused::invalid(parameter))?;
    name.given().is_some().then_some(name.clone()).ok_or_else(|| Refused::invalid(parameter))
}

/// What a fuzzy filter asks for: texts that hold it, or, where it has a `*`, that look like it from end to end.
pub(crate) fn like(text: Option<&str>, parameter: &str) -> Result<Option<Like>, Refused> {
    match text {
        Some(text) if text.chars().count() > FILTER => Err(Refused::invalid(parameter)),
        Some(text) if text.contains('*') => Ok(Like::whole(text)),
        Some(text) => Ok(Like::containing(text)),
        None => Ok(None),
    }
}
