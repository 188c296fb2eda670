"""The SDK's calls about groups, memberships and group administrators."""

import re
from typing import Any

from pds import DIGITS, NO_GROUP, Cases, Domain

ADMIN = {"role_id": "SystemGroupAdmin", "manage_resource_type": "RT_Group"}


def user(name: str) -> dict[str, str]:
    """Whose an assignment is."""
    return {"identity_type": "IT_User", "identity_id": name}


def test_a_group_is_shown_as_given(domain: Domain) -> None:
    made = domain.call("CreateGroup", group_name="研发 & co", description="d", is_root=True)
    assert re.fullmatch(DIGITS, made["group_id"])
    assert made == {
        "domain_id": domain.id,
        "group_id": made["group_id"],
        "group_name": "研发 & co",
        "description": "d",
        "creator": domain.caller,
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    }
    assert domain.call("GetGroup", group_id=made["group_id"]) == made
    whole = domain.send("GetGroup", group_id=made["group_id"])
    assert whole["permission"] is None


def test_a_group_without_a_parent_is_a_root(domain: Domain) -> None:
    above = domain.group("above")
    below = domain.group("below", above)
    roots = domain.call("ListGroupMember", member_type="group")["group_items"]
    assert [group["group_id"] for group in roots] == [above]
    inside = domain.call("ListGroupMember", group_id=above)
    assert [group["group_id"] for group in inside["group_items"]] == [below]
    assert (inside["user_items"], inside["next_marker"]) == ([], "")


def test_what_a_group_needs_is_checked(domain: Domain) -> None:
    above = domain.group("a")
    cases: Cases = [
        ({}, (400, "InvalidParameterMissing.GroupName")),
        ({"group_name": ""}, (400, "InvalidParameterEmpty.GroupName")),
        ({"group_name": "n" * 129}, (400, "InvalidParameter.GroupName")),
        ({"group_name": "b", "description": "d" * 1025}, (400, "InvalidParameter.Description")),
        (
            {"group_name": "b", "is_root": True, "parent_group_id": above},
            (400, "InvalidParameterNotMatch.ParentGroupId"),
        ),
        ({"group_name": "b", "parent_group_id": NO_GROUP}, (404, "NotFound.Group")),
        ({"group_name": "A"}, (409, "AlreadyExist.Group")),
    ]
    for given, fault in cases:
        assert domain.fault("CreateGroup", **given) == fault, given
    assert [group["group_id"] for group in domain.call("ListGroup")["items"]] == [above]


def test_groups_lie_at_most_ten_deep(domain: Domain) -> None:
    group = domain.group("1")
    for level in range(2, 11):
        group = domain.group(str(level), group)
    refused = (400, "InvalidParameterOutOfRange.ParentGroupId")
    assert domain.fault("CreateGroup", group_name="11", parent_group_id=group) == refused


def test_all_groups_are_listed_flat_by_their_ids(domain: Domain) -> None:
    above = domain.group("above")
    made = [above, domain.group("below", above), domain.group("other")]
    for limit in [1, 2, 100]:
        pages = list(domain.pages("ListGroup", limit=limit))
        assert [group["group_id"] for page in pages for group in page] == sorted(made)


def test_a_group_is_changed_and_renamed(domain: Domain) -> None:
    group = domain.group("a", description="d")
    changed = domain.call("UpdateGroup", group_id=group, group_name="b")
    assert (changed["group_name"], changed["description"]) == ("b", "d")
    assert domain.call("UpdateGroup", group_id=group, description="")["description"] == ""
    domain.call("GroupUpdateName", group_id=group, name="c")
    assert domain.call("GetGroup", group_id=group)["group_name"] == "c"
    domain.group("taken")
    assert domain.fault("UpdateGroup", group_id=group, group_name="taken") == (409, "AlreadyExist.Group")
    assert domain.fault("GroupUpdateName", group_id=group) == (400, "InvalidParameterMissing.Name")
    assert domain.fault("UpdateGroup", group_id=NO_GROUP, group_name="x") == (404, "NotFound.Group")


def test_a_search_looks_at_names(domain: Domain) -> None:
    for name in ["Test_Group_1", "test_group_2", "other Test_Group"]:
        domain.group(name)

    def found(**filters: str) -> set[str]:
        return {group["group_name"] for group in domain.send("SearchGroup", **filters)["items"]}

    assert found(group_name="Test_Group") == {"Test_Group_1", "test_group_2"}
    assert found(group_name_for_fuzzy="t_group") == {"Test_Group_1", "test_group_2", "other Test_Group"}
    assert found(group_name="nothing") == set()


def test_members_come_and_go(domain: Domain) -> None:
    group = domain.group("a")
    domain.user("u")
    member = {"group_id": group, "member_type": "user", "member_id": "u"}
    domain.call("AddGroupMember", **member)
    assert domain.fault("AddGroupMember", **member) == (409, "AlreadyExist.Membership")
    [found] = domain.call("ListGroupMember", group_id=group, member_type="user", limit=1, marker="")["user_items"]
    assert found == domain.call("GetUser", user_id="u")
    domain.call("RemoveGroupMember", **member)
    assert domain.fault("RemoveGroupMember", **member) == (404, "NotFound.Membership")
    assert domain.send("ListGroupMember", group_id=group)["user_items"] == []


def test_only_known_users_become_members(domain: Domain) -> None:
    group = domain.group("a")
    domain.user("u")
    for given, fault in [
        ({"group_id": NO_GROUP, "member_type": "user", "member_id": "u"}, (404, "NotFound.Group")),
        ({"group_id": group, "member_type": "user", "member_id": "v"}, (404, "NotFound.User")),
        (
            {"group_id": group, "member_type": "group", "member_id": group},
            (400, "InvalidParameterNotSupported.MemberType"),
        ),
    ]:
        assert domain.fault("AddGroupMember", **given) == fault, given


def test_members_are_listed_page_by_page_groups_first(domain: Domain) -> None:
    group = domain.group("a")
    below = [domain.group(name, group) for name in "bc"]
    for name in "uvw":
        domain.user(name)
    domain.join(group, *"uvw")
    seen: list[str] = []
    marker = ""
    while True:
        page = domain.call("ListGroupMember", group_id=group, limit=2, marker=marker)
        seen += [item["group_id"] for item in page["group_items"]] + [item["user_id"] for item in page["user_items"]]
        assert len(page["group_items"]) + len(page["user_items"]) <= 2
        marker = page["next_marker"]
        if not marker:
            break
    assert seen[:2] == sorted(below) and sorted(seen[2:]) == ["u", "v", "w"]


def test_a_group_is_deleted_with_its_members_but_not_with_groups_or_drives(domain: Domain) -> None:
    group = domain.group("a")
    below = domain.group("b", group)
    domain.user("u", group_info_list=[{"group_id": group}])
    assert domain.fault("DeleteGroup", group_id=group) == (409, "StateConflict.Group")
    domain.call("DeleteGroup", group_id=below)
    drive = domain.drive(group, owner_type="group")
    assert domain.fault("DeleteGroup", group_id=group) == (409, "StateConflict.Group")
    domain.call("DeleteDrive", drive_id=drive)
    domain.call("DeleteGroup", group_id=group)
    assert domain.fault("GetGroup", group_id=group) == (404, "NotFound.Group")
    assert domain.fault("DeleteGroup", group_id=group) == (404, "NotFound.Group")
    assert domain.send("GeneralGetUser", user_id="u", extra_return_info=["group"])["parent_group"] == []


# Memberships, which the SDK has no calls for


def test_a_membership_is_made_changed_and_ended(domain: Domain) -> None:
    group = domain.group("a")
    domain.user("u")
    key = {"group_id": group, "member_type": "user", "user_id": "u"}
    made = domain.send("CreateMembership", **key, member_role="admin", description="d")
    assert made == {
        **key,
        "domain_id": domain.id,
        "sub_group_id": "",
        "member_role": "admin",
        "description": "d",
        "creator": domain.caller,
        "is_sync": False,
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    }
    assert domain.send("GetMembership", **key) == made
    assert domain.send("UpdateMembership", **key) == made
    changed = domain.send("UpdateMembership", **key, member_role="member", description="")
    assert (changed["member_role"], changed["description"]) == ("member", "")
    assert domain.send("HasMember", **key) == {"result": True}
    domain.send("DeleteMembership", **key)
    assert domain.send("HasMember", **key) == {"result": False}
    assert domain.fault("GetMembership", **key) == (404, "NotFound.Membership")
    assert domain.fault("HasMember", **{**key, "group_id": NO_GROUP}) == (404, "NotFound.Group")


def test_memberships_of_groups_are_made_with_the_groups(domain: Domain) -> None:
    above = domain.group("a")
    below, other = domain.group("b", above), domain.group("c")
    found = domain.send("GetMembership", group_id=above, sub_group_id=below)
    assert (found["member_type"], found["user_id"], found["sub_group_id"]) == ("group", "", below)
    assert domain.fault("CreateMembership", group_id=above, sub_group_id=other) == (400, "InvalidParameter.SubGroupId")
    taken = domain.fault("CreateMembership", group_id=other, sub_group_id=below)
    assert taken == (409, "AlreadyExist.Membership")
    kept = domain.fault("DeleteMembership", group_id=above, sub_group_id=below)
    assert kept == (400, "InvalidParameterNotSupported.MemberType")


def test_memberships_are_listed_from_both_ends(domain: Domain) -> None:
    above = domain.group("a")
    below = domain.group("b", above)
    domain.user("u")
    domain.join(above, "u")
    domain.join(below, "u")

    def keys(action: str, **given: Any) -> list[tuple[str, str]]:
        items = domain.send(action, **given)["items"]
        return [(item["group_id"], item["user_id"] or item["sub_group_id"]) for item in items]

    children = "ListDirectChildMemberships"
    assert keys(children, group_id=above) == [(above, below), (above, "u")]
    assert keys(children, group_id=above, member_type="user") == [(above, "u")]
    assert keys(children, group_id=above, member_type="group") == [(above, below)]
    parents = "ListDirectParentMemberships"
    assert sorted(keys(parents, user_id="u", member_type="user")) == sorted([(above, "u"), (below, "u")])
    assert keys(parents, sub_group_id=below) == [(above, below)]
    assert domain.send("HasMember", group_id=above, sub_group_id=below) == {"result": True}


# Group administrators


def test_an_administrator_is_assigned_and_dismissed(domain: Domain) -> None:
    group = domain.group("a")
    domain.user("u", nick_name="U")
    given = {"identity": user("u"), **ADMIN, "manage_resource_id": group}
    domain.call("AssignRole", **given)
    of_group = {"manage_resource_type": "RT_Group", "manage_resource_id": group}
    answer = domain.call("ListAssignment", **of_group)
    [made] = answer["assignment_list"]
    assert made == {
        "domain_id": domain.id,
        "identity": user("u"),
        **ADMIN,
        "manage_resource_id": group,
        "creator": domain.caller,
        "created_at": made["created_at"],
    }
    assert answer["next_marker"] == ""
    domain.call("AssignRole", **given)
    assert domain.call("ListAssignment", **of_group) == answer
    roles = domain.call("ListIdentityRole", identity=user("u"))
    assert (roles["identity_name"], roles["is_admin"], len(roles["assignment_list"])) == ("U", False, 1)
    domain.call("CancelAssignRole", **given)
    assert domain.send("ListAssignment", **of_group)["assignment_list"] == []
    assert domain.fault("CancelAssignRole", **given) == (404, "NotFound.Role")


def test_only_users_become_administrators_of_groups(domain: Domain) -> None:
    group = domain.group("a")
    domain.user("u")
    good = {"identity": user("u"), **ADMIN, "manage_resource_id": group}
    of_group = {"identity_type": "IT_Group", "identity_id": group}
    cases: Cases = [
        ({"identity": user("v")}, (404, "NotFound.User")),
        ({"manage_resource_id": NO_GROUP}, (404, "NotFound.Group")),
        ({"identity": of_group}, (400, "InvalidParameterNotSupported.IdentityType")),
        ({"role_id": "SystemDriveAdmin"}, (400, "InvalidParameterNotSupported.RoleId")),
        ({"manage_resource_type": "IT_Group"}, (400, "InvalidParameterNotSupported.ManageResourceType")),
    ]
    for change, fault in cases:
        assert domain.fault("AssignRole", **{**good, **change}) == fault, change


def test_an_administrator_manages_the_group_and_what_is_below(plain_domain: Domain) -> None:
    above = plain_domain.group("a")
    below, other = plain_domain.group("b", above), plain_domain.group("c")
    plain_domain.user("u")
    plain_domain.user("v")
    plain_domain.call("AssignRole", identity=user("u"), **ADMIN, manage_resource_id=above)
    sdk = plain_domain.signed_in("u")
    member = {"member_type": "user", "member_id": "v"}
    sdk.call("AddGroupMember", group_id=below, **member)
    sdk.call("UpdateGroup", group_id=above, description="mine")
    made = sdk.call("CreateGroup", group_name="new", parent_group_id=below)
    assert made["creator"] == "u"
    refused = (403, "ForbiddenNoPermission.Group")
    assert sdk.fault("UpdateGroup", group_id=other, description="mine") == refused
    assert sdk.fault("CreateGroup", group_name="root") == refused
    assert plain_domain.signed_in("v").fault("UpdateGroup", group_id=below, description="mine") == refused
    given = {"identity": user("v"), **ADMIN, "manage_resource_id": below}
    assert sdk.fault("AssignRole", **given)[0] == 403
