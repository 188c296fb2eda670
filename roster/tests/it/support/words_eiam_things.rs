//! Short words for what an instance of EIAM has in it: units, groups, memberships, custom fields.

use api::eiam::{
    AddUserToOrganizationalUnits, CreateCustomField, CreateInstance, CreateUser, CustomField,
    FieldDisplayType, GetCustomField, GetGroup, GetOrganizationalUnit, GetRootOrganizationalUnit, GetUser,
    Group, ListGroups, ListOrganizationalUnits, ListUsers, OrganizationalUnit,
};

use super::client::Client;
use super::words_eiam::{Instance, choices, list_users, make_eiam_user, refused};
use super::words_users::texts;

impl Instance {
    /// A new one with a description.
    pub(crate) async fn described(client: &Client, description: &str) -> Self {
        let description = Some(description.to_owned());
        let made = client.send(&CreateInstance { description, client_token: None }).await;
        let id = made.expect("it can be made").instance_id;
        let request = GetRootOrganizationalUnit { instance_id: id.clone() };
        let root = client.send(&request).await.expect("every instance has a root").organizational_unit;
        Self { id, root: root.organizational_unit_id }
    }

    /// Calls an action that succeeds and says no more than that.
    pub(crate) async fn done(&self, client: &Client, action: &str, parameters: &[(&str, &str)]) {
        let json = self.ask(client, action, parameters).await;
        let keys: Vec<&String> = json.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["RequestId"], "{action}");
    }

    /// Makes users in the root unit; their ids.
    pub(crate) async fn make_users(&self, client: &Client, names: &[&str]) -> Vec<String> {
        let mut users = Vec::new();
        for name in names {
            users.push(self.make_user(client, name).await);
        }
        users
    }

    /// Makes a user in a unit; the id.
    pub(crate) async fn make_user_in(&self, client: &Client, unit: &str, name: &str) -> String {
        let primary_organizational_unit_id = unit.to_owned();
        make_eiam_user(client, &CreateUser { primary_organizational_unit_id, ..self.user(name) }).await
    }

    /// Puts a user into further units, one by one; those of one moment are shown in the order of making.
    pub(crate) async fn place_in(&self, client: &Client, user: &str, units: &[&str]) {
        for unit in units {
            let request = AddUserToOrganizationalUnits {
                instance_id: self.id.clone(),
                user_id: user.to_owned(),
                organizational_unit_ids: texts(&[unit]),
            };
            client.send(&request).await.expect("the user can join");
        }
    }

    /// Whether the user is there.
    pub(crate) async fn has_user(&self, client: &Client, user: &str) -> bool {
        let request = GetUser { instance_id: self.id.clone(), user_id: user.to_owned() };
        match client.send(&request).await {
            Ok(_) => true,
            Err(fault) => {
                refused(&fault, &format!("404 ResourceNotFound.User {user}"), "GetUser");
                false
            }
        }
    }

    /// The names of a user's units: the primary one, then the others in the order of joining.
    pub(crate) async fn units_of(&self, client: &Client, user: &str) -> Vec<String> {
        let user = self.get_user(client, user).await;
        let units = user.organizational_units;
        let primary: Vec<&str> = units
            .iter()
            .filter(|unit| unit.primary)
            .map(|unit| unit.organizational_unit_id.as_str())
            .collect();
        assert_eq!(primary, [user.primary_organizational_unit_id.as_str()], "one unit is primary");
        assert!(units[0].primary, "the primary unit comes first");
        units.into_iter().map(|unit| unit.organizational_unit_name).collect()
    }

    /// The names of a user's groups, in the order of joining.
    pub(crate) async fn groups_of(&self, client: &Client, user: &str) -> Vec<String> {
        self.get_user(client, user).await.groups.into_iter().map(|group| group.group_name).collect()
    }

    /// The usernames of a unit's members, in the order in which they were made.
    pub(crate) async fn unit_members(&self, client: &Client, unit: &str) -> Vec<String> {
        let organizational_unit_id = Some(unit.to_owned());
        let request = ListUsers { organizational_unit_id, ..self.users() };
        list_users(client, &request).await.into_iter().map(|user| user.username).collect()
    }

    /// One unit.
    pub(crate) async fn get_unit(&self, client: &Client, unit: &str) -> OrganizationalUnit {
        let request =
            GetOrganizationalUnit { instance_id: self.id.clone(), organizational_unit_id: unit.to_owned() };
        client.send(&request).await.expect("it is there").organizational_unit
    }

    /// A request for all units.
    pub(crate) fn units(&self) -> ListOrganizationalUnits {
        ListOrganizationalUnits { instance_id: self.id.clone(), ..ListOrganizationalUnits::default() }
    }

    /// The names of the units on one page, in the order in which they were made.
    pub(crate) async fn find_units(&self, client: &Client, request: &ListOrganizationalUnits) -> Vec<String> {
        let page = client.send(request).await.expect("the call is right");
        assert_eq!(usize::try_from(page.total_count), Ok(page.organizational_units.len()), "one page");
        page.organizational_units.into_iter().map(|unit| unit.organizational_unit_name).collect()
    }

    /// One group.
    pub(crate) async fn get_group(&self, client: &Client, group: &str) -> Group {
        let request = GetGroup { instance_id: self.id.clone(), group_id: group.to_owned() };
        client.send(&request).await.expect("it is there").group
    }

    /// A request for all groups.
    pub(crate) fn groups(&self) -> ListGroups {
        ListGroups { instance_id: self.id.clone(), ..ListGroups::default() }
    }

    /// One custom field.
    pub(crate) async fn get_field(&self, client: &Client, field: &str) -> CustomField {
        let request = GetCustomField { instance_id: self.id.clone(), field_id: field.to_owned() };
        client.send(&request).await.expect("it is there").custom_field
    }

    /// A field for which one or several of these strings are chosen.
    pub(crate) fn choice(
        &self,
        name: &str,
        field_display_type: FieldDisplayType,
        values: &[&str],
    ) -> CreateCustomField {
        let field_data_config = choices(values);
        CreateCustomField { field_display_type, field_data_config, ..self.field(name) }
    }
}

/// A call of EIAM, with these parameters and no others, is refused in these words (see [`refused`]).
pub(crate) async fn is_refused(client: &Client, action: &str, parameters: &[(&str, &str)], expected: &str) {
    let shown: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value:.80}")).collect();
    let shown = format!("{action} {}", shown.join("&"));
    let answer = client.call(action, parameters).await;
    assert_ne!(answer.status, 200, "{shown} has to be refused: {expected}");
    refused(&answer.fault(), expected, &shown);
}
