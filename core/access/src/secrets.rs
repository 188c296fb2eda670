//! Secrets by chance that open something by themselves: tokens, codes, links, keys of sessions. Only their hashes are
//! stored.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Secret;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::change::Change;

/// A new secret of 256 bits, as text.
pub fn draw(change: &Change) -> Secret {
    let mut bytes = Zeroizing::new([0; 32]);
    (change.tools().chance)().fill_bytes(bytes.as_mut());
    Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_ref()))
}

/// What lies in the store for a secret of this many bits.
pub fn hash(secret: &[u8]) -> String {
    Sha256::digest(secret).iter().fold(String::with_capacity(64), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
