"""EIAM: what programs do from end to end, and the worked examples of the reference."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from eiam import ID, REQUEST_ID, Instance, address, answered, fault, instances, new_instance, phone, unknown
from harness import (
    EIAM,
    UNBROKEN_PASSWORD,
    Answer,
    Core,
    Refused,
    Request,
    Server,
    Tea,
    answer_to,
    v1,
    v3,
)


def test_an_onboarding_program_sets_up_and_takes_down_a_company(instance: Instance) -> None:
    sdk = instance.sdk

    # An instance with a tree, groups, fields and a policy for passwords.
    token = uuid4().hex
    made = {answered(sdk, "CreateInstance", Description="Example Inc.", ClientToken=token)["InstanceId"] for _ in "ab"}
    [id] = made
    at = Instance(sdk, id)
    units = {"": at.root}
    for path in ("dev", "dev/web", "dev/data", "sales", "sales/east", "sales/west"):
        above, _, name = path.rpartition("/")
        units[path] = at.unit(name, units[above])
    leads, remote = at.group("leads", Description="who leads"), at.group("remote")
    at.field("job", "select", "string", "engineer", "manager", Required=True, DefaultValue="engineer")
    at.field("languages", "checkbox", "string", "zh", "en", "fr")
    badge = at.field("badge", type="number", Unique=True)
    at.call(
        "SetPasswordInitializationConfiguration",
        PasswordInitializationStatus="enabled",
        PasswordInitializationType="random",
        PasswordForcedUpdateStatus="enabled",
        PasswordInitializationNotificationChannels=["email"],
    )

    # Thirty people; each call is made again, as after an answer that got lost.
    people: dict[str, str] = {}
    for n in range(30):
        name = f"user_{n:02}"
        place = list(units.values())[1 + n % 6]
        given = {
            "Username": name,
            "DisplayName": f"Person {n:02}",
            **address(f"{name}@example.com", verified=True),
            **phone("86", f"138{n:08}"),
            "UserExternalId": f"hr-{n}",
            "PrimaryOrganizationalUnitId": place,
            "CustomFields": [
                {"FieldName": "badge", "FieldValue": str(1000 + n)},
                {"FieldName": "languages", "FieldValue": '["zh","en"]' if n % 2 else "zh"},
            ],
            "ClientToken": uuid4().hex,
        }
        first, again = (at.call("CreateUser", **given)["UserId"] for _ in range(2))
        assert first == again
        people[name] = first
    at.call("AddUsersToGroup", GroupId=remote, UserIds=list(people.values())[10:])
    at.call("AddUsersToGroup", GroupId=leads, UserIds=[people["user_00"], people["user_03"]])

    # It reads everybody back, by both styles of pages.
    by_number = [user for page in at.numbered("ListUsers", "Users", 7) for user in page]
    by_token: list[dict[str, Any]] = []
    token_of: dict[str, str] = {}
    while True:
        answer = at.call("ListUsers", MaxResults=8, **token_of)
        assert answer["TotalCount"] == 30
        by_token += answer["Users"]
        if "NextToken" not in answer:
            break
        token_of = {"NextToken": answer["NextToken"]}
    assert by_number == by_token and [user["Username"] for user in by_number] == list(people)
    assert all(user["PasswordSet"] and user["EmailVerified"] for user in by_number)
    [found] = at.call("ListUsers", UserExternalId="hr-17")["Users"]
    assert found["UserId"] == people["user_17"]
    shown = at.shown(people["user_17"])
    assert {field["FieldName"]: field["FieldValue"] for field in shown["CustomFields"]}["job"] == "engineer"
    assert [of["GroupName"] for of in shown["Groups"]] == ["remote"]

    # A reorganization: east moves under dev, its people get a second unit, one is promoted.
    at.call("UpdateOrganizationalUnitParentId", OrganizationalUnitId=units["sales/east"], ParentId=units["dev"])
    east = at.call("ListUsers", OrganizationalUnitId=units["sales/east"])["Users"]
    assert len(east) == 5
    for user in east:
        at.call("AddUserToOrganizationalUnits", UserId=user["UserId"], OrganizationalUnitIds=[units["dev/web"]])
    assert at.call("ListUsers", OrganizationalUnitId=units["dev/web"])["TotalCount"] == 10
    chief = east[0]["UserId"]
    at.call("SetUserPrimaryOrganizationalUnit", UserId=chief, OrganizationalUnitId=units["dev"])
    at.call(
        "UpdateUser",
        UserId=chief,
        DisplayName="The chief",
        CustomFields=[{"FieldName": "job", "FieldValue": "manager", "Operation": "replace"}],
    )
    assert at.units(chief) == [units["dev"], units["dev/web"]]

    # Somebody leaves: shut at once, removed later; a unit goes when it is empty.
    leaver = people["user_29"]
    at.call("DisableUser", UserId=leaver)
    assert at.names(Status="disabled") == ["user_29"]
    at.call("DeleteUser", UserId=leaver)
    west = [user["UserId"] for user in at.call("ListUsers", OrganizationalUnitId=units["sales/west"])["Users"]]
    at.call("DeleteUsers", UserIds=west)
    at.call("DeleteOrganizationalUnit", OrganizationalUnitId=units["sales/west"])
    assert at.call("ListUsersForGroup", GroupId=remote)["TotalCount"] == len(
        [user for user in at.call("ListUsers", PageSize=100)["Users"] if user["Username"] >= "user_10"]
    )
    at.call("DeleteCustomField", FieldId=badge)
    at.call("DeleteOrganizationalUnitChildren", OrganizationalUnitId=units["dev"])
    assert at.call("ListUsers")["TotalCount"] == len(at.call("ListUsers", OrganizationalUnitId=units["sales"])["Users"])

    # In the end all of it goes.
    assert at.call("CheckInstanceForDelete")["CheckInstanceResult"]["Deletable"] is True
    at.call("DeleteInstance")
    assert fault(sdk, "GetInstance", InstanceId=id) == unknown("Instance", id)
    assert instances(sdk)[1:] == [instance.id]


def test_what_one_generation_makes_the_other_changes(shared: Server) -> None:
    tea = new_instance(Tea(shared, api=EIAM))
    core = Instance(Core(shared, api=EIAM), tea.id)

    for maker, reader in ((tea, core), (core, tea)):
        unit = maker.unit("unit")
        user = maker.user("alice", PrimaryOrganizationalUnitId=unit, **address("alice@example.com", verified=True))
        group = maker.group("staff", user)
        reader.call("UpdateUser", UserId=user, DisplayName="Alice")
        assert reader.shown(user) == maker.shown(user)
        reader.call("RemoveUsersFromGroup", GroupId=group, UserIds=[user])
        reader.call("DeleteUsers", UserIds=[user])
        reader.call("DeleteOrganizationalUnit", OrganizationalUnitId=unit)
        reader.call("DeleteGroup", GroupId=group)
        assert maker.names() == []


def test_of_many_who_take_a_name_at_once_one_gets_it(shared: Server) -> None:
    at = new_instance(Tea(shared, api=EIAM))

    def attempt(action: Callable[[Instance], str]) -> str:
        try:
            return action(Instance(Tea(shared, api=EIAM), at.id))
        except Refused as refused:
            return f"{refused.status} {refused.code}"

    with ThreadPoolExecutor(8) as threads:
        users = list(threads.map(lambda n: attempt(lambda to: to.user(["alice", "ALICE"][n % 2])), range(8)))
        units = list(threads.map(lambda n: attempt(lambda to: to.unit(["dev", "DEV"][n % 2])), range(8)))
        emails = list(
            threads.map(lambda n: attempt(lambda to: to.user(f"user_{n}", **address("a@example.com"))), range(8))
        )

    for ends, code in ((users, "Username"), (units, "OrganizationalUnitName"), (emails, "Email")):
        assert sorted(ends)[:7] == [f"403 ResourceDuplicated.{code}"] * 7 and "_" in max(ends), ends
    assert at.call("ListUsers")["TotalCount"] == 2


def test_a_restart_keeps_tokens_pages_and_policies(server: Server) -> None:
    at = new_instance(Tea(server, api=EIAM), "kept")
    given = {"Username": "alice", "PrimaryOrganizationalUnitId": at.root, "ClientToken": uuid4().hex}
    alice = at.call("CreateUser", **given)["UserId"]
    bob = at.user("bob")
    page = at.call("ListUsers", MaxResults=1)
    at.call("SetPasswordHistoryConfiguration", PasswordHistoryStatus="enabled", PasswordHistoryMaxRetention=5)

    server.stop()
    server.start()

    again = Instance(Tea(server, api=EIAM), at.id)
    assert again.call("CreateUser", **given)["UserId"] == alice
    assert again.call("ListUsers", MaxResults=1, NextToken=page["NextToken"])["Users"][0]["UserId"] == bob
    assert again.call("GetPasswordHistoryConfiguration")["PasswordHistoryConfiguration"] == {
        "PasswordHistoryStatus": "enabled",
        "PasswordHistoryMaxRetention": 5,
    }


def test_a_killed_server_keeps_what_it_acknowledged(server: Server) -> None:
    at = new_instance(Tea(server, api=EIAM))
    user = at.user("alice", Password=UNBROKEN_PASSWORD)

    server.kill()
    server.start()

    again = Instance(Tea(server, api=EIAM), at.id)
    assert again.shown(user)["Username"] == "alice"


def test_other_clients_spell_requests_in_other_ways(shared: Server) -> None:
    at = new_instance(Tea(shared, api=EIAM))
    at.field("job", "checkbox", "string", "dev", "ops")
    unit, other = at.unit("unit"), at.unit("other")
    new = {"InstanceId": at.id, "PrimaryOrganizationalUnitId": at.root, "Unknown": "ignored"}
    flat = {"OrganizationalUnitIds.3": other, "OrganizationalUnitIds.1": unit, "EmailVerified": "TRUE"}
    field = {"CustomFields.2.FieldName": "job", "CustomFields.2.FieldValue": "dev"}
    text = {
        "OrganizationalUnitIds": json.dumps([unit, other]),
        "CustomFields": json.dumps([{"FieldName": "job", "FieldValue": "dev"}]),
        "PasswordInitializationConfig": json.dumps(
            {"PasswordInitializationPolicyPriority": "custom", "PasswordInitializationType": "random"}
        ),
        "EmailVerified": "true",
    }
    version = {"Version": EIAM.version}

    answers = [
        answer_to(shared, v1(shared, "CreateUser", {**new, **user, **given}, method=method, common=version))
        for method, user, given in (
            ("POST", {"Username": "form", "Email": "form@example.com"}, {**flat, **field}),
            ("GET", {"Username": "query", "Email": "query@example.com"}, text),
        )
    ]
    read = answer_to(shared, v1(shared, "ListUsers", {"InstanceId": at.id}, method="GET", common=version))
    absent = answer_to(shared, v1(shared, "ListUsers", {"InstanceId": at.id}))

    assert [answer.status for answer in answers] == [200, 200], answers
    users = [answer.json["UserId"] for answer in answers]
    assert [user["UserId"] for user in read.json["Users"]] == users
    for user, has_password in zip(users, [False, True], strict=True):
        shown = at.shown(user)
        assert at.units(user) == [at.root, unit, other]
        assert (shown["EmailVerified"], shown["PasswordSet"]) == (True, has_password)
        assert shown["CustomFields"] == [{"FieldName": "job", "FieldValue": '["dev"]'}]
    assert absent.refusal == (404, "InvalidAction.NotFound"), "eds has no such action"


# The worked examples of the reference


def by_hand(server: Server, action: str, query: str) -> Answer:
    """The answer to a query as it stands."""
    request = v3(server, action, dict(parse_qsl(query, keep_blank_values=True)), common={"x-acs-version": EIAM.version})
    literal: Request = replace(request, query=query, headers={**request.headers, "accept": "application/json"})
    return answer_to(server, literal)


def test_the_example_of_a_new_user(shared: Server) -> None:
    at = new_instance(Tea(shared, api=EIAM))
    first, second = at.unit("test_ou_name"), at.unit("other")
    group = at.group("group_test_name", Description="this is a test.")
    at.field("age")

    query = (
        f"InstanceId={at.id}&Username=user_001&DisplayName=name_001"
        "&Email=example%40example.com&EmailVerified=True"
        "&PhoneRegion=86&PhoneNumber=12345678901&PhoneNumberVerified=True"
        f"&PrimaryOrganizationalUnitId={first}"
        f"&OrganizationalUnitIds.1={second}"
        "&CustomFields.1.FieldName=age&CustomFields.1.FieldValue=10"
        "&PasswordInitializationConfig.PasswordInitializationPolicyPriority=custom"
        "&PasswordInitializationConfig.PasswordInitializationType=random"
        "&PasswordInitializationConfig.UserNotificationChannels.1=email"
        "&ClientToken=client-token-example"
    )
    answer = by_hand(shared, "CreateUser", query)
    again = by_hand(shared, "CreateUser", query)
    taken = by_hand(shared, "CreateUser", query.replace("client-token-example", "another"))
    user = answer.json["UserId"]
    at.call("AddUsersToGroup", GroupId=group, UserIds=[user])
    listed = by_hand(shared, "ListUsers", f"InstanceId={at.id}&PageNumber=1&PageSize=20")
    shown = by_hand(shared, "GetUser", f"InstanceId={at.id}&UserId={user}").json["User"]

    assert (answer.status, answer.content_type) == (200, "application/json;charset=utf-8")
    assert answer.json.keys() == {"RequestId", "UserId"} and re.fullmatch(f"user_{ID}", user)
    assert re.fullmatch(REQUEST_ID, answer.json["RequestId"])
    assert again.json["UserId"] == user and again.json["RequestId"] != answer.json["RequestId"]

    assert taken.status == 403
    assert re.fullmatch(REQUEST_ID, taken.json["RequestId"])
    assert taken.json == {
        "RequestId": taken.json["RequestId"],
        "HostId": shared.host,
        "Code": "ResourceDuplicated.Username",
        "Message": "The specified resource: Username already exist.",
    }

    [row] = listed.json["Users"]
    at_time = row["CreateTime"]
    expected = {
        "UserId": user,
        "Username": "user_001",
        "DisplayName": "name_001",
        "PasswordSet": True,
        "PhoneRegion": "86",
        "PhoneNumber": "12345678901",
        "PhoneNumberVerified": True,
        "Email": "example@example.com",
        "EmailVerified": True,
        "UserExternalId": user,
        "UserSourceType": "build_in",
        "UserSourceId": at.id,
        "Status": "enabled",
        "RegisterTime": at_time,
        "CreateTime": at_time,
        "UpdateTime": at_time,
        "InstanceId": at.id,
    }
    assert listed.json == {"RequestId": listed.json["RequestId"], "TotalCount": 1, "Users": [expected]}
    assert shown == {
        **expected,
        "PrimaryOrganizationalUnitId": first,
        "OrganizationalUnits": [
            {"OrganizationalUnitId": first, "OrganizationalUnitName": "test_ou_name", "Primary": True},
            {"OrganizationalUnitId": second, "OrganizationalUnitName": "other", "Primary": False},
        ],
        "Groups": [{"GroupId": group, "GroupName": "group_test_name", "Description": "this is a test."}],
        "CustomFields": [{"FieldName": "age", "FieldValue": "10"}],
    }


def test_the_example_of_pages_by_token(shared: Server) -> None:
    at = new_instance(Tea(shared, api=EIAM))
    names = [f"user_{n}" for n in range(5)]
    for name in names:
        at.user(name)

    pages = [by_hand(shared, "ListUsers", f"InstanceId={at.id}&MaxResults=2").json]
    while "NextToken" in pages[-1]:
        token = pages[-1]["NextToken"]
        pages.append(by_hand(shared, "ListUsers", f"InstanceId={at.id}&MaxResults=2&NextToken={token}").json)

    assert [[user["Username"] for user in page["Users"]] for page in pages] == [names[:2], names[2:4], names[4:]]
    assert [page["NextToken"][:2] for page in pages[:-1]] == ["NT", "NT"]
    for page in pages:
        assert (page["TotalCount"], page["MaxResults"]) == (5, 2)
        assert page.keys() - {"NextToken"} == {"RequestId", "TotalCount", "MaxResults", "Users"}


def test_the_example_of_the_units_above(shared: Server) -> None:
    at = new_instance(Tea(shared, api=EIAM))
    between = at.unit("B")
    below = at.unit("C", between)

    answer = by_hand(shared, "ListOrganizationalUnitParents", f"InstanceId={at.id}&OrganizationalUnitId={below}").json

    assert answer == {
        "RequestId": answer["RequestId"],
        "Parents": [
            {"OrganizationalUnitId": at.root},
            {"OrganizationalUnitId": between, "ParentId": at.root},
        ],
    }


def test_the_example_of_forgotten_passwords(shared: Server) -> None:
    at = new_instance(Tea(shared, api=EIAM))
    at.call("SetForgetPasswordConfiguration", ForgetPasswordStatus="enabled", AuthenticationChannels=["sms"])

    answer = by_hand(shared, "GetForgetPasswordConfiguration", f"InstanceId={at.id}").json

    assert answer == {
        "RequestId": answer["RequestId"],
        "OpenForgetPasswordConfiguration": {
            "Enable": True,
            "EnableSms": True,
            "EnableEmail": False,
            "ForgetPasswordStatus": "enabled",
            "AuthenticationChannels": ["sms"],
        },
    }
