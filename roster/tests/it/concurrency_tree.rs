//! Many callers at once on organizations, groups and properties: at one server, and on one database at two.
//!
//! Source: `reference/doors.md` §2.1 and §4.4.

use api::eds::{
    CreateGroup, CreateOrg, CreateProperty, CreateResourceGroup, DescribeUsers, GivenPropertyValue,
    ModifyOrg, NewUser, RemoveGroup, RemoveOrg, RemoveProperty, SetUserPropertyValue, ShownStatus,
    UpdateProperty,
};
use futures_util::future::join_all;
use wire::Action;

use crate::support::{
    Client, Fault, Home, ROOT, create, create_users, everybody, find, join, joining, lock, make_group,
    make_org, make_property, members, move_org, move_users, new_user, paths, person, properties_of, quitting,
    remove, remove_users, unlock, values_by_key,
};

/// Callers at once, where there are many.
const CALLERS: usize = 16;

/// Plays a story between callers of one server, and of two where servers may share a home.
async fn everywhere(story: impl AsyncFn(&[Client])) {
    for servers in 1..=2 {
        let home = Home::new().await.with_running_clock();
        if servers > 1 && !home.is_shared() {
            return;
        }
        let mut running = vec![home.open().await];
        if servers > 1 {
            running.push(home.open().await);
        }
        let callers: Vec<Client> =
            (0..CALLERS).map(|at| home.client(running[at % servers].address)).collect();

        story(&callers).await;

        for server in running {
            server.stop().await;
        }
        home.verify().await;
    }
}

/// How a call ended: `done`, or status and code.
fn end<T>(reply: Result<T, Fault>) -> String {
    reply.map_or_else(|fault| fault.brief(), |_| "done".to_owned())
}

/// How two calls at once ended.
async fn both<A: Action, B: Action>(callers: &[Client], one: &A, other: &B) -> (String, String) {
    let (one, other) = tokio::join!(callers[0].send(one), callers[1].send(other));
    (end(one), end(other))
}

/// How many of these ended well; the others all ended with `refusal`.
fn done(ends: &[String], refusal: &str) -> usize {
    let done = ends.iter().filter(|end| *end == "done").count();
    let refused = ends.iter().filter(|end| *end == refusal).count();
    assert_eq!(done + refused, ends.len(), "{ends:?}");
    done
}

fn rename(org: &str, name: &str) -> ModifyOrg {
    ModifyOrg { org_id: org.to_owned(), org_name: name.to_owned() }
}

fn remove_group(group: &str) -> RemoveGroup {
    RemoveGroup { group_id: Some(group.to_owned()), group_ids: None }
}

async fn members_of(caller: &Client, org: &str, also_below: bool) -> Vec<String> {
    let request = DescribeUsers {
        org_id: Some(org.to_owned()),
        is_query_all_sub_orgs: Some(also_below),
        ..DescribeUsers::default()
    };
    find(caller, &request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_moves_that_would_make_a_cycle_together_one_is_refused() {
    everywhere(async |callers| {
        let admin = &callers[0];
        let (a, b) = (make_org(admin, "a", ROOT).await, make_org(admin, "b", ROOT).await);
        let (below_a, below_b) = (make_org(admin, "x", &a).await, make_org(admin, "y", &b).await);
        for round in 0..40 {
            let (to_a, to_b) = if round % 2 == 0 { (&a, &b) } else { (&below_a, &below_b) };
            let ends = both(callers, &move_org(&a, to_b), &move_org(&b, to_a)).await;
            assert_eq!(done(&[ends.0, ends.1], "400 InvalidNewParentOrgId"), 1, "round {round}");
            assert_eq!(paths(admin).await.len(), 5, "round {round}");
            for org in [&a, &b] {
                admin.send(&move_org(org, ROOT)).await.expect("it can move back");
            }
            assert_eq!(paths(admin).await, ["root", "root/a", "root/a/x", "root/b", "root/b/y"]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_in_a_ring_leave_a_tree() {
    everywhere(async |callers| {
        let admin = &callers[0];
        let mut orgs = Vec::new();
        for name in ["a", "b", "c", "d"] {
            let org = make_org(admin, name, ROOT).await;
            let below = make_org(admin, "below", &org).await;
            orgs.push((org, below));
        }
        for round in 0..15 {
            let moves: Vec<_> = (0..4).map(|at| move_org(&orgs[at].0, &orgs[(at + 1) % 4].1)).collect();
            let replies =
                join_all(callers.iter().zip(&moves).map(|(caller, moved)| caller.send(moved))).await;
            let ends: Vec<String> = replies.into_iter().map(end).collect();
            assert_eq!(
                done(&ends, "400 InvalidNewParentOrgId"),
                3,
                "round {round}: the last one closes the ring"
            );
            let found = paths(admin).await;
            assert!(found.len() == 9 && found.iter().all(|path| path.starts_with("root")), "{found:?}");
            for (org, _) in &orgs {
                admin.send(&move_org(org, ROOT)).await.expect("it can move back");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_moves_that_would_make_the_tree_too_deep_together_one_is_refused() {
    everywhere(async |callers| {
        let admin = &callers[0];
        // Six levels under the fourth are ten; with one more above them eleven.
        let (mut six, mut four) =
            (vec![make_org(admin, "six", ROOT).await], vec![make_org(admin, "four", ROOT).await]);
        for (orgs, levels) in [(&mut six, 6), (&mut four, 4)] {
            while orgs.len() < levels {
                let below = make_org(admin, "below", &orgs[orgs.len() - 1]).await;
                orgs.push(below);
            }
        }
        let above = make_org(admin, "above", ROOT).await;
        for round in 0..20 {
            let ends = both(callers, &move_org(&six[0], &four[3]), &move_org(&four[0], &above)).await;
            assert_eq!(done(&[ends.0, ends.1], "400 InvalidNewParentOrgId"), 1, "round {round}");
            for org in [&six[0], &four[0]] {
                admin.send(&move_org(org, ROOT)).await.expect("it can move back");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_give_an_organization_one_name_exactly_one_does() {
    everywhere(async |callers| {
        let admin = &callers[0];
        let (renamed, elsewhere) =
            (make_org(admin, "renamed", ROOT).await, make_org(admin, "elsewhere", ROOT).await);
        for round in 0..8 {
            let name = format!("team {round}");
            let moved = make_org(admin, &name.to_uppercase(), &elsewhere).await;
            let creations = join_all(callers[2..].iter().enumerate().map(|(at, caller)| {
                let org_name = if at % 2 == 0 { name.clone() } else { name.replace('t', "Ｔ") };
                let request = CreateOrg { org_name, parent_org_id: ROOT.to_owned() };
                async move { caller.send(&request).await }
            }));
            let (renaming, moving) = (rename(&renamed, &name), move_org(&moved, ROOT));
            let (replies, renaming, moving) =
                tokio::join!(creations, callers[0].send(&renaming), callers[1].send(&moving));

            let mut ends: Vec<String> = replies.into_iter().map(end).collect();
            ends.extend([end(renaming), end(moving)]);
            assert_eq!(done(&ends, "400 ExistedOrgName"), 1, "round {round}");
            let named = |path: &&String| path.to_lowercase() == format!("root/{name}") || path.contains('Ｔ');
            let found = paths(admin).await;
            assert_eq!(
                found.iter().filter(named).filter(|path| path.ends_with(&round.to_string())).count(),
                1,
                "{found:?}"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_take_one_name_for_a_group_or_a_property_exactly_one_does() {
    everywhere(async |callers| {
        for round in 0..5 {
            let spelled = |at: usize| {
                let name = format!("team {round}");
                if at.is_multiple_of(2) { name } else { name.to_uppercase() }
            };
            let groups = join_all(callers.iter().enumerate().map(async |(at, caller)| {
                let request = CreateGroup { group_name: spelled(at), description: None };
                end(caller.send(&request).await)
            }));
            let properties = join_all(callers.iter().enumerate().map(async |(at, caller)| {
                let request = CreateProperty { property_key: spelled(at), property_values: None };
                end(caller.send(&request).await)
            }));
            let resource_groups = join_all(callers.iter().enumerate().map(async |(at, caller)| {
                let request = CreateResourceGroup {
                    resource_group_name: spelled(at),
                    ..CreateResourceGroup::default()
                };
                end(caller.send(&request).await)
            }));
            let (groups, properties, resource_groups) =
                (groups.await, properties.await, resource_groups.await);
            assert_eq!(done(&groups, "400 ExistedGroupName"), 1);
            assert_eq!(done(&properties, "400 ExistedPropertyKey"), 1);
            assert_eq!(done(&resource_groups, "400 ExistedResourceGroupName"), 1);
        }
        assert_eq!(values_by_key(&callers[0]).await.len(), 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_rename_groups_to_one_name_exactly_one_does() {
    everywhere(async |callers| {
        let mut groups = Vec::new();
        for at in 0..callers.len() {
            groups.push(make_group(&callers[0], &format!("group {at}")).await);
        }
        for round in 0..5 {
            let ends = join_all(callers.iter().zip(&groups).map(async |(caller, group)| {
                let request = api::eds::ModifyGroup {
                    group_id: group.clone(),
                    new_group_name: format!("team {round}"),
                    description: None,
                };
                end(caller.send(&request).await)
            }))
            .await;
            assert_eq!(done(&ends, "400 ExistedGroupName"), 1, "round {round}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn properties_that_are_made_at_once_keep_to_the_limit() {
    everywhere(async |callers| {
        for key in ["one", "two", "three"] {
            make_property(&callers[0], key, &[]).await;
        }
        let ends = join_all(callers.iter().enumerate().map(async |(at, caller)| {
            let request = CreateProperty { property_key: format!("key {at}"), property_values: None };
            end(caller.send(&request).await)
        }))
        .await;
        assert_eq!(done(&ends, "400 QuotaExceeded.Property"), 7);
        assert_eq!(values_by_key(&callers[0]).await.len(), 10);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_of_a_property_at_once_leave_the_values_of_one() {
    everywhere(async |callers| {
        let admin = &callers[0];
        let (job, _) = make_property(admin, "job", &["dev", "ops"]).await;
        for round in 0..10 {
            let replies = join_all(callers.iter().enumerate().map(async |(at, caller)| {
                let text = |n| format!("{round} {at} {n}");
                let value = |n| GivenPropertyValue { property_value_id: None, property_value: Some(text(n)) };
                let request = UpdateProperty {
                    property_id: job,
                    property_key: "job".to_owned(),
                    property_values: Some(vec![value(1), value(2)].try_into().expect("two")),
                };
                caller.send(&request).await
            }))
            .await;
            for reply in replies {
                let model = reply.expect("the call is right").update_result.save_property_value_model;
                assert_eq!((model.save_property_values.len(), model.failed_property_values.len()), (2, 0));
            }
            let found = values_by_key(admin).await;
            let [first, second] = &found[0].1[..] else { panic!("{found:?}") };
            assert_eq!(first.strip_suffix('1'), second.strip_suffix('2'), "both are of one call");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_is_removed_or_filled_and_never_both() {
    everywhere(async |callers| {
        let admin = &callers[0];
        create(admin, &["alice"]).await;
        let other = make_org(admin, "other", ROOT).await;
        let (gone, no_parent) = ("400 InvalidOrgId.NotFound", "400 InvalidParentOrgId.NotFound");
        let no_new_parent = "400 InvalidNewParentOrgId.NotFound";
        for round in 0..20 {
            let org = make_org(admin, "org", ROOT).await;
            let removal = RemoveOrg { org_id: org.clone() };
            let name = format!("user_{round}");
            let (removed, filled, refusal) = match round % 4 {
                0 => {
                    let (removed, filled) = both(callers, &removal, &move_users(&org, &["alice"])).await;
                    (removed, filled, gone)
                }
                1 => {
                    let user = NewUser { org_id: Some(org.clone()), ..new_user(&name) };
                    let request = create_users(vec![user]);
                    let (removed, made) = tokio::join!(callers[0].send(&removal), callers[1].send(&request));
                    let result = made.expect("the call is right").create_result;
                    let failed = result.failed_users.first();
                    let filled = failed.map_or("done".to_owned(), |user| format!("400 {}", user.error_code));
                    (end(removed), filled, gone)
                }
                2 => {
                    let request = CreateOrg { org_name: name.clone(), parent_org_id: org.clone() };
                    let (removed, filled) = both(callers, &removal, &request).await;
                    (removed, filled, no_parent)
                }
                _ => {
                    let (removed, filled) = both(callers, &removal, &move_org(&other, &org)).await;
                    (removed, filled, no_new_parent)
                }
            };
            match removed.as_str() {
                "done" => assert_eq!(filled, refusal, "round {round}"),
                _ => {
                    let found = (removed.as_str(), filled.as_str());
                    assert_eq!(found, ("400 OrgNotEmpty", "done"), "round {round}");
                    admin.send(&rename(&org, &format!("kept {round}"))).await.expect("it is there");
                }
            }
            admin.send(&move_users(ROOT, &["alice"])).await.expect("she can move");
            admin.send(&move_org(&other, ROOT)).await.expect("it can move");
        }
        let people = everybody(admin).await;
        assert_eq!(members_of(admin, ROOT, true).await, people);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_move_all_together_whoever_else_moves_them() {
    everywhere(async |callers| {
        let admin = &callers[0];
        let forward: Vec<String> = (0..40).map(|n| format!("user_{n:02}")).collect();
        let forward: Vec<&str> = forward.iter().map(String::as_str).collect();
        let backward: Vec<&str> = forward.iter().rev().copied().collect();
        create(admin, &forward).await;
        let (one, other) = (make_org(admin, "one", ROOT).await, make_org(admin, "other", ROOT).await);
        for round in 0..5 {
            let ends = join_all(callers[..8].iter().enumerate().map(async |(at, caller)| {
                let names = if at % 4 < 2 { &forward } else { &backward };
                let org = if at % 2 == 0 { &one } else { &other };
                end(caller.send(&move_users(org, names)).await)
            }))
            .await;
            assert_eq!(done(&ends, ""), 8, "round {round}");
            let (in_one, in_other) =
                (members_of(admin, &one, false).await, members_of(admin, &other, false).await);
            assert!(in_one.is_empty() != in_other.is_empty(), "round {round}: {in_one:?}, {in_other:?}");
            assert_eq!([in_one, in_other].concat(), forward, "round {round}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_join_and_quit_all_together_whoever_else_does() {
    everywhere(async |callers| {
        let admin = &callers[0];
        let forward: Vec<String> = (0..40).map(|n| format!("user_{n:02}")).collect();
        let forward: Vec<&str> = forward.iter().map(String::as_str).collect();
        let backward: Vec<&str> = forward.iter().rev().copied().collect();
        create(admin, &forward).await;
        let (one, other) = (make_group(admin, "one").await, make_group(admin, "other").await);
        for round in 0..5 {
            let ends = join_all(callers[..12].iter().enumerate().map(async |(at, caller)| {
                let names = if at % 4 < 2 { &forward } else { &backward };
                let group = if at % 2 == 0 { &one } else { &other };
                if at % 3 == 0 {
                    end(caller.send(&quitting(group, names)).await)
                } else {
                    end(caller.send(&joining(group, names)).await)
                }
            }))
            .await;
            assert_eq!(done(&ends, ""), 12, "round {round}");
            for group in [&one, &other] {
                let found = members(admin, group).await.len();
                assert!(found == 0 || found == 40, "round {round}: {found} are in the group");
                let request = DescribeUsers { group_id: Some(group.clone()), ..DescribeUsers::default() };
                assert_eq!(find(admin, &request).await.len(), found, "round {round}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_of_new_users_at_once_are_all_made() {
    everywhere(async |callers| {
        let group = make_group(&callers[0], "group").await;
        for round in 0..3 {
            let calls = callers[..8].iter().enumerate().map(async |(at, caller)| {
                let groups = Some(vec![group.clone()].try_into().expect("one"));
                let user = |n| NewUser {
                    group_id_list: groups.clone(),
                    ..new_user(&format!("user_{round}_{at}_{n}"))
                };
                let request = create_users((0..50).map(user).collect());
                caller.send(&request).await.map(|reply| reply.create_result.created_users.len())
            });
            assert_eq!(join_all(calls).await, vec![Ok(50); 8], "round {round}");
            assert_eq!(members(&callers[1], &group).await.len(), 400 * (round + 1));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_locked_and_unlocked_all_together_whoever_else_does() {
    everywhere(async |callers| {
        let admin = &callers[0];
        let forward: Vec<String> = (0..200).map(|n| format!("user_{n:03}")).collect();
        let forward: Vec<&str> = forward.iter().map(String::as_str).collect();
        let backward: Vec<&str> = forward.iter().rev().copied().collect();
        create(admin, &forward).await;
        for round in 0..3 {
            let calls = callers[..8].iter().enumerate().map(async |(at, caller)| {
                let names = if at % 4 < 2 { &forward } else { &backward };
                if at % 2 == 0 {
                    lock(caller, names).await.lock_users_result.locked_users.len()
                } else {
                    unlock(caller, names).await.unlock_users_result.unlocked_users.len()
                }
            });
            assert_eq!(join_all(calls).await, [200; 8], "round {round}");
            let request = DescribeUsers { status: Some(ShownStatus::Locked), ..DescribeUsers::default() };
            let locked = find(admin, &request).await.len();
            assert!(locked == 0 || locked == 200, "round {round}: {locked} are locked");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_meanwhile_is_in_nothing_and_has_nothing() {
    everywhere(async |callers| {
        let admin = &callers[0];
        let (org, group) = (make_org(admin, "org", ROOT).await, make_group(admin, "group").await);
        let (job, jobs) = make_property(admin, "job", &["dev"]).await;
        create(admin, &["bob"]).await;
        join(admin, &group, &["bob"]).await;
        for round in 0..15 {
            create(admin, &["alice"]).await;
            let binding = SetUserPropertyValue {
                user_id: person(admin, "alice").await.id,
                user_name: "alice".to_owned(),
                property_id: job,
                property_value_id: jobs[0],
            };
            let removal = remove_users(&["alice"]);
            let (moving, joined, quitted) = (
                move_users(&org, &["alice", "bob"]),
                joining(&group, &["alice"]),
                quitting(&group, &["alice", "bob"]),
            );
            let (removed, bound, moved, joined, quitted) = tokio::join!(
                callers[0].send(&removal),
                callers[1].send(&binding),
                callers[2].send(&moving),
                callers[3].send(&joined),
                callers[4].send(&quitted)
            );

            let removed = removed.expect("the call is right").remove_users_result.removed_users;
            assert_eq!(removed, ["alice"], "round {round}");
            done(&[end(bound)], "400 InvalidUserId.NotFound");
            let moved = done(&[end(moved)], "400 InvalidEndUserIds.NotFound");
            let quitted = done(&[end(quitted)], "400 InvalidEndUserIds.NotFound");
            done(&[end(joined)], "400 InvalidEndUserIds.NotFound");
            assert_eq!(members_of(admin, &org, false).await.len(), moved, "round {round}: bob, or nobody");
            assert_eq!(members(admin, &group).await.len(), 1 - quitted, "round {round}: bob, or nobody");
            for check in [
                admin.call("CheckUsedProperty", &[("PropertyId", &job.to_string())]).await,
                admin
                    .call(
                        "CheckUsedPropertyValue",
                        &[("PropertyId", &job.to_string()), ("PropertyValueId", &jobs[0].to_string())],
                    )
                    .await,
            ] {
                assert_eq!(check.json()["UseCount"], 0, "round {round}");
            }
            admin.send(&move_users(ROOT, &["bob"])).await.expect("he can move");
            join(admin, &group, &["bob"]).await;
        }
        assert_eq!(everybody(admin).await, ["bob"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_meanwhile_is_with_nobody() {
    everywhere(async |callers| {
        let admin = &callers[0];
        create(admin, &["alice", "bob"]).await;
        let (alice, bob) = (person(admin, "alice").await, person(admin, "bob").await);
        for round in 0..15 {
            let group = make_group(admin, "group").await;
            let (job, jobs) = make_property(admin, "job", &["dev", "ops"]).await;
            let binding = |user: &api::eds::DescribedUser, value: i64| SetUserPropertyValue {
                user_id: user.id,
                user_name: user.end_user_id.clone(),
                property_id: job,
                property_value_id: value,
            };
            let (first, second) = (binding(&alice, jobs[0]), binding(&bob, jobs[1]));
            let (to_group, no_group) = (joining(&group, &["alice", "bob"]), remove_group(&group));
            let kept = GivenPropertyValue { property_value_id: Some(jobs[0]), property_value: None };
            let update = UpdateProperty {
                property_id: job,
                property_key: "job".to_owned(),
                property_values: Some(vec![kept].try_into().expect("one")),
            };
            let no_property = RemoveProperty { property_id: job };

            // First a value goes, and with it the group, then the property.
            let (joined, removed, bound, updated) = tokio::join!(
                callers[0].send(&to_group),
                callers[1].send(&no_group),
                callers[2].send(&second),
                callers[3].send(&update)
            );
            done(&[end(joined)], "400 InvalidGroupId.NotFound");
            done(&[end(bound)], "400 InvalidPropertyValueId.NotFound");
            removed.expect("the group was there");
            let model = updated.expect("the property was there").update_result.save_property_value_model;
            assert_eq!(model.save_property_values.len(), 1, "round {round}");
            let bob = person(admin, "bob").await;
            assert!(bob.groups.is_empty() && properties_of(&bob).is_empty(), "round {round}: {bob:?}");

            let (bound, removed) = both(callers, &first, &no_property).await;
            done(&[bound], "400 InvalidPropertyId.NotFound");
            assert_eq!(removed, "done", "round {round}");
            let alice = person(admin, "alice").await;
            assert!(alice.groups.is_empty() && properties_of(&alice).is_empty(), "round {round}: {alice:?}");
        }
        remove(admin, &["alice", "bob"]).await;
    })
    .await;
}
