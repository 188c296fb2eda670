//! 3,000 random operations by four writers at once on shared organizations, groups, properties and users: afterwards
//! every list, total and index agrees with what each user's own record says.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use api::eds::{
    CheckUsedProperty, CheckUsedPropertyValue, CreateGroup, CreateOrg, CreateProperty,
    DeleteUserPropertyValue, DescribeGroups, DescribeOrgByLayer, DescribeOrgs, DescribeUsers, DescribedOrg,
    DescribedUser, FilterUsers, GetUsersCount, GivenPropertyValue, ListedProperty, LockUsers, ModifyGroup,
    ModifyOrg, NewUser, PropertyFilter, PropertyKeyValueFilter, RemoveGroup, RemoveOrg, RemoveProperty,
    SetUserPropertyValue, ShownStatus, UnlockUsers, UpdateProperty,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::support::{
    Client, Fault, Home, ROOT, create_users, filter, find, joining, list, list_orgs, list_properties,
    members, move_org, move_users, names, new_user, number, quitting, remove_users, texts, until,
    with_properties,
};

/// The run is the same each time, but for how the writers meet.
const SEED: u64 = 20_260_116;
const WRITERS: u64 = 4;
const OPERATIONS: usize = 750;
/// Usernames, and names of organizations and groups: few, so that the writers meet.
const NAMES: usize = 60;
/// How deep an organization may lie below the root.
const DEPTH: usize = 10;

/// What the writers know of, right or outdated.
#[derive(Debug, Clone, Default)]
struct Known {
    orgs: Vec<String>,
    groups: Vec<String>,
    properties: BTreeMap<i64, Vec<i64>>,
    users: BTreeMap<String, i64>,
}

/// One who writes what comes to mind.
struct Writer {
    client: Client,
    rng: StdRng,
    known: Arc<Mutex<Known>>,
    /// How many calls did what was asked.
    done: usize,
    place: String,
}

impl Writer {
    fn new(client: Client, number: u64, known: &Arc<Mutex<Known>>) -> Self {
        let rng = StdRng::seed_from_u64(SEED ^ number);
        Self { client, rng, known: Arc::clone(known), done: 0, place: format!("writer {number}") }
    }

    async fn work(mut self) -> usize {
        let writer = self.place.clone();
        for at in 0..OPERATIONS {
            self.place = format!("seed {SEED}, {writer}, operation {at}");
            match self.rng.random_range(0..100) {
                0..12 => self.create_users().await,
                12..16 => self.remove_users().await,
                16..30 => self.change_orgs().await,
                30..42 => self.move_users().await,
                42..49 => self.change_groups().await,
                49..62 => self.join_or_quit().await,
                62..68 => self.change_properties().await,
                68..86 => self.bind_or_unbind().await,
                86..94 => self.lock_or_unlock().await,
                _ => self.look().await,
            }
        }
        self.done
    }

    fn know<T>(&self, learn: impl FnOnce(&mut Known) -> T) -> T {
        learn(&mut self.known.lock().expect("nobody failed with it"))
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    fn username(&mut self) -> String {
        format!("user_{:02}", self.rng.random_range(0..NAMES))
    }

    fn usernames(&mut self) -> Vec<String> {
        (0..self.rng.random_range(1..5)).map(|_| self.username()).collect()
    }

    fn name(&mut self) -> String {
        let name = format!("name {}", self.rng.random_range(0..NAMES));
        if self.chance(0.3) { name.to_uppercase() } else { name }
    }

    fn org(&mut self) -> String {
        let at = self.rng.random_range(0..1_000_usize);
        let found = self.know(|known| known.orgs.get(at % (known.orgs.len() + 1)).cloned());
        found.unwrap_or_else(|| ROOT.to_owned())
    }

    fn group(&mut self) -> String {
        let at = self.rng.random_range(0..1_000_usize);
        let found = self.know(|known| known.groups.get(at % known.groups.len().max(1)).cloned());
        found.unwrap_or_else(|| "ug-08nirkf56rh6k7jht".to_owned())
    }

    fn property(&mut self) -> (i64, Vec<i64>) {
        let at = self.rng.random_range(0..1_000_usize);
        let found = self.know(|known| {
            let properties = known.properties.iter().nth(at % known.properties.len().max(1));
            properties.map(|(id, values)| (*id, values.clone()))
        });
        found.unwrap_or((1, vec![1]))
    }

    /// Takes an answer, which is what was asked for or one of these refusals.
    fn take<T>(&mut self, reply: Result<T, Fault>, refusals: &[&str]) -> Option<T> {
        match reply {
            Ok(reply) => {
                self.done += 1;
                Some(reply)
            }
            Err(fault) => {
                let known = fault.status == 400 && refusals.contains(&fault.code.as_str());
                assert!(known, "{}: {fault:?}", self.place);
                None
            }
        }
    }

    async fn create_users(&mut self) {
        let mut users = Vec::new();
        for name in self.usernames() {
            let groups = if self.chance(0.3) { vec![self.group()] } else { Vec::new() };
            users.push(NewUser {
                org_id: Some(self.org()),
                group_id_list: Some(groups.try_into().expect("one at most")),
                ..new_user(&name)
            });
        }
        let reply = self.client.send(&create_users(users)).await;
        let Some(reply) = self.take(reply, &[]) else { return };
        for failed in reply.create_result.failed_users {
            let known = ["ExistedEndUserId", "InvalidOrgId.NotFound", "InvalidGroupId.NotFound"];
            assert!(known.contains(&failed.error_code.as_str()), "{}: {failed:?}", self.place);
        }
        for made in reply.create_result.created_users {
            let request =
                DescribeUsers { end_user_ids: Some(texts(&[&made.end_user_id])), ..DescribeUsers::default() };
            let found = self.client.send(&request).await.expect("the call is right").users;
            self.know(|known| known.users.extend(found.into_iter().map(|user| (user.end_user_id, user.id))));
        }
    }

    async fn remove_users(&mut self) {
        let names = self.usernames();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let reply = self.client.send(&remove_users(&names)).await;
        self.take(reply, &[]);
    }

    async fn change_orgs(&mut self) {
        let (org, target, name) = (self.org(), self.org(), self.name());
        match self.rng.random_range(0..10) {
            0..4 => {
                let request = CreateOrg { org_name: name, parent_org_id: target };
                let reply = self.client.send(&request).await;
                let refusals = ["ExistedOrgName", "InvalidParentOrgId", "InvalidParentOrgId.NotFound"];
                if let Some(reply) = self.take(reply, &refusals) {
                    self.know(|known| known.orgs.push(reply.org_id));
                }
            }
            4..7 => {
                let reply = self.client.send(&move_org(&org, &target)).await;
                let refusals = [
                    "ExistedOrgName",
                    "InvalidNewParentOrgId",
                    "InvalidNewParentOrgId.NotFound",
                    "InvalidOrgId.NotFound",
                    "OperationDenied.RootOrg",
                ];
                self.take(reply, &refusals);
            }
            7..9 => {
                let reply = self.client.send(&ModifyOrg { org_id: org, org_name: name }).await;
                self.take(reply, &["ExistedOrgName", "InvalidOrgId.NotFound"]);
            }
            _ => {
                let reply = self.client.send(&RemoveOrg { org_id: org.clone() }).await;
                let refusals = ["OrgNotEmpty", "InvalidOrgId.NotFound", "OperationDenied.RootOrg"];
                if self.take(reply, &refusals).is_some() {
                    self.know(|known| known.orgs.retain(|other| *other != org));
                }
            }
        }
    }

    async fn move_users(&mut self) {
        let (org, names) = (self.org(), self.present());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let reply = self.client.send(&move_users(&org, &names)).await;
        self.take(reply, &["InvalidOrgId.NotFound", "InvalidEndUserIds.NotFound"]);
    }

    /// Some users who were there a moment ago, mostly.
    fn present(&mut self) -> Vec<String> {
        let ats: Vec<usize> =
            (0..self.rng.random_range(1..5)).map(|_| self.rng.random_range(0..1_000)).collect();
        let found: Vec<String> = self.know(|known| {
            let name = |at: &usize| known.users.keys().nth(at % known.users.len().max(1)).cloned();
            ats.iter().filter_map(name).collect()
        });
        if found.is_empty() { vec![self.username()] } else { found }
    }

    async fn change_groups(&mut self) {
        let (group, name) = (self.group(), self.name());
        match self.rng.random_range(0..10) {
            0..5 => {
                let reply = self.client.send(&CreateGroup { group_name: name, description: None }).await;
                if let Some(reply) = self.take(reply, &["ExistedGroupName"]) {
                    self.know(|known| known.groups.push(reply.group_id));
                }
            }
            5..8 => {
                let request = ModifyGroup { group_id: group, new_group_name: name, description: None };
                let reply = self.client.send(&request).await;
                self.take(reply, &["ExistedGroupName", "InvalidGroupId.NotFound"]);
            }
            _ => {
                let request = RemoveGroup { group_id: Some(group.clone()), group_ids: None };
                let reply = self.client.send(&request).await;
                if self.take(reply, &["InvalidGroupId.NotFound"]).is_some() {
                    self.know(|known| known.groups.retain(|other| *other != group));
                }
            }
        }
    }

    async fn join_or_quit(&mut self) {
        let (group, names) = (self.group(), self.present());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let reply = if self.chance(0.7) {
            self.client.send(&joining(&group, &names)).await
        } else {
            self.client.send(&quitting(&group, &names)).await
        };
        self.take(reply, &["InvalidGroupId.NotFound", "InvalidEndUserIds.NotFound"]);
    }

    async fn change_properties(&mut self) {
        let (property, values) = self.property();
        let text = |rng: &mut StdRng| format!("value {}", rng.random_range(0..8));
        match self.rng.random_range(0..10) {
            0..5 => {
                let values = (0..4).map(|_| text(&mut self.rng)).collect::<Vec<_>>();
                let values = Some(values.try_into().expect("four"));
                let request = CreateProperty { property_key: self.name(), property_values: values };
                let reply = self.client.send(&request).await;
                if let Some(reply) = self.take(reply, &["ExistedPropertyKey", "QuotaExceeded.Property"]) {
                    let made = reply.create_result;
                    self.learn(made.property_id, &made.save_property_value_model);
                }
            }
            5..9 => {
                let mut given = Vec::new();
                for value in values {
                    if self.chance(0.7) {
                        let text = self.chance(0.5).then(|| text(&mut self.rng));
                        given.push(GivenPropertyValue {
                            property_value_id: Some(value),
                            property_value: text,
                        });
                    }
                }
                given.push(GivenPropertyValue {
                    property_value_id: None,
                    property_value: Some(text(&mut self.rng)),
                });
                let request = UpdateProperty {
                    property_id: property,
                    property_key: self.name(),
                    property_values: Some(given.try_into().expect("few")),
                };
                let reply = self.client.send(&request).await;
                let refusals = ["ExistedPropertyKey", "InvalidPropertyId.NotFound"];
                if let Some(reply) = self.take(reply, &refusals) {
                    self.learn(property, &reply.update_result.save_property_value_model);
                }
            }
            _ => {
                let reply = self.client.send(&RemoveProperty { property_id: property }).await;
                if self.take(reply, &["InvalidPropertyId.NotFound"]).is_some() {
                    self.know(|known| known.properties.remove(&property));
                }
            }
        }
    }

    fn learn(&mut self, property: i64, model: &api::eds::SavePropertyValueModel) {
        for failed in &model.failed_property_values {
            let known = ["ExistedPropertyValue", "InvalidPropertyValueId.NotFound"];
            assert!(known.contains(&failed.error_code.as_str()), "{}: {failed:?}", self.place);
        }
        let values = model.save_property_values.iter().map(|value| value.property_value_id).collect();
        self.know(|known| known.properties.insert(property, values));
    }

    async fn bind_or_unbind(&mut self) {
        let ((property, values), mut names) = (self.property(), self.present());
        let name = names.remove(0);
        let user_id = self.know(|known| known.users.get(&name).copied()).unwrap_or(1);
        let value = values[..].get(self.rng.random_range(0..values.len().max(1))).copied().unwrap_or(1);
        let reply = if self.chance(0.75) {
            let request = SetUserPropertyValue {
                user_id,
                user_name: name,
                property_id: property,
                property_value_id: value,
            };
            self.client.send(&request).await
        } else {
            let request =
                DeleteUserPropertyValue { user_id, property_id: property, property_value_id: value };
            self.client.send(&request).await
        };
        let refusals =
            ["InvalidUserId.NotFound", "InvalidPropertyId.NotFound", "InvalidPropertyValueId.NotFound"];
        self.take(reply, &refusals);
    }

    async fn lock_or_unlock(&mut self) {
        let users = texts(&self.usernames());
        if self.chance(0.5) {
            let reply = self.client.send(&LockUsers { users, logout_session: None }).await;
            self.take(reply, &[]);
        } else {
            let users = texts(&users);
            let reply = self.client.send(&UnlockUsers { users, auto_lock_time: None }).await;
            self.take(reply, &[]);
        }
    }

    /// Lists something while others change it.
    async fn look(&mut self) {
        let (org, group) = (self.org(), self.group());
        let request = match self.rng.random_range(0..3) {
            0 => DescribeUsers { org_id: Some(org), is_query_all_sub_orgs: Some(true), ..with_properties() },
            1 => DescribeUsers { group_id: Some(group), ..with_properties() },
            _ => {
                DescribeUsers { exclude_group_id: Some(group), filter: Some("1".into()), ..with_properties() }
            }
        };
        let reply = self.client.send(&request).await;
        self.take(reply, &[]);
        let orgs = self.client.send(&DescribeOrgs::default()).await;
        let orgs = self.take(orgs, &[]).expect("it is no refusal").orgs;
        for org in &orgs {
            let parent = orgs.iter().find(|other| Some(&other.org_id) == org.parent_org_id.as_ref());
            let path = parent.map(|parent| format!("{}/{}", parent.org_name_path, org.org_name));
            assert!(path.is_none_or(|path| path == org.org_name_path), "{}: {org:?}", self.place);
        }
    }
}

/// What is there in the end.
struct Directory {
    users: Vec<DescribedUser>,
    orgs: Vec<DescribedOrg>,
    properties: Vec<ListedProperty>,
}

impl Directory {
    async fn read(admin: &Client) -> Self {
        Self {
            users: list(admin, &with_properties()).await,
            orgs: list_orgs(admin, &DescribeOrgs::default()).await,
            properties: list_properties(admin).await,
        }
    }

    /// The users for whom this holds, by their ids.
    fn users_where(&self, holds: impl Fn(&DescribedUser) -> bool) -> Vec<String> {
        let users: Vec<DescribedUser> = self.users.iter().filter(|user| holds(user)).cloned().collect();
        names(&users)
    }

    /// The tree is one: paths follow from parents, siblings have names of their own, and nothing lies too deep.
    async fn check_tree(&self, admin: &Client) {
        let by_id: HashMap<&str, &DescribedOrg> =
            self.orgs.iter().map(|org| (org.org_id.as_str(), org)).collect();
        let mut siblings = BTreeSet::new();
        for org in &self.orgs {
            let mut path = vec![org.org_name.as_str()];
            let mut at = org;
            while let Some(parent) = &at.parent_org_id {
                at = by_id[parent.as_str()];
                path.push(&at.org_name);
                assert!(path.len() <= DEPTH + 1, "{org:?} lies too deep");
            }
            path.reverse();
            assert_eq!((at.org_id.as_str(), path.join("/")), (ROOT, org.org_name_path.clone()));
            assert!(
                siblings.insert((&org.parent_org_id, org.org_name.to_lowercase())),
                "{org:?} is there twice"
            );

            let layer = DescribeOrgByLayer { parent_org_id: Some(org.org_id.clone()), org_name: None };
            let layer = admin.send(&layer).await.expect("the call is right").orgs;
            let found: Vec<&str> = layer.iter().map(|org| org.org_id.as_str()).collect();
            let is_child = |other: &&DescribedOrg| other.parent_org_id.as_ref() == Some(&org.org_id);
            let children: Vec<&str> =
                self.orgs.iter().filter(is_child).map(|org| org.org_id.as_str()).collect();
            assert_eq!(found, children, "{org:?}");
        }
    }

    /// Each organization has the members who say so.
    async fn check_orgs(&self, admin: &Client) {
        for org in &self.orgs {
            let direct = DescribeUsers { org_id: Some(org.org_id.clone()), ..DescribeUsers::default() };
            let is_in = |user: &DescribedUser| user.orgs.iter().any(|own| own.org_id == org.org_id);
            assert_eq!(find(admin, &direct).await, self.users_where(is_in), "{org:?}");

            let subtree = DescribeUsers { is_query_all_sub_orgs: Some(true), ..direct };
            let path = format!("{}/", org.org_name_path);
            let is_below = |user: &DescribedUser| {
                user.orgs.iter().any(|own| format!("{}/", own.org_name_path).starts_with(&path))
            };
            assert_eq!(find(admin, &subtree).await, self.users_where(is_below), "{org:?} and below");
            let one = DescribeUsers { max_results: Some(1.try_into().expect("in range")), ..subtree };
            assert_eq!(find(admin, &one).await, self.users_where(is_below), "{org:?} and below, one a page");
        }
        for user in &self.users {
            assert_eq!(user.orgs.len(), 1, "{user:?}");
            let own = self.orgs.iter().find(|org| Some(&org.org_id) == user.org_id.as_ref());
            let own = own.map(|org| org.org_name_path.as_str());
            assert_eq!(own, Some(user.orgs[0].org_name_path.as_str()), "{user:?}");
        }
    }

    /// Each group has the members who say so.
    async fn check_groups(&self, admin: &Client) {
        let request = DescribeGroups {
            page_size: Some(100.try_into().expect("in range")),
            ..DescribeGroups::default()
        };
        let groups = admin.send(&request).await.expect("the call is right");
        assert_eq!(groups.count, i64::try_from(groups.groups.len()).expect("few"));
        let ids: BTreeSet<&str> = groups.groups.iter().map(|group| group.group_id.as_str()).collect();
        for user in &self.users {
            assert!(user.groups.iter().all(|own| ids.contains(own.group_id.as_str())), "{user:?}");
        }
        for group in &groups.groups {
            let is_in = |user: &DescribedUser| user.groups.iter().any(|own| own.group_id == group.group_id);
            let expected = self.users_where(is_in);
            let request =
                DescribeUsers { group_id: Some(group.group_id.clone()), ..DescribeUsers::default() };
            assert_eq!(find(admin, &request).await, expected, "{group:?}");
            let outside =
                DescribeUsers { exclude_group_id: Some(group.group_id.clone()), ..DescribeUsers::default() };
            assert_eq!(
                find(admin, &outside).await,
                self.users_where(|user| !is_in(user)),
                "outside {group:?}"
            );
            assert_eq!(group.user_count, i64::try_from(expected.len()).expect("few"), "{group:?}");
            let mut joined = members(admin, &group.group_id).await;
            joined.sort_unstable();
            assert_eq!(joined, sorted(expected), "{group:?}");
        }
    }

    /// Each property and value has the users who say so.
    async fn check_properties(&self, admin: &Client) {
        for property in &self.properties {
            let key = &property.property_key;
            let has_any = |user: &DescribedUser| own(user).any(|(own, _)| own == key);
            let expected = self.users_where(has_any);
            assert_eq!(
                filtered(admin, by_id(property.property_id, None)).await,
                sorted(expected.clone()),
                "{key}"
            );
            assert_eq!(filtered(admin, by_name(key, None)).await, sorted(expected.clone()), "{key}");
            let request = CheckUsedProperty { property_id: property.property_id };
            let used = admin.send(&request).await.expect("it is there").use_count;
            assert_eq!(used, i64::try_from(expected.len()).expect("few"), "{key}");
            for value in &property.property_values {
                let text = &value.property_value;
                let expected = self.users_where(|user| own(user).any(|own| own == (key, text)));
                let id = value.property_value_id;
                let by_id = by_id(property.property_id, Some(id));
                assert_eq!(filtered(admin, by_id).await, sorted(expected.clone()), "{key}={text}");
                let by_name = by_name(key, Some(text));
                assert_eq!(filtered(admin, by_name).await, sorted(expected.clone()), "{key}={text}");
                let request =
                    CheckUsedPropertyValue { property_id: property.property_id, property_value_id: id };
                let used = admin.send(&request).await.expect("it is there").use_count;
                assert_eq!(used, i64::try_from(expected.len()).expect("few"), "{key}={text}");
            }
        }
        for (key, value) in self.users.iter().flat_map(own) {
            let is_listed = self.properties.iter().any(|property| {
                property.property_key == *key
                    && property.property_values.iter().any(|other| other.property_value == *value)
            });
            assert!(is_listed, "{key}={value} is nobody's to have");
        }
    }

    /// Totals count the rest.
    async fn check_counts(&self, admin: &Client) {
        for status in [ShownStatus::Normal, ShownStatus::Locked] {
            let request = DescribeUsers { status: Some(status), ..DescribeUsers::default() };
            assert_eq!(find(admin, &request).await, self.users_where(|user| user.status == status));
        }
        let counts = admin.send(&GetUsersCount {}).await.expect("the call is right");
        let expected = (self.users.len(), self.orgs.len() - 1);
        assert_eq!((counts.user_count, counts.org_count), (small(expected.0), small(expected.1)));
        let groups = admin.send(&DescribeGroups::default()).await.expect("the call is right").count;
        assert_eq!(counts.group_count, groups);
    }

    async fn check(&self, admin: &Client) {
        self.check_tree(admin).await;
        self.check_orgs(admin).await;
        self.check_groups(admin).await;
        self.check_properties(admin).await;
        self.check_counts(admin).await;
    }
}

/// A user's properties and values.
fn own(user: &DescribedUser) -> impl Iterator<Item = (&String, &String)> {
    user.properties.iter().flatten().map(|own| (&own.key, &own.value))
}

fn small(count: usize) -> i64 {
    i64::try_from(count).expect("few")
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

fn by_id(property: i64, value: Option<i64>) -> FilterUsers {
    let filter = PropertyFilter {
        property_id: Some(property),
        property_value_ids: value.map(|value| value.to_string()),
    };
    FilterUsers {
        property_filter_param: Some(vec![filter].try_into().expect("one")),
        ..FilterUsers::default()
    }
}

fn by_name(key: &str, value: Option<&str>) -> FilterUsers {
    let filter = PropertyKeyValueFilter {
        property_key: Some(key.to_owned()),
        property_values: value.map(str::to_owned),
    };
    FilterUsers {
        property_key_value_filter_param: Some(vec![filter].try_into().expect("one")),
        ..FilterUsers::default()
    }
}

async fn filtered(admin: &Client, request: FilterUsers) -> Vec<String> {
    sorted(filter(admin, &request).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn four_writers_leave_lists_and_totals_that_agree() {
    let home = Home::new().await.with_running_clock();
    let mut servers = vec![home.open().await];
    if home.is_shared() {
        servers.push(home.open().await);
    }
    let known = Arc::new(Mutex::new(Known::default()));

    let writers: Vec<_> = (0..WRITERS)
        .zip(servers.iter().cycle())
        .map(|(number, server)| tokio::spawn(Writer::new(home.client(server.address), number, &known).work()))
        .collect();
    let mut done = 0;
    for writer in writers {
        done += writer.await.expect("the writer is right");
    }

    let half = usize::try_from(WRITERS).expect("few") * OPERATIONS / 2;
    assert!(done > half, "seed {SEED}: only {done} calls did what was asked");
    let admin = home.client(servers[0].address);
    let directory = Directory::read(&admin).await;
    assert!(directory.users.len() > 20 && directory.orgs.len() > 10 && directory.properties.len() > 3);
    directory.check(&admin).await;
    home.verify().await;

    // What was removed goes in the background, and nothing that is seen changes by it.
    until("what was removed is gone", async || {
        let mut left = 0;
        for table in ["groups", "properties", "property_items"] {
            left += number(&home, &format!("select count(*) from {table} where removed is not null")).await;
        }
        left == 0
    })
    .await;
    let later = Directory::read(&admin).await;
    assert_eq!(format!("{:?}", later.users), format!("{:?}", directory.users), "seed {SEED}");
    later.check(&admin).await;
    for server in servers {
        server.stop().await;
    }
    home.verify().await;
}
