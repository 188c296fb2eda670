//! What of the vendor's surfaces is served, and the tables of it in the doors' pages.

use std::collections::BTreeMap;
use std::path::PathBuf;

use api::coverage::{self, Declared, Product, Standing};
use api::{eds, eiam, pds, ram, sts};
use gate::{Door, Operations};
use jiff::tz::Offset;

use serde_json::{Value, json};

use crate::support::{Pds, Server};

const BEGIN: &str = "<!-- coverage -->\n";
const END: &str = "<!-- /coverage -->";

fn eds_door() -> Door {
    ::eds::door(::eds::Settings {
        zone: Offset::UTC,
        hyphens: false,
        deepest_org: 10,
        reset_ends_password: false,
    })
}

fn eiam_door() -> Door {
    ::eiam::door(::eiam::Settings { region: String::new(), host: String::new(), most_instances: 0 })
}

fn pds_operations() -> Operations {
    ::pds::operations(::pds::Settings::default())
}

/// The names of all actions of eds-user that are served, in alphabetical order.
pub(crate) fn served() -> Vec<String> {
    parameters().into_keys().collect()
}

/// The names of all actions of EIAM that are served, in alphabetical order.
pub(crate) fn served_by_eiam() -> Vec<String> {
    let mut names: Vec<String> = eiam_door().declared().iter().map(|one| one.name().to_owned()).collect();
    names.sort();
    names
}

/// The dotted names of the parameters of every action of eds-user.
pub(crate) fn parameters() -> BTreeMap<String, Vec<String>> {
    parameters_of(&eds::PRODUCT, eds_door().declared())
}

/// The dotted names of every action's parameters.
fn parameters_of(product: &Product, declared: &[Declared]) -> BTreeMap<String, Vec<String>> {
    let (lines, _) = coverage::compare(product, declared);
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        let names = names.entry(line.action).or_default();
        if line.side == "request" {
            names.push(line.name);
        }
    }
    names
}

/// Every parameter and field of what is served is accounted for, and so is every action; how many of them are served.
fn accounted_for(product: &Product, declared: &[Declared]) -> usize {
    let (lines, undeclared) = coverage::compare(product, declared);

    let missing: Vec<String> = lines
        .iter()
        .filter(|line| line.standing == Standing::Missing)
        .map(|line| format!("{} {} {}", line.action, line.side, line.name))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
    assert_eq!(
        undeclared,
        Vec::<String>::new(),
        "every action of the surface is served, to come, or elsewhere"
    );
    parameters_of(product, declared).len()
}

#[test]
fn every_parameter_and_field_of_eds_user_is_accounted_for() {
    let door = eds_door();
    assert_eq!((accounted_for(&eds::PRODUCT, door.declared()), door.declared().len()), (47, 47));

    assert!(eds::PRODUCT.later.is_empty());
    let elsewhere: Vec<&str> = eds::PRODUCT.elsewhere.iter().map(|excuse| excuse.action).collect();
    assert_eq!(elsewhere, ["SyncAllEduInfo", "QuerySyncStatusByAliUid"]);
}

#[test]
fn every_parameter_and_field_of_eiam_is_accounted_for() {
    let door = eiam_door();
    assert_eq!((accounted_for(&eiam::PRODUCT, door.declared()), door.declared().len()), (65, 65 + UNPRINTED));
    assert_eq!((eiam::PRODUCT.later.len(), eiam::PRODUCT.elsewhere.len()), (LATER, ELSEWHERE));
    assert_eq!((eiam::PRODUCT.accepted.len(), eiam::PRODUCT.refused.len()), (0, 0));
}

/// Actions of EIAM that the surface lacks and that are served: `reference/eiam.md` §13.
const UNPRINTED: usize = 2;
/// Actions of EIAM that are to come; and those that belong to other systems.
const LATER: usize = 15;
const ELSEWHERE: usize = 275;

#[test]
fn every_parameter_and_field_of_pds_is_accounted_for() {
    let operations = pds_operations();
    let served = accounted_for(&pds::PRODUCT, operations.declared());
    assert_eq!((served, operations.declared().len()), (43, 43 + BESIDE));
    assert_eq!((pds::PRODUCT.later.len(), pds::PRODUCT.elsewhere.len()), (0, 6));
}

/// Operations of PDS that the surface lacks, because the Python SDK does: `reference/pds.md` §18.
const BESIDE: usize = 12;

#[test]
fn the_page_of_eds_user_has_the_table() {
    has_the_table("eds.md", &eds::PRODUCT, eds_door().declared());
}

#[test]
fn the_page_of_eiam_has_the_table() {
    has_the_table("eiam.md", &eiam::PRODUCT, eiam_door().declared());
}

#[test]
fn the_page_of_pds_has_the_table() {
    has_the_table("pds.md", &pds::PRODUCT, pds_operations().declared());
}

#[test]
fn every_parameter_and_field_of_ram_and_sts_is_accounted_for() {
    let (door, keys) = (::ram::door(), ::sts::door());
    assert_eq!((accounted_for(&ram::PRODUCT, door.declared()), door.declared().len()), (26, 26 + SIMULATE));
    assert_eq!((accounted_for(&sts::PRODUCT, keys.declared()), keys.declared().len()), (2, 2));
    assert!(ram::PRODUCT.later.is_empty() && sts::PRODUCT.later.is_empty());
    assert_eq!((ram::PRODUCT.elsewhere.len(), sts::PRODUCT.elsewhere.len()), (43, 2));
}

/// An action of our own.
const SIMULATE: usize = 1;

#[test]
fn the_page_of_ram_has_the_table() {
    has_the_table("ram.md", &ram::PRODUCT, ::ram::door().declared());
}

#[test]
fn the_page_of_sts_has_the_table() {
    has_the_table("sts.md", &sts::PRODUCT, ::sts::door().declared());
}

#[expect(clippy::disallowed_methods, reason = "this is where the tests meet their environment")]
fn has_the_table(page: &str, product: &Product, declared: &[Declared]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("docs/{page}: {error}"));
    let marks = "it holds the lines `<!-- coverage -->` and `<!-- /coverage -->`, the table between them";
    let (before, rest) = text.split_once(BEGIN).expect(marks);
    let (found, after) = rest.split_once(END).expect(marks);
    let expected = format!("\n{}\n", coverage::table(product, declared).trim());

    if std::env::var("ROSTER_UPDATE").is_ok_and(|text| text == "1") {
        std::fs::write(&path, [before, BEGIN, &expected, END, after].concat())
            .expect("the page can be written");
    } else {
        assert!(
            found == expected,
            "the table in docs/{page} is not what is served: run `ROSTER_UPDATE=1 cargo test -p roster surface` \
             and look at the difference"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_served_is_no_action() {
    let server = Server::start().await;
    let admin = server.administrator();

    for excuse in eds::PRODUCT.elsewhere {
        let answer = admin.call(excuse.action, &[]).await;
        assert_eq!(answer.refusal(), "404 InvalidAction.NotFound", "{}", excuse.action);
    }
    for name in served() {
        assert_ne!(admin.call(&name, &[("MaxResults", "none")]).await.status, 404, "{name}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_to_operations_of_other_systems() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let surface: Value = serde_json::from_str(pds::PRODUCT.surface).expect("the surface is JSON");

    for action in surface["actions"].as_array().expect("a list") {
        let (name, path) = (action["action"].as_str(), action["path"].as_str().expect("a path"));
        let is_elsewhere = pds::PRODUCT.elsewhere.iter().any(|excuse| Some(excuse.action) == name);
        if is_elsewhere {
            assert_eq!(owner.outcome(path, &json!({})).await, "404 I404NF", "{path}");
        }
    }
    for path in ["/v2/file/get", "/v2/share_link/create", "/v2/image/search", "/v2/async_task/get"] {
        assert_eq!(owner.outcome(path, &json!({})).await, "404 I404NF", "{path}");
    }
    server.stop().await;
}
