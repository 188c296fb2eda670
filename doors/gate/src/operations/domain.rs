//! Which domain a call means.
//!
//! Source: `reference/doors.md` §3.3.

use access::Entrance;
use http::HeaderMap;
use http::header::HOST;
use model::account::Directory;
use wire::Fault;
use wire::pds::{Body, Unfit};

use super::authenticate::Proven;
use super::{Domains, faults};
use crate::way::unseen;

/// What a request says of its domain beside its body.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    /// The first label of its host, where that is meant to name one.
    host: Option<String>,
    /// What its query names.
    query: Option<String>,
    /// The domain of the call that it came in, where it did.
    around: Option<Directory>,
}

impl Said {
    /// Reads it off a request.
    ///
    /// # Errors
    /// The query cannot be read.
    pub(super) fn read(domains: &Domains, headers: &HeaderMap, query: &str) -> Result<Self, Unfit> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let label = host.split(['.', ':']).next().unwrap_or_default().to_ascii_lowercase();
        Ok(Self {
            host: Some(label).filter(|label| (domains.is_meant)(label)),
            query: Body::form(query.as_bytes())?.domain()?.map(str::to_owned),
            around: None,
        })
    }

    /// The same for a call inside this one, which acts in `directory` unless it names another one.
    pub(super) fn inside(&self, directory: &Directory) -> Self {
        Self { around: Some(directory.clone()), ..self.clone() }
    }

    /// Checks that no other domain is named than the one that the call acts in.
    ///
    /// # Errors
    /// 403 `Forbidden`.
    pub(super) fn check(&self, domains: &Domains, body: Option<&str>, home: &Directory) -> Result<(), Fault> {
        let is_home = |text| (domains.read)(text) == Some(home.key.number);
        if self.named(body).all(is_home) { Ok(()) } else { Err(elsewhere()) }
    }

    /// What names a domain.
    fn named<'a>(&'a self, body: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        [self.host.as_deref(), self.query.as_deref(), body].into_iter().flatten()
    }

    /// The directory in which the call acts.
    ///
    /// `body` is the domain that its body names. Where that is `the_object` it decides alone, for who may reach several.
    pub(super) async fn directory(
        &self,
        domains: &Domains,
        entrance: &Entrance,
        caller: &Proven,
        body: Option<&str>,
        the_object: bool,
        request_id: &str,
    ) -> Result<Directory, Fault> {
        let account = match caller {
            Proven::Bearer(_, home) => return self.check(domains, body, home).map(|()| home.clone()),
            Proven::AccessKey(caller) => caller.account,
        };
        let mut meant: Option<Directory> = None;
        for text in self.named(body) {
            let found = match (domains.read)(text) {
                Some(number) => entrance.directory_numbered(account, number).await,
                None => Ok(None),
            };
            let found = found.map_err(|error| unseen(&error, request_id))?;
            let found = found.ok_or_else(|| (domains.missing)(text))?;
            let is_other = meant.as_ref().is_some_and(|meant| meant.id != found.id);
            if is_other && !(the_object && body == Some(text)) {
                return Err(elsewhere());
            }
            meant = Some(found);
        }
        match meant.or_else(|| self.around.clone()) {
            Some(directory) => Ok(directory),
            None => entrance.default_directory(account).await.map_err(|error| unseen(&error, request_id)),
        }
    }
}

/// The call names two domains, or another one than its token's.
fn elsewhere() -> Fault {
    faults::forbidden("The domains of the token, the host and the request differ.")
}
