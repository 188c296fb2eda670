//! Time, chance and the environment: what rules must not look at, made here and passed down.

use std::sync::Arc;

use access::access_keys::{NewKey, is_lasting_id};
use gate::Clock;
use model::{Ids, Millis, Secret};
use rand::{CryptoRng, Rng};

use crate::trouble::Trouble;

/// What a process finds around it.
#[derive(Clone)]
pub struct Surroundings {
    /// The time of day.
    pub clock: Clock,
    /// The root AccessKey of a first start, where the environment names one.
    pub first_key: Option<Arc<NewKey>>,
}

impl Surroundings {
    /// The real ones.
    ///
    /// # Errors
    /// `Settings` where the environment names half a root AccessKey.
    pub fn real() -> Result<Self, Trouble> {
        Ok(Self { clock: Arc::new(now), first_key: first_key()?.map(Arc::new) })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where the process meets the clock")]
fn now() -> Millis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "this is where the process meets its environment")]
fn first_key() -> Result<Option<NewKey>, Trouble> {
    let id = std::env::var("ROSTER_ROOT_ACCESS_KEY_ID").ok();
    let secret = std::env::var("ROSTER_ROOT_ACCESS_KEY_SECRET").ok();
    match (id, secret) {
        (Some(id), Some(secret)) if is_lasting_id(&id) && secret.len() >= 8 => {
            Ok(Some(NewKey { id, secret: Secret::new(secret) }))
        }
        (None, None) => Ok(None),
        _ => Err(Trouble::Settings(
            "ROSTER_ROOT_ACCESS_KEY_ID (1 to 128 letters, digits, `.`, `_`, `-`, and not `STS.` first) and \
             ROSTER_ROOT_ACCESS_KEY_SECRET (8 characters or more) go together"
                .to_owned(),
        )),
    }
}

/// New ids from the operating system's chance.
#[expect(clippy::disallowed_methods, reason = "this is where the process meets chance")]
pub(crate) fn ids() -> Ids {
    Ids::new(Box::new(|| {
        let mut rng = rand::rng();
        (u128::from(rng.next_u64()) << 64) | u128::from(rng.next_u64())
    }))
}

/// A source of chance for keys and salts.
pub(crate) fn chance() -> Box<dyn CryptoRng + Send> {
    Box::new(rand::make_rng::<rand::rngs::StdRng>())
}
