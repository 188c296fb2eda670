//! Words of RAM and STS.

use serde_json::{Value, json};

use super::client::Client;
use super::ram::Key;
use super::server::Server;

/// What a call is answered with: `200`, or status and code.
pub(crate) async fn answered(client: &Client, action: &str, parameters: &[(&str, &str)]) -> String {
    let answer = client.call(action, parameters).await;
    if answer.status == 200 { "200".to_owned() } else { answer.refusal() }
}

/// The reply of a call that is right, without its request's id.
pub(crate) async fn replied(client: &Client, action: &str, parameters: &[(&str, &str)]) -> Value {
    let answer = client.call(action, parameters).await;
    let mut reply = answer.json();
    assert_eq!(answer.status, 200, "{action} {parameters:?}: {reply}");
    let members = reply.as_object_mut().expect("an object");
    members.remove("RequestId").expect("every answer has one");
    reply
}

/// The texts of one field in a list of a reply.
pub(crate) fn each<'a>(reply: &'a Value, list: &str, item: &str, field: &str) -> Vec<&'a str> {
    let items = reply[list][item].as_array().unwrap_or_else(|| panic!("{list}.{item} in {reply}"));
    items.iter().map(|item| item[field].as_str().expect("a text")).collect()
}

/// Makes users through the door.
pub(crate) async fn make_ram_users(admin: &Client, names: &[&str]) {
    for name in names {
        replied(admin, "CreateUser", &[("UserName", name)]).await;
    }
}

/// Makes a key of a user through the door.
pub(crate) async fn make_ram_key(admin: &Client, user: &str) -> Key {
    let reply = replied(admin, "CreateAccessKey", &[("UserName", user)]).await;
    let text = |field: &str| reply["AccessKey"][field].as_str().expect("a text").to_owned();
    Key { id: text("AccessKeyId"), secret: text("AccessKeySecret"), token: None }
}

/// A trust policy that trusts these principals.
pub(crate) fn trust(principals: &[&str]) -> String {
    json!({ "Version": "1", "Statement": [
        { "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "RAM": principals } },
    ] })
    .to_string()
}

/// The account that a caller belongs to.
pub(crate) async fn account_of(client: &Client) -> String {
    let reply = replied(client, "GetCallerIdentity", &[]).await;
    reply["AccountId"].as_str().expect("a text").to_owned()
}

/// Whoever has the key of another account's root, of this name.
pub(crate) fn other_account(server: &Server, name: &str) -> Client {
    let flags = server.home.flags();
    let words = ["account", "create", "--name", name];
    let arguments: Vec<&str> = words.into_iter().chain(flags.iter().map(String::as_str)).collect();
    let done = super::program::roster(&arguments);
    assert!(done.went_well, "{done:?}");
    let word = |start: &str| {
        let line = done.out.lines().find(|line| line.starts_with(start)).expect("it is printed");
        line.split_whitespace().last().expect("it is printed").to_owned()
    };
    server.administrator().with_key(&word("AccessKeyId:"), &word("AccessKeySecret:"))
}
