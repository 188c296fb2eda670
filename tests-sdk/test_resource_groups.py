"""Resource groups: made, listed, filled and removed."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from alibabacloud_eds_user20210308 import models

from harness import UNKNOWN_RESOURCE_GROUP, Refused, Sdk, Server, Tea, group, refusal, tea

ODD_NAME = "资源. & + ~ % / \\ ' \" * < > 😀"


def make(sdk: Sdk, name: str, **more: Any) -> str:
    """The id of a new resource group."""
    made: str = sdk.call("CreateResourceGroup", ResourceGroupName=name, **more)["ResourceGroupId"]
    return made


def listed(sdk: Sdk, **filters: Any) -> list[str]:
    """The names of the resource groups that a filter finds, in alphabetical order, whose total must agree."""
    answer = sdk.call("DescribeResourceGroups", PageSize=100, **filters)
    assert answer["TotalCount"] == str(len(answer["ResourceGroup"])), answer
    return sorted(group["ResourceGroupName"] for group in answer["ResourceGroup"])


def counts(sdk: Sdk) -> dict[str, str]:
    """How many resources each group holds."""
    groups = sdk.call("DescribeResourceGroups")["ResourceGroup"]
    return {group["ResourceGroupName"]: group["ResourceCount"] for group in groups}


def desktops(*names: str) -> list[dict[str, str]]:
    """Desktops of another system."""
    return [{"RegionId": "cn-shanghai", "ResourceId": f"ecd-{name}", "ResourceType": "DESKTOP"} for name in names]


def test_the_current_sdk_makes_fills_and_removes_a_group(server: Server) -> None:
    client = tea(server)

    made = client.create_resource_group(
        models.CreateResourceGroupRequest(
            resource_group_name="lab",
            platform="AliyunConsole",
            is_resource_group_with_office_site=0,
            enable_aliyun_resource_group=False,
            resource_classification="DESKTOP",
            agent_type="agent",
        )
    ).body.resource_group_id
    client.transfer_resources_into_group(
        models.TransferResourcesIntoGroupRequest(
            resource_group_id=made,
            platform="AliyunConsole",
            resources=[
                models.TransferResourcesIntoGroupRequestResources(
                    region_id="cn-shanghai", resource_id="ecd-1", resource_type="DESKTOP"
                )
            ],
        )
    )
    filled = client.describe_resource_groups(
        models.DescribeResourceGroupsRequest(
            resource_group_ids=[made],
            resource_group_name="LA",
            page_number=1,
            page_size=20,
            platform="AliyunConsole",
            need_contain_resource_group_with_office_site=0,
            resource_classification="DESKTOP",
            agent_type="agent",
        )
    ).body
    client.transfer_resources_outof_group(
        models.TransferResourcesOutofGroupRequest(
            resource_group_id=made,
            platform="AliyunConsole",
            resources=[
                models.TransferResourcesOutofGroupRequestResources(
                    region_id="cn-shanghai", resource_id="ecd-1", resource_type="DESKTOP"
                )
            ],
        )
    )
    emptied = client.describe_resource_groups(models.DescribeResourceGroupsRequest()).body
    client.delete_resource_group(models.DeleteResourceGroupRequest(resource_group_id=made))

    [lab] = filled.resource_group
    assert (filled.total_count, lab.resource_group_id, lab.resource_group_name) == ("1", made, "lab")
    assert (lab.resource_count, lab.auth_count, lab.agent_type) == ("1", "0", "agent")
    assert [group.resource_count for group in emptied.resource_group] == ["0"]
    assert client.describe_resource_groups(models.DescribeResourceGroupsRequest()).body.total_count == "0"


def test_a_group_comes_back_as_it_was_made(sdk: Sdk) -> None:
    begun = datetime.now(UTC) - timedelta(milliseconds=5)

    made = make(
        sdk,
        ODD_NAME,
        Platform="AliyunConsole",
        IsResourceGroupWithOfficeSite=0,
        EnableAliyunResourceGroup=True,
        ResourceClassification="DESKTOP",
        AgentType="agent",
        BusinessChannel="ENTERPRISE",
    )
    answer = sdk.call("DescribeResourceGroups", Platform="AliyunConsole", NeedContainResourceGroupWithOfficeSite=1)

    assert re.fullmatch("rg-[0-9a-z]{17}", made)
    [shown] = answer["ResourceGroup"]
    assert answer["TotalCount"] == "1"
    assert {**shown, "CreateTime": None} == {
        "ResourceGroupId": made,
        "ResourceGroupName": ODD_NAME,
        "AgentType": "agent",
        "ResourceCount": "0",
        "AuthCount": "0",
        "CreateTime": None,
        "Policies": [],
        "Timers": [],
        "AppRules": [],
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", shown["CreateTime"])
    assert begun <= datetime.fromisoformat(shown["CreateTime"]) <= datetime.now(UTC)


def test_groups_are_found_by_id_by_name_and_by_kind(sdk: Sdk) -> None:
    lab = make(sdk, "Lab", ResourceClassification="DESKTOP", AgentType="one")
    shop = make(sdk, "web shop", AgentType="two")
    make(sdk, "数据")
    everything = sorted(["Lab", "web shop", "数据"])

    finds: list[tuple[dict[str, Any], list[str]]] = [
        ({}, everything),
        ({"ResourceGroupName": "LAB"}, ["Lab"]),
        ({"ResourceGroupName": "ｓｈｏｐ"}, ["web shop"]),
        ({"ResourceGroupName": "据"}, ["数据"]),
        ({"ResourceGroupName": "%"}, []),
        ({"ResourceGroupName": ""}, everything),
        ({"ResourceGroupIds": [shop, lab, UNKNOWN_RESOURCE_GROUP]}, ["Lab", "web shop"]),
        ({"ResourceGroupIds": [shop], "ResourceGroupName": "lab"}, []),
        ({"ResourceGroupIds": [UNKNOWN_RESOURCE_GROUP, "lab"]}, []),
        ({"AliyunResourceGroupIds": [lab]}, []),
        ({"ResourceClassification": "DESKTOP"}, ["Lab"]),
        ({"AgentType": "two"}, ["web shop"]),
        ({"AgentType": "two", "ResourceClassification": "DESKTOP"}, []),
        ({"NeedContainResourceGroupWithOfficeSite": 0}, everything),
    ]

    for filters, names in finds:
        assert listed(sdk, **filters) == names, filters


def test_a_long_list_comes_in_numbered_pages(sdk: Sdk) -> None:
    names = [f"group {n:02}" for n in range(25)]
    for name in names:
        make(sdk, name)

    def page(**which: int) -> list[str]:
        answer = sdk.call("DescribeResourceGroups", **which)
        assert answer["TotalCount"] == "25"
        return [group["ResourceGroupName"] for group in answer["ResourceGroup"]]

    whole = page(PageSize=100)
    assert sorted(whole) == names
    assert page() == whole[:20] and page(PageNumber=2) == whole[20:]
    assert [page(PageNumber=n, PageSize=10) for n in (1, 2, 3, 4)] == [whole[:10], whole[10:20], whole[20:], []]


def test_a_name_is_taken_whatever_its_case_and_width(sdk: Sdk) -> None:
    lab = make(sdk, "Lab")
    group(sdk, "staff")

    taken = [refusal(sdk, "CreateResourceGroup", ResourceGroupName=name) for name in ("Lab", "LAB", "ｌａｂ", " lab ")]
    sdk.call("DeleteResourceGroup", ResourceGroupId=lab)
    again = make(sdk, "lab")

    assert set(taken) == {"400 ExistedResourceGroupName"}
    assert make(sdk, "staff") and again != lab


def test_of_many_who_take_a_name_at_once_one_gets_it(server: Server) -> None:
    def attempt(_: int) -> bool:
        try:
            return bool(make(Tea(server), "lab"))
        except Refused as refused:
            assert (refused.status, refused.code) == (400, "ExistedResourceGroupName")
            return False

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(attempt, range(8)))

    assert made.count(True) == 1
    assert listed(Tea(server)) == ["lab"]


def test_what_is_missing_or_wrong_is_named(sdk: Sdk) -> None:
    lab = make(sdk, "源" * 64)
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("CreateResourceGroup", {}, "MissingResourceGroupName"),
        ("CreateResourceGroup", {"ResourceGroupName": ""}, "MissingResourceGroupName"),
        ("CreateResourceGroup", {"ResourceGroupName": "源" * 65}, "InvalidResourceGroupName"),
        ("CreateResourceGroup", {"ResourceGroupName": "a\nb"}, "InvalidResourceGroupName"),
        ("CreateResourceGroup", {"ResourceGroupName": "new", "Platform": "Windows"}, "InvalidPlatform"),
        ("DeleteResourceGroup", {}, "MissingResourceGroupId"),
        ("DescribeResourceGroups", {"PageNumber": 0}, "InvalidPageNumber"),
        ("DescribeResourceGroups", {"PageSize": 0}, "InvalidPageSize"),
        ("DescribeResourceGroups", {"PageSize": 101}, "InvalidPageSize"),
        ("TransferResourcesIntoGroup", {"Resources": desktops("1")}, "MissingResourceGroupId"),
        ("TransferResourcesIntoGroup", {"ResourceGroupId": lab}, "MissingResources"),
        ("TransferResourcesIntoGroup", {"ResourceGroupId": lab, "Resources": desktops("1") * 101}, "InvalidResources"),
        (
            "TransferResourcesIntoGroup",
            {"ResourceGroupId": lab, "Resources": desktops("1"), "Platform": "Windows"},
            "InvalidPlatform",
        ),
        ("TransferResourcesOutofGroup", {"Resources": desktops("1")}, "MissingResourceGroupId"),
        ("TransferResourcesOutofGroup", {"ResourceGroupId": lab}, "MissingResources"),
        (
            "TransferResourcesOutofGroup",
            {"ResourceGroupId": lab, "Resources": desktops("1"), "Platform": "Windows"},
            "InvalidPlatform",
        ),
    ]

    for action, parameters, code in calls:
        assert refusal(sdk, action, **parameters) == f"400 {code}", (action, parameters)

    assert counts(sdk) == {"源" * 64: "0"}


def test_an_id_of_nothing_is_not_found(sdk: Sdk) -> None:
    lab, gone = make(sdk, "lab"), make(sdk, "gone")
    sdk.call("DeleteResourceGroup", ResourceGroupId=gone)
    sdk.call("TransferResourcesIntoGroup", ResourceGroupId=lab, Resources=desktops("1"))

    for wrong in [UNKNOWN_RESOURCE_GROUP, gone, lab.upper(), lab[:-1], "lab", group(sdk, "staff")]:
        refusals = [
            refusal(sdk, "DeleteResourceGroup", ResourceGroupId=wrong),
            refusal(sdk, "DeleteResourceGroup", ResourceGroupId=lab, ResourceGroupIds=[wrong]),
            refusal(sdk, "TransferResourcesIntoGroup", ResourceGroupId=wrong, Resources=desktops("2")),
            refusal(sdk, "TransferResourcesOutofGroup", ResourceGroupId=wrong, Resources=desktops("1")),
        ]
        target = refusal(
            sdk,
            "TransferResourcesOutofGroup",
            ResourceGroupId=lab,
            TargetResourceGroupId=wrong,
            Resources=desktops("1"),
        )
        assert set(refusals) == {"400 InvalidResourceGroupId.NotFound"}, (wrong, refusals)
        assert target == "400 InvalidTargetResourceGroupId.NotFound", wrong

    assert counts(sdk) == {"lab": "1"}


def test_resources_move_between_groups(sdk: Sdk) -> None:
    lab, shop = make(sdk, "lab"), make(sdk, "shop")

    sdk.call("TransferResourcesIntoGroup", ResourceGroupId=lab, Resources=desktops("1", "2", "3", "1"))
    filled = counts(sdk)
    sdk.call("TransferResourcesIntoGroup", ResourceGroupId=shop, Resources=desktops("3"))
    taken = counts(sdk)
    sdk.call("TransferResourcesOutofGroup", ResourceGroupId=lab, TargetResourceGroupId=shop, Resources=desktops("1"))
    handed = counts(sdk)
    sdk.call("TransferResourcesOutofGroup", ResourceGroupId=lab, Resources=desktops("2"))

    assert filled == {"lab": "3", "shop": "0"}
    assert taken == {"lab": "2", "shop": "1"}
    assert handed == {"lab": "1", "shop": "2"}
    assert counts(sdk) == {"lab": "0", "shop": "2"}


def test_a_deleted_group_leaves_its_resources_ungrouped(sdk: Sdk) -> None:
    lab, shop, rest = make(sdk, "lab"), make(sdk, "shop"), make(sdk, "rest")
    sdk.call("TransferResourcesIntoGroup", ResourceGroupId=lab, Resources=desktops("1"))

    sdk.call("DeleteResourceGroup", ResourceGroupId=lab, ResourceGroupIds=[shop, lab])
    sdk.call("TransferResourcesIntoGroup", ResourceGroupId=rest, Resources=desktops("1"))

    assert counts(sdk) == {"rest": "1"}
