//! `EnableUser`, `DisableUser` and `UnlockUser` beside the locks of eds, and the removal of users.
//!
//! Source: `reference/eiam.md`, 6.5 to 6.7 and 14.5; `reference/doors.md` §1.1, §4.2 and §5.

use api::eds::{ShownStatus, UnlockUsers};
use api::eiam::{CreateCustomField, CreateUser, DeleteUsers, ListUsers, Status, StatusFilter};
use futures_util::future::join_all;
use model::time::MINUTE;
use serde_json::json;

use crate::support::{
    Client, Instance, NOW, Server, by_status, execute, field_values, list_users, lock, make_eiam_user,
    make_field, number, promote, refused, rows, superadmin, text, texts, told, unlock, user,
};

/// What a lock without an end is shown as: the end of the year 9999.
const NEVER: i64 = 253_402_300_799_000;
/// 16:40 in the zone of the server, ten minutes after the beginning.
const AT_TEN: i64 = NOW + 10 * MINUTE;

/// A user in the default instance whom both doors act on.
struct One {
    server: Server,
    admin: Client,
    instance: Instance,
    id: String,
}

/// Both doors' words: that of eds, EIAM's, until when the account is locked, when it locks itself.
type State = (ShownStatus, Status, Option<i64>, Option<i64>);

impl One {
    async fn settle() -> Self {
        let server = Server::start().await;
        let admin = server.administrator().eiam();
        let instance = Instance::default_of(&admin).await;
        let id = instance.make_user(&admin, "alice").await;
        Self { server, admin, instance, id }
    }

    async fn act(&self, what: &str) {
        match what {
            "lock" => {
                assert_eq!(lock(&self.admin, &["alice"]).await.lock_users_result.locked_users, ["alice"]);
            }
            "unlock" => {
                let reply = unlock(&self.admin, &["alice"]).await.unlock_users_result;
                assert_eq!(reply.unlocked_users, ["alice"]);
            }
            "unlock in vain" => {
                let reply = unlock(&self.admin, &["alice"]).await.unlock_users_result;
                assert_eq!(reply.failed_users[0].error_code, "OperationDenied.UserDisabled");
            }
            "lock at ten" => {
                let at = Some("2026-01-15 16:40:00".to_owned());
                let request = UnlockUsers { users: texts(&["alice"]), auto_lock_time: at };
                let reply = self.admin.send(&request).await.expect("it is ahead").unlock_users_result;
                assert_eq!(reply.unlocked_users, ["alice"]);
            }
            "guess" => {
                // As failed sign-ins do: for half an hour.
                let until = self.server.home.clock.now().0 + 30 * MINUTE;
                let guess = format!("update users set lock_until = {until} where username_key = 'alice'");
                execute(&self.server.home, &guess).await;
            }
            "wait" => self.server.pass(10 * MINUTE),
            action => {
                let answer = self.instance.call(&self.admin, action, &[("UserId", &self.id)]).await;
                assert_eq!(told(&answer, &[]), json!({ "RequestId": "[id]" }), "{action}");
            }
        }
    }

    /// How both doors show the user; their lists and totals agree.
    async fn state(&self) -> State {
        let shown = self.instance.get_user(&self.admin, &self.id).await;
        let listed = list_users(&self.admin, &self.instance.users()).await.remove(0);
        assert_eq!(
            (listed.status, listed.lock_expire_time, listed.account_expire_time, listed.update_time),
            (shown.status, shown.lock_expire_time, shown.account_expire_time, shown.update_time)
        );
        for (filter, status) in
            [(StatusFilter::Enabled, Status::Enabled), (StatusFilter::Disabled, Status::Disabled)]
        {
            let request = ListUsers { status: Some(filter), ..self.instance.users() };
            let found = list_users(&self.admin, &request).await.len();
            assert_eq!(found, usize::from(shown.status == status), "the stored status alone counts");
        }
        let eds = user(&self.admin, "alice").await.status;
        let (open, shut) = by_status(&self.server.administrator()).await;
        assert_eq!((open.len(), shut.len()), if eds == ShownStatus::Normal { (1, 0) } else { (0, 1) });
        (eds, shown.status, shown.lock_expire_time, shown.account_expire_time)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn locks_and_the_status_are_two_things_that_both_doors_show() {
    let one = One::settle().await;
    let open = (ShownStatus::Normal, Status::Enabled, None, None);
    let locked = (ShownStatus::Locked, Status::Enabled, Some(NEVER), None);
    let disabled = (ShownStatus::Locked, Status::Disabled, None, None);
    let both = (ShownStatus::Locked, Status::Disabled, Some(NEVER), None);
    let timed = (ShownStatus::Normal, Status::Enabled, None, Some(AT_TEN));
    let guessed = |until| (ShownStatus::Locked, Status::Enabled, Some(until), None);

    assert_eq!(one.state().await, open);
    for (what, expected) in [
        ("EnableUser", open),
        ("UnlockUser", open),
        ("lock", locked),
        ("lock", locked),
        ("EnableUser", locked),
        ("DisableUser", both),
        ("DisableUser", both),
        ("unlock in vain", both),
        ("EnableUser", locked),
        ("DisableUser", both),
        ("UnlockUser", disabled),
        ("UnlockUser", disabled),
        ("EnableUser", open),
        ("lock at ten", timed),
        ("UnlockUser", timed),
        ("DisableUser", (ShownStatus::Locked, Status::Disabled, None, Some(AT_TEN))),
        ("EnableUser", timed),
        ("wait", (ShownStatus::Locked, Status::Enabled, Some(NEVER), Some(AT_TEN))),
        ("EnableUser", (ShownStatus::Locked, Status::Enabled, Some(NEVER), Some(AT_TEN))),
        ("DisableUser", (ShownStatus::Locked, Status::Disabled, Some(NEVER), Some(AT_TEN))),
        ("EnableUser", (ShownStatus::Locked, Status::Enabled, Some(NEVER), Some(AT_TEN))),
        ("UnlockUser", open),
        // Ten minutes have passed.
        ("guess", guessed(NOW + 40 * MINUTE)),
        ("EnableUser", guessed(NOW + 40 * MINUTE)),
        ("lock", locked),
        ("UnlockUser", open),
        ("guess", guessed(NOW + 40 * MINUTE)),
        ("DisableUser", (ShownStatus::Locked, Status::Disabled, Some(NOW + 40 * MINUTE), None)),
        ("EnableUser", guessed(NOW + 40 * MINUTE)),
        ("unlock", open),
        ("guess", guessed(NOW + 40 * MINUTE)),
        ("wait", guessed(NOW + 40 * MINUTE)),
        ("wait", guessed(NOW + 40 * MINUTE)),
        ("wait", open),
    ] {
        one.act(what).await;
        assert_eq!(one.state().await, expected, "after {what}");
    }
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_so_already_is_done_without_an_event() {
    let one = One::settle().await;
    let events = async || number(&one.server.home, "select count(*) from events").await;
    let before = events().await;
    for (action, more) in [
        ("EnableUser", 0),
        ("UnlockUser", 0),
        ("DisableUser", 1),
        ("DisableUser", 0),
        ("EnableUser", 1),
        ("EnableUser", 0),
        ("lock", 1),
        ("UnlockUser", 1),
        ("UnlockUser", 0),
        ("DeleteUser", 1),
    ] {
        let before = events().await;
        one.act(action).await;
        assert_eq!(events().await - before, more, "{action}");
    }
    assert_eq!(events().await - before, 5);
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_superadmin_who_can_act_stays_so() {
    let one = One::settle().await;
    let denied = "403 OperationDenied.LastSuperadmin";
    let admin = superadmin(&one.server.home).await;
    let shown = one.instance.get_user(&one.admin, &admin).await;
    assert_eq!(shown.username, "superadmin");
    let other = one.instance.make_user(&one.admin, "bob").await;
    let refuses = async |who: &str| {
        let all: [(&str, &[(&str, &str)]); 3] = [
            ("DisableUser", &[("UserId", who)]),
            ("DeleteUser", &[("UserId", who)]),
            ("DeleteUsers", &[("UserIds.1", &other), ("UserIds.2", who)]),
        ];
        for (action, parameters) in all {
            one.instance.refuses(&one.admin, action, &[(parameters, denied)]).await;
        }
    };

    refuses(&admin).await;
    for action in ["EnableUser", "UnlockUser"] {
        one.instance.ask(&one.admin, action, &[("UserId", &admin)]).await;
    }
    let update = [("UserId", &*admin), ("DisplayName", "The one"), ("Username", "root")];
    one.instance.ask(&one.admin, "UpdateUser", &update).await;
    let shown = one.instance.get_user(&one.admin, &admin).await;
    assert_eq!((shown.username.as_str(), shown.display_name.as_deref()), ("root", Some("The one")));

    promote(&one.server.home, "alice", 2).await;
    one.act("lock").await;
    refuses(&admin).await;
    one.act("UnlockUser").await;
    one.instance.ask(&one.admin, "DisableUser", &[("UserId", &admin)]).await;
    refuses(&one.id).await;
    let both = [("UserIds.1", &*one.id), ("UserIds.2", &*admin)];
    let fault = one.instance.call(&one.admin, "DeleteUsers", &both).await.fault();
    refused(&fault, denied, "both of them");
    one.instance.ask(&one.admin, "EnableUser", &[("UserId", &admin)]).await;
    one.act("DeleteUser").await;
    assert_eq!(one.instance.everybody(&one.admin).await, ["bob"]);
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_superadmins_who_are_disabled_at_once_one_stays() {
    let one = One::settle().await;
    promote(&one.server.home, "alice", 2).await;
    let admin = superadmin(&one.server.home).await;
    let other = one.server.administrator().eiam();
    let (disable, enable) = ("DisableUser", "EnableUser");
    for round in 0..10 {
        let (alice, root) = ([("UserId", &*one.id)], [("UserId", &*admin)]);
        let (hers, his) = tokio::join!(
            one.instance.call(&one.admin, disable, &alice),
            one.instance.call(&other, disable, &root),
        );
        let (loser, disabled) = if hers.status == 200 { (his, &one.id) } else { (hers, &admin) };
        refused(&loser.fault(), "403 OperationDenied.LastSuperadmin", &format!("round {round}"));
        one.instance.ask(&one.admin, enable, &[("UserId", disabled)]).await;
    }
    one.server.stop().await;
}

/// A user with everything that hangs on one.
async fn whole(one: &One, name: &str, unit: &str, group: &str) -> String {
    let request = CreateUser {
        password: Some(api::Password::new("Correct-horse-1")),
        email: Some(format!("{name}@example.com")),
        email_verified: Some(true),
        phone_region: Some("86".to_owned()),
        phone_number: Some(format!("1380000{}", 1_000 + name.len())),
        phone_number_verified: Some(true),
        user_external_id: Some(format!("external {name}")),
        organizational_unit_ids: Some(texts(&[unit])),
        custom_fields: field_values(&[("badge", name), ("secret", name)]),
        ..one.instance.user(name)
    };
    let id = make_eiam_user(&one.admin, &request).await;
    one.instance.join(&one.admin, group, &[&id]).await;
    let mapping = [("UserId", &*id), ("IdentityProviderId", "idp_x"), ("UserExternalId", name)];
    one.instance.ask(&one.admin, "BindUserAuthnSourceMapping", &mapping).await;
    let password = [
        ("UserId", &*id),
        ("Password", "Battery-staple-2"),
        ("UserNotificationChannels.1", "email"),
        ("UserNotificationChannels.2", "sms"),
    ];
    one.instance.ask(&one.admin, "UpdateUserPassword", &password).await;
    id
}

async fn with_fields(one: &One) {
    let unique = |name: &str| CreateCustomField { unique: Some(true), ..one.instance.field(name) };
    make_field(&one.admin, &unique("badge")).await;
    make_field(&one.admin, &CreateCustomField { encrypted: Some(true), ..unique("secret") }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_leaves_nothing_behind() {
    let one = One::settle().await;
    with_fields(&one).await;
    let unit = one.instance.make_unit(&one.admin, "unit", &one.instance.root).await;
    let group = one.instance.make_group(&one.admin, "group").await;
    let before = rows(&one.server.home).await;
    let id = whole(&one, "bob", &unit, &group).await;
    let digits = "select id from users where username_key = 'bob'";
    let digits = text(&one.server.home, digits).await;

    let removal = [("UserId", &*id)];
    let answer = one.instance.call(&one.admin, "DeleteUser", &removal).await;

    assert_eq!(told(&answer, &[]), json!({ "RequestId": "[id]" }));
    for action in ["GetUser", "DeleteUser", "EnableUser"] {
        let fault = one.instance.call(&one.admin, action, &removal).await.fault();
        refused(&fault, &format!("404 ResourceNotFound.User {id}"), action);
    }
    let trail = ["events", "event_facts"];
    let kept = |rows: Vec<(&'static str, i64)>| -> Vec<(&'static str, i64)> {
        rows.into_iter().filter(|(table, _)| !trail.contains(table)).collect()
    };
    assert_eq!(kept(rows(&one.server.home).await), kept(before));
    assert_eq!(one.instance.members(&one.admin, &group).await, Vec::<String>::new());
    let members = ListUsers { organizational_unit_id: Some(unit.clone()), ..one.instance.users() };
    assert_eq!(list_users(&one.admin, &members).await, []);
    let removals = format!("select count(*) from events where subject like '%{digits}%'");
    assert!(number(&one.server.home, &removals).await >= 2, "the trail of making and removing stays");
    // Everything is free at once.
    let again = whole(&one, "bob", &unit, &group).await;
    assert_ne!(again, id, "ids are never used again");
    assert_eq!(one.instance.everybody(&one.admin).await, ["alice", "bob"]);
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_are_removed_at_once_or_none_is() {
    let one = One::settle().await;
    with_fields(&one).await;
    let unit = one.instance.make_unit(&one.admin, "unit", &one.instance.root).await;
    let group = one.instance.make_group(&one.admin, "group").await;
    let mut ids = Vec::new();
    for name in ["b", "bo", "bob", "bobb"] {
        ids.push(whole(&one, name, &unit, &group).await);
    }
    let other = Instance::make(&one.admin).await;
    let foreign = other.make_user(&one.admin, "foreign").await;
    let admin = superadmin(&one.server.home).await;

    let (first, last) = (("UserIds.1", &*ids[0]), ("UserIds.3", &*ids[1]));
    for (wrong, expected) in [
        (&*foreign, format!("404 ResourceNotFound.User {foreign}")),
        ("nobody", "404 ResourceNotFound.User nobody".to_owned()),
        (&*admin, "403 OperationDenied.LastSuperadmin".to_owned()),
    ] {
        let parameters = [first, ("UserIds.2", wrong), last];
        one.instance.refuses(&one.admin, "DeleteUsers", &[(&parameters, &expected)]).await;
    }
    // Of two that are not there the first is told.
    let two = [("UserIds.1", "first"), ("UserIds.2", &*ids[0]), ("UserIds.3", "second")];
    one.instance.refuses(&one.admin, "DeleteUsers", &[(&two, "404 ResourceNotFound.User first")]).await;

    let events = number(&one.server.home, "select count(*) from events").await;
    let again = [first, ("UserIds.2", &*ids[2]), last, ("UserIds.4", &*ids[0]), ("UserIds.9", &*ids[2])];
    let answer = one.instance.call(&one.admin, "DeleteUsers", &again).await;
    assert_eq!(told(&answer, &[]), json!({ "RequestId": "[id]" }));
    assert_eq!(one.instance.everybody(&one.admin).await, ["alice", "bobb"]);
    assert_eq!(one.instance.members(&one.admin, &group).await, [ids[3].clone()]);
    assert_eq!(number(&one.server.home, "select count(*) from events").await, events + 3, "one for each");
    let parameters = [("UserIds.1", &*ids[3]), ("UserIds.2", &*ids[0])];
    let expected = format!("404 ResourceNotFound.User {}", ids[0]);
    one.instance.refuses(&one.admin, "DeleteUsers", &[(&parameters, &expected)]).await;
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_to_a_hundred_make_a_removal() {
    let one = One::settle().await;
    let mut ids = Vec::new();
    for n in 0..100 {
        ids.push(one.instance.make_user(&one.admin, &format!("user-{n}")).await);
    }
    let named = |count: usize| -> Vec<(String, String)> {
        (1..=count).map(|n| (format!("UserIds.{n}"), ids[(n - 1) % 100].clone())).collect()
    };
    let (whole, too_many) = (named(100), named(101));
    let too_many: Vec<(&str, &str)> = too_many.iter().map(|(name, id)| (&**name, &**id)).collect();
    for (parameters, expected) in [
        (&too_many[..], "400 InvalidParameter.UserIds"),
        (&[("UserIds", "user_x")], "400 InvalidParameter.UserIds"),
        (&[("UserIds", "[]")], "400 MissingParameter.UserIds"),
        (&[("UserIds.0", "user_x")], "400 MissingParameter.UserIds"),
    ] {
        let fault = one.instance.call(&one.admin, "DeleteUsers", parameters).await.fault();
        refused(&fault, expected, "DeleteUsers");
    }
    assert_eq!(one.instance.everybody(&one.admin).await.len(), 101);

    let whole: Vec<(&str, &str)> = whole.iter().map(|(name, id)| (&**name, &**id)).collect();
    one.instance.ask(&one.admin, "DeleteUsers", &whole).await;

    assert_eq!(one.instance.everybody(&one.admin).await, ["alice"]);
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_remove_one_user_exactly_one_does() {
    let one = One::settle().await;
    let clients: Vec<Client> = (0..12).map(|_| one.server.administrator().eiam()).collect();
    for round in 0..5 {
        let ids = [
            one.instance.make_user(&one.admin, &format!("a{round}")).await,
            one.instance.make_user(&one.admin, &format!("b{round}")).await,
        ];
        let calls = clients.iter().enumerate().map(|(at, client)| {
            // In any order, so that nobody waits for somebody who waits.
            let order = if at % 2 == 0 { [0, 1] } else { [1, 0] };
            let users = order.map(|at| ids[at].clone());
            let request = DeleteUsers { instance_id: one.instance.id.clone(), user_ids: texts(&users) };
            async move { client.send(&request).await }
        });
        let mut done = 0;
        for reply in join_all(calls).await {
            match reply {
                Ok(_) => done += 1,
                Err(fault) => assert_eq!(fault.brief(), "404 ResourceNotFound.User", "{fault:?}"),
            }
        }
        assert_eq!(done, 1, "round {round}");
        assert_eq!(one.instance.everybody(&one.admin).await, ["alice"]);
    }
    one.server.stop().await;
}
