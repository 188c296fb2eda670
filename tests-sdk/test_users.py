"""Users are created, described, changed and removed."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alibabacloud_eds_user20210308 import models

from harness import (
    PASSWORD,
    ROOT_UNIT,
    Core,
    Refused,
    Sdk,
    Server,
    Tea,
    answer_to,
    bind,
    create,
    described,
    found,
    person,
    property_of,
    refusal,
    tea,
    unit,
    v1,
    within,
)

ESCAPED = "研发 爱丽丝 😀 + ~ * & = % \" ' < > # ? / \\ %41 ;"


def failures(answer: dict[str, Any], result: str = "CreateResult") -> list[tuple[str, str]]:
    """Name and code of each item that failed."""
    return [(item["EndUserId"], item["ErrorCode"]) for item in answer[result]["FailedUsers"]]


def test_the_current_sdk_creates_finds_and_removes_a_user(server: Server) -> None:
    client = tea(server)

    created = client.create_users(
        models.CreateUsersRequest(
            password=PASSWORD,
            users=[
                models.CreateUsersRequestUsers(end_user_id="alice", email="alice@example.com", real_nick_name="爱丽丝")
            ],
        )
    ).body
    found = client.describe_users(models.DescribeUsersRequest(end_user_ids=["alice"], max_results=10)).body
    removed = client.remove_users(models.RemoveUsersRequest(users=["alice"])).body

    assert created.all_succeed and created.create_result.created_users[0].end_user_id == "alice"
    assert (found.count, found.users[0].real_nick_name, found.users[0].status) == (1, "爱丽丝", 0)
    assert removed.remove_users_result.removed_users == ["alice"]
    assert client.describe_users(models.DescribeUsersRequest()).body.users == []


@pytest.mark.parametrize(("maker", "reader"), [(Tea, Tea), (Core, Core), (Tea, Core), (Core, Tea)])
def test_what_one_generation_creates_the_other_finds_and_removes(
    server: Server, maker: type[Tea | Core], reader: type[Tea | Core]
) -> None:
    create(maker(server), "alice", "bob")

    names = found(reader(server))
    removed = reader(server).call("RemoveUsers", Users=["alice"])["RemoveUsersResult"]

    assert names == ["alice", "bob"]
    assert removed == {"RemovedUsers": ["alice"], "FailedUsers": []}
    assert found(maker(server)) == ["bob"]


def test_every_field_comes_back(sdk: Sdk) -> None:
    user = person("alice", Phone="13800000000", Remark=ESCAPED, RealNickName="张三 " + ESCAPED, OrgId=ROOT_UNIT)

    created = sdk.call("CreateUsers", Password=PASSWORD, PasswordExpireDays="30", IsLocalAdmin=True, Users=[user])
    [read] = sdk.call("DescribeUsers", EndUserIds=["alice"])["Users"]

    assert created["AllSucceed"] is True
    assert created["CreateResult"]["CreatedUsers"] == [{name: user[name] for name in user if name != "OrgId"}]
    assert {name: read[name] for name in user} == user
    assert read["NickName"] == user["RealNickName"]
    assert read["Orgs"][0]["OrgId"] == ROOT_UNIT
    assert (read["Status"], read["OwnerType"], read["EnableAdminAccess"]) == (0, "Normal", True)
    assert (read["PasswordExpireDays"], read["PasswordExpireRestDays"]) == (30, 30)
    assert read["Groups"] == [] and read["IsTenantManager"] is False
    assert isinstance(read["Id"], int) and re.fullmatch("[0-9a-f]{16}", read["WyId"])


def test_a_field_without_a_value_is_absent_and_a_list_without_members_is_not(server: Server) -> None:
    create(Tea(server), "alice")

    [read] = answer_to(server, v1(server, "DescribeUsers")).json["Users"]

    assert not {"Phone", "Remark", "RealNickName", "PasswordExpireDays", "Address", "JobNumber", "Extras"} & set(read)
    assert read["NickName"] == "alice" and read["Groups"] == []
    assert None not in read.values()


def test_a_user_with_a_password_of_the_admins_choice_needs_no_address(sdk: Sdk) -> None:
    with_password = {"EndUserId": "alice", "OwnerType": "CreateFromManager", "Password": PASSWORD}
    without = {"EndUserId": "bob_1", "OwnerType": "CreateFromManager"}

    answer = sdk.call("CreateUsers", Users=[with_password, without])

    assert failures(answer) == [("bob_1", "InvalidPassword")]
    assert found(sdk) == ["alice"]


def test_items_fail_one_by_one_and_the_others_are_created(sdk: Sdk) -> None:
    create(sdk, "taken")
    wrong = [
        (person("taken"), "ExistedEndUserId"),
        (person("ab"), "InvalidUsername"),
        (person("a" * 25), "InvalidUsername"),
        (person("Alice"), "InvalidUsername"),
        (person("张三三", Email="three@example.com"), "InvalidUsername"),
        ({"EndUserId": "no_contact"}, "MissingEmailOrPhone"),
        ({"EndUserId": "bad_mail", "Email": "nobody"}, "InvalidEmail"),
        ({"EndUserId": "local_mail", "Email": "someone@host.local"}, "InvalidEmail"),
        ({"EndUserId": "bad_phone", "Phone": "12"}, "InvalidPhone"),
        (person("bad_owner", OwnerType="Nobody"), "InvalidOwnerType"),
        (person("short_word", Password="Ab1!"), "InvalidPassword"),
        (person("plain_word", Password="abcdefghijkl"), "InvalidPassword"),
        (person("no_org", OrgId="org-00000000000000000"), "InvalidOrgId.NotFound"),
        (person("no_group", GroupIdList=["ug-00000000000000000"]), "InvalidGroupId.NotFound"),
        (person("twice", Phone="13800000000"), "ExistedEndUserId"),
    ]
    right = [person("first"), person("twice"), person("last")]

    answer = sdk.call("CreateUsers", Users=[*right[:2], *(user for user, _ in wrong), right[2]])

    assert answer["AllSucceed"] is False
    assert [user["EndUserId"] for user in answer["CreateResult"]["CreatedUsers"]] == ["first", "twice", "last"]
    assert failures(answer) == [(user["EndUserId"], code) for user, code in wrong]
    assert answer["CreateResult"]["FailedUsers"][0]["ErrorMessage"] == "The username taken is used by another user."
    assert found(sdk) == ["taken", "first", "twice", "last"]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"Users": []}, "MissingUsers"),
        ({"Users": [person(f"user_{n}") for n in range(101)]}, "InvalidUsers"),
        ({"Users": [person("alice")], "AutoLockTime": "2020-01-01"}, "InvalidAutoLockTime"),
        ({"Users": [person("alice")], "AutoLockTime": "tomorrow"}, "InvalidAutoLockTime"),
        ({"Users": [person("alice")], "PasswordExpireDays": "29"}, "InvalidPasswordExpireDays"),
        ({"Users": [person("alice")], "PasswordExpireDays": "a month"}, "InvalidPasswordExpireDays"),
    ],
    ids=lambda value: value if isinstance(value, str) else "with",
)
def test_a_wrong_call_creates_nobody(sdk: Sdk, parameters: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        sdk.call("CreateUsers", **parameters)

    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert found(sdk) == []


def test_a_hundred_passwords_are_hashed_before_the_sdk_gives_up(sdk: Sdk) -> None:
    users = [person(f"user_{n}", Password=f"{PASSWORD}{n}") for n in range(100)]

    answer = sdk.call("CreateUsers", Users=users)

    assert answer["AllSucceed"] is True
    assert len(found(sdk)) == 100


def test_of_many_who_take_a_name_at_once_one_gets_it(server: Server) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: Tea(server).call("CreateUsers", Users=[person("alice")]), range(8)))

    assert sorted(len(failures(answer)) for answer in answers) == [0] + [1] * 7
    assert {code for answer in answers for _, code in failures(answer)} == {"ExistedEndUserId"}
    assert found(Tea(server)) == ["alice"]


def test_a_user_is_locked_when_the_time_comes(sdk: Sdk) -> None:
    soon = datetime.now(UTC) + timedelta(hours=8, seconds=4)  # times without a zone are those of +08:00
    sdk.call("CreateUsers", AutoLockTime=soon.strftime("%Y-%m-%d %H:%M:%S"), Users=[person("alice")])
    create(sdk, "bob")

    before = found(sdk, Status=0), found(sdk, Status=9)
    time.sleep(3)
    within(5, lambda: found(sdk, Status=9) == ["alice"])

    assert before == (["alice", "bob"], [])
    assert found(sdk, Status=0) == ["bob"]
    assert [user["Status"] for user in sdk.call("DescribeUsers")["Users"]] == [9, 0]


def test_removing_an_unknown_user_fails_for_that_item_alone(sdk: Sdk) -> None:
    create(sdk, "alice", "bob")

    answer = sdk.call("RemoveUsers", Users=["nobody", "Alice", "Alice"])["RemoveUsersResult"]

    assert answer["RemovedUsers"] == ["Alice"]
    assert failures({"Result": answer}, "Result") == [("nobody", "InvalidUsername")]
    assert answer["FailedUsers"][0]["ErrorMessage"] == "nobody is an invalid username."
    assert found(sdk) == ["bob"]


def test_removing_needs_one_to_five_hundred_names(sdk: Sdk) -> None:
    with pytest.raises(Refused, match="400 MissingUsers"):
        sdk.call("RemoveUsers", Users=[])
    with pytest.raises(Refused, match="400 InvalidUsers"):
        sdk.call("RemoveUsers", Users=[f"user_{n}" for n in range(501)])


def test_a_removed_users_name_is_free_but_their_number_is_not(sdk: Sdk) -> None:
    create(sdk, "alice")
    [first] = sdk.call("DescribeUsers")["Users"]
    sdk.call("RemoveUsers", Users=["alice"])

    create(sdk, "alice")
    [second] = sdk.call("DescribeUsers")["Users"]

    assert first["Id"] < second["Id"] and first["WyId"] != second["WyId"]


def contact(sdk: Sdk, name: str) -> tuple[str | None, str | None]:
    """A user's e-mail address and phone."""
    user = described(sdk, name)
    return user.get("Email"), user.get("Phone")


def test_the_current_sdk_changes_a_user_and_reads_the_change(server: Server) -> None:
    client = tea(server)
    create(Tea(server), "alice")

    client.modify_user(models.ModifyUserRequest(end_user_id="alice", email="a@example.org", phone="13800000000"))
    client.batch_set_desktop_manager(models.BatchSetDesktopManagerRequest(users=["alice"], is_desktop_manager="1"))
    alice = client.describe_user(
        models.DescribeUserRequest(end_user_id="alice", require_extra_attributes=["Properties", "OrgPaths"])
    ).body.user
    [listed] = client.describe_users(models.DescribeUsersRequest()).body.users

    assert (alice.end_user_id, alice.email, alice.phone, alice.status) == ("alice", "a@example.org", "13800000000", 0)
    assert (alice.wy_id, alice.nick_name, alice.org_ids) == (listed.wy_id, "alice", [ROOT_UNIT])
    assert (alice.org_paths, alice.properties) == (["root"], [])
    assert alice.gmt_create > 0
    assert listed.enable_admin_access is True


def test_contact_data_is_kept_if_absent_and_cleared_if_empty(sdk: Sdk) -> None:
    create(sdk, "alice", Phone="13800000000")

    def after(**change: str) -> tuple[str | None, str | None]:
        sdk.call("ModifyUser", EndUserId="ALICE", **change)
        return contact(sdk, "alice")

    assert after() == ("alice@example.com", "13800000000")
    assert after(Email="new@example.com") == ("new@example.com", "13800000000")
    assert after(Phone="+86 138-0000-0001") == ("new@example.com", "13800000001")
    assert after(Email="") == (None, "13800000001")
    assert after(Email="back@example.com", Phone="") == ("back@example.com", None)


def test_new_contact_data_is_checked(sdk: Sdk) -> None:
    create(sdk, "alice", Phone="13800000000")
    wrong = [
        ({"EndUserId": "alice", "Email": "nobody"}, "InvalidEmail"),
        ({"EndUserId": "alice", "Email": "a@host.local"}, "InvalidEmail"),
        ({"EndUserId": "alice", "Email": f"{'a' * 120}@example.com"}, "InvalidEmail"),
        ({"EndUserId": "alice", "Phone": "12"}, "InvalidPhone"),
        ({"EndUserId": "alice", "Email": "new@example.com", "Phone": "23800000000"}, "InvalidPhone"),
        ({"EndUserId": "alice", "Email": "", "Phone": ""}, "MissingEmailOrPhone"),
        ({"EndUserId": "nobody", "Email": "new@example.com"}, "InvalidEndUserId.NotFound"),
        ({"Email": "new@example.com"}, "MissingEndUserId"),
    ]

    for parameters, code in wrong:
        assert refusal(sdk, "ModifyUser", **parameters) == f"400 {code}", parameters

    assert contact(sdk, "alice") == ("alice@example.com", "13800000000")


def test_only_a_managed_user_may_lose_every_address(sdk: Sdk) -> None:
    managed = person("alice", OwnerType="CreateFromManager", Password=PASSWORD)
    assert sdk.call("CreateUsers", Users=[managed])["AllSucceed"]
    create(sdk, "bob")

    sdk.call("ModifyUser", EndUserId="alice", Email="")

    assert contact(sdk, "alice") == (None, None)
    assert refusal(sdk, "ModifyUser", EndUserId="bob", Email="") == "400 MissingEmailOrPhone"
    assert contact(sdk, "bob") == ("bob@example.com", None)


def test_who_has_a_new_address_is_found_by_it_alone(sdk: Sdk) -> None:
    create(sdk, "alice", "bob")

    sdk.call("ModifyUser", EndUserId="alice", Email="Someone.Else@Example.org")
    sdk.call("ModifyUser", EndUserId="bob", Email="someone.else@example.org")

    assert found(sdk, Filter="alice@example") == []
    assert found(sdk, Filter="someone.else@") == ["alice", "bob"], "an address is not unique"


def test_one_user_is_described_with_what_is_asked_for(sdk: Sdk) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=1)
    dev = unit(sdk, "dev")
    key, values = property_of(sdk, "job", "coder", "boss")
    create(sdk, "alice", Phone="13800000000", Remark=ESCAPED, RealNickName="爱丽丝", OrgId=dev)
    bind(sdk, "alice", key, values["coder"])
    bind(sdk, "alice", key, values["boss"])
    sdk.call("LockUsers", Users=["alice"])
    listed = described(sdk, "alice")

    plain = sdk.call("DescribeUser", EndUserId="ALICE")["User"]
    asked = sdk.call(
        "DescribeUser",
        EndUserId="alice",
        RequireExtraAttributes=["Properties", "OrgPaths", "Extras", "ExternalInfo", "Unknown"],
    )["User"]

    same = ("EndUserId", "WyId", "Email", "Phone", "NickName", "Remark", "Status")
    assert {name: plain[name] for name in same} == {name: listed[name] for name in same}
    assert (plain["Status"], plain["NickName"], plain["OrgIds"]) == (9, "爱丽丝", [dev])
    assert begun.timestamp() * 1000 <= plain["GmtCreate"] <= datetime.now(UTC).timestamp() * 1000
    assert not plain.get("Properties") and not plain.get("OrgPaths") and "ExternalInfo" not in plain
    assert {name: asked[name] for name in same} == {name: plain[name] for name in same}
    assert asked["OrgPaths"] == ["root/dev"]
    properties = sorted((of["Key"], of["Value"]) for of in asked["Properties"])
    assert properties == [("job", "boss"), ("job", "coder")]


def test_describing_nobody_is_refused(sdk: Sdk) -> None:
    create(sdk, "alice")
    sdk.call("RemoveUsers", Users=["alice"])

    assert refusal(sdk, "DescribeUser", EndUserId="alice") == "400 InvalidEndUserId.NotFound"
    assert refusal(sdk, "DescribeUser", EndUserId="") == "400 MissingEndUserId"
    assert refusal(sdk, "DescribeUser") == "400 MissingEndUserId"


def test_local_administrators_are_named_and_unnamed(sdk: Sdk) -> None:
    create(sdk, "alice", "bob", "carol")

    def named() -> list[bool]:
        return [described(sdk, name)["EnableAdminAccess"] for name in ("alice", "bob", "carol")]

    sdk.call("BatchSetDesktopManager", Users=["ALICE", "alice", "bob"])
    by_default = named()
    sdk.call("BatchSetDesktopManager", Users=["alice"], IsDesktopManager="0")
    taken = named()
    sdk.call("BatchSetDesktopManager", Users=["carol", "bob"], IsDesktopManager="1")
    given = named()
    refusals = [
        refusal(sdk, "BatchSetDesktopManager", Users=["alice", "nobody"]),
        refusal(sdk, "BatchSetDesktopManager", Users=["alice"], IsDesktopManager="2"),
        refusal(sdk, "BatchSetDesktopManager", Users=["alice"], IsDesktopManager="true"),
        refusal(sdk, "BatchSetDesktopManager", Users=[f"user_{n}" for n in range(501)]),
        refusal(sdk, "BatchSetDesktopManager"),
    ]

    assert (by_default, taken, given) == ([True, True, False], [False, True, False], [False, True, True])
    assert refusals == [
        "400 InvalidUsers.NotFound",
        "400 InvalidIsDesktopManager",
        "400 InvalidIsDesktopManager",
        "400 InvalidUsers",
        "400 MissingUsers",
    ]
    assert named() == given, "what is refused changes nobody"
