//! Short words for what a PDS domain has in it: users, groups, memberships, assignments, drives.

use api::pds::{
    AddGroupMember, AssignRole, Assignment, CreateDomain, CreateDrive, CreateGroup, CreateUser, Domain,
    Drive, GetDomain, GetDrive, GetGroup, GetUser, Group, Identity, ListAssignment,
    ListDirectChildMemberships, ListDirectParentMemberships, ListDrive, ListGroup, ListGroupMember, ListUser,
    Membership, Page, Party, RemoveGroupMember, Role, User,
};
use serde_json::{Value, json};
use wire::Operation;

use super::client::{Answer, Fault};
use super::pds::PdsCaller;

/// A well-formed group id that is no group's.
pub(crate) const NO_GROUP: &str = "19519c9a402a5c3f09a71be4d2086e57";
/// A well-formed drive id that is no drive's.
pub(crate) const NO_DRIVE: &str = "445412966400677";

/// A list that comes in pages.
pub(crate) trait Paged: Operation + Clone {
    /// What is on its pages.
    type Item;
    /// Goes on at a marker.
    fn at(&mut self, marker: String);
    /// What a page holds, and where the next one begins.
    fn page(reply: Self::Reply) -> (Vec<Self::Item>, String);
}

macro_rules! paged {
    ($($operation:ty => $item:ty),* $(,)?) => {$(
        impl Paged for $operation {
            type Item = $item;
            fn at(&mut self, marker: String) {
                self.marker = Some(marker);
            }
            fn page(reply: Page<$item>) -> (Vec<$item>, String) {
                (reply.items, reply.next_marker)
            }
        }
    )*};
}

paged! {
    ListUser => User,
    ListGroup => Group,
    api::pds::SearchGroup => Group,
    api::pds::SearchUser => User,
    ListDrive => Drive,
    api::pds::SearchDrive => Drive,
    api::pds::ListMyDrives => Drive,
    ListDirectChildMemberships => Membership,
    ListDirectParentMemberships => Membership,
    api::pds::ListDomains => Domain,
    api::pds::SearchDomains => Domain,
}

impl Paged for ListAssignment {
    type Item = Assignment;
    fn at(&mut self, marker: String) {
        self.marker = Some(marker);
    }
    fn page(reply: Self::Reply) -> (Vec<Assignment>, String) {
        (reply.assignment_list, reply.next_marker)
    }
}

impl PdsCaller {
    /// All that a list holds, page by page; each page but the last one leads on.
    pub(crate) async fn all<L: Paged>(&self, list: &L) -> Vec<L::Item> {
        let mut list = list.clone();
        let mut items = Vec::new();
        for _ in 0..1_000 {
            let (page, marker) = L::page(self.get(&list).await);
            items.extend(page);
            if marker.is_empty() {
                return items;
            }
            list.at(marker);
        }
        panic!("{} does not end", L::PATH);
    }

    /// Makes a user with this id and nothing more.
    pub(crate) async fn make_user(&self, id: &str) -> User {
        self.get(&new_pds_user(id)).await
    }

    /// Makes a user of this role.
    pub(crate) async fn make_user_as(&self, id: &str, role: Role) -> User {
        self.get(&CreateUser { role: Some(role), ..new_pds_user(id) }).await
    }

    /// Makes users with these ids and nothing more.
    pub(crate) async fn make_users(&self, ids: &[&str]) {
        for id in ids {
            self.make_user(id).await;
        }
    }

    /// Makes a root group; its id.
    pub(crate) async fn make_group(&self, name: &str) -> String {
        self.get(&new_group(name, None)).await.group_id
    }

    /// Makes a group below another one; its id.
    pub(crate) async fn make_group_in(&self, parent: &str, name: &str) -> String {
        self.get(&new_group(name, Some(parent))).await.group_id
    }

    /// Puts a user into a group.
    pub(crate) async fn add_member(&self, group: &str, user: &str) {
        self.get(&adding_member(group, user)).await;
    }

    /// Takes a user out of a group.
    pub(crate) async fn remove_member(&self, group: &str, user: &str) {
        self.get(&removing_member(group, user)).await;
    }

    /// One user.
    pub(crate) async fn user(&self, id: &str) -> User {
        self.get(&GetUser { user_id: Some(id.to_owned()) }).await
    }

    /// Whether a user is there.
    pub(crate) async fn has_user(&self, id: &str) -> bool {
        is_there(self.send(&GetUser { user_id: Some(id.to_owned()) }).await, "404 NotFound.User")
    }

    /// Whether a group is there.
    pub(crate) async fn has_group(&self, id: &str) -> bool {
        is_there(self.send(&GetGroup { group_id: id.to_owned() }).await, "404 NotFound.Group")
    }

    /// Whether a drive is there.
    pub(crate) async fn has_drive(&self, id: &str) -> bool {
        is_there(self.send(&GetDrive { drive_id: id.to_owned() }).await, "404 NotFound.Drive")
    }

    /// The ids of the users directly in a group.
    pub(crate) async fn members_of(&self, group: &str) -> Vec<String> {
        let mut ids: Vec<String> =
            self.memberships_in(group, Some(Party::User)).await.into_iter().map(|m| m.user_id).collect();
        ids.sort_unstable();
        ids
    }

    /// The memberships directly in a group.
    pub(crate) async fn memberships_in(&self, group: &str, member_type: Option<Party>) -> Vec<Membership> {
        let group_id = group.to_owned();
        self.all(&ListDirectChildMemberships {
            group_id,
            member_type,
            ..ListDirectChildMemberships::default()
        })
        .await
    }

    /// The memberships of a user.
    pub(crate) async fn memberships_of(&self, user: &str) -> Vec<Membership> {
        let user_id = Some(user.to_owned());
        self.all(&ListDirectParentMemberships { user_id, ..ListDirectParentMemberships::default() }).await
    }

    /// The names of the groups that a user is directly in, in the order of the list.
    pub(crate) async fn group_names_of(&self, user: &str) -> Vec<String> {
        let mut names = Vec::new();
        for membership in self.memberships_of(user).await {
            names.push(self.get(&GetGroup { group_id: membership.group_id }).await.group_name);
        }
        names
    }

    /// Makes a user the administrator of a group.
    pub(crate) async fn assign(&self, user: &str, group: &str) {
        self.get(&assigning(user, group)).await;
    }

    /// All assignments.
    pub(crate) async fn assignments(&self) -> Vec<Assignment> {
        self.all(&ListAssignment::default()).await
    }

    /// Makes a drive of a user; it.
    pub(crate) async fn make_drive(&self, name: &str, owner: &str) -> Drive {
        self.get(&new_drive(name, owner, Party::User)).await
    }

    /// Makes a drive of a group; it.
    pub(crate) async fn make_group_drive(&self, name: &str, owner: &str) -> Drive {
        self.get(&new_drive(name, owner, Party::Group)).await
    }

    /// All drives.
    pub(crate) async fn drives(&self) -> Vec<Drive> {
        self.all(&ListDrive::default()).await
    }

    /// The id of the domain that calls mean.
    pub(crate) async fn domain(&self) -> String {
        self.get(&GetDomain::default()).await.domain_id
    }

    /// Makes a domain; its id.
    pub(crate) async fn make_domain(&self, name: &str) -> String {
        let domain_name = name.to_owned();
        self.get(&CreateDomain { domain_name, ..CreateDomain::default() }).await.domain_id
    }

    /// All users, groups, memberships, assignments and drives, to be compared with those of later.
    pub(crate) async fn picture(&self) -> Value {
        let groups = self.all(&ListGroup::default()).await;
        let mut members = Vec::new();
        for group in &groups {
            members.push(self.memberships_in(&group.group_id, None).await);
        }
        json!({
            "users": self.all(&ListUser::default()).await,
            "groups": groups,
            "members": members,
            "assignments": self.assignments().await,
            "drives": self.drives().await,
        })
    }

    /// Each of these calls is refused with its status and code, and none of them changes anything that `admin` sees.
    pub(crate) async fn refuses(&self, admin: &PdsCaller, path: &str, cases: &[(Value, &str)]) {
        let before = admin.picture().await;
        for (body, expected) in cases {
            let shown: String = format!("{path} {body}").chars().take(300).collect();
            let answer = self.call(path, body.clone()).await;
            assert_eq!(answer.outcome(), *expected, "{shown}: {}", answer.text());
            says_why(&answer.pds_fault(), &shown);
            assert_eq!(admin.picture().await, before, "{shown} changed something");
        }
    }

    /// The same with each case's members in place of those of `right` that have the same names; null takes one away.
    pub(crate) async fn refuses_with(&self, path: &str, right: &Value, cases: &[(Value, &str)]) {
        let cases: Vec<(Value, &str)> =
            cases.iter().map(|(wrong, expected)| (replaced(right, wrong), *expected)).collect();
        self.refuses(self, path, &cases).await;
    }
}

/// `right`, and `wrong` in place of what has the same name; null takes away.
pub(crate) fn replaced(right: &Value, wrong: &Value) -> Value {
    let mut body = right.clone();
    let members = body.as_object_mut().expect("an object");
    for (name, value) in wrong.as_object().expect("an object") {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    body
}

/// The message is the reference's, as far as the code says which.
fn says_why(fault: &Fault, shown: &str) {
    let (kind, _) = fault.code.split_once('.').unwrap_or((&fault.code, ""));
    let part = match kind {
        "InvalidParameter" => "is not valid.",
        "InvalidParameterEmpty" => "is empty.",
        "InvalidParameterMissing" => "is missing.",
        "InvalidParameterNotSupported" => "is not supported.",
        "InvalidParameterNotMatch" => "doesn't match.",
        "InvalidParameterOutOfRange" => "doesn't match the limitation.",
        "NotFound" => "cannot be found.",
        "AlreadyExist" => "has already exists.",
        "ForbiddenNoPermission" => "No Permission to access resource",
        "AccessTokenInvalid" => "AccessToken is invalid.",
        _ => "",
    };
    assert!(fault.message.contains(part), "{shown}: {fault:?}");
}

fn is_there<T>(found: Result<T, Fault>, otherwise: &str) -> bool {
    match found {
        Ok(_) => true,
        Err(fault) => {
            assert_eq!(fault.brief(), otherwise);
            false
        }
    }
}

/// A request for a user with this id and nothing more.
pub(crate) fn new_pds_user(id: &str) -> CreateUser {
    CreateUser { user_id: id.to_owned(), ..CreateUser::default() }
}

/// A request for a group.
pub(crate) fn new_group(name: &str, parent: Option<&str>) -> CreateGroup {
    let parent_group_id = parent.map(str::to_owned);
    CreateGroup { group_name: name.to_owned(), parent_group_id, ..CreateGroup::default() }
}

/// A request to put a user into a group.
pub(crate) fn adding_member(group: &str, user: &str) -> AddGroupMember {
    AddGroupMember { group_id: group.to_owned(), member_type: Party::User, member_id: user.to_owned() }
}

/// A request to take a user out of a group.
pub(crate) fn removing_member(group: &str, user: &str) -> RemoveGroupMember {
    RemoveGroupMember { group_id: group.to_owned(), member_type: Party::User, member_id: user.to_owned() }
}

/// A request to make a user the administrator of a group.
pub(crate) fn assigning(user: &str, group: &str) -> AssignRole {
    AssignRole {
        identity: Identity::user(user),
        role_id: api::pds::roles::GROUP_ADMIN.to_owned(),
        manage_resource_type: api::pds::roles::GROUP.to_owned(),
        manage_resource_id: group.to_owned(),
        disinherit_sub_group: None,
    }
}

/// A request for a drive.
pub(crate) fn new_drive(name: &str, owner: &str, owner_type: Party) -> CreateDrive {
    CreateDrive {
        drive_name: name.to_owned(),
        owner: owner.to_owned(),
        owner_type: Some(owner_type),
        ..CreateDrive::default()
    }
}

/// A request for what is directly in a group.
pub(crate) fn members_in(group: &str) -> ListGroupMember {
    ListGroupMember { group_id: Some(group.to_owned()), ..ListGroupMember::default() }
}

/// An answer's ids and times, blotted out, and others by the names given here.
pub(crate) fn told_pds(answer: &Answer, names: &[(&str, &str)]) -> Value {
    let mut json = answer.json();
    blot(&mut json, names);
    json
}

fn blot(value: &mut Value, names: &[(&str, &str)]) {
    match value {
        Value::String(text) => {
            if let Some((_, name)) = names.iter().find(|(id, _)| id == text) {
                *text = format!("[{name}]");
            }
        }
        Value::Array(members) => members.iter_mut().for_each(|member| blot(member, names)),
        Value::Object(members) => members.values_mut().for_each(|member| blot(member, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
