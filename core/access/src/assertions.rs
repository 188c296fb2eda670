//! Assertions: tokens that an app has signed, by which it asks for one of ours. Each is good once.
//!
//! Source: `reference/pds.md` §13.2.

use model::time::MINUTE;
use model::{Millis, Number};
use serde::{Deserialize, Deserializer};
use store::assertions as rows;

use crate::apps::App;
use crate::change::Change;
use crate::jwt::{Checker, Unproved};
use crate::secrets::hash;

/// How far the app's clock may be from ours, either way.
const SKEW: i64 = MINUTE;
/// How far ahead an assertion may end.
const LONGEST: i64 = 15 * MINUTE;

/// What an assertion says, which its app has signed and which is good now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Whom it asks for.
    pub subject: Subject,
    /// The directory that it is for, where it names one.
    domain: Option<Number>,
    /// What makes it different from the app's others.
    jti: String,
    /// Until when it would be taken.
    expires: Millis,
}

/// Whom an assertion asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A user, by the public id; one that is not there may be made.
    User {
        /// The id.
        id: String,
        /// Whether the user is made where there is none.
        auto_create: bool,
    },
    /// The app itself, for the whole directory.
    Service,
}

/// Why an assertion is not believed. Whoever is told more than `Unsigned` has signed it with the app's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unbelieved {
    /// It is no token, or the signature is not one by RS256 with the app's key.
    #[error("it is not signed by RS256 with the key of the app")]
    Unsigned,
    /// A claim is missing, or not of its type.
    #[error("iss, sub, sub_type, aud and jti have to be texts, exp a number, auto_create true or false")]
    Claims,
    /// Another app is named.
    #[error("iss is not the client id")]
    Issuer,
    /// It has ended, ends too late or has not begun.
    #[error("exp has to lie ahead by 15 minutes at most, and iat and nbf not ahead")]
    Time,
    /// Its mark is empty or long.
    #[error("jti has to have 1 to 128 characters")]
    Mark,
    /// It asks for nobody that there can be.
    #[error("sub_type has to be user, with a sub, or service, with sub and aud the same")]
    Subject,
    /// It is for no directory of the app's account.
    #[error("aud is no domain of the app")]
    Domain,
    /// It was taken before, or another one with its mark.
    #[error("its jti was used before")]
    Repeated,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    sub_type: String,
    aud: String,
    jti: String,
    #[serde(deserialize_with = "seconds")]
    exp: i64,
    #[serde(default, deserialize_with = "some_seconds")]
    iat: Option<i64>,
    #[serde(default, deserialize_with = "some_seconds")]
    nbf: Option<i64>,
    #[serde(default)]
    auto_create: Option<bool>,
}

/// Reads an assertion of this app.
///
/// # Errors
/// Why it is not to be believed, all but `Domain` and `Repeated`.
pub fn read(app: &App, assertion: &str, now: Millis) -> Result<Assertion, Unbelieved> {
    let checker = Checker::from_pem(&app.public_key).ok_or(Unbelieved::Unsigned)?;
    let proved = Unproved::read(assertion).and_then(|unproved| unproved.proved(&checker));
    let claims: Claims = proved.ok_or(Unbelieved::Unsigned)?.claims().ok_or(Unbelieved::Claims)?;
    if claims.iss != app.id {
        return Err(Unbelieved::Issuer);
    }
    let ends = Millis(claims.exp.checked_mul(1_000).ok_or(Unbelieved::Time)?);
    let expires = ends.plus(SKEW);
    let has_begun = |from: Option<i64>| from.is_none_or(|from| from <= now.plus(SKEW).0.div_euclid(1_000));
    let is_timely =
        expires > now && ends.since(now) <= LONGEST + SKEW && has_begun(claims.iat) && has_begun(claims.nbf);
    if !is_timely {
        return Err(Unbelieved::Time);
    }
    if !(1..=128).contains(&claims.jti.chars().count()) {
        return Err(Unbelieved::Mark);
    }
    let subject = match claims.sub_type.as_str() {
        "user" if !claims.sub.is_empty() => {
            Subject::User { id: claims.sub, auto_create: claims.auto_create.unwrap_or(false) }
        }
        "service" if claims.sub == claims.aud => Subject::Service,
        _ => return Err(Unbelieved::Subject),
    };
    Ok(Assertion { subject, domain: Number::of_domain(&claims.aud), jti: claims.jti, expires })
}

/// Takes an assertion for the first time; false where it, or another one of the same mark, was taken before and would
/// still be good. It is taken for good with the change.
///
/// # Errors
/// Of the store.
pub async fn take(
    change: &mut Change,
    app: &App,
    assertion: &Assertion,
    now: Millis,
) -> Result<bool, store::Error> {
    rows::take(change.tx(), &app.id, &hash(assertion.jti.as_bytes()), assertion.expires, now).await
}

impl Assertion {
    /// The number of the directory that it is for; `None` where it names none.
    pub fn domain(&self) -> Option<Number> {
        self.domain
    }
}

/// Seconds since 1970, which programs also write with a fraction.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    let whole = number.as_i64().or_else(|| {
        let float = number.as_f64()?.floor();
        // Beyond these a float is no second that anybody means.
        (float.abs() < 1e15).then_some(float as i64)
    });
    whole.ok_or_else(|| serde::de::Error::custom("seconds since 1970 were expected"))
}

fn some_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    struct Seconds(#[serde(deserialize_with = "seconds")] i64);
    Ok(Option::<Seconds>::deserialize(deserializer)?.map(|seconds| seconds.0))
}
