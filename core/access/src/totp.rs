//! One-time codes that a device makes from the time, as of RFC 6238: HMAC-SHA-1, steps of 30 seconds, six digits,
//! which is what every program for telephones makes.

use hmac::{Hmac, KeyInit, Mac};
use model::{Millis, Secret};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rand::CryptoRng;
use sha1::Sha1;
use zeroize::Zeroizing;

/// The digits of a code.
pub const DIGITS: usize = 6;
/// The milliseconds of a step: for so long a device shows the same code.
pub const STEP: i64 = 30_000;
/// Steps that a device's clock may be ahead of this one's, or behind it.
const DRIFT: i64 = 1;
/// The bytes of a secret: as many as the hash has, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// Characters of a name that a picture has at most: devices show no more.
const LONGEST_NAME: usize = 30;
/// The same in bytes as addresses write them: ten Chinese characters.
const LONGEST_ENCODED: usize = 90;
/// The letters of base 32, of RFC 4648.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// What is written as `%XX` in a URI: all but letters, digits and `- _ . ~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A new secret: the bytes that codes are made from.
pub fn new_secret(chance: &mut dyn CryptoRng) -> Secret {
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    chance.fill_bytes(bytes.as_mut());
    Secret::new(*bytes)
}

/// A secret as people type it into a device: base 32 in capitals, without padding.
pub fn base32(secret: &Secret) -> Secret {
    Secret::new(letters(secret.reveal()))
}

/// Bytes in base 32, in capitals and without padding.
pub(crate) fn letters(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(5) * 8);
    for group in bytes.chunks(5) {
        let bits = (0..5).fold(0_u64, |bits, at| bits << 8 | u64::from(group.get(at).copied().unwrap_or(0)));
        let used = (group.len() * 8).div_ceil(5);
        text.extend((0..used).map(|at| BASE32[(bits >> (35 - 5 * at)) as usize & 31]));
    }
    text
}

/// A secret as devices read it from a picture: `otpauth://totp/<issuer>:<account>?secret=…`. Of long names it has the
/// beginning, so that the picture stays one that a telephone can read.
pub fn uri(issuer: &str, account: &str, secret: &Secret) -> Secret {
    let [issuer, account] = [issuer, account].map(encoded);
    let mut uri = format!("otpauth://totp/{issuer}:{account}?secret=").into_bytes();
    uri.extend_from_slice(base32(secret).reveal());
    uri.extend_from_slice(format!("&issuer={issuer}&algorithm=SHA1&digits=6&period=30").as_bytes());
    Secret::new(uri)
}

/// The beginning of a name, as addresses write it.
fn encoded(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars().take(LONGEST_NAME) {
        let letter = utf8_percent_encode(letter.encode_utf8(&mut [0; 4]), ENCODED).to_string();
        if text.len() + letter.len() > LONGEST_ENCODED {
            break;
        }
        text.push_str(&letter);
    }
    text
}

/// The step for which `code` is the right one at `now`, or one step before or after it; `None` for a wrong code. The
/// later one, where it is right for several: then no earlier one is left that it could be used for again. It takes the
/// same time for every code of six digits.
pub fn step_of(secret: &Secret, code: &str, now: Millis) -> Option<i64> {
    let given = digits(code)?;
    let step = now.0.div_euclid(STEP);
    let mut found = None;
    for step in step - DRIFT..=step + DRIFT {
        if wire::signature::same(code_at(secret, step).as_ref(), &given) {
            found = Some(step);
        }
    }
    found
}

/// The code of a step.
pub fn code_at(secret: &Secret, step: i64) -> Zeroizing<[u8; DIGITS]> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.reveal()).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let hash: [u8; 20] = mac.finalize().into_bytes().into();
    let from = usize::from(hash[19] & 15);
    let (head, _) = hash[from..].split_first_chunk().expect("at most 15, and 20 bytes");
    let mut rest = u32::from_be_bytes(*head) & 0x7fff_ffff;
    let mut code = Zeroizing::new([b'0'; DIGITS]);
    for digit in code.iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    code
}

/// The digits of a code; `None` where it is none.
pub fn digits(code: &str) -> Option<[u8; DIGITS]> {
    let digits: [u8; DIGITS] = code.as_bytes().try_into().ok()?;
    digits.iter().all(u8::is_ascii_digit).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::new(*b"12345678901234567890")
    }

    fn text(secret: &Secret) -> &str {
        secret.reveal_text().expect("letters")
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, the last six of its eight digits.
        let codes = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, code) in codes {
            let now = Millis(seconds * 1_000);
            assert_eq!(code_at(&secret(), seconds / 30).as_ref(), code.as_bytes(), "{seconds}");
            assert_eq!(step_of(&secret(), code, now), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn codes_are_those_of_rfc_4226() {
        // Appendix D, by counter.
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (step, code) in (0..).zip(codes) {
            assert_eq!(code_at(&secret(), step).as_ref(), code.as_bytes(), "{step}");
        }
    }

    #[test]
    fn a_clock_may_be_one_step_away() {
        let code = |step| String::from_utf8(code_at(&secret(), step).to_vec()).expect("digits");
        let now = Millis(1_000 * STEP + STEP - 1);
        for (step, found) in
            [(998, None), (999, Some(999)), (1_000, Some(1_000)), (1_001, Some(1_001)), (1_002, None)]
        {
            assert_eq!(step_of(&secret(), &code(step), now), found, "{step}");
        }
    }

    #[test]
    fn only_six_digits_are_a_code() {
        for code in ["", "28708", "2870820", " 287082", "28708a", "２８７０８２", "+28708"] {
            assert_eq!(step_of(&secret(), code, Millis(59_000)), None, "{code:?}");
        }
    }

    #[test]
    fn base_32_is_that_of_rfc_4648() {
        let texts = [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ];
        for (plain, expected) in texts {
            assert_eq!(letters(plain.as_bytes()), expected.as_bytes(), "{plain}");
        }
    }

    #[test]
    fn a_uri_holds_no_character_that_would_end_a_part_of_it() {
        let uri = uri("Müller & Söhne", "a:b/c?d@e", &secret());

        assert_eq!(
            text(&uri),
            "otpauth://totp/M%C3%BCller%20%26%20S%C3%B6hne:a%3Ab%2Fc%3Fd%40e?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=M%C3%BCller%20%26%20S%C3%B6hne&algorithm=SHA1&digits=6&period=30"
        );

        for (name, kept) in [
            ("a".repeat(64), "a".repeat(30)),
            ("张".repeat(128), "%E5%BC%A0".repeat(10)),
            (format!("{}张", "a".repeat(29)), format!("{}%E5%BC%A0", "a".repeat(29))),
            ("😀".repeat(9), "%F0%9F%98%80".repeat(7)),
        ] {
            let cut = super::uri(&name, &name, &secret());
            let expected = format!("otpauth://totp/{kept}:{kept}?secret=");
            assert!(text(&cut).starts_with(&expected) && text(&cut).len() < 400, "{name}: {}", text(&cut));
        }
    }
}
