//! What of the vendor's surface is served, and the table of it in the door's page.

use std::collections::BTreeMap;
use std::path::PathBuf;

use api::coverage::{self, Standing};
use api::eds::PRODUCT;
use gate::Door;
use jiff::tz::Offset;

use crate::support::Server;

const BEGIN: &str = "<!-- coverage -->\n";
const END: &str = "<!-- /coverage -->";

fn door() -> Door {
    eds::door(eds::Settings {
        zone: Offset::UTC,
        hyphens: false,
        deepest_org: 10,
        reset_ends_password: false,
    })
}

/// The names of all actions that are served, in alphabetical order.
pub(crate) fn served() -> Vec<String> {
    parameters().into_keys().collect()
}

/// The dotted names of every action's parameters.
pub(crate) fn parameters() -> BTreeMap<String, Vec<String>> {
    let (lines, _) = coverage::compare(&PRODUCT, door().declared());
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        let names = names.entry(line.action).or_default();
        if line.side == "request" {
            names.push(line.name);
        }
    }
    names
}

#[test]
fn every_parameter_and_field_of_what_is_served_is_accounted_for() {
    let (lines, undeclared) = coverage::compare(&PRODUCT, door().declared());

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
    let later: Vec<&str> = PRODUCT.later.iter().map(|excuse| excuse.action).collect();
    assert_eq!(later, ["DescribeMfaDevices", "LockMfaDevice", "UnlockMfaDevice", "RemoveMfaDevice"]);
    let elsewhere: Vec<&str> = PRODUCT.elsewhere.iter().map(|excuse| excuse.action).collect();
    assert_eq!(elsewhere, ["SyncAllEduInfo", "QuerySyncStatusByAliUid"]);
    assert_eq!(served().len(), 43);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this is where the tests meet their environment")]
fn the_door_s_page_has_the_table() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/eds.md");
    let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("docs/eds.md: {error}"));
    let marks =
        "docs/eds.md holds the lines `<!-- coverage -->` and `<!-- /coverage -->`, the table between them";
    let (before, rest) = page.split_once(BEGIN).expect(marks);
    let (found, after) = rest.split_once(END).expect(marks);
    let expected = format!("\n{}\n", coverage::table(&PRODUCT, door().declared()).trim());

    if std::env::var("ROSTER_UPDATE").is_ok_and(|text| text == "1") {
        std::fs::write(&path, [before, BEGIN, &expected, END, after].concat())
            .expect("the page can be written");
    } else {
        assert!(
            found == expected,
            "the table in docs/eds.md is not what is served: run `ROSTER_UPDATE=1 cargo test -p roster surface` \
             and look at the difference"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_served_is_no_action() {
    let server = Server::start().await;
    let admin = server.administrator();

    for excuse in PRODUCT.later.iter().chain(PRODUCT.elsewhere) {
        let answer = admin.call(excuse.action, &[("SerialNumber", "x")]).await;
        assert_eq!(answer.refusal(), "404 InvalidAction.NotFound", "{}", excuse.action);
    }
    for name in served() {
        assert_ne!(admin.call(&name, &[("MaxResults", "none")]).await.status, 404, "{name}");
    }
    server.stop().await;
}
