//! One user, two doors: made through either, read through both, field by field.
//!
//! Source: `reference/doors.md` §0, §1, §2.3, §3.1, §4.6, §5 and §6.

use api::Password;
use api::eds::{
    BatchSetDesktopManager, ChangeUserPassword, DescribeUsers, DescribedUser, IsDesktopManager, LockUsers,
    ModifyUser, NewUser, UnlockUsers,
};
use api::eiam::{CreateUser, ListUsers, ShownUser, UpdateUser};
use serde_json::json;

use crate::support::{
    Client, Fault, GOOD, Instance, NOW, ROOT, Server, create, create_users, everybody, execute, filtered,
    find, join, list_users, lock, make, make_eiam_user, make_group, make_org, managed, move_users, new_user,
    promote, refused, remove, spelled, superadmin, text, texts, told, unlock, user,
};

const HOUR: i64 = 3_600_000;
/// What EIAM shows of a lock that has no end: the first moment of the year 9999 that programs can be sure to read.
const FOR_GOOD: i64 = 253_402_300_799_000;

/// Both doors of one server, into its default directory.
struct Doors {
    eds: Client,
    eiam: Client,
    corp: Instance,
}

impl Doors {
    async fn of(server: &Server) -> Self {
        let eiam = server.administrator().eiam();
        let corp = Instance::default_of(&eiam).await;
        Self { eds: server.administrator(), eiam, corp }
    }

    /// A user by its name, as EIAM shows it; eds-user shows the same id.
    async fn by_eiam(&self, name: &str) -> ShownUser {
        let request = ListUsers { username_starts_with: Some(name.to_owned()), ..self.corp.users() };
        let users = list_users(&self.eiam, &request).await;
        let found = users.iter().find(|user| user.username == name);
        let id = &found.unwrap_or_else(|| panic!("{name} is there")).user_id;
        let shown = self.corp.get_user(&self.eiam, id).await;
        assert_eq!(number_in(id), self.by_eds(name).await.id, "one id");
        shown
    }

    /// A user by its name, as eds-user shows it.
    async fn by_eds(&self, name: &str) -> DescribedUser {
        user(&self.eds, name).await
    }

    /// Changes a user through EIAM.
    async fn update(&self, name: &str, change: UpdateUser) -> Result<(), Fault> {
        let user_id = self.by_eiam(name).await.user_id;
        let request = UpdateUser { instance_id: self.corp.id.clone(), user_id, ..change };
        self.eiam.send(&request).await.map(|_| ())
    }

    /// Calls an action of EIAM on a user, which succeeds.
    async fn act(&self, action: &str, name: &str) {
        let user = self.by_eiam(name).await.user_id;
        self.corp.done(&self.eiam, action, &[("UserId", &user)]).await;
    }
}

/// The 32 digits that the letters of an id spell.
fn digits_in(id: &str) -> String {
    let (_, letters) = id.split_once('_').expect("a prefix");
    let value =
        |letter: u8| u128::from(if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'a' });
    let (last, first) = letters.as_bytes().split_last().expect("26 letters");
    let id = first.iter().fold(0, |id, letter| id << 5 | value(*letter)) << 3 | value(*last) >> 2;
    format!("{id:032x}")
}

/// The number of a thing: its first thirteen digits.
fn number_in(id: &str) -> i64 {
    i64::from_str_radix(&digits_in(id)[..13], 16).expect("hexadecimal digits")
}

/// The first 21 digits to the base 36, as eds-user spells units and groups.
fn base36(id: &str) -> String {
    let mut number = u128::from_str_radix(&digits_in(id)[..21], 16).expect("hexadecimal digits");
    let mut letters = Vec::new();
    for _ in 0..17 {
        letters.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::try_from(number % 36).expect("a digit")]);
        number /= 36;
    }
    letters.reverse();
    String::from_utf8(letters).expect("letters and digits")
}

async fn modify(eds: &Client, name: &str, email: Option<&str>, phone: Option<&str>) -> Result<(), Fault> {
    let request = ModifyUser {
        end_user_id: name.to_owned(),
        email: email.map(str::to_owned),
        phone: phone.map(str::to_owned),
    };
    eds.send(&request).await.map(|_| ())
}

#[test]
fn ids_are_spelled_as_the_reference_has_them() {
    let stored = "19519c9a402a5c3f09a71be4d2086e57";
    let user = spelled("user", stored);
    assert_eq!(user, "user_dfizzgsafjod6cnhdpsnecdok4");
    assert_eq!(digits_in(&user), stored);
    assert_eq!(number_in(&user), 445_412_966_400_677);
    assert_eq!(base36(&user), "08nirkf56rh6k7jht");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thing_has_one_id_that_each_door_spells() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    create(eds, &["by_eds"]).await;
    let by_eiam = corp.make_user(eiam, "by_eiam").await;
    make_org(eds, "unit by eds", ROOT).await;
    corp.make_unit(eiam, "unit by eiam", &corp.root).await;
    make_group(eds, "group by eds").await;
    corp.make_group(eiam, "group by eiam").await;

    for name in ["by_eds", "by_eiam"] {
        let (shown, described) = (doors.by_eiam(name).await, doors.by_eds(name).await);
        let digits = digits_in(&shown.user_id);
        assert_eq!((number_in(&shown.user_id), &digits[16..]), (described.id, described.wy_id.as_str()));
        let stored = format!("select id from users where username_key = '{name}'");
        assert_eq!(text(&server.home, &stored).await, digits);
    }
    assert!(doors.by_eds("by_eds").await.id < doors.by_eds("by_eiam").await.id, "in the order of making");
    assert_eq!(number_in(&by_eiam), doors.by_eds("by_eiam").await.id);

    let orgs = eds.call("DescribeOrgs", &[]).await.json();
    let units = corp.list_units(eiam).await;
    for (org, unit) in orgs["Orgs"].as_array().expect("a list").iter().zip(&units) {
        assert_eq!(org["OrgName"], unit.organizational_unit_name);
        let expected = if unit.organizational_unit_id == corp.root {
            ROOT.to_owned()
        } else {
            format!("org-{}", base36(&unit.organizational_unit_id))
        };
        assert_eq!(org["OrgId"], expected);
    }
    assert_eq!(units.len(), 3);
    let listed = eds.call("DescribeGroups", &[]).await.json();
    let groups = corp.list_groups(eiam).await;
    for (listed, group) in listed["Groups"].as_array().expect("a list").iter().rev().zip(&groups) {
        assert_eq!(listed["GroupName"], group.group_name);
        assert_eq!(listed["GroupId"], format!("ug-{}", base36(&group.group_id)));
    }
    assert_eq!(groups.len(), 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eiam_shows_every_field_of_a_user_that_eds_has_made() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    let dev = make_org(eds, "dev", ROOT).await;
    let readers = make_group(eds, "readers").await;
    let answer = eds
        .call(
            "CreateUsers",
            &[
                ("Users.1.EndUserId", "zhang_san"),
                ("Users.1.Email", "Zhang.San@Example.com"),
                ("Users.1.Phone", "+86 138-0000-0000"),
                ("Users.1.Password", GOOD),
                ("Users.1.OwnerType", "CreateFromManager"),
                ("Users.1.OrgId", &dev),
                ("Users.1.Remark", "第一行\n\t& <second>"),
                ("Users.1.RealNickName", "张三"),
                ("AutoLockTime", "2026-03-03 12:00:00"),
                ("IsLocalAdmin", "True"),
                ("PasswordExpireDays", "90"),
            ],
        )
        .await;
    assert_eq!(answer.json()["AllSucceed"], true, "{}", answer.text());
    join(eds, &readers, &["zhang_san"]).await;

    let shown = doors.by_eiam("zhang_san").await;
    let unit = &corp.list_units(eiam).await[1].organizational_unit_id;
    let group = &corp.list_groups(eiam).await[0].group_id;
    let (now, ends) = (NOW.to_string(), (NOW + 90 * 24 * HOUR).to_string());
    let ids = [
        (shown.user_id.as_str(), "zhang_san"),
        (&corp.id, "corp"),
        (unit, "dev"),
        (group, "readers"),
        (&now, "now"),
        (&ends, "in 90 days"),
    ];
    let answer = corp.call(eiam, "GetUser", &[("UserId", &shown.user_id)]).await;
    insta::assert_json_snapshot!(told(&answer, &ids), @r#"
    {
      "RequestId": "[id]",
      "User": {
        "AccountExpireTime": 1772510400000,
        "CreateTime": "[now]",
        "CustomFields": [],
        "Description": "第一行\n\t& <second>",
        "DisplayName": "张三",
        "Email": "Zhang.San@Example.com",
        "EmailVerified": false,
        "Groups": [
          {
            "GroupId": "[readers]",
            "GroupName": "readers"
          }
        ],
        "InstanceId": "[corp]",
        "OrganizationalUnits": [
          {
            "OrganizationalUnitId": "[dev]",
            "OrganizationalUnitName": "dev",
            "Primary": true
          }
        ],
        "PasswordExpireTime": "[in 90 days]",
        "PasswordSet": true,
        "PhoneNumber": "13800000000",
        "PhoneNumberVerified": false,
        "PhoneRegion": "86",
        "PrimaryOrganizationalUnitId": "[dev]",
        "RegisterTime": "[now]",
        "Status": "enabled",
        "UpdateTime": "[now]",
        "UserExternalId": "[zhang_san]",
        "UserId": "[zhang_san]",
        "UserSourceId": "[corp]",
        "UserSourceType": "build_in",
        "Username": "zhang_san"
      }
    }
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eds_shows_every_field_of_a_user_that_eiam_has_made() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    let dev = corp.make_unit(eiam, "dev", &corp.root).await;
    let ops = corp.make_unit(eiam, "ops", &dev).await;
    let readers = corp.make_group(eiam, "readers").await;
    let request = CreateUser {
        display_name: Some("张三".to_owned()),
        password: Some(Password::new(GOOD)),
        phone_region: Some("852".to_owned()),
        phone_number: Some("91234567".to_owned()),
        phone_number_verified: Some(true),
        email: Some("Zhang.San@Example.com".to_owned()),
        email_verified: Some(true),
        user_external_id: Some("E-1".to_owned()),
        primary_organizational_unit_id: ops.clone(),
        organizational_unit_ids: Some(texts(&[&corp.root])),
        description: Some("第一行\n\t& <second>".to_owned()),
        ..corp.user("Zhang.San@x-Y")
    };
    let id = make_eiam_user(eiam, &request).await;
    corp.join(eiam, &readers, &[&id]).await;

    let described = eds.call("DescribeUsers", &[]).await;
    let (number, wy_id) = (number_in(&id).to_string(), digits_in(&id)[16..].to_owned());
    let (dev, ops, group) = (
        format!("org-{}", base36(&dev)),
        format!("org-{}", base36(&ops)),
        format!("ug-{}", base36(&readers)),
    );
    let ids =
        [(number.as_str(), "number"), (&wy_id, "wy id"), (&dev, "dev"), (&ops, "ops"), (&group, "readers")];
    insta::assert_json_snapshot!(told(&described, &ids), @r#"
    {
      "Count": 1,
      "NextToken": "",
      "RequestId": "[id]",
      "Users": [
        {
          "Email": "Zhang.San@Example.com",
          "EnableAdminAccess": false,
          "EndUserId": "Zhang.San@x-Y",
          "Groups": [
            {
              "GroupId": "[readers]",
              "GroupName": "readers"
            }
          ],
          "Id": "[number]",
          "IsTenantManager": false,
          "NickName": "张三",
          "OrgId": "[ops]",
          "Orgs": [
            {
              "OrgId": "[ops]",
              "OrgName": "ops",
              "OrgNamePath": "root/dev/ops"
            },
            {
              "OrgId": "org-aliyun-wy-org-id",
              "OrgName": "root",
              "OrgNamePath": "root"
            }
          ],
          "OwnerType": "CreateFromManager",
          "Phone": "+85291234567",
          "RealNickName": "张三",
          "Remark": "第一行\n\t& <second>",
          "Status": 0,
          "WyId": "[wy id]"
        }
      ]
    }
    "#);
    let alone = eds
        .call("DescribeUser", &[("EndUserId", "zhang.san@x-y"), ("RequireExtraAttributes.1", "ExternalInfo")])
        .await
        .json();
    assert_eq!(alone["User"]["GmtCreate"], NOW);
    assert_eq!(alone["User"]["OrgIds"], json!([ops, ROOT]));
    assert_eq!(alone["User"]["ExternalInfo"]["ExternalId"], "E-1");
    let unasked = eds.call("DescribeUser", &[("EndUserId", "Zhang.San@x-Y")]).await.json();
    assert_eq!(unasked["User"].get("ExternalInfo"), None, "only where it is asked for");

    let plain = corp.make_user(eiam, "plain").await;
    let described = doors.by_eds("plain").await;
    assert_eq!((described.nick_name.as_str(), described.owner_type.as_str()), ("plain", "CreateFromManager"));
    assert_eq!((described.email, described.phone, described.remark), (None, None, None));
    assert_eq!((described.password_expire_days, described.real_nick_name), (None, None));
    let alone = eds
        .call("DescribeUser", &[("EndUserId", "plain"), ("RequireExtraAttributes.1", "ExternalInfo")])
        .await
        .json();
    assert_eq!(alone["User"].get("ExternalInfo"), None, "only where it was given: {plain}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_for_both_doors_and_found_whatever_its_case() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    create(eds, &["alice"]).await;
    corp.make_user(eiam, "Bob").await;

    for name in ["alice", "ALICE", "Alice"] {
        let fault = eiam.send(&corp.user(name)).await.expect_err("it is taken");
        refused(&fault, "403 ResourceDuplicated.Username", name);
    }
    let reply = eds.send(&create_users(vec![new_user("bob")])).await.expect("the call is right");
    assert_eq!(reply.create_result.failed_users[0].error_code, "ExistedEndUserId");
    assert_eq!(everybody(eds).await, ["alice", "Bob"], "shown as it was given");

    // eds-user finds and changes what it would not have made.
    let wide = "Wide.Name-no@x-Y";
    corp.make_user(eiam, wide).await;
    let folded = wide.to_lowercase();
    let named = DescribeUsers { end_user_ids: Some(texts(&[&folded])), ..DescribeUsers::default() };
    assert_eq!(find(eds, &named).await, [wide]);
    assert_eq!(lock(eds, &[&folded]).await.lock_users_result.locked_users, [folded.as_str()]);
    assert_eq!(unlock(eds, &[wide]).await.unlock_users_result.unlocked_users, [wide]);
    modify(eds, &folded, Some("w@example.com"), None).await.expect("it is there");
    assert_eq!(doors.by_eiam(wide).await.email.as_deref(), Some("w@example.com"));
    let group = make_group(eds, "readers").await;
    join(eds, &group, &[&folded]).await;
    remove(eds, &[&folded]).await;
    assert_eq!(corp.everybody(eiam).await, ["alice", "Bob"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_eiam_renames_and_eds_knows_the_new_name_alone() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    create(eds, &["alice", "bob"]).await;
    let group = make_group(eds, "readers").await;
    join(eds, &group, &["alice"]).await;
    let before = doors.by_eds("alice").await;

    let renamed = |name: &str| UpdateUser { username: Some(name.to_owned()), ..UpdateUser::default() };
    let fault = doors.update("alice", renamed("BOB")).await.expect_err("it is taken");
    refused(&fault, "403 ResourceDuplicated.Username", "rename");
    doors.update("alice", renamed("Alice.Liddell")).await.expect("it is free");

    let after = doors.by_eds("alice.liddell").await;
    assert_eq!(
        (after.id, after.wy_id, after.end_user_id.as_str()),
        (before.id, before.wy_id, "Alice.Liddell")
    );
    assert_eq!(after.groups.len(), 1);
    assert_eq!(lock(eds, &["alice"]).await.lock_users_result.failed_users[0].error_code, "InvalidUsername");
    let fuzzy = DescribeUsers { filter: Some("liddell".to_owned()), ..DescribeUsers::default() };
    assert_eq!(find(eds, &fuzzy).await, ["Alice.Liddell"]);
    let member = eds.call("DescribeGroupUser", &[("GroupId", &group)]).await.json();
    assert_eq!(member["Users"][0]["EndUserId"], "Alice.Liddell");
    create(eds, &["alice"]).await;
    assert_eq!(corp.everybody(eiam).await, ["Alice.Liddell", "bob", "alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_remarks_are_one_text_however_long() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    let (remark, nick) = ("述".repeat(1_024), "名".repeat(128));
    let long =
        NewUser { remark: Some(remark.clone()), real_nick_name: Some(nick.clone()), ..new_user("long") };
    let described = NewUser { remark: Some("a remark".to_owned()), ..new_user("described") };
    make(eds, vec![long, described]).await;

    let shown = doors.by_eiam("long").await;
    assert_eq!((shown.description, shown.display_name), (Some(remark.clone()), Some(nick)));
    // What EIAM shows it takes back; of other texts it takes 256 characters.
    let parameters = [("UserId", shown.user_id.as_str()), ("Description", &remark)];
    corp.done(eiam, "UpdateUserDescription", &parameters).await;
    let longer = "述".repeat(257);
    let parameters = [("UserId", shown.user_id.as_str()), ("Description", &longer)];
    corp.refuses(eiam, "UpdateUserDescription", &[(&parameters, "400 InvalidParameter.Description")]).await;

    // The nickname of eds-user is the first of display name, remark and username that is there.
    assert_eq!(doors.by_eds("described").await.nick_name, "a remark");
    let wide = "宽".repeat(256);
    let change = UpdateUser { display_name: Some(wide.clone()), ..UpdateUser::default() };
    doors.update("described", change).await.expect("256 characters");
    let user = doors.by_eds("described").await;
    assert_eq!((user.nick_name, user.real_nick_name), (wide.clone(), Some(wide)));
    doors.act("UpdateUserDescription", "long").await;
    assert_eq!(doors.by_eds("long").await.remark, None);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_numbers_are_the_same_contact_data() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    create(eds, &["alice"]).await;
    corp.make_user(eiam, "bob").await;
    let seen = async |name: &str| {
        let shown = doors.by_eiam(name).await;
        let described = doors.by_eds(name).await;
        assert_eq!(shown.email, described.email);
        (shown.email.unwrap_or_default(), shown.email_verified, described.phone.unwrap_or_default())
    };
    let with_email = |email: &str, verified: bool| UpdateUser {
        email: Some(email.to_owned()),
        email_verified: Some(verified),
        ..UpdateUser::default()
    };
    let with_phone = |region: &str, number: &str, verified: bool| UpdateUser {
        phone_region: Some(region.to_owned()),
        phone_number: Some(number.to_owned()),
        phone_number_verified: Some(verified),
        ..UpdateUser::default()
    };
    let expect = |email: &str, verified: bool, phone: &str| (email.to_owned(), verified, phone.to_owned());

    doors.update("alice", with_email("Alice@New.example.com", true)).await.expect("it is free");
    assert_eq!(seen("alice").await, expect("Alice@New.example.com", true, ""));
    modify(eds, "alice", Some("third@example.com"), None).await.expect("it may change");
    assert_eq!(seen("alice").await, expect("third@example.com", false, ""), "nobody has verified that one");

    for (region, number, by_eds) in [
        ("86", "13800000000", "13800000000"),
        ("852", "91234567", "+85291234567"),
        ("1", "123456789012345", "+1123456789012345"),
        ("86", "123456", "123456"),
    ] {
        doors.update("bob", with_phone(region, number, true)).await.expect("it is free");
        let shown = doors.by_eiam("bob").await;
        assert_eq!(
            (shown.phone_region.as_deref(), shown.phone_number.as_deref()),
            (Some(region), Some(number))
        );
        assert_eq!(seen("bob").await.2, by_eds);
        // eds-user takes back what it shows, though it would not take it otherwise, and nothing changes by it.
        modify(eds, "bob", None, Some(by_eds)).await.unwrap_or_else(|fault| panic!("{by_eds}: {fault:?}"));
        assert!(doors.by_eiam("bob").await.phone_number_verified, "{by_eds}");
    }
    let fault = modify(eds, "bob", None, Some("+85291234568")).await.expect_err("it was never shown");
    assert_eq!(fault.brief(), "400 InvalidPhone");
    for given in ["+86 139-0000-0000", "0086 13900000000", "13900000000"] {
        modify(eds, "bob", None, Some(given)).await.expect("a number of region 86");
        let shown = doors.by_eiam("bob").await;
        assert_eq!(
            (shown.phone_region.as_deref(), shown.phone_number.as_deref()),
            (Some("86"), Some("13900000000"))
        );
        assert!(!shown.phone_number_verified);
    }
    // Both together, and none of either.
    modify(eds, "bob", Some("bob@example.com"), Some("")).await.expect("he is no user who activates himself");
    modify(eds, "bob", Some(""), None).await.expect("he is no user who activates himself");
    assert_eq!(seen("bob").await, expect("", false, ""));
    assert_eq!(doors.by_eiam("bob").await.phone_region, None);

    // An address that EIAM would not take is shown as it is; EIAM always checks what it is given.
    modify(eds, "alice", Some("张三@例子.中国"), None).await.expect("eds-user takes it");
    assert_eq!(seen("alice").await.0, "张三@例子.中国");
    let fault = doors.update("alice", with_email("张三@例子.中国", false)).await.expect_err("it claims");
    refused(&fault, "400 InvalidParameter.Email", "its own");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eds_may_give_an_address_that_is_somebody_s_and_eiam_may_not() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    let claimed = CreateUser {
        email: Some("Shared@example.com".to_owned()),
        email_verified: Some(true),
        phone_region: Some("86".to_owned()),
        phone_number: Some("13800000000".to_owned()),
        phone_number_verified: Some(false),
        ..corp.user("alice")
    };
    make_eiam_user(eiam, &claimed).await;
    let same = NewUser {
        email: Some("shared@EXAMPLE.com".to_owned()),
        phone: Some("13800000000".to_owned()),
        ..new_user("bob")
    };
    make(eds, vec![same, new_user("carol")]).await;
    modify(eds, "carol", Some("SHARED@example.com"), None).await.expect("contact data repeats");

    let by_email = ListUsers { email: Some("shared@example.com".to_owned()), ..corp.users() };
    let found = list_users(eiam, &by_email).await;
    let found: Vec<(&str, bool)> =
        found.iter().map(|user| (user.username.as_str(), user.email_verified)).collect();
    assert_eq!(found, [("alice", true), ("bob", false), ("carol", false)]);
    let fault =
        eiam.send(&CreateUser { username: "dave".into(), ..claimed.clone() }).await.expect_err("taken");
    refused(&fault, "403 ResourceDuplicated.Email", "CreateUser");
    let verifying = UpdateUser { email_verified: Some(true), ..UpdateUser::default() };
    let fault = doors.update("bob", verifying.clone()).await.expect_err("it is hers");
    refused(&fault, "403 ResourceDuplicated.Email", "UpdateUser");
    let verifying_phone = UpdateUser { phone_number_verified: Some(true), ..UpdateUser::default() };
    let fault = doors.update("bob", verifying_phone).await.expect_err("it is hers");
    refused(&fault, "403 ResourceDuplicated.PhoneNumber", "UpdateUser");

    // What eds-user takes from her is free for the next one.
    modify(eds, "alice", Some("alice@example.com"), None).await.expect("it may change");
    doors.update("bob", verifying).await.expect("nobody claims it");
    assert!(doors.by_eiam("bob").await.email_verified);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_has_its_word_at_each_door() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    create(eds, &["alice", "bob", "carol"]).await;
    let seen = async |name: &str| {
        let shown = doors.by_eiam(name).await;
        let listed =
            list_users(eiam, &ListUsers { user_ids: Some(texts(&[&shown.user_id])), ..corp.users() }).await;
        assert_eq!(listed[0].lock_expire_time, shown.lock_expire_time);
        assert_eq!(
            (listed[0].status, listed[0].account_expire_time),
            (shown.status, shown.account_expire_time)
        );
        let status = serde_json::to_value(doors.by_eds(name).await.status).expect("a number");
        let shown = serde_json::to_value(&shown).expect("it is JSON");
        json!([status, shown["Status"], shown["LockExpireTime"], shown["AccountExpireTime"]])
    };
    let reset = async |name: &str| {
        doors.act("EnableUser", name).await;
        unlock(eds, &[name]).await;
    };

    assert_eq!(seen("alice").await, json!([0, "enabled", null, null]), "free");
    doors.act("DisableUser", "alice").await;
    assert_eq!(seen("alice").await, json!([9, "disabled", null, null]));
    lock(eds, &["alice"]).await;
    assert_eq!(seen("alice").await, json!([9, "disabled", FOR_GOOD, null]), "disabled and locked");
    doors.act("EnableUser", "alice").await;
    assert_eq!(seen("alice").await, json!([9, "enabled", FOR_GOOD, null]), "a lock stays");
    unlock(eds, &["alice"]).await;
    assert_eq!(seen("alice").await, json!([0, "enabled", null, null]));

    // Failed sign-ins, for their time.
    let until = NOW + HOUR;
    let guessed =
        |name: &str| format!("update users set lock_until = {until} where username_key = '{name}';");
    execute(&server.home, &guessed("alice")).await;
    assert_eq!(seen("alice").await, json!([9, "enabled", until, null]));
    lock(eds, &["alice"]).await;
    assert_eq!(seen("alice").await, json!([9, "enabled", FOR_GOOD, null]), "the latest of several");
    doors.act("UnlockUser", "alice").await;
    assert_eq!(seen("alice").await, json!([0, "enabled", null, null]), "EIAM opens the locks of eds-user");
    execute(&server.home, &guessed("alice")).await;
    server.pass(HOUR);
    assert_eq!(seen("alice").await, json!([0, "enabled", null, null]), "its time is over");

    // An account that locks itself.
    let at = NOW + 2 * HOUR;
    let request =
        UnlockUsers { users: texts(&["bob"]), auto_lock_time: Some("2026-01-15 18:30:00".to_owned()) };
    eds.send(&request).await.expect("the time is ahead");
    assert_eq!(seen("bob").await, json!([0, "enabled", null, at]));
    server.pass(HOUR);
    assert_eq!(seen("bob").await, json!([9, "enabled", FOR_GOOD, at]), "the time has come");
    assert_eq!(filtered(eds, "bob").await.auto_lock_time.as_deref(), Some("2026-01-15 18:30:00"));
    doors.act("UnlockUser", "bob").await;
    assert_eq!(
        seen("bob").await,
        json!([0, "enabled", null, null]),
        "a time that has come goes with the lock"
    );

    // eds-user cannot open what EIAM has shut, and nothing of it changes.
    doors.act("DisableUser", "carol").await;
    let locking = LockUsers { users: texts(&["carol"]), logout_session: None };
    let reply = eds.send(&locking).await.expect("the call is right");
    assert_eq!(reply.lock_users_result.locked_users, ["carol"]);
    let failed = unlock(eds, &["carol"]).await.unlock_users_result.failed_users;
    assert_eq!(failed[0].error_code, "OperationDenied.UserDisabled");
    assert_eq!(seen("carol").await, json!([9, "disabled", FOR_GOOD, null]));
    doors.act("UnlockUser", "carol").await;
    assert_eq!(seen("carol").await, json!([9, "disabled", null, null]), "it does not enable");
    reset("carol").await;
    assert_eq!(seen("carol").await, json!([0, "enabled", null, null]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn status_filters_ask_what_each_door_shows() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    create(eds, &["free", "disabled", "locked", "both", "guessed"]).await;
    for name in ["disabled", "both"] {
        doors.act("DisableUser", name).await;
    }
    lock(eds, &["locked", "both"]).await;
    let later = NOW + HOUR;
    execute(&server.home, &format!("update users set lock_until = {later} where username_key = 'guessed';"))
        .await;

    let by_eiam = async |status: &str| {
        let answer = corp.ask(eiam, "ListUsers", &[("Status", status)]).await;
        let users = answer["Users"].as_array().expect("a list").clone();
        assert_eq!(answer["TotalCount"], users.len());
        users.iter().map(|user| user["Username"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let by_eds = async |status: &str| {
        let answer = eds.call("DescribeUsers", &[("Status", status)]).await.json();
        let users = answer["Users"].as_array().expect("a list").clone();
        assert_eq!(answer["Count"], users.len());
        users.iter().map(|user| user["EndUserId"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(by_eiam("enabled").await, ["free", "locked", "guessed"], "the stored status alone");
    assert_eq!(by_eiam("disabled").await, ["disabled", "both"]);
    assert_eq!(by_eds("0").await, ["free"]);
    assert_eq!(by_eds("9").await, ["disabled", "locked", "both", "guessed"]);
    server.pass(HOUR);
    assert_eq!(by_eds("0").await, ["free", "guessed"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_one_password() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    let alice = corp.make_user(eiam, "alice").await;
    make(eds, vec![managed("bob"), new_user("carol")]).await;
    assert!(!corp.get_user(eiam, &alice).await.password_set);
    assert!(doors.by_eiam("bob").await.password_set);
    assert!(!doors.by_eiam("carol").await.password_set, "she gets a message first");
    let changing = async |name: &str| {
        let new_password = Password::new(GOOD);
        eds.send(&ChangeUserPassword { end_user_id: name.to_owned(), new_password }).await.map(|_| ())
    };

    changing("alice").await.expect("whom EIAM makes the administrator activates");
    assert!(corp.get_user(eiam, &alice).await.password_set);
    let kept = async |name: &str| {
        let question = format!(
            "select p.hash from passwords p join users u on u.directory = p.directory and u.number = p.user_number
             where u.username_key = '{name}'"
        );
        text(&server.home, &question).await
    };
    let before = kept("bob").await;
    let bob = doors.by_eiam("bob").await.user_id;
    corp.done(eiam, "UpdateUserPassword", &[("UserId", &bob), ("Password", "Battery-staple-2")]).await;
    assert_ne!(kept("bob").await, before);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_change_moves_with_what_eds_changes_of_a_user_s_own() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    make(eds, vec![NewUser { email: Some("alice@example.com".to_owned()), ..managed("alice") }]).await;
    let dev = make_org(eds, "dev", ROOT).await;
    let group = make_group(eds, "readers").await;
    for (what, moves) in [
        ("the address", true),
        ("the same address", false),
        ("the number", true),
        ("the lock", true),
        ("the same lock", false),
        ("the opened lock", true),
        ("no lock", false),
        ("the password", true),
        ("the primary unit", true),
        ("the same unit", false),
        ("a group", false),
        ("being a local administrator", true),
    ] {
        let before = doors.by_eiam("alice").await.update_time;
        server.pass(1_000);
        match what {
            "the address" | "the same address" => {
                modify(eds, "alice", Some("a@example.com"), None).await.expect("it may change");
            }
            "the number" => modify(eds, "alice", None, Some("13800000000")).await.expect("it may change"),
            "the lock" | "the same lock" => drop(lock(eds, &["alice"]).await),
            "the opened lock" | "no lock" => drop(unlock(eds, &["alice"]).await),
            "the password" => {
                let new_password = Password::new("Battery-staple-2");
                let request = ChangeUserPassword { end_user_id: "alice".to_owned(), new_password };
                eds.send(&request).await.expect("it may change");
            }
            "the primary unit" | "the same unit" => {
                eds.send(&move_users(&dev, &["alice"])).await.expect("it may change");
            }
            "a group" => join(eds, &group, &["alice"]).await,
            "being a local administrator" => {
                let request = BatchSetDesktopManager {
                    users: texts(&["alice"]),
                    is_desktop_manager: IsDesktopManager::Yes,
                };
                eds.send(&request).await.expect("it may change");
            }
            other => panic!("{other}"),
        }
        let expected = if moves { server.home.clock.now().0 } else { before };
        let after = doors.by_eiam("alice").await;
        assert_eq!((after.update_time, after.create_time), (expected, NOW), "{what}");
    }
    assert_eq!(corp.everybody(eiam).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_through_one_door_is_gone_from_both() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    create(eds, &["alice", "bob"]).await;
    corp.make_users(eiam, &["carol", "dave"]).await;
    let alice = doors.by_eiam("alice").await.user_id;
    let dave = doors.by_eiam("dave").await.user_id;
    let counts = async || {
        let by_eds = eds.call("GetUsersCount", &[]).await.json()["UserCount"].clone();
        let by_eiam = corp.ask(eiam, "ListUsers", &[]).await["TotalCount"].clone();
        assert_eq!(by_eds, by_eiam);
        by_eds
    };
    assert_eq!(counts().await, 4);

    doors.act("DeleteUser", "alice").await;
    remove(eds, &["dave"]).await;

    assert_eq!(counts().await, 2);
    assert_eq!(everybody(eds).await, ["bob", "carol"]);
    assert_eq!(corp.everybody(eiam).await, ["bob", "carol"]);
    for gone in [&alice, &dave] {
        assert!(!corp.has_user(eiam, gone).await);
    }
    let again = remove(eds, &["alice"]).await;
    assert_eq!(again.remove_users_result.failed_users[0].error_code, "InvalidUsername");
    create(eds, &["alice"]).await;
    corp.make_user(eiam, "dave").await;
    assert_ne!(doors.by_eiam("alice").await.user_id, alice, "ids are never used again");
    assert_eq!(counts().await, 4);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_superadmin_is_found_by_name_and_id_and_counted_nowhere() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    let system = superadmin(&server.home).await;
    let count = corp.ask(eiam, "ListUsers", &[]).await["TotalCount"].clone();
    assert_eq!((count, corp.everybody(eiam).await), (json!(0), vec![]));
    for (filter, value) in
        [("UsernameStartsWith", "super"), ("Status", "enabled"), ("OrganizationalUnitId", &corp.root)]
    {
        assert_eq!(corp.ask(eiam, "ListUsers", &[(filter, value)]).await["TotalCount"], 0, "{filter}");
    }
    let named = corp.ask(eiam, "ListUsers", &[("UserIds.1", &system)]).await;
    assert_eq!((&named["TotalCount"], &named["Users"][0]["Username"]), (&json!(1), &json!("superadmin")));

    let shown = corp.get_user(eiam, &system).await;
    assert_eq!(
        (shown.username.as_str(), shown.primary_organizational_unit_id),
        ("superadmin", corp.root.clone())
    );
    corp.done(eiam, "UpdateUserDescription", &[("UserId", &system), ("Description", "keeps the keys")]).await;
    assert_eq!(user(eds, "superadmin").await.remark.as_deref(), Some("keeps the keys"));
    let fault = eiam.send(&corp.user("SuperAdmin")).await.expect_err("it is taken");
    refused(&fault, "403 ResourceDuplicated.Username", "CreateUser");
    // The last one who may do everything stays, whichever door asks.
    for action in ["DeleteUser", "DisableUser"] {
        let refusal = "403 OperationDenied.LastSuperadmin";
        corp.refuses(eiam, action, &[(&[("UserId", &system)], refusal)]).await;
    }
    let batch = [("UserIds.1", system.as_str())];
    corp.refuses(eiam, "DeleteUsers", &[(&batch, "403 OperationDenied.LastSuperadmin")]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_resources_show_at_one_door_and_harm_no_other() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    corp.make_users(eiam, &["alice", "bob"]).await;
    promote(&server.home, "alice", 1).await;
    doors.act("DisableUser", "bob").await;

    assert!(doors.by_eds("alice").await.is_tenant_manager);
    assert!(!doors.by_eds("bob").await.is_tenant_manager);
    let shown = serde_json::to_value(doors.by_eiam("alice").await).expect("it is JSON");
    assert!(!shown.to_string().to_lowercase().contains("role"), "{shown}");
    assert_eq!(serde_json::to_value(doors.by_eiam("bob").await).expect("it is JSON")["Status"], "disabled");
    assert_eq!(everybody(eds).await, ["alice", "bob"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eds_sees_the_default_instance_and_no_other() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { eds, eiam, corp } = &doors;
    let other = Instance::described(eiam, "other").await;
    let unit = other.make_unit(eiam, "dev", &other.root).await;
    let user = other.make_user_in(eiam, &unit, "alice").await;
    let group = other.make_group(eiam, "readers").await;
    other.join(eiam, &group, &[&user]).await;

    assert_eq!(everybody(eds).await, Vec::<String>::new());
    let counts = eds.call("GetUsersCount", &[]).await.json();
    assert_eq!(
        (&counts["UserCount"], &counts["GroupCount"], &counts["OrgCount"]),
        (&json!(0), &json!(0), &json!(0))
    );
    assert_eq!(counts["MaxUserNumber"], 2_147_483_647);
    let orgs = eds.call("DescribeOrgs", &[]).await.json();
    assert_eq!(orgs["Orgs"].as_array().map(Vec::len), Some(1));
    let org = format!("org-{}", base36(&unit));
    let answer = eds.call("CreateOrg", &[("OrgName", "x"), ("ParentOrgId", &org)]).await;
    assert_eq!(answer.refusal(), "400 InvalidParentOrgId.NotFound");
    create(eds, &["alice"]).await;
    remove(eds, &["alice"]).await;
    assert_eq!(other.everybody(eiam).await, ["alice"], "another alice");
    assert_eq!(corp.everybody(eiam).await, Vec::<String>::new());
    server.stop().await;
}
