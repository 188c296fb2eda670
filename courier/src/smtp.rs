//! The talk with a mail server: one connection for each mail.

use std::time::Duration;

use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use percent_encoding::percent_decode_str;
use reqwest::Url;
use tokio::time::timeout;

use crate::Unfit;

/// How long one of the server's addresses may take to be reached, before the next one is tried.
const DIALLING: Duration = Duration::from_secs(10);
/// How long it may take to reach the server and to sign in to it.
const REACHING: Duration = Duration::from_secs(30);
/// How long the server may take for who gets a mail and from whom.
const ENVELOPE: Duration = Duration::from_secs(30);
/// How long it may take for the mail itself, which many look through before they answer. A mail that it takes over
/// later than that is sent again.
const CONTENT: Duration = Duration::from_secs(120);
/// How long the farewell may take.
const FAREWELL: Duration = Duration::from_secs(2);
/// The longest that all of it takes.
pub(crate) const LONGEST: Duration = Duration::from_secs(182);

/// A mail server.
pub(crate) struct Server {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
}

/// Why a mail was not taken over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The server could not be reached, or lets nobody in, or takes no mails from this sender.
    #[error("{0}")]
    Greeting(Error),
    /// It sends nothing to this address.
    #[error("{0}")]
    Naming(Error),
    /// It did not take the mail.
    #[error("{0}")]
    Handing(Error),
    /// It takes no such mails.
    #[error("the mail server takes {0}")]
    Unserved(&'static str),
    /// It did not answer in time.
    #[error("the mail server did not answer in time {0}")]
    Silent(&'static str),
}

impl Server {
    /// Reads `smtp://user:password@host:port?tls=…` or `smtps://…`; `hello` is what the server is greeted with.
    pub(crate) fn new(url: &str, hello: &str) -> Result<Self, Unfit> {
        let wanted = || {
            Unfit(
                "--smtp-url: it reads smtp://user:password@host:port?tls=required, or smtps://…; tls may be opportunistic or none"
                    .to_owned(),
            )
        };
        let url = Url::parse(url).map_err(|_| wanted())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(wanted)?;
        let host = host.trim_matches(['[', ']']).to_owned();
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(wanted());
        }
        let parameters = || TlsParameters::new(host.clone()).map_err(|_| wanted());
        let (tls, port) = match (url.scheme(), url.query()) {
            ("smtps", None | Some("tls=required")) => (Tls::Wrapper(parameters()?), 465),
            ("smtp", None | Some("tls=required")) => (Tls::Required(parameters()?), 587),
            ("smtp", Some("tls=opportunistic")) => (Tls::Opportunistic(parameters()?), 587),
            ("smtp", Some("tls=none")) => (Tls::None, 25),
            _ => return Err(wanted()),
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(String::from);
        let credentials = match url.password() {
            Some(password) => {
                let user = decoded(url.username()).map_err(|_| wanted())?;
                Some(Credentials::new(user, decoded(password).map_err(|_| wanted())?))
            }
            None => None,
        };
        // What takes TLS where it is offered may come to be sent without.
        let has_tls = matches!(tls, Tls::Wrapper(_) | Tls::Required(_));
        let is_local = ["localhost", "127.0.0.1", "::1"].contains(&host.as_str());
        if credentials.is_some() && !has_tls && !is_local {
            let why = "--smtp-url: a password is sent by TLS alone; leave out tls=none, or the password";
            return Err(Unfit(why.to_owned()));
        }
        let (port, hello) = (url.port().unwrap_or(port), ClientId::Domain(hello.to_owned()));
        Ok(Self { host, port, tls, credentials, hello })
    }

    /// Sends a mail. Once the server has taken it over it is sent, whatever becomes of the connection then.
    pub(crate) async fn send(&self, envelope: &Envelope, mail: &[u8]) -> Result<(), Failure> {
        let mut connection = timeout(REACHING, self.connect())
            .await
            .map_err(|_| Failure::Silent("as it was greeted"))?
            .map_err(Failure::Greeting)?;
        let sent = hand_over(&mut connection, envelope, mail).await;
        if !matches!(sent, Err(Failure::Silent(_))) {
            let _ = timeout(FAREWELL, connection.command(Quit)).await;
        }
        sent
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let at_once = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters.clone()),
            Tls::None | Tls::Opportunistic(_) | Tls::Required(_) => None,
        };
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(DIALLING), &self.hello, at_once, None).await?;
        match &self.tls {
            Tls::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters.clone(), &self.hello).await?;
            }
            Tls::Required(parameters) => connection.starttls(parameters.clone(), &self.hello).await?,
            Tls::None | Tls::Opportunistic(_) | Tls::Wrapper(_) => {}
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    mail: &[u8],
) -> Result<(), Failure> {
    let named = timeout(ENVELOPE, name_people(connection, envelope, mail)).await;
    named.map_err(|_| Failure::Silent("when it was told whom a mail is for"))??;
    let taken = timeout(CONTENT, connection.message(mail)).await;
    taken.map_err(|_| Failure::Silent("when it got a mail"))?.map_err(Failure::Handing)?;
    Ok(())
}

/// Says from whom a mail comes and to whom it goes, up to where the server wants the mail.
async fn name_people(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    mail: &[u8],
) -> Result<(), Failure> {
    let serves = |extension| connection.server_info().supports_feature(extension);
    let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    let mut parameters = Vec::new();
    // Source: RFC 6531, 3.1.
    if !envelope.to().iter().chain(envelope.from()).all(is_ascii) {
        if !serves(Extension::SmtpUtfEight) {
            return Err(Failure::Unserved("addresses of ASCII letters only"));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    // Source: RFC 6152, 3.
    if !mail.is_ascii() {
        if !serves(Extension::EightBitMime) {
            return Err(Failure::Unserved("mails of ASCII letters only"));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let from = Mail::new(envelope.from().cloned(), parameters);
    connection.command(from).await.map_err(Failure::Greeting)?;
    for to in envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(Failure::Naming)?;
    }
    connection.command(Data).await.map_err(Failure::Handing)?;
    Ok(())
}
