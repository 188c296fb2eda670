//! Lists of users by what they are in and have, in each order.

use std::sync::Arc;

use api::eds::{
    DescribeGroupUser, DescribeGroups, DescribeOrgs, DescribeUsers, FilterUsers, OrderField, OrderParam,
    OrderType, OwnerTypeFilter, PropertyFilter, ShownStatus, VERSION,
};
use wire::{Action, List};

use crate::Trouble;
use crate::client::{Connection, Next, signed};
use crate::company::Unit;
use crate::server::Process;
use crate::spelled::Spelled;

/// A term that few hold, and one that a quarter of all hold.
const RARE: &str = "smith77@";
const COMMON: &str = "son";

const BY_ID: OrderParam = OrderParam { order_field: OrderField::Id, order_type: OrderType::Descending };
const BY_NAME: OrderParam =
    OrderParam { order_field: OrderField::EndUserId, order_type: OrderType::Ascending };

/// The requests to one server that are measured, by name.
pub(crate) struct Lists<'a> {
    connection: Connection,
    spelled: Spelled,
    /// What a route's name must hold.
    only: &'a str,
    /// What stands behind each name.
    server: &'a str,
    routes: Vec<(String, Next)>,
}

/// An answer that says where the next page begins.
trait Paged: Action + Clone {
    /// The largest page.
    const LARGEST: i64;
    /// Asks for so many, from here on.
    fn ask(&mut self, limit: i64, token: Option<String>);
    /// Where the next page begins, and how many this one has.
    fn told(reply: Self::Reply) -> (String, usize);
}

impl Paged for DescribeUsers {
    const LARGEST: i64 = 500;

    fn ask(&mut self, limit: i64, token: Option<String>) {
        (self.max_results, self.next_token) = (limit.try_into().ok(), token);
    }

    fn told(reply: Self::Reply) -> (String, usize) {
        (reply.next_token, reply.users.len())
    }
}

impl Paged for FilterUsers {
    const LARGEST: i64 = 100;

    fn ask(&mut self, limit: i64, token: Option<String>) {
        (self.max_results, self.next_token) = (limit.try_into().ok(), token);
    }

    fn told(reply: Self::Reply) -> (String, usize) {
        (reply.next_token, reply.users.len())
    }
}

/// All routes whose name holds `only`, of pages of 100.
pub(crate) async fn routes(
    process: &Process,
    only: &str,
    server: &str,
) -> Result<Vec<(String, Next)>, Trouble> {
    let mut connection = Connection::open(process.address).await?;
    let spelled = Spelled::by(&mut connection).await?;
    let mut lists = Lists { connection, spelled, only, server, routes: Vec::new() };
    lists.by_organization().await?;
    lists.by_group()?;
    lists.by_property()?;
    lists.by_state();
    lists.in_order()?;
    lists.add("DescribeOrgs, first page", || DescribeOrgs {
        max_results: 100.try_into().ok(),
        ..DescribeOrgs::default()
    });
    lists.add("DescribeGroups", DescribeGroups::default);
    Ok(lists.routes)
}

impl Lists<'_> {
    async fn by_organization(&mut self) -> Result<(), Trouble> {
        for (what, unit) in [("team", Unit::team()), ("department", Unit::mixed())] {
            let org = self.spelled.org(unit)?;
            self.add(&format!("organization: {what} alone, DescribeUsers"), || describe(Some(&org), false));
            self.add(&format!("organization: {what} alone, FilterUsers"), || filter(Some(&org), false));
        }
        let subtrees =
            [("section", Unit::section()), ("mixed", Unit::mixed()), ("imported", Unit::imported())];
        for (what, unit) in subtrees {
            let org = self.spelled.org(unit)?;
            let total = self.connection.ask(&describe(Some(&org), true)).await?.count.unwrap_or_default();
            if self.wants("organization: ") {
                println!("{what} with suborganizations{}: {total} users", self.server);
            }
            let total = usize::try_from(total)?;
            let name = format!("organization: {what} with suborganizations");
            self.first_and_middle(&name, describe(Some(&org), true), total).await?;
            self.first_and_middle(&name, filter(Some(&org), true), total).await?;
        }
        Ok(())
    }

    fn by_group(&mut self) -> Result<(), Trouble> {
        let group = self.spelled.group(0)?;
        self.add("group: DescribeUsers", || DescribeUsers {
            group_id: Some(group.clone()),
            ..describe(None, false)
        });
        self.add("group: DescribeGroupUser", || DescribeGroupUser {
            group_id: group.clone(),
            max_results: 100.try_into().ok(),
            ..DescribeGroupUser::default()
        });
        Ok(())
    }

    fn by_property(&mut self) -> Result<(), Trouble> {
        let cases: [(&str, &[(usize, usize)]); 7] = [
            ("one in 5", &[(0, 1)]),
            ("one in 50", &[(1, 1)]),
            ("one in 5,000", &[(2, 1)]),
            ("one in 5 or another in 5", &[(0, 2)]),
            ("one in 50 or another in 50", &[(1, 2)]),
            ("one in 5 and one in 50", &[(0, 1), (1, 1)]),
            ("one in 5 and one in 5,000", &[(0, 1), (2, 1)]),
        ];
        for (what, properties) in cases {
            let wanted = self.having(properties)?;
            self.add(&format!("property: {what}"), || wanted.clone());
        }
        Ok(())
    }

    fn by_state(&mut self) {
        for (what, owner) in
            [("Normal", OwnerTypeFilter::Normal), ("CreateFromManager", OwnerTypeFilter::CreateFromManager)]
        {
            self.add(&format!("owner type: {what}"), || FilterUsers {
                owner_type: Some(owner),
                ..filter(None, false)
            });
        }
        self.add("status: 0", || FilterUsers { status: Some(ShownStatus::Normal), ..filter(None, false) });
    }

    /// Every kind of list in both orders; where no other one is asked for, lists are in the order of ids.
    fn in_order(&mut self) -> Result<(), Trouble> {
        let [section, mixed, imported] =
            [Unit::section(), Unit::mixed(), Unit::imported()].map(|unit| self.spelled.org(unit));
        let (mixed, imported) = (mixed?, imported?);
        let held = |text: &str| FilterUsers { filter: Some(text.to_owned()), ..filter(None, false) };
        let kinds = [
            ("no filter", filter(None, false)),
            ("section with suborganizations", filter(Some(&section?), true)),
            ("mixed with suborganizations", filter(Some(&mixed), true)),
            ("imported with suborganizations", filter(Some(&imported), true)),
            ("property, one in 5", self.having(&[(0, 1)])?),
            ("property, one in 5 or another in 5", self.having(&[(0, 2)])?),
            ("text, rare", held(RARE)),
            ("text, common", held(COMMON)),
            ("status 9", FilterUsers { status: Some(ShownStatus::Locked), ..filter(None, false) }),
        ];
        for (what, request) in kinds {
            for (order, param) in [("id DESC", BY_ID), ("EndUserId ASC", BY_NAME)] {
                let request = FilterUsers { order_param: param, ..request.clone() };
                self.add(&format!("order {order}: {what}"), || request);
            }
        }
        for (what, unit) in [("mixed", mixed), ("imported", imported)] {
            for (held, text) in [("rare", RARE), ("common", COMMON)] {
                let request = FilterUsers { filter: Some(text.to_owned()), ..filter(Some(&unit), true) };
                self.add(&format!("both: {what} with suborganizations, text, {held}"), || request);
            }
        }
        Ok(())
    }

    /// Users who have one of the first values of each of these properties: property, and how many values.
    fn having(&self, properties: &[(usize, usize)]) -> Result<FilterUsers, Trouble> {
        let mut wanted = Vec::new();
        for (property, values) in properties {
            let (id, known) = self.spelled.property(*property)?;
            let values: Vec<String> = known.iter().take(*values).map(ToString::to_string).collect();
            wanted.push(PropertyFilter { property_id: Some(id), property_value_ids: Some(values.join(",")) });
        }
        Ok(FilterUsers { property_filter_param: List::try_from(wanted).ok(), ..filter(None, false) })
    }

    fn wants(&self, name: &str) -> bool {
        name.contains(self.only)
    }

    fn add<A: Action>(&mut self, name: &str, request: impl FnOnce() -> A) {
        let name = format!("{name}{}", self.server);
        if self.wants(&name) {
            let request = request();
            self.routes.push((name, Arc::new(move |_| signed(A::NAME, VERSION, &request))));
        }
    }

    /// The first page of a list, and the one behind the middle of its `total`.
    async fn first_and_middle<A: Paged>(
        &mut self,
        name: &str,
        request: A,
        total: usize,
    ) -> Result<(), Trouble> {
        let [first, middle] =
            ["first page", "behind the middle"].map(|at| format!("{name}, {}, {at}", A::NAME));
        if self.wants(&format!("{middle}{}", self.server)) {
            let later = self.behind_the_middle(request.clone(), total).await?;
            self.add(&first, || request);
            self.add(&middle, || later);
        } else {
            self.add(&first, || request);
        }
        Ok(())
    }

    async fn behind_the_middle<A: Paged>(&mut self, mut request: A, total: usize) -> Result<A, Trouble> {
        // A page ends before the list does.
        let limit = A::LARGEST.min(i64::try_from(total / 4)?).max(1);
        let (mut seen, mut token) = (0, None);
        while seen <= total / 2 {
            request.ask(limit, token);
            let (next, shown) = A::told(self.connection.ask(&request).await?);
            seen += shown;
            if next.is_empty() {
                return Err("the list ends before its middle".into());
            }
            token = Some(next);
        }
        request.ask(100, token);
        Ok(request)
    }
}

fn describe(org: Option<&str>, with_subtree: bool) -> DescribeUsers {
    DescribeUsers {
        org_id: org.map(str::to_owned),
        is_query_all_sub_orgs: with_subtree.then_some(true),
        max_results: 100.try_into().ok(),
        ..DescribeUsers::default()
    }
}

fn filter(org: Option<&str>, with_subtree: bool) -> FilterUsers {
    FilterUsers {
        org_id: org.map(str::to_owned),
        is_query_all_sub_orgs: with_subtree.then_some(true),
        max_results: 100.try_into().ok(),
        ..FilterUsers::default()
    }
}
