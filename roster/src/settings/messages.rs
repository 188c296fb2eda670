//! Settings of what carries messages to people.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use courier::{Carrier, Carriers, Hook, Mail};
use directory::messages::Mailbox;
use model::Secret;

use super::{File, ServeArgs};
use crate::trouble::Trouble;

/// What was said of messages.
pub(super) struct Messages {
    smtp_url: Option<String>,
    mail_from: Option<String>,
    text_hook: Option<String>,
    text_hook_secret_file: Option<PathBuf>,
    is_dev: bool,
}

impl Messages {
    /// What flags and file say; a flag is over the file.
    pub(super) fn of(args: &ServeArgs, file: &File) -> Self {
        let text = |flag: &Option<String>, file: &Option<String>| flag.clone().or_else(|| file.clone());
        let secret_file = args.text_hook_secret_file.clone();
        Self {
            smtp_url: text(&args.smtp_url, &file.smtp_url),
            mail_from: text(&args.mail_from, &file.mail_from),
            text_hook: text(&args.text_hook, &file.text_hook),
            text_hook_secret_file: secret_file.or_else(|| file.text_hook_secret_file.clone()),
            is_dev: args.dev.or(file.dev).unwrap_or(false),
        }
    }

    /// What carries messages, and where they are shown instead. Links in them lead to `host`.
    pub(super) fn decide(self, host: Option<&str>) -> Result<(Carriers, Option<Arc<Mailbox>>), Trouble> {
        let settings = |text: &str| Trouble::Settings(text.to_owned());
        let sends = self.smtp_url.is_some() || self.text_hook.is_some();
        if self.is_dev {
            if sends {
                return Err(settings("--dev sends nothing: leave out --smtp-url and --text-hook, or it"));
            }
            let mailbox = Arc::new(Mailbox::default());
            let shown = || Some(Carrier::Shown(Arc::clone(&mailbox)));
            return Ok((Carriers { mail: shown(), text: shown() }, Some(mailbox)));
        }
        if sends && host.is_none() {
            return Err(settings("messages hold links, which need --public-url"));
        }
        let host = host.and_then(|host| host.rsplit('@').next()).unwrap_or_default();
        let greeting = host.rsplit_once(':').map_or(host, |(host, _)| host);
        let mail = match (self.smtp_url, self.mail_from) {
            (Some(url), Some(from)) => Some(Mail::new(&Secret::new(url), &from, greeting)?),
            (None, None) => None,
            _ => return Err(settings("--smtp-url and --mail-from go together")),
        };
        let text = match (self.text_hook, self.text_hook_secret_file) {
            (Some(url), Some(file)) => Some(Hook::new(&url, read_secret(&file)?)?),
            (None, None) => None,
            _ => return Err(settings("--text-hook and --text-hook-secret-file go together")),
        };
        Ok((Carriers { mail: mail.map(Carrier::Mail), text: text.map(Carrier::Hook) }, None))
    }
}

/// The secret in a file: its text without the line's end.
fn read_secret(path: &Path) -> Result<Secret, Trouble> {
    let bytes = std::fs::read(path).map_err(|source| Trouble::File {
        doing: "read",
        path: path.to_owned(),
        source,
    })?;
    let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    Ok(Secret::new(line.strip_suffix(b"\r").unwrap_or(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_need_an_address_for_their_links_and_a_sender() {
        let folder = tempfile::tempdir().unwrap();
        let (long, short) = (folder.path().join("long"), folder.path().join("short"));
        std::fs::write(&long, "0123456789abcdef\n").unwrap();
        std::fs::write(&short, "0123456789abcde\n").unwrap();
        let some = |text: &str| Some(text.to_owned());
        let mail = ServeArgs {
            public_url: some("https://id.example.com/"),
            smtp_url: some("smtp://user:hunter2@mail.example.com"),
            mail_from: some("Roster <roster@example.com>"),
            ..ServeArgs::default()
        };
        let hook = ServeArgs {
            public_url: some("https://id.example.com"),
            text_hook: some("https://sms.example.com/send"),
            text_hook_secret_file: Some(long),
            ..ServeArgs::default()
        };
        let dev = ServeArgs { dev: Some(true), ..ServeArgs::default() };

        let served = |args: &ServeArgs| -> Result<(bool, bool, bool), String> {
            let serve = args.clone().decide().map_err(|trouble| trouble.to_string())?;
            Ok((serve.carriers.mail.is_some(), serve.carriers.text.is_some(), serve.pages.mailbox.is_some()))
        };
        assert_eq!(served(&ServeArgs::default()), Ok((false, false, false)));
        assert_eq!(served(&mail), Ok((true, false, false)));
        assert_eq!(served(&hook), Ok((false, true, false)));
        assert_eq!(served(&dev), Ok((true, true, true)));
        assert_eq!(mail.clone().decide().unwrap().public_url.as_deref(), Some("https://id.example.com"));
        for (args, expected) in [
            (ServeArgs { public_url: None, ..mail.clone() }, "--public-url"),
            (ServeArgs { mail_from: None, ..mail.clone() }, "go together"),
            (ServeArgs { mail_from: some("nobody"), ..mail.clone() }, "--mail-from"),
            (ServeArgs { smtp_url: some("smtp://a:hunter2@b?tls=x"), ..mail.clone() }, "--smtp-url"),
            (ServeArgs { dev: Some(true), ..mail.clone() }, "--dev sends nothing"),
            (ServeArgs { text_hook_secret_file: None, ..hook.clone() }, "go together"),
            (ServeArgs { text_hook_secret_file: Some(short), ..hook.clone() }, "16 bytes"),
            (ServeArgs { text_hook_secret_file: Some("/nowhere".into()), ..hook.clone() }, "/nowhere"),
        ] {
            let said = served(&args).expect_err(expected);
            assert!(said.contains(expected) && !said.contains("hunter2") && !said.contains('\n'), "{said}");
        }
    }
}
