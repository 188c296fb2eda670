"""One directory, three doors: what one SDK writes, the SDKs of the other APIs show."""

import pytest

from eiam import Instance, instances
from harness import EIAM, ROOT_UNIT, Server, Tea, create, described
from pds import Pds


class Doors:
    """The account's own directory, through the SDK of each API."""

    def __init__(self, server: Server) -> None:
        self.eds = Tea(server)
        eiam = Tea(server, api=EIAM)
        [only] = instances(eiam)
        self.eiam = Instance(eiam, only)
        self.pds = Pds(server)


@pytest.fixture
def doors(server: Server) -> Doors:
    """The doors of a new directory."""
    return Doors(server)


def test_a_user_of_one_door_is_there_in_the_others(doors: Doors) -> None:
    create(doors.eds, "alice")
    bob = doors.eiam.user("bob", DisplayName="Bob")
    doors.pds.call("CreateUser", user_id="carol", user_name="carol", nick_name="Carol", phone="13800000000")
    assert {user["EndUserId"] for user in doors.eds.call("DescribeUsers")["Users"]} == {"alice", "bob", "carol"}
    assert doors.eiam.names() == ["alice", "bob", "carol"]
    shown = doors.pds.call("ListUser")["items"]
    assert {user["user_name"] for user in shown} == {"superadmin", "alice", "bob", "carol"}
    [found] = doors.pds.call("SearchUser", user_name="bob")["items"]
    assert (found["nick_name"], found["role"], found["creator"]) == ("Bob", "user", "")
    assert len(found["user_id"]) == 32 and found["user_id"] != bob
    assert described(doors.eds, "carol")["Phone"] == "13800000000"
    assert doors.pds.call("GetDomainQuota")["user_count_used"] == 3


def test_groups_of_pds_are_units_and_the_root_is_none(doors: Doors) -> None:
    group = doors.pds.call("CreateGroup", group_name="研发")["group_id"]
    unit = next(org for org in doors.eds.call("DescribeOrgs")["Orgs"] if org["OrgName"] == "研发")
    below = doors.eiam.unit("below", doors.eiam.root)
    assert unit["ParentOrgId"] == ROOT_UNIT and below
    shown = doors.pds.call("ListGroup")["items"]
    assert {found["group_name"] for found in shown} == {"研发", "below"}
    create(doors.eds, "alice", OrgId=unit["OrgId"])
    [member] = doors.pds.call("ListGroupMember", group_id=group, member_type="user")["user_items"]
    assert member["user_name"] == "alice"
    taken = doors.pds.fault("CreateGroup", group_name="BELOW")
    assert taken == (409, "AlreadyExist.Group")


def test_a_drive_keeps_its_user_from_being_deleted_anywhere(doors: Doors) -> None:
    doors.pds.call("CreateUser", user_id="dave")
    drive = doors.pds.call("CreateDrive", drive_name="d", owner="dave")["drive_id"]
    [user] = doors.eiam.call("ListUsers", PageSize=10)["Users"]
    assert doors.eiam.fault("DeleteUser", UserId=user["UserId"])[:2] == (403, "OperationDenied.UserOwnsDrive")
    [failed] = doors.eds.call("RemoveUsers", Users=["dave"])["RemoveUsersResult"]["FailedUsers"]
    assert failed["ErrorCode"] == "UserInUse" and "Used in some region" in failed["ErrorMessage"]
    assert doors.pds.fault("DeleteUser", user_id="dave") == (409, "StateConflict.User")
    doors.pds.call("DeleteDrive", drive_id=drive)
    doors.eiam.call("DeleteUser", UserId=user["UserId"])
    assert doors.pds.fault("GetUser", user_id="dave") == (404, "NotFound.User")


def test_a_lock_of_one_door_shows_in_the_others(doors: Doors) -> None:
    create(doors.eds, "erin")
    [user] = doors.pds.call("SearchUser", user_name="erin")["items"]
    doors.eds.call("LockUsers", Users=["erin"])
    assert doors.pds.call("GetUser", user_id=user["user_id"])["status"] == "disabled"
    opened = doors.pds.call("UpdateUser", user_id=user["user_id"], status="enabled")
    assert opened["status"] == "enabled" and described(doors.eds, "erin")["Status"] == 0
    doors.pds.call("UpdateUser", user_id=user["user_id"], status="disabled")
    assert described(doors.eds, "erin")["Status"] == 9


def test_an_account_of_pds_is_an_identity_for_eiam(doors: Doors) -> None:
    doors.pds.call("CreateUser", user_id="frank")
    doors.pds.call("LinkAccount", user_id="frank", type="email", identity="frank@example.com")
    given = {"PrimaryOrganizationalUnitId": doors.eiam.root, "Username": "grace"}
    taken = doors.eiam.fault("CreateUser", **given, Email="frank@example.com", EmailVerified=True)
    assert taken[:2] == (403, "ResourceDuplicated.Email")
    doors.pds.call("CreateUser", user_id="grace", email="frank@example.com")
    doors.pds.call("UnLinkAccount", user_id="frank", type="email", identity="frank@example.com")
    grace = next(user for user in doors.eiam.call("ListUsers", PageSize=9)["Users"] if user["Username"] == "grace")
    claim = {"UserId": grace["UserId"], "Email": "frank@example.com", "EmailVerified": True}
    doors.eiam.call("UpdateUser", **claim)
    assert doors.pds.call("GetLinkInfo", type="email", identity="frank@example.com")["user_id"] == "grace"
    frank = {"user_id": "frank", "type": "email", "identity": "frank@example.com"}
    assert doors.pds.fault("LinkAccount", **frank) == (409, "AlreadyExist.Account")


def test_a_role_of_pds_makes_a_tenant_manager(doors: Doors) -> None:
    doors.pds.call("CreateUser", user_id="heidi", role="admin")
    assert described(doors.eds, "heidi")["IsTenantManager"] is True
    doors.pds.call("UpdateUser", user_id="heidi", role="user")
    assert described(doors.eds, "heidi")["IsTenantManager"] is False


def test_instances_are_domains(doors: Doors) -> None:
    made = doors.eiam.sdk.call("CreateInstance", Description="another")["InstanceId"]
    domains = doors.pds.call("ListDomains")["items"]
    assert len(domains) == 2 and "another" in {domain["description"] for domain in domains}
    domain = doors.pds.call("CreateDomain", domain_name="third")["domain_id"]
    assert len(instances(doors.eiam.sdk)) == 3
    doors.pds.call("DeleteDomain", domain_id=domain)
    doors.eiam.sdk.call("DeleteInstance", InstanceId=made)
    assert len(doors.pds.call("ListDomains")["items"]) == 1
