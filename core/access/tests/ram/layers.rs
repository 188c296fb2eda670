//! Who decides, of several statements, policies, layers and resources.

use std::sync::Arc;

use access::ram::{
    Ask, By, Grants, Keys, Kind, Layer, Named, Policy, PolicyName, Refusal, Trust, Verdict, decide,
    decide_somewhere, system,
};
use model::Millis;

fn keys() -> Keys {
    Keys {
        now: Millis(1_768_465_800_000),
        source: None,
        secure: true,
        mfa: None,
        principal: "acs:ram::1234:user/alice".to_owned(),
        more: Vec::new(),
    }
}

/// A policy of one statement each: its effect, action and resource.
fn policy(statements: &[[&str; 3]]) -> Arc<Policy> {
    let statement = |[effect, action, resource]: &[&str; 3]| {
        format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}"#)
    };
    let statements: Vec<String> = statements.iter().map(statement).collect();
    let text = format!(r#"{{"Version":"1","Statement":[{}]}}"#, statements.join(","));
    Arc::new(Policy::parse(&text, Kind::Session).expect("a policy"))
}

fn named(name: &str, policy: &Arc<Policy>) -> Named {
    Named { name: PolicyName::Custom(name.to_owned()), policy: Arc::clone(policy) }
}

fn by(policy: &str, statement: usize) -> By {
    By { policy: Some(PolicyName::Custom(policy.to_owned())), statement }
}

fn refused(layer: Layer, by: Option<By>, resource: &str) -> Verdict {
    Verdict::Denied(Refusal { layer, by, resource: resource.to_owned() })
}

const A: &str = "acs:eiam:*:1234:instance/a";
const B: &str = "acs:eiam:*:1234:instance/b";

/// What is decided of `eiam:GetUser` on these resources.
fn decided(grants: &[Named], session: Option<&Policy>, resources: &[&str]) -> Verdict {
    let resources: Vec<String> = resources.iter().map(|resource| (*resource).to_owned()).collect();
    let ask = Ask { action: "eiam:GetUser", resources: &resources, keys: &keys() };
    decide(&Grants(grants.to_vec()), session, &ask)
}

#[test]
fn the_statement_that_decided_is_told() {
    let readers = policy(&[["Allow", "eiam:List*", "*"], ["Allow", "eiam:Get*", "*"]]);
    let no_b = policy(&[["Deny", "*", B]]);
    let grants = [named("readers", &readers), named("no-b", &no_b)];

    assert_eq!(decided(&grants, None, &[A]), Verdict::Allowed(by("readers", 2)));
    assert_eq!(decided(&grants, None, &[B]), refused(Layer::Identity, Some(by("no-b", 1)), B));
    assert_eq!(decided(&[], None, &[A]), refused(Layer::Identity, None, A));
}

#[test]
fn every_resource_must_be_allowed() {
    let only_a = policy(&[["Allow", "*", A]]);
    let only_b = policy(&[["Allow", "*", B]]);
    let (a, b) = (named("a", &only_a), named("b", &only_b));

    assert_eq!(decided(std::slice::from_ref(&a), None, &[A, B]), refused(Layer::Identity, None, B));
    assert_eq!(decided(&[a.clone(), b.clone()], None, &[B, A]), Verdict::Allowed(by("b", 1)));
    assert_eq!(decided(&[a, b], None, &[]), refused(Layer::Identity, None, "*"));
}

/// Values of `StringLike` that are long looked for in many `a`, and not found.
fn slow_values() -> String {
    let value = |n: usize| format!(r#""*{}?b{n:02}*""#, "a".repeat(58));
    (0..25).map(value).collect::<Vec<_>>().join(",")
}

/// `keys`, with so many `a` as `ecd:x` and as `sts:ExternalId`.
fn with_text(length: usize) -> Keys {
    let text = "a".repeat(length);
    Keys { more: ["ecd:x", "sts:ExternalId"].map(|key| (key.to_owned(), text.clone())).into(), ..keys() }
}

/// The policy whose statement refuses it.
fn refusing(verdict: Verdict) -> Option<PolicyName> {
    match verdict {
        Verdict::Denied(refusal) => refusal.by.and_then(|by| by.policy),
        Verdict::Allowed(by) => panic!("{by:?} allows it"),
    }
}

#[test]
fn what_takes_too_long_to_compare_is_refused() {
    let all = policy(&[["Allow", "*", "*"]]);
    let slow = format!("acs:*{}?b*", "a".repeat(60));
    let slow = policy(&[["Deny", "*", slow.as_str()]; 4]);
    let resource = |n: usize| format!("acs:eiam::1:{}{n}", "a".repeat(990));
    let resources: Vec<String> = (0..100).map(resource).collect();
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let grants = [named("all", &all), named("slow", &slow)];

    assert_eq!(decided(&grants, None, &resources[..5]), Verdict::Allowed(by("all", 1)));
    assert_eq!(
        refusing(decided(&grants, None, &resources[..20])),
        Some(PolicyName::Custom("slow".to_owned()))
    );
}

#[test]
fn many_resources_of_a_long_policy_are_decided() {
    let arn = |n: usize| format!(r#""acs:eiam:*:1234:instance/idaas_{n:08}/*""#);
    let arns = (0..120).map(arn).collect::<Vec<_>>().join(",");
    let text = format!(
        r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"eiam:*","Resource":[{arns}]}}]}}"#
    );
    let long = Arc::new(Policy::parse(&text, Kind::Identity).expect("a policy"));
    let resources: Vec<String> =
        (20..120).map(|n| format!("acs:eiam:cn-hangzhou:1234:instance/idaas_{n:08}/user/user_{n}")).collect();
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    assert_eq!(decided(&[named("long", &long)], None, &resources), Verdict::Allowed(by("long", 1)));
}

#[test]
fn conditions_that_take_too_long_are_refused() {
    let slow = format!(
        r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},
        {{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"StringLike":{{"ecd:x":[{}]}}}}}}]}}"#,
        slow_values()
    );
    let slow = Arc::new(Policy::parse(&slow, Kind::Identity).expect("a policy"));
    let grants = Grants(vec![named("slow", &slow)]);
    let decided = |length: usize| {
        let (keys, resources) = (with_text(length), ["*".to_owned(), "*".to_owned()]);
        decide(&grants, None, &Ask { action: "ecd:DescribeUsers", resources: &resources, keys: &keys })
    };
    assert_eq!(decided(1_000), Verdict::Allowed(by("slow", 1)));
    assert_eq!(decided(2_048), refused(Layer::Identity, Some(by("slow", 2)), "*"));
}

#[test]
fn a_trust_policy_that_takes_too_long_trusts_nobody() {
    let statement = |effect: &str, operator: &str| {
        format!(
            r#"{{"Version":"1","Statement":[{{"Effect":"{effect}","Action":"sts:AssumeRole",
            "Principal":{{"RAM":"acs:ram::1234:root"}},
            "Condition":{{"{operator}":{{"sts:ExternalId":[{}]}}}}}}]}}"#,
            slow_values()
        )
    };
    let trusts = |text: &str, length: usize| {
        let keys = with_text(length);
        let ask = Ask { action: "sts:AssumeRole", resources: &[], keys: &keys };
        Trust::parse(text).expect("a trust policy").trusts(&ask)
    };
    let allow = statement("Allow", "StringNotLike");
    assert_eq!(trusts(&allow, 1_000), Verdict::Allowed(By { policy: None, statement: 1 }));
    assert_eq!(trusts(&allow, 2_048), refused(Layer::Trust, None, "*"));
    let deny = statement("Deny", "StringLike");
    assert_eq!(trusts(&deny, 1_000), refused(Layer::Trust, None, "*"));
    let by = Some(By { policy: None, statement: 1 });
    assert_eq!(trusts(&deny, 2_048), refused(Layer::Trust, by, "*"));
}

#[test]
fn what_may_be_done_somewhere_is_known_without_a_resource() {
    let one = policy(&[["Allow", "eiam:*", A]]);
    let no_b = policy(&[["Allow", "eiam:*", "*"], ["Deny", "eiam:*", B]]);
    let nowhere = policy(&[["Allow", "eiam:*", A], ["Deny", "eiam:Get*", "*"]]);
    let other = policy(&[["Allow", "ecd:*", "*"]]);
    let but_a = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"*","NotResource":"acs:eiam:*:1234:instance/a"}]}"#;
    let but_a = Arc::new(Policy::parse(but_a, Kind::Session).expect("a policy"));
    let somewhere = |grants: &Arc<Policy>, session: Option<&Policy>| {
        decide_somewhere(&Grants(vec![named("own", grants)]), session, "eiam:GetUser", &keys())
    };

    assert_eq!(somewhere(&one, None), Verdict::Allowed(by("own", 1)));
    assert_eq!(somewhere(&no_b, None), Verdict::Allowed(by("own", 1)));
    assert_eq!(somewhere(&but_a, None), Verdict::Allowed(by("own", 1)));
    assert_eq!(somewhere(&nowhere, None), refused(Layer::Identity, Some(by("own", 2)), "*"));
    assert_eq!(somewhere(&other, None), refused(Layer::Identity, None, "*"));
    assert_eq!(somewhere(&one, Some(&other)), refused(Layer::Session, None, "*"));
    assert_eq!(somewhere(&one, Some(&one)), Verdict::Allowed(by("own", 1)));
}

#[test]
fn a_deny_is_told_before_what_is_missing() {
    let all = policy(&[["Allow", "*", "*"]]);
    let only_a = policy(&[["Allow", "*", A]]);
    let no_b = policy(&[["Allow", "*", A], ["Deny", "*", B]]);
    let nothing = policy(&[]);

    let session = |session: &Arc<Policy>, grants: &Arc<Policy>, resources: &[&str]| {
        decided(&[named("grants", grants)], Some(session), resources)
    };
    let of_session = |statement| Some(By { policy: None, statement });
    // Nothing in the session allows it, but the identity layer denies it.
    assert_eq!(session(&nothing, &no_b, &[A, B]), refused(Layer::Identity, Some(by("grants", 2)), B));
    assert_eq!(session(&no_b, &nothing, &[A, B]), refused(Layer::Session, of_session(2), B));
    assert_eq!(session(&no_b, &no_b, &[A, B]), refused(Layer::Session, of_session(2), B));
    assert_eq!(session(&nothing, &nothing, &[A, B]), refused(Layer::Session, None, A));
    assert_eq!(session(&only_a, &all, &[A, B]), refused(Layer::Session, None, B));
    assert_eq!(session(&all, &only_a, &[A, B]), refused(Layer::Identity, None, B));
    assert_eq!(session(&all, &only_a, &[A]), Verdict::Allowed(by("grants", 1)));
}

#[test]
fn a_trust_policy_is_about_the_caller() {
    let trusts = |statements: &str, caller: &str| {
        let text = format!(r#"{{"Version":"1","Statement":[{statements}]}}"#);
        let trust = Trust::parse(&text).unwrap();
        let keys = Keys { principal: caller.to_owned(), ..keys() };
        let resources = ["acs:ram:*:1234:role/reader".to_owned()];
        trust.trusts(&Ask { action: "sts:AssumeRole", resources: &resources, keys: &keys })
    };
    let statement = |effect: &str, principal: &str| {
        format!(r#"{{"Effect":"{effect}","Action":"sts:AssumeRole","Principal":{principal}}}"#)
    };
    let [alice, bob, reader] =
        ["user/alice", "user/bob", "role/reader"].map(|name| format!("acs:ram::1234:{name}"));
    let allowed = |statement| Verdict::Allowed(By { policy: None, statement });
    let denied = |statement: Option<usize>| {
        let by = statement.map(|statement| By { policy: None, statement });
        refused(Layer::Trust, by, "acs:ram:*:1234:role/reader")
    };

    let account = statement("Allow", r#"{"RAM":["acs:ram::1234:root"]}"#);
    for caller in [&alice, &reader, "acs:ram::1234:root"] {
        assert_eq!(trusts(&account, caller), allowed(1), "{caller}");
    }
    for caller in ["acs:ram::12345:user/alice", "acs:ram::123:root", "", "acs:ram::1234"] {
        assert_eq!(trusts(&account, caller), denied(None), "{caller}");
    }

    let one = statement("Allow", r#"{"RAM":["acs:ram::1234:role/reader","acs:ram::1234:user/Alice"]}"#);
    assert_eq!(trusts(&one, &alice), allowed(1), "names are unique whatever their case");
    assert_eq!(trusts(&one, &reader), allowed(1));
    assert_eq!(trusts(&one, &bob), denied(None));

    let but_bob = format!("{account},{}", statement("Deny", r#"{"RAM":"acs:ram::1234:user/bob"}"#));
    assert_eq!(trusts(&but_bob, &alice), allowed(1));
    assert_eq!(trusts(&but_bob, &bob), denied(Some(2)));

    let a_service = statement("Allow", r#"{"Service":"ecs.aliyuncs.com"}"#);
    assert_eq!(trusts(&a_service, "ecs.aliyuncs.com"), denied(None), "there are no services here");
    assert_eq!(trusts("", &alice), denied(None));
}

#[test]
fn a_trust_policy_may_have_conditions() {
    let text = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"RAM":"acs:ram::1234:root"},"Condition":{"StringEquals":{"sts:ExternalId":"x"}}}]}"#;
    let trust = Trust::parse(text).unwrap();
    for (given, is_trusted) in [(Some("x"), true), (Some("y"), false), (None, false)] {
        let more = given.map(|id| ("sts:ExternalId".to_owned(), id.to_owned())).into_iter().collect();
        let keys = Keys { more, ..keys() };
        let verdict = trust.trusts(&Ask { action: "sts:AssumeRole", resources: &[], keys: &keys });
        assert_eq!(matches!(verdict, Verdict::Allowed(_)), is_trusted, "{given:?}");
    }
}

#[test]
fn what_the_request_is_cannot_be_said_otherwise() {
    let text = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"IpAddress":{"acs:SourceIp":"10.0.0.0/8"}}}]}"#;
    let policy = Arc::new(Policy::parse(text, Kind::Identity).unwrap());
    let grants = Grants(vec![named("near", &policy)]);
    let keys = Keys { more: vec![("acs:SourceIp".to_owned(), "10.0.0.1".to_owned())], ..keys() };
    let verdict = decide(&grants, None, &Ask { action: "ecd:DescribeUsers", resources: &[], keys: &keys });
    assert_eq!(verdict, refused(Layer::Identity, None, "*"));
}

/// Which of these actions the system policy allows, on any resource.
fn allowed_by<'a>(name: &str, actions: &[&'a str]) -> Vec<&'a str> {
    let grants = Grants(vec![system::find(name).expect("there is one").named()]);
    let keys = keys();
    let is_allowed = |action: &&str| {
        let ask = Ask { action, resources: &[], keys: &keys };
        matches!(decide(&grants, None, &ask), Verdict::Allowed(_))
    };
    actions.iter().copied().filter(is_allowed).collect()
}

#[test]
fn system_policies_allow_what_their_names_say() {
    const READS: [&str; 11] = [
        "ecd:DescribeUsers",
        "ecd:ListProperty",
        "ecd:GetUsersCount",
        "ecd:FilterUsers",
        "ecd:CheckUsedPropertyValue",
        "eiam:GetUser",
        "eiam:ListUsers",
        "pds:GetUser",
        "pds:ListUser",
        "ram:GetUser",
        "ram:ListUsers",
    ];
    const WRITES: [&str; 9] = [
        "ecd:CreateUsers",
        "ecd:GetManagerInfoByAuthCode",
        "eiam:CreateUser",
        "eiam:UpdateUserPassword",
        "pds:CreateUser",
        "pds:LinkAccount",
        "pds:Token",
        "ram:CreateAccessKey",
        "sts:AssumeRole",
    ];
    let all = [&READS[..], &WRITES].concat();
    for system in system::all() {
        let code = |action: &&str| action.split(':').next().unwrap().to_owned();
        let product = system.name.trim_start_matches("Aliyun").trim_end_matches("ReadOnlyAccess");
        let product = product.trim_end_matches("FullAccess").to_ascii_lowercase();
        let of_product = |actions: &[&'static str]| -> Vec<&str> {
            actions.iter().copied().filter(|action| code(action) == product).collect()
        };
        let expected = match system.name {
            "AdministratorAccess" => all.clone(),
            "AliyunSTSAssumeRoleAccess" => vec!["sts:AssumeRole"],
            name if name.ends_with("ReadOnlyAccess") => of_product(&READS),
            _ => of_product(&all),
        };
        assert_eq!(allowed_by(system.name, &all), expected, "{}", system.name);
    }
}

#[test]
fn a_system_policy_is_found_whatever_the_case_of_its_name() {
    let found = system::find("aliyunecdfullaccess").unwrap().named();
    assert_eq!(found.name, PolicyName::System("AliyunECDFullAccess"));
    assert!(system::find("AliyunECD").is_none());
    assert!(system::all().is_sorted_by_key(|system| system.name));
}
