//! What the declarations take and refuse.

use wire::Parameters;
use wire::rpc::{self, Undecodable};

use super::*;

/// Why a request with these parameters beside what is needed is refused.
fn fault(given: &[(&str, &str)]) -> Option<Undecodable> {
    let needed = [("RoleArn", "acs:ram::1:role/r"), ("RoleSessionName", "ci")];
    let needed = needed.into_iter().filter(|(name, _)| given.iter().all(|(other, _)| other != name));
    let pairs = needed.chain(given.iter().copied()).map(|(name, value)| (name.to_owned(), value.to_owned()));
    rpc::decode::<AssumeRole>(&Parameters::from_pairs(pairs.collect::<Vec<_>>())).err()
}

#[test]
fn texts_have_their_letters_and_lengths() {
    let long = |count| "a".repeat(count);
    for (name, text, fits) in [
        ("RoleArn", long(129).as_str(), false),
        ("RoleArn", &long(128), true),
        ("ExternalId", "ab_+=,.@:/-", true),
        ("ExternalId", "", true),
        ("ExternalId", "a", false),
        ("ExternalId", "a b", false),
        ("ExternalId", "李雷", false),
        ("ExternalId", &long(1_224), true),
        ("ExternalId", &long(1_225), false),
        ("SourceIdentity", "a@b", true),
        ("SourceIdentity", "a/b", false),
        ("SourceIdentity", &long(64), true),
        ("SourceIdentity", &long(65), false),
        ("DurationSeconds", "1", true),
        ("DurationSeconds", "1.5", false),
    ] {
        let expected = (!fits).then(|| Undecodable::Invalid(name.to_owned()));
        assert_eq!(fault(&[(name, text)]), expected, "{name} {text}");
    }
    for name in ["RoleArn", "RoleSessionName"] {
        assert_eq!(fault(&[(name, "")]), Some(Undecodable::Missing(name.to_owned())));
    }
}

#[test]
fn the_right_is_asked_for_on_the_role() {
    let request = AssumeRole { role_arn: "acs:ram::2:role/r".to_owned(), ..AssumeRole::default() };
    assert_eq!(request.resources(), [Resource::Arn("acs:ram::2:role/r".to_owned())]);
    assert!(AssumeRole::RIGHT.writes() && AssumeRole::RIGHT.is_asked());
    assert!(!GetCallerIdentity::RIGHT.is_asked());
}

#[test]
fn secrets_do_not_print() {
    let key = Credentials {
        access_key_id: "STS.x".to_owned(),
        access_key_secret: Password::new("hush-hush"),
        security_token: Password::new("hush-token"),
        expiration: String::new(),
    };
    assert!(!format!("{key:?}").contains("hush"));
}
