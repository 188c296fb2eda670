"""Locks: set and lifted by hand, set by the clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

from alibabacloud_eds_user20210308 import models

from harness import PASSWORD, Sdk, Server, Tea, create, described, found, person, refusal, tea, within

ZONE = timedelta(hours=8)  # times without a zone are those of +08:00


def failures(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Name, code and message of each item that failed."""
    return [(item["EndUserId"], item["ErrorCode"], item["ErrorMessage"]) for item in result["FailedUsers"]]


def lock_time(sdk: Sdk, name: str) -> str | None:
    """The text of a user's AutoLockTime."""
    [user] = sdk.call("FilterUsers", IncludeEndUserIds=[name])["Users"]
    time: str | None = user.get("AutoLockTime")
    return time


def text(at: datetime) -> str:
    """A time as AutoLockTime takes it."""
    return (at + ZONE).strftime("%Y-%m-%d %H:%M:%S")


def test_the_current_sdk_locks_and_unlocks(server: Server) -> None:
    client = tea(server)
    create(Tea(server), "alice")

    locked = client.lock_users(models.LockUsersRequest(users=["alice", "nobody"], logout_session=True)).body
    [while_locked] = client.describe_users(models.DescribeUsersRequest()).body.users
    unlocked = client.unlock_users(
        models.UnlockUsersRequest(users=["alice", "nobody"], auto_lock_time="2100-03-03")
    ).body
    [afterwards] = client.filter_users(models.FilterUsersRequest()).body.users

    assert locked.lock_users_result.locked_users == ["alice"]
    [unknown] = locked.lock_users_result.failed_users
    assert (unknown.end_user_id, unknown.error_code) == ("nobody", "InvalidUsername")
    assert while_locked.status == 9
    assert unlocked.unlock_users_result.unlocked_users == ["alice"]
    [unknown] = unlocked.unlock_users_result.failed_users
    assert (unknown.end_user_id, unknown.error_code) == ("nobody", "InvalidUsername")
    assert (afterwards.status, afterwards.auto_lock_time) == (0, "2100-03-03")


def test_each_user_is_locked_for_themselves(sdk: Sdk) -> None:
    create(sdk, "alice", "bob", "carol")

    locked = sdk.call("LockUsers", Users=["carol", "nobody", "ALICE", "alice", "x"])["LockUsersResult"]
    again = sdk.call("LockUsers", Users=["alice"], LogoutSession=False)["LockUsersResult"]

    assert locked["LockedUsers"] == ["carol", "ALICE"]
    assert failures(locked) == [
        ("nobody", "InvalidUsername", "nobody is an invalid username."),
        ("x", "InvalidUsername", "x is an invalid username."),
    ]
    assert again == {"LockedUsers": ["alice"], "FailedUsers": []}
    assert (found(sdk, Status=9), found(sdk, Status=0)) == (["alice", "carol"], ["bob"])


def test_each_user_is_unlocked_for_themselves(sdk: Sdk) -> None:
    create(sdk, "alice", "bob", "carol")
    sdk.call("LockUsers", Users=["alice", "carol"])

    unlocked = sdk.call("UnlockUsers", Users=["bob", "nobody", "alice"])["UnlockUsersResult"]

    assert unlocked["UnlockedUsers"] == ["bob", "alice"]
    assert failures(unlocked) == [("nobody", "InvalidUsername", "nobody is an invalid username.")]
    assert (found(sdk, Status=9), found(sdk, Status=0)) == (["carol"], ["alice", "bob"])


def test_five_hundred_are_locked_and_unlocked_in_a_call(sdk: Sdk) -> None:
    names = [f"user_{n:03}" for n in range(500)]
    for at in range(0, 500, 100):
        create(sdk, *names[at : at + 100])

    locked = sdk.call("LockUsers", Users=names)["LockUsersResult"]
    while_locked = found(sdk, Status=9, MaxResults=500)
    unlocked = sdk.call("UnlockUsers", Users=names)["UnlockUsersResult"]

    assert locked == {"LockedUsers": names, "FailedUsers": []}
    assert while_locked == names and found(sdk, Status=9) == []
    assert unlocked == {"UnlockedUsers": names, "FailedUsers": []}


def test_wrong_calls_change_nobody(sdk: Sdk) -> None:
    create(sdk, "alice", "bob")
    sdk.call("LockUsers", Users=["bob"])
    many = [f"user_{n}" for n in range(500)]
    yesterday = text(datetime.now(UTC) - timedelta(days=1))

    wrong_times = ["soon", "2100-02-30", "2100-01-01T00:00:00Z", "2100-01-01 25:00:00", yesterday, "2020-01-01"]
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("LockUsers", {}, "MissingUsers"),
        ("UnlockUsers", {}, "MissingUsers"),
        ("LockUsers", {"Users": [*many, "alice"]}, "InvalidUsers"),
        ("UnlockUsers", {"Users": [*many, "bob"]}, "InvalidUsers"),
        ("LockUsers", {"Users": ["alice"], "LogoutSession": "perhaps"}, "InvalidLogoutSession"),
        *(("UnlockUsers", {"Users": ["bob"], "AutoLockTime": time}, "InvalidAutoLockTime") for time in wrong_times),
    ]

    for action, parameters, code in calls:
        assert refusal(sdk, action, **parameters) == f"400 {code}", (action, parameters)

    assert (found(sdk, Status=9), lock_time(sdk, "bob")) == (["bob"], None)


def test_the_time_is_shown_as_it_was_given(sdk: Sdk) -> None:
    for name, time in [("alice", "2100-03-03"), ("bob", "2100-03-03 04:05:06")]:
        assert sdk.call("CreateUsers", AutoLockTime=time, Users=[person(name)])["AllSucceed"]
    create(sdk, "carol")

    assert [lock_time(sdk, name) for name in ("alice", "bob", "carol")] == ["2100-03-03", "2100-03-03 04:05:06", None]


def test_unlocking_keeps_a_time_ahead_and_replaces_it_if_told(sdk: Sdk) -> None:
    sdk.call("CreateUsers", AutoLockTime="2100-03-03", Users=[person("alice"), person("bob")])
    sdk.call("LockUsers", Users=["alice", "bob"])

    sdk.call("UnlockUsers", Users=["alice"])
    sdk.call("UnlockUsers", Users=["bob"], AutoLockTime="2101-04-04 00:00:00")

    assert (lock_time(sdk, "alice"), lock_time(sdk, "bob")) == ("2100-03-03", "2101-04-04 00:00:00")
    assert found(sdk, Status=9) == []


def test_the_clock_locks_and_unlocking_lifts_it(sdk: Sdk) -> None:
    create(sdk, "alice", "bob")
    soon = text(datetime.now(UTC) + timedelta(seconds=3))

    sdk.call("UnlockUsers", Users=["alice", "bob"], AutoLockTime=soon)
    before = found(sdk, Status=9)
    within(10, lambda: found(sdk, Status=9) == ["alice", "bob"])
    at_first = [user["Status"] for user in sdk.call("FilterUsers", Status=9)["Users"]]
    sdk.call("UnlockUsers", Users=["alice"])

    assert (before, at_first) == ([], [9, 9])
    assert (found(sdk, Status=0), found(sdk, Status=9)) == (["alice"], ["bob"])
    assert (lock_time(sdk, "alice"), lock_time(sdk, "bob")) == (None, soon)


def test_the_last_superadmin_is_not_locked(sdk: Sdk) -> None:
    create(sdk, "alice")

    result = sdk.call("LockUsers", Users=["superadmin", "alice"])["LockUsersResult"]

    assert result["LockedUsers"] == ["alice"]
    [(name, code, _)] = failures(result)
    assert (name, code) == ("superadmin", "OperationDenied.LastSuperadmin")
    assert described(sdk, "superadmin")["Status"] == 0


def test_a_locked_user_stays_locked_through_other_changes(sdk: Sdk) -> None:
    manager = {"EndUserId": "alice", "OwnerType": "CreateFromManager", "Password": PASSWORD}
    sdk.call("CreateUsers", Users=[manager])
    sdk.call("LockUsers", Users=["alice"])

    sdk.call("ModifyUser", EndUserId="alice", Email="new@example.com")
    sdk.call("ChangeUserPassword", EndUserId="alice", NewPassword=f"{PASSWORD}2")

    assert described(sdk, "alice")["Status"] == 9
