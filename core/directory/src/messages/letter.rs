//! A message as it travels, and what may be kept of what is said of it.

use model::Secret;
use store::outbox::Way;

use super::Template;

/// Characters that are kept of an answer.
const LONGEST_ANSWER: usize = 200;
/// So many letters and digits of a secret, one after the other, count as a part of it.
const PIECE: usize = 5;
/// So many characters that tokens and encodings are made of, one after the other, may be a secret.
const LONGEST_RUN: usize = 16;
/// The longest `&…;` that is read as one character.
const LONGEST_ENTITY: usize = 10;
/// What stands for what was left out.
const LEFT_OUT: &str = "…";

/// A message as it travels. It does not print itself: it holds what opens an account.
#[derive(Clone)]
pub struct Letter {
    /// An address, or a number as `+8613800000000`.
    pub to: String,
    /// What the person who gets it is called.
    pub name: String,
    /// By which way.
    pub way: Way,
    /// The word of its text.
    pub template: Template,
    /// What stands over a mail, in one line; empty for a text message.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML of a mail.
    pub html: Option<String>,
    /// The same whenever this message is sent: by it one that came twice can be told.
    pub message_id: String,
    /// What in its texts opens an account: the token of its link, its password.
    pub secrets: Vec<Secret>,
}

impl Letter {
    /// What may be kept and logged of what somebody has answered to this letter: one line of up to 200 characters. Some
    /// quote from what they do not take, in whatever encoding. So the answer ends where a part of one of the letter's
    /// secrets begins, and words that could be an encoded one are left out.
    pub fn fit_to_keep(&self, answer: &str) -> String {
        let quoted = self.secrets.iter().filter_map(|secret| quoted_at(answer, secret)).min();
        let safe = quoted.map_or(answer, |at| {
            let word = answer[..at].rfind(|c: char| c.is_whitespace() || c.is_control());
            &answer[..word.unwrap_or_default()]
        });
        let words = safe.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let words = words.map(|word| if has_long_run(word) { LEFT_OUT } else { word });
        let line: Vec<&str> = words.chain(quoted.map(|_| LEFT_OUT)).collect();
        line.join(" ").chars().take(LONGEST_ANSWER).collect()
    }
}

/// Where a text begins to repeat a part of a secret, whatever stands between the characters.
fn quoted_at(text: &str, secret: &Secret) -> Option<usize> {
    let secret = folded(secret.reveal_text().unwrap_or_default(), false);
    let pieces: Vec<Vec<u8>> = secret
        .windows(PIECE.min(secret.len()).max(1))
        .map(|piece| piece.iter().map(|(byte, _)| *byte).collect())
        .collect();
    // What looks encoded may stand for itself.
    let found = [false, true].into_iter().filter_map(|is_encoded| {
        let text = folded(text, is_encoded);
        let begins = |at: usize| {
            pieces.iter().any(|piece| {
                let part = text.get(at..at + piece.len());
                part.is_some_and(|part| part.iter().map(|(byte, _)| byte).eq(piece))
            })
        };
        (0..text.len()).find(|at| begins(*at)).map(|at| text[at].1)
    });
    found.min()
}

/// The letters and digits of a text in lower case, each with where it stands. Blanks, line breaks and signs are passed
/// over; with `is_encoded` what is written as `=41`, `%41` or `&#65;` is read as what it stands for.
fn folded(text: &str, is_encoded: bool) -> Vec<(u8, usize)> {
    let bytes = text.as_bytes();
    let (mut folded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let (byte, length) = if is_encoded { decoded(&bytes[at..]) } else { (bytes[at], 1) };
        if byte.is_ascii_alphanumeric() {
            folded.push((byte.to_ascii_lowercase(), at));
        }
        at += length;
    }
    folded
}

/// The character that some bytes begin with, and by how many of them it is written. Signs are all the same here.
fn decoded(bytes: &[u8]) -> (u8, usize) {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    match bytes {
        [b'=' | b'%', high, low, ..] => match (digit(*high), digit(*low)) {
            (Some(high), Some(low)) => (u8::try_from(high * 16 + low).unwrap_or_default(), 3),
            _ => (bytes[0], 1),
        },
        [b'&', ..] => {
            let end = bytes.iter().take(LONGEST_ENTITY).position(|byte| *byte == b';');
            end.map_or((b'&', 1), |end| (entity(&bytes[1..end]), end + 1))
        }
        _ => (bytes[0], 1),
    }
}

/// The letter or digit that `#65` or `#x41` stands for; names stand for signs.
fn entity(name: &[u8]) -> u8 {
    let name = std::str::from_utf8(name).unwrap_or_default();
    let number = name.strip_prefix('#').and_then(|digits| {
        let hex = digits.strip_prefix(['x', 'X']);
        hex.map_or_else(|| digits.parse().ok(), |hex| u8::from_str_radix(hex, 16).ok())
    });
    number.unwrap_or(b'&')
}

fn has_long_run(word: &str) -> bool {
    let is_of_run = |c: char| c.is_ascii_alphanumeric() || "-_+/=%".contains(c);
    word.split(|c| !is_of_run(c)).any(|run| run.len() >= LONGEST_RUN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "Ab1_-xQ9zR7tLm3nPq5sVw8yKc2dEf4gHj6kZa0bXo9";
    const PASSWORD: &str = "c8A!UYF2P%ufrbQ3";

    fn kept(answer: &str) -> String {
        let letter = Letter {
            to: "ann@example.com".to_owned(),
            name: "Ann".to_owned(),
            way: Way::Mail,
            template: Template::PasswordReset,
            subject: "Hello".to_owned(),
            text: format!("https://id.example.com/password/reset?token={TOKEN} {PASSWORD}"),
            html: None,
            message_id: "1.2@id.example.com".to_owned(),
            secrets: vec![Secret::new(TOKEN), Secret::new(PASSWORD)],
        };
        letter.fit_to_keep(answer)
    }

    #[test]
    fn what_is_said_of_a_letter_is_kept_where_it_repeats_nothing_of_it() {
        for answer in [
            "permanent error (550): 5.1.1 <ann@example.com> No such mailbox",
            "Connection refused (os error 111)",
            "transient error (451): 4.7.1 Greylisted, see https://mx.example.com/why?ip=192.0.2.1",
            "用户不存在",
        ] {
            assert_eq!(kept(answer), answer);
        }
        assert_eq!(kept("550 no\r\n\tsuch\0user "), "550 no such user");
        assert_eq!(kept(&"x ".repeat(500)).chars().count(), LONGEST_ANSWER);
        assert_eq!(kept(&"é".repeat(500)).chars().count(), LONGEST_ANSWER);
        assert_eq!(kept(""), "");
    }

    #[test]
    fn no_part_of_a_secret_is_kept_however_it_is_written() {
        let spread =
            |secret: &str, between: &str| secret.chars().map(String::from).collect::<Vec<_>>().join(between);
        let every = |secret: &str, write: fn(u8) -> String| secret.bytes().map(write).collect::<String>();
        for secret in [TOKEN, PASSWORD] {
            for quoted in [
                secret.to_owned(),
                secret.to_uppercase(),
                secret[..7].to_owned(),
                secret[secret.len() - 7..].to_owned(),
                format!("token={secret}"),
                spread(secret, "=\r\n"),
                spread(secret, " "),
                spread(secret, "= "),
                spread(secret, "\u{200b}"),
                format!("{}=\r\n{}", &secret[..9], &secret[9..]),
                format!("{}=\r\n{}", &secret[..3], &secret[3..]),
                every(secret, |byte| format!("%{byte:02x}")),
                every(secret, |byte| format!("={byte:02X}")),
                every(secret, |byte| format!("&#{byte};")),
                every(secret, |byte| format!("&#x{byte:x};")),
                secret.replace('!', "&excl;").replace('%', "&percnt;"),
                secret.replace('!', "=21").replace('%', "=25").replace('_', "%5F").replace('-', "%2d"),
            ] {
                let kept = kept(&format!("451 4.7.1 This looks like spam: {quoted} and more"));
                assert_eq!(kept, "451 4.7.1 This looks like spam: …", "{quoted}");
            }
        }
    }

    #[test]
    fn what_may_be_encoded_is_left_out() {
        // Base64 of the text around a token.
        for run in ["dG9rZW49QWIxXy14UTl6UjdU", "0123456789abcdef", "a/b+c=d%e-f_g0123"] {
            assert_eq!(kept(&format!("554 ({run}): no")), "554 … no");
        }
        assert_eq!(kept("554 0123456789abcde"), "554 0123456789abcde");
    }
}
