"""Organizations: made, listed, renamed, moved, filled with people and removed."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from alibabacloud_eds_user20210308 import models

from harness import (
    ROOT_UNIT,
    UNKNOWN_UNIT,
    Refused,
    Sdk,
    Server,
    Tea,
    ancestors,
    create,
    described,
    found,
    group,
    pages,
    parents,
    refusal,
    tea,
    unit,
)

# Characters that encoders, patterns and paths treat differently.
ODD_NAME = "研发. 部 & + ~ % / \\ ' \" * < > 😀"


def names(sdk: Sdk, **filters: Any) -> list[str]:
    """The names of the organizations that a filter finds, over all pages."""
    return [org["OrgName"] for page in pages(sdk, "DescribeOrgs", **filters) for org in page["Orgs"]]


def layer(sdk: Sdk, **filters: Any) -> list[str]:
    """The names of an organization's children."""
    return [org["OrgName"] for org in sdk.call("DescribeOrgByLayer", **filters)["Orgs"]]


def paths(sdk: Sdk) -> list[str]:
    """Where each organization is, in alphabetical order."""
    return sorted(org["OrgNamePath"] for page in pages(sdk, "DescribeOrgs") for org in page["Orgs"])


def test_the_current_sdk_makes_lists_moves_and_removes_organizations(server: Server) -> None:
    client = tea(server)

    def make(name: str, parent: str) -> str:
        made = client.create_org(models.CreateOrgRequest(org_name=name, parent_org_id=parent)).body
        assert isinstance(made.org_id, str)
        return made.org_id

    dev, sales = make("dev", ROOT_UNIT), make("sales", ROOT_UNIT)
    web = make("web", dev)
    client.modify_org(models.ModifyOrgRequest(org_id=web, org_name="shop"))
    client.move_org(models.MoveOrgRequest(org_id=web, new_parent_org_id=sales))
    client.create_users(
        models.CreateUsersRequest(
            users=[models.CreateUsersRequestUsers(end_user_id="alice", email="alice@example.com", org_id=dev)]
        )
    )
    client.move_user_org(models.MoveUserOrgRequest(org_id=web, end_user_ids=["alice"]))
    listed = client.describe_orgs(
        models.DescribeOrgsRequest(parent_org_id=ROOT_UNIT, is_query_all_sub_orgs=True, max_results=100)
    ).body
    below = client.describe_org_by_layer(models.DescribeOrgByLayerRequest(parent_org_id=sales, org_name="sh")).body
    [alice] = client.describe_users(models.DescribeUsersRequest(org_id=web)).body.users
    client.remove_org(models.RemoveOrgRequest(org_id=dev))

    assert [(org.org_id, org.parent_org_id, org.org_name_path, org.access_type) for org in listed.orgs] == [
        (dev, ROOT_UNIT, "root/dev", "MANAGEABLE"),
        (sales, ROOT_UNIT, "root/sales", "MANAGEABLE"),
        (web, sales, "root/sales/shop", "MANAGEABLE"),
    ]
    assert [(org.org_id, org.org_name, org.parent_org_id) for org in below.orgs] == [(web, "shop", sales)]
    assert [(org.org_id, org.org_name, org.org_name_path) for org in alice.orgs] == [(web, "shop", "root/sales/shop")]
    assert sorted(parents(Tea(server))) == sorted([sales, web])


def test_a_new_directory_has_a_root_and_nothing_else(sdk: Sdk) -> None:
    listed = sdk.call("DescribeOrgs")

    [root] = listed["Orgs"]
    assert {name: root[name] for name in ("OrgId", "OrgName", "OrgNamePath", "AccessType")} == {
        "OrgId": ROOT_UNIT,
        "OrgName": "root",
        "OrgNamePath": "root",
        "AccessType": "MANAGEABLE",
    }
    assert "ParentOrgId" not in root and listed.get("NextToken", "") == ""
    assert names(sdk, ParentOrgId=ROOT_UNIT) == layer(sdk) == []


def test_an_organization_comes_back_as_it_was_made(sdk: Sdk) -> None:
    made = sdk.call("CreateOrg", OrgName=ODD_NAME, ParentOrgId=ROOT_UNIT, BusinessChannel="ENTERPRISE")["OrgId"]

    [listed] = sdk.call("DescribeOrgs", ParentOrgId=ROOT_UNIT)["Orgs"]
    [below] = sdk.call("DescribeOrgByLayer")["Orgs"]

    assert re.fullmatch("org-[0-9a-z]{17}", made)
    assert listed == {
        "OrgId": made,
        "OrgName": ODD_NAME,
        "ParentOrgId": ROOT_UNIT,
        "OrgNamePath": f"root/{ODD_NAME}",
        "AccessType": "MANAGEABLE",
        "ResourcePolicyList": [],
    }
    assert below == {"OrgId": made, "OrgName": ODD_NAME, "ParentOrgId": ROOT_UNIT}


def test_organizations_are_found_by_name_by_place_and_by_id(sdk: Sdk) -> None:
    dev = unit(sdk, "Dev")
    web, data = unit(sdk, "web dev", dev), unit(sdk, "数据", dev)
    unit(sdk, "sales")
    unit(sdk, "dev", data)

    finds: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["root", "Dev", "web dev", "数据", "sales", "dev"]),
        ({"OrgName": "dev"}, ["Dev", "web dev", "dev"]),
        ({"OrgName": "ＤＥＶ"}, ["Dev", "web dev", "dev"]),
        ({"OrgName": "据"}, ["数据"]),
        ({"OrgName": "d*v"}, ["Dev", "dev"]),
        ({"OrgName": "*dev"}, ["Dev", "web dev", "dev"]),
        ({"OrgName": "web*"}, ["web dev"]),
        ({"OrgName": "ROOT"}, []),
        ({"OrgName": "%"}, []),
        ({"OrgName": "_"}, []),
        ({"OrgName": ""}, ["root", "Dev", "web dev", "数据", "sales", "dev"]),
        ({"ParentOrgId": ROOT_UNIT}, ["Dev", "sales"]),
        ({"ParentOrgId": ROOT_UNIT, "IsQueryAllSubOrgs": False}, ["Dev", "sales"]),
        ({"ParentOrgId": ROOT_UNIT, "IsQueryAllSubOrgs": True}, ["Dev", "web dev", "数据", "sales", "dev"]),
        ({"ParentOrgId": dev}, ["web dev", "数据"]),
        ({"ParentOrgId": dev, "IsQueryAllSubOrgs": True}, ["web dev", "数据", "dev"]),
        ({"ParentOrgId": dev, "IsQueryAllSubOrgs": True, "OrgName": "dev"}, ["web dev", "dev"]),
        ({"ParentOrgId": web}, []),
        ({"ParentOrgId": UNKNOWN_UNIT}, []),
        ({"ParentOrgId": "design", "IsQueryAllSubOrgs": True}, []),
        ({"IncludeOrgIds": [data, dev, UNKNOWN_UNIT]}, ["Dev", "数据"]),
        ({"IncludeOrgIds": [data, dev], "ParentOrgId": dev}, ["数据"]),
        ({"IncludeOrgIds": [ROOT_UNIT, data]}, ["root", "数据"]),
        ({"IncludeOrgIds": [UNKNOWN_UNIT]}, []),
    ]
    for filters, expected in finds:
        assert names(sdk, **filters) == expected, filters

    layers: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["Dev", "sales"]),
        ({"ParentOrgId": ROOT_UNIT, "OrgName": "SAL"}, ["sales"]),
        ({"ParentOrgId": dev}, ["web dev", "数据"]),
        ({"ParentOrgId": dev, "OrgName": "dev"}, ["web dev"]),
        ({"ParentOrgId": web}, []),
        ({"ParentOrgId": UNKNOWN_UNIT}, []),
    ]
    for filters, expected in layers:
        assert layer(sdk, **filters) == expected, filters


def test_a_long_list_comes_in_pages_of_a_hundred_at_most(sdk: Sdk) -> None:
    made = [f"unit {n:03}" for n in range(104)]
    dev = unit(sdk, "dev")
    for name in made:
        unit(sdk, name, dev)

    whole = [list(pages(sdk, "DescribeOrgs", MaxResults=size, ParentOrgId=dev)) for size in (500, 100, 40)]
    by_default = list(pages(sdk, "DescribeOrgs"))

    assert [[len(page["Orgs"]) for page in listed] for listed in whole] == [[100, 4], [100, 4], [40, 40, 24]]
    assert [len(page["Orgs"]) for page in by_default] == [100, 6]
    for listed in whole:
        assert [org["OrgName"] for page in listed for org in page["Orgs"]] == made
    assert len(layer(sdk, ParentOrgId=dev)) == 104, "a layer has no pages"


def test_a_token_serves_no_other_list(sdk: Sdk) -> None:
    dev, sales = unit(sdk, "dev"), unit(sdk, "sales")
    create(sdk, "alice", "bob")
    token = sdk.call("DescribeOrgs", ParentOrgId=ROOT_UNIT, MaxResults=1)["NextToken"]
    of_users = sdk.call("DescribeUsers", MaxResults=1)["NextToken"]

    assert token and of_users
    refusals = [
        refusal(sdk, "DescribeOrgs", NextToken=token),
        refusal(sdk, "DescribeOrgs", NextToken=token, ParentOrgId=dev),
        refusal(sdk, "DescribeOrgs", NextToken=token, ParentOrgId=ROOT_UNIT, OrgName="s"),
        refusal(sdk, "DescribeOrgs", NextToken=of_users),
        refusal(sdk, "DescribeOrgs", NextToken="AAAAAV3MpHK1AP0pfERHZN5pu6kU6SQCWFRpCkRPXC0x"),
        refusal(sdk, "DescribeUsers", NextToken=token),
    ]
    assert refusals == ["400 InvalidNextToken"] * 6

    sdk.call("RemoveOrg", OrgId=dev)
    [rest] = sdk.call("DescribeOrgs", NextToken=token, ParentOrgId=ROOT_UNIT, MaxResults=50)["Orgs"]
    assert rest["OrgId"] == sales


def test_a_name_is_taken_among_siblings_whatever_its_case_and_width(sdk: Sdk) -> None:
    dev, sales = unit(sdk, "Dev"), unit(sdk, "sales")
    web = unit(sdk, "web", dev)

    taken = [
        refusal(sdk, "CreateOrg", OrgName=name, ParentOrgId=ROOT_UNIT) for name in ("Dev", "DEV", "ｄｅｖ", " dev ")
    ]
    renamed = refusal(sdk, "ModifyOrg", OrgId=sales, OrgName="dEV")
    elsewhere = unit(sdk, "Dev", dev)
    moved = refusal(sdk, "MoveOrg", OrgId=elsewhere, NewParentOrgId=ROOT_UNIT)
    sdk.call("ModifyOrg", OrgId=dev, OrgName="DEV")
    sdk.call("ModifyOrg", OrgId=web, OrgName="sales")

    assert {*taken, renamed, moved} == {"400 ExistedOrgName"}
    assert paths(sdk) == sorted(["root", "root/DEV", "root/DEV/Dev", "root/DEV/sales", "root/sales"])


def test_a_name_has_1_to_64_characters_and_no_control_ones(sdk: Sdk) -> None:
    longest = "研" * 64
    dev = unit(sdk, longest)
    wrong = {"研" * 65: "InvalidOrgName", "a\nb": "InvalidOrgName", "a\x00b": "InvalidOrgName", "": "MissingOrgName"}

    for name, code in wrong.items():
        assert refusal(sdk, "CreateOrg", OrgName=name, ParentOrgId=ROOT_UNIT) == f"400 {code}", name
        assert refusal(sdk, "ModifyOrg", OrgId=dev, OrgName=name) == f"400 {code}", name

    assert names(sdk, ParentOrgId=ROOT_UNIT) == [longest]


def test_what_is_missing_or_out_of_range_is_named(sdk: Sdk) -> None:
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("CreateOrg", {"ParentOrgId": ROOT_UNIT}, "MissingOrgName"),
        ("CreateOrg", {"OrgName": "dev"}, "MissingParentOrgId"),
        ("ModifyOrg", {"OrgName": "dev"}, "MissingOrgId"),
        ("ModifyOrg", {"OrgId": ROOT_UNIT}, "MissingOrgName"),
        ("MoveOrg", {"NewParentOrgId": ROOT_UNIT}, "MissingOrgId"),
        ("MoveOrg", {"OrgId": ROOT_UNIT}, "MissingNewParentOrgId"),
        ("RemoveOrg", {}, "MissingOrgId"),
        ("MoveUserOrg", {"EndUserIds": ["alice"]}, "MissingOrgId"),
        ("MoveUserOrg", {"OrgId": ROOT_UNIT}, "MissingEndUserIds"),
        ("MoveUserOrg", {"OrgId": ROOT_UNIT, "EndUserIds": [f"user_{n}" for n in range(101)]}, "InvalidEndUserIds"),
        ("DescribeOrgs", {"MaxResults": 0}, "InvalidMaxResults"),
        ("DescribeOrgs", {"MaxResults": 501}, "InvalidMaxResults"),
        ("DescribeOrgs", {"MaxResults": -1}, "InvalidMaxResults"),
    ]

    for action, parameters, code in calls:
        assert refusal(sdk, action, **parameters) == f"400 {code}", (action, parameters)


def test_an_id_of_nothing_is_not_found(sdk: Sdk) -> None:
    dev, gone = unit(sdk, "dev"), unit(sdk, "gone")
    sdk.call("RemoveOrg", OrgId=gone)
    create(sdk, "alice")

    for wrong in [UNKNOWN_UNIT, gone, dev.upper(), dev[:-1], f"{dev}0", "design", group(sdk, "staff"), "🜁"]:
        refusals = [
            refusal(sdk, "CreateOrg", OrgName="new", ParentOrgId=wrong),
            refusal(sdk, "ModifyOrg", OrgId=wrong, OrgName="new"),
            refusal(sdk, "MoveOrg", OrgId=wrong, NewParentOrgId=dev),
            refusal(sdk, "MoveOrg", OrgId=dev, NewParentOrgId=wrong),
            refusal(sdk, "RemoveOrg", OrgId=wrong),
            refusal(sdk, "MoveUserOrg", OrgId=wrong, EndUserIds=["alice"]),
        ]
        assert refusals == [
            "400 InvalidParentOrgId.NotFound",
            "400 InvalidOrgId.NotFound",
            "400 InvalidOrgId.NotFound",
            "400 InvalidNewParentOrgId.NotFound",
            "400 InvalidOrgId.NotFound",
            "400 InvalidOrgId.NotFound",
        ], wrong

    assert paths(sdk) == ["root", "root/dev"]
    assert described(sdk, "alice")["OrgId"] == ROOT_UNIT


def test_the_root_stays_where_it_is(sdk: Sdk) -> None:
    dev = unit(sdk, "dev")

    refusals = [
        refusal(sdk, "RemoveOrg", OrgId=ROOT_UNIT),
        refusal(sdk, "MoveOrg", OrgId=ROOT_UNIT, NewParentOrgId=dev),
        refusal(sdk, "MoveOrg", OrgId=ROOT_UNIT, NewParentOrgId=ROOT_UNIT),
    ]

    assert refusals == ["400 OperationDenied.RootOrg"] * 3
    assert paths(sdk) == ["root", "root/dev"]


def test_the_root_may_be_renamed(server: Server) -> None:
    sdk = Tea(server)
    unit(sdk, "dev")

    sdk.call("ModifyOrg", OrgId=ROOT_UNIT, OrgName="公司")

    assert paths(sdk) == ["公司", "公司/dev"]


def test_a_move_takes_everything_below_along(sdk: Sdk) -> None:
    dev, sales = unit(sdk, "dev"), unit(sdk, "sales")
    web = unit(sdk, "web", dev)
    shop = unit(sdk, "shop", web)
    create(sdk, "alice", OrgId=shop)
    create(sdk, "bob", OrgId=web)
    create(sdk, "carol", OrgId=sales)

    sdk.call("MoveOrg", OrgId=web, NewParentOrgId=f"{sales}\n")
    sdk.call("MoveOrg", OrgId=web, NewParentOrgId=sales)

    assert paths(sdk) == ["root", "root/dev", "root/sales", "root/sales/web", "root/sales/web/shop"]
    assert found(sdk, OrgId=dev, IsQueryAllSubOrgs=True) == []
    assert found(sdk, OrgId=sales) == ["carol"]
    assert found(sdk, OrgId=sales, IsQueryAllSubOrgs=True) == ["alice", "bob", "carol"]
    assert described(sdk, "alice")["Orgs"] == [
        {"OrgId": shop, "OrgName": "shop", "OrgNamePath": "root/sales/web/shop"},
    ]


def test_no_move_makes_a_cycle(sdk: Sdk) -> None:
    top = unit(sdk, "top")
    middle = unit(sdk, "middle", top)
    bottom = unit(sdk, "bottom", middle)

    refusals = [refusal(sdk, "MoveOrg", OrgId=top, NewParentOrgId=target) for target in (top, middle, bottom)]

    assert refusals == ["400 InvalidNewParentOrgId"] * 3
    assert paths(sdk) == ["root", "root/top", "root/top/middle", "root/top/middle/bottom"]


def test_two_moves_at_once_make_no_cycle(server: Server) -> None:
    sdk = Tea(server)
    for turn in range(10):
        pair = unit(sdk, f"left {turn}"), unit(sdk, f"right {turn}")

        def move(org: str, target: str) -> str:
            try:
                Tea(server).call("MoveOrg", OrgId=org, NewParentOrgId=target)
            except Refused as refused:
                return f"{refused.status} {refused.code}"
            return "moved"

        with ThreadPoolExecutor(2) as threads:
            ends = list(threads.map(move, pair, reversed(pair)))

        above = parents(sdk)
        assert sorted(ends) == ["400 InvalidNewParentOrgId", "moved"], ends
        assert sorted(len(ancestors(org, above)) for org in pair) == [1, 2]


def test_of_many_who_take_a_name_at_once_one_gets_it(server: Server) -> None:
    def make(_: int) -> bool:
        try:
            return bool(unit(Tea(server), "dev"))
        except Refused as refused:
            assert (refused.status, refused.code) == (400, "ExistedOrgName")
            return False

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(make, range(8)))

    assert made.count(True) == 1
    assert paths(Tea(server)) == ["root", "root/dev"]


def test_a_tree_is_ten_deep_below_the_root(sdk: Sdk) -> None:
    chain = [ROOT_UNIT]
    for depth in range(1, 11):
        chain.append(unit(sdk, f"depth {depth}", chain[-1]))
    other = unit(sdk, "other")
    unit(sdk, "below", other)

    assert refusal(sdk, "CreateOrg", OrgName="depth 11", ParentOrgId=chain[10]) == "400 InvalidParentOrgId"
    assert refusal(sdk, "MoveOrg", OrgId=other, NewParentOrgId=chain[9]) == "400 InvalidNewParentOrgId"
    sdk.call("MoveOrg", OrgId=other, NewParentOrgId=chain[8])
    assert max(path.count("/") for path in paths(sdk)) == 10


def test_only_an_empty_organization_is_removed(sdk: Sdk) -> None:
    dev = unit(sdk, "dev")
    web = unit(sdk, "web", dev)
    create(sdk, "alice", OrgId=web)

    with_both = refusal(sdk, "RemoveOrg", OrgId=dev)
    with_people = refusal(sdk, "RemoveOrg", OrgId=web)
    sdk.call("MoveUserOrg", OrgId=ROOT_UNIT, EndUserIds=["alice"])
    with_children = refusal(sdk, "RemoveOrg", OrgId=dev)
    sdk.call("RemoveOrg", OrgId=web)
    sdk.call("RemoveOrg", OrgId=dev)

    assert {with_both, with_people, with_children} == {"400 OrgNotEmpty"}
    assert paths(sdk) == ["root"]
    assert refusal(sdk, "RemoveOrg", OrgId=dev) == "400 InvalidOrgId.NotFound"
    assert unit(sdk, "dev") != dev, "the name is free, the id is not"


def test_the_system_user_keeps_no_organization_from_being_removed(server: Server) -> None:
    sdk = Tea(server)
    dev = unit(sdk, "dev")
    sdk.call("MoveUserOrg", OrgId=dev, EndUserIds=["superadmin"])
    moved = described(sdk, "superadmin")["OrgId"]

    sdk.call("RemoveOrg", OrgId=dev)

    assert (moved, described(sdk, "superadmin")["OrgId"]) == (dev, ROOT_UNIT)


def test_people_move_between_organizations(sdk: Sdk) -> None:
    dev, sales = unit(sdk, "dev"), unit(sdk, "sales")
    create(sdk, "alice", "bob", OrgId=dev)
    create(sdk, "carol")

    sdk.call("MoveUserOrg", OrgId=sales, EndUserIds=["ALICE", "carol", "alice"])
    sdk.call("MoveUserOrg", OrgId=sales, EndUserIds=["alice"])

    assert found(sdk, OrgId=dev) == ["bob"]
    assert found(sdk, OrgId=sales) == ["alice", "carol"]
    assert found(sdk, OrgId=ROOT_UNIT) == []
    assert found(sdk, OrgId=ROOT_UNIT, IsQueryAllSubOrgs=True) == ["alice", "bob", "carol"]
    carol = described(sdk, "carol")
    assert (carol["OrgId"], [org["OrgId"] for org in carol["Orgs"]]) == (sales, [sales])


def test_nobody_moves_if_one_is_unknown(sdk: Sdk) -> None:
    dev = unit(sdk, "dev")
    create(sdk, "alice", "bob")

    refused = refusal(sdk, "MoveUserOrg", OrgId=dev, EndUserIds=["alice", "nobody", "bob"])

    assert refused == "400 InvalidEndUserIds.NotFound"
    assert found(sdk, OrgId=ROOT_UNIT) == ["alice", "bob"]


def test_a_hundred_people_move_in_one_call(sdk: Sdk) -> None:
    people = [f"user_{n:02}" for n in range(100)]
    dev = unit(sdk, "dev")
    create(sdk, *people)

    sdk.call("MoveUserOrg", OrgId=dev, EndUserIds=people)

    assert found(sdk, OrgId=dev) == people


def test_extras_may_be_asked_for_as_json(sdk: Sdk) -> None:
    # The current generation takes a map, the previous one the text.
    extras: Any = {"ResourcePolicy": "true"} if isinstance(sdk, Tea) else '{"ResourcePolicy": "true"}'

    [root] = sdk.call("DescribeOrgs", ShowExtras=extras)["Orgs"]

    assert (root["OrgId"], root["ResourcePolicyList"]) == (ROOT_UNIT, [])
