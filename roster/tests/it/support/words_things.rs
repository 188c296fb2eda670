//! Short words for what users are in and have: organizations, groups, properties, resource groups.

use api::eds::{
    CreateResourceGroup, DescribeGroupUser, DescribeOrgs, DescribeUsers, DescribedOrg, DescribedUser,
    GroupUser, ListProperty, ListedProperty, MoveOrg, MoveUserOrg, UserBatchJoinGroup, UserBatchQuitGroup,
};
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::words::list;
use super::words_users::texts;

/// A request to move an organization.
pub(crate) fn move_org(org: &str, parent: &str) -> MoveOrg {
    MoveOrg { org_id: org.to_owned(), new_parent_org_id: parent.to_owned() }
}

/// A request to move users.
pub(crate) fn move_users(org: &str, names: &[&str]) -> MoveUserOrg {
    MoveUserOrg { org_id: org.to_owned(), end_user_ids: texts(names) }
}

/// All organizations that match, page by page.
pub(crate) async fn list_orgs(client: &Client, request: &DescribeOrgs) -> Vec<DescribedOrg> {
    let mut request = request.clone();
    let mut orgs = Vec::new();
    loop {
        let page = client.send(&request).await.expect("the call is right");
        orgs.extend(page.orgs);
        if page.next_token.is_empty() {
            return orgs;
        }
        request.next_token = Some(page.next_token);
    }
}

/// The names of all organizations that match.
pub(crate) async fn find_orgs(client: &Client, request: &DescribeOrgs) -> Vec<String> {
    list_orgs(client, request).await.into_iter().map(|org| org.org_name).collect()
}

/// Where each organization is, in the order of the alphabet.
pub(crate) async fn paths(client: &Client) -> Vec<String> {
    let orgs = list_orgs(client, &DescribeOrgs::default()).await;
    let mut paths: Vec<String> = orgs.into_iter().map(|org| org.org_name_path).collect();
    paths.sort_unstable();
    paths
}

/// A request to put users into a group.
pub(crate) fn joining(group: &str, names: &[&str]) -> UserBatchJoinGroup {
    UserBatchJoinGroup { group_id: group.to_owned(), end_user_ids: texts(names) }
}

/// A request to take users out of a group.
pub(crate) fn quitting(group: &str, names: &[&str]) -> UserBatchQuitGroup {
    UserBatchQuitGroup { group_id: group.to_owned(), end_user_ids: texts(names) }
}

/// All users of a group, page by page.
pub(crate) async fn list_members(client: &Client, group: &str) -> Vec<GroupUser> {
    let mut request = DescribeGroupUser { group_id: group.to_owned(), ..DescribeGroupUser::default() };
    let mut users = Vec::new();
    loop {
        let page = client.send(&request).await.expect("the group is there");
        users.extend(page.users);
        if page.next_token.is_empty() {
            return users;
        }
        request.next_token = Some(page.next_token);
    }
}

/// The usernames of a group, in the order in which they joined.
pub(crate) async fn members(client: &Client, group: &str) -> Vec<String> {
    list_members(client, group).await.into_iter().map(|user| user.end_user_id).collect()
}

/// All properties.
pub(crate) async fn list_properties(client: &Client) -> Vec<ListedProperty> {
    client.send(&ListProperty {}).await.expect("the call is right").properties
}

/// The texts of all properties' values, by their names.
pub(crate) async fn values_by_key(client: &Client) -> Vec<(String, Vec<String>)> {
    let text = |property: ListedProperty| {
        let values = property.property_values.into_iter().map(|value| value.property_value).collect();
        (property.property_key, values)
    };
    list_properties(client).await.into_iter().map(text).collect()
}

/// The user with this name, with its properties.
pub(crate) async fn person(client: &Client, name: &str) -> DescribedUser {
    let request = DescribeUsers { end_user_ids: Some(texts(&[name])), ..with_properties() };
    let mut found = list(client, &request).await;
    assert_eq!(found.len(), 1, "{name} is there");
    found.remove(0)
}

/// A request for all users with their properties.
pub(crate) fn with_properties() -> DescribeUsers {
    let show_extras = Some([("Properties".to_owned(), Value::Bool(true))].into());
    DescribeUsers { show_extras, ..DescribeUsers::default() }
}

/// What a user has, as `key=value`.
pub(crate) fn properties_of(user: &DescribedUser) -> Vec<String> {
    let properties = user.properties.as_ref().expect("they were asked for");
    properties.iter().map(|property| format!("{}={}", property.key, property.value)).collect()
}

/// Makes a resource group that can be made; its id.
pub(crate) async fn make_resource_group(client: &Client, name: &str) -> String {
    let request =
        CreateResourceGroup { resource_group_name: name.to_owned(), ..CreateResourceGroup::default() };
    client.send(&request).await.expect("the resource group can be made").resource_group_id
}

/// All that the door shows of the directory, to be compared with what it shows later.
pub(crate) async fn picture(client: &Client) -> Value {
    let orgs = list_orgs(client, &DescribeOrgs::default()).await;
    let (mut groups, mut members) = (Vec::new(), Vec::new());
    loop {
        let number = (groups.len() / 100 + 1).to_string();
        let page = shown(client, "DescribeGroups", &[("PageSize", "100"), ("PageNumber", &number)]).await;
        let page = page["Groups"].as_array().expect("a list").clone();
        let is_last = page.len() < 100;
        groups.extend(page);
        if is_last {
            break;
        }
    }
    for group in &groups {
        let group = group["GroupId"].as_str().expect("an id");
        members.push(serde_json::to_value(list_members(client, group).await).expect("it is JSON"));
    }
    let everybody =
        DescribeUsers { max_results: Some(500.try_into().expect("in range")), ..with_properties() };
    let users = list(client, &everybody).await;
    json!({
        "orgs": orgs,
        "groups": groups,
        "members": members,
        "users": users,
        "properties": shown(client, "ListProperty", &[]).await,
        "resource groups": shown(client, "DescribeResourceGroups", &[("PageSize", "100")]).await,
        "counts": shown(client, "GetUsersCount", &[]).await,
    })
}

async fn shown(client: &Client, action: &str, parameters: &[(&str, &str)]) -> Value {
    let answer = client.call(action, parameters).await;
    assert_eq!(answer.status, 200, "{action}: {}", answer.text());
    told(&answer, &[])
}

/// Parameters, and the code that they are refused with.
pub(crate) type Wrong<'a> = (&'a [(&'a str, &'a str)], &'a str);

/// Each of these calls is refused with its code, and none of them changes anything.
pub(crate) async fn refuses(client: &Client, action: &str, cases: &[Wrong<'_>]) {
    let before = picture(client).await;
    for (parameters, code) in cases {
        let shown: Vec<String> =
            parameters.iter().map(|(name, value)| format!("{name}={value:.80}")).collect();
        let shown = format!("{action} {}", shown.join("&"));
        let answer = client.call(action, parameters).await;
        assert_ne!(answer.status, 200, "{shown}");
        let fault = answer.fault();
        assert_eq!(fault.brief(), format!("400 {code}"), "{shown}");
        if let Some(name) = code.strip_prefix("Missing") {
            assert_eq!(fault.message, format!("{name} is mandatory for this action."), "{shown}");
        }
        assert_eq!(picture(client).await, before, "{shown} changed something");
    }
}

/// An answer to look at: its own id is blotted out, and others, texts or numbers, bear the names given here.
pub(crate) fn told(answer: &Answer, names: &[(&str, &str)]) -> Value {
    let mut json = answer.json();
    rename(&mut json, names);
    if let Some(members) = json.as_object_mut() {
        members.insert("RequestId".to_owned(), "[id]".into());
    }
    json
}

fn rename(value: &mut Value, names: &[(&str, &str)]) {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(members) => return members.iter_mut().for_each(|member| rename(member, names)),
        Value::Object(members) => return members.values_mut().for_each(|member| rename(member, names)),
        Value::Null | Value::Bool(_) => return,
    };
    if let Some((_, name)) = names.iter().find(|(id, _)| *id == text) {
        *value = format!("[{name}]").into();
    }
}
