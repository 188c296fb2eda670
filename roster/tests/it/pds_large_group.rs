//! A group with very many members goes as others do.
//!
//! Source: `reference/doors.md` §4.3 and §4.4.

use api::eds::NewUser;
use api::pds::{DeleteGroup, SearchGroup};

use crate::support::{PdsCaller, ROOT, Server, create, make, make_org, new_user};

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_thousands_goes_and_its_members_stay() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let eds = server.administrator();
    let org = make_org(&eds, "large", ROOT).await;
    for hundred in 0..26 {
        let user = |n: i32| NewUser {
            org_id: Some(org.clone()),
            ..new_user(&format!("user_{}", hundred * 100 + n))
        };
        make(&eds, (0..100).map(user).collect()).await;
    }
    create(&eds, &["further"]).await;
    let search = SearchGroup { group_name: Some("large".to_owned()), ..SearchGroup::default() };
    let group = owner.all(&search).await.remove(0).group_id;
    let other = owner.make_group("other").await;
    let further = owner.ask("user/search", serde_json::json!({ "user_name": "further" })).await;
    let further = further["items"][0]["user_id"].as_str().expect("an id").to_owned();
    owner.add_member(&other, &further).await;
    owner.add_member(&group, &further).await;
    let below = owner.make_group_in(&group, "below").await;

    let delete = DeleteGroup { group_id: group.clone() };
    assert_eq!(owner.brief(&delete).await, "409 StateConflict.Group");
    assert_eq!(owner.memberships_in(&group, None).await.len(), 2_602, "nobody has left it");
    owner.get(&DeleteGroup { group_id: below }).await;
    owner.get(&delete).await;
    assert!(!owner.has_group(&group).await);
    assert_eq!(owner.group_names_of(&further).await, ["other"]);
    let alone = owner.ask("group/list_member", serde_json::json!({ "member_type": "user" })).await;
    assert_eq!(alone["user_items"].as_array().map(Vec::len), Some(100));
    assert_ne!(alone["next_marker"], "");
    server.stop().await;
}
