//! Temporary keys: whoever assumed a role gets an AccessKey for a while. Nothing is stored of them: what they stand for
//! lies, sealed, in the token that comes with each of their calls.
//!
//! Source: `reference/protocol.md` §5.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{AccountUid, Millis, Number, Secret};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::access_keys::{Error, NewKey, letters};
use crate::change::Tools;
use crate::held::UNDERSTOOD;
use crate::keyring::{Place, SealError};
use crate::ram::{Kind, Policy};

/// What ids of temporary keys begin with.
const PREFIX: &str = "STS.";
/// Longer texts are no tokens of ours: a session policy has 2,048 characters of up to four bytes each.
const LONGEST: usize = 16_384;
/// Bytes, about, of one generation of the memory of tokens, which holds two.
const REMEMBERED: usize = 16 << 20;
/// Bytes, about, of a token that was opened, without a policy.
const OPENED: usize = 600;

/// What a temporary key is to stand for.
#[derive(Debug, Clone)]
pub struct Session {
    /// The account of the role.
    pub account: AccountUid,
    /// The role's number.
    pub role: Number,
    /// What whoever assumed the role calls the session.
    pub name: String,
    /// When it ends.
    pub expires: Millis,
    /// The document that it is narrowed down to; a policy once it is read.
    pub policy: Option<String>,
}

/// A temporary key whose token was opened.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The AccessKeyId.
    id: String,
    /// The token's digest.
    hash: Hash,
    /// What signatures are made with.
    pub(crate) secret: Secret,
    /// As of [`Session`].
    pub(crate) account: AccountUid,
    pub(crate) role: Number,
    pub(crate) name: String,
    pub(crate) expires: Millis,
    /// What it was narrowed down to.
    pub(crate) policy: Option<Arc<Policy>>,
    /// Bytes that it takes, about.
    weight: usize,
}

/// Why a token does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shut {
    /// It is no token of ours.
    Malformed,
    /// It is another key's, or was altered.
    Mismatched,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(serialize_with = "revealed")]
    secret: Secret,
    account: i64,
    role: i64,
    name: String,
    expires: i64,
    policy: Option<String>,
}

/// Writes a secret where it is sealed next.
fn revealed<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.reveal_text().unwrap_or_default())
}

/// Whether an AccessKeyId is a temporary key's.
pub fn is_id(id: &str) -> bool {
    id.starts_with(PREFIX)
}

/// A new temporary key for a session, and the token that has to come with each of its calls.
pub fn issue(tools: &Tools, session: &Session) -> (NewKey, Secret) {
    let mut chance = (tools.chance)();
    let key = NewKey {
        id: format!("{PREFIX}{}", letters(chance.as_mut(), 20)),
        secret: Secret::new(letters(chance.as_mut(), 44)),
    };
    let sealed = Sealed {
        secret: key.secret.clone(),
        account: session.account.0,
        role: session.role.0,
        name: session.name.clone(),
        expires: session.expires.0,
        policy: session.policy.clone(),
    };
    let plain = Zeroizing::new(serde_json::to_vec(&sealed).expect("it is a plain struct with text keys"));
    let sealed = tools.keys.now().seal(place(&key.id), &plain, chance.as_mut());
    (key, Secret::new(STANDARD.encode(sealed)))
}

/// Opens the token of the key with this id.
fn open(tools: &Tools, id: &str, token: &str, now: Millis) -> Result<Result<Opened, Shut>, Error> {
    let decoded = (token.len() <= LONGEST).then(|| STANDARD.decode(token).ok()).flatten();
    let Some(sealed) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Ok(Err(Shut::Malformed));
    };
    let plain = match tools.keys.now().unseal(place(id), &sealed) {
        // `roster keys rotate` ran beside this process. Anybody can say that of a token.
        Err(SealError::UnknownKey(_)) => match tools.keys.read_again_at(now)? {
            Some(keyring) => keyring.unseal(place(id), &sealed),
            None => return Ok(Err(Shut::Malformed)),
        },
        opened => opened,
    };
    let plain = match plain {
        Ok(plain) => plain,
        Err(SealError::Forged) => return Ok(Err(Shut::Mismatched)),
        Err(SealError::Malformed | SealError::UnknownKey(_)) => return Ok(Err(Shut::Malformed)),
    };
    let Ok(sealed) = serde_json::from_slice::<Sealed>(plain.reveal()) else {
        return Ok(Err(Shut::Malformed));
    };
    let policy = match &sealed.policy {
        Some(text) => match Policy::parse(text, Kind::Session) {
            Ok(policy) => Some(Arc::new(policy)),
            // A newer program took it: what it may mean is not known here.
            Err(_) => return Ok(Err(Shut::Malformed)),
        },
        None => None,
    };
    let text = sealed.policy.as_ref().map_or(0, String::len);
    Ok(Ok(Opened {
        id: id.to_owned(),
        hash: hash(token),
        secret: sealed.secret,
        account: AccountUid(sealed.account),
        role: Number(sealed.role),
        name: sealed.name,
        expires: Millis(sealed.expires),
        policy,
        weight: OPENED + text * UNDERSTOOD,
    }))
}

fn hash(token: &str) -> Hash {
    Sha256::digest(token).into()
}

fn place(id: &str) -> Place<'_> {
    Place { table: "temporary_keys", row: id, column: "token" }
}

/// The tokens that this process has opened and whose keys have then signed a call, by hash. Where the young generation is
/// full it becomes the old one, which is forgotten.
#[derive(Default)]
pub(crate) struct Tokens {
    met: RwLock<Met>,
}

#[derive(Default)]
struct Met {
    young: HashMap<Hash, Arc<Opened>>,
    old: HashMap<Hash, Arc<Opened>>,
    /// Bytes of the young ones, about.
    weight: usize,
}

type Hash = [u8; 32];

impl Tokens {
    /// What the token of the key with this id stands for, whether or not its time is over.
    pub(crate) fn find(
        &self,
        tools: &Tools,
        id: &str,
        token: &str,
        now: Millis,
    ) -> Result<Result<Arc<Opened>, Shut>, Error> {
        if let Some(opened) = self.met(&hash(token)) {
            return Ok(if opened.id == id { Ok(opened) } else { Err(Shut::Mismatched) });
        }
        Ok(open(tools, id, token, now)?.map(Arc::new))
    }

    fn met(&self, hash: &Hash) -> Option<Arc<Opened>> {
        let met = self.met.read().unwrap_or_else(PoisonError::into_inner);
        met.young.get(hash).or_else(|| met.old.get(hash)).map(Arc::clone)
    }

    /// Remembers a token, once a signature has shown that whoever sends it has its key.
    pub(crate) fn remember(&self, opened: &Arc<Opened>) {
        if self.met.read().unwrap_or_else(PoisonError::into_inner).young.contains_key(&opened.hash) {
            return;
        }
        let forgotten = {
            let mut met = self.met.write().unwrap_or_else(PoisonError::into_inner);
            let is_full = met.weight + opened.weight > REMEMBERED;
            let forgotten = is_full.then(|| {
                met.weight = 0;
                let young = std::mem::take(&mut met.young);
                std::mem::replace(&mut met.old, young)
            });
            if met.young.insert(opened.hash, Arc::clone(opened)).is_none() {
                met.weight += opened.weight;
            }
            forgotten
        };
        // Outside the lock: there may be very many.
        drop(forgotten);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(n: u8, weight: usize) -> Arc<Opened> {
        Arc::new(Opened {
            id: format!("{PREFIX}{n}"),
            hash: [n; 32],
            secret: Secret::new("secret"),
            account: AccountUid(1),
            role: Number(1),
            name: "ci".to_owned(),
            expires: Millis(0),
            policy: None,
            weight,
        })
    }

    #[test]
    fn tokens_are_remembered_up_to_a_weight() {
        let tokens = Tokens::default();
        let met =
            |tokens: &Tokens| -> Vec<u8> { (0..4).filter(|n| tokens.met(&[*n; 32]).is_some()).collect() };
        for n in 0..2 {
            tokens.remember(&opened(n, REMEMBERED / 2));
        }
        // The same once more takes no more room.
        tokens.remember(&opened(1, REMEMBERED / 2));
        assert_eq!(met(&tokens), [0, 1]);

        tokens.remember(&opened(2, REMEMBERED));
        assert_eq!(met(&tokens), [0, 1, 2]);
        // What is used again becomes young again, and what is not goes.
        tokens.remember(&opened(0, REMEMBERED / 2));
        assert_eq!(met(&tokens), [0, 2]);
    }
}
