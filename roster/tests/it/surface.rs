//! What of the vendor's surfaces is served, and the tables of it in the doors' pages.

use std::collections::BTreeMap;
use std::path::PathBuf;

use api::coverage::{self, Product, Standing};
use api::{eds, eiam};
use gate::Door;
use jiff::tz::Offset;

use crate::support::Server;

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

/// The names of all actions of eds-user that are served, in alphabetical order.
pub(crate) fn served() -> Vec<String> {
    parameters().into_keys().collect()
}

/// The names of all actions of EIAM that are served, in alphabetical order.
pub(crate) fn served_by_eiam() -> Vec<String> {
    parameters_of(&eiam::PRODUCT, &eiam_door()).into_keys().collect()
}

/// The dotted names of the parameters of every action of eds-user.
pub(crate) fn parameters() -> BTreeMap<String, Vec<String>> {
    parameters_of(&eds::PRODUCT, &eds_door())
}

/// The dotted names of every action's parameters.
fn parameters_of(product: &Product, door: &Door) -> BTreeMap<String, Vec<String>> {
    let (lines, _) = coverage::compare(product, door.declared());
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        let names = names.entry(line.action).or_default();
        if line.side == "request" {
            names.push(line.name);
        }
    }
    names
}

/// Every parameter and field of what is served is accounted for, and so is every action; how many are served.
fn accounted_for(product: &Product, door: &Door) -> usize {
    let (lines, undeclared) = coverage::compare(product, door.declared());

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
    let served = parameters_of(product, door);
    assert_eq!(served.len(), door.declared().len(), "what is served is in the surface");
    served.len()
}

#[test]
fn every_parameter_and_field_of_eds_user_is_accounted_for() {
    assert_eq!(accounted_for(&eds::PRODUCT, &eds_door()), 43);

    let later: Vec<&str> = eds::PRODUCT.later.iter().map(|excuse| excuse.action).collect();
    assert_eq!(later, ["DescribeMfaDevices", "LockMfaDevice", "UnlockMfaDevice", "RemoveMfaDevice"]);
    let elsewhere: Vec<&str> = eds::PRODUCT.elsewhere.iter().map(|excuse| excuse.action).collect();
    assert_eq!(elsewhere, ["SyncAllEduInfo", "QuerySyncStatusByAliUid"]);
}

#[test]
fn every_parameter_and_field_of_eiam_is_accounted_for() {
    assert_eq!(accounted_for(&eiam::PRODUCT, &eiam_door()), 65);
    assert_eq!((eiam::PRODUCT.later.len(), eiam::PRODUCT.elsewhere.len()), (LATER, ELSEWHERE));
    assert_eq!((eiam::PRODUCT.accepted.len(), eiam::PRODUCT.refused.len()), (0, 0));
}

/// Actions of EIAM that are to come; and those that belong to other systems.
const LATER: usize = 17;
const ELSEWHERE: usize = 275;

#[test]
fn the_page_of_eds_user_has_the_table() {
    has_the_table("eds.md", &eds::PRODUCT, &eds_door());
}

#[test]
fn the_page_of_eiam_has_the_table() {
    has_the_table("eiam.md", &eiam::PRODUCT, &eiam_door());
}

#[expect(clippy::disallowed_methods, reason = "this is where the tests meet their environment")]
fn has_the_table(page: &str, product: &Product, door: &Door) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("docs/{page}: {error}"));
    let marks = "it holds the lines `<!-- coverage -->` and `<!-- /coverage -->`, the table between them";
    let (before, rest) = text.split_once(BEGIN).expect(marks);
    let (found, after) = rest.split_once(END).expect(marks);
    let expected = format!("\n{}\n", coverage::table(product, door.declared()).trim());

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

    for excuse in eds::PRODUCT.later.iter().chain(eds::PRODUCT.elsewhere) {
        let answer = admin.call(excuse.action, &[("SerialNumber", "x")]).await;
        assert_eq!(answer.refusal(), "404 InvalidAction.NotFound", "{}", excuse.action);
    }
    for name in served() {
        assert_ne!(admin.call(&name, &[("MaxResults", "none")]).await.status, 404, "{name}");
    }
    server.stop().await;
}
