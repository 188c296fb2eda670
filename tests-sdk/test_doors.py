"""One directory, two doors: what is written through one SDK is read through the other."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eiam import (
    NOT_EMPTY,
    ODD_NAME,
    Instance,
    address,
    duplicated,
    instances,
    invalid,
    missing,
    new_field,
    new_instance,
    phone,
    unknown,
)
from harness import (
    EIAM,
    PASSWORD,
    ROOT_UNIT,
    UNBROKEN_PASSWORD,
    Refused,
    Sdk,
    Server,
    Tea,
    bind,
    create,
    described,
    found,
    group,
    pages,
    person,
    property_of,
    refusal,
    unit,
)

FOR_GOOD = 253_402_300_799_000  # the end of the year 9999
ZONE = timedelta(hours=8)


@dataclass(frozen=True)
class Doors:
    """Both doors of the account's own directory."""

    eds: Sdk
    eiam: Instance

    def user(self, name: str) -> str:
        """The id in EIAM of a user whom eds knows by name."""
        [user] = self.eiam.call("ListUsers", UsernameStartsWith=name)["Users"]
        assert user["Username"] == name
        id: str = user["UserId"]
        return id

    def shown(self, name: str) -> dict[str, Any]:
        """A user as EIAM shows them."""
        return self.eiam.shown(self.user(name))

    def unit(self, org: str) -> str:
        """The id in EIAM of a unit that eds knows by its own."""
        return next(id for id in self.units() if org_id(id) == org)

    def units(self) -> dict[str, str]:
        """The names of all units by their id in EIAM, but the root's."""
        pages = self.eiam.numbered("ListOrganizationalUnits", "OrganizationalUnits", 100)
        units = [unit for page in pages for unit in page]
        return {unit["OrganizationalUnitId"]: unit["OrganizationalUnitName"] for unit in units if "ParentId" in unit}


@pytest.fixture
def doors(sdk: Sdk, shared: Server) -> Doors:
    """Both doors, each through the SDK of the same generation."""
    return doors_of(shared, sdk)


def doors_of(server: Server, eds: Sdk) -> Doors:
    """Both doors of a server."""
    eiam: Sdk = type(eds)(server, api=EIAM)  # type: ignore[call-arg]
    return Doors(eds, Instance(eiam, instances(eiam)[0]))


def digits(id: str) -> str:
    """The 32 digits that an id of EIAM spells."""
    return base64.b32decode(f"{id.partition('_')[2].upper()}======").hex()


def number(id: str) -> int:
    """The number by which eds knows what EIAM names so."""
    return int(digits(id)[:13], 16)


def in_base_36(id: str, prefix: str) -> str:
    """The id by which eds knows a unit or a group that EIAM names so."""
    rest, text = int(digits(id)[:21], 16), ""
    while rest or len(text) < 17:
        rest, digit = divmod(rest, 36)
        text = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + text
    return f"{prefix}-{text}"


def org_id(id: str) -> str:
    """The id in eds of a unit of EIAM."""
    return in_base_36(id, "org")


def group_id(id: str) -> str:
    """The id in eds of a group of EIAM."""
    return in_base_36(id, "ug")


# Users


def test_a_user_whom_eds_makes_is_read_through_eiam(doors: Doors) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=1)
    dev, staff = unit(doors.eds, "dev"), group(doors.eds, "staff")
    create(
        doors.eds,
        "alice",
        Phone="13800000000",
        RealNickName="爱丽丝",
        Remark=ODD_NAME,
        OrgId=dev,
        GroupIdList=[staff],
        Password=PASSWORD,
    )
    alice = described(doors.eds, "alice")

    user = doors.shown("alice")

    assert (number(user["UserId"]), digits(user["UserId"])[16:]) == (alice["Id"], alice["WyId"])
    assert begun.timestamp() * 1000 <= user["CreateTime"] <= datetime.now(UTC).timestamp() * 1000
    primary = doors.unit(dev)
    [of] = user.pop("Groups")
    assert (group_id(of["GroupId"]), of["GroupName"]) == (staff, "staff")
    assert user == {
        "UserId": user["UserId"],
        "Username": "alice",
        "DisplayName": "爱丽丝",
        "PasswordSet": True,
        "PhoneRegion": "86",
        "PhoneNumber": "13800000000",
        "PhoneNumberVerified": False,
        "Email": "alice@example.com",
        "EmailVerified": False,
        "UserExternalId": user["UserId"],
        "UserSourceType": "build_in",
        "UserSourceId": doors.eiam.id,
        "Status": "enabled",
        "RegisterTime": user["CreateTime"],
        "CreateTime": user["CreateTime"],
        "UpdateTime": user["CreateTime"],
        "Description": ODD_NAME,
        "InstanceId": doors.eiam.id,
        "PrimaryOrganizationalUnitId": primary,
        "OrganizationalUnits": [{"OrganizationalUnitId": primary, "OrganizationalUnitName": "dev", "Primary": True}],
        "CustomFields": [],
    }


def test_a_user_whom_eiam_makes_is_read_through_eds(doors: Doors) -> None:
    dev, ops = doors.eiam.unit("dev"), doors.eiam.unit("ops")
    user = doors.eiam.user(
        "Alice.Li-1@x",
        DisplayName="爱丽丝",
        Description=ODD_NAME,
        Password=UNBROKEN_PASSWORD,
        **phone("86", "13800000000", verified=True),
        **address("Alice@example.com", verified=True),
        UserExternalId="X-1",
        PrimaryOrganizationalUnitId=dev,
        OrganizationalUnitIds=[ops],
    )
    staff = doors.eiam.group("staff", user)
    abroad = doors.eiam.user("abroad", **phone("1", "5550100"))

    alice = described(doors.eds, "Alice.Li-1@x", ShowExtras={"Properties": True})
    one = doors.eds.call("DescribeUser", EndUserId="alice.li-1@X", RequireExtraAttributes=["ExternalInfo", "OrgPaths"])[
        "User"
    ]

    assert (alice["Id"], alice["WyId"]) == (number(user), digits(user)[16:])
    assert (alice["EndUserId"], alice["RealNickName"], alice["Remark"]) == ("Alice.Li-1@x", "爱丽丝", ODD_NAME)
    assert (alice["Email"], alice["Phone"], alice["Status"]) == ("Alice@example.com", "13800000000", 0)
    assert (alice["OwnerType"], alice["IsTenantManager"], alice["EnableAdminAccess"]) == (
        "CreateFromManager",
        False,
        False,
    )
    assert alice["OrgId"] == org_id(dev)
    assert [org["OrgId"] for org in alice["Orgs"]] == [org_id(dev), org_id(ops)]
    assert [(of["GroupId"], of["GroupName"]) for of in alice["Groups"]] == [(group_id(staff), "staff")]
    assert one["ExternalInfo"]["ExternalId"] == "X-1" and sorted(one["OrgPaths"]) == ["root/dev", "root/ops"]
    assert described(doors.eds, "abroad")["Phone"] == "+15550100"
    assert described(doors.eds, "abroad")["Id"] == number(abroad)
    assert found(doors.eds, Filter="alice@") == found(doors.eds, OrgId=org_id(ops)) == ["Alice.Li-1@x"]


def test_a_change_through_either_door_shows_in_the_other(doors: Doors) -> None:
    create(doors.eds, "alice", Phone="13800000000", RealNickName="Alice")
    user = doors.user("alice")

    doors.eiam.call(
        "UpdateUser",
        UserId=user,
        Username="alicia",
        DisplayName="Alicia",
        **phone("86", "13900000000", verified=True),
        **address("alicia@example.com", verified=True),
    )
    doors.eiam.call("UpdateUserDescription", UserId=user, Description="renamed")
    renamed = described(doors.eds, "alicia")
    old_name = refusal(doors.eds, "DescribeUser", EndUserId="alice")
    doors.eds.call("ModifyUser", EndUserId="alicia", Email="alice@example.com", Phone="")
    changed = doors.eiam.shown(user)

    assert {name: renamed[name] for name in ("RealNickName", "Remark", "Email", "Phone")} == {
        "RealNickName": "Alicia",
        "Remark": "renamed",
        "Email": "alicia@example.com",
        "Phone": "13900000000",
    }
    assert old_name == "400 InvalidEndUserId.NotFound"
    assert (changed["Email"], changed["EmailVerified"]) == ("alice@example.com", False)
    assert not {"PhoneNumber", "PhoneRegion"} & changed.keys() and changed["PhoneNumberVerified"] is False
    assert (changed["Username"], changed["DisplayName"]) == ("alicia", "Alicia")


def test_a_name_is_taken_in_both_doors_and_free_in_both(doors: Doors) -> None:
    create(doors.eds, "alice")
    bob = doors.eiam.user("Bob")

    again = doors.eiam.fault("CreateUser", Username="ALICE", PrimaryOrganizationalUnitId=doors.eiam.root)
    renamed = doors.eiam.fault("UpdateUser", UserId=bob, Username="Alice")
    items = doors.eds.call("CreateUsers", Users=[person("bob")])["CreateResult"]["FailedUsers"]
    doors.eiam.call("DeleteUser", UserId=doors.user("alice"))
    removed = doors.eds.call("RemoveUsers", Users=["alice", "bob"])["RemoveUsersResult"]

    assert again == renamed == duplicated("Username")
    assert [(item["EndUserId"], item["ErrorCode"]) for item in items] == [("bob", "ExistedEndUserId")]
    assert (removed["RemovedUsers"], [item["ErrorCode"] for item in removed["FailedUsers"]]) == (
        ["bob"],
        ["InvalidUsername"],
    )
    assert doors.eiam.fault("GetUser", UserId=bob) == unknown("User", bob)
    create(doors.eds, "bob")
    doors.eiam.user("alice")
    assert doors.eiam.names() == found(doors.eds) == ["bob", "alice"]


def test_an_address_is_a_claim_in_eiam_and_contact_data_in_eds(doors: Doors) -> None:
    alice = doors.eiam.user("alice", **address("alice@example.com", verified=True))
    create(doors.eds, "bob_1")
    bob = doors.user("bob_1")

    doors.eds.call("ModifyUser", EndUserId="bob_1", Email="ALICE@example.com")
    both = doors.eiam.call("ListUsers", Email="alice@example.com")
    claim = doors.eiam.fault("UpdateUser", UserId=bob, EmailVerified=True)
    said = doors.eiam.fault("UpdateUser", UserId=bob, **address("alice@example.com"))
    doors.eds.call("ModifyUser", EndUserId="alice", Email="other@example.com")
    doors.eiam.call("UpdateUser", UserId=bob, EmailVerified=True)

    assert both["TotalCount"] == 2
    assert [(user["Username"], user["EmailVerified"]) for user in both["Users"]] == [("alice", True), ("bob_1", False)]
    assert claim == said == duplicated("Email")
    assert doors.eiam.shown(alice)["EmailVerified"] is False
    assert doors.eiam.shown(bob)["EmailVerified"] is True


def test_what_is_shown_is_taken_back_though_it_would_not_be_taken_anew(doors: Doors) -> None:
    create(doors.eds, "alice", Remark="述" * 1024)
    user = doors.user("alice")
    before = doors.eiam.shown(user)

    doors.eiam.call("UpdateUserDescription", UserId=user, Description="述" * 1024)
    longer = doors.eiam.fault("UpdateUserDescription", UserId=user, Description="注" * 1024)

    assert before["Description"] == "述" * 1024
    assert doors.eiam.shown(user) == before
    assert longer == invalid("Description")


def test_people_are_counted_alike(doors: Doors) -> None:
    create(doors.eds, "alice", "bob_1")
    doors.eiam.user("carol")
    doors.eiam.unit("dev")
    doors.eiam.group("staff")

    counts = doors.eds.call("GetUsersCount")

    assert (counts["UserCount"], counts["OrgCount"], counts["GroupCount"]) == (3, 1, 1)
    assert doors.eiam.call("ListUsers")["TotalCount"] == 3
    assert doors.eiam.call("ListOrganizationalUnits")["TotalCount"] == 2, "the root is listed"
    assert doors.eiam.names() == found(doors.eds) == ["alice", "bob_1", "carol"]


def test_people_of_another_instance_are_none_of_eds(doors: Doors) -> None:
    other = new_instance(doors.eiam.sdk)
    other.user("alice")
    other.unit("dev")
    other.field("age")

    assert found(doors.eds) == []
    assert [org["OrgId"] for org in doors.eds.call("DescribeOrgs")["Orgs"]] == [ROOT_UNIT]
    assert doors.eds.call("ListProperty")["Properties"] == []
    create(doors.eds, "alice")
    assert (other.names(), doors.eiam.names()) == (["alice"], ["alice"])


# Locks


def state(doors: Doors, name: str) -> tuple[int, str, int | None]:
    """A user's status in eds, and status and end of the lock in EIAM."""
    user = doors.shown(name)
    [listed] = doors.eiam.call("ListUsers", UserIds=[user["UserId"]])["Users"]
    assert listed.items() <= user.items()
    return described(doors.eds, name)["Status"], user["Status"], user.get("LockExpireTime")


def test_a_lock_is_one_thing_and_disabling_another(doors: Doors) -> None:
    create(doors.eds, "alice")
    user = doors.user("alice")
    states = [state(doors, "alice")]

    doors.eds.call("LockUsers", Users=["alice"])
    states.append(state(doors, "alice"))
    doors.eiam.call("EnableUser", UserId=user)
    states.append(state(doors, "alice"))
    doors.eiam.call("DisableUser", UserId=user)
    states.append(state(doors, "alice"))
    [failed] = doors.eds.call("UnlockUsers", Users=["alice"])["UnlockUsersResult"]["FailedUsers"]
    states.append(state(doors, "alice"))
    doors.eiam.call("UnlockUser", UserId=user)
    states.append(state(doors, "alice"))
    doors.eiam.call("EnableUser", UserId=user)
    states.append(state(doors, "alice"))

    shut = doors.eds.call("LockUsers", Users=["alice"])
    doors.eiam.call("UnlockUser", UserId=user)

    assert shut["LockUsersResult"]["LockedUsers"] == ["alice"]
    assert states == [
        (0, "enabled", None),
        (9, "enabled", FOR_GOOD),
        (9, "enabled", FOR_GOOD),
        (9, "disabled", FOR_GOOD),
        (9, "disabled", FOR_GOOD),
        (9, "disabled", None),
        (0, "enabled", None),
    ]
    assert failed["ErrorCode"] == "OperationDenied.UserDisabled"
    assert state(doors, "alice") == (0, "enabled", None)


def test_a_status_filters_what_each_door_shows(doors: Doors) -> None:
    create(doors.eds, "free", "shut", "locked")
    doors.eiam.call("DisableUser", UserId=doors.user("shut"))
    doors.eds.call("LockUsers", Users=["locked"])

    assert (found(doors.eds, Status=0), found(doors.eds, Status=9)) == (["free"], ["shut", "locked"])
    assert doors.eiam.names(Status="enabled") == ["free", "locked"]
    assert doors.eiam.names(Status="disabled") == ["shut"]


def test_the_time_of_an_automatic_lock_is_shown(doors: Doors) -> None:
    at = datetime(2100, 3, 3, tzinfo=UTC) - ZONE
    doors.eds.call("CreateUsers", AutoLockTime="2100-03-03", Users=[person("alice")])

    user = doors.shown("alice")
    [listed] = doors.eiam.call("ListUsers")["Users"]

    assert user["AccountExpireTime"] == listed["AccountExpireTime"] == int(at.timestamp() * 1000)
    assert "LockExpireTime" not in user and user["Status"] == "enabled"


# Passwords


def test_each_door_has_its_own_rule_for_passwords_until_a_policy_is_set(server: Server) -> None:
    doors = doors_of(server, Tea(server))
    plain = "lower-case 1"

    def made(name: str, password: str) -> str:
        """What eds says to a user with this password."""
        user = {"EndUserId": name, "OwnerType": "CreateFromManager", "Password": password}
        result = doors.eds.call("CreateUsers", Users=[user])["CreateResult"]
        return "made" if result["CreatedUsers"] else str(result["FailedUsers"][0]["ErrorCode"])

    before = made("alice", plain), made("bob_1", "Passw0rd")
    eiam = doors.eiam.fault("UpdateUserPassword", UserId=doors.user("alice"), Password="lower-case1")
    rules = [{"PasswordCheckType": "inclusion_upper_case"}]
    doors.eiam.call("SetPasswordComplexityConfiguration", PasswordMinLength=8, PasswordComplexityRules=rules)
    after = made("carol", plain), made("dave", "Upper-case 1")
    changed = refusal(doors.eds, "ChangeUserPassword", EndUserId="alice", NewPassword=plain)

    assert before == ("made", "InvalidPassword"), "eds alone wants ten characters of three kinds"
    assert eiam == invalid("Password")
    assert after == ("InvalidPassword", "made")
    assert changed == "400 InvalidNewPassword"


def test_a_password_of_either_door_is_there_in_the_other(doors: Doors) -> None:
    doors.eds.call(
        "CreateUsers",
        PasswordExpireDays="30",
        Users=[{"EndUserId": "alice", "OwnerType": "CreateFromManager", "Password": PASSWORD}],
    )
    user = doors.shown("alice")

    doors.eiam.call("UpdateUserPassword", UserId=user["UserId"], Password=UNBROKEN_PASSWORD)
    changed = doors.shown("alice")

    assert user["PasswordSet"] is True
    assert user["PasswordExpireTime"] == user["CreateTime"] + 30 * 86_400_000
    assert changed["PasswordExpireTime"] == changed["UpdateTime"] + 30 * 86_400_000
    assert described(doors.eds, "alice")["PasswordExpireRestDays"] == 30


# Units and groups


def test_units_are_one_tree(doors: Doors) -> None:
    dev = unit(doors.eds, "dev")
    web = doors.eiam.unit("web", doors.unit(dev), OrganizationalUnitExternalId="X-1", Description="shop")
    data = unit(doors.eds, "data", org_id(web))

    doors.eds.call("ModifyOrg", OrgId=org_id(web), OrgName="shop")
    doors.eiam.call("UpdateOrganizationalUnit", OrganizationalUnitId=doors.unit(dev), OrganizationalUnitName="R&D")
    paths = [org["OrgNamePath"] for page in pages(doors.eds, "DescribeOrgs") for org in page["Orgs"]]
    shown = doors.eiam.call("GetOrganizationalUnit", OrganizationalUnitId=web)["OrganizationalUnit"]
    doors.eds.call("MoveOrg", OrgId=org_id(web), NewParentOrgId=ROOT_UNIT)
    parents = doors.eiam.call("ListOrganizationalUnitParents", OrganizationalUnitId=doors.unit(data))["Parents"]
    full = doors.eiam.fault("DeleteOrganizationalUnit", OrganizationalUnitId=web)
    doors.eiam.call("DeleteOrganizationalUnit", OrganizationalUnitId=doors.unit(data))
    gone = refusal(doors.eds, "RemoveOrg", OrgId=data)

    assert paths == ["root", "root/R&D", "root/R&D/shop", "root/R&D/shop/data"]
    assert (shown["OrganizationalUnitName"], shown["ParentId"], shown["Leaf"]) == ("shop", doors.unit(dev), False)
    assert (shown["OrganizationalUnitExternalId"], shown["Description"]) == ("X-1", "shop")
    assert [found["OrganizationalUnitId"] for found in parents] == [doors.eiam.root, web]
    assert full == NOT_EMPTY
    assert gone == "400 InvalidOrgId.NotFound"
    taken = doors.eiam.fault("CreateOrganizationalUnit", OrganizationalUnitName="SHOP", ParentId=doors.eiam.root)
    assert taken == duplicated("OrganizationalUnitName")
    assert refusal(doors.eds, "CreateOrg", OrgName="r&d", ParentOrgId=ROOT_UNIT) == "400 ExistedOrgName"


def test_eiam_builds_deeper_than_eds(doors: Doors) -> None:
    units = [doors.eiam.root]
    for depth in range(1, 13):
        units.append(doors.eiam.unit(f"depth {depth}", units[-1]))

    refused = refusal(doors.eds, "CreateOrg", OrgName="deeper", ParentOrgId=org_id(units[10]))

    assert refused == "400 InvalidParentOrgId"
    orgs = {org["OrgId"]: org["OrgNamePath"] for page in pages(doors.eds, "DescribeOrgs") for org in page["Orgs"]}
    assert orgs[org_id(units[12])].endswith("/depth 11/depth 12")
    assert set(orgs) == {ROOT_UNIT, *map(org_id, units[1:])}


def test_memberships_of_units_are_one(doors: Doors) -> None:
    dev, ops, web = (unit(doors.eds, name) for name in ("dev", "ops", "web"))
    create(doors.eds, "alice", OrgId=dev)
    user = doors.user("alice")

    doors.eiam.call("AddUserToOrganizationalUnits", UserId=user, OrganizationalUnitIds=[doors.unit(ops)])
    joined = [org["OrgId"] for org in described(doors.eds, "alice")["Orgs"]]
    doors.eds.call("MoveUserOrg", OrgId=web, EndUserIds=["alice"])
    moved = doors.eiam.units(user)
    doors.eiam.call("SetUserPrimaryOrganizationalUnit", UserId=user, OrganizationalUnitId=doors.unit(ops))
    promoted = [org["OrgId"] for org in described(doors.eds, "alice")["Orgs"]]

    assert joined == [dev, ops]
    assert moved == [doors.unit(web), doors.unit(ops)], "further units stay"
    assert promoted == [ops]
    assert found(doors.eds, OrgId=ops) == doors.eiam.names(OrganizationalUnitId=doors.unit(ops)) == ["alice"]
    assert refusal(doors.eds, "RemoveOrg", OrgId=ops) == "400 OrgNotEmpty"


def test_groups_and_their_members_are_one(doors: Doors) -> None:
    create(doors.eds, "alice", "bob_1")
    alice, bob = doors.user("alice"), doors.user("bob_1")
    staff = group(doors.eds, "staff", "bob_1")
    crew = doors.eiam.group("crew", alice, Description="everybody", GroupExternalId="X-1")

    [shown] = doors.eiam.call("ListGroups", GroupName="staff")["Groups"]
    [seen] = doors.eds.call("DescribeGroups", GroupId=group_id(crew))["Groups"]
    doors.eiam.call("AddUsersToGroup", GroupId=shown["GroupId"], UserIds=[alice])
    doors.eds.call("UserBatchQuitGroup", GroupId=staff, EndUserIds=["bob_1"])
    members = doors.eiam.call("ListUsersForGroup", GroupId=shown["GroupId"])["Users"]
    doors.eiam.call("UpdateGroup", GroupId=shown["GroupId"], GroupName="people")
    doors.eds.call("ModifyGroup", GroupId=group_id(crew), NewGroupName="team")

    assert (group_id(shown["GroupId"]), shown["GroupExternalId"]) == (staff, shown["GroupId"])
    assert (seen["GroupName"], seen["Description"], seen["UserCount"]) == ("crew", "everybody", 1)
    assert [member["UserId"] for member in members] == [alice]
    assert sorted(of["GroupName"] for of in described(doors.eds, "alice")["Groups"]) == ["people", "team"]
    assert doors.eiam.call("ListGroupsForUser", UserId=bob)["TotalCount"] == 0
    assert doors.eiam.call("GetGroup", GroupId=crew)["Group"]["GroupName"] == "team"
    doors.eds.call("RemoveGroup", GroupId=staff)
    assert doors.eiam.fault("GetGroup", GroupId=shown["GroupId"]) == unknown("Group", shown["GroupId"])


def test_eiam_repeats_names_of_groups_and_eds_does_not(doors: Doors) -> None:
    group(doors.eds, "staff")

    doors.eiam.group("Staff")
    doors.eiam.group("staff")

    assert refusal(doors.eds, "CreateGroup", GroupName="STAFF") == "400 ExistedGroupName"
    assert doors.eds.call("DescribeGroups")["Count"] == 3


# Properties


def listed(doors: Doors) -> dict[str, list[str]]:
    """The values of each property that eds lists, by its key."""
    return {
        found["PropertyKey"]: [value["PropertyValue"] for value in found["PropertyValues"]]
        for found in doors.eds.call("ListProperty")["Properties"]
    }


def bound(doors: Doors, name: str) -> list[tuple[str, str]]:
    """A user's properties as eds shows them."""
    user = described(doors.eds, name, ShowExtras={"Properties": True})
    return sorted((of["Key"], of["Value"]) for of in user["Properties"])


def set_fields(doors: Doors, user: str, **values: str) -> None:
    """Gives a user values of custom fields."""
    fields = [{"FieldName": name, "FieldValue": value} for name, value in values.items()]
    doors.eiam.call("UpdateUser", UserId=user, CustomFields=fields)


def test_a_property_of_eds_is_a_field_of_several_choices(doors: Doors) -> None:
    key, values = property_of(doors.eds, "岗位 Job", "dev", "ops", "boss")
    create(doors.eds, "alice")
    user = doors.user("alice")
    bind(doors.eds, "alice", key, values["boss"])
    bind(doors.eds, "alice", key, values["dev"])

    given = doors.eiam.values(user)
    fields = [{"FieldName": "岗位 job", "FieldValue": '["ops"]'}]
    doors.eiam.call("UpdateUser", UserId=user, CustomFields=fields)
    changed = bound(doors, "alice")
    used = doors.eds.call("CheckUsedPropertyValue", PropertyId=key, PropertyValueId=values["dev"])["UseCount"]
    doors.eds.call("RemoveProperty", PropertyId=key)

    assert list(given) == ["岗位 Job"] and sorted(json.loads(given["岗位 Job"])) == ["boss", "dev"]
    assert (changed, used) == ([("岗位 Job", "ops")], 0)
    assert doors.eiam.values(user) == {}
    assert doors.eiam.fault("UpdateUser", UserId=user, CustomFields=fields) == unknown("CustomField", "岗位 job")


def test_a_field_of_choices_is_a_property_of_eds(doors: Doors) -> None:
    items = [
        {"Value": "dev", "DisplayName": "Developer"},
        {"Value": "ops"},
        {"Value": "old", "Status": "disabled"},
    ]
    more: dict[str, Any] = {"FieldDataConfig": {"Items": items}}
    jobs = doors.eiam.field("jobs", "checkbox", **more)
    team = doors.eiam.field("team", "select", **more)
    create(doors.eds, "alice")
    user = doors.user("alice")
    values = {
        found["PropertyKey"]: {value["PropertyValue"]: value["PropertyValueId"] for value in found["PropertyValues"]}
        for found in doors.eds.call("ListProperty")["Properties"]
    }

    set_fields(doors, user, jobs="dev", team="dev")
    given = bound(doors, "alice")
    for field, name in ((jobs, "jobs"), (team, "team")):
        bind(doors.eds, "alice", number(field), values[name]["ops"])

    assert listed(doors) == {"jobs": ["dev", "ops"], "team": ["dev", "ops"]}
    assert given == [("jobs", "dev"), ("team", "dev")]
    shown = doors.eiam.values(user)
    assert (sorted(json.loads(shown["jobs"])), shown["team"]) == (["dev", "ops"], "ops")
    assert doors.eds.call("CheckUsedProperty", PropertyId=number(team))["UseCount"] == 1


def test_a_field_to_type_in_has_no_values_to_bind(doors: Doors) -> None:
    age = doors.eiam.field("age", type="number")
    create(doors.eds, "alice")
    user = doors.user("alice")
    set_fields(doors, user, age="10.5")

    refused = refusal(
        doors.eds,
        "SetUserPropertyValue",
        UserId=number(user),
        UserName="alice",
        PropertyId=number(age),
        PropertyValueId=1,
    )
    replaced = refusal(
        doors.eds,
        "UpdateProperty",
        PropertyId=number(age),
        PropertyKey="age",
        PropertyValues=[{"PropertyValue": "11"}],
    )

    assert listed(doors) == {"age": []}
    assert bound(doors, "alice") == [("age", "10.5")]
    assert (refused, replaced) == ("400 InvalidPropertyValueId.NotFound", "400 InvalidPropertyValues")
    assert doors.eds.call("CheckUsedProperty", PropertyId=number(age))["UseCount"] == 1


def test_eds_does_not_see_what_is_encrypted_or_shut_but_its_name_is_taken(doors: Doors) -> None:
    hidden = doors.eiam.field("hidden", Encrypted=True)
    shut = doors.eiam.field("shut", "select", "string", "a")
    create(doors.eds, "alice")
    set_fields(doors, doors.user("alice"), hidden="secret", shut="a")
    doors.eiam.call("DisableCustomField", FieldId=shut)

    seen = listed(doors), bound(doors, "alice")
    taken = [refusal(doors.eds, "CreateProperty", PropertyKey=name) for name in ("Hidden", "SHUT")]
    removal = [refusal(doors.eds, "RemoveProperty", PropertyId=number(field)) for field in (hidden, shut)]
    doors.eiam.call("EnableCustomField", FieldId=shut)

    assert seen == ({}, [])
    assert taken == ["400 ExistedPropertyKey"] * 2 and removal == ["400 InvalidPropertyId.NotFound"] * 2
    assert (listed(doors), bound(doors, "alice")) == ({"shut": ["a"]}, [("shut", "a")])
    doors.eiam.call("DeleteCustomField", FieldId=hidden)


def test_rules_of_a_field_bind_both_doors(doors: Doors) -> None:
    badge = doors.eiam.field("badge", "select", "string", "a", "b", Unique=True)
    doors.eiam.field("home", "select", "string", "here", "there", Required=True, DefaultValue="here")
    doors.eiam.field("must", "checkbox", "string", "x", "y", Required=True)
    create(doors.eds, "alice", "bob_1")
    values = {
        found["PropertyKey"]: {value["PropertyValue"]: value["PropertyValueId"] for value in found["PropertyValues"]}
        for found in doors.eds.call("ListProperty")["Properties"]
    }

    defaults = bound(doors, "alice")
    bind(doors.eds, "alice", number(badge), values["badge"]["a"])
    with pytest.raises(Refused) as taken:
        bind(doors.eds, "bob_1", number(badge), values["badge"]["a"])
    eiam = doors.eiam.fault("CreateUser", Username="carol", PrimaryOrganizationalUnitId=doors.eiam.root)
    home = next(found for found in doors.eds.call("ListProperty")["Properties"] if found["PropertyKey"] == "home")
    last = refusal(
        doors.eds,
        "DeleteUserPropertyValue",
        UserId=described(doors.eds, "alice")["Id"],
        PropertyId=home["PropertyId"],
        PropertyValueId=values["home"]["here"],
    )

    assert defaults == [("home", "here")], "eds stores defaults and demands nothing"
    assert (taken.value.status, taken.value.code) == (400, "ExistedPropertyValue")
    assert eiam == missing("CustomFields")
    assert last == "400 OperationDenied.RequiredProperty"


def test_a_name_of_a_property_is_taken_in_both_doors(doors: Doors) -> None:
    property_of(doors.eds, "Job")
    doors.eiam.field("age")

    assert doors.eiam.fault("CreateCustomField", **new_field("job")) == duplicated("FieldName")
    assert refusal(doors.eds, "CreateProperty", PropertyKey="AGE") == "400 ExistedPropertyKey"
