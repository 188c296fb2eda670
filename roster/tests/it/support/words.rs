//! Short words for the requests that tests make.

use api::eds::{
    CreateUsers, CreateUsersReply, DescribeUsers, DescribeUsersReply, DescribedUser, NewUser, RemoveUsers,
    RemoveUsersReply,
};

use super::client::{Client, Fault};

/// A user with an address, whom the user activates.
pub(crate) fn new_user(name: &str) -> NewUser {
    NewUser { end_user_id: name.to_owned(), email: Some(format!("{name}@example.com")), ..NewUser::default() }
}

/// A request for these users and nothing more.
pub(crate) fn create_users(users: Vec<NewUser>) -> CreateUsers {
    CreateUsers {
        users: users.try_into().expect("1 to 100 users"),
        password: None,
        auto_lock_time: None,
        is_local_admin: None,
        password_expire_days: None,
    }
}

/// Makes users with these names, all of whom can be made.
pub(crate) async fn create(client: &Client, names: &[&str]) {
    for names in names.chunks(100) {
        let users = names.iter().map(|name| new_user(name)).collect();
        let reply: CreateUsersReply = client.send(&create_users(users)).await.expect("the call is right");
        assert!(reply.all_succeed, "{reply:?}");
    }
}

/// A request to remove these names.
pub(crate) fn remove_users(names: &[&str]) -> RemoveUsers {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    RemoveUsers { users: names.try_into().expect("1 to 500 names") }
}

/// Removes these names.
pub(crate) async fn remove(client: &Client, names: &[&str]) -> RemoveUsersReply {
    client.send(&remove_users(names)).await.expect("the call is right")
}

/// Lists users.
pub(crate) async fn describe(client: &Client, request: &DescribeUsers) -> Result<DescribeUsersReply, Fault> {
    client.send(request).await
}

/// All users that match, page by page; the total is right on each of them.
pub(crate) async fn list(client: &Client, request: &DescribeUsers) -> Vec<DescribedUser> {
    let mut request = request.clone();
    let mut users = Vec::new();
    let mut counts = Vec::new();
    loop {
        let page = describe(client, &request).await.expect("the call is right");
        users.extend(page.users);
        counts.push(page.count);
        if page.next_token.is_empty() {
            break;
        }
        request.next_token = Some(page.next_token);
    }
    let total = i64::try_from(users.len()).expect("few users");
    assert!(counts.iter().all(|count| *count == Some(total)), "{total} users, but the pages say {counts:?}");
    assert!(users.is_sorted_by(|a, b| a.id < b.id), "users come in the order of their ids");
    users
}

/// The names of all users that match.
pub(crate) async fn find(client: &Client, request: &DescribeUsers) -> Vec<String> {
    names(&list(client, request).await)
}

/// The names of all users.
pub(crate) async fn everybody(client: &Client) -> Vec<String> {
    find(client, &DescribeUsers { max_results: Some(500.try_into().expect("in range")), ..all() }).await
}

/// Users' names.
pub(crate) fn names(users: &[DescribedUser]) -> Vec<String> {
    users.iter().map(|user| user.end_user_id.clone()).collect()
}

fn all() -> DescribeUsers {
    DescribeUsers::default()
}
