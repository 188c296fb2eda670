//! Permits: by policies, by tokens, by proof.

use std::sync::Arc;

use model::Resource;

use super::*;
use crate::basis::Basis;
use crate::ram::{By, Grants, Kind, Layer, Named, Policy, PolicyName};

fn directory(id: u128, account: i64) -> Directory {
    let id = Id::from_bits(id);
    let key = DirectoryKey { number: id.number(), slot: 0 };
    Directory { id, key, account: AccountUid(account), root: Number(1), is_default: true }
}

fn now() -> Circumstances {
    let (source, request) = ("10.0.0.7".to_owned(), String::new());
    Circumstances { door: "eds-user", source, request, ..Circumstances::inside(Millis(5)) }
}

const RIGHT: Right = Right::create("ecd:CreateUsers");

fn caller(who: Who, policies: &[&str], session: Option<&str>) -> Caller {
    let policy = |text: &str| Arc::new(Policy::parse(text, Kind::Identity).expect("it is one"));
    let named = |text: &&str| Named { name: PolicyName::Custom("own".to_owned()), policy: policy(text) };
    Caller {
        access_key: "key".to_owned(),
        account: AccountUid(1),
        who,
        grants: Arc::new(Grants(policies.iter().map(named).collect())),
        session: session.map(policy),
        expires: None,
        generation: 7,
    }
}

fn asked(caller: &Caller, resources: &[Resource], account: i64) -> Result<Permit, Denied> {
    let asked = Asked { right: RIGHT, resources, region: "*" };
    Permit::by_policy(caller, &asked, Scope::Directory(directory(9, account)), now())
}

fn alice() -> Who {
    Who::User { number: Number(4), id: "200".to_owned(), name: "alice".to_owned() }
}

#[test]
fn root_may_do_everything_in_its_own_account_only() {
    let caller = caller(Who::Root, &[], None);
    let permit = |account| asked(&caller, &[Resource::Any], account);

    assert_eq!(permit(1).expect("its own").principal().to_string(), "acs:ram::1:root");
    assert_eq!(permit(1).expect("its own").basis().map(Basis::generation), Some(7));
    assert_eq!(permit(2).expect_err("another's").to_string(), "acs:ram::1:root may not ecd:CreateUsers");
}

#[test]
fn others_may_do_what_their_policies_and_their_session_allow() {
    let policy = |effect: &str, action: &str, resource: &str| {
        format!(
            r#"{{"Version":"1","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}]}}"#
        )
    };
    let all = policy("Allow", "*", "*");
    let nothing = policy("Deny", "ecd:Create*", "*");
    let other = policy("Allow", "eiam:*", "*");
    let one = policy("Allow", "ecd:*", "acs:ecd:*:1:user/7");
    let session = Who::Role {
        number: Number(5),
        id: "300".to_owned(),
        name: "reader".to_owned(),
        session: "ci".to_owned(),
    };
    let by = Some(By { policy: Some(PolicyName::Custom("own".to_owned())), statement: 1 });
    let whose = |number: &str| [Resource::new("ecd", format!("user/{number}"))];
    let refused = |caller: &Caller, resources: &[Resource]| {
        asked(caller, resources, 1).expect_err("refused").refusal.map(|refusal| (refusal.layer, refusal.by))
    };

    let permit = asked(&caller(alice(), &[&all], None), &[Resource::Any], 1).expect("she may");
    assert_eq!(permit.principal().to_string(), "ram-user:alice");
    assert_eq!(refused(&caller(alice(), &[], None), &[Resource::Any]), Some((Layer::Identity, None)));
    assert_eq!(refused(&caller(alice(), &[&all, &nothing], None), &[]), Some((Layer::Identity, by)));
    assert!(asked(&caller(alice(), &[&one], None), &whose("7"), 1).is_ok());
    assert_eq!(refused(&caller(alice(), &[&one], None), &whose("8")), Some((Layer::Identity, None)));
    assert_eq!(refused(&caller(session.clone(), &[&all], Some(&other)), &[]), Some((Layer::Session, None)));
    let permit = asked(&caller(session, &[&all], Some(&all)), &[], 1).expect("both allow it");
    assert_eq!(permit.principal().to_string(), "role:reader/ci");
    assert_eq!(permit.principal().arn().as_deref(), Some("acs:ram::1:role/reader"));
}

#[test]
fn a_deny_of_an_arn_as_it_is_shown_binds_however_the_request_names_it() {
    let all = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let deny = |arn: &str| {
        format!(r#"{{"Version":"1","Statement":[{{"Effect":"Deny","Action":"*","Resource":"{arn}"}}]}}"#)
    };
    let bot = Who::Role {
        number: Number(5),
        id: "300".to_owned(),
        name: "bot".to_owned(),
        session: "ci".to_owned(),
    };
    for (who, relative) in [(alice(), "user/alice"), (bot, "role/bot")] {
        let shown = model::ram::arn(AccountUid(1), relative);
        assert_eq!(who.principal(AccountUid(1)).arn().as_ref(), Some(&shown));
        let bound = caller(who, &[all, &deny(&shown)], None);
        for resource in [Resource::Own, Resource::new("ram", relative), Resource::Arn(shown.clone())] {
            // The region of RAM is empty.
            let asked = Asked { right: RIGHT, resources: std::slice::from_ref(&resource), region: "" };
            let denied = Permit::by_policy(&bound, &asked, Scope::Account(AccountUid(1)), now());
            let refusal = denied.expect_err("it is denied").refusal.expect("by a policy");
            assert_eq!(
                (refusal.resource.as_str(), refusal.by.is_some()),
                (shown.as_str(), true),
                "{resource:?}"
            );
        }
    }
}

#[test]
fn what_is_too_long_to_be_a_resource_is_refused_unread() {
    let all = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let named = |length: usize| {
        [Resource::Any, Resource::new("eiam", "x".repeat(length)), Resource::Arn("x".repeat(length))]
    };

    assert!(asked(&caller(alice(), &[all], None), &named(1_024), 1).is_ok());
    let refusal = asked(&caller(alice(), &[all], None), &named(1_025), 1).expect_err("refused").refusal;
    assert_eq!(refusal.expect("as by policy").resource, "");
    assert!(asked(&caller(Who::Root, &[], None), &named(1_025), 1).is_ok());
}

#[test]
fn what_needs_no_policy_is_asked_of_none() {
    let asked = Asked { right: Right::unasked("sts:GetCallerIdentity"), resources: &[], region: "*" };
    let scope = Scope::Account(AccountUid(1));

    assert!(Permit::by_policy(&caller(alice(), &[], None), &asked, scope, now()).is_ok());
}

#[test]
fn roles_that_manage_reach_everybody_and_others_reach_themselves() {
    let (home, other) = (directory(9 << 100, 1), directory(8 << 100, 1));
    let person = Person { directory: home.id, user: Id::from_bits(7) };

    let by_token = |role, audience, at: &Directory| {
        let (public_id, label) = ("alice".to_owned(), Label::default());
        let bearer = Bearer::Person { person: person.clone(), public_id, role, label };
        Permit::by_token(bearer, RIGHT, audience, at.clone(), now())
    };
    let admin = by_token(Role::Admin, Audience::Managers, &home).expect("it manages");
    assert!(admin.covers(Id::from_bits(1)) && admin.creator() == "alice");
    assert!(by_token(Role::Admin, Audience::Owner, &home).is_err());
    assert!(by_token(Role::User, Audience::Managers, &home).is_err());
    assert!(by_token(Role::Superadmin, Audience::Users, &other).is_err());
    let user = by_token(Role::User, Audience::Users, &home).expect("a user of it");
    assert!(user.covers(Id::from_bits(7)) && !user.covers(Id::from_bits(1)));

    let by_proof = |at: &Directory| Permit::by_proof(person.clone(), RIGHT, at.clone(), now());
    let own = by_proof(&home).expect("its own directory");
    assert!(own.covers(Id::from_bits(7)) && !own.covers(Id::from_bits(1)));
    assert!(by_proof(&other).is_err());
}

#[test]
fn an_app_stands_for_its_own_directory_as_a_superadmin() {
    let (home, other) = (directory(9 << 100, 1), directory(8 << 100, 1));
    let by_token = |audience, at: &Directory| {
        let service = Service { directory: home.key.number, app: "app".to_owned() };
        Permit::by_token(Bearer::Service(service), RIGHT, audience, at.clone(), now())
    };

    let permit = by_token(Audience::Managers, &home).expect("its own directory");
    assert!(permit.covers(Id::from_bits(1)) && permit.own().is_none());
    assert_eq!(permit.creator(), format!("rs{}", home.key.number));
    assert_eq!(permit.principal().to_string(), format!("service:rs{}/app", home.key.number));
    assert!(by_token(Audience::Owner, &home).is_err() && by_token(Audience::Users, &other).is_err());
}

#[test]
fn the_server_and_the_command_line_are_named_and_nobody_reaches_nothing() {
    let scope = Scope::Account(AccountUid(1));
    let names = [
        (Permit::operator("access-key", scope.clone(), Millis(0)), "system:command access-key", true),
        (Permit::system(Task::FirstStart, scope.clone(), Millis(0)), "system:first-start", true),
        (Permit::nobody(scope, now()), "anonymous", false),
    ];
    for (permit, name, covers) in names {
        assert_eq!(permit.principal().to_string(), name);
        assert_eq!(permit.covers(Id::from_bits(1)), covers, "{name}");
    }
}
