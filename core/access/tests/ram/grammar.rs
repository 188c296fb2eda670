//! What is told of documents that are wrong, and what is right although one might doubt it.

use access::ram::{Kind, Malformed, Policy, Trust};

/// What is told of a document.
fn told(parsed: Result<(), Malformed>) -> String {
    match parsed {
        Ok(()) => "understood".to_owned(),
        Err(malformed) => malformed.to_string(),
    }
}

fn policy(text: &str) -> String {
    told(Policy::parse(text, Kind::Identity).map(drop))
}

/// A policy of one statement, of `Effect`, `Action`, `Resource` and these elements.
fn with(elements: &str) -> String {
    policy(&format!(
        r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"ecd:*","Resource":"*"{elements}}}]}}"#
    ))
}

fn action(text: &str) -> String {
    policy(&format!(r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":{text},"Resource":"*"}}]}}"#))
}

fn resource(text: &str) -> String {
    policy(&format!(r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"*","Resource":{text}}}]}}"#))
}

fn condition(text: &str) -> String {
    with(&format!(r#","Condition":{text}"#))
}

fn trust(principal: &str) -> String {
    let text = format!(
        r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}]}}"#
    );
    told(Trust::parse(&text).map(drop))
}

#[test]
fn an_error_says_where_it_stands() {
    let second = r#"{"Version":"1","Statement":[
        {"Effect":"Deny","Action":"ecd:*","Resource":"*"},
        {"Effect":"Allow","Action":["ecd:*",5],"Resource":"*"}]}"#;
    let cases = [
        (policy("{"), "EOF while parsing an object at line 1 column 1"),
        (policy(r#"{"Version":"1","Statement":[]} x"#), "trailing characters at line 1 column 32"),
        (policy("[]"), "it must be an object and is an array"),
        (policy(r#"{"Statement":[]}"#), "Version is missing"),
        (policy(r#"{"Version":1,"Statement":[]}"#), r#"Version: it must be the text "1""#),
        (policy(r#"{"Version":"1","Statement":{}}"#), "Statement: it must be an array and is an object"),
        (policy(r#"{"Version":"1","Statement":[null]}"#), "Statement 1: it must be an object and is null"),
        (policy(r#"{"Version":"1","Statement":[],"Id":"x"}"#), r#"unknown element "Id""#),
        (policy(second), "Statement 2, Action 2: it must be text in quotes and is a number"),
        (with(r#","Sid":"x""#), r#"Statement 1: unknown element "Sid""#),
        (with(r#","Effect":"Deny""#), r#""Effect" stands twice in one object at line 1 column 86"#),
        (with(r#","NotAction":"x:y""#), "Statement 1, Action: it and NotAction exclude each other"),
        (with(r#","NotResource":"*""#), "Statement 1, Resource: it and NotResource exclude each other"),
        (with(r#","Principal":{}"#), "Statement 1, Principal: it belongs to the trust policies of roles"),
        (action("[]"), "Statement 1, Action: the array is empty"),
        (
            action(r#""DescribeUsers""#),
            r#"Statement 1, Action: "DescribeUsers" is not an action of a product or "*""#,
        ),
        (resource(r#"["*","a\nb"]"#), r#"Statement 1, Resource 2: "a\nb" is not an ARN or "*""#),
        (condition("[]"), "Statement 1, Condition: it must be an object and is an array"),
        (
            condition(r#"{"StringFoo":{"acs:SourceIp":"1"}}"#),
            r#"Statement 1, Condition: unknown operator "StringFoo""#,
        ),
        (condition(r#"{"Bool":{}}"#), "Statement 1, Condition, Bool: there is no key"),
        (
            condition(r#"{"Bool":{"acs:Foo":"true"}}"#),
            r#"Statement 1, Condition, Bool: unknown key "acs:Foo""#,
        ),
        (
            condition(r#"{"StringEquals":{"acs:SourceIp":"1","acs:SourceIP":"2"}}"#),
            r#"Statement 1, Condition, StringEquals: "acs:SourceIp" stands there twice, in two cases"#,
        ),
        (
            condition(r#"{"Bool":{"acs:SecureTransport":["true","yes"]}}"#),
            r#"Statement 1, Condition, Bool, "acs:SecureTransport" 2: "yes" is not "true" or "false""#,
        ),
        (
            condition(r#"{"IpAddress":{"acs:SourceIp":"10.0.0.0/33"}}"#),
            r#"Statement 1, Condition, IpAddress, "acs:SourceIp": "10.0.0.0/33" is not an address or a block of them"#,
        ),
        (trust(r#"{"Ram":"x"}"#), "Statement 1, Principal: RAM is missing"),
        (trust(r#"{"RAM":[],"Service":"x"}"#), "Statement 1, Principal, RAM: the array is empty"),
        (
            trust(r#"{"RAM":"*"}"#),
            r#"Statement 1, Principal, RAM: "*" is not the ARN of an account's root, user or role"#,
        ),
    ];
    for (told, expected) in cases {
        assert_eq!(told, expected);
    }
}

#[test]
fn of_the_document_only_short_pieces_are_told() {
    let long = "x".repeat(5_000);
    let told = with(&format!(r#","{long}":1"#));
    assert_eq!(told, format!("Statement 1: unknown element \"{}\"…", "x".repeat(64)));
}

#[test]
fn operators_and_keys_that_the_vendor_does_not_document_are_refused() {
    let operators = [
        "stringEquals",
        "StringEqualsIfExists",
        "Null",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringLike",
        "BinaryEquals",
        "ArnLike",
        "IpAddressIncludeBorder",
        "NotIpAddressIncludeBorder",
        "NotBool",
        "",
    ];
    for operator in operators {
        let told = condition(&format!(r#"{{"{operator}":{{"acs:SourceIp":"true"}}}}"#));
        assert_eq!(told, format!("Statement 1, Condition: unknown operator {operator:?}"));
    }
    let unknown = [
        "",
        "SourceIp",
        "acs:",
        "acs:SourceIps",
        "acs:ResourceTag/",
        "acs:RequestTag",
        ":x",
        "e c:x",
        "ecd:",
    ];
    // Misspelt, and of products that are not served: absent from each request, they would hold under any negation.
    let misspelt =
        ["asc:SourceIp", "acs-x:SourceIp", "oss:Prefix", "ram:SourceIp", "sts:ExternalIds", "roster:x"];
    for key in unknown.into_iter().chain(misspelt) {
        let told = condition(&format!(r#"{{"StringEquals":{{"{key}":"x"}}}}"#));
        assert_eq!(told, format!("Statement 1, Condition, StringEquals: unknown key {key:?}"));
    }
    for key in ["ecd:Key", "EIAM:key", "pds:k", "sts:ExternalId", "STS:sourceidentity"] {
        let document = format!(
            r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"StringEquals":{{"{key}":"x"}}}}}}]}}"#
        );
        assert!(Policy::parse(&document, Kind::Identity).is_ok(), "{key}");
    }
}

#[test]
fn a_value_that_its_operator_cannot_compare_with_is_refused() {
    let cases = [
        ("NumericEquals", "many"),
        ("NumericLessThan", "1e3"),
        ("DateLessThan", "2026-01-15"),
        ("DateEquals", "tomorrow"),
        ("NotIpAddress", "10.0.0"),
        ("Bool", ""),
    ];
    for (operator, value) in cases {
        let told = condition(&format!(r#"{{"{operator}":{{"ecd:Key":"{value}"}}}}"#));
        let expected = format!(r#"Statement 1, Condition, {operator}, "ecd:Key": {value:?} is not "#);
        assert!(told.starts_with(&expected), "{told}");
    }
}

#[test]
fn actions_resources_and_principals_have_a_shape() {
    for text in
        [r#""*""#, r#""*:*""#, r#""*:List*""#, r#""ecd:Describe.*""#, r#"["oss:GetObject","a-b:C_d/e"]"#]
    {
        assert_eq!(action(text), "understood", "{text}");
    }
    for text in
        [r#""**""#, r#"":x""#, r#""ecd:""#, r#""ecd""#, r#""ecd:a b""#, r#""ecd:é""#, r#""e d:a""#, r#""""#]
    {
        assert_ne!(action(text), "understood", "{text}");
    }
    let arns = [
        "*",
        "acs:eiam:*",
        "acs:*",
        "acs:ram::1234:user/名",
        "acs:oss:*:*:a b",
        "acs:ecd:::x",
        "acs:e?:?::x:y",
    ];
    for text in arns {
        assert_eq!(resource(&format!("{text:?}")), "understood", "{text}");
    }
    for text in
        ["", "**", "acs", "acs:", "acs:eiam", "acs::*", "acs:ecd:::", "ACS:ecd:*", "arn:aws:*", "*:ecd:::x"]
    {
        assert_ne!(resource(&format!("{text:?}")), "understood", "{text:?}");
    }
    for text in ["acs:ram::1:root", "acs:ram::1234:user/a.b-c_d@e", "acs:ram::1234:role/R"] {
        assert_eq!(trust(&format!(r#"{{"RAM":"{text}"}}"#)), "understood", "{text}");
    }
    let others = [
        "1234",
        "acs:ram::1234:*",
        "acs:ram::*:root",
        "acs:ram:::root",
        "acs:ram::1234:user/",
        "acs:ram::1234:user/a*",
        "acs:ram::1234:group/a",
        "acs:ram::1234:role/a/session",
        "acs:ram:cn-hangzhou:1234:root",
    ];
    for text in others {
        assert_ne!(trust(&format!(r#"{{"RAM":"{text}"}}"#)), "understood", "{text}");
    }
    for text in [r#"{"Service":"ecs.aliyuncs.com"}"#, r#"{"Federated":["acs:ram::1234:saml-provider/x"]}"#] {
        assert_eq!(trust(text), "understood", "{text}");
    }
}

#[test]
fn what_is_looked_for_everywhere_is_short_where_it_has_a_question_mark() {
    let [fits, long] = [63, 64].map(|most| format!("?{}", "名".repeat(most)));
    for text in [
        format!("acs:*{fits}*"),
        format!("acs:*{long}"),
        format!("acs:{long}*"),
        format!("acs:*{}*", &long[1..]),
    ] {
        assert_eq!(resource(&format!("{text:?}")), "understood", "{text}");
        assert_eq!(condition(&format!(r#"{{"StringLike":{{"ecd:x":{text:?}}}}}"#)), "understood", "{text}");
    }
    let told = |place: &str, text: &str| {
        let short: String = text.chars().take(64).collect();
        format!("Statement 1, {place}: {short:?}… has a ? among more than 64 characters between two *")
    };
    let text = format!("acs:*{long}*x");
    assert_eq!(resource(&format!(r#"["*","{text}"]"#)), told("Resource 2", &text));
    let written = format!(r#"{{"StringNotLike":{{"ecd:x":"{text}"}}}}"#);
    assert_eq!(condition(&written), told(r#"Condition, StringNotLike, "ecd:x""#, &text));
    let text = format!("ecd:*?{}*", "a".repeat(64));
    assert_eq!(action(&format!("{text:?}")), told("Action", &text));
}

#[test]
fn a_trust_policy_names_no_resource() {
    let text = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*",
        "Principal":{"RAM":"acs:ram::1:root"}}]}"#;
    assert_eq!(told(Trust::parse(text).map(drop)), r#"Statement 1: unknown element "Resource""#);
}

#[test]
fn characters_count_and_not_bytes() {
    let filled = |most: usize| {
        let text = |filling: usize| format!(r#"{{"Version":"1","Statement":[]{}}}"#, " ".repeat(filling));
        text(most - text(0).len())
    };
    for (kind, most) in [(Kind::Identity, 6_144), (Kind::Session, 2_048)] {
        assert!(Policy::parse(&filled(most), kind).is_ok());
        let parsed = Policy::parse(&filled(most + 1), kind).map(drop);
        assert_eq!(parsed, Err(Malformed::TooLong { most }));
    }
    assert_eq!(resource(&format!(r#""acs:ram:::{}""#, "名".repeat(6_000))), "understood");
}

#[test]
fn what_is_nested_deeply_is_refused_and_breaks_nothing() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let told = policy(&format!("{}1{}", open.repeat(1_000), close.repeat(1_000)));
        assert!(told.starts_with("recursion limit exceeded"), "{told}");
    }
}
