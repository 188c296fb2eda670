"""EIAM: users made, shown, changed, shut, moved and removed."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from alibabacloud_eiam20211201 import models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from eiam import (
    ID,
    NO_UNIT,
    NOBODY,
    ODD_NAME,
    REQUEST_ID,
    TOKEN_OF_ANOTHER_CALL,
    Instance,
    address,
    duplicated,
    fault,
    invalid,
    missing,
    new_instance,
    phone,
    unknown,
)
from harness import EIAM, UNBROKEN_PASSWORD, Server, Tea, tea


def test_the_current_sdk_makes_changes_and_removes_a_user(shared: Server) -> None:
    client = tea(shared, api=EIAM)
    at = new_instance(Tea(shared, api=EIAM))
    first, second, third = (at.unit(name) for name in ("first", "second", "third"))

    user = client.create_user(
        models.CreateUserRequest(
            instance_id=at.id,
            username="user_001",
            email="example@example.com",
            email_verified=True,
            primary_organizational_unit_id=first,
            organizational_unit_ids=[second],
        )
    ).body.user_id
    client.update_user(models.UpdateUserRequest(instance_id=at.id, user_id=user, display_name="name_001"))
    client.update_user_description(
        models.UpdateUserDescriptionRequest(instance_id=at.id, user_id=user, description="this is a test.")
    )
    client.update_user_password(
        models.UpdateUserPasswordRequest(instance_id=at.id, user_id=user, password=UNBROKEN_PASSWORD)
    )
    client.add_user_to_organizational_units(
        models.AddUserToOrganizationalUnitsRequest(instance_id=at.id, user_id=user, organizational_unit_ids=[third])
    )
    client.set_user_primary_organizational_unit(
        models.SetUserPrimaryOrganizationalUnitRequest(instance_id=at.id, user_id=user, organizational_unit_id=second)
    )
    client.remove_user_from_organizational_units(
        models.RemoveUserFromOrganizationalUnitsRequest(
            instance_id=at.id, user_id=user, organizational_unit_ids=[third]
        )
    )
    client.disable_user(models.DisableUserRequest(instance_id=at.id, user_id=user))
    client.unlock_user(models.UnlockUserRequest(instance_id=at.id, user_id=user))
    disabled = client.get_user(models.GetUserRequest(instance_id=at.id, user_id=user)).body.user
    client.enable_user(models.EnableUserRequest(instance_id=at.id, user_id=user))
    enabled = client.get_user(models.GetUserRequest(instance_id=at.id, user_id=user)).body.user
    client.delete_user(models.DeleteUserRequest(instance_id=at.id, user_id=user))
    other = at.user("user_002")
    client.delete_users(models.DeleteUsersRequest(instance_id=at.id, user_ids=[other]))

    assert (disabled.user_id, disabled.username, disabled.display_name) == (user, "user_001", "name_001")
    assert (disabled.status, enabled.status, disabled.password_set) == ("disabled", "enabled", True)
    assert (disabled.email, disabled.email_verified, disabled.phone_number_verified) == (
        "example@example.com",
        True,
        False,
    )
    assert (disabled.phone_number, disabled.phone_region) == (None, None)
    assert (disabled.description, disabled.user_external_id, disabled.instance_id) == ("this is a test.", user, at.id)
    assert disabled.primary_organizational_unit_id == second
    assert [
        (of.organizational_unit_id, of.organizational_unit_name, of.primary) for of in enabled.organizational_units
    ] == [(second, "second", True)]
    assert (enabled.groups, enabled.custom_fields, enabled.lock_expire_time) == ([], [], None)
    assert enabled.create_time == enabled.register_time <= disabled.update_time <= enabled.update_time
    assert at.names() == []


def test_the_current_sdk_raises_what_the_reference_prints(shared: Server) -> None:
    client = tea(shared, api=EIAM)
    at = new_instance(Tea(shared, api=EIAM))
    at.user("user_001")

    with pytest.raises(AlibabaCloudException) as raised:
        client.create_user(
            models.CreateUserRequest(instance_id=at.id, username="user_001", primary_organizational_unit_id=at.root)
        )

    error = raised.value
    assert (error.status_code, error.code) == (403, "ResourceDuplicated.Username")
    assert "The specified resource: Username already exist." in error.message
    assert re.fullmatch(REQUEST_ID, error.request_id)
    assert (error.data["Code"], error.data["HostId"]) == (error.code, shared.host)


# What a list shows as it was given.
LISTED = {
    "Username",
    "DisplayName",
    "PhoneRegion",
    "PhoneNumber",
    "PhoneNumberVerified",
    "Email",
    "EmailVerified",
    "UserExternalId",
    "Description",
}


def whole(instance: Instance) -> tuple[dict[str, Any], dict[str, Any]]:
    """A user with everything that can be said, and what is shown of them but ids and times."""
    first, second, third = (instance.unit(name) for name in ("first", "second", "third"))
    instance.field("age", type="number")
    instance.field("job", "checkbox", "string", "dev", "ops", "boss")
    given = {
        "Username": "User.001-a@b_c",
        "DisplayName": ODD_NAME,
        "Password": UNBROKEN_PASSWORD,
        "PhoneRegion": "86",
        "PhoneNumber": "12345678901",
        "PhoneNumberVerified": True,
        "Email": "Example.a-b_c@example.com",
        "EmailVerified": False,
        "UserExternalId": f"external {ODD_NAME}",
        "PrimaryOrganizationalUnitId": second,
        "OrganizationalUnitIds": [third, first, second, third],
        "Description": f"{ODD_NAME}\n\tand more",
        "CustomFields": [
            {"FieldName": "job", "FieldValue": '["ops","dev"]'},
            {"FieldName": "age", "FieldValue": "10.5"},
        ],
        "PasswordInitializationConfig": {
            "PasswordInitializationPolicyPriority": "custom",
            "PasswordForcedUpdateStatus": "enabled",
            "UserNotificationChannels": ["email", "sms"],
            "PasswordInitializationType": "random",
        },
        "ClientToken": f"client token {uuid4().hex}",
    }
    shown = {
        **{name: given[name] for name in given if name in LISTED},
        "PasswordSet": True,
        "UserSourceType": "build_in",
        "UserSourceId": instance.id,
        "Status": "enabled",
        "InstanceId": instance.id,
        "PrimaryOrganizationalUnitId": second,
        "OrganizationalUnits": [
            {"OrganizationalUnitId": unit, "OrganizationalUnitName": name, "Primary": unit == second}
            for unit, name in [(second, "second"), (first, "first"), (third, "third")]
        ],
        "Groups": [],
    }
    return given, shown


def test_a_user_comes_back_as_they_were_made(instance: Instance) -> None:
    given, expected = whole(instance)
    begun = time.time_ns() // 1_000_000

    answer = instance.call("CreateUser", **given)
    shown = instance.shown(answer["UserId"])
    [listed] = instance.call("ListUsers")["Users"]

    assert list(answer) == ["UserId"] and re.fullmatch(f"user_{ID}", answer["UserId"])
    fields = {field["FieldName"]: field["FieldValue"] for field in shown.pop("CustomFields")}
    assert fields["age"] == "10.5" and sorted(json.loads(fields["job"])) == ["dev", "ops"] and len(fields) == 2
    times = {name: shown.pop(name) for name in ("RegisterTime", "CreateTime", "UpdateTime")}
    assert len(set(times.values())) == 1 and begun - 1000 <= times["CreateTime"] <= time.time_ns() // 1_000_000 + 1000
    assert shown == {"UserId": answer["UserId"], **expected}
    more = {"PrimaryOrganizationalUnitId", "OrganizationalUnits", "Groups"}
    assert listed == {**{name: shown[name] for name in shown.keys() - more}, **times}


def test_a_user_of_few_words_shows_few(instance: Instance) -> None:
    user = instance.user("alice")

    shown = instance.shown(user)

    at = shown["CreateTime"]
    assert shown == {
        "UserId": user,
        "Username": "alice",
        "PasswordSet": False,
        "PhoneNumberVerified": False,
        "EmailVerified": False,
        "UserExternalId": user,
        "UserSourceType": "build_in",
        "UserSourceId": instance.id,
        "Status": "enabled",
        "RegisterTime": at,
        "CreateTime": at,
        "UpdateTime": at,
        "InstanceId": instance.id,
        "PrimaryOrganizationalUnitId": instance.root,
        "OrganizationalUnits": [
            {"OrganizationalUnitId": instance.root, "OrganizationalUnitName": "root", "Primary": True}
        ],
        "Groups": [],
        "CustomFields": [],
    }


def test_an_empty_text_says_as_much_as_none(instance: Instance) -> None:
    optional = ["DisplayName", "Password", "PhoneRegion", "PhoneNumber", "Email", "UserExternalId", "Description"]

    user = instance.user("alice", **{name: "" for name in [*optional, "ClientToken"]})

    shown = instance.shown(user)
    assert not shown.keys() & {"DisplayName", "PhoneRegion", "PhoneNumber", "Email", "Description"}
    assert (shown["PasswordSet"], shown["UserExternalId"]) == (False, user)


def test_what_a_new_user_lacks_is_named_in_the_order_of_the_table(instance: Instance) -> None:
    call, email, unit = (
        {"PhoneNumber": "123456"},
        {"Email": "a@example.com"},
        {"PrimaryOrganizationalUnitId": instance.root},
    )
    username = {"Username": "alice"}
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "Username"),
        ({"Username": "", **unit}, "Username"),
        (username, "PrimaryOrganizationalUnitId"),
        ({**username, "PrimaryOrganizationalUnitId": ""}, "PrimaryOrganizationalUnitId"),
        ({**username, **unit, **call, **email}, "PhoneRegion"),
        ({**username, **unit, **call, "PhoneRegion": "86", **email}, "PhoneNumberVerified"),
        ({**username, **unit, **email}, "EmailVerified"),
        ({"Username": "a b", **unit, **email}, "EmailVerified"),
    ]

    for given, name in cases:
        assert instance.fault("CreateUser", **given) == missing(name), given
    assert fault(instance.sdk, "CreateUser", **username, **unit) == missing("InstanceId")
    assert instance.names() == []


BAD: list[tuple[str, list[Any]]] = [
    ("Username", ["a b", "a+b", "张三", "a" * 257, "a\n", "a/b"]),
    ("DisplayName", ["张" * 129, "a\nb"]),
    ("Password", ["密" * 65, "with blank1A", "short1A", "nouppercase1", "NOLOWERCASE1", "NoDigitsHere", "123456"]),
    ("PhoneRegion", ["+86", "0086", "1234567", "x"]),
    ("PhoneNumber", ["12345", "1234567890123456", "+8612345678", "138 0000 0000"]),
    (
        "Email",
        ["a", "a+b@example.com", "张@example.com", "@example.com", "a@b@example.com", f"{'a' * 117}@example.com"],
    ),
    ("UserExternalId", ["张" * 129, "a\tb"]),
    ("Description", ["张" * 257, "a\x00b"]),
    ("ClientToken", ["t" * 65, "é"]),
]


def test_what_a_new_user_cannot_be_is_named(instance: Instance) -> None:
    contact = {"PhoneRegion": "86", "PhoneNumber": "12345678901", "PhoneNumberVerified": True}
    address = {"Email": "a@example.com", "EmailVerified": True}
    given = {"Username": "alice", "PrimaryOrganizationalUnitId": instance.root, **contact, **address}

    for name, texts in BAD:
        for text in texts:
            assert instance.fault("CreateUser", **{**given, name: text}) == invalid(name), (name, text)
    configuration = [
        ("PasswordInitializationPolicyPriority", "mine"),
        ("PasswordForcedUpdateStatus", "True"),
        ("PasswordInitializationType", "chosen"),
        ("UserNotificationChannels", ["email", "login"]),
    ]
    for name, word in configuration:
        found = instance.fault("CreateUser", **given, PasswordInitializationConfig={name: word})
        assert found == invalid(name), name
    many = [instance.root] * 101
    assert instance.fault("CreateUser", **given, OrganizationalUnitIds=many) == invalid("OrganizationalUnitIds")
    assert instance.names() == []


def test_the_longest_texts_fit(instance: Instance) -> None:
    given = {
        "Username": "a" * 256,
        "DisplayName": "张" * 128,
        "Password": f"{'密' * 61}aA1",
        "PhoneRegion": "123456",
        "PhoneNumber": "123456789012345",
        "PhoneNumberVerified": False,
        "Email": f"{'a' * 116}@example.com",
        "EmailVerified": False,
        "UserExternalId": "外" * 128,
        "Description": "述" * 256,
        "ClientToken": "~" * 64,
    }

    made = instance.call("CreateUser", **given, PrimaryOrganizationalUnitId=instance.root)["UserId"]

    shown = instance.shown(made)
    assert {name: shown[name] for name in LISTED} == {name: given[name] for name in LISTED}
    assert shown["PasswordSet"] is True


def test_a_unit_must_be_there_for_a_user_to_join_it(instance: Instance) -> None:
    other = instance.unit("other")
    group = instance.group("staff")

    for wrong in (NO_UNIT, NO_UNIT.upper(), "org-aliyun-wy-org-id", group, "x"):
        primary = instance.fault("CreateUser", Username="alice", PrimaryOrganizationalUnitId=wrong)
        further = instance.fault(
            "CreateUser",
            Username="alice",
            PrimaryOrganizationalUnitId=other,
            OrganizationalUnitIds=[instance.root, wrong],
        )
        assert primary == further == unknown("OrganizationalUnit", wrong)
    assert instance.names() == []


def test_what_another_user_has_is_taken(instance: Instance) -> None:
    alice = instance.user(
        "alice", **phone("86", "13800000000"), **address("alice@example.com", verified=True), UserExternalId="X-1"
    )
    bob = instance.user("bob", **phone("1", "13800000000"), **address("bob@example.com"), UserExternalId="x-1")
    before = instance.shown(bob)
    wants: list[tuple[dict[str, Any], str]] = [
        ({"Username": "alice"}, "Username"),
        ({"Username": "ALICE"}, "Username"),
        (address("Alice@Example.COM", verified=True), "Email"),
        (address("alice@example.com"), "Email"),
        (phone("86", "13800000000"), "PhoneNumber"),
    ]

    for want, name in wants:
        free = {"Username": "carol", "PrimaryOrganizationalUnitId": instance.root}
        assert instance.fault("CreateUser", **{**free, **want}) == duplicated(name), want
        assert instance.fault("UpdateUser", UserId=bob, **want) == duplicated(name), want
    for text in ("X-1", alice):
        found = instance.fault(
            "CreateUser", Username="carol", PrimaryOrganizationalUnitId=instance.root, UserExternalId=text
        )
        assert found == duplicated("UserExternalId")

    assert instance.shown(bob) == before
    assert instance.names() == ["alice", "bob"]
    instance.call("DeleteUser", UserId=alice)
    instance.user(
        "Alice", **phone("86", "13800000000", verified=True), **address("ALICE@example.com"), UserExternalId="X-1"
    )


def test_another_instance_has_its_own_users(instance: Instance) -> None:
    other = new_instance(instance.sdk)
    given = {**phone("86", "13800000000"), **address("alice@example.com"), "UserExternalId": "X-1"}
    alice = instance.user("alice", **given)

    twin = other.user("alice", **given)

    assert alice != twin
    assert other.fault("GetUser", UserId=alice) == unknown("User", alice)
    assert other.fault("DeleteUsers", UserIds=[twin, alice]) == unknown("User", alice)
    assert other.names() == instance.names() == ["alice"]


def test_an_update_changes_what_it_names(instance: Instance) -> None:
    instance.field("age")
    instance.field("home")
    user = instance.user(
        "alice",
        DisplayName="Alice",
        **phone("86", "13800000000", verified=True),
        **address("alice@example.com", verified=True),
        CustomFields=[{"FieldName": "age", "FieldValue": "10"}, {"FieldName": "home", "FieldValue": "here"}],
        Description="stays",
    )
    before = instance.shown(user)

    nothing = instance.call("UpdateUser", UserId=user)
    unchanged = instance.shown(user)
    answer = instance.call(
        "UpdateUser",
        UserId=user,
        Username="Alicia",
        DisplayName="名" * 256,
        **phone("1", "123456"),
        **address("alicia@example.com"),
        CustomFields=[
            {"FieldName": "age", "FieldValue": "11", "Operation": "replace"},
            {"FieldName": "home", "FieldValue": "ignored", "Operation": "remove"},
        ],
    )
    after = instance.shown(user)

    assert nothing == answer == {} and unchanged == before
    assert after.pop("UpdateTime") > before.pop("UpdateTime")
    assert after == {
        **before,
        "Username": "Alicia",
        "DisplayName": "名" * 256,
        **phone("1", "123456"),
        **address("alicia@example.com"),
        "CustomFields": [{"FieldName": "age", "FieldValue": "11"}],
    }


def test_an_update_leaves_what_it_does_not_fill(instance: Instance) -> None:
    user = instance.user(
        "alice", DisplayName="Alice", **phone("86", "13800000000"), **address("alice@example.com", verified=True)
    )
    before = instance.shown(user)

    names = ["Username", "DisplayName", "PhoneRegion", "PhoneNumber", "Email"]
    instance.call("UpdateUser", UserId=user, **{name: "" for name in names})
    instance.call(
        "UpdateUser", UserId=user, Username="alice", DisplayName="Alice", **address("alice@example.com", True)
    )

    assert instance.shown(user) == before


def test_a_flag_alone_is_said_of_what_is_stored(instance: Instance) -> None:
    user = instance.user("alice", **phone("86", "13800000000"), **address("alice@example.com"))
    other = instance.user("bob")

    for verified in (True, False):
        for of in (user, other):
            instance.call("UpdateUser", UserId=of, EmailVerified=verified)
            instance.call("UpdateUser", UserId=of, PhoneNumberVerified=verified)
        shown, nobody = instance.shown(user), instance.shown(other)
        assert (shown["EmailVerified"], shown["PhoneNumberVerified"]) == (verified, verified)
        assert (nobody["EmailVerified"], nobody["PhoneNumberVerified"]) == (False, False)
        assert nobody["UpdateTime"] == nobody["CreateTime"]


def test_an_address_of_other_case_is_the_same_one(instance: Instance) -> None:
    user = instance.user("alice", **address("alice@example.com", verified=True))

    instance.call("UpdateUser", UserId=user, Username="ALICE", **address("Alice@example.com", verified=True))

    shown = instance.shown(user)
    assert (shown["Username"], shown["Email"], shown["EmailVerified"]) == ("ALICE", "Alice@example.com", True)


def test_what_an_update_cannot_say_is_named(instance: Instance) -> None:
    user = instance.user("alice")
    before = instance.shown(user)
    whole = {**phone("86", "13800000000", True), **address("a@example.com", True)}
    number, mail = {"PhoneNumber": "123456"}, {"Email": "a@example.com"}
    bad = {name: texts for name, texts in BAD if name in {"Username", "PhoneRegion", "PhoneNumber", "Email"}}
    bad["DisplayName"] = ["张" * 257, "a\nb"]

    assert instance.fault("UpdateUser", UserId=user, **number) == missing("PhoneRegion")
    assert instance.fault("UpdateUser", UserId=user, **number, PhoneRegion="86") == missing("PhoneNumberVerified")
    assert instance.fault("UpdateUser", UserId=user, **mail) == missing("EmailVerified")
    for name, texts in bad.items():
        for text in texts:
            assert instance.fault("UpdateUser", UserId=user, **{**whole, name: text}) == invalid(name), text
    assert instance.shown(user) == before


def test_a_description_is_changed_and_cleared(instance: Instance) -> None:
    user = instance.user("alice", Description="old")

    said: list[Any] = []
    for given in ({"Description": ODD_NAME}, {"Description": ""}, {"Description": "述" * 256}, {}):
        assert instance.call("UpdateUserDescription", UserId=user, **given) == {}
        said.append(instance.shown(user).get("Description"))

    assert said == [ODD_NAME, None, "述" * 256, None]
    for text in ("述" * 257, "a\x00b"):
        assert instance.fault("UpdateUserDescription", UserId=user, Description=text) == invalid("Description")


def test_an_account_is_shut_and_opened(instance: Instance) -> None:
    user = instance.user("alice")
    states: list[str] = []
    times: list[int] = []

    for action in ("EnableUser", "UnlockUser", "DisableUser", "DisableUser", "UnlockUser", "EnableUser"):
        assert instance.call(action, UserId=user) == {}
        shown = instance.shown(user)
        states.append(shown["Status"])
        times.append(shown["UpdateTime"])

    assert states == ["enabled", "enabled", "disabled", "disabled", "disabled", "enabled"]
    made, disabled, enabled = times[0], times[2], times[5]
    assert made < disabled < enabled
    assert times == [made, made, disabled, disabled, disabled, enabled], "what changes nothing leaves the time"


def test_a_user_is_removed_once(instance: Instance) -> None:
    names = ["alice", "bob", "carol", "dave"]
    alice, bob, carol, dave = (instance.user(name) for name in names)

    one = instance.call("DeleteUser", UserId=alice)
    again = instance.fault("DeleteUser", UserId=alice)
    none = instance.fault("DeleteUsers", UserIds=[bob, alice, carol])
    left = instance.names()
    several = instance.call("DeleteUsers", UserIds=[bob, carol, bob])

    assert one == several == {}
    assert again == none == unknown("User", alice)
    assert left == ["bob", "carol", "dave"]
    assert instance.names() == ["dave"]
    assert instance.fault("DeleteUsers") == missing("UserIds")
    assert instance.fault("DeleteUsers", UserIds=[dave] * 101) == invalid("UserIds")
    assert instance.call("DeleteUsers", UserIds=[dave] * 100) == {}


ON_A_USER: dict[str, dict[str, Any]] = {
    "GetUser": {},
    "UpdateUser": {"DisplayName": "x"},
    "UpdateUserDescription": {"Description": "x"},
    "UpdateUserPassword": {"Password": UNBROKEN_PASSWORD},
    "DeleteUser": {},
    "EnableUser": {},
    "DisableUser": {},
    "UnlockUser": {},
    "SetUserPrimaryOrganizationalUnit": {"OrganizationalUnitId": NO_UNIT},
    "AddUserToOrganizationalUnits": {"OrganizationalUnitIds": [NO_UNIT]},
    "RemoveUserFromOrganizationalUnits": {"OrganizationalUnitIds": [NO_UNIT]},
    "ListGroupsForUser": {},
    "UnbindTotpAuthenticator": {},
    "BindUserAuthnSourceMapping": {"IdentityProviderId": "idp_x", "UserExternalId": "x"},
    "UnbindUserAuthnSourceMapping": {"IdentityProviderId": "idp_x", "UserExternalId": "x"},
    "ListUserAuthnSourceMappings": {},
}


def test_a_user_who_is_not_there_is_unknown_to_every_action(instance: Instance) -> None:
    there = instance.user("alice")
    gone = instance.user("bob")
    instance.call("DeleteUser", UserId=gone)
    changed = there[:-1] + ("b" if there[-1] == "a" else "a")

    for action, more in ON_A_USER.items():
        for wrong in (gone, NOBODY, there.upper(), changed, "alice", instance.root, f"{there} "):
            assert instance.fault(action, UserId=wrong, **more) == unknown("User", wrong), (action, wrong)
        assert instance.fault(action, **more) == missing("UserId"), action
        assert instance.fault(action, UserId="", **more) == missing("UserId"), action
    assert instance.names() == ["alice"]


def test_a_retry_with_the_same_token_makes_one_user(instance: Instance) -> None:
    token = uuid4().hex
    given = {
        "Username": "alice",
        "Password": UNBROKEN_PASSWORD,
        **address("alice@example.com"),
        "PrimaryOrganizationalUnitId": instance.root,
        "ClientToken": token,
    }

    first = instance.call("CreateUser", **given)
    again = instance.call("CreateUser", **given)
    other = instance.fault("CreateUser", **{**given, "Username": "bob"})
    without = instance.fault("CreateUser", **{**given, "ClientToken": uuid4().hex})
    instance.call("DeleteUser", UserId=first["UserId"])
    after = instance.call("CreateUser", **given)

    assert first == again == after
    assert other == TOKEN_OF_ANOTHER_CALL
    assert without == duplicated("Username")
    assert instance.names() == []


def test_a_token_does_not_keep_a_refusal(instance: Instance) -> None:
    token = uuid4().hex

    refused = instance.fault("CreateUser", Username="a b", PrimaryOrganizationalUnitId=instance.root, ClientToken=token)
    unit = instance.fault("CreateUser", Username="alice", PrimaryOrganizationalUnitId=NO_UNIT, ClientToken=token)
    user = instance.user("alice", ClientToken=token)

    assert (refused, unit) == (invalid("Username"), unknown("OrganizationalUnit", NO_UNIT))
    assert instance.user("alice", ClientToken=token) == user


def test_calls_with_one_token_at_once_make_one_user(instance: Instance) -> None:
    token = uuid4().hex

    with ThreadPoolExecutor(8) as threads:
        users = set(threads.map(lambda _: instance.user("alice", ClientToken=token), range(8)))

    assert len(users) == 1
    assert instance.names() == ["alice"]
