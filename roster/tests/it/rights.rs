//! Who may do what, as a list in which every change of rights shows.

use api::eds::{CreateUsers, DescribeUsers, RemoveUsers};
use wire::Action;

use crate::surface::served;

/// Actions without a test for a caller who may not use them. It may only shrink.
///
/// Every caller is the account's root so far, who may do everything; RAM users come later, and with them the tests.
const WITHOUT_A_TEST: [&str; 3] = ["CreateUsers", "DescribeUsers", "RemoveUsers"];

/// Actions with one.
const WITH_A_TEST: [&str; 0] = [];

fn line<A: Action>() -> (&'static str, String) {
    let does = if A::RIGHT.writes() { "changes" } else { "reads" };
    (A::NAME, format!("{} → {} → {does}", A::NAME, A::RIGHT.action()))
}

#[test]
fn each_action_asks_for_its_right() {
    let known = [line::<CreateUsers>(), line::<DescribeUsers>(), line::<RemoveUsers>()];

    assert_eq!(
        known.each_ref().map(|(name, _)| (*name).to_owned()).to_vec(),
        served(),
        "every action is in the list"
    );
    let lines = known.map(|(_, line)| line).join("\n");
    insta::assert_snapshot!(lines, @r"
    CreateUsers → ecd:CreateUsers → changes
    DescribeUsers → ecd:DescribeUsers → reads
    RemoveUsers → ecd:RemoveUsers → changes
    ");
}

#[test]
fn every_action_is_tested_with_a_caller_who_may_not_or_listed() {
    let mut listed: Vec<&str> = [WITHOUT_A_TEST.as_slice(), WITH_A_TEST.as_slice()].concat();
    listed.sort_unstable();

    assert_eq!(listed, served(), "a new action needs such a test");
    assert!(WITHOUT_A_TEST.len() <= 3, "the list only shrinks");
}
