//! Requests for pages, over HTTP and against a store of their own.

use std::sync::Arc;

use access::{Change, Circumstances, Entrance, Permit};
use model::{Millis, Secret};
use tempfile::TempDir;
use tokio::net::TcpListener;
use wire::Fault;

use super::{Cookie, Cookies, PageAnswer, PageRequest, Pages};
use crate::limits::Rates;
use crate::network::Network;
use crate::operations::{Domains, Operations, OperationsWords};
use crate::server::{Limits, Server, Start};
use crate::testing::{AT, Answered, Furnished, send};
use crate::way::{Refusal, busy};

/// The room of all answers together.
const ROOM: usize = 256 << 20;

const WORDS: OperationsWords = OperationsWords {
    unfit: |_| Fault::internal(),
    denied: |_, _| Fault::internal(),
    domains: Domains { is_meant: |_| false, read: |_| None, missing: |_| Fault::internal() },
};

#[derive(Debug)]
struct Busy;

impl Refusal for Busy {
    fn is_transient(&self) -> bool {
        false
    }

    fn cause(&self) -> Option<String> {
        None
    }

    fn into_fault(self) -> Fault {
        busy()
    }
}

type Answering = Result<(PageAnswer, Option<Permit>), Busy>;

/// A page that is kept in mind.
async fn mind(_: &(), _: &mut Change, _: &Circumstances, request: &PageRequest) -> Answering {
    let mut answer = PageAnswer::page(200, format!("{} {}", request.target, request.field("name")));
    answer.cookies.push(Cookies::new(true).keep(Cookie::Session, &Secret::new("k")));
    answer.leads_to = "https://app.example".to_owned();
    Ok((answer, None))
}

async fn large(_: &(), _: &mut Change, _: &Circumstances, _: &PageRequest) -> Answering {
    let mut answer = PageAnswer::page(200, "x".repeat(70_000));
    answer.cookies.push(Cookies::new(true).keep(Cookie::Session, &Secret::new("k")));
    answer.cookies.push(Cookies::new(true).forget(Cookie::Visit));
    Ok((answer, None))
}

async fn full(_: &(), _: &mut Change, _: &Circumstances, _: &PageRequest) -> Answering {
    Err(Busy)
}

async fn broken(_: &(), _: &mut Change, _: &Circumstances, _: &PageRequest) -> Answering {
    panic!("a fault of the program")
}

/// A server of pages.
struct House {
    server: Arc<Server>,
    address: String,
    _folder: TempDir,
}

impl House {
    async fn new() -> Self {
        let furnished = Furnished::new().await;
        let trouble = |(): &(), request: &PageRequest, fault: &Fault| {
            format!("<p>{} {}</p>", fault.code, request.liked_language().map_or("", |liked| liked.tag()))
        };
        let pages = Pages::build("pages", &["/mind"], trouble, ());
        let server = Server::new(Start {
            entrance: Arc::new(Entrance::new(&furnished.store, &furnished.tools)),
            doors: Vec::new(),
            operations: Operations::build("test", WORDS, ()).done(),
            pages: pages
                .begin_at("/mind")
                .shows("/mind", mind)
                .takes("/mind", mind)
                .shows("/mind/large", large)
                .shows("/mind/full", full)
                .shows("/mind/broken", broken)
                .done(),
            clock: Arc::new(|| Millis(AT)),
            limits: Limits::default(),
            network: Network::default(),
            rates: Rates::default(),
            tls: None,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens").to_string();
        tokio::spawn(Arc::clone(&server).serve(listener, std::future::pending()));
        Self { server, address, _folder: furnished.folder }
    }

    /// Asks for a page, which is one whatever becomes of it.
    async fn ask(&self, method: &str, target: &str, headers: &[(&str, String)], body: &[u8]) -> Answered {
        let shown = send(&self.address, method, target, (headers, body)).await;
        for header in [
            "content-type: text/html; charset=utf-8",
            "x-frame-options: deny",
            "x-content-type-options: nosniff",
            "cache-control: no-store",
            "referrer-policy: no-referrer",
            "x-acs-request-id: ",
            "content-security-policy: default-src 'none'; style-src 'nonce-",
        ] {
            assert!(shown.headers.contains(header), "{header}: {shown:?}");
        }
        shown
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_told_by_their_paths_and_load_nothing() {
    let house = House::new().await;
    let form = ("content-type", "application/x-www-form-urlencoded".to_owned());
    let long = [b"name=".as_slice(), &[b'x'; 70_000]].concat();
    for (method, target, headers, body, status, expected) in [
        ("GET", "/mind?a=b", vec![], b"".as_slice(), 200, "/mind?a=b "),
        ("GET", "/mind?%ff", vec![], b"", 200, "/mind?%ff "),
        ("HEAD", "/mind", vec![], b"", 200, ""),
        ("POST", "/mind", vec![form.clone()], b"name=x", 200, "/mind x"),
        ("GET", "/mind/", vec![], b"", 404, "<p>NotFound </p>"),
        ("GET", "/mind/x", vec![], b"", 404, "<p>NotFound </p>"),
        ("PUT", "/mind", vec![], b"", 405, "<p>MethodNotAllowed </p>"),
        ("POST", "/mind", vec![], b"name=x", 415, "<p>UnsupportedMediaType </p>"),
        ("POST", "/mind", vec![form.clone()], b"name=%ff", 400, "<p>InvalidForm </p>"),
        ("POST", "/mind", vec![form.clone()], b"name=x&name=y", 400, "<p>InvalidForm </p>"),
        ("POST", "/mind", vec![form.clone()], &long, 413, "<p>InvalidParameter </p>"),
    ] {
        let shown = house.ask(method, target, &headers, body).await;
        assert_eq!(shown.status, status, "{method} {target}: {shown:?}");
        assert!(shown.body.starts_with(expected), "{method} {target}: {shown:?}");
        let policy = shown.headers.split("content-security-policy: ").nth(1).unwrap_or_default();
        assert_eq!(status == 200, policy.contains("form-action 'self' https://app.example;"), "{policy}");
        let cookie = "set-cookie: __host-roster-session=k; path=/; httponly; samesite=lax; secure";
        assert_eq!(status == 200, shown.headers.contains(cookie), "{shown:?}");
        assert_eq!(status == 405, shown.headers.contains("allow: get, head, post"), "{shown:?}");
    }
    // What only begins like a page is none.
    assert_eq!(send(&house.address, "GET", "/minder", (&[], b"")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_at_the_root_goes_on_and_a_program_is_answered() {
    let house = House::new().await;
    let browser = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8".to_owned());
    for method in ["GET", "HEAD"] {
        let shown = house.ask(method, "/", std::slice::from_ref(&browser), b"").await;
        assert_eq!(shown.status, 303, "{shown:?}");
        assert!(shown.headers.contains("location: /mind\r\n"), "{shown:?}");
    }
    for (method, target, headers) in [
        ("GET", "/", vec![]),
        ("GET", "/", vec![("accept", "*/*".to_owned())]),
        ("GET", "/", vec![("accept", "application/json, text/htmlx".to_owned())]),
        ("GET", "/", vec![browser.clone(), ("x-acs-action", "ListUsers".to_owned())]),
        ("GET", "/?Action=ListUsers", vec![browser.clone()]),
        ("POST", "/", vec![browser.clone()]),
    ] {
        let shown = send(&house.address, method, target, (&headers, b"")).await;
        assert!(shown.status >= 400, "{method} {target} {headers:?}: {shown:?}");
        assert!(!shown.headers.contains("location: "), "{method} {target} {headers:?}: {shown:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_full_or_fails_says_so_in_the_askers_language() {
    let house = House::new().await;
    let chinese = [("accept-language", "zh-CN".to_owned())];
    let again = "retry-after: 1\r\n";
    for (target, status, expected) in [
        ("/mind/full", 503, "<p>ServiceUnavailable zh</p>"),
        ("/mind/broken", 500, "<p>InternalError zh</p>"),
    ] {
        let shown = house.ask("GET", target, &chinese, b"").await;
        assert_eq!((shown.status, shown.body.as_str()), (status, expected), "{shown:?}");
        assert_eq!(status == 503, shown.headers.contains(again), "{shown:?}");
    }

    // There is no room for the answer any more; short ones need none.
    let all = house.server.answers.share(ROOM).expect("nothing else is sent");
    let shown = house.ask("GET", "/mind/large", &chinese, b"").await;
    assert_eq!((shown.status, shown.body.as_str()), (503, "<p>ServiceUnavailable zh</p>"), "{shown:?}");
    assert!(shown.headers.contains(again), "{shown:?}");
    // What was done stays, so the browser keeps what it was to keep.
    for cookie in ["set-cookie: __host-roster-session=k;", "set-cookie: __host-roster-visit=;"] {
        assert!(shown.headers.contains(cookie), "{shown:?}");
    }
    assert_eq!(house.ask("GET", "/mind", &[], b"").await.status, 200);
    drop(all);
    assert_eq!(house.ask("GET", "/mind/large", &[], b"").await.body.len(), 70_000);
}
