//! Tokens and assertions, genuine and forged, without a directory.

use std::sync::OnceLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use model::{AccountUid, Millis, Number};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::apps::App;
use crate::assertions::{self, Assertion, Subject, Unbelieved};
use crate::jwt::{self, Checker, NotAKey, Unproved};

const NOW: Millis = Millis(1_768_465_800_000);
const DOMAIN: &str = "rs445412966400677";

/// A key pair of the app, and another one.
fn pairs() -> &'static [KeyPair; 2] {
    static PAIRS: OnceLock<[KeyPair; 2]> = OnceLock::new();
    PAIRS.get_or_init(|| [pair(), pair()])
}

fn pair() -> KeyPair {
    KeyPair::generate(KeySize::Rsa2048).expect("a key can be made")
}

fn pem(pair: &KeyPair) -> String {
    jwt::to_pem(pair.public_key().as_der().expect("it has a text").as_ref())
}

fn app() -> App {
    App {
        id: "aB3dE5gH7jK9mN1p".to_owned(),
        account: AccountUid(1),
        name: "App".to_owned(),
        redirect_uri: String::new(),
        created: Millis(0),
        public_key: pem(&pairs()[0]),
        secret: String::new(),
    }
}

fn claims() -> Value {
    let at = NOW.0 / 1_000;
    json!({
        "iss": app().id, "sub": "alice", "sub_type": "user", "aud": DOMAIN,
        "jti": "0.4f8a1c9d2e", "exp": at + 300, "iat": at - 300,
    })
}

/// The claims, but for one of them; null takes it away.
fn but(name: &str, value: Value) -> Value {
    let mut claims = claims();
    let all = claims.as_object_mut().expect("an object");
    if value.is_null() {
        all.remove(name)
    } else {
        all.insert(name.to_owned(), value)
    };
    claims
}

fn signed(claims: &Value) -> String {
    jwt::sign(&pairs()[0], "", claims)
}

fn read(assertion: &str) -> Result<Assertion, Unbelieved> {
    assertions::read(&app(), assertion, NOW)
}

/// A token with this header, signed by HMAC with `key`.
fn with_header(header: &Value, claims: &Value, key: &[u8]) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(format!("{header}.{claims}").as_bytes());
    format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[test]
fn an_assertion_asks_for_a_user_or_for_the_app_itself() {
    let user = read(&signed(&claims())).expect("it is good");
    assert_eq!(user.subject, Subject::User { id: "alice".to_owned(), auto_create: false });
    assert_eq!(user.domain(), Some(Number(445_412_966_400_677)));
    for text in ["rs01", "rs+1", "rs", "1", "", "RS1"] {
        let other = read(&signed(&but("aud", json!(text)))).expect("its app has signed it");
        assert_eq!(other.domain(), None, "{text}");
    }

    let created = read(&signed(&but("auto_create", json!(true)))).expect("it is good");
    assert_eq!(created.subject, Subject::User { id: "alice".to_owned(), auto_create: true });

    let mut service = but("sub_type", json!("service"));
    service["sub"] = json!(DOMAIN);
    assert_eq!(read(&signed(&service)).expect("it is good").subject, Subject::Service);
}

#[test]
fn an_assertion_is_refused_for_each_wrong_claim() {
    let at = NOW.0 / 1_000;
    use Unbelieved::{Claims, Issuer, Mark, Subject, Time};
    let wrong = [
        ("iss", json!("another"), Issuer),
        ("iss", Value::Null, Claims),
        ("sub", Value::Null, Claims),
        ("sub", json!(7), Claims),
        ("sub", json!(""), Subject),
        ("sub_type", json!("admin"), Subject),
        ("sub_type", json!("service"), Subject),
        ("sub_type", Value::Null, Claims),
        ("aud", Value::Null, Claims),
        ("aud", json!([DOMAIN]), Claims),
        ("jti", Value::Null, Claims),
        ("jti", json!(""), Mark),
        ("jti", json!("a".repeat(129)), Mark),
        ("exp", Value::Null, Claims),
        ("exp", json!("soon"), Claims),
        ("exp", json!(at - 61), Time),
        ("exp", json!(at + 15 * 60 + 61), Time),
        ("exp", json!(i64::MAX), Time),
        ("exp", json!(1e300), Claims),
        ("iat", json!(at + 61), Time),
        ("nbf", json!(at + 61), Time),
        ("auto_create", json!("yes"), Claims),
    ];
    for (name, value, expected) in wrong {
        assert_eq!(read(&signed(&but(name, value.clone()))), Err(expected), "{name} {value}");
    }
}

#[test]
fn clocks_may_differ_by_a_minute() {
    let at = NOW.0 / 1_000;
    let right = [
        ("exp", json!(at - 59)),
        ("exp", json!(at + 15 * 60 + 59)),
        ("exp", json!(at as f64 + 60.5)),
        ("iat", json!(at + 59)),
        ("iat", Value::Null),
        ("nbf", json!(at + 59)),
        ("jti", json!("a".repeat(128))),
        ("jti", json!("x")),
    ];
    for (name, value) in right {
        assert!(read(&signed(&but(name, value.clone()))).is_ok(), "{name} {value}");
    }
}

#[test]
fn an_assertion_is_signed_by_its_app_and_by_rsa() {
    let good = signed(&claims());
    let public = app().public_key;
    let der = jwt::public_key(&public).expect("it was just written");
    let foreign = jwt::sign(&pairs()[1], "", &claims());
    let mut forged = vec![foreign, String::new(), "..".to_owned(), "a.b.c".to_owned(), format!("{good}.")];
    for alg in ["none", "None", "HS256", "RS384", "RS512", "PS256", "ES256", ""] {
        let header = json!({ "alg": alg, "typ": "JWT" });
        forged.push(with_header(&header, &claims(), public.as_bytes()));
        forged.push(with_header(&header, &claims(), &der));
        let unsigned = with_header(&header, &claims(), b"");
        forged.push(unsigned[..=unsigned.rfind('.').expect("two dots")].to_owned());
    }
    // The genuine signature under another header, or with extensions that nobody understands.
    let (head, rest) = good.split_once('.').expect("two dots");
    for header in [json!({"alg": "none"}), json!({"alg": "RS256", "crit": ["exp"]}), json!({})] {
        forged.push(format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string())));
    }
    // The genuine signature over other claims.
    let (_, signature) = rest.split_once('.').expect("two dots");
    let other = URL_SAFE_NO_PAD.encode(but("sub", json!("superadmin")).to_string());
    forged.push(format!("{head}.{other}.{signature}"));
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        forged.push(String::from_utf8(bytes).expect("ASCII"));
    }
    forged.push("A".repeat(100_000));

    for token in forged {
        assert_eq!(read(&token), Err(Unbelieved::Unsigned), "{token}");
    }
    assert!(read(&good).is_ok());
}

#[test]
fn tokens_name_their_key() {
    let token = jwt::sign(&pairs()[0], "one", &json!({ "userId": "alice" }));
    let unproved = Unproved::read(&token).expect("it is one");
    assert_eq!(unproved.key.as_deref(), Some("one"));
    let claims =
        |pair: &KeyPair| unproved.proved(&Checker::from_pem(&pem(pair)).expect("a key"))?.claims::<Value>();
    assert_eq!(claims(&pairs()[0]).expect("its key")["userId"], "alice");
    assert!(claims(&pairs()[1]).is_none());
}

#[test]
fn public_keys_are_rsa_of_2048_bits_or_more() {
    let pem = pem(&pairs()[0]);
    let pkcs1 = base64::engine::general_purpose::STANDARD.encode(pairs()[0].public_key().as_ref());
    let pkcs1 = format!("-----BEGIN RSA PUBLIC KEY-----\n{pkcs1}\n-----END RSA PUBLIC KEY-----");
    let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    let small = include_str!("token_tests_1024.pem");
    let elliptic = include_str!("token_tests_p256.pem");
    let framed = format!("of our app:\r\n{}", pem.replace('\n', "\r\n"));

    let read = |pem: &str| jwt::public_key(pem).map(|der| jwt::to_pem(&der));
    for text in [pem.as_str(), &pkcs1, &framed] {
        assert_eq!(read(text), Ok(pem.clone()), "{text}");
    }
    for (text, expected) in [
        (private, NotAKey::Private),
        (small, NotAKey::Size),
        (elliptic, NotAKey::NotRsa),
        ("", NotAKey::NotPem),
        ("-----BEGIN PUBLIC KEY-----\n*\n-----END PUBLIC KEY-----", NotAKey::NotPem),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", NotAKey::NotRsa),
        ("-----BEGIN PUBLIC KEY-----\nAAAA", NotAKey::NotPem),
    ] {
        assert_eq!(read(text), Err(expected), "{text}");
    }
}
