//! Short words for requests on users, for the things that users belong to, and for the rows beneath.

use api::Password;
use api::eds::{
    CreateGroup, CreateOrg, CreateProperty, CreateUsers, DescribeUsers, DescribedUser, FilterUsers,
    FilteredUser, LockUsers, LockUsersReply, NewUser, OrderParam, SetUserPropertyValue, ShownStatus,
    UnlockUsers, UnlockUsersReply, UserBatchJoinGroup,
};
use rusqlite::types::FromSql as FromFile;
use tokio_postgres::NoTls;
use tokio_postgres::types::FromSql as FromServer;
use wire::List;

use super::client::{Client, Fault};
use super::server::Home;
use super::words::{create_users, find, list, names, new_user};

/// The root organization.
pub(crate) const ROOT: &str = "org-aliyun-wy-org-id";
/// A password that follows every rule.
pub(crate) const GOOD: &str = "Correct-horse-1";

/// A list of texts as requests hold it.
pub(crate) fn texts<T: AsRef<str>, const MIN: usize, const MAX: usize>(
    texts: &[T],
) -> List<String, MIN, MAX> {
    let texts: Vec<String> = texts.iter().map(|text| text.as_ref().to_owned()).collect();
    texts.try_into().expect("as many as there may be")
}

/// A user whom the administrator activates, without address or number.
pub(crate) fn managed(name: &str) -> NewUser {
    NewUser {
        end_user_id: name.to_owned(),
        password: Some(Password::new(GOOD)),
        owner_type: Some("CreateFromManager".to_owned()),
        ..NewUser::default()
    }
}

/// Makes these users, all of whom can be made.
pub(crate) async fn make(client: &Client, users: Vec<NewUser>) {
    make_with(client, create_users(users)).await;
}

/// Makes the users of a request, all of whom can be made.
pub(crate) async fn make_with(client: &Client, request: CreateUsers) {
    let reply = client.send(&request).await.expect("the call is right");
    assert!(reply.all_succeed, "{reply:?}");
}

/// Users who lock themselves at a time, in the words of the door.
pub(crate) fn locking_at(time: &str, users: &[&str]) -> CreateUsers {
    let users = users.iter().map(|name| new_user(name)).collect();
    CreateUsers { auto_lock_time: Some(time.to_owned()), ..create_users(users) }
}

/// Locks these names.
pub(crate) async fn lock(client: &Client, names: &[&str]) -> LockUsersReply {
    let request = LockUsers { users: texts(names), logout_session: None };
    client.send(&request).await.expect("the call is right")
}

/// Unlocks these names.
pub(crate) async fn unlock(client: &Client, names: &[&str]) -> UnlockUsersReply {
    let request = UnlockUsers { users: texts(names), auto_lock_time: None };
    client.send(&request).await.expect("the call is right")
}

/// One user, shown because it is named.
pub(crate) async fn user(client: &Client, name: &str) -> DescribedUser {
    let named = DescribeUsers { end_user_ids: Some(texts(&[name])), ..DescribeUsers::default() };
    let mut users = list(client, &named).await;
    assert_eq!(users.len(), 1, "{name} is there");
    users.remove(0)
}

/// One user as `FilterUsers` shows it.
pub(crate) async fn filtered(client: &Client, name: &str) -> FilteredUser {
    let named = FilterUsers { include_end_user_ids: Some(texts(&[name])), ..FilterUsers::default() };
    let mut users = client.send(&named).await.expect("the call is right").users;
    assert_eq!(users.len(), 1, "{name} is there");
    users.remove(0)
}

/// Who is shown as open and who as shut; lists, totals and both lists of users agree on it.
pub(crate) async fn by_status(client: &Client) -> (Vec<String>, Vec<String>) {
    let mut found = Vec::new();
    for status in [ShownStatus::Normal, ShownStatus::Locked] {
        let request = DescribeUsers { status: Some(status), ..DescribeUsers::default() };
        let users = list(client, &request).await;
        assert!(users.iter().all(|user| user.status == status), "{status:?}: {users:?}");
        // Page by page the total is the kept one.
        let size = Some(i64::try_from(1 + users.len() / 10).expect("few users"));
        let paged = DescribeUsers {
            max_results: size.map(|size| size.try_into().expect("in range")),
            ..request.clone()
        };
        assert_eq!(find(client, &paged).await, names(&users), "{status:?}, page by page");
        let request = FilterUsers {
            status: Some(status),
            order_param: OrderParam { order_type: api::eds::OrderType::Ascending, ..OrderParam::default() },
            max_results: size.map(|size| (size + 1).try_into().expect("in range")),
            ..FilterUsers::default()
        };
        assert_eq!(filter(client, &request).await, names(&users), "{status:?}, by FilterUsers");
        found.push(names(&users));
    }
    let shut = found.pop().unwrap_or_default();
    (found.pop().unwrap_or_default(), shut)
}

/// The names that `FilterUsers` finds, page by page; every page but the last is full.
pub(crate) async fn filter(client: &Client, request: &FilterUsers) -> Vec<String> {
    filter_pages(client, request).await.unwrap_or_else(|fault| panic!("{request:?}: {fault:?}"))
}

async fn filter_pages(client: &Client, request: &FilterUsers) -> Result<Vec<String>, Fault> {
    let size = request.max_results.map_or(100, |size| size.get().min(100));
    let size = usize::try_from(size).expect("a page size");
    let mut request = request.clone();
    let mut names = Vec::new();
    loop {
        let page = client.send(&request).await?;
        let is_last = page.next_token.is_empty();
        assert!(page.users.len() == size || is_last && page.users.len() < size, "{request:?}");
        names.extend(page.users.into_iter().map(|user| user.end_user_id));
        if is_last {
            return Ok(names);
        }
        request.next_token = Some(page.next_token);
    }
}

/// Makes an organization.
pub(crate) async fn make_org(client: &Client, name: &str, parent: &str) -> String {
    let request = CreateOrg { org_name: name.to_owned(), parent_org_id: parent.to_owned() };
    client.send(&request).await.expect("it can be made").org_id
}

/// Makes a group.
pub(crate) async fn make_group(client: &Client, name: &str) -> String {
    let request = CreateGroup { group_name: name.to_owned(), description: None };
    client.send(&request).await.expect("it can be made").group_id
}

/// Puts users into a group.
pub(crate) async fn join(client: &Client, group: &str, users: &[&str]) {
    for users in users.chunks(100) {
        let request = UserBatchJoinGroup { group_id: group.to_owned(), end_user_ids: texts(users) };
        client.send(&request).await.expect("they can join");
    }
}

/// Makes a property: its id and those of its values.
pub(crate) async fn make_property(client: &Client, key: &str, values: &[&str]) -> (i64, Vec<i64>) {
    let request = CreateProperty { property_key: key.to_owned(), property_values: Some(texts(values)) };
    let made = client.send(&request).await.expect("it can be made").create_result;
    let model = made.save_property_value_model;
    assert!(model.failed_property_values.is_empty(), "{model:?}");
    (made.property_id, model.save_property_values.iter().map(|value| value.property_value_id).collect())
}

/// Gives a user a value of a property.
pub(crate) async fn bind(client: &Client, user: &DescribedUser, property: i64, value: i64) {
    let request = SetUserPropertyValue {
        user_id: user.id,
        user_name: user.end_user_id.clone(),
        property_id: property,
        property_value_id: value,
    };
    client.send(&request).await.expect("it can be bound");
}

/// Runs statements in the test's own database, beside the server or without one.
pub(crate) async fn execute(home: &Home, statements: &str) {
    match &home.serve.house.place {
        store::Place::File(path) => {
            let connection = rusqlite::Connection::open(path).expect("the file opens");
            connection.execute_batch(statements).expect("the statements run");
        }
        store::Place::Url(url) => super::database::Database::execute(url, statements).await,
    }
}

/// The number that a question to the test's own database is answered with.
pub(crate) async fn number(home: &Home, question: &str) -> i64 {
    ask(home, question).await
}

/// The text that a question to the test's own database is answered with.
pub(crate) async fn text(home: &Home, question: &str) -> String {
    ask(home, question).await
}

async fn ask<T: FromFile + for<'a> FromServer<'a>>(home: &Home, question: &str) -> T {
    match &home.serve.house.place {
        store::Place::File(path) => {
            let connection = rusqlite::Connection::open(path).expect("the file opens");
            connection.query_row(question, [], |row| row.get(0)).expect("the question is answered")
        }
        store::Place::Url(url) => {
            let (client, connection) =
                tokio_postgres::connect(url, NoTls).await.expect("the database server answers");
            let connection = tokio::spawn(connection);
            let row = client.query_one(question, &[]).await.expect("the question is answered");
            drop(client);
            let _ = connection.await;
            row.get(0)
        }
    }
}

/// A statement that adds to a kept total, in one of its rows.
pub(crate) fn counted(kind: i64, thing: &str, by: i64) -> String {
    format!(
        "insert into totals (directory, kind, thing, slot, n)
         select number, {kind}, {thing}, 0, {by} from directories where true
         on conflict (directory, kind, thing, slot) do update set n = totals.n + excluded.n;"
    )
}

/// Gives a user a role that no action of this door gives: 1 for `admin`, 2 for `superadmin`.
pub(crate) async fn promote(home: &Home, name: &str, role: i64) {
    let mut statements = format!("update users set role = {role} where username_key = '{name}';");
    if role == 2 {
        statements.push_str(&counted(3, "0", 1));
    }
    execute(home, &statements).await;
}

/// Disables an open account, which no action of this door does.
pub(crate) async fn disable(home: &Home, name: &str) {
    let disabled = format!("update users set status = 1, shut = 1 where username_key = '{name}';");
    execute(home, &format!("{disabled}{}{}", counted(2, "0", 1), counted(11, "0", 1))).await;
}

/// Puts a user into one more organization, which no action of this door does. The organization goes by its name.
pub(crate) async fn place_also(home: &Home, name: &str, org: &str) {
    let unit = format!("(select number from units where name_key = '{org}')");
    let member = format!(
        "insert into unit_members (directory, user_number, unit, place, joined, role, note, creator, username_key)
         select directory, number, {unit}, 1, created, 0, '', '', username_key from users
         where username_key = '{name}';"
    );
    execute(home, &format!("{member}{}", counted(4, &unit, 1))).await;
}
