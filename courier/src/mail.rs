//! Mails go to a mail server by SMTP.

use std::sync::Arc;

use directory::messages::Letter;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use model::Secret;

use crate::smtp::{Failure, Server};
use crate::{Carried, Found, Unfit};

/// Replies to an address that say that nothing can be delivered to it, whenever it is tried, where no enhanced status
/// says what they are about.
///
/// Source: RFC 5321, 4.2.3.
const UNDELIVERABLE: [u16; 4] = [550, 551, 552, 553];
/// Replies about the server, and not about a message.
///
/// Source: RFC 5321, 4.2.3; RFC 4954, 6.
const DOWN: [u16; 3] = [421, 454, 530];
/// Enhanced status of class 5 that is about the sender, though its subject is addresses.
///
/// Source: RFC 3463, 3.2.
const OF_THE_SENDER: [&str; 2] = ["1.7", "1.8"];

/// A mail server, and whom mails come from.
#[derive(Clone)]
pub struct Mail {
    server: Arc<Server>,
    from: Mailbox,
}

impl Mail {
    /// A mail server at `smtp://user:password@host:port?tls=…` or `smtps://…`. `tls` is `required` (STARTTLS, if nothing
    /// is said), `opportunistic` or `none`; without TLS no password is sent but to this machine. Mails come from `from`,
    /// `Name <address>`; `host` is what the server is greeted with.
    ///
    /// # Errors
    /// `Unfit` where the address or the URL is none. It does not repeat the URL, which may hold a password.
    pub fn new(url: &Secret, from: &str, host: &str) -> Result<Self, Unfit> {
        let server = Server::new(url.reveal_text().unwrap_or_default(), host)?;
        let from = from.parse().map_err(|_| {
            Unfit(format!(
                "--mail-from: {from} is no address; write name@example.com or Name <name@example.com>"
            ))
        })?;
        Ok(Self { server: Arc::new(server), from })
    }

    pub(crate) async fn carry(&self, letter: &Letter) -> Carried {
        let message = match self.write(letter) {
            Ok(message) => message,
            Err(trouble) => return Carried::unasked(trouble.to_owned()),
        };
        match self.server.send(message.envelope(), &message.formatted()).await {
            Ok(()) => Carried::sent(),
            Err(failure) => judge(&failure, letter),
        }
    }

    fn write(&self, letter: &Letter) -> Result<Message, &'static str> {
        let address: Address = letter.to.parse().map_err(|_| "it is no address that mail goes to")?;
        let name: String = letter.name.chars().filter(|c| !c.is_control()).collect();
        let name = Some(name).filter(|name| !name.trim().is_empty());
        let auto = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name, address))
            .subject(letter.subject.clone())
            .message_id(Some(format!("<{}>", letter.message_id)))
            // So that nobody's automatic answer answers it. Source: RFC 3834, 5.
            .raw_header(HeaderValue::new(auto, "auto-generated".to_owned()));
        let html = letter.html.clone().unwrap_or_default();
        message
            .multipart(MultiPart::alternative_plain_html(letter.text.clone(), html))
            .map_err(|_| "it is no message that can be written as mail")
    }
}

/// What comes of a message that was not taken over.
fn judge(failure: &Failure, letter: &Letter) -> Carried {
    let trouble = letter.fit_to_keep(&failure.to_string());
    match failure {
        // It is about the server, about how this one has signed in to it, or about whom mails come from.
        Failure::Greeting(_) | Failure::Silent(_) => Carried::later(trouble, Found::Down),
        Failure::Naming(error) => by_reply(&Reply::of(error), true, trouble),
        Failure::Handing(error) => by_reply(&Reply::of(error), false, trouble),
        Failure::Unserved(_) => Carried::never(trouble),
    }
}

/// What a server has replied.
struct Reply {
    /// `550`; none where the connection ended.
    code: Option<u16>,
    /// What it has said beside that, perhaps with an enhanced status: `5.1.1 No such mailbox`.
    text: String,
}

impl Reply {
    fn of(error: &lettre::transport::smtp::Error) -> Self {
        let text = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        Self { code: error.status().map(u16::from), text }
    }

    /// Subject and detail of the enhanced status, `1.1` of `5.1.1`.
    ///
    /// Source: RFC 2034, 4; RFC 3463, 2.
    fn enhanced(&self) -> Option<&str> {
        let detail = self.text.split_whitespace().next()?.strip_prefix("5.")?;
        let mut parts = detail.split('.');
        let is_number =
            |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let is_status = parts.by_ref().take(2).filter(|part| is_number(part)).count() == 2;
        (is_status && parts.next().is_none()).then_some(detail)
    }

    /// Whether nothing can ever be delivered to the address. What else a server refuses may be put right: it relays for
    /// nobody, knows the sender no more, or takes the mail for something that it is not.
    fn is_about_the_address(&self, is_to_the_address: bool) -> bool {
        match self.enhanced() {
            Some(detail) => {
                (detail.starts_with("1.") || detail.starts_with("2.")) && !OF_THE_SENDER.contains(&detail)
            }
            // Some who relay for nobody say so in words alone.
            None => {
                is_to_the_address
                    && self.code.is_some_and(|code| UNDELIVERABLE.contains(&code))
                    && !self.text.to_ascii_lowercase().contains("relay")
            }
        }
    }
}

/// What comes of a message that was not taken over, by the server's reply to its address or to the mail itself.
fn by_reply(reply: &Reply, is_to_the_address: bool, trouble: String) -> Carried {
    match reply.code {
        None => Carried::later(trouble, Found::Down),
        Some(code) if DOWN.contains(&code) => Carried::later(trouble, Found::Down),
        Some(..500) => Carried::later(trouble, Found::Up),
        Some(500..) if reply.is_about_the_address(is_to_the_address) => Carried::never(trouble),
        Some(500..) => Carried::later(trouble, Found::Refusing),
    }
}

#[cfg(test)]
mod tests {
    use directory::messages::{Outcome, Template, Way};

    use super::*;

    fn mail(url: &str, from: &str) -> Result<Mail, Unfit> {
        Mail::new(&Secret::new(url), from, "id.example.com")
    }

    #[test]
    fn addresses_of_servers() {
        for (url, fits) in [
            ("smtp://mail.example.com", true),
            ("smtps://user:pa%40ss@mail.example.com:465", true),
            ("smtp://user:pass@mail.example.com:587?tls=required", true),
            ("smtp://mail.example.com:25?tls=none", true),
            ("smtp://mail.example.com:25?tls=opportunistic", true),
            ("smtp://user:pass@localhost:25?tls=none", true),
            ("smtp://user:pass@mail.example.com:25?tls=none", false),
            ("smtp://user:pass@mail.example.com:25?tls=opportunistic", false),
            ("smtp://user:pass@localhost.example.com?tls=none", false),
            ("smtp://user:pass@[::1]:25?tls=none", true),
            ("smtp://mail.example.com?tls=maybe", false),
            ("smtps://mail.example.com?tls=none", false),
            ("smtp://mail.example.com/x", false),
            ("https://mail.example.com", false),
            ("mail.example.com", false),
            ("", false),
        ] {
            let made = mail(url, "Roster <roster@example.com>");
            assert_eq!(made.is_ok(), fits, "{url}");
            if let Err(error) = made {
                assert!(!error.to_string().contains("pass@"), "{error}");
            }
        }
        assert!(mail("smtp://mail.example.com", "nobody").is_err());
    }

    #[test]
    fn what_a_reply_means() {
        let judged = |code, text: &str, is_to_the_address| {
            let reply = Reply { code, text: text.to_owned() };
            let Carried { outcome, found } = by_reply(&reply, is_to_the_address, "x".to_owned());
            (matches!(outcome, Outcome::Never(_)), found)
        };
        for (code, text, of_an_address, of_a_mail) in [
            (Some(550), "as told", (true, Found::Up), (false, Found::Refusing)),
            (Some(550), "5.1.1 No such mailbox", (true, Found::Up), (true, Found::Up)),
            (Some(552), "5.2.2 Mailbox full", (true, Found::Up), (true, Found::Up)),
            (Some(554), "5.1.10 Null MX", (true, Found::Up), (true, Found::Up)),
            (Some(550), "5.7.1 Relaying denied", (false, Found::Refusing), (false, Found::Refusing)),
            (Some(550), "relay not permitted", (false, Found::Refusing), (false, Found::Refusing)),
            (Some(550), "5.7.60 sender not allowed", (false, Found::Refusing), (false, Found::Refusing)),
            (Some(553), "5.1.8 sender rejected", (false, Found::Refusing), (false, Found::Refusing)),
            (Some(554), "looks like spam", (false, Found::Refusing), (false, Found::Refusing)),
            (Some(550), "5.1 is no status", (true, Found::Up), (false, Found::Refusing)),
            (Some(550), "5.1.1.1 nor is this", (true, Found::Up), (false, Found::Refusing)),
            (Some(451), "4.7.1 Greylisted", (false, Found::Up), (false, Found::Up)),
            (Some(421), "", (false, Found::Down), (false, Found::Down)),
            (Some(530), "5.7.0 sign in first", (false, Found::Down), (false, Found::Down)),
            (None, "", (false, Found::Down), (false, Found::Down)),
        ] {
            assert_eq!(judged(code, text, true), of_an_address, "{code:?} {text}");
            assert_eq!(judged(code, text, false), of_a_mail, "{code:?} {text}");
        }
    }

    #[tokio::test]
    async fn a_mail_has_both_texts_and_says_that_no_person_wrote_it() {
        let mail = mail("smtp://mail.example.com", "Roster <roster@example.com>").expect("it fits");
        let letter = Letter {
            to: "alice@example.com".to_owned(),
            name: "李雷\r\nBcc: x".to_owned(),
            way: Way::Mail,
            template: Template::Invitation,
            subject: "您好".to_owned(),
            text: "plain".to_owned(),
            html: Some("<p>rich</p>".to_owned()),
            message_id: "1.2@id.example.com".to_owned(),
            secrets: Vec::new(),
        };

        let written =
            String::from_utf8(mail.write(&letter).expect("it can be written").formatted()).expect("ASCII");
        for line in [
            "Message-ID: <1.2@id.example.com>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "From: Roster <roster@example.com>\r\n",
            "multipart/alternative",
            "plain",
            "<p>rich</p>",
        ] {
            assert!(written.contains(line), "{line}: {written}");
        }
        assert!(!written.contains("\nBcc:"), "{written}");
        for name in
            ["O\"Brien\\", "=?utf-8?q?x?=", "a@b.example", "\u{7f}\t", "\u{202e}x", "😀", &"é".repeat(256)]
        {
            let written = mail.write(&Letter { name: name.to_owned(), ..letter.clone() });
            assert!(written.is_ok(), "{name}");
        }
        let broken = Letter { to: "a@example.com, b@example.com".to_owned(), ..letter };
        assert!(mail.write(&broken).is_err());
    }
}
