//! Every vector of the two schemes of the PDS API, and what must not happen.

use http::HeaderMap;
use model::Millis;
use proptest::prelude::*;

use super::acs3::Received;
use super::roa::{Claim, Request, Unproven};
use super::tests::{Case, cases, headers, owned};
use super::{Caller, Mismatch, acs4, roa_v1};

/// The code that a case is answered with, and the mismatch if it is one.
fn run(case: &Case) -> (&'static str, Option<Mismatch>) {
    let (headers, body) = (headers(&case.headers), case.body());
    let received = Received { method: &case.method, path: &case.path, query: &case.raw_query, body: &body };
    let claim = Claim::read(&headers).expect("all vectors carry a whole proof");
    let caller = claim.caller().expect("all vectors are signed");
    assert_eq!(caller.access_key_id, case.access_key_id, "{}", case.name);
    match verify(&claim, case.access_key_secret.as_bytes(), &received) {
        Ok(()) => ("ok", None),
        Err(Unproven::Digest) => ("ContentMD5NotMatched", None),
        Err(Unproven::Signature(mismatch)) => ("SignatureDoesNotMatch", Some(mismatch)),
    }
}

fn verify(claim: &Claim<'_>, secret: &[u8], received: &Received<'_>) -> Result<(), Unproven> {
    match claim {
        Claim::V1(claim) => claim.verify(secret, received),
        Claim::V4(claim) => claim.verify(secret, received),
        Claim::Bearer(_) | Claim::Unsupported(_) | Claim::Anonymous => panic!("it is not signed"),
    }
}

#[test]
fn every_vector_is_judged_as_it_should_be() {
    for (file, count) in [("roa-v1.json", 46), ("pds-ak.json", 51)] {
        let cases = cases(file);
        assert_eq!(cases.len(), count);
        for case in cases {
            let expected = if case.valid { "ok" } else { case.expect_code.as_deref().unwrap() };
            assert_eq!(run(&case).0, expected, "{file}: {}", case.name);
        }
    }
}

#[test]
fn a_temporary_key_brings_its_token() {
    for file in ["roa-v1.json", "pds-ak.json"] {
        for case in cases(file).iter().filter(|case| case.valid) {
            let headers = headers(&case.headers);
            let claim = Claim::read(&headers).unwrap();
            let token = claim.caller().unwrap().security_token;
            assert_eq!(token, case.security_token.as_deref(), "{}", case.name);
        }
    }
}

#[test]
fn a_vector_is_dated_as_headers_are() {
    let case = cases("pds-ak.json").remove(0);
    let headers = headers(&case.headers);

    let date = Claim::read(&headers).unwrap().caller().unwrap().timestamp;

    assert_eq!(Millis::from_http_date(date), Millis::from_utc_seconds("2026-01-15T08:30:00Z"));
}

#[test]
fn a_mismatch_shows_what_the_client_signed() {
    for file in ["roa-v1.json", "pds-ak.json"] {
        for mut case in cases(file) {
            let Some(signed) = case.string_to_sign.clone().filter(|_| case.valid) else {
                continue;
            };
            case.access_key_secret.push('x');
            let mismatch = run(&case).1.expect("the secret is another one");
            if signed.contains("flag=") {
                continue; // The message shows the other way to write an empty value.
            }
            assert_eq!(mismatch.string_to_sign(), signed, "{}", case.name);
            if let Some(request) = &case.canonical_request {
                assert!(mismatch.message().ends_with(&format!("[{request}]")), "{}", case.name);
            }
        }
    }
}

#[test]
fn the_published_examples_are_signed_alike() {
    let caller = Caller {
        access_key_id: "AKID",
        timestamp: "Thu, 01 Jan 2026 00:00:00 GMT",
        nonce: Some("0123456789abcdef0123456789abcdef"),
        security_token: None,
    };
    let content = Received { method: "POST", path: "/v2/user/get", query: "", body: br#"{"user_id":"u1"}"# };
    let request = Request {
        content,
        action: "GetUser",
        version: "2022-03-01",
        content_type: Some("application/json; charset=utf-8"),
    };

    let v1 = roa_v1::sign(&caller, b"SECRET", &request).pop().unwrap();
    let v4 = acs4::sign(&caller, b"SECRET", &request).pop().unwrap();

    assert_eq!(v1.1, "acs AKID:sf5nCZAgy8yqMLqQu7arLfpTr5Y=");
    let (_, signature) = v4.1.rsplit_once('=').unwrap();
    assert_eq!(signature, "6e54f19f9eb2017b9cd3eadb76cf28fbed728d7338da92c20fa411d3b2535f8e");
}

fn outcome(pairs: &[(&str, &str)]) -> String {
    match Claim::read(&headers(&owned(pairs))) {
        Ok(Claim::V1(claim)) => format!("V1 {}", claim.caller.access_key_id),
        Ok(Claim::V4(claim)) => format!("V4 {}", claim.caller.access_key_id),
        Ok(Claim::Bearer(token)) => format!("bearer {token}"),
        Ok(Claim::Unsupported(name)) => format!("unsupported {name}"),
        Ok(Claim::Anonymous) => "anonymous".to_owned(),
        Err(incomplete) => incomplete.to_string(),
    }
}

#[test]
fn a_claim_is_told_by_its_headers() {
    let authorization = |value: &'static str| ("authorization", value);
    let (date, hash) = (("date", "Thu, 15 Jan 2026 08:30:00 GMT"), ("x-acs-content-sha256", "h"));
    let v1 = authorization("acs k:s");
    let v4 = authorization(
        "ACS4-HMAC-SHA256 Credential=k/Thu, 15 Ja/center/pds/aliyun_v4_request,SignedHeaders=,Signature=s",
    );
    let unmethodical = ("x-acs-signature-method", "HMAC-SHA256");
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[], "anonymous"),
        (&[("x-acs-signature-nonce", "n"), ("x-acs-signature-method", "HMAC-SHA1"), date], "anonymous"),
        (&[authorization("Bearer a.b.c")], "bearer a.b.c"),
        (&[authorization("bearer  a.b.c ")], "bearer a.b.c"),
        (&[authorization("Bearer")], "bearer "),
        (&[("x-acs-bearer-token", "t")], "bearer t"),
        (&[authorization("Bearer a"), ("x-acs-bearer-token", "b")], "bearer a"),
        (&[authorization("Bearer a"), authorization("Bearer b")], "authorization is given more than once"),
        (&[authorization("Basic x")], "unsupported Basic"),
        (&[authorization("ACS3-HMAC-SHA256 x")], "unsupported ACS3-HMAC-SHA256"),
        (&[authorization("ACS4-HMAC-SM3 x")], "unsupported ACS4-HMAC-SM3"),
        (&[v1, date], "V1 k"),
        (&[v1, date, ("x-acs-bearer-token", "t")], "V1 k"),
        (&[v1, date, unmethodical], "unsupported HMAC-SHA256"),
        (&[v1], "date is missing"),
        (&[v1, date, date], "date is given more than once"),
        (&[v1, date, ("accept", "a"), ("accept", "b")], "accept is given more than once"),
        (&[v1, date, ("x-acs-a", "1"), ("x-acs-a", "2")], "a header x-acs- is given more than once"),
        (&[authorization("acs k"), date], "authorization is malformed"),
        (&[authorization("acs :s"), date], "authorization is malformed"),
        (&[authorization("acs k:"), date], "authorization is malformed"),
        (&[v4, date, hash], "V4 k"),
        (&[v4, hash], "date is missing"),
        (&[v4, date], "x-acs-content-sha256 is missing"),
        (
            &[authorization("ACS4-HMAC-SHA256 Credential=k/d/r/pds/aliyun_v4_request"), date, hash],
            "authorization is malformed",
        ),
        (
            &[
                authorization(
                    "ACS4-HMAC-SHA256 Credential=k/d/r/oss/aliyun_v4_request,SignedHeaders=,Signature=s",
                ),
                date,
                hash,
            ],
            "authorization is malformed",
        ),
        (
            &[
                authorization(
                    "ACS4-HMAC-SHA256 Credential=k/d/pds/aliyun_v4_request,SignedHeaders=,Signature=s",
                ),
                date,
                hash,
            ],
            "authorization is malformed",
        ),
    ];
    for (pairs, expected) in table {
        assert_eq!(outcome(pairs), *expected, "{pairs:?}");
    }
}

type Headers = Vec<(&'static str, String)>;
type Sign = fn(&Caller<'_>, &[u8], &Request<'_>) -> Headers;

const SCHEMES: [Sign; 2] = [roa_v1::sign, acs4::sign];

fn signed<'a>(sign: Sign, query: &'a str, body: &'a [u8]) -> (Received<'a>, Headers) {
    let caller = Caller {
        access_key_id: "key",
        timestamp: "Thu, 15 Jan 2026 08:30:00 GMT",
        nonce: Some("nonce"),
        security_token: None,
    };
    let content = Received { method: "POST", path: "/v2/user/get", query, body };
    let request =
        Request { content, action: "GetUser", version: "2022-03-01", content_type: Some("application/json") };
    (content, sign(&caller, b"secret", &request))
}

fn map(signed: &[(&'static str, String)]) -> HeaderMap {
    headers(&signed.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Vec<_>>())
}

fn verifies(received: &Received<'_>, signed: &[(&'static str, String)]) -> bool {
    let headers = map(signed);
    Claim::read(&headers).is_ok_and(|claim| verify(&claim, b"secret", received).is_ok())
}

#[test]
fn headers_put_in_on_the_way_spoil_a_signature() {
    for sign in SCHEMES {
        let (received, signed) = signed(sign, "", b"{}");
        for (name, value) in [("x-acs-security-token", "t"), ("content-md5", "x"), ("x-acs-role", "admin")] {
            let mut more = signed.clone();
            more.push((name, value.to_owned()));
            assert!(!verifies(&received, &more), "{name}");
        }
        let mut unsigned = signed.clone();
        unsigned.push(("x-forwarded-for", "::1".to_owned()));
        assert!(verifies(&received, &unsigned));
    }
}

#[test]
fn a_query_that_could_be_read_in_two_ways_is_refused() {
    for sign in SCHEMES {
        // Signed: a=1&b=2. Sent: one parameter whose value is `1&b=2`, or whose name is `a=1&b`.
        let (mut received, signed) = signed(sign, "a=1&b=2", b"");
        assert!(verifies(&received, &signed));
        received.query = "b=2&a=1";
        assert!(verifies(&received, &signed));
        for query in ["a=1%26b%3D2", "a%3D1%26b=2", "a=1&b=3", "a=1", ""] {
            received.query = query;
            assert!(!verifies(&received, &signed), "{query}");
        }
    }
}

#[test]
fn v4_covers_the_body_and_v1_does_not() {
    let (mut received, v1) = signed(roa_v1::sign, "", b"{}");
    let v4 = signed(acs4::sign, "", b"{}").1;
    assert!(verifies(&received, &v1) && verifies(&received, &v4));

    received.body = b"{ }";

    assert!(verifies(&received, &v1));
    assert!(!verifies(&received, &v4));
}

#[test]
fn the_scope_of_v4_is_signed() {
    let (received, signed) = signed(acs4::sign, "", b"");
    assert!(verifies(&received, &signed));
    for (was, other) in [("Thu, 15 Ja", "Fri, 16 Ja"), ("/center/", "/cn-beijing/")] {
        let mut changed = signed.clone();
        let (_, authorization) = changed.last_mut().expect("the proof comes last");
        *authorization = authorization.replace(was, other);
        assert!(!verifies(&received, &changed), "{other}");
    }
}

proptest! {
    #[test]
    fn what_is_signed_verifies(pairs in prop::collection::btree_map("[^&=]{1,8}", "[^&]{0,8}", 0..6), body in prop::collection::vec(any::<u8>(), 0..32)) {
        let query = crate::rpc::form(&pairs.into_iter().collect::<Vec<_>>());
        for sign in SCHEMES {
            let (mut received, signed) = signed(sign, &query, &body);
            prop_assert!(verifies(&received, &signed));
            received.path = "/v2/user/delete";
            prop_assert!(!verifies(&received, &signed));
        }
    }

    #[test]
    fn no_header_makes_it_panic(authorization in "(acs |ACS4-HMAC-SHA256 Credential=|Bearer )?.{0,40}(,SignedHeaders=,Signature=)?.{0,4}", date in ".{0,16}", query in ".{0,40}") {
        let mut headers = HeaderMap::new();
        for (name, value) in [("authorization", &authorization), ("date", &date)] {
            if let Ok(value) = http::HeaderValue::from_bytes(value.as_bytes()) {
                headers.append(name, value);
            }
        }
        headers.append("x-acs-content-sha256", http::HeaderValue::from_static("h"));
        let received = Received { method: "POST", path: "/", query: &query, body: b"" };
        if let Ok(claim @ (Claim::V1(_) | Claim::V4(_))) = Claim::read(&headers) {
            prop_assert!(verify(&claim, b"secret", &received).is_err());
        }
    }
}
