//! Units and memberships through three doors: PDS groups, EIAM's organizational units, eds-user's organizations.
//!
//! Source: `reference/doors.md` §0, §1, §3.1, §4.3, §4.4, §4.6 and §6.

use api::eds::{CreateOrg, DescribeOrgs, DescribeUsers, ModifyOrg, MoveOrg, MoveUserOrg, RemoveOrg};
use api::eiam::{CreateOrganizationalUnit, SetUserPrimaryOrganizationalUnit};
use api::pds::{CreateMembership, GetMembership, GroupUpdateName, ListGroup, MemberRole, Party};
use serde_json::{Value, json};

use crate::support::{
    Client, Instance, NO_GROUP, PdsCaller, ROOT, Server, find, list_orgs, make_org, move_users, new_group,
    spelled, text, texts, user,
};

/// The three doors of one server, into its default directory.
struct Doors {
    server: Server,
    pds: PdsCaller,
    eds: Client,
    eiam: Client,
    corp: Instance,
}

impl Doors {
    async fn open() -> Self {
        let server = Server::start().await;
        let eiam = server.administrator().eiam();
        let corp = Instance::default_of(&eiam).await;
        Self { pds: PdsCaller::of(&server), eds: server.administrator(), eiam, corp, server }
    }

    /// EIAM's id of a PDS group.
    fn unit(group: &str) -> String {
        spelled("ou", group)
    }

    /// eds-user's id of an organization with this name.
    async fn org(&self, name: &str) -> String {
        let orgs = list_orgs(&self.eds, &DescribeOrgs::default()).await;
        orgs.into_iter().find(|org| org.org_name == name).expect("it is listed").org_id
    }

    /// PDS's id of a group with this name.
    async fn group(&self, name: &str) -> String {
        let groups = self.pds.all(&ListGroup::default()).await;
        groups.into_iter().find(|group| group.group_name == name).expect("it is listed").group_id
    }

    /// EIAM's id of a user.
    async fn user(&self, name: &str) -> String {
        spelled(
            "user",
            &text(&self.server.home, &format!("select id from users where username_key = '{name}'")).await,
        )
    }

    /// A user's units as the three doors have them: EIAM's and eds-user's begin with the primary one; PDS has no root.
    async fn units_of(&self, name: &str) -> Vec<String> {
        let by_eiam = self.corp.units_of(&self.eiam, &self.user(name).await).await;
        let by_eds = user(&self.eds, name).await.orgs;
        let by_eds: Vec<&str> = by_eds.iter().map(|org| org.org_name.as_str()).collect();
        assert_eq!(by_eds, by_eiam, "{name}: eds-user and EIAM agree");
        let mut by_pds = self.pds.group_names_of(name).await;
        by_pds.sort_unstable();
        let mut expected: Vec<String> = by_eiam.iter().filter(|unit| *unit != "root").cloned().collect();
        expected.sort_unstable();
        assert_eq!(by_pds, expected, "{name}: PDS agrees, but for the root");
        by_eiam
    }

    async fn set_primary(&self, name: &str, unit: &str) {
        let request = SetUserPrimaryOrganizationalUnit {
            instance_id: self.corp.id.clone(),
            user_id: self.user(name).await,
            organizational_unit_id: unit.to_owned(),
        };
        self.eiam.send(&request).await.expect("both are there");
    }
}

/// 32 digits as eds-user spells a unit.
fn base36(digits: &str) -> String {
    let mut number = u128::from_str_radix(&digits[..21], 16).expect("hexadecimal digits");
    let mut letters = Vec::new();
    for _ in 0..17 {
        letters.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::try_from(number % 36).expect("a digit")]);
        number /= 36;
    }
    letters.reverse();
    format!("org-{}", String::from_utf8(letters).expect("letters and digits"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_has_one_id_that_each_door_spells() {
    let doors = Doors::open().await;
    let by_pds = doors.pds.make_group("by pds").await;
    let by_eds = make_org(&doors.eds, "by eds", ROOT).await;
    let by_eiam = doors.corp.make_unit(&doors.eiam, "by eiam", &doors.corp.root).await;
    for name in ["by pds", "by eds", "by eiam"] {
        let group = doors.group(name).await;
        assert_eq!(base36(&group), doors.org(name).await, "{name}");
        assert_eq!(
            doors.corp.get_unit(&doors.eiam, &Doors::unit(&group)).await.organizational_unit_name,
            name
        );
        let shown = doors.pds.ask("group/get", json!({ "group_id": group })).await;
        assert_eq!((&shown["group_name"], &shown["creator"]), (&json!(name), &json!("")));
    }
    assert_eq!((doors.group("by pds").await, doors.org("by eds").await), (by_pds.clone(), by_eds.clone()));
    assert_eq!(Doors::unit(&doors.group("by eiam").await), by_eiam);
    // One door reads no other door's spelling.
    for id in [&by_eds, &by_eiam] {
        assert_eq!(doors.pds.outcome("group/get", json!({ "group_id": id })).await, "404 NotFound.Group");
    }
    let answer = doors.eds.call("RemoveOrg", &[("OrgId", &by_pds)]).await;
    assert_eq!(answer.refusal(), "400 InvalidOrgId.NotFound");
    doors.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_unit_is_no_group() {
    let doors = Doors::open().await;
    let root =
        text(&doors.server.home, "select id from units where number = (select min(number) from units)").await;
    assert_eq!(root.len(), 32);
    doors.pds.make_user("alice").await;
    let member = json!({ "group_id": root, "member_type": "user", "member_id": "alice", "user_id": "alice" });
    for (path, body) in [
        ("group/get", json!({ "group_id": root })),
        ("group/update", json!({ "group_id": root, "group_name": "a" })),
        ("group/delete", json!({ "group_id": root })),
        ("group/create", json!({ "group_name": "a", "parent_group_id": root })),
        ("group/list_member", json!({ "group_id": root })),
        ("group/add_member", member.clone()),
        ("group/remove_member", member.clone()),
        ("user/list_group_user", json!({ "group_id": root })),
        ("membership/get", member.clone()),
        ("membership/create", member),
        ("membership/list_direct_child_memberships", json!({ "group_id": root })),
        ("drive/create", json!({ "drive_name": "d", "owner": root, "owner_type": "group" })),
    ] {
        assert_eq!(doors.pds.outcome(path, body).await, "404 NotFound.Group", "{path}");
    }
    assert_eq!(doors.pds.all(&ListGroup::default()).await, Vec::new());
    assert_eq!(doors.units_of("alice").await, ["root"]);
    let roots = doors.pds.ask("group/list_member", json!({})).await;
    assert_eq!(roots["group_items"], json!([]));
    doors.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_siblings_are_taken_for_every_door() {
    let doors = Doors::open().await;
    let Doors { pds, eds, eiam, corp, .. } = &doors;
    make_org(eds, "Dev", ROOT).await;
    assert_eq!(pds.brief(&new_group("dev", None)).await, "409 AlreadyExist.Group");
    pds.make_group("Ops").await;
    let org = CreateOrg { org_name: "ops".to_owned(), parent_org_id: ROOT.to_owned() };
    assert_eq!(eds.send(&org).await.expect_err("it is taken").brief(), "400 ExistedOrgName");
    let unit = CreateOrganizationalUnit {
        instance_id: corp.id.clone(),
        organizational_unit_name: "OPS".to_owned(),
        parent_id: corp.root.clone(),
        ..CreateOrganizationalUnit::default()
    };
    let refused = eiam.send(&unit).await.expect_err("it is taken").brief();
    assert_eq!(refused, "403 ResourceDuplicated.OrganizationalUnitName");
    let dev = doors.group("Dev").await;
    pds.make_group_in(&dev, "Ops").await;
    let rename = GroupUpdateName { group_id: dev.clone(), name: "OPS".to_owned() };
    assert_eq!(pds.brief(&rename).await, "409 AlreadyExist.Group");

    // A rename through one door shows in the others.
    pds.get(&GroupUpdateName { group_id: dev.clone(), name: "Research".to_owned() }).await;
    assert_eq!(corp.get_unit(eiam, &Doors::unit(&dev)).await.organizational_unit_name, "Research");
    let modify = ModifyOrg { org_id: doors.org("Research").await, org_name: "R&D".to_owned() };
    eds.send(&modify).await.expect("the name is free");
    assert_eq!(pds.ask("group/get", json!({ "group_id": dev })).await["group_name"], "R&D");
    doors.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_through_another_door_shows_in_memberships_and_depth_counts() {
    let doors = Doors::open().await;
    let Doors { pds, eds, .. } = &doors;
    let (top, side) = (pds.make_group("top").await, pds.make_group("side").await);
    let low = pds.make_group_in(&top, "low").await;
    pds.make_user("alice").await;
    pds.add_member(&low, "alice").await;
    let has = async |group: &str| {
        pds.ask("membership/has_member", json!({ "group_id": group, "user_id": "alice" })).await["result"]
            .clone()
    };
    assert_eq!((has(&top).await, has(&side).await), (json!(true), json!(false)));
    let move_org = MoveOrg { org_id: doors.org("low").await, new_parent_org_id: doors.org("side").await };
    eds.send(&move_org).await.expect("it can be moved");
    assert_eq!((has(&top).await, has(&side).await), (json!(false), json!(true)));
    assert_eq!(pds.memberships_in(&side, Some(Party::Group)).await[0].sub_group_id, low);
    assert_eq!(pds.memberships_in(&top, Some(Party::Group)).await, Vec::new());
    let to_root = MoveOrg { org_id: doors.org("low").await, new_parent_org_id: ROOT.to_owned() };
    eds.send(&to_root).await.expect("it can be moved");
    let parents = pds.ask("membership/list_direct_parent_memberships", json!({ "sub_group_id": low })).await;
    assert_eq!(parents["items"], json!([]), "it is a root group now");

    // EIAM goes twenty levels deep; PDS shows what lies there and makes nothing below the tenth.
    let mut unit = Doors::unit(&low);
    for level in 2..=12 {
        unit = doors.corp.make_unit(&doors.eiam, &format!("level {level}"), &unit).await;
    }
    let deep = doors.group("level 12").await;
    assert_eq!(pds.brief(&new_group("a", Some(&deep))).await, "400 InvalidParameterOutOfRange.ParentGroupId");
    assert_eq!(pds.outcome("group/update", json!({ "group_id": deep, "description": "d" })).await, "200");
    pds.add_member(&deep, "alice").await;
    doors.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn placing_and_leaving_keep_one_primary_unit_whichever_door_does_it() {
    let doors = Doors::open().await;
    let Doors { pds, eds, eiam, corp, server } = &doors;
    let groups = [pds.make_group("a").await, pds.make_group("b").await, pds.make_group("c").await];
    let [a, b, c] = &groups;
    let later = || server.pass(1_000);
    pds.make_user("alice").await;
    assert_eq!(doors.units_of("alice").await, ["root"]);

    // "The root if nothing else": the first group becomes primary, the next ones further.
    pds.add_member(a, "alice").await;
    assert_eq!(doors.units_of("alice").await, ["a"]);
    later();
    pds.add_member(b, "alice").await;
    later();
    pds.add_member(c, "alice").await;
    assert_eq!(doors.units_of("alice").await, ["a", "b", "c"]);

    // Set primary (EIAM): leaves the old one altogether.
    later();
    doors.set_primary("alice", &Doors::unit(c)).await;
    assert_eq!(doors.units_of("alice").await, ["c", "b"]);
    // MoveUserOrg (eds): the same.
    later();
    eds.send(&move_users(&doors.org("a").await, &["alice"])).await.expect("both are there");
    assert_eq!(doors.units_of("alice").await, ["a", "b"]);

    // EIAM refuses to take away the primary one, PDS promotes.
    let primary = corp
        .call(
            eiam,
            "RemoveUserFromOrganizationalUnits",
            &[("UserId", &doors.user("alice").await), ("OrganizationalUnitIds.1", &Doors::unit(a))],
        )
        .await;
    assert_eq!(primary.refusal(), "403 OperationDenied.PrimaryOrganizationalUnit");
    pds.remove_member(a, "alice").await;
    assert_eq!(doors.units_of("alice").await, ["b"]);
    pds.remove_member(b, "alice").await;
    assert_eq!(doors.units_of("alice").await, ["root"]);

    // With the root as a further unit, it is promoted last.
    pds.add_member(a, "alice").await;
    later();
    corp.place_in(eiam, &doors.user("alice").await, &[&corp.root]).await;
    later();
    pds.add_member(b, "alice").await;
    assert_eq!(doors.units_of("alice").await, ["a", "root", "b"]);
    pds.remove_member(a, "alice").await;
    assert_eq!(doors.units_of("alice").await, ["b", "root"], "the root last");
    pds.remove_member(b, "alice").await;
    assert_eq!(doors.units_of("alice").await, ["root"]);

    // Who is in the root and elsewhere as well gets a further one.
    doors.set_primary("alice", &corp.root).await;
    corp.place_in(eiam, &doors.user("alice").await, &[&Doors::unit(a)]).await;
    later();
    pds.add_member(b, "alice").await;
    assert_eq!(doors.units_of("alice").await, ["root", "a", "b"]);
    doors.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_groups_at_creation_and_update_places_in_its_order() {
    let doors = Doors::open().await;
    let Doors { pds, server, .. } = &doors;
    let [a, b, c] = [pds.make_group("a").await, pds.make_group("b").await, pds.make_group("c").await];
    let list =
        |groups: &[&String]| -> Value { groups.iter().map(|group| json!({ "group_id": group })).collect() };
    let body = json!({ "user_id": "alice", "group_info_list": list(&[&b, &a]) });
    assert_eq!(pds.call("user/create", body).await.status, 201);
    assert_eq!(doors.units_of("alice").await, ["b", "a"], "the first listed is primary");
    let update = async |groups: Value| {
        pds.outcome("user/update", json!({ "user_id": "alice", "group_info_list": groups })).await
    };

    let keys = json!({ "group_id": a, "user_id": "alice", "member_role": "admin", "description": "note" });
    pds.ask("membership/update", keys.clone()).await;
    let kept = pds.ask("membership/get", keys.clone()).await;
    server.pass(1_000);
    assert_eq!(update(list(&[&c, &a])).await, "200");
    assert_eq!(doors.units_of("alice").await, ["a", "c"], "b is left, a promoted, c is new");
    assert_eq!(pds.ask("membership/get", keys.clone()).await, kept, "what stays keeps role, note and time");
    server.pass(1_000);
    assert_eq!(pds.outcome("user/update", json!({ "user_id": "alice", "nick_name": "A" })).await, "200");
    assert_eq!(doors.units_of("alice").await, ["a", "c"], "absent is untouched");
    assert_eq!(update(list(&[&b, &NO_GROUP.to_owned()])).await, "404 NotFound.Group");
    assert_eq!(doors.units_of("alice").await, ["a", "c"], "all or nothing");
    assert_eq!(update(json!([])).await, "200");
    assert_eq!(doors.units_of("alice").await, ["root"]);
    assert_eq!(update(list(&[&c, &b])).await, "200");
    assert_eq!(doors.units_of("alice").await, ["c", "b"]);
    let wrong = json!({ "user_id": "bob", "group_info_list": list(&[&a, &NO_GROUP.to_owned()]) });
    assert_eq!(pds.outcome("user/create", wrong).await, "404 NotFound.Group");
    assert!(!pds.has_user("bob").await);
    doors.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn role_and_note_of_a_membership_live_through_a_promotion_and_end_with_it() {
    let doors = Doors::open().await;
    let Doors { pds, eds, .. } = &doors;
    let (a, b) = (pds.make_group("a").await, pds.make_group("b").await);
    pds.make_user("alice").await;
    pds.add_member(&a, "alice").await;
    let new = CreateMembership {
        group_id: b.clone(),
        user_id: Some("alice".to_owned()),
        member_role: Some(MemberRole::Admin),
        description: Some("lead".to_owned()),
        ..CreateMembership::default()
    };
    pds.get(&new).await;
    let get =
        GetMembership { group_id: b.clone(), user_id: Some("alice".to_owned()), ..GetMembership::default() };
    let before = pds.get(&get).await;
    doors.server.pass(1_000);
    doors.set_primary("alice", &Doors::unit(&b)).await;
    assert_eq!(doors.units_of("alice").await, ["b"]);
    let after = pds.get(&get).await;
    assert_eq!((after.member_role, after.description.as_str()), (MemberRole::Admin, "lead"));
    assert_eq!(after.created_at, before.created_at);

    let away = MoveUserOrg { org_id: doors.org("a").await, end_user_ids: texts(&["alice"]) };
    eds.send(&away).await.expect("both are there");
    assert_eq!(pds.brief(&get).await, "404 NotFound.Membership");
    pds.add_member(&b, "alice").await;
    let again = pds.get(&get).await;
    assert_eq!((again.member_role, again.description.as_str()), (MemberRole::Member, ""));
    doors.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_group_releases_its_members_where_the_others_refuse() {
    let doors = Doors::open().await;
    let Doors { pds, eds, server, .. } = &doors;
    let (a, b) = (pds.make_group("a").await, pds.make_group("b").await);
    pds.make_users(&["alice", "bob", "carol"]).await;
    for user in ["alice", "bob"] {
        pds.add_member(&a, user).await;
    }
    server.pass(1_000);
    pds.add_member(&b, "alice").await;
    pds.add_member(&b, "carol").await;
    server.pass(1_000);
    pds.add_member(&a, "carol").await;
    let refused = eds.send(&RemoveOrg { org_id: doors.org("a").await }).await.expect_err("it has members");
    assert_eq!(refused.brief(), "400 OrgNotEmpty");
    let unit = Doors::unit(&a);
    let refused =
        doors.corp.call(&doors.eiam, "DeleteOrganizationalUnit", &[("OrganizationalUnitId", &unit)]).await;
    assert_eq!(refused.refusal(), "403 OperationDenied.OrganizationalUnitNotEmpty");
    assert_eq!(pds.outcome("group/delete", json!({ "group_id": a })).await, "204");
    assert_eq!(doors.units_of("alice").await, ["b"], "promoted");
    assert_eq!(doors.units_of("bob").await, ["root"]);
    assert_eq!(doors.units_of("carol").await, ["b"], "a further one goes");
    doors.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_the_same_people_in_every_door_and_people_without_a_group_are_in_the_root() {
    let doors = Doors::open().await;
    let Doors { pds, eds, eiam, corp, .. } = &doors;
    let group = pds.make_group("g").await;
    let below = pds.make_group_in(&group, "below").await;
    pds.make_users(&["alice", "bob", "carol", "dave"]).await;
    pds.add_member(&group, "alice").await;
    pds.add_member(&below, "bob").await;
    pds.add_member(&below, "carol").await;
    pds.add_member(&group, "carol").await;
    assert_eq!(pds.members_of(&group).await, ["alice", "carol"]);
    assert_eq!(corp.unit_members(eiam, &Doors::unit(&group)).await, ["alice", "carol"]);
    let of_org = DescribeUsers { org_id: Some(doors.org("g").await), ..DescribeUsers::default() };
    assert_eq!(find(eds, &of_org).await, ["alice", "carol"]);
    let subtree = pds.ask("user/general_search", json!({ "parent_group_id_list": [group] })).await;
    let mut ids: Vec<&str> = subtree["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|user| user["user_id"].as_str().expect("a text"))
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["alice", "bob", "carol"], "each once");
    let root = DescribeUsers { org_id: Some(ROOT.to_owned()), ..DescribeUsers::default() };
    assert_eq!(find(eds, &root).await, ["dave"]);
    let of_none = pds.ask("group/list_member", json!({ "member_type": "user" })).await;
    let ids: Vec<&Value> =
        of_none["user_items"].as_array().expect("a list").iter().map(|user| &user["user_id"]).collect();
    assert!(ids.contains(&&json!("dave")) && ids.len() == 2, "with superadmin: {ids:?}");
    doors.server.stop().await;
}
