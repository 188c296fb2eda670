//! All cases of `reference/vectors/ram-policy.json` and `ram-policy-invalid.json`, by the program and by the slow
//! evaluator.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::ram::{Ask, Grants, Keys, Kind, Malformed, Named, Policy, PolicyName, Refusal, Verdict, decide};
use model::Millis;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::reference;

#[derive(Deserialize)]
struct Decision {
    name: String,
    policies: Vec<Value>,
    #[serde(default)]
    session_policies: Vec<Value>,
    request: Request,
    expect: String,
}

#[derive(Deserialize)]
struct Request {
    action: String,
    resource: String,
    context: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Invalid {
    name: String,
    document: String,
    code_ram: String,
}

fn cases<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let path = format!("{}/../../reference/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the vectors lie beside the sources");
    serde_json::from_str(&text).expect("the vectors are of this shape")
}

impl Request {
    /// The request's keys, each where the program has it.
    fn keys(&self) -> Keys {
        let mut context = self.context.clone();
        let now = context.remove("acs:CurrentTime");
        let source = context.remove("acs:SourceIp");
        let secure = context.remove("acs:SecureTransport");
        let mfa = context.remove("acs:MFAPresent");
        Keys {
            now: now.map_or(Millis(0), |text| Millis::from_iso_8601(&text).expect("a time")),
            source: source.map(|text| text.parse().expect("an address")),
            secure: secure.is_some_and(|text| text == "true"),
            mfa: mfa.map(|text| text == "true"),
            principal: context.remove("acs:PrincipalARN").unwrap_or_default(),
            more: context.into_iter().collect(),
        }
    }
}

/// A verdict in the vectors' words.
fn told(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed(_) => "allow",
        Verdict::Denied(Refusal { by: Some(_), .. }) => "deny",
        Verdict::Denied(Refusal { by: None, .. }) => "implicit_deny",
    }
}

#[test]
fn every_decision_of_the_vectors() {
    let cases: Vec<Decision> = cases("ram-policy.json");
    assert_eq!(cases.len(), 137);
    for case in cases {
        let name = |number: usize| PolicyName::Custom(format!("p{number}"));
        let parse = |document: &Value, kind| Policy::parse(&document.to_string(), kind).expect(&case.name);
        let named = |(number, document)| Named {
            name: name(number),
            policy: Arc::new(parse(document, Kind::Identity)),
        };
        let grants = Grants(case.policies.iter().enumerate().map(named).collect());
        let session = case.session_policies.first();
        assert!(case.session_policies.len() < 2, "{}: a session has one policy", case.name);
        let keys = case.request.keys();
        let resources = [case.request.resource.clone()];
        let ask = Ask { action: &case.request.action, resources: &resources, keys: &keys };

        let verdict = decide(&grants, session.map(|one| parse(one, Kind::Session)).as_ref(), &ask);

        assert_eq!(told(&verdict), case.expect, "{}", case.name);
        let documents: Vec<_> =
            case.policies.iter().enumerate().map(|(at, document)| (name(at), document.clone())).collect();
        assert_eq!(reference::decide(&documents, session, &ask), verdict, "{}", case.name);
    }
}

#[test]
fn every_malformed_document_of_the_vectors() {
    let cases: Vec<Invalid> = cases("ram-policy-invalid.json");
    assert_eq!(cases.len(), 25);
    for case in cases {
        let code = match Policy::parse(&case.document, Kind::Identity).expect_err(&case.name) {
            Malformed::TooLong { most: 6_144 } => "InvalidParameter.PolicyDocument.Length",
            Malformed::TooLong { .. } => "another length",
            Malformed::Grammar { .. } => "MalformedPolicyDocument",
        };
        assert_eq!(code, case.code_ram, "{}", case.name);
        assert_eq!(reference::policy(&case.document, 6_144), None, "{}", case.name);
    }
}
