//! Settings of how callers reach the server, and how often they may call.

use std::path::PathBuf;

use gate::{Rate, Rates, TlsFiles};

use super::{File, ServeArgs};
use crate::trouble::Trouble;

const RATE_PRINCIPAL: &str = "1000/5000";
const RATE_ADDRESS: &str = "100/1000";

/// What was said of callers.
pub(super) struct Network {
    rate_principal: Option<String>,
    rate_address: Option<String>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
}

impl Network {
    /// What flags and file say; a flag is over the file.
    pub(super) fn of(args: &ServeArgs, file: &File) -> Self {
        let text = |flag: &Option<String>, file: &Option<String>| flag.clone().or_else(|| file.clone());
        let path = |flag: &Option<PathBuf>, file: &Option<PathBuf>| flag.clone().or_else(|| file.clone());
        Self {
            rate_principal: text(&args.rate_principal, &file.rate_principal),
            rate_address: text(&args.rate_address, &file.rate_address),
            tls_cert: path(&args.tls_cert, &file.tls_cert),
            tls_key: path(&args.tls_key, &file.tls_key),
        }
    }

    /// How often anybody may call, and where the certificate lies; `None` where callers speak plain HTTP.
    pub(super) fn decide(self) -> Result<(Rates, Option<TlsFiles>), Trouble> {
        let rates = Rates {
            principal: rate("--rate-principal", self.rate_principal.as_deref().unwrap_or(RATE_PRINCIPAL))?,
            address: rate("--rate-address", self.rate_address.as_deref().unwrap_or(RATE_ADDRESS))?,
        };
        let tls = match (self.tls_cert, self.tls_key) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => None,
            _ => return Err(Trouble::Settings("--tls-cert and --tls-key go together".to_owned())),
        };
        Ok((rates, tls))
    }
}

/// `100`, `100/1000`; `0` for no bound.
fn rate(flag: &str, text: &str) -> Result<Option<Rate>, Trouble> {
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    if number(text) == Some(0) {
        return Ok(None);
    }
    let (per_second, burst) = text.split_once('/').unwrap_or((text, text));
    let rate = number(per_second).zip(number(burst)).and_then(|(rate, burst)| Rate::new(rate, burst));
    rate.map(Some).ok_or_else(|| {
        let most = Rate::MOST;
        Trouble::Settings(format!(
            "{flag} {text} is no rate: write calls a second and, after a slash, how many at once, each from 1 to {most}; \
             or 0 for no bound"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_written_with_or_without_a_burst() {
        let read = |text| rate("--rate-address", text).map(|rate| rate.map(|rate| rate.to_string()));
        for (text, expected) in [
            ("100/1000", Some("100/1000")),
            ("5", Some("5/5")),
            ("0", None),
            ("1/1000000", Some("1/1000000")),
        ] {
            assert_eq!(read(text).expect("it fits").as_deref(), expected, "{text}");
        }
        for text in ["", "-1", "+1", "1.5", "1/", "/1", "1/0", "0/1", "1/2/3", "1000001", "a", " 1"] {
            let told = read(text).expect_err("it does not fit").to_string();
            assert!(told.contains("--rate-address"), "{told}");
        }
    }

    #[test]
    fn a_certificate_needs_its_key() {
        let decide = |tls_cert: Option<&str>, tls_key: Option<&str>| {
            let (tls_cert, tls_key) = (tls_cert.map(Into::into), tls_key.map(Into::into));
            ServeArgs { tls_cert, tls_key, ..ServeArgs::default() }.decide().map(|serve| serve.tls)
        };

        let files = TlsFiles { certificate: "/a".into(), key: "/b".into() };
        assert_eq!(decide(Some("/a"), Some("/b")).expect("both are given"), Some(files));
        assert_eq!(decide(None, None).expect("none is given"), None);
        assert!(decide(Some("/a"), None).is_err() && decide(None, Some("/b")).is_err());
    }
}
