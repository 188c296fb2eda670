"""EIAM: groups and their members."""

import re
import time
from typing import Any

from alibabacloud_eiam20211201 import models

from eiam import (
    ID,
    NO_GROUP,
    NOBODY,
    ODD_NAME,
    Fault,
    Instance,
    duplicated,
    invalid,
    missing,
    new_instance,
    unknown,
)
from harness import EIAM, Server, Tea, tea


def test_the_current_sdk_makes_fills_and_removes_a_group(shared: Server) -> None:
    client = tea(shared, api=EIAM)
    at = new_instance(Tea(shared, api=EIAM))
    alice, bob = at.user("alice"), at.user("bob")

    group = client.create_group(
        models.CreateGroupRequest(instance_id=at.id, group_name="group_test_name", description="old")
    ).body.group_id
    client.add_users_to_group(models.AddUsersToGroupRequest(instance_id=at.id, group_id=group, user_ids=[bob, alice]))
    client.remove_users_from_group(
        models.RemoveUsersFromGroupRequest(instance_id=at.id, group_id=group, user_ids=[bob])
    )
    client.update_group(models.UpdateGroupRequest(instance_id=at.id, group_id=group, group_name="renamed"))
    client.update_group_description(
        models.UpdateGroupDescriptionRequest(instance_id=at.id, group_id=group, description="this is a test.")
    )
    shown = client.get_group(models.GetGroupRequest(instance_id=at.id, group_id=group)).body.group
    listed = client.list_groups(models.ListGroupsRequest(instance_id=at.id, page_number=1, page_size=20)).body
    members = client.list_users_for_group(
        models.ListUsersForGroupRequest(instance_id=at.id, group_id=group, page_number=1, page_size=20)
    ).body
    of_alice = client.list_groups_for_user(
        models.ListGroupsForUserRequest(instance_id=at.id, user_id=alice, page_number=1, page_size=20)
    ).body
    client.delete_group(models.DeleteGroupRequest(instance_id=at.id, group_id=group))
    left = client.list_groups(models.ListGroupsRequest(instance_id=at.id)).body

    assert (shown.group_id, shown.group_name, shown.description) == (group, "renamed", "this is a test.")
    assert (shown.group_external_id, shown.group_source_type, shown.group_source_id) == (group, "build_in", at.id)
    assert (shown.instance_id, shown.create_time < shown.update_time) == (at.id, True)
    assert (listed.total_count, [found.to_map() for found in listed.groups]) == (1, [shown.to_map()])
    assert (members.total_count, of_alice.total_count) == (1, 1)
    [member], [of] = members.users, of_alice.groups
    assert (member.user_id, of.group_id) == (alice, group)
    for relation in (member, of):
        assert relation.group_member_relation_source_type == "build_in"
        assert relation.group_member_relation_source_id == at.id
    assert (left.total_count, left.groups) == (0, [])


def shown(instance: Instance, group: str) -> dict[str, Any]:
    """A group as GetGroup shows it."""
    found: dict[str, Any] = instance.call("GetGroup", GroupId=group)["Group"]
    return found


def listed(instance: Instance, **filters: Any) -> list[str]:
    """The names of the groups on a page, on which all matches must be."""
    answer = instance.call("ListGroups", PageSize=100, **filters)
    assert answer["TotalCount"] == len(answer["Groups"]), answer
    return [group["GroupName"] for group in answer["Groups"]]


def members(instance: Instance, group: str, **filters: Any) -> list[str]:
    """The ids of the members on a page, on which all must be."""
    answer = instance.call("ListUsersForGroup", GroupId=group, PageSize=100, **filters)
    assert answer["TotalCount"] == len(answer["Users"]), answer
    return [user["UserId"] for user in answer["Users"]]


def test_a_group_comes_back_as_it_was_made(instance: Instance) -> None:
    begun = time.time_ns() // 1_000_000

    answer = instance.call(
        "CreateGroup",
        GroupName=ODD_NAME,
        GroupExternalId=f"external {ODD_NAME}",
        Description=f"{ODD_NAME}\n\tand more",
    )
    bare = instance.group("bare", GroupExternalId="", Description="")

    group = answer["GroupId"]
    assert list(answer) == ["GroupId"] and re.fullmatch(f"group_{ID}", group)
    whole, small = shown(instance, group), shown(instance, bare)
    assert begun - 1000 <= whole["CreateTime"] <= time.time_ns() // 1_000_000 + 1000
    assert whole == {
        "GroupId": group,
        "GroupName": ODD_NAME,
        "Description": f"{ODD_NAME}\n\tand more",
        "GroupExternalId": f"external {ODD_NAME}",
        "GroupSourceType": "build_in",
        "GroupSourceId": instance.id,
        "CreateTime": whole["CreateTime"],
        "UpdateTime": whole["CreateTime"],
        "InstanceId": instance.id,
    }
    assert small == {
        "GroupId": bare,
        "GroupName": "bare",
        "GroupExternalId": bare,
        "GroupSourceType": "build_in",
        "GroupSourceId": instance.id,
        "CreateTime": small["CreateTime"],
        "UpdateTime": small["CreateTime"],
        "InstanceId": instance.id,
    }
    assert instance.call("ListGroups") == {"TotalCount": 2, "Groups": [whole, small]}


def test_what_a_group_cannot_be_is_named(instance: Instance) -> None:
    group = instance.group("组" * 64, GroupExternalId="外" * 64, Description="述" * 256)
    cases: list[tuple[dict[str, Any], Fault]] = [
        ({}, missing("GroupName")),
        ({"GroupName": ""}, missing("GroupName")),
        ({"GroupName": "组" * 65}, invalid("GroupName")),
        ({"GroupName": "a\nb"}, invalid("GroupName")),
        ({"GroupName": "a", "GroupExternalId": "外" * 65}, invalid("GroupExternalId")),
        ({"GroupName": "a", "Description": "述" * 257}, invalid("Description")),
        ({"GroupName": "a", "GroupExternalId": "外" * 64}, duplicated("GroupExternalId")),
        ({"GroupName": "a", "GroupExternalId": group}, duplicated("GroupExternalId")),
    ]

    for given, expected in cases:
        assert instance.fault("CreateGroup", **given) == expected, given
    assert listed(instance) == ["组" * 64]


def test_groups_may_share_a_name(instance: Instance) -> None:
    first, second = instance.group("staff"), instance.group("staff")
    third = instance.group("crew")

    instance.call("UpdateGroup", GroupId=third, GroupName="STAFF")

    assert first != second
    assert listed(instance, GroupName="staff") == ["staff", "staff", "STAFF"]


def test_a_group_is_changed(instance: Instance) -> None:
    group = instance.group("staff", GroupExternalId="x-1", Description="old")
    other = instance.group("other", GroupExternalId="x-2")
    before = shown(instance, group)

    for nothing in ({}, {"GroupName": "", "GroupExternalId": ""}, {"GroupName": "staff", "GroupExternalId": "x-1"}):
        assert instance.call("UpdateGroup", GroupId=group, **nothing) == {}
    unchanged = shown(instance, group)
    assert instance.call("UpdateGroup", GroupId=group, GroupName=ODD_NAME, GroupExternalId="x-3") == {}
    changed = shown(instance, group)
    said = []
    for given in ({"Description": ODD_NAME}, {"Description": ""}, {"Description": "述" * 256}, {}):
        assert instance.call("UpdateGroupDescription", GroupId=group, **given) == {}
        said.append(shown(instance, group).get("Description"))

    assert unchanged == before
    expected = {**before, "GroupName": ODD_NAME, "GroupExternalId": "x-3", "UpdateTime": changed["UpdateTime"]}
    assert changed == expected and changed["UpdateTime"] > before["UpdateTime"]
    assert said == [ODD_NAME, None, "述" * 256, None]
    wrong: list[tuple[str, dict[str, Any], Fault]] = [
        ("UpdateGroup", {"GroupName": "组" * 65}, invalid("GroupName")),
        ("UpdateGroup", {"GroupExternalId": "外" * 65}, invalid("GroupExternalId")),
        ("UpdateGroup", {"GroupExternalId": "x-2"}, duplicated("GroupExternalId")),
        ("UpdateGroup", {"GroupExternalId": other}, duplicated("GroupExternalId")),
        ("UpdateGroupDescription", {"Description": "述" * 257}, invalid("Description")),
    ]
    for action, given, fault in wrong:
        assert instance.fault(action, GroupId=group, **given) == fault, given


def test_groups_are_found_by_every_filter_in_the_order_of_their_making(instance: Instance) -> None:
    dev = instance.group("Dev", GroupExternalId="x-1")
    web = instance.group("dev web")
    instance.group("data")
    finds: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["Dev", "dev web", "data"]),
        ({"GroupName": "DEV"}, ["Dev"]),
        ({"GroupName": "De"}, []),
        ({"GroupName": ""}, ["Dev", "dev web", "data"]),
        ({"GroupNameStartsWith": "DEV"}, ["Dev", "dev web"]),
        ({"GroupNameStartsWith": "d"}, ["Dev", "dev web", "data"]),
        ({"GroupNameStartsWith": "_"}, []),
        ({"GroupExternalId": "x-1"}, ["Dev"]),
        ({"GroupExternalId": "X-1"}, []),
        ({"GroupExternalId": web}, ["dev web"]),
        ({"GroupExternalId": dev}, []),
        ({"GroupIds": [web, dev, NO_GROUP, "x"]}, ["Dev", "dev web"]),
        ({"GroupIds": [NO_GROUP]}, []),
        ({"GroupIds": [web], "GroupName": "Dev"}, []),
        ({"GroupIds": [web, dev], "GroupNameStartsWith": "dev", "GroupExternalId": "x-1"}, ["Dev"]),
    ]

    for filters, names in finds:
        assert listed(instance, **filters) == names, filters


def test_groups_are_listed_page_by_page(instance: Instance) -> None:
    names = [f"group {n:02}" for n in range(25)]
    for name in names:
        instance.group(name)

    first = instance.call("ListGroups")
    pages = [[group["GroupName"] for group in page] for page in instance.numbered("ListGroups", "Groups", 10)]

    assert (first["TotalCount"], len(first["Groups"])) == (25, 20)
    assert pages == [names[:10], names[10:20], names[20:]]
    for parameter, value in [("PageNumber", 0), ("PageSize", 0), ("PageSize", 101)]:
        assert instance.fault("ListGroups", **{parameter: value}) == invalid(parameter)
    assert instance.fault("ListGroups", GroupIds=[NO_GROUP] * 101) == invalid("GroupIds")


def test_members_join_and_leave(instance: Instance) -> None:
    group, other = instance.group("staff"), instance.group("other", Description="the others")
    alice, bob, carol = (instance.user(name) for name in ("alice", "bob", "carol"))
    before = (shown(instance, group), instance.shown(alice)["UpdateTime"])

    instance.call("AddUsersToGroup", GroupId=other, UserIds=[alice])
    joined = instance.call("AddUsersToGroup", GroupId=group, UserIds=[carol, alice, carol])
    again = instance.call("AddUsersToGroup", GroupId=group, UserIds=[alice, bob])
    half = instance.fault("AddUsersToGroup", GroupId=other, UserIds=[bob, NOBODY])
    after = members(instance, group)
    left = instance.call("RemoveUsersFromGroup", GroupId=group, UserIds=[carol, carol, NOBODY, "x"])
    no_member = instance.call("RemoveUsersFromGroup", GroupId=other, UserIds=[bob])

    assert joined == again == left == no_member == {}
    assert set(after) == {alice, bob, carol} and after[-1] == bob, "in the order of joining"
    assert half == unknown("User", NOBODY)
    assert set(members(instance, group)) == {alice, bob}
    assert members(instance, other) == [alice]
    assert [(of["GroupName"], of.get("Description")) for of in instance.shown(alice)["Groups"]] == [
        ("other", "the others"),
        ("staff", None),
    ]
    assert (shown(instance, group), instance.shown(alice)["UpdateTime"]) == before
    for action in ("AddUsersToGroup", "RemoveUsersFromGroup"):
        assert instance.fault(action, GroupId=group) == missing("UserIds")
        assert instance.fault(action, GroupId=group, UserIds=[alice] * 101) == invalid("UserIds")


def test_members_are_listed_page_by_page_and_by_id(instance: Instance) -> None:
    group = instance.group("staff")
    users = [instance.user(f"user_{n:02}") for n in range(25)]
    for user in reversed(users):
        instance.call("AddUsersToGroup", GroupId=group, UserIds=[user])
    joined = users[::-1]

    first = instance.call("ListUsersForGroup", GroupId=group)
    pages = [
        [user["UserId"] for user in page] for page in instance.numbered("ListUsersForGroup", "Users", 10, GroupId=group)
    ]

    assert (first["TotalCount"], len(first["Users"])) == (25, 20)
    assert first["Users"][0] == {
        "UserId": joined[0],
        "GroupMemberRelationSourceType": "build_in",
        "GroupMemberRelationSourceId": instance.id,
    }
    assert pages == [joined[:10], joined[10:20], joined[20:]]
    assert members(instance, group, UserIds=[users[3], users[7], NOBODY, "x"]) == [users[7], users[3]]
    assert members(instance, group, UserIds=[instance.user("other")]) == []
    for parameter, value in [("PageNumber", 0), ("PageSize", 0), ("PageSize", 101)]:
        assert instance.fault("ListUsersForGroup", GroupId=group, **{parameter: value}) == invalid(parameter)
    assert instance.fault("ListUsersForGroup", GroupId=group, UserIds=[NOBODY] * 101) == invalid("UserIds")


def test_the_groups_of_a_user_are_listed_page_by_page(instance: Instance) -> None:
    user = instance.user("alice")
    groups = [instance.group(f"group {n}") for n in range(7)]
    joined = [groups[n] for n in (3, 1, 6, 0, 5, 2, 4)]
    for group in joined:
        instance.call("AddUsersToGroup", GroupId=group, UserIds=[user])

    whole = instance.call("ListGroupsForUser", UserId=user)
    pages = [
        [of["GroupId"] for of in page] for page in instance.numbered("ListGroupsForUser", "Groups", 3, UserId=user)
    ]

    assert whole == {
        "TotalCount": 7,
        "Groups": [
            {
                "GroupId": group,
                "GroupMemberRelationSourceType": "build_in",
                "GroupMemberRelationSourceId": instance.id,
            }
            for group in joined
        ],
    }
    assert pages == [joined[:3], joined[3:6], joined[6:]]
    assert [of["GroupId"] for of in instance.shown(user)["Groups"]] == joined
    for parameter, value in [("PageNumber", 0), ("PageSize", 0), ("PageSize", 101)]:
        assert instance.fault("ListGroupsForUser", UserId=user, **{parameter: value}) == invalid(parameter)


def test_a_group_goes_and_its_members_stay(instance: Instance) -> None:
    alice = instance.user("alice")
    group = instance.group("staff", alice)

    answer = instance.call("DeleteGroup", GroupId=group)
    again = instance.fault("DeleteGroup", GroupId=group)

    assert answer == {} and again == unknown("Group", group)
    assert instance.names() == ["alice"]
    assert instance.shown(alice)["Groups"] == []
    assert instance.call("ListGroupsForUser", UserId=alice) == {"TotalCount": 0, "Groups": []}


def test_a_group_that_is_not_there_is_unknown_to_every_action(instance: Instance) -> None:
    user = instance.user("alice")
    foreign = new_instance(instance.sdk).group("foreign")
    gone = instance.group("gone")
    instance.call("DeleteGroup", GroupId=gone)
    actions: dict[str, dict[str, Any]] = {
        "GetGroup": {},
        "UpdateGroup": {"GroupName": "x"},
        "UpdateGroupDescription": {"Description": "x"},
        "DeleteGroup": {},
        "AddUsersToGroup": {"UserIds": [user]},
        "RemoveUsersFromGroup": {"UserIds": [user]},
        "ListUsersForGroup": {},
    }

    for action, more in actions.items():
        for wrong in (gone, foreign, NO_GROUP, "staff", "ug-00000000000000000"):
            assert instance.fault(action, GroupId=wrong, **more) == unknown("Group", wrong), (action, wrong)
        assert instance.fault(action, **more) == missing("GroupId"), action
