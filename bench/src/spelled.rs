//! The ids of what the synthetic company has, as the server spells them.

use std::collections::HashMap;

use api::eds::{DescribeGroups, DescribeOrgs, ListProperty, ListedProperty};

use crate::Trouble;
use crate::client::Connection;
use crate::company::{self, Unit};

/// What the server says of its organizations, groups and properties.
pub(crate) struct Spelled {
    /// By their ways down from the root.
    orgs: HashMap<String, String>,
    groups: HashMap<String, String>,
    properties: Vec<ListedProperty>,
}

impl Spelled {
    /// Asks the server.
    pub(crate) async fn by(connection: &mut Connection) -> Result<Self, Trouble> {
        let mut orgs = HashMap::new();
        let mut request = DescribeOrgs { max_results: 100.try_into().ok(), ..DescribeOrgs::default() };
        loop {
            let page = connection.ask(&request).await?;
            for org in page.orgs {
                let below_root = org.org_name_path.split_once('/').map_or("", |(_, path)| path);
                orgs.insert(below_root.to_owned(), org.org_id);
            }
            if page.next_token.is_empty() {
                break;
            }
            request.next_token = Some(page.next_token);
        }
        let request = DescribeGroups { page_size: 200.try_into().ok(), ..DescribeGroups::default() };
        let groups = connection.ask(&request).await?.groups;
        let groups = groups.into_iter().map(|group| (group.group_name, group.group_id)).collect();
        let properties = connection.ask(&ListProperty {}).await?.properties;
        Ok(Self { orgs, groups, properties })
    }

    /// An organization's id.
    pub(crate) fn org(&self, unit: Unit) -> Result<String, Trouble> {
        let mut path = unit.name();
        let mut above = unit.parent();
        while let Some(unit) = above {
            path = format!("{}/{path}", unit.name());
            above = unit.parent();
        }
        Ok(self.orgs.get(&path).ok_or_else(|| format!("no organization {path}"))?.clone())
    }

    /// A group's id.
    pub(crate) fn group(&self, n: usize) -> Result<String, Trouble> {
        Ok(self.groups.get(&format!("group {n}")).ok_or("no such group")?.clone())
    }

    /// A property's id, and those of its values.
    pub(crate) fn property(&self, n: usize) -> Result<(i64, Vec<i64>), Trouble> {
        let (name, _) = company::PROPERTIES[n];
        let property = self.properties.iter().find(|known| known.property_key == name);
        let property = property.ok_or("no such property")?;
        let values = property.property_values.iter().map(|value| value.property_value_id).collect();
        Ok((property.property_id, values))
    }
}
