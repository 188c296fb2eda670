"""The SDK's calls about drives."""

import re
from typing import Any

from pds import GIB, MILLISECONDS, NO_DRIVE, NO_GROUP, Cases, Domain


def found(domain: Domain, action: str, **filters: Any) -> list[str]:
    """The ids of the drives of a list, page by page."""
    return [drive["drive_id"] for page in domain.pages(action, **filters) for drive in page]


def test_a_drive_is_shown_as_given(domain: Domain) -> None:
    domain.user("u")
    given = {
        "drive_name": "我的",
        "owner": "u",
        "owner_type": "user",
        "description": "d",
        "drive_type": "normal",
        "status": "disabled",
        "total_size": 5 * GIB,
    }
    made = domain.call("CreateDrive", **given, default=True)
    assert re.fullmatch("[0-9]+", made["drive_id"])
    assert made == {
        **given,
        "domain_id": domain.id,
        "drive_id": made["drive_id"],
        "creator": domain.caller,
        "used_size": 0,
        "created_at": made["created_at"],
    }
    assert re.fullmatch(MILLISECONDS, made["created_at"])
    assert domain.call("GetDrive", drive_id=made["drive_id"]) == made
    assert domain.call("GetDefaultDrive", user_id="u") == made
    assert domain.call("GetUser", user_id="u")["default_drive_id"] == made["drive_id"]
    assert re.fullmatch(MILLISECONDS, domain.send("GetDrive", drive_id=made["drive_id"])["updated_at"])


def test_a_drive_is_a_users_and_without_end_if_nothing_is_said(domain: Domain) -> None:
    domain.user("u")
    made = domain.call("CreateDrive", drive_name="d", owner="u")
    assert (made["owner_type"], made["total_size"], made["status"], made["drive_type"]) == (
        "user",
        -1,
        "enabled",
        "normal",
    )
    assert domain.fault("GetDefaultDrive", user_id="u") == (404, "NotFound.Drive")


def test_what_a_drive_needs_is_checked(domain: Domain) -> None:
    domain.user("u")
    good = {"drive_name": "d", "owner": "u", "owner_type": "user"}
    cases: Cases = [
        ({"drive_name": ""}, (400, "InvalidParameterEmpty.DriveName")),
        ({"drive_name": "n" * 129}, (400, "InvalidParameter.DriveName")),
        ({"owner": "nobody"}, (404, "NotFound.User")),
        ({"owner": NO_GROUP, "owner_type": "group"}, (404, "NotFound.Group")),
        ({"owner_type": "robot"}, (400, "InvalidParameter.OwnerType")),
        ({"total_size": -2}, (400, "InvalidParameter.TotalSize")),
        ({"status": "away"}, (400, "InvalidParameter.Status")),
        ({"drive_type": "large"}, (400, "InvalidParameterNotSupported.DriveType")),
    ]
    for change, fault in cases:
        assert domain.fault("CreateDrive", **{**good, **change}) == fault, change
    for left_out in ["drive_name", "owner"]:
        less = {name: value for name, value in good.items() if name != left_out}
        code = "InvalidParameterMissing." + {"drive_name": "DriveName", "owner": "Owner"}[left_out]
        assert domain.fault("CreateDrive", **less) == (400, code)
    assert found(domain, "SearchDrive") == []


def test_a_user_has_one_default_drive(domain: Domain) -> None:
    domain.user("u")
    first = domain.drive("u", default=True)
    again = {"drive_name": "d", "owner": "u", "default": True}
    assert domain.fault("CreateDrive", **again) == (409, "AlreadyExist.Drive")
    domain.drive("u")
    domain.call("DeleteDrive", drive_id=first)
    assert domain.call("GetUser", user_id="u")["default_drive_id"] == ""
    second = domain.drive("u", default=True)
    assert domain.call("GetDefaultDrive", user_id="u")["drive_id"] == second


def test_a_drive_is_changed_and_removed(domain: Domain) -> None:
    domain.user("u")
    drive = domain.drive("u", description="d")
    changed = domain.call("UpdateDrive", drive_id=drive, drive_name="abcd", total_size=50000, status="disabled")
    assert (changed["drive_name"], changed["total_size"], changed["status"]) == ("abcd", 50000, "disabled")
    assert changed["description"] == "d"
    assert domain.call("UpdateDrive", drive_id=drive, description="")["description"] == ""
    domain.send("DeleteDrive", drive_id=drive, force=True)
    for action in ["GetDrive", "UpdateDrive", "DeleteDrive"]:
        for gone in [drive, NO_DRIVE, "not a number"]:
            assert domain.fault(action, drive_id=gone) == (404, "NotFound.Drive"), (action, gone)


def test_drives_are_listed_and_searched(domain: Domain) -> None:
    domain.user("u")
    domain.user("v")
    group = domain.group("a")
    of_u = [domain.drive("u", "Alpha"), domain.drive("u", "Beta")]
    of_v = domain.drive("v", "alphabet")
    of_group = domain.drive(group, "team", owner_type="group")
    for limit in [1, 100]:
        assert sorted(found(domain, "ListDrive", limit=limit)) == sorted([*of_u, of_v, of_group])
        assert sorted(found(domain, "ListDrive", owner="u", owner_type="user", limit=limit)) == sorted(of_u)
        assert found(domain, "SearchDrive", owner_type="group", limit=limit) == [of_group]
        assert sorted(found(domain, "SearchDrive", drive_name="LPHA", limit=limit)) == sorted([of_u[0], of_v])
    assert found(domain, "SearchDrive", drive_name="alpha", owner="v", owner_type="user") == [of_v]
    assert found(domain, "ListDrive", owner=group, owner_type="group") == [of_group]
    assert found(domain, "ListDrive", owner="nobody") == []


def test_callers_see_their_own_drives_and_those_of_their_groups(plain_domain: Domain) -> None:
    above = plain_domain.group("above")
    group, other = plain_domain.group("a", above), plain_domain.group("b")
    plain_domain.user("u", group_info_list=[{"group_id": group}])
    own = plain_domain.drive("u", default=True)
    team = plain_domain.drive(group, "team", owner_type="group")
    higher = plain_domain.drive(above, "higher", owner_type="group")
    hidden = plain_domain.drive(other, "hidden", owner_type="group")
    sdk = plain_domain.signed_in("u")
    assert [drive["drive_id"] for drive in sdk.call("ListMyDrives", limit=1, marker="")["items"]] == [own]
    assert sdk.call("GetDefaultDrive")["drive_id"] == own
    mine = sdk.call("ListMyGroupDrive")["items"]
    assert sorted(drive["drive_id"] for drive in mine) == sorted([team, higher])
    named = sdk.call("ListMyGroupDrive", drive_name="TEA", limit=1, marker="")["items"]
    assert [drive["drive_id"] for drive in named] == [team]
    assert sdk.fault("GetDrive", drive_id=hidden) == (403, "ForbiddenNoPermission.Drive")
    assert sdk.fault("CreateDrive", drive_name="d", owner="u")[0] == 403
    everything = plain_domain.signed_in("superadmin").call("ListMyGroupDrive")["items"]
    assert sorted(drive["drive_id"] for drive in everything) == sorted([team, higher, hidden])


def test_only_a_key_gives_a_drive_to_another_user(plain_domain: Domain) -> None:
    plain_domain.user("u")
    plain_domain.user("v")
    drive = plain_domain.drive("u")
    refused = plain_domain.signed_in("superadmin").fault("UpdateDrive", drive_id=drive, owner="v")
    assert refused == (403, "ForbiddenNoPermission.Drive")
    assert plain_domain.call("UpdateDrive", drive_id=drive, owner="v")["owner"] == "v"
    assert plain_domain.fault("UpdateDrive", drive_id=drive, owner="nobody") == (404, "NotFound.User")


def test_a_key_has_no_drives_of_its_own(plain_domain: Domain) -> None:
    assert plain_domain.fault("GetDefaultDrive") == (400, "InvalidParameterMissing.UserId")
