"""EIAM: organizational units, their tree, and who belongs to them."""

import re
import time
from typing import Any

from alibabacloud_eiam20211201 import models

from eiam import (
    ID,
    IS_ROOT,
    NO_UNIT,
    NOT_EMPTY,
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


def test_the_current_sdk_makes_moves_and_removes_a_unit(shared: Server) -> None:
    client = tea(shared, api=EIAM)
    at = new_instance(Tea(shared, api=EIAM), "Example Inc.")

    root = client.get_root_organizational_unit(
        models.GetRootOrganizationalUnitRequest(instance_id=at.id)
    ).body.organizational_unit
    unit, other = (
        client.create_organizational_unit(
            models.CreateOrganizationalUnitRequest(
                instance_id=at.id, organizational_unit_name=name, parent_id=root.organizational_unit_id
            )
        ).body.organizational_unit_id
        for name in ("test_ou_name", "other")
    )
    client.update_organizational_unit(
        models.UpdateOrganizationalUnitRequest(
            instance_id=at.id, organizational_unit_id=unit, organizational_unit_name="renamed"
        )
    )
    client.update_organizational_unit_description(
        models.UpdateOrganizationalUnitDescriptionRequest(
            instance_id=at.id, organizational_unit_id=unit, description="this is a test."
        )
    )
    client.update_organizational_unit_parent_id(
        models.UpdateOrganizationalUnitParentIdRequest(instance_id=at.id, organizational_unit_id=unit, parent_id=other)
    )
    shown = client.get_organizational_unit(
        models.GetOrganizationalUnitRequest(instance_id=at.id, organizational_unit_id=unit)
    ).body.organizational_unit
    parents = client.list_organizational_unit_parents(
        models.ListOrganizationalUnitParentsRequest(instance_id=at.id, organizational_unit_id=unit)
    ).body.parents
    listed = client.list_organizational_units(
        models.ListOrganizationalUnitsRequest(instance_id=at.id, page_number=1, page_size=20)
    ).body
    client.delete_organizational_unit(
        models.DeleteOrganizationalUnitRequest(instance_id=at.id, organizational_unit_id=unit)
    )
    client.delete_organizational_unit_children(
        models.DeleteOrganizationalUnitChildrenRequest(
            instance_id=at.id, organizational_unit_id=root.organizational_unit_id
        )
    )
    left = client.list_organizational_units(models.ListOrganizationalUnitsRequest(instance_id=at.id)).body

    assert (root.organizational_unit_name, root.instance_id) == ("Example Inc.", at.id)
    assert (shown.organizational_unit_id, shown.organizational_unit_name) == (unit, "renamed")
    assert (shown.description, shown.parent_id, shown.leaf) == ("this is a test.", other, True)
    assert [(of.organizational_unit_id, of.parent_id) for of in parents] == [
        (root.organizational_unit_id, None),
        (other, root.organizational_unit_id),
    ]
    assert listed.total_count == 3
    assert [(of.organizational_unit_name, of.leaf) for of in listed.organizational_units] == [
        ("Example Inc.", False),
        ("renamed", True),
        ("other", False),
    ]
    assert (left.total_count, [of.leaf for of in left.organizational_units]) == (1, [True])


def shown(instance: Instance, unit: str) -> dict[str, Any]:
    """A unit as GetOrganizationalUnit shows it."""
    found: dict[str, Any] = instance.call("GetOrganizationalUnit", OrganizationalUnitId=unit)["OrganizationalUnit"]
    return found


def parents(instance: Instance, unit: str) -> list[str]:
    """The ids of the units above a unit, the root first."""
    above = instance.call("ListOrganizationalUnitParents", OrganizationalUnitId=unit)["Parents"]
    ids = [found["OrganizationalUnitId"] for found in above]
    assert [found.get("ParentId") for found in above] == [None, *ids][: len(ids)]
    return ids


def listed(instance: Instance, **filters: Any) -> list[str]:
    """The names of the units on a page, on which all matches must be."""
    answer = instance.call("ListOrganizationalUnits", PageSize=100, **filters)
    assert answer["TotalCount"] == len(answer["OrganizationalUnits"]), answer
    return [unit["OrganizationalUnitName"] for unit in answer["OrganizationalUnits"]]


def test_a_unit_comes_back_as_it_was_made(instance: Instance) -> None:
    begun = time.time_ns() // 1_000_000

    answer = instance.call(
        "CreateOrganizationalUnit",
        OrganizationalUnitName=ODD_NAME,
        ParentId=instance.root,
        OrganizationalUnitExternalId=f"external {ODD_NAME}",
        Description=f"{ODD_NAME}\n\tand more",
    )
    unit = answer["OrganizationalUnitId"]
    bare = instance.unit("bare", unit)

    assert list(answer) == ["OrganizationalUnitId"] and re.fullmatch(f"ou_{ID}", unit)
    whole, small = shown(instance, unit), shown(instance, bare)
    assert begun - 1000 <= whole["CreateTime"] == whole["UpdateTime"] <= time.time_ns() // 1_000_000 + 1000
    assert whole == {
        "OrganizationalUnitId": unit,
        "OrganizationalUnitName": ODD_NAME,
        "Description": f"{ODD_NAME}\n\tand more",
        "InstanceId": instance.id,
        "ParentId": instance.root,
        "OrganizationalUnitExternalId": f"external {ODD_NAME}",
        "OrganizationalUnitSourceType": "build_in",
        "OrganizationalUnitSourceId": instance.id,
        "Leaf": False,
        "CreateTime": whole["CreateTime"],
        "UpdateTime": whole["CreateTime"],
    }
    assert small == {
        "OrganizationalUnitId": bare,
        "OrganizationalUnitName": "bare",
        "InstanceId": instance.id,
        "ParentId": unit,
        "OrganizationalUnitExternalId": bare,
        "OrganizationalUnitSourceType": "build_in",
        "OrganizationalUnitSourceId": instance.id,
        "Leaf": True,
        "CreateTime": small["CreateTime"],
        "UpdateTime": small["CreateTime"],
    }
    assert instance.call("ListOrganizationalUnits", ParentId=instance.root) == {
        "TotalCount": 1,
        "OrganizationalUnits": [whole],
    }


def test_the_root_is_there_from_the_beginning(instance: Instance) -> None:
    described = new_instance(instance.sdk, "Example Inc.")
    root = instance.call("GetRootOrganizationalUnit")["OrganizationalUnit"]

    whole = shown(instance, instance.root)

    assert re.fullmatch(f"ou_{ID}", instance.root)
    assert root == {
        "InstanceId": instance.id,
        "OrganizationalUnitId": instance.root,
        "OrganizationalUnitName": "root",
        "CreateTime": whole["CreateTime"],
        "UpdateTime": whole["CreateTime"],
    }
    assert whole == {
        **root,
        "OrganizationalUnitExternalId": instance.root,
        "OrganizationalUnitSourceType": "build_in",
        "OrganizationalUnitSourceId": instance.id,
        "Leaf": True,
    }
    assert parents(instance, instance.root) == []
    assert listed(described) == ["Example Inc."]
    instance.call("UpdateOrganizationalUnit", OrganizationalUnitId=instance.root, OrganizationalUnitName="top")
    instance.call("UpdateOrganizationalUnitDescription", OrganizationalUnitId=instance.root, Description="all")
    renamed = instance.call("GetRootOrganizationalUnit")["OrganizationalUnit"]
    assert (renamed["OrganizationalUnitName"], renamed["Description"]) == ("top", "all")


def test_a_unit_of_few_words_is_one(instance: Instance) -> None:
    unit = instance.unit("unit", OrganizationalUnitExternalId="", Description="")

    found = shown(instance, unit)

    assert "Description" not in found and found["OrganizationalUnitExternalId"] == unit


def test_what_a_unit_cannot_be_is_named(instance: Instance) -> None:
    name, parent = {"OrganizationalUnitName": "unit"}, {"ParentId": instance.root}
    cases: list[tuple[dict[str, Any], Fault]] = [
        ({}, missing("OrganizationalUnitName")),
        (parent, missing("OrganizationalUnitName")),
        ({**parent, "OrganizationalUnitName": ""}, missing("OrganizationalUnitName")),
        (name, missing("ParentId")),
        ({**parent, "OrganizationalUnitName": "部" * 129}, invalid("OrganizationalUnitName")),
        ({**parent, "OrganizationalUnitName": "a\nb"}, invalid("OrganizationalUnitName")),
        ({**name, **parent, "OrganizationalUnitExternalId": "外" * 129}, invalid("OrganizationalUnitExternalId")),
        ({**name, **parent, "Description": "述" * 257}, invalid("Description")),
        ({**name, "ParentId": NO_UNIT}, unknown("OrganizationalUnit", NO_UNIT)),
        ({**name, "ParentId": "org-aliyun-wy-org-id"}, unknown("OrganizationalUnit", "org-aliyun-wy-org-id")),
    ]

    for given, expected in cases:
        assert instance.fault("CreateOrganizationalUnit", **given) == expected, given
    assert listed(instance) == ["root"]
    longest = instance.unit("部" * 128, OrganizationalUnitExternalId="外" * 128, Description="述" * 256)
    assert shown(instance, longest)["OrganizationalUnitExternalId"] == "外" * 128


def test_siblings_differ_in_their_names_and_all_units_in_their_external_ids(instance: Instance) -> None:
    dev = instance.unit("Dev", OrganizationalUnitExternalId="X-1")
    ops = instance.unit("Ops")
    below = instance.unit("dev", ops)
    create, rename, move = "CreateOrganizationalUnit", "UpdateOrganizationalUnit", "UpdateOrganizationalUnitParentId"
    taken = duplicated("OrganizationalUnitName")

    for name in ("Dev", "DEV", "ｄｅｖ"):
        assert instance.fault(create, OrganizationalUnitName=name, ParentId=instance.root) == taken
        assert instance.fault(rename, OrganizationalUnitId=ops, OrganizationalUnitName=name) == taken
    assert instance.fault(move, OrganizationalUnitId=below, ParentId=instance.root) == taken
    for external in ("X-1", ops):
        found = instance.fault(
            create, OrganizationalUnitName="new", ParentId=instance.root, OrganizationalUnitExternalId=external
        )
        assert found == duplicated("OrganizationalUnitExternalId"), external
    instance.call(rename, OrganizationalUnitId=dev, OrganizationalUnitName="DEV")
    instance.unit("new", OrganizationalUnitExternalId="x-1")
    assert listed(instance) == ["root", "DEV", "Ops", "dev", "new"]


def test_a_unit_is_renamed_and_described(instance: Instance) -> None:
    unit = instance.unit("unit", Description="old")
    before = shown(instance, unit)

    for nothing in ({}, {"OrganizationalUnitName": ""}, {"OrganizationalUnitName": "unit"}):
        assert instance.call("UpdateOrganizationalUnit", OrganizationalUnitId=unit, **nothing) == {}
    unchanged = shown(instance, unit)
    assert instance.call("UpdateOrganizationalUnit", OrganizationalUnitId=unit, OrganizationalUnitName=ODD_NAME) == {}
    renamed = shown(instance, unit)
    said = []
    for given in ({"Description": ODD_NAME}, {"Description": ""}, {"Description": "述" * 256}, {}):
        assert instance.call("UpdateOrganizationalUnitDescription", OrganizationalUnitId=unit, **given) == {}
        said.append(shown(instance, unit).get("Description"))

    assert unchanged == before
    assert renamed == {**before, "OrganizationalUnitName": ODD_NAME, "UpdateTime": renamed["UpdateTime"]}
    assert renamed["UpdateTime"] > before["UpdateTime"]
    assert said == [ODD_NAME, None, "述" * 256, None]
    wrong = instance.fault("UpdateOrganizationalUnit", OrganizationalUnitId=unit, OrganizationalUnitName="部" * 129)
    longer = instance.fault("UpdateOrganizationalUnitDescription", OrganizationalUnitId=unit, Description="述" * 257)
    assert (wrong, longer) == (invalid("OrganizationalUnitName"), invalid("Description"))


def test_a_unit_moves_with_what_lies_below(instance: Instance) -> None:
    top, other = instance.unit("top"), instance.unit("other")
    middle = instance.unit("middle", top)
    bottom = instance.unit("bottom", middle)
    move = "UpdateOrganizationalUnitParentId"

    same = instance.call(move, OrganizationalUnitId=middle, ParentId=top)
    before = parents(instance, bottom)
    answer = instance.call(move, OrganizationalUnitId=middle, ParentId=other)
    after = parents(instance, bottom)

    assert same == answer == {}
    assert before == [instance.root, top, middle]
    assert after == [instance.root, other, middle]
    assert (shown(instance, top)["Leaf"], shown(instance, other)["Leaf"]) == (True, False)
    for target in (middle, bottom):
        assert instance.fault(move, OrganizationalUnitId=middle, ParentId=target) == invalid("ParentId")
    for target in (NO_UNIT, "other"):
        assert instance.fault(move, OrganizationalUnitId=middle, ParentId=target) == unknown(
            "OrganizationalUnit", target
        )
    is_root = instance.fault(move, OrganizationalUnitId=instance.root, ParentId=top)
    assert is_root == IS_ROOT
    assert instance.fault(move, OrganizationalUnitId=middle) == missing("ParentId")
    assert parents(instance, bottom) == after


def test_a_tree_is_twenty_deep(instance: Instance) -> None:
    units = [instance.root]
    for depth in range(1, 21):
        units.append(instance.unit(f"depth {depth}", units[-1]))

    deeper = instance.fault("CreateOrganizationalUnit", OrganizationalUnitName="deeper", ParentId=units[20])
    moved = instance.unit("moved")
    below = instance.unit("below", moved)
    too_deep = instance.fault("UpdateOrganizationalUnitParentId", OrganizationalUnitId=moved, ParentId=units[19])
    instance.call("UpdateOrganizationalUnitParentId", OrganizationalUnitId=moved, ParentId=units[18])

    assert deeper == too_deep == invalid("ParentId")
    assert parents(instance, units[20]) == units[:20]
    assert parents(instance, below) == [*units[:19], moved]


def test_a_unit_goes_when_it_is_empty(instance: Instance) -> None:
    full, further, top, empty = (instance.unit(name) for name in ("full", "further", "top", "empty"))
    below = instance.unit("below", top)
    instance.user("alice", PrimaryOrganizationalUnitId=full, OrganizationalUnitIds=[further])
    delete = "DeleteOrganizationalUnit"

    for unit in (full, further, top):
        assert instance.fault(delete, OrganizationalUnitId=unit) == NOT_EMPTY
    is_root = instance.fault(delete, OrganizationalUnitId=instance.root)
    done = [instance.call(delete, OrganizationalUnitId=unit) for unit in (empty, below, top)]
    again = instance.fault(delete, OrganizationalUnitId=empty)

    assert is_root == IS_ROOT
    assert done == [{}] * 3
    assert again == unknown("OrganizationalUnit", empty)
    assert listed(instance) == ["root", "full", "further"]


def test_all_below_a_unit_goes_with_those_whose_primary_unit_it_is(instance: Instance) -> None:
    top, aside = instance.unit("top"), instance.unit("aside")
    middle = instance.unit("middle", top)
    bottom = instance.unit("bottom", middle)
    group = instance.group("staff")
    for name, primary, further in [
        ("in_top", top, []),
        ("in_middle", middle, [aside]),
        ("in_bottom", bottom, []),
        ("beside", aside, [top, middle, bottom]),
        ("in_root", instance.root, []),
    ]:
        user = instance.user(name, PrimaryOrganizationalUnitId=primary, OrganizationalUnitIds=further)
        instance.call("AddUsersToGroup", GroupId=group, UserIds=[user])
    beside = instance.call("ListUsers", UsernameStartsWith="beside")["Users"][0]["UserId"]

    answer = instance.call("DeleteOrganizationalUnitChildren", OrganizationalUnitId=top)

    assert answer == {}
    assert listed(instance) == ["root", "top", "aside"]
    assert instance.names() == ["beside", "in_root"]
    assert instance.units(beside) == [aside], "what was inside is left"
    assert shown(instance, top)["Leaf"] is True
    assert instance.call("ListUsersForGroup", GroupId=group)["TotalCount"] == 2
    instance.call("DeleteOrganizationalUnitChildren", OrganizationalUnitId=instance.root)
    assert (listed(instance), instance.names()) == (["root"], [])


def test_units_are_found_by_every_filter_in_the_order_of_their_making(instance: Instance) -> None:
    dev = instance.unit("Dev")
    web = instance.unit("dev web", dev)
    instance.unit("data", dev)
    instance.unit("Dev", web)
    finds: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["root", "Dev", "dev web", "data", "Dev"]),
        ({"ParentId": instance.root}, ["Dev"]),
        ({"ParentId": dev}, ["dev web", "data"]),
        ({"ParentId": ""}, ["root", "Dev", "dev web", "data", "Dev"]),
        ({"OrganizationalUnitName": "DEV"}, ["Dev", "Dev"]),
        ({"OrganizationalUnitName": "De"}, []),
        ({"OrganizationalUnitNameStartsWith": "ｄＥ"}, ["Dev", "dev web", "Dev"]),
        ({"OrganizationalUnitNameStartsWith": "%"}, []),
        ({"OrganizationalUnitNameStartsWith": ""}, ["root", "Dev", "dev web", "data", "Dev"]),
        ({"OrganizationalUnitIds": [web, dev, NO_UNIT, "x"]}, ["Dev", "dev web"]),
        ({"OrganizationalUnitIds": [NO_UNIT]}, []),
        ({"OrganizationalUnitIds": [web, dev], "OrganizationalUnitNameStartsWith": "dev w"}, ["dev web"]),
        ({"OrganizationalUnitName": "Dev", "ParentId": web}, ["Dev"]),
        ({"OrganizationalUnitName": "Dev", "OrganizationalUnitNameStartsWith": "dev w"}, []),
    ]

    for filters, names in finds:
        assert listed(instance, **filters) == names, filters


def test_units_are_listed_page_by_page(instance: Instance) -> None:
    names = ["root", *(f"unit {n:02}" for n in range(24))]
    for name in names[1:]:
        instance.unit(name)
    list_all = "ListOrganizationalUnits"

    first = instance.call(list_all)
    pages = [
        [unit["OrganizationalUnitName"] for unit in page]
        for page in instance.numbered(list_all, "OrganizationalUnits", 10)
    ]
    beyond = instance.call(list_all, PageNumber=9_007_199_254_740_991, PageSize=100)

    assert (first["TotalCount"], len(first["OrganizationalUnits"])) == (25, 20)
    assert pages == [names[:10], names[10:20], names[20:]]
    assert beyond == {"TotalCount": 25, "OrganizationalUnits": []}
    for parameter, value in [("PageNumber", 0), ("PageNumber", -1), ("PageSize", 0), ("PageSize", 101)]:
        assert instance.fault(list_all, **{parameter: value}) == invalid(parameter)
    assert instance.fault(list_all, OrganizationalUnitIds=[NO_UNIT] * 101) == invalid("OrganizationalUnitIds")


def test_a_unit_that_is_not_there_is_unknown_to_every_action(instance: Instance) -> None:
    gone = instance.unit("gone")
    instance.call("DeleteOrganizationalUnit", OrganizationalUnitId=gone)
    foreign = new_instance(instance.sdk).unit("foreign")
    actions: dict[str, dict[str, Any]] = {
        "GetOrganizationalUnit": {},
        "ListOrganizationalUnitParents": {},
        "UpdateOrganizationalUnit": {"OrganizationalUnitName": "x"},
        "UpdateOrganizationalUnitDescription": {"Description": "x"},
        "UpdateOrganizationalUnitParentId": {"ParentId": instance.root},
        "DeleteOrganizationalUnit": {},
        "DeleteOrganizationalUnitChildren": {},
    }

    for action, more in actions.items():
        for wrong in (gone, foreign, NO_UNIT, instance.root.upper(), "org-aliyun-wy-org-id"):
            found = instance.fault(action, OrganizationalUnitId=wrong, **more)
            assert found == unknown("OrganizationalUnit", wrong), (action, wrong)
        assert instance.fault(action, **more) == missing("OrganizationalUnitId"), action
    assert listed(instance) == ["root"]


# Members


def test_a_primary_unit_is_left_for_another(instance: Instance) -> None:
    first, second, third = (instance.unit(name) for name in ("first", "second", "third"))
    user = instance.user("alice", PrimaryOrganizationalUnitId=first, OrganizationalUnitIds=[second])
    before = instance.shown(user)["UpdateTime"]

    same = instance.call("SetUserPrimaryOrganizationalUnit", UserId=user, OrganizationalUnitId=first)
    unmoved = instance.shown(user)["UpdateTime"]
    instance.call("SetUserPrimaryOrganizationalUnit", UserId=user, OrganizationalUnitId=third)
    moved = instance.units(user)
    instance.call("SetUserPrimaryOrganizationalUnit", UserId=user, OrganizationalUnitId=second)
    promoted = instance.units(user)

    assert (same, unmoved) == ({}, before)
    assert moved == [third, second], "the unit before is left altogether"
    assert promoted == [second]
    assert instance.shown(user)["UpdateTime"] > before
    for wrong in (NO_UNIT, "first"):
        found = instance.fault("SetUserPrimaryOrganizationalUnit", UserId=user, OrganizationalUnitId=wrong)
        assert found == unknown("OrganizationalUnit", wrong)
    assert instance.fault("SetUserPrimaryOrganizationalUnit", UserId=user) == missing("OrganizationalUnitId")


def test_further_units_are_joined_and_left(instance: Instance) -> None:
    first, second, third = (instance.unit(name) for name in ("first", "second", "third"))
    user = instance.user("alice", PrimaryOrganizationalUnitId=first)
    before = instance.shown(user)["UpdateTime"]
    join, leave = "AddUserToOrganizationalUnits", "RemoveUserFromOrganizationalUnits"

    joined = instance.call(join, UserId=user, OrganizationalUnitIds=[third, third])
    again = instance.call(join, UserId=user, OrganizationalUnitIds=[first, second, third])
    units = instance.units(user)
    half = instance.fault(join, UserId=user, OrganizationalUnitIds=[instance.root, NO_UNIT])
    primary = instance.fault(leave, UserId=user, OrganizationalUnitIds=[second, first])
    kept = instance.units(user)
    left = instance.call(leave, UserId=user, OrganizationalUnitIds=[third, third, instance.root, NO_UNIT])

    assert joined == again == left == {}
    assert units == kept == [first, third, second], "in the order of joining"
    assert half == unknown("OrganizationalUnit", NO_UNIT)
    assert primary == (
        403,
        "OperationDenied.PrimaryOrganizationalUnit",
        f"The specified OrganizationalUnit {first} is the primary one of the user.",
    )
    assert instance.units(user) == [first, second]
    assert instance.shown(user)["UpdateTime"] == before, "further units are not the user's own fields"
    for action in (join, leave):
        assert instance.fault(action, UserId=user) == missing("OrganizationalUnitIds")
        found = instance.fault(action, UserId=user, OrganizationalUnitIds=[second] * 101)
        assert found == invalid("OrganizationalUnitIds")
