//! What the declarations take and refuse.

use model::Resource;
use wire::rpc::{self, Undecodable};
use wire::{Action, Parameters};

use super::*;

/// A request of `A` with these parameters.
fn decoded<A: Action>(given: &[(&str, &str)]) -> Result<A, Undecodable> {
    let pairs = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    rpc::decode(&Parameters::from_pairs(pairs.collect::<Vec<_>>()))
}

/// Why such a request is refused.
fn fault<A: Action>(given: &[(&str, &str)]) -> Option<Undecodable> {
    decoded::<A>(given).err()
}

fn missing(name: &str) -> Option<Undecodable> {
    Some(Undecodable::Missing(name.to_owned()))
}

fn invalid(name: &str) -> Option<Undecodable> {
    Some(Undecodable::Invalid(name.to_owned()))
}

fn unsupported(name: &str) -> Option<Undecodable> {
    Some(Undecodable::Unsupported(name.to_owned()))
}

const USER: (&str, &str) = ("UserName", "u");
const ROLE: (&str, &str) = ("RoleName", "r");
const KIND: (&str, &str) = ("PolicyType", "System");
const POLICY: (&str, &str) = ("PolicyName", "p");

#[test]
fn what_is_needed_is_asked_for_by_name() {
    for (found, expected) in [
        (fault::<CreateUser>(&[]), missing("UserName")),
        (fault::<GetUser>(&[("UserName", "")]), missing("UserName")),
        (fault::<CreatePolicy>(&[POLICY]), missing("PolicyDocument")),
        (fault::<CreateRole>(&[ROLE]), missing("AssumeRolePolicyDocument")),
        (fault::<GetPolicy>(&[POLICY]), missing("PolicyType")),
        (fault::<AttachPolicyToUser>(&[KIND, POLICY]), missing("UserName")),
        (fault::<AttachPolicyToRole>(&[KIND, POLICY, ("RoleName", "")]), missing("RoleName")),
        (fault::<UpdateAccessKey>(&[("UserAccessKeyId", "k")]), missing("Status")),
        (fault::<DeleteAccessKey>(&[]), missing("UserAccessKeyId")),
        (fault::<DeleteAccessKey>(&[("UserAccessKeyId", &"k".repeat(129))]), invalid("UserAccessKeyId")),
        (fault::<CreateAccessKey>(&[]), None),
        (fault::<ListUsers>(&[]), None),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn words_and_numbers_have_bounds() {
    for (text, fits) in
        [("1", true), ("1000", true), ("0", false), ("1001", false), ("x", false), ("-1", false)]
    {
        let expected = if fits { None } else { invalid("MaxItems") };
        assert_eq!(fault::<ListUsers>(&[("MaxItems", text)]), expected, "{text}");
        assert_eq!(fault::<ListRoles>(&[("MaxItems", text)]), expected, "{text}");
        assert_eq!(fault::<ListPolicies>(&[("MaxItems", text)]), expected, "{text}");
    }
    for (text, fits) in [("3600", true), ("43200", true), ("3599", false), ("43201", false)] {
        let expected = if fits { None } else { invalid("NewMaxSessionDuration") };
        assert_eq!(fault::<UpdateRole>(&[ROLE, ("NewMaxSessionDuration", text)]), expected, "{text}");
    }
    for text in ["system", "SYSTEM", "Both", "1"] {
        assert_eq!(fault::<GetPolicy>(&[POLICY, ("PolicyType", text)]), invalid("PolicyType"), "{text}");
    }
}

#[test]
fn what_would_change_the_answer_and_is_not_served_is_refused() {
    let tag = ("Tag.1.Key", "k");
    let role = [ROLE, ("AssumeRolePolicyDocument", "{}")];
    for (found, expected) in [
        (fault::<ListPolicies>(&[tag]), unsupported("Tag")),
        (fault::<ListRoles>(&[("Tag", r#"[{"Key":"k","Value":"v"}]"#)]), unsupported("Tag")),
        (fault::<ListRoles>(&[("Tag", "[]")]), None),
        (fault::<CreatePolicy>(&[POLICY, ("PolicyDocument", "{}"), tag]), unsupported("Tag")),
        (
            fault::<CreateRole>(&[role[0], role[1], ("AllowConsoleLogin", "True")]),
            unsupported("AllowConsoleLogin"),
        ),
        (fault::<CreateRole>(&[role[0], role[1], ("AllowConsoleLogin", "False")]), None),
        (
            fault::<DetachPolicyFromUser>(&[KIND, POLICY, USER, ("ResourceGroupId", "rg")]),
            unsupported("ResourceGroupId"),
        ),
        (fault::<DetachPolicyFromUser>(&[KIND, POLICY, USER, ("ResourceGroupId", "")]), None),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn who_names_nobody_means_the_caller() {
    for given in [vec![], vec![("UserName", "")]] {
        let request = decoded::<CreateAccessKey>(&given).expect("nothing is needed");
        assert_eq!(request.resources(), [Resource::Own]);
    }
    let named = decoded::<CreateAccessKey>(&[USER]).expect("nothing is needed");
    assert_eq!(named.resources(), [Resource::new("ram", "user/u")]);
}

#[test]
fn policies_of_the_system_belong_to_no_account() {
    let request = decoded::<AttachPolicyToRole>(&[KIND, POLICY, ROLE]).expect("it is whole");
    let system = Resource::Arn("acs:ram::system:policy/p".to_owned());
    assert_eq!(request.resources(), [Resource::new("ram", "role/r"), system]);
}

#[test]
fn secrets_do_not_print() {
    let key = NewAccessKey {
        access_key_id: "LTAI".to_owned(),
        access_key_secret: crate::Password::new("hush-hush"),
        status: KeyStatus::Active,
        create_date: String::new(),
    };
    assert!(!format!("{key:?}").contains("hush"));
    assert!(serde_json::to_string(&key).expect("JSON").contains("hush-hush"), "the answer holds it");
}
