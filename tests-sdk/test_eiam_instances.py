"""EIAM: instances, regions, quotas, and what is said of an instance that is not there."""

import re
import time
from typing import Any
from uuid import uuid4

import pytest
from alibabacloud_eiam20211201 import models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from eiam import (
    ID,
    NO_FIELD,
    NO_GROUP,
    NO_INSTANCE,
    NO_UNIT,
    NOBODY,
    ODD_NAME,
    TOKEN_OF_ANOTHER_CALL,
    Instance,
    answered,
    fault,
    instances,
    invalid,
    missing,
    new_field,
    new_instance,
    unknown,
)
from harness import EIAM, Server, tea

UNBOUNDED = 2_147_483_647


USER, GROUP, UNIT, FIELD = (
    {"UserId": NOBODY},
    {"GroupId": NO_GROUP},
    {"OrganizationalUnitId": NO_UNIT},
    {"FieldId": NO_FIELD},
)
ACCOUNT = {**USER, "IdentityProviderId": "idp_x", "UserExternalId": "x"}
# Every action on an instance, with what else it must be given.
ON_AN_INSTANCE: dict[str, dict[str, Any]] = {
    "CreateUser": {"Username": "alice", "PrimaryOrganizationalUnitId": NO_UNIT},
    "ListUsers": {},
    "GetUser": USER,
    "UpdateUser": USER,
    "UpdateUserDescription": USER,
    "UpdateUserPassword": {**USER, "Password": "Passw0rd"},
    "DeleteUser": USER,
    "DeleteUsers": {"UserIds": [NOBODY]},
    "EnableUser": USER,
    "DisableUser": USER,
    "UnlockUser": USER,
    "SetUserPrimaryOrganizationalUnit": {**USER, **UNIT},
    "AddUserToOrganizationalUnits": {**USER, "OrganizationalUnitIds": [NO_UNIT]},
    "RemoveUserFromOrganizationalUnits": {**USER, "OrganizationalUnitIds": [NO_UNIT]},
    "ListUsersForGroup": GROUP,
    "ListGroupsForUser": USER,
    "CreateGroup": {"GroupName": "staff"},
    "GetGroup": GROUP,
    "ListGroups": {},
    "UpdateGroup": GROUP,
    "UpdateGroupDescription": GROUP,
    "DeleteGroup": GROUP,
    "AddUsersToGroup": {**GROUP, "UserIds": [NOBODY]},
    "RemoveUsersFromGroup": {**GROUP, "UserIds": [NOBODY]},
    "CreateOrganizationalUnit": {"OrganizationalUnitName": "unit", "ParentId": NO_UNIT},
    "GetOrganizationalUnit": UNIT,
    "GetRootOrganizationalUnit": {},
    "ListOrganizationalUnits": {},
    "ListOrganizationalUnitParents": UNIT,
    "UpdateOrganizationalUnit": UNIT,
    "UpdateOrganizationalUnitDescription": UNIT,
    "UpdateOrganizationalUnitParentId": {**UNIT, "ParentId": NO_UNIT},
    "DeleteOrganizationalUnit": UNIT,
    "DeleteOrganizationalUnitChildren": UNIT,
    "CreateCustomField": dict(new_field("age")),
    "GetCustomField": FIELD,
    "EnableCustomField": FIELD,
    "DisableCustomField": FIELD,
    "DeleteCustomField": FIELD,
    "GetInstance": {},
    "UpdateInstanceDescription": {},
    "DeleteInstance": {},
    "CheckInstanceForDelete": {},
    "GetInstanceQuota": {"QuotaKey": "userMaxNumber"},
    "GetInstanceLicense": {},
    "GetPasswordComplexityConfiguration": {},
    "SetPasswordComplexityConfiguration": {"PasswordMinLength": 8},
    "GetPasswordExpirationConfiguration": {},
    "SetPasswordExpirationConfiguration": {"PasswordExpirationStatus": "disabled"},
    "GetPasswordHistoryConfiguration": {},
    "SetPasswordHistoryConfiguration": {"PasswordHistoryStatus": "disabled"},
    "GetPasswordInitializationConfiguration": {},
    "SetPasswordInitializationConfiguration": {"PasswordInitializationStatus": "disabled"},
    "GetForgetPasswordConfiguration": {},
    "SetForgetPasswordConfiguration": {"ForgetPasswordStatus": "disabled"},
    "UnbindTotpAuthenticator": USER,
    "BindUserAuthnSourceMapping": ACCOUNT,
    "UnbindUserAuthnSourceMapping": ACCOUNT,
    "ListUserAuthnSourceMappings": USER,
}


def test_the_current_sdk_makes_shows_and_removes_an_instance(shared: Server) -> None:
    client = tea(shared, api=EIAM)

    made = client.create_instance(models.CreateInstanceRequest(description="instance_for_test")).body.instance_id
    client.update_instance_description(
        models.UpdateInstanceDescriptionRequest(instance_id=made, description="Example Inc.")
    )
    shown = client.get_instance(models.GetInstanceRequest(instance_id=made)).body.instance
    listed = client.list_instances(models.ListInstancesRequest(instance_ids=[made], page_number=1, page_size=20)).body
    older = client.list_eiam_instances(models.ListEiamInstancesRequest(instance_ids=[made])).body
    check = client.check_instance_for_delete(
        models.CheckInstanceForDeleteRequest(instance_id=made)
    ).body.check_instance_result
    quota = client.get_instance_quota(
        models.GetInstanceQuotaRequest(instance_id=made, quota_key="userMaxNumber")
    ).body.quota
    service = client.get_service_quota(
        models.GetServiceQuotaRequest(quota_type="instanceTrialNumber")
    ).body.service_quota
    license = client.get_instance_license(models.GetInstanceLicenseRequest(instance_id=made)).body.license
    regions = client.list_regions().body.regions
    older_regions = client.list_eiam_regions().body.regions
    client.delete_instance(models.DeleteInstanceRequest(instance_id=made))

    assert (shown.instance_id, shown.description, shown.status) == (made, "Example Inc.", "running")
    assert (shown.service_managed, shown.cross_region_replication) == (False, "disabled")
    assert (listed.total_count, listed.instances[0].to_map()) == (1, shown.to_map())
    [old] = older.instances
    assert (old.instance_id, old.instance_status, old.instance_version) == (made, "RUNNING", "EIAM 2.0")
    assert (old.description, old.start_time) == ("Example Inc.", shown.create_time)
    assert (check.deletable, check.restrict_scenarios) == (True, [])
    assert (quota.quota_key, quota.quota_value) == ("userMaxNumber", UNBOUNDED)
    assert service.quota_type == "instanceTrialNumber" and service.quota_value >= service.used_quota_value
    assert (license.edition, license.license_status, license.user_quota) == ("enterprise", "valid", UNBOUNDED)
    assert [(of.region_id, of.local_name) for of in regions] == [(of.region_id, of.local_name) for of in older_regions]
    with pytest.raises(AlibabaCloudException, match=f"The specified Instance resource: {made} not found."):
        client.get_instance(models.GetInstanceRequest(instance_id=made))


def test_an_instance_comes_back_as_it_was_made(instance: Instance) -> None:
    begun = time.time_ns() // 1_000_000

    answer = answered(instance.sdk, "CreateInstance", Description=f"{ODD_NAME}\n\tand more")
    bare = instance.call("GetInstance")["Instance"]

    made = Instance(instance.sdk, answer["InstanceId"])
    whole = made.call("GetInstance")["Instance"]
    assert list(answer) == ["InstanceId"] and re.fullmatch(f"idaas_{ID}", made.id)
    assert begun - 1000 <= whole["CreateTime"] <= time.time_ns() // 1_000_000 + 1000
    assert whole == {
        "InstanceId": made.id,
        "Description": f"{ODD_NAME}\n\tand more",
        "Status": "running",
        "CreateTime": whole["CreateTime"],
        "ServiceManaged": False,
        "CrossRegionReplication": "disabled",
    }
    assert "Description" not in bare
    assert made.names() == []
    assert answered(instance.sdk, "ListInstances", InstanceIds=[made.id, instance.id]) == {
        "TotalCount": 2,
        "Instances": [bare, whole],
    }


def test_a_description_is_changed_and_cleared(instance: Instance) -> None:
    said: list[Any] = []

    for given in ({"Description": ODD_NAME}, {"Description": ""}, {"Description": "述" * 128}, {}):
        assert instance.call("UpdateInstanceDescription", **given) == {}
        said.append(instance.call("GetInstance")["Instance"].get("Description"))

    assert said == [ODD_NAME, None, "述" * 128, None]
    wrong = {"Description": "述" * 129}
    assert instance.fault("UpdateInstanceDescription", **wrong) == invalid("Description")
    assert fault(instance.sdk, "CreateInstance", **wrong) == invalid("Description")


def test_a_retry_with_the_same_token_makes_one_instance(instance: Instance) -> None:
    given = {"Description": "one", "ClientToken": uuid4().hex}

    first = answered(instance.sdk, "CreateInstance", **given)
    again = answered(instance.sdk, "CreateInstance", **given)
    other = fault(instance.sdk, "CreateInstance", **{**given, "Description": "two"})
    long = fault(instance.sdk, "CreateInstance", ClientToken="t" * 65)
    foreign = fault(instance.sdk, "CreateInstance", ClientToken="é")

    assert first == again
    assert other == TOKEN_OF_ANOTHER_CALL
    assert long == foreign == invalid("ClientToken")
    assert instances(instance.sdk)[1:] == [instance.id, first["InstanceId"]]


def test_an_account_has_three_instances_beside_its_own(instance: Instance) -> None:
    second, third = new_instance(instance.sdk), new_instance(instance.sdk)

    fourth = fault(instance.sdk, "CreateInstance")
    second.call("DeleteInstance")
    again = new_instance(instance.sdk)

    assert fourth == (403, "LimitExceeded.Instance", "There are as many instances as there may be.")
    assert instances(instance.sdk)[1:] == [instance.id, third.id, again.id]


def test_instances_are_found_by_every_filter_in_the_order_of_their_making(instance: Instance) -> None:
    own = instances(instance.sdk)[0]
    second = new_instance(instance.sdk, "second")
    everything = [own, instance.id, second.id]
    finds: list[tuple[dict[str, Any], list[str]]] = [
        ({}, everything),
        ({"InstanceIds": [second.id, own, NO_INSTANCE, "x"]}, [own, second.id]),
        ({"InstanceIds": [NO_INSTANCE]}, []),
        ({"Status": "running"}, everything),
        ({"Status": "creating"}, []),
        ({"Edition": "enterprise"}, everything),
        *(({"Edition": edition}, []) for edition in ("free", "trial", "scalability", "standard")),
        ({"CrossRegionReplication": "disabled"}, everything),
        ({"CrossRegionReplication": "enabled"}, []),
        ({"ServiceManaged": False}, everything),
        ({"ServiceManaged": True}, []),
        ({"ManagedServiceCode": "sase"}, []),
        ({"ManagedServiceCode": "", "Status": "", "Edition": ""}, everything),
        ({"PageNumber": 1, "PageSize": 2}, everything[:2]),
        ({"PageNumber": 2, "PageSize": 2}, everything[2:]),
        ({"PageNumber": 3, "PageSize": 2}, []),
        ({"InstanceIds": [second.id], "Status": "running", "Edition": "enterprise"}, [second.id]),
    ]

    for filters, expected in finds:
        answer = answered(instance.sdk, "ListInstances", **filters)
        assert [found["InstanceId"] for found in answer["Instances"]] == expected, filters
        assert answer["TotalCount"] == (3 if "PageSize" in filters else len(expected)), filters
    wrong: list[tuple[str, Any]] = [
        ("PageNumber", 0),
        ("PageSize", 0),
        ("PageSize", 101),
        ("Status", "RUNNING"),
        ("Edition", "gold"),
        ("CrossRegionReplication", "on"),
        ("ServiceManaged", "maybe"),
        ("InstanceIds", [NO_INSTANCE] * 101),
    ]
    for name, value in wrong:
        assert fault(instance.sdk, "ListInstances", **{name: value}) == invalid(name), name


def test_instances_are_listed_in_the_older_shape(instance: Instance) -> None:
    own = instances(instance.sdk)[0]
    second = new_instance(instance.sdk, "second")
    [region] = answered(instance.sdk, "ListRegions")["Regions"]

    def listed(**filters: Any) -> list[dict[str, Any]]:
        answer = answered(instance.sdk, "ListEiamInstances", **filters)
        assert list(answer) == ["Instances"]
        found: list[dict[str, Any]] = answer["Instances"]
        return found

    everything = listed()
    assert [found["InstanceId"] for found in everything] == [own, instance.id, second.id]
    assert everything[2] == {
        "InstanceId": second.id,
        "Description": "second",
        "InstanceStatus": "RUNNING",
        "InstanceVersion": "EIAM 2.0",
        "OpenAPIPublicDomain": region["RegionEndpoint"],
        "StartTime": second.call("GetInstance")["Instance"]["CreateTime"],
    }
    assert listed(InstanceRegionId=region["RegionId"], InstanceIds=[second.id, NO_INSTANCE]) == everything[2:]
    assert listed(InstanceRegionId="cn-nowhere") == []
    assert fault(instance.sdk, "ListEiamInstances", InstanceRegionId="c" * 33) == invalid("InstanceRegionId")


def test_an_instance_goes_with_all_that_is_in_it(instance: Instance) -> None:
    gone = new_instance(instance.sdk, "gone")
    unit = gone.unit("unit")
    gone.field("age", Unique=True)
    user = gone.user("alice", PrimaryOrganizationalUnitId=unit, CustomFields=[{"FieldName": "age", "FieldValue": "1"}])
    gone.group("staff", user)

    check = gone.call("CheckInstanceForDelete")
    answer = gone.call("DeleteInstance")

    assert check == {"CheckInstanceResult": {"Deletable": True, "RestrictScenarios": []}}
    assert answer == {}
    assert gone.id not in instances(instance.sdk)
    for action, more in ON_AN_INSTANCE.items():
        assert gone.fault(action, **more) == unknown("Instance", gone.id), action
    assert instance.fault("GetUser", UserId=user) == unknown("User", user)


def test_the_accounts_own_instance_stays(instance: Instance) -> None:
    own = Instance(instance.sdk, instances(instance.sdk)[0])

    check = own.call("CheckInstanceForDelete")
    refused = own.fault("DeleteInstance")

    assert check == {
        "CheckInstanceResult": {
            "Deletable": False,
            "RestrictScenarios": [{"RestrictReason": "cloud_product_dependency", "ResourceId": own.id}],
        }
    }
    assert refused == (403, "OperationDenied.InstanceNotDeletable", "The default instance cannot be deleted.")
    assert own.call("GetInstance")["Instance"]["Status"] == "running"


def test_an_instance_that_is_not_there_is_unknown_to_every_action(instance: Instance) -> None:
    assert len(ON_AN_INSTANCE) == 59

    for action, more in ON_AN_INSTANCE.items():
        for wrong in (NO_INSTANCE, instance.id.upper(), instance.root):
            found = fault(instance.sdk, action, InstanceId=wrong, **more)
            assert found == unknown("Instance", wrong), (action, wrong)
        assert fault(instance.sdk, action, **more) == missing("InstanceId"), action
        assert fault(instance.sdk, action, InstanceId="", **more) == missing("InstanceId"), action


def test_the_one_region_is_this_server(instance: Instance, shared: Server) -> None:
    regions = answered(instance.sdk, "ListRegions")
    older = answered(instance.sdk, "ListEiamRegions")

    [region] = regions["Regions"]
    assert list(regions) == list(older) == ["Regions"]
    assert region.keys() == {"RegionId", "LocalName", "RegionEndpoint"}
    assert region["RegionId"] and region["LocalName"] and region["RegionEndpoint"] == shared.host
    assert older["Regions"] == [{name: region[name] for name in ("RegionId", "LocalName")}]


def test_nothing_is_bounded(instance: Instance) -> None:
    for name in ("instanceTrialNumber", "instanceTrialTimes"):
        quota = answered(instance.sdk, "GetServiceQuota", QuotaType=name)["ServiceQuota"]
        assert quota.keys() == {"QuotaType", "QuotaValue", "UsedQuotaValue"}
        assert quota["QuotaType"] == name and 0 <= quota["UsedQuotaValue"] <= quota["QuotaValue"]
    of_users = instance.call("GetInstanceQuota", QuotaKey="userMaxNumber")

    assert of_users == {"Quota": {"QuotaKey": "userMaxNumber", "QuotaValue": UNBOUNDED}}
    assert fault(instance.sdk, "GetServiceQuota") == missing("QuotaType")
    assert fault(instance.sdk, "GetServiceQuota", QuotaType="instances") == invalid("QuotaType")
    assert instance.fault("GetInstanceQuota") == missing("QuotaKey")
    assert instance.fault("GetInstanceQuota", QuotaKey="users") == invalid("QuotaKey")


def test_a_licence_holds_for_ever(instance: Instance) -> None:
    created = instance.call("GetInstance")["Instance"]["CreateTime"]

    license = instance.call("GetInstanceLicense")

    assert license == {
        "License": {
            "LicenseId": f"license_{instance.id.removeprefix('idaas_')}",
            "Edition": "enterprise",
            "LicenseStatus": "valid",
            "StartTime": created,
            "LicenseCreateTime": created,
            "UserQuota": UNBOUNDED,
            "InstanceLicenseDetail": {"UserQuota": UNBOUNDED},
        }
    }


def test_actions_of_other_systems_are_not_there(instance: Instance) -> None:
    actions: dict[str, dict[str, Any]] = {
        "CreateApplication": {"ApplicationName": "x"},
        "ListIdentityProviders": {},
        "GetInstanceModuleInfo": {"ModuleKey": "urn:alibaba:idaas:license:module:ud"},
        "SetWebAuthnConfiguration": {"EnableUserSelfRegistration": True},
        "GetInstanceTrialStatus": {},
    }

    for action, more in actions.items():
        found = instance.fault(action, **more)
        assert found == (
            404,
            "InvalidAction.NotFound",
            "Specified api is not found, please check your url and method.",
        ), action
