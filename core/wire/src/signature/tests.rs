//! All cases of `reference/vectors/rpc-v1.json` and `acs3.json`, and what they leave open.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::parameters::Body;
use crate::rpc::form;

/// One case of a vector file.
#[derive(Deserialize)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) valid: bool,
    #[serde(default)]
    pub(super) optional: bool,
    pub(super) expect_code: Option<String>,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) raw_query: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
    pub(super) body_base64: Option<String>,
    pub(super) access_key_id: String,
    pub(super) access_key_secret: String,
    pub(super) security_token: Option<String>,
    pub(super) canonical_request: Option<String>,
    pub(super) string_to_sign: Option<String>,
}

pub(super) fn cases(file: &str) -> Vec<Case> {
    let path = format!("{}/../../reference/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(super) fn headers(pairs: &[(String, String)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
    }
    headers
}

impl Case {
    pub(super) fn body(&self) -> Vec<u8> {
        match (&self.body, &self.body_base64) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(text)) => STANDARD.decode(text).unwrap(),
            (None, None) => Vec::new(),
        }
    }

    fn parameters(&self, headers: &HeaderMap, body: &[u8]) -> Parameters {
        let kind = headers.get("content-type").map_or("", |kind| kind.to_str().unwrap());
        let body = match kind {
            "application/x-www-form-urlencoded" => Body::Form(body),
            kind if kind.starts_with("application/json") && Scheme::of(headers).signs_body() => {
                Body::Json(body)
            }
            _ => Body::None,
        };
        Parameters::read(&self.raw_query, body).unwrap()
    }

    /// The code that the case is answered with, and the mismatch if it is one.
    fn run(&self) -> (&'static str, Option<Mismatch>) {
        let (headers, body) = (headers(&self.headers), self.body());
        let parameters = self.parameters(&headers, &body);
        let claim = match Claim::read(&headers, &parameters) {
            Ok(claim) => claim,
            Err(_) => return ("IncompleteSignature", None),
        };
        if let Some(caller) = claim.caller() {
            assert_eq!(caller.access_key_id, self.access_key_id, "{}", self.name);
            assert_eq!(caller.security_token, self.security_token.as_deref(), "{}", self.name);
        }
        let secret = self.access_key_secret.as_bytes();
        let outcome = match claim {
            Claim::Rpc(claim) => claim.verify(secret, &self.method),
            Claim::Acs3(claim) => claim.verify(
                secret,
                &acs3::Received {
                    method: &self.method,
                    path: &self.path,
                    query: &self.raw_query,
                    body: &body,
                },
            ),
            Claim::Unsupported(_) => return ("InvalidSignatureMethod", None),
            Claim::Bearer | Claim::Anonymous => return ("no signature", None),
        };
        match outcome {
            Ok(()) => ("ok", None),
            Err(mismatch) => ("SignatureDoesNotMatch", Some(mismatch)),
        }
    }

    fn expected(&self) -> &str {
        match self.name.as_str() {
            // A label that is not served is refused before anything is compared.
            "bad_scheme_label" => "InvalidSignatureMethod",
            _ if self.optional => "InvalidSignatureMethod",
            _ if self.valid => "ok",
            _ => self.expect_code.as_deref().unwrap(),
        }
    }
}

#[test]
fn every_vector_is_judged_as_it_should_be() {
    for (file, count) in [("rpc-v1.json", 135), ("acs3.json", 108)] {
        let cases = cases(file);
        assert_eq!(cases.len(), count);
        for case in cases {
            assert_eq!(case.run().0, case.expected(), "{file}: {}", case.name);
        }
    }
}

#[test]
fn a_mismatch_shows_what_the_client_signed() {
    for file in ["rpc-v1.json", "acs3.json"] {
        for mut case in cases(file) {
            let (Some(signed), "ok") = (case.string_to_sign.clone(), case.run().0) else {
                continue;
            };
            if case.name.contains("path_plus_star") {
                continue; // The client signed a rewritten path; the message shows the one received.
            }
            case.access_key_secret.push('x');
            let (_, mismatch) = case.run();
            let mismatch = mismatch.unwrap();
            assert_eq!(mismatch.string_to_sign(), signed, "{}", case.name);
            let message = mismatch.message();
            match &case.canonical_request {
                None => {
                    let (_, shown) = message.split_once(':').unwrap();
                    assert_eq!(shown, signed);
                    assert!(!shown.contains(':'));
                }
                Some(request) => {
                    let shown =
                        format!("server StringToSign is [{signed}] server CanonicalRequest is [{request}]");
                    assert!(message.ends_with(&shown), "{}", case.name);
                }
            }
        }
    }
}

#[test]
fn a_mismatch_tells_the_log_nothing() {
    let mut case = cases("rpc-v1.json").remove(0);
    case.access_key_secret.push('x');

    let mismatch = case.run().1.unwrap();

    assert_eq!(format!("{mismatch:?} {mismatch}"), "Mismatch(…) the signature does not match");
}

const CALLER: Caller<'static> = Caller {
    access_key_id: "STS.key",
    timestamp: "2026-01-15T08:30:00Z",
    nonce: Some("nonce"),
    security_token: Some("token+/="),
};

pub(super) fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The claim of a request without headers, or the error's text.
fn v1_outcome(pairs: &[(&str, &str)]) -> String {
    let parameters = Parameters::from_pairs(owned(pairs));
    outcome(&HeaderMap::new(), &parameters)
}

fn outcome(headers: &HeaderMap, parameters: &Parameters) -> String {
    match Claim::read(headers, parameters) {
        Ok(Claim::Rpc(_)) => "V1".to_owned(),
        Ok(Claim::Acs3(_)) => "V3".to_owned(),
        Ok(Claim::Bearer) => "bearer".to_owned(),
        Ok(Claim::Anonymous) => "anonymous".to_owned(),
        Ok(Claim::Unsupported(name)) => format!("unsupported {name}"),
        Err(incomplete) => incomplete.to_string(),
    }
}

#[test]
fn v1_is_told_by_its_parameters() {
    let (signed, key, time) = (("Signature", "x"), ("AccessKeyId", "k"), ("Timestamp", "t"));
    let method = ("SignatureMethod", "Hmac-SHA1");
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("Action", "A")], "anonymous"),
        (&[signed, key, time, method], "V1"),
        (&[signed, key, time, method, ("SignatureType", "")], "V1"),
        (&[signed, key, time, method, ("SignatureType", "PRIVATEKEY")], "unsupported PRIVATEKEY"),
        (&[signed, key, time, ("SignatureMethod", "HMAC-SHA256")], "unsupported HMAC-SHA256"),
        (&[signed, key, time], "SignatureMethod is missing"),
        (&[signed, key, method], "Timestamp is missing"),
        (&[signed, time, method], "AccessKeyId is missing"),
        (&[("Signature", ""), key, time, method], "Signature is missing"),
        (&[key], "Signature is missing"),
        (&[("SignatureNonce", "n")], "Signature is missing"),
        (&[("SignatureType", "BEARERTOKEN"), ("BearerToken", "b")], "bearer"),
    ];
    for (pairs, expected) in table {
        assert_eq!(v1_outcome(pairs), *expected, "{pairs:?}");
    }
}

#[test]
fn other_schemes_are_told_by_their_headers() {
    let none = Parameters::default();
    let whole = "ACS3-HMAC-SHA256 Credential=k,SignedHeaders=host,Signature=s";
    let dated = [("x-acs-date", "t"), ("x-acs-content-sha256", "h")];
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("authorization", "acs key:signature")], "unsupported acs"),
        (&[("authorization", "ACS4-HMAC-SHA256 x")], "unsupported ACS4-HMAC-SHA256"),
        (&[("authorization", "ACS3-RSA-SHA256 x")], "unsupported ACS3-RSA-SHA256"),
        (&[("authorization", "Basic x")], "unsupported Basic"),
        (&[("authorization", "")], "unsupported "),
        (&[("authorization", "Bearer x")], "bearer"),
        (&[("x-acs-bearer-token", "x"), ("x-acs-signature-nonce", "n")], "bearer"),
        (&[("x-acs-signature-nonce", "n")], "Authorization is missing"),
        (&[("x-acs-action", "A"), ("x-acs-version", "V")], "anonymous"),
        (&[("authorization", whole), dated[0], dated[1]], "V3"),
        (&[("authorization", whole), dated[0]], "x-acs-content-sha256 is missing"),
        (&[("authorization", whole), dated[1]], "x-acs-date is missing"),
        (
            &[
                ("authorization", whole),
                dated[0],
                dated[1],
                ("x-acs-signature-nonce", "a"),
                ("x-acs-signature-nonce", "b"),
            ],
            "x-acs-signature-nonce is given more than once",
        ),
        (&[("authorization", "ACS3-HMAC-SHA256")], "authorization is malformed"),
        (&[("authorization", "ACS3-HMAC-SHA256 Credential=k,Signature=s")], "authorization is malformed"),
        (
            &[
                ("authorization", "ACS3-HMAC-SHA256 Credential=k, SignedHeaders=host, Signature=s"),
                dated[0],
                dated[1],
            ],
            "V3",
        ),
    ];
    for (pairs, expected) in table {
        assert_eq!(outcome(&headers(&owned(pairs)), &none), *expected, "{pairs:?}");
    }
}

#[test]
fn a_header_has_no_say_where_the_action_is_a_parameter() {
    let headers = headers(&owned(&[("x-acs-action", "Header"), ("x-acs-version", "1")]));
    let call = |pairs: &[(&str, &str)]| {
        let parameters = Parameters::from_pairs(owned(pairs));
        let call = Call::read(&headers, &parameters);
        (call.action.map(str::to_owned), call.version.map(str::to_owned))
    };

    let by_parameter = call(&[("Action", "Parameter"), ("Version", "2")]);
    let signed_without = call(&[("Signature", "x")]);
    let by_header = call(&[("Format", "xml")]);

    assert_eq!(by_parameter, (Some("Parameter".to_owned()), Some("2".to_owned())));
    assert_eq!(signed_without, (None, None));
    assert_eq!(by_header, (Some("Header".to_owned()), Some("1".to_owned())));
}

/// A request signed by V3, and its headers.
fn v3<'a>(query: &'a str, body: &'a [u8]) -> (acs3::Received<'a>, Vec<(String, String)>) {
    let content = acs3::Received { method: "POST", path: "/", query, body };
    let request = acs3::Request {
        content,
        host: "127.0.0.1:8080",
        action: "CreateUsers",
        version: "2021-03-08",
        content_type: (!body.is_empty()).then_some("application/x-www-form-urlencoded"),
    };
    let headers = acs3::sign(&CALLER, b"secret", &request);
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    (content, headers)
}

fn v3_verifies(received: &acs3::Received<'_>, pairs: &[(String, String)]) -> bool {
    let (headers, none) = (headers(pairs), Parameters::default());
    match Claim::read(&headers, &none) {
        Ok(Claim::Acs3(claim)) => claim.verify(b"secret", received).is_ok(),
        _ => false,
    }
}

#[test]
fn headers_put_in_on_the_way_spoil_v3() {
    let (received, signed) = v3("A=1", b"");
    for (name, value) in [
        ("x-acs-bearer-token", "t"),
        ("content-type", "application/json"),
        ("x-acs-action", "RemoveUsers"),
        ("host", "elsewhere"),
    ] {
        let mut more = signed.clone();
        more.push((name.to_owned(), value.to_owned()));
        assert!(!v3_verifies(&received, &more), "{name}");
    }
    let mut unsigned = signed.clone();
    unsigned.push(("user-agent".to_owned(), "proxy".to_owned()));
    assert!(v3_verifies(&received, &unsigned));
}

#[test]
fn names_that_could_be_taken_for_values_are_compared_encoded() {
    // Signed: a=b&c=d. Sent: one parameter whose name is `a=b&c`.
    let (mut received, signed) = v3("a=b&c=d", b"");
    assert!(v3_verifies(&received, &signed));

    received.query = "a%3Db%26c=d";

    assert!(!v3_verifies(&received, &signed));
}

#[test]
fn secrets_are_the_same_only_if_all_of_them_is() {
    assert!(same(b"abc", b"abc"));
    assert!(!same(b"abc", b"abd"));
    assert!(!same(b"abc", b"ab"));
}

proptest! {
    #[test]
    fn what_v1_signs_verifies(pairs in prop::collection::vec((".{1,8}", ".{0,8}"), 0..6), get in any::<bool>()) {
        let method = if get { "GET" } else { "POST" };
        let mut given: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs {
            if given.iter().all(|(other, _)| *other != name) {
                given.push((name, value));
            }
        }
        let text = form(&rpc_v1::sign(&CALLER, b"secret", method, given));
        let body = if get { Body::None } else { Body::Form(text.as_bytes()) };
        let parameters = Parameters::read(if get { &text } else { "" }, body).unwrap();
        let headers = HeaderMap::new();
        let Ok(Claim::Rpc(claim)) = Claim::read(&headers, &parameters) else {
            return Err(TestCaseError::fail("not read as V1"));
        };
        prop_assert!(claim.verify(b"secret", method).is_ok());
        prop_assert!(claim.verify(b"other", method).is_err());
    }

    #[test]
    fn what_v3_signs_verifies(pairs in prop::collection::btree_map(".{1,8}", ".{0,8}", 0..6), body in prop::collection::vec(any::<u8>(), 0..32)) {
        let query = form(&pairs.into_iter().collect::<Vec<_>>());
        let (mut received, signed) = v3(&query, &body);
        prop_assert!(v3_verifies(&received, &signed));
        received.method = "GET";
        prop_assert!(!v3_verifies(&received, &signed));
    }

    #[test]
    fn no_header_makes_it_panic(authorization in "(ACS3-HMAC-SHA256 )?.{0,40}", query in ".{0,40}", body in prop::collection::vec(any::<u8>(), 0..32)) {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_bytes(authorization.as_bytes()) {
            headers.append("authorization", value);
        }
        headers.append("x-acs-date", HeaderValue::from_static("t"));
        headers.append("x-acs-content-sha256", HeaderValue::from_static("h"));
        if let Ok(parameters) = Parameters::read(&query, Body::Form(&body))
            && let Ok(Claim::Acs3(claim)) = Claim::read(&headers, &parameters)
        {
            let received = acs3::Received { method: "GET", path: &query, query: &query, body: &body };
            prop_assert!(claim.verify(b"secret", &received).is_err());
        }
    }
}
