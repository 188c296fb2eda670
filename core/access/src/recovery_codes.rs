//! Codes that stand for a device that is lost, each good once. Only their keyed digests are stored: the codes are short
//! enough to be tried out by who has a copy of the database, and the key does not lie there.

use std::fmt::Write;

use model::{DirectoryKey, Number, Secret};
use rand::CryptoRng;
use zeroize::Zeroizing;

use crate::keyring::Keyring;
use crate::totp::letters;

/// The letters of a code.
const LETTERS: usize = 12;
/// Letters that stand together, so that people can read them.
const TOGETHER: usize = 4;
/// The bytes that a code is made from, of which the last four bits are not used.
const BYTES: usize = 8;

/// A new code of 60 bits: `abcd-efgh-2345`, of the letters `a` to `z` and the digits 2 to 7.
pub fn new_code(chance: &mut dyn CryptoRng) -> Secret {
    let mut bytes = Zeroizing::new([0; BYTES]);
    chance.fill_bytes(bytes.as_mut());
    let letters = Zeroizing::new(letters(bytes.as_ref()));
    let mut code = Vec::with_capacity(LETTERS + LETTERS / TOGETHER);
    for (index, letter) in letters.iter().take(LETTERS).enumerate() {
        if index > 0 && index % TOGETHER == 0 {
            code.push(b'-');
        }
        code.push(letter.to_ascii_lowercase());
    }
    Secret::new(code)
}

/// The letters of what somebody has typed for a code, without blanks and hyphens; `None` where it is none.
pub fn read(typed: &str) -> Option<Secret> {
    let letters: Zeroizing<String> =
        Zeroizing::new(typed.chars().filter(|c| !matches!(c, ' ' | '-')).take(LETTERS + 1).collect());
    let is_code = letters.len() == LETTERS && letters.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
    is_code.then(|| Secret::new(letters.as_bytes()))
}

/// What lies in the store for the letters of a user's code.
pub fn hash(keyring: &Keyring, directory: DirectoryKey, user: Number, letters: &Secret) -> String {
    let [directory, user] = [directory.number, user].map(|number| number.0.to_be_bytes());
    let digest = keyring.lasting_digest(&[b"recovery_codes", &directory, &user, letters.reveal()]);
    digest.iter().fold(String::with_capacity(64), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = new_code(&mut StdRng::seed_from_u64(1));
        let text = code.reveal_text().expect("letters");
        let plain = text.replace('-', "");

        assert_eq!((text.len(), plain.len()), (14, 12));
        for typed in [text, &plain, &text.replace('-', " "), &format!(" {text} ")] {
            assert_eq!(read(typed).expect("a code").reveal(), plain.as_bytes(), "{typed}");
        }
    }

    #[test]
    fn nothing_else_is_a_code() {
        for typed in
            ["", "123456", "abcd-efgh-234", "abcd-efgh-23456", "abcd-efgh-2340", "abcd_efgh_2345", "张三张三"]
        {
            assert!(read(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn a_code_is_one_users_alone() {
        let keyring = Keyring::from_text(&format!("1 {}=\n", "A".repeat(43))).expect("one key of 32 bytes");
        let code = Secret::new(*b"abcdefgh2345");
        let directory = |number| DirectoryKey { number: Number(number), slot: 0 };
        let own = hash(&keyring, directory(1), Number(2), &code);

        assert_eq!(own.len(), 64);
        assert_ne!(own, hash(&keyring, directory(1), Number(3), &code));
        assert_ne!(own, hash(&keyring, directory(2), Number(2), &code));
        assert_ne!(own, hash(&keyring, directory(1), Number(2), &Secret::new(*b"abcdefgh2346")));
    }
}
