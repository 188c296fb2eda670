//! Short words for EIAM: an instance to work in, what is in it, and the words of a refusal.

use access::passwords::{Hash, Hasher, Whose};
use api::eiam::{
    AddUsersToGroup, CreateCustomField, CreateGroup, CreateInstance, CreateOrganizationalUnit, CreateUser,
    CustomFieldValue, EntityType, FieldDataType, FieldDisplayType, GetRootOrganizationalUnit, GetUser, Group,
    ListGroups, ListInstances, ListOrganizationalUnits, ListUsers, ListUsersForGroup, ListedUser,
    NewFieldDataConfig, NewFieldItem, OrganizationalUnit, ShownUser, Status,
};
use model::Secret;
use serde_json::{Value, json};
use wire::List;

use super::client::{Answer, Client, Fault};
use super::server::Home;
use super::words_users::{number, text, texts};

/// An instance, and its root unit.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    /// Its id.
    pub(crate) id: String,
    /// The id of its root unit.
    pub(crate) root: String,
}

impl Instance {
    /// The account's default one, which eds-user shows as well. It is the oldest.
    pub(crate) async fn default_of(client: &Client) -> Self {
        let mut listed = client.send(&ListInstances::default()).await.expect("the call is right").instances;
        Self::with_id(client, listed.remove(0).instance_id).await
    }

    /// A new one.
    pub(crate) async fn make(client: &Client) -> Self {
        let made = client.send(&CreateInstance::default()).await.expect("it can be made");
        Self::with_id(client, made.instance_id).await
    }

    async fn with_id(client: &Client, id: String) -> Self {
        let request = GetRootOrganizationalUnit { instance_id: id.clone() };
        let root = client.send(&request).await.expect("every instance has a root").organizational_unit;
        Self { id, root: root.organizational_unit_id }
    }

    /// Calls an action of EIAM in this instance, with parameters that need not fit it.
    pub(crate) async fn call(&self, client: &Client, action: &str, parameters: &[(&str, &str)]) -> Answer {
        client.call(action, &[&[("InstanceId", self.id.as_str())], parameters].concat()).await
    }

    /// The same, where the call is right; what it answers.
    pub(crate) async fn ask(&self, client: &Client, action: &str, parameters: &[(&str, &str)]) -> Value {
        let answer = self.call(client, action, parameters).await;
        assert_eq!(answer.status, 200, "{action} {parameters:?}: {}", answer.text());
        answer.json()
    }

    /// Each of these calls is refused in its words (see [`refused`]), and none of them changes anything.
    pub(crate) async fn refuses(&self, client: &Client, action: &str, cases: &[(&[(&str, &str)], &str)]) {
        let before = self.picture(client).await;
        for (parameters, expected) in cases {
            let shown: Vec<String> =
                parameters.iter().map(|(name, value)| format!("{name}={value:.80}")).collect();
            let shown = format!("{action} {}", shown.join("&"));
            let answer = self.call(client, action, parameters).await;
            assert_ne!(answer.status, 200, "{shown} has to be refused: {expected}");
            refused(&answer.fault(), expected, &shown);
            assert_eq!(self.picture(client).await, before, "{shown} changed something");
        }
    }

    /// The same with each case's parameters in place of those of `right` that have the same names; an empty text
    /// says as much as none.
    pub(crate) async fn refuses_with(
        &self,
        client: &Client,
        action: &str,
        right: &[(&str, &str)],
        cases: &[(&[(&str, &str)], &str)],
    ) {
        let cases: Vec<(Vec<(&str, &str)>, &str)> =
            cases.iter().map(|(wrong, expected)| (with(right, wrong), *expected)).collect();
        let cases: Vec<(&[(&str, &str)], &str)> =
            cases.iter().map(|(parameters, expected)| (parameters.as_slice(), *expected)).collect();
        self.refuses(client, action, &cases).await;
    }

    /// A user in the root unit.
    pub(crate) fn user(&self, name: &str) -> CreateUser {
        CreateUser {
            instance_id: self.id.clone(),
            username: name.to_owned(),
            primary_organizational_unit_id: self.root.clone(),
            ..CreateUser::default()
        }
    }

    /// Makes a user in the root unit; the id.
    pub(crate) async fn make_user(&self, client: &Client, name: &str) -> String {
        make_eiam_user(client, &self.user(name)).await
    }

    /// One user with all that is shown of one.
    pub(crate) async fn get_user(&self, client: &Client, user: &str) -> ShownUser {
        let request = GetUser { instance_id: self.id.clone(), user_id: user.to_owned() };
        client.send(&request).await.unwrap_or_else(|fault| panic!("{user}: {fault:?}")).user
    }

    /// A request for all users.
    pub(crate) fn users(&self) -> ListUsers {
        ListUsers { instance_id: self.id.clone(), ..ListUsers::default() }
    }

    /// The usernames of all users, in their order.
    pub(crate) async fn everybody(&self, client: &Client) -> Vec<String> {
        list_users(client, &self.users()).await.into_iter().map(|user| user.username).collect()
    }

    /// Makes a unit; the id.
    pub(crate) async fn make_unit(&self, client: &Client, name: &str, parent: &str) -> String {
        let request = CreateOrganizationalUnit {
            instance_id: self.id.clone(),
            organizational_unit_name: name.to_owned(),
            parent_id: parent.to_owned(),
            ..CreateOrganizationalUnit::default()
        };
        client.send(&request).await.expect("it can be made").organizational_unit_id
    }

    /// Makes a group; the id.
    pub(crate) async fn make_group(&self, client: &Client, name: &str) -> String {
        let request = CreateGroup {
            instance_id: self.id.clone(),
            group_name: name.to_owned(),
            ..CreateGroup::default()
        };
        client.send(&request).await.expect("it can be made").group_id
    }

    /// Puts users into a group.
    pub(crate) async fn join(&self, client: &Client, group: &str, users: &[&str]) {
        let request = AddUsersToGroup {
            instance_id: self.id.clone(),
            group_id: group.to_owned(),
            user_ids: texts(users),
        };
        client.send(&request).await.expect("they can join");
    }

    /// A field into which any text is typed.
    pub(crate) fn field(&self, name: &str) -> CreateCustomField {
        CreateCustomField {
            instance_id: self.id.clone(),
            entity_type: EntityType::User,
            field_name: name.to_owned(),
            field_display_name: format!("The {name}"),
            field_display_type: FieldDisplayType::Input,
            field_data_type: FieldDataType::String,
            default_value: None,
            field_data_config: None,
            required: None,
            unique: None,
            encrypted: None,
            user_permission: None,
            description: None,
        }
    }

    /// All units, page by page; the total is right on each of them.
    pub(crate) async fn list_units(&self, client: &Client) -> Vec<OrganizationalUnit> {
        let mut units = Vec::new();
        for number in 1.. {
            let request = ListOrganizationalUnits {
                instance_id: self.id.clone(),
                page_number: Some(number.try_into().expect("in range")),
                page_size: Some(100.try_into().expect("in range")),
                ..ListOrganizationalUnits::default()
            };
            let page = client.send(&request).await.expect("the call is right");
            let is_last = page.organizational_units.len() < 100;
            units.extend(page.organizational_units);
            if is_last {
                assert_eq!(usize::try_from(page.total_count), Ok(units.len()), "the total of units");
                break;
            }
        }
        units
    }

    /// All groups, page by page; the total is right.
    pub(crate) async fn list_groups(&self, client: &Client) -> Vec<Group> {
        let mut groups = Vec::new();
        for number in 1.. {
            let request = ListGroups {
                instance_id: self.id.clone(),
                page_number: Some(number.try_into().expect("in range")),
                page_size: Some(100.try_into().expect("in range")),
                ..ListGroups::default()
            };
            let page = client.send(&request).await.expect("the call is right");
            let is_last = page.groups.len() < 100;
            groups.extend(page.groups);
            if is_last {
                assert_eq!(usize::try_from(page.total_count), Ok(groups.len()), "the total of groups");
                break;
            }
        }
        groups
    }

    /// The ids of the first hundred users of a group, in the order in which they joined.
    pub(crate) async fn members(&self, client: &Client, group: &str) -> Vec<String> {
        let request = ListUsersForGroup {
            instance_id: self.id.clone(),
            group_id: group.to_owned(),
            page_number: None,
            page_size: Some(100.try_into().expect("in range")),
            user_ids: None,
        };
        let page = client.send(&request).await.expect("the group is there");
        page.users.into_iter().map(|user| user.user_id).collect()
    }

    /// All that the door shows of the instance, to be compared with what it shows later.
    pub(crate) async fn picture(&self, client: &Client) -> Value {
        let (mut users, mut members) = (Vec::new(), Vec::new());
        for user in list_users(client, &self.users()).await {
            users.push(self.get_user(client, &user.user_id).await);
        }
        let groups = self.list_groups(client).await;
        for group in &groups {
            members.push(self.members(client, &group.group_id).await);
        }
        json!({
            "users": users,
            "units": self.list_units(client).await,
            "groups": groups,
            "members": members,
        })
    }
}

/// Makes a user who can be made; the id.
pub(crate) async fn make_eiam_user(client: &Client, request: &CreateUser) -> String {
    client.send(request).await.unwrap_or_else(|fault| panic!("{}: {fault:?}", request.username)).user_id
}

/// Makes a field that can be made; the id.
pub(crate) async fn make_field(client: &Client, request: &CreateCustomField) -> String {
    client.send(request).await.unwrap_or_else(|fault| panic!("{}: {fault:?}", request.field_name)).field_id
}

/// The choices of a field, all of which can be chosen but those that begin with `-`.
pub(crate) fn choices(values: &[&str]) -> Option<NewFieldDataConfig> {
    let item = |value: &&str| NewFieldItem {
        display_name: None,
        value: value.trim_start_matches('-').to_owned(),
        status: value.starts_with('-').then_some(Status::Disabled),
    };
    let items: Vec<NewFieldItem> = values.iter().map(item).collect();
    Some(NewFieldDataConfig { items: Some(items.try_into().expect("few choices")) })
}

/// Values of custom fields.
pub(crate) fn field_values(values: &[(&str, &str)]) -> Option<List<CustomFieldValue, 0, 1000>> {
    let value = |(name, value): &(&str, &str)| CustomFieldValue {
        field_name: (*name).to_owned(),
        field_value: Some((*value).to_owned()),
    };
    let values: Vec<CustomFieldValue> = values.iter().map(value).collect();
    Some(values.try_into().expect("few values"))
}

/// What a user has in custom fields, as `name=value`.
pub(crate) fn values_of(user: &ShownUser) -> Vec<String> {
    let text = |value: &CustomFieldValue| {
        format!("{}={}", value.field_name, value.field_value.as_deref().expect("an answer has it"))
    };
    user.custom_fields.iter().map(text).collect()
}

/// All users that match, page by page with tokens; the total is right on each of them.
pub(crate) async fn list_users(client: &Client, request: &ListUsers) -> Vec<ListedUser> {
    let size = request.max_results.map_or(100, api::Ranged::get);
    let mut request = ListUsers { max_results: size.try_into().ok(), ..request.clone() };
    let (mut users, mut totals) = (Vec::new(), Vec::new());
    loop {
        let page = client.send(&request).await.unwrap_or_else(|fault| panic!("{request:?}: {fault:?}"));
        assert_eq!(page.max_results, Some(size), "{request:?}");
        assert!(page.next_token.is_none() || i64::try_from(page.users.len()) == Ok(size), "{request:?}");
        users.extend(page.users);
        totals.push(page.total_count);
        request.next_token = page.next_token;
        if request.next_token.is_none() {
            break;
        }
    }
    let total = i64::try_from(users.len()).expect("few users");
    assert!(totals.iter().all(|found| *found == total), "{total} users, but the pages say {totals:?}");
    users
}

/// That a call was refused in these words: status and code, and for what is not there also the text by which
/// the caller named it (`404 ResourceNotFound.User user_x`). The message is the reference's.
pub(crate) fn refused(fault: &Fault, expected: &str, what: &str) {
    let mut words = expected.splitn(3, ' ');
    let (status, code) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    assert_eq!(fault.brief(), format!("{status} {code}"), "{what}: {}", fault.message);
    let message = match code.split_once('.') {
        Some(("MissingParameter", name)) => format!("The specified parameter:{name} is required!"),
        Some(("InvalidParameter", name)) => format!("The specified parameter:{name} is invalid."),
        Some(("ResourceDuplicated", name)) => format!("The specified resource: {name} already exist."),
        Some(("ResourceNotFound", entity)) => {
            let id = words.next().expect("the case says what is not there");
            format!("The specified {entity} resource: {id} not found.")
        }
        _ => return assert!(fault.message.len() > 10, "{what}: {}", fault.message),
    };
    assert_eq!(fault.message, message, "{what}");
}

/// `rest`, and `more` in place of what has the same name.
pub(crate) fn with<'a>(rest: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = rest.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more).copied().collect()
}

/// How many rows there are of all that making or changing a user writes.
pub(crate) async fn rows(home: &Home) -> Vec<(&'static str, i64)> {
    let mut rows = Vec::new();
    for table in [
        "users",
        "passwords",
        "identities",
        "unit_members",
        "group_members",
        "user_values",
        "user_texts",
        "outbox",
        "events",
        "event_facts",
        "client_tokens",
    ] {
        rows.push((table, number(home, &format!("select count(*) from {table}")).await));
    }
    rows
}

/// Whether this is the password of the only user with this name; false where there is none.
pub(crate) async fn has_password(home: &Home, name: &str, password: &str) -> bool {
    let question = format!(
        "select coalesce(max(p.hash), '') from passwords p
         join users u on u.directory = p.directory and u.number = p.user_number where u.username_key = '{name}'"
    );
    let kept = text(home, &question).await;
    if kept.is_empty() {
        return false;
    }
    let hash = Hash::from_phc(kept).expect("what is kept is a hash");
    let hasher = Hasher::new(1, 1).expect("a thread can be started");
    hasher.verify(Whose::Known, Secret::new(password), &hash).await.expect("the queue is empty")
}

/// An id as EIAM spells it, from its 32 digits.
pub(crate) fn spelled(prefix: &str, digits: &str) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let whole = u128::from_str_radix(digits, 16).expect("32 hexadecimal digits");
    // Five bits a letter; the last one holds three, and two that are zero.
    let letter = |at: u32| {
        let bits = if at == 25 { whole << 2 } else { whole >> (123 - 5 * at) };
        char::from(LETTERS[usize::try_from(bits & 31).expect("five bits")])
    };
    format!("{prefix}_{}", (0..26).map(letter).collect::<String>())
}

/// The id of the default instance's superadmin, whom no list shows.
pub(crate) async fn superadmin(home: &Home) -> String {
    let question = "select u.id from users u join directories d on d.number = u.directory
        where u.username_key = 'superadmin' and d.default_of is not null";
    spelled("user", &text(home, question).await)
}

#[test]
fn ids_are_spelled_as_the_reference_spells_them() {
    let id = spelled("user", "19519c9a402a5c3f09a71be4d2086e57");
    assert_eq!(id, "user_dfizzgsafjod6cnhdpsnecdok4");
}
