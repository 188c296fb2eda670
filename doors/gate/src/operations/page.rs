//! What a page is asked with, and what it shows.

use http::HeaderMap;
use wire::pds::Body;

/// A request for a page.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// What the query says, all of it text.
    pub query: Body,
    /// What the form says that was sent, where one was.
    pub form: Option<Body>,
    /// The headers.
    pub headers: HeaderMap,
}

/// A page, or where to go instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageAnswer {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, for the log and the figures; empty where nothing is.
    pub code: &'static str,
    /// Where the browser is to go.
    pub location: Option<String>,
    /// Further headers; they replace those that go with every page.
    pub headers: Vec<(&'static str, String)>,
    /// The page, without scripts and without anything from elsewhere; its styles stand in it.
    pub html: String,
}
