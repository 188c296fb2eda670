//! The walk of a request for a page, from its path to its answer.

use access::Circumstances;
use http::Method;
use http::header::{ALLOW, HeaderValue};
use http::request::Parts;
use hyper::body::Incoming;
use wire::Fault;
use wire::pds::Body;

use super::{PageAnswer, PageRequest, Paging};
use crate::network::Origin;
use crate::outcome::Outcome;
use crate::request::is_form;
use crate::server::Server;
use crate::way::{Way, busy};

/// Bytes that a form may have.
const LONGEST: usize = 64 << 10;
/// What every page is asked for by.
const ALLOWED: &str = "GET, HEAD, POST";

impl Server {
    /// One request for a page.
    pub(crate) async fn page(
        &self,
        parts: &Parts,
        body: Incoming,
        request_id: &str,
        origin: Origin,
    ) -> Outcome {
        let mut outcome = Outcome::blank();
        let mut request = self.asked(parts);
        if let Err(soon) = self.throttle.stranger(origin.source, (self.clock)()) {
            self.tell(&request, &soon.too_many(), &mut outcome);
        } else if let Err(fault) =
            self.walk(parts, body, (request_id, origin), &mut request, &mut outcome).await
        {
            self.tell(&request, &fault, &mut outcome);
        }
        outcome.number(request_id);
        outcome
    }

    /// Where a browser goes that has asked for the root of the host.
    pub(crate) fn home(&self, request_id: &str) -> Outcome {
        let mut outcome = Outcome::blank();
        outcome.show(&self.nonce(), PageAnswer::go(self.pages.home.unwrap_or_default()));
        outcome.number(request_id);
        outcome
    }

    /// A page in place of one for which there is no room. What the request has changed stays: it was committed before.
    pub(crate) fn page_without_room(&self, parts: &Parts, request_id: &str) -> Outcome {
        let mut outcome = Outcome::blank();
        self.tell(&self.asked(parts), &busy(), &mut outcome);
        outcome.number(request_id);
        outcome
    }

    /// Tells, as a page, what is in the way.
    fn tell(&self, request: &PageRequest, fault: &Fault, outcome: &mut Outcome) {
        let html = (self.pages.trouble)(request, fault);
        let seconds = fault.retry_after_millis.map(|millis| millis.div_ceil(1_000));
        let retry_after = seconds.and_then(|seconds| i64::try_from(seconds).ok());
        outcome.show(&request.nonce, PageAnswer { retry_after, ..PageAnswer::page(fault.status, html) });
        outcome.failed(fault);
        if fault.status == 405 {
            outcome.response.headers_mut().insert(ALLOW, HeaderValue::from_static(ALLOWED));
        }
    }

    /// What a request asks for, without its form.
    fn asked(&self, parts: &Parts) -> PageRequest {
        let query = Body::form(parts.uri.query().unwrap_or_default().as_bytes());
        PageRequest {
            target: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            // A query that cannot be read says nothing.
            query: query.unwrap_or_default(),
            form: None,
            headers: parts.headers.clone(),
            nonce: self.nonce(),
        }
    }

    async fn walk(
        &self,
        parts: &Parts,
        body: Incoming,
        (request_id, origin): (&str, Origin),
        request: &mut PageRequest,
        seen: &mut Outcome,
    ) -> Result<(), Fault> {
        let (path, run) = self.find_page(parts)?;
        seen.action = path;
        if parts.method == Method::POST {
            if !is_form(&parts.headers) {
                return Err(Fault::new(415, "UnsupportedMediaType", "A form is taken, and nothing else."));
            }
            let held = self.room.read(body, LONGEST, self.limits.body_time).await?;
            let form = Body::form(&held.bytes);
            request.form =
                Some(form.map_err(|_| Fault::new(400, "InvalidForm", "The form cannot be read."))?);
        }
        let circumstances = Circumstances {
            at: (self.clock)(),
            door: self.pages.name,
            source: origin.text(),
            is_secure: origin.is_secure,
            request: request_id.to_owned(),
            access_key: String::new(),
        };
        // There is no signature that could come again, so nobody is told so.
        let way = Way { entrance: &self.entrance, circumstances, replay: None, replayed: busy };
        let answer = run(way, request.clone()).await?;
        seen.show(&request.nonce, answer);
        Ok(())
    }

    /// The page under a path, and its handler for the method.
    fn find_page(&self, parts: &Parts) -> Result<(&'static str, &Paging), Fault> {
        let served = self.pages.served.get_key_value(parts.uri.path());
        let (path, served) = served.ok_or_else(|| Fault::new(404, "NotFound", "There is no such page."))?;
        let method = if parts.method == Method::HEAD { &Method::GET } else { &parts.method };
        let run = served.iter().find(|(other, _)| other == method);
        let fault = || Fault::new(405, "MethodNotAllowed", "The page is not asked for in this way.");
        run.map(|(_, run)| (*path, &**run)).ok_or_else(fault)
    }

    /// A text of chance.
    pub(crate) fn nonce(&self) -> String {
        format!("{:032x}", self.entrance.ids().salt())
    }
}
