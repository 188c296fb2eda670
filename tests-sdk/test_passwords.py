"""Passwords: set by the administrator, and reset by a message."""

from typing import Any

from alibabacloud_eds_user20210308 import models

from harness import PASSWORD, Sdk, Server, Tea, create, described, person, refusal, tea

NEW = 'Another 0ne+~*&=%"/密码'


def reset(sdk: Sdk, *names: str, **how: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """Whom a message went to, and name and code of each item that failed."""
    result = sdk.call("ResetUserPassword", Users=list(names), **how)["ResetUsersResult"]
    return result["ResetUsers"], [(item["EndUserId"], item["ErrorCode"]) for item in result["FailedUsers"]]


def managed(name: str, **more: Any) -> dict[str, Any]:
    """A user whom the administrator activates."""
    return {"EndUserId": name, "OwnerType": "CreateFromManager", "Password": PASSWORD, **more}


def test_the_current_sdk_resets_and_changes_passwords(server: Server) -> None:
    client = tea(server)
    assert Tea(server).call("CreateUsers", Users=[person("alice"), managed("bob")])["AllSucceed"]

    answer = client.reset_user_password(models.ResetUserPasswordRequest(users=["alice", "nobody"], notify_type=1)).body
    changed = client.change_user_password(models.ChangeUserPasswordRequest(end_user_id="bob", new_password=NEW)).body

    assert answer.reset_users_result.reset_users == ["alice"]
    [unknown] = answer.reset_users_result.failed_users
    assert (unknown.end_user_id, unknown.error_code) == ("nobody", "InvalidUsername")
    assert unknown.error_message == "nobody is an invalid username."
    assert isinstance(changed.request_id, str)
    assert NEW not in server.written(), "the log holds a password"


def test_a_reset_goes_to_whoever_has_the_address(sdk: Sdk) -> None:
    both = person("both", Phone="13800000000")
    phone = {"EndUserId": "phone", "Phone": "13800000001"}
    assert sdk.call("CreateUsers", Users=[person("mail"), phone, both])["AllSucceed"]

    assert reset(sdk, "BOTH", "phone", "mail", "nobody", "mail") == (
        ["BOTH", "mail"],
        [("phone", "MissingEmailOrPhone"), ("nobody", "InvalidUsername")],
    )
    assert reset(sdk, "both", "phone", "mail", NotifyType=1) == (["both", "mail"], [("phone", "MissingEmailOrPhone")])
    assert reset(sdk, "both", "phone", "mail", NotifyType=2) == (["both", "phone"], [("mail", "MissingEmailOrPhone")])
    assert reset(sdk, "both", "phone", "mail", NotifyType=3) == (["both", "phone", "mail"], [])


def test_a_reset_of_a_managed_user_goes_to_managers_or_else_to_the_user(sdk: Sdk) -> None:
    users = [managed("bare"), managed("mail", Email="mail@example.com")]
    assert sdk.call("CreateUsers", Users=users)["AllSucceed"]

    assert reset(sdk, "bare", "mail") == (["mail"], [("bare", "MissingEmailOrPhone")])


def test_a_reset_of_a_managed_user_needs_only_a_manager_with_an_address(server: Server) -> None:
    sdk = Tea(server)
    assert sdk.call("CreateUsers", Users=[managed("bare")])["AllSucceed"]

    sdk.call("ModifyUser", EndUserId="superadmin", Email="admin@example.com")

    assert reset(sdk, "bare") == (["bare"], [])


def test_a_wrong_reset_is_refused_whole(sdk: Sdk) -> None:
    create(sdk, "alice")

    assert refusal(sdk, "ResetUserPassword") == "400 MissingUsers"
    assert refusal(sdk, "ResetUserPassword", Users=[f"user_{n}" for n in range(101)]) == "400 InvalidUsers"
    for wrong in (0, 4, -1):
        assert refusal(sdk, "ResetUserPassword", Users=["alice"], NotifyType=wrong) == "400 InvalidNotifyType"


def test_a_reset_changes_nothing_of_the_user(sdk: Sdk) -> None:
    assert sdk.call("CreateUsers", Password=PASSWORD, PasswordExpireDays="30", Users=[person("alice")])["AllSucceed"]
    before = described(sdk, "alice")

    assert reset(sdk, "alice") == (["alice"], [])

    assert described(sdk, "alice") == before


def test_the_administrator_changes_only_managed_users_passwords(sdk: Sdk) -> None:
    assert sdk.call("CreateUsers", Users=[managed("bob"), person("alice", Password=PASSWORD)])["AllSucceed"]

    sdk.call("ChangeUserPassword", EndUserId="BOB", NewPassword=NEW)
    refusals = [
        refusal(sdk, "ChangeUserPassword", EndUserId="alice", NewPassword=NEW),
        refusal(sdk, "ChangeUserPassword", EndUserId="superadmin", NewPassword=NEW),
        refusal(sdk, "ChangeUserPassword", EndUserId="nobody", NewPassword=NEW),
        refusal(sdk, "ChangeUserPassword", NewPassword=NEW),
        refusal(sdk, "ChangeUserPassword", EndUserId="bob"),
        refusal(sdk, "ChangeUserPassword", EndUserId="bob", NewPassword=""),
    ]

    assert refusals == [
        "400 OperationDenied.OwnerType",
        "400 OperationDenied.OwnerType",
        "400 InvalidEndUserId.NotFound",
        "400 MissingEndUserId",
        "400 MissingNewPassword",
        "400 MissingNewPassword",
    ]


def test_a_new_password_has_10_characters_of_three_kinds(sdk: Sdk) -> None:
    assert sdk.call("CreateUsers", Users=[managed("bob")])["AllSucceed"]
    weak = ["Ab1!", "Abcdefg1!", "abcdefghij", "abcdefgh12", "ABCDEFGH12", "abcdefgh 12", "Ab1!" * 65]
    strong = ["Abcdefgh12", "abcdefgh1!", "ABCDEFGH1!", "Ab1!" * 64, NEW]

    for word in weak:
        assert refusal(sdk, "ChangeUserPassword", EndUserId="bob", NewPassword=word) == "400 InvalidNewPassword", word
    for word in strong:
        sdk.call("ChangeUserPassword", EndUserId="bob", NewPassword=word)


def test_a_new_password_begins_its_days_anew(sdk: Sdk) -> None:
    assert sdk.call("CreateUsers", PasswordExpireDays="30", Users=[managed("bob")])["AllSucceed"]

    sdk.call("ChangeUserPassword", EndUserId="bob", NewPassword=NEW)

    bob = described(sdk, "bob")
    assert (bob["PasswordExpireDays"], bob["PasswordExpireRestDays"]) == (30, 30)
