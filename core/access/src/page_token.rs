//! Page tokens: where a list goes on, for the same list with the same conditions only.
//!
//! A token is base64url of: format, number of the key, time of issue, last sort key, total if it was
//! counted, and a MAC over all of that, the list's name and its conditions.
//! Source: `reference/doors.md` §6.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Millis;

use crate::keyring::{Keyring, Purpose};

const FORMAT: u8 = 1;
/// Format, key number, time, total.
const HEAD: usize = 1 + 4 + 8 + 8;
/// Half of an HMAC-SHA256.
const MAC: usize = 16;
/// Longer texts are no tokens of ours.
const LONGEST: usize = 16_384;

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The sort key of the last row that was shown, as its list writes it.
    pub after: String,
    /// The total, where it was counted for the first page.
    pub total: Option<i64>,
    /// When the token was issued.
    pub issued: Millis,
}

/// The token of `place` in `list` under `conditions`.
pub fn issue(keyring: &Keyring, list: &str, conditions: &[u8], place: &Place) -> String {
    let mut bytes = vec![FORMAT];
    bytes.extend(keyring.current().to_be_bytes());
    bytes.extend(place.issued.0.to_be_bytes());
    bytes.extend(place.total.unwrap_or(-1).to_be_bytes());
    bytes.extend(place.after.as_bytes());
    let mac = keyring.mac(Purpose::Tokens, &[&bytes, list.as_bytes(), conditions]);
    bytes.extend(&mac[..MAC]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a token; `None` where it is not ours, was altered, or was issued for another list or other conditions.
pub fn read(keyring: &Keyring, list: &str, conditions: &[u8], token: &str) -> Option<Place> {
    if token.len() > LONGEST {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (body, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
    let (head, after) = body.split_at_checked(HEAD)?;
    let key = u32::from_be_bytes(head[1..5].try_into().ok()?);
    let expected = keyring.mac_with(key, Purpose::Tokens, &[body, list.as_bytes(), conditions])?;
    if head[0] != FORMAT || !wire::signature::same(mac, &expected[..MAC]) {
        return None;
    }
    let total = i64::from_be_bytes(head[13..21].try_into().ok()?);
    Some(Place {
        after: String::from_utf8(after.to_vec()).ok()?,
        total: (total >= 0).then_some(total),
        issued: Millis(i64::from_be_bytes(head[5..13].try_into().ok()?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> Keyring {
        Keyring::from_text(&format!("1 {}=\n", "A".repeat(43))).expect("one key of 32 bytes")
    }

    #[test]
    fn a_token_leads_back_to_its_place() {
        for total in [None, Some(0), Some(1_000_000)] {
            let place = Place { after: "445412966400677".into(), total, issued: Millis(7) };
            let token = issue(&keyring(), "DescribeUsers", b"{}", &place);
            assert_eq!(read(&keyring(), "DescribeUsers", b"{}", &token), Some(place));
        }
    }

    #[test]
    fn a_token_is_good_for_its_own_list_and_conditions_and_whole() {
        let place = Place { after: "1".into(), total: None, issued: Millis(7) };
        let token = issue(&keyring(), "DescribeUsers", b"{}", &place);

        assert_eq!(read(&keyring(), "FilterUsers", b"{}", &token), None);
        assert_eq!(read(&keyring(), "DescribeUsers", b"{a}", &token), None);
        for text in ["", "AAAA", "=", "张三", &token[1..], &token[..token.len() - 1], &"A".repeat(5_000)] {
            assert_eq!(read(&keyring(), "DescribeUsers", b"{}", text), None, "{text}");
        }
        for index in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("letters");
            assert_eq!(read(&keyring(), "DescribeUsers", b"{}", &altered), None, "{index}");
        }
    }
}
