//! The PDS API's JSON: bodies as an operation's type, answers and errors.
//!
//! A request is read in two steps: [`Body::json`] or [`Body::form`] takes it apart, so that the domain it names is known
//! before anything else of it; [`decode`] makes the operation's own type of it. [`success`] and [`error`] are the way
//! back.
//!
//! Source: `reference/pds.md` §2 and §3.

mod answer;
mod body;
mod field;

#[cfg(test)]
mod tests;

pub use answer::{Answer, CONTENT_TYPE, REQUEST_ID, error, success};
pub use body::{Body, decode};
pub use field::{blank, iso, iso_seconds, number};

/// Why a body is not the operation that it should be; all but the first name a parameter as it travels, the outermost
/// one (`group_info_list`, not what stands in it).
///
/// Source: `reference/pds.md` §3.3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The body is not a JSON object, nor a form where one is taken.
    #[error("the body is not a JSON object")]
    NotJson,
    /// A form or a query has a name twice, and one cannot tell which is meant.
    #[error("a parameter stands twice")]
    Twice,
    /// A required parameter is absent.
    #[error("the parameter {0} is missing")]
    Missing(String),
    /// A parameter is an empty text where one with characters is wanted.
    #[error("the parameter {0} is empty")]
    Empty(String),
    /// A parameter is not of its type, or out of its bounds.
    #[error("the parameter {0} is not valid")]
    Invalid(String),
    /// A parameter, or its value, is documented and not served.
    #[error("the parameter {0} is not supported")]
    Unsupported(String),
    /// A parameter does not go with another one.
    #[error("the parameter {0} does not match")]
    Unmatched(String),
}

/// For [`Operation::check`](crate::Operation::check): a parameter that has to be there under some condition.
///
/// # Errors
/// `Missing`, with the parameter's name, unless `given`.
pub fn require(given: bool, name: &'static str) -> Result<(), Unfit> {
    if given { Ok(()) } else { Err(Unfit::Missing(name.to_owned())) }
}

/// For [`Operation::check`](crate::Operation::check): a parameter, or a value, that is not served.
///
/// # Errors
/// `Unsupported`, with the parameter's name, where it is `given`.
pub fn refuse(given: bool, name: &'static str) -> Result<(), Unfit> {
    if given { Err(Unfit::Unsupported(name.to_owned())) } else { Ok(()) }
}

/// A parameter as error codes spell it: `UserId` for `user_id`.
///
/// Source: `reference/pds.md` §3.2.
pub fn subject(parameter: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    parameter.split('_').map(word).collect()
}
