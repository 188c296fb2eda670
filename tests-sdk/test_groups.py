"""User groups: made, listed, renamed, joined, left and removed."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from alibabacloud_eds_user20210308 import models

from harness import (
    ROOT_UNIT,
    UNKNOWN_GROUP,
    UNKNOWN_UNIT,
    Refused,
    Sdk,
    Server,
    Tea,
    create,
    described,
    found,
    group,
    pages,
    person,
    refusal,
    tea,
    unit,
)

ODD_NAME = "研发. 组 & + ~ % / \\ ' \" * < > 😀"


def listed(sdk: Sdk, **filters: Any) -> list[str]:
    """The names of the groups on a page, whose count must agree where nothing else is asked for."""
    answer = sdk.call("DescribeGroups", **filters)
    if "PageNumber" not in filters:
        assert answer["Count"] == len(answer["Groups"]), answer
    return [group["GroupName"] for group in answer["Groups"]]


def members(sdk: Sdk, group: str, **filters: Any) -> list[str]:
    """The names of a group's members, over all pages."""
    listed = pages(sdk, "DescribeGroupUser", GroupId=group, **filters)
    return [user["EndUserId"] for page in listed for user in page["Users"]]


def test_the_current_sdk_makes_fills_and_removes_a_group(server: Server) -> None:
    client = tea(server)
    create(Tea(server), "alice", "bob")

    made = client.create_group(models.CreateGroupRequest(group_name="staff", description="everybody")).body.group_id
    client.user_batch_join_group(models.UserBatchJoinGroupRequest(group_id=made, end_user_ids=["alice", "bob"]))
    client.user_batch_quit_group(models.UserBatchQuitGroupRequest(group_id=made, end_user_ids=["bob"]))
    client.modify_group(models.ModifyGroupRequest(group_id=made, new_group_name="crew"))
    groups = client.describe_groups(models.DescribeGroupsRequest(group_id=made, page_number=1, page_size=10)).body
    people = client.describe_group_user(models.DescribeGroupUserRequest(group_id=made, max_results=10)).body
    [alice] = client.describe_users(models.DescribeUsersRequest(group_id=made)).body.users
    client.remove_group(models.RemoveGroupRequest(group_ids=[made]))

    [crew] = groups.groups
    assert (groups.count, crew.group_id, crew.group_name, crew.description) == (1, made, "crew", "everybody")
    assert (crew.user_count, crew.transfer_file_need_approval) == (1, False)
    assert [(user.end_user_id, user.email) for user in people.users] == [("alice", "alice@example.com")]
    assert [(of.group_id, of.group_name) for of in alice.groups] == [(made, "crew")]
    assert client.describe_groups(models.DescribeGroupsRequest()).body.count == 0


def test_a_group_comes_back_as_it_was_made(sdk: Sdk) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=1)
    ignored = {"ParentGroupId": "root", "BizType": "ENTERPRISE", "SolutionId": "co-1", "BusinessChannel": "ENTERPRISE"}

    made = sdk.call("CreateGroup", GroupName=ODD_NAME, Description=f"{ODD_NAME}\n\tand more", **ignored)["GroupId"]
    [shown] = sdk.call("DescribeGroups")["Groups"]

    assert re.fullmatch("ug-[0-9a-z]{17}", made)
    assert (shown["GroupId"], shown["GroupName"]) == (made, ODD_NAME)
    assert (shown["Description"], shown["UserCount"]) == (f"{ODD_NAME}\n\tand more", 0)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", shown["CreateTime"])
    assert begun <= datetime.fromisoformat(shown["CreateTime"]) <= datetime.now(UTC)
    flags = [shown[flag] for flag in ("TransferFileNeedApproval", "UploadNeedApproval", "DownloadNeedApproval")]
    assert flags == [False, False, False]


def test_a_group_without_a_description_has_none(sdk: Sdk) -> None:
    group(sdk, "staff")

    [shown] = sdk.call("DescribeGroups")["Groups"]

    assert shown.get("Description", "") == ""


def test_groups_are_found_by_id_and_name_newest_first(sdk: Sdk) -> None:
    ids = {name: group(sdk, name) for name in ("Web dev", "dev", "数据")}
    newest = ["数据", "dev", "Web dev"]

    finds: list[tuple[dict[str, Any], list[str]]] = [
        ({}, newest),
        ({"GroupName": "DEV"}, ["dev", "Web dev"]),
        ({"GroupName": "ｗｅｂ"}, ["Web dev"]),
        ({"GroupName": "据"}, ["数据"]),
        ({"GroupName": "d*v"}, ["dev"]),
        ({"GroupName": "%"}, []),
        ({"GroupName": ""}, newest),
        ({"GroupId": ids["dev"]}, ["dev"]),
        ({"GroupId": ids["dev"], "GroupName": "web"}, []),
        ({"GroupId": UNKNOWN_GROUP}, []),
        ({"GroupId": "staff"}, []),
        ({"TransferFileNeedApproval": False}, newest),
        ({"TransferFileNeedApproval": True}, []),
        ({"ExcludeAttachedLoginPolicyGroups": True}, newest),
        ({"BizType": "ENTERPRISE", "SolutionId": "co-1"}, newest),
    ]

    for filters, names in finds:
        assert listed(sdk, **filters) == names, filters


def test_filters_on_what_belongs_to_others_are_refused(sdk: Sdk) -> None:
    assert refusal(sdk, "DescribeGroups", LoginPolicyId="lp-1") == "400 UnsupportedParameter.LoginPolicyId"
    assert refusal(sdk, "DescribeGroups", IdpId="idp-1") == "400 UnsupportedParameter.IdpId"


def test_a_long_list_of_groups_comes_in_numbered_pages(sdk: Sdk) -> None:
    names = [f"group {n:03}" for n in range(102)]
    for name in names:
        group(sdk, name)
    names.reverse()

    def page(**which: int) -> tuple[int, list[str]]:
        answer = sdk.call("DescribeGroups", **which)
        return answer["Count"], [group["GroupName"] for group in answer["Groups"]]

    assert page() == (102, names[:10])
    assert page(PageNumber=2) == (102, names[10:20])
    assert page(PageNumber=2, PageSize=40) == (102, names[40:80])
    assert page(PageNumber=1, PageSize=200) == (102, names[:100])
    assert page(PageNumber=2, PageSize=200) == (102, names[100:])
    assert page(PageNumber=3, PageSize=100) == (102, [])
    assert page(PageNumber=2_147_483_647, PageSize=100) == (102, [])


def test_a_name_is_taken_whatever_its_case_and_width(sdk: Sdk) -> None:
    staff, crew = group(sdk, "Staff"), group(sdk, "crew")

    taken = [refusal(sdk, "CreateGroup", GroupName=name) for name in ("Staff", "STAFF", "ｓｔａｆｆ", " staff ")]
    renamed = refusal(sdk, "ModifyGroup", GroupId=crew, NewGroupName="sTAFF")
    sdk.call("ModifyGroup", GroupId=staff, NewGroupName="STAFF")
    sdk.call("RemoveGroup", GroupId=crew)
    again = group(sdk, "crew")

    assert {*taken, renamed} == {"400 ExistedGroupName"}
    assert listed(sdk) == ["crew", "STAFF"]
    assert again != crew


def test_of_many_who_take_a_name_at_once_one_gets_it(server: Server) -> None:
    def make(_: int) -> bool:
        try:
            return bool(group(Tea(server), "staff"))
        except Refused as refused:
            assert (refused.status, refused.code) == (400, "ExistedGroupName")
            return False

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(make, range(8)))

    assert made.count(True) == 1
    assert listed(Tea(server)) == ["staff"]


def test_names_and_descriptions_have_bounds(sdk: Sdk) -> None:
    staff = sdk.call("CreateGroup", GroupName="员" * 64, Description="员" * 256)["GroupId"]
    wrong = {"员" * 65: "Invalid", "a\nb": "Invalid", "a\x1bb": "Invalid", "": "Missing"}

    for name, kind in wrong.items():
        assert refusal(sdk, "CreateGroup", GroupName=name) == f"400 {kind}GroupName", name
        assert refusal(sdk, "ModifyGroup", GroupId=staff, NewGroupName=name) == f"400 {kind}NewGroupName", name
    for text in ["员" * 257, "a\x00b"]:
        assert refusal(sdk, "CreateGroup", GroupName="crew", Description=text) == "400 InvalidDescription"
        assert (
            refusal(sdk, "ModifyGroup", GroupId=staff, NewGroupName="crew", Description=text)
            == "400 InvalidDescription"
        )

    assert listed(sdk) == ["员" * 64]


def test_a_description_is_kept_if_absent_and_cleared_if_empty(sdk: Sdk) -> None:
    staff = sdk.call("CreateGroup", GroupName="staff", Description="everybody")["GroupId"]

    def description(**change: str) -> tuple[str, str]:
        sdk.call("ModifyGroup", GroupId=staff, **change)
        [shown] = sdk.call("DescribeGroups", GroupId=staff)["Groups"]
        return shown["GroupName"], shown.get("Description", "")

    assert description(NewGroupName="crew") == ("crew", "everybody")
    assert description(NewGroupName="crew", Description="no longer all") == ("crew", "no longer all")
    assert description(NewGroupName="crew", Description="") == ("crew", "")


def test_what_is_missing_or_out_of_range_is_named(sdk: Sdk) -> None:
    staff = group(sdk, "staff")
    many = [f"user_{n}" for n in range(101)]
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("CreateGroup", {}, "MissingGroupName"),
        ("ModifyGroup", {"NewGroupName": "crew"}, "MissingGroupId"),
        ("ModifyGroup", {"GroupId": staff}, "MissingNewGroupName"),
        ("RemoveGroup", {}, "MissingGroupId"),
        ("UserBatchJoinGroup", {"EndUserIds": ["alice"]}, "MissingGroupId"),
        ("UserBatchJoinGroup", {"GroupId": staff}, "MissingEndUserIds"),
        ("UserBatchJoinGroup", {"GroupId": staff, "EndUserIds": many}, "InvalidEndUserIds"),
        ("UserBatchQuitGroup", {"EndUserIds": ["alice"]}, "MissingGroupId"),
        ("UserBatchQuitGroup", {"GroupId": staff}, "MissingEndUserIds"),
        ("UserBatchQuitGroup", {"GroupId": staff, "EndUserIds": many}, "InvalidEndUserIds"),
        ("DescribeGroupUser", {}, "MissingGroupId"),
        ("DescribeGroupUser", {"GroupId": staff, "MaxResults": 0}, "InvalidMaxResults"),
        ("DescribeGroupUser", {"GroupId": staff, "MaxResults": 101}, "InvalidMaxResults"),
        ("DescribeGroups", {"PageNumber": 0}, "InvalidPageNumber"),
        ("DescribeGroups", {"PageSize": 0}, "InvalidPageSize"),
        ("DescribeGroups", {"PageSize": 201}, "InvalidPageSize"),
    ]

    for action, parameters, code in calls:
        assert refusal(sdk, action, **parameters) == f"400 {code}", (action, parameters)


def test_an_id_of_nothing_is_not_found(sdk: Sdk) -> None:
    staff, gone = group(sdk, "staff"), group(sdk, "gone")
    sdk.call("RemoveGroup", GroupId=gone)
    create(sdk, "alice")

    for wrong in [UNKNOWN_GROUP, gone, staff.upper(), staff[:-1], "staff", unit(sdk, "dev"), ROOT_UNIT]:
        refusals = [
            refusal(sdk, "ModifyGroup", GroupId=wrong, NewGroupName="new"),
            refusal(sdk, "RemoveGroup", GroupId=wrong),
            refusal(sdk, "RemoveGroup", GroupIds=[staff, wrong]),
            refusal(sdk, "UserBatchJoinGroup", GroupId=wrong, EndUserIds=["alice"]),
            refusal(sdk, "UserBatchQuitGroup", GroupId=wrong, EndUserIds=["alice"]),
            refusal(sdk, "DescribeGroupUser", GroupId=wrong),
        ]
        assert set(refusals) == {"400 InvalidGroupId.NotFound"}, (wrong, refusals)

    assert listed(sdk) == ["staff"], "a call with one wrong id removes nothing"


def test_people_join_and_leave(sdk: Sdk) -> None:
    create(sdk, "alice", "bob", "carol")
    staff, crew = group(sdk, "staff", "carol"), group(sdk, "crew", "bob")

    sdk.call("UserBatchJoinGroup", GroupId=staff, EndUserIds=["ALICE", "alice", "bob"])
    joined = members(sdk, staff)
    sdk.call("UserBatchQuitGroup", GroupId=staff, EndUserIds=["Carol", "carol"])
    sdk.call("UserBatchQuitGroup", GroupId=crew, EndUserIds=["alice", "bob"])

    assert joined == ["carol", "alice", "bob"], "in the order of joining"
    assert members(sdk, staff) == ["alice", "bob"] and members(sdk, crew) == []
    assert found(sdk, GroupId=staff) == ["alice", "bob"]
    assert found(sdk, ExcludeGroupId=staff) == ["carol"]
    assert found(sdk, GroupId=staff, ExcludeGroupId=crew) == ["alice", "bob"]
    counts = {shown["GroupName"]: shown["UserCount"] for shown in sdk.call("DescribeGroups")["Groups"]}
    assert counts == {"staff": 2, "crew": 0}


def test_a_user_is_shown_with_all_groups(sdk: Sdk) -> None:
    create(sdk, "alice")
    ids = {name: group(sdk, name, "alice") for name in ("staff", "crew")}

    shown = described(sdk, "alice")["Groups"]

    assert {of["GroupName"]: of["GroupId"] for of in shown} == ids


def test_who_is_made_with_groups_is_in_them(sdk: Sdk) -> None:
    staff, crew = group(sdk, "staff"), group(sdk, "crew")
    users = [
        person("alice", GroupIdList=[staff, crew]),
        person("bob", GroupIdList=[crew, crew]),
        person("carol", GroupIdList=[staff, UNKNOWN_GROUP]),
        person("dave", GroupIdList=[staff], OrgId=UNKNOWN_UNIT),
    ]

    answer = sdk.call("CreateUsers", Users=users)

    assert [(item["EndUserId"], item["ErrorCode"]) for item in answer["CreateResult"]["FailedUsers"]] == [
        ("carol", "InvalidGroupId.NotFound"),
        ("dave", "InvalidOrgId.NotFound"),
    ]
    assert (members(sdk, staff), members(sdk, crew)) == (["alice"], ["alice", "bob"])


def test_nobody_joins_or_leaves_if_one_is_unknown(sdk: Sdk) -> None:
    create(sdk, "alice", "bob")
    staff = group(sdk, "staff", "alice")

    joining = refusal(sdk, "UserBatchJoinGroup", GroupId=staff, EndUserIds=["bob", "nobody"])
    leaving = refusal(sdk, "UserBatchQuitGroup", GroupId=staff, EndUserIds=["alice", "nobody"])

    assert joining == leaving == "400 InvalidEndUserIds.NotFound"
    assert members(sdk, staff) == ["alice"]


def test_joining_again_keeps_the_first_time(sdk: Sdk) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=1)
    create(sdk, "alice", "bob")
    staff = group(sdk, "staff", "alice")
    first = sdk.call("DescribeGroupUser", GroupId=staff)["Users"][0]

    sdk.call("UserBatchJoinGroup", GroupId=staff, EndUserIds=["bob", "alice"])
    again = sdk.call("DescribeGroupUser", GroupId=staff)["Users"][0]

    assert again == first
    for time in (first["GmtCreated"], first["GmtJoinGroup"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", time)
    created, joined = (datetime.fromisoformat(first[name]) for name in ("GmtCreated", "GmtJoinGroup"))
    assert begun <= created <= joined <= datetime.now(UTC)


def test_a_member_is_shown_with_every_field(sdk: Sdk) -> None:
    user = person("alice", Phone="13800000000", Remark=f"an {ODD_NAME}", RealNickName="爱丽丝")
    staff = group(sdk, "staff")
    assert sdk.call("CreateUsers", Users=[{**user, "GroupIdList": [staff]}])["AllSucceed"]
    create(sdk, "bob", GroupIdList=[staff])

    [alice, bob] = sdk.call("DescribeGroupUser", GroupId=staff)["Users"]

    fields = ("EndUserId", "Email", "Phone", "Remark")
    assert {name: alice[name] for name in fields} == {name: user[name] for name in fields}
    assert alice["NickName"] == "爱丽丝"
    assert set(bob) == {"EndUserId", "Email", "NickName", "GmtCreated", "GmtJoinGroup"}
    assert bob["NickName"] == "bob"


def test_members_come_in_pages_and_by_text(sdk: Sdk) -> None:
    people = [f"user_{n:03}" for n in range(101)]
    create(sdk, *people[:100])
    create(sdk, people[100], "stranger_001")
    staff = group(sdk, "staff", *people[:50])
    sdk.call("UserBatchJoinGroup", GroupId=staff, EndUserIds=people[50:100])
    sdk.call("UserBatchJoinGroup", GroupId=staff, EndUserIds=people[100:])

    listed = list(pages(sdk, "DescribeGroupUser", GroupId=staff, MaxResults=40, BizType="ENTERPRISE", SolutionId="co"))

    assert [len(page["Users"]) for page in listed] == [40, 40, 21]
    assert [user["EndUserId"] for page in listed for user in page["Users"]] == people
    assert len(sdk.call("DescribeGroupUser", GroupId=staff)["Users"]) == 100
    finds = {text: members(sdk, staff, Filter=text) for text in ("USER_01", "*1@example.com", "001", "user_05*", "%")}
    assert finds == {
        "USER_01": people[10:20],
        "*1@example.com": people[1::10],
        "001": ["user_001"],
        "user_05*": people[50:60],
        "%": [],
    }


def test_a_token_serves_no_other_list(sdk: Sdk) -> None:
    create(sdk, "alice", "alina", "bob")
    staff, crew = group(sdk, "staff", "alice", "alina", "bob"), group(sdk, "crew", "bob")
    token = sdk.call("DescribeGroupUser", GroupId=staff, Filter="ali", MaxResults=1)["NextToken"]

    assert token
    refusals = [
        refusal(sdk, "DescribeGroupUser", GroupId=staff, NextToken=token),
        refusal(sdk, "DescribeGroupUser", GroupId=staff, Filter="bob", NextToken=token),
        refusal(sdk, "DescribeGroupUser", GroupId=crew, Filter="ali", NextToken=token),
        refusal(sdk, "DescribeUsers", GroupId=staff, Filter="ali", NextToken=token),
        refusal(sdk, "DescribeGroupUser", GroupId=staff, Filter="ali", NextToken=f"{token}x"),
    ]
    assert refusals == ["400 InvalidNextToken"] * 5
    sdk.call("UserBatchQuitGroup", GroupId=staff, EndUserIds=["alice"])
    [rest] = sdk.call("DescribeGroupUser", GroupId=staff, Filter="ali", MaxResults=50, NextToken=token)["Users"]
    assert rest["EndUserId"] == "alina"


def test_a_removed_group_leaves_its_members(sdk: Sdk) -> None:
    create(sdk, "alice", "bob")
    staff, crew, rest = group(sdk, "staff", "alice", "bob"), group(sdk, "crew", "alice"), group(sdk, "rest", "alice")

    sdk.call("RemoveGroup", GroupId=staff, GroupIds=[crew, staff])

    assert listed(sdk) == ["rest"]
    assert described(sdk, "alice")["Groups"] == [{"GroupId": rest, "GroupName": "rest"}]
    assert described(sdk, "bob")["Groups"] == []
    assert found(sdk, GroupId=staff) == []


def test_a_removed_user_leaves_the_groups(sdk: Sdk) -> None:
    create(sdk, "alice", "bob")
    staff = group(sdk, "staff", "alice", "bob")

    sdk.call("RemoveUsers", Users=["alice"])
    create(sdk, "alice")

    [shown] = sdk.call("DescribeGroups", GroupId=staff)["Groups"]
    assert shown["UserCount"] == 1
    assert members(sdk, staff) == ["bob"]


def test_people_who_join_at_once_are_counted_once(server: Server) -> None:
    sdk = Tea(server)
    people = [f"user_{n:02}" for n in range(40)]
    create(sdk, *people)
    staff = group(sdk, "staff")

    def join(at: int) -> None:
        Tea(server).call("UserBatchJoinGroup", GroupId=staff, EndUserIds=people[at : at + 20])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(join, [0, 20, 10, 5, 15, 0, 20, 10]))

    [shown] = sdk.call("DescribeGroups", GroupId=staff)["Groups"]
    assert shown["UserCount"] == 40
    assert sorted(members(sdk, staff)) == people == found(sdk, GroupId=staff)
