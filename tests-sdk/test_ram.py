"""RAM by its official SDK: every action and parameter, refusals, pages, and what its users may do elsewhere."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_ram20150501 import models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

from harness import EDS, EIAM, ROOT, Core, Key, Refused, Sdk, Server, Tea, person, refusal, tea, within
from pds import Pds
from ram import RAM, READ_ECD, SECONDS, STS, Account, answered, document, everything, pages, trust

ROLE: dict[str, Any] = {"RoleName": "r", "AssumeRolePolicyDocument": trust("acs:ram::1:root")}


@pytest.fixture
def account(shared: Server) -> Iterator[Account]:
    """The account of the file's server; what a test has made goes after it."""
    made = Account(shared)
    yield made
    made.clear()


def test_a_user_lives_through_the_typed_client(account: Account) -> None:
    client = tea(account.server, api=RAM)

    made = client.create_user(
        models.CreateUserRequest(
            user_name="alice.li-1_x",
            display_name="李雷",
            email="alice@example.org",
            mobile_phone="86-13800000000",
            comments="one & two",
        )
    ).body.user
    shown = client.get_user(models.GetUserRequest(user_name="alice.li-1_x")).body.user
    changed = client.update_user(
        models.UpdateUserRequest(
            user_name="alice.li-1_x",
            new_user_name="alice",
            new_display_name="Alice",
            new_email="a@example.org",
            new_mobile_phone="1-1",
            new_comments="",
        )
    ).body.user
    listed = client.list_users(models.ListUsersRequest(max_items=10)).body
    client.delete_user(models.DeleteUserRequest(user_name="alice"))

    assert re.fullmatch(r"\d{18}", made.user_id) and re.fullmatch(SECONDS, made.create_date)
    assert (made.user_name, made.display_name, made.comments) == ("alice.li-1_x", "李雷", "one & two")
    assert (made.email, made.mobile_phone) == ("alice@example.org", "86-13800000000")
    assert (shown.user_id, shown.update_date, shown.last_login_date) == (made.user_id, made.create_date, None)
    assert (changed.user_id, changed.user_name, changed.display_name) == (made.user_id, "alice", "Alice")
    assert (changed.email, changed.mobile_phone, changed.comments) == ("a@example.org", "1-1", None)
    assert (listed.is_truncated, listed.marker) == (False, None)
    assert [user.user_name for user in listed.users.user] == ["alice"]
    assert client.list_users(models.ListUsersRequest()).body.users.user == []


def test_keys_are_made_switched_and_deleted(account: Account) -> None:
    key = account.user("alice")
    sts, known = Tea(account.server, key, STS), {"UserName": "alice", "UserAccessKeyId": key.id}

    assert answered(sts, "GetCallerIdentity")["Arn"] == account.arn("user/alice")
    second = answered(account.ram, "CreateAccessKey", UserName="alice")["AccessKey"]
    assert (second["Status"], bool(re.fullmatch(SECONDS, second["CreateDate"]))) == ("Active", True)
    assert refusal(account.ram, "CreateAccessKey", UserName="alice") == "409 LimitExceeded.User.AccessKey"
    answered(account.ram, "UpdateAccessKey", **known, Status="Inactive")
    assert refusal(sts, "GetCallerIdentity") == "400 InvalidAccessKeyId.Inactive"
    listed = answered(account.ram, "ListAccessKeys", UserName="alice")["AccessKeys"]["AccessKey"]
    assert [(found["AccessKeyId"], found["Status"]) for found in listed] == [
        (key.id, "Inactive"),
        (second["AccessKeyId"], "Active"),
    ]
    answered(account.ram, "DeleteAccessKey", **known)
    assert refusal(sts, "GetCallerIdentity") == "404 InvalidAccessKeyId.NotFound"
    unused = answered(account.ram, "GetAccessKeyLastUsed", UserName="alice", UserAccessKeyId=second["AccessKeyId"])
    assert unused == {"AccessKeyLastUsed": {}}


def test_a_user_looks_after_the_own_keys(account: Account) -> None:
    key = account.user("alice")
    own = document("ram:*AccessKey*", account.arn("user/alice"))
    answered(account.ram, "CreatePolicy", PolicyName="own-keys", PolicyDocument=own)
    answered(account.ram, "AttachPolicyToUser", PolicyType="Custom", PolicyName="own-keys", UserName="alice")
    alice = Tea(account.server, key, RAM)

    made = answered(alice, "CreateAccessKey")["AccessKey"]
    second = Tea(account.server, Key(made["AccessKeyId"], made["AccessKeySecret"]), RAM)
    answered(second, "UpdateAccessKey", UserAccessKeyId=key.id, Status="Inactive")
    answered(second, "DeleteAccessKey", UserAccessKeyId=key.id)

    assert [found["AccessKeyId"] for found in answered(second, "ListAccessKeys")["AccessKeys"]["AccessKey"]] == [
        made["AccessKeyId"]
    ]
    assert refusal(second, "ListAccessKeys", UserName="bob") == "403 NoPermission"


def test_policies_are_made_shown_attached_and_deleted(account: Account) -> None:
    account.user("alice")
    account.role("reader")
    text = document("ecd:Describe*")

    given = {"PolicyName": "readers", "Description": "a\nb", "PolicyDocument": text}
    made = answered(account.ram, "CreatePolicy", **given)["Policy"]
    own = {"PolicyType": "Custom", "PolicyName": "readers"}
    answered(account.ram, "AttachPolicyToUser", **own, UserName="alice")
    answered(account.ram, "AttachPolicyToRole", **own, RoleName="reader")
    shown = answered(account.ram, "GetPolicy", **own)
    entities = answered(account.ram, "ListEntitiesForPolicy", **own)
    of_user = answered(account.ram, "ListPoliciesForUser", UserName="alice")["Policies"]["Policy"]
    of_role = answered(account.ram, "ListPoliciesForRole", RoleName="reader")["Policies"]["Policy"]

    assert (made["PolicyName"], made["PolicyType"], made["DefaultVersion"]) == ("readers", "Custom", "v1")
    assert (shown["Policy"]["PolicyDocument"], shown["Policy"]["AttachmentCount"]) == (text, 2)
    assert shown["Policy"]["Description"] == "a\nb"
    version = shown["DefaultPolicyVersion"]
    assert (version["PolicyDocument"], version["IsDefaultVersion"], version["VersionId"]) == (text, True, "v1")
    assert [user["UserName"] for user in entities["Users"]["User"]] == ["alice"]
    assert [role["Arn"] for role in entities["Roles"]["Role"]] == [account.arn("role/reader")]
    assert entities["Groups"]["Group"] == []
    for attached in (of_user, of_role):
        assert [(policy["PolicyName"], policy["PolicyType"]) for policy in attached] == [("readers", "Custom")]
        assert re.fullmatch(SECONDS, attached[0]["AttachDate"])
    assert refusal(account.ram, "DeletePolicy", PolicyName="readers") == "409 DeleteConflict.Policy.User"
    answered(account.ram, "DetachPolicyFromUser", **own, UserName="alice")
    assert refusal(account.ram, "DeletePolicy", PolicyName="readers") == "409 DeleteConflict.Policy.Role"
    answered(account.ram, "DetachPolicyFromRole", **own, RoleName="reader")
    answered(account.ram, "DeletePolicy", PolicyName="readers", CascadingDelete=True)


def test_roles_are_made_shown_changed_and_deleted(account: Account) -> None:
    given = {"RoleName": "reader", "AssumeRolePolicyDocument": trust(account.arn("root"))}
    more = {"Description": "d", "MaxSessionDuration": 7_200, "AllowConsoleLogin": False}

    made = answered(account.ram, "CreateRole", **given, **more)["Role"]
    changed = answered(
        account.ram,
        "UpdateRole",
        RoleName="reader",
        NewAssumeRolePolicyDocument=trust(account.arn("user/x")),
        NewDescription="",
        NewMaxSessionDuration=43_200,
        NewAllowConsoleLogin=False,
    )["Role"]
    shown = answered(account.ram, "GetRole", RoleName="reader")["Role"]
    [listed] = answered(account.ram, "ListRoles")["Roles"]["Role"]
    answered(account.ram, "DeleteRole", RoleName="reader")

    assert (made["Arn"], made["Description"], made["MaxSessionDuration"]) == (account.arn("role/reader"), "d", 7_200)
    assert json.loads(changed["AssumeRolePolicyDocument"]) == json.loads(trust(account.arn("user/x")))
    assert ("Description" in shown, shown["MaxSessionDuration"], shown["IsServiceLinkedRole"]) == (False, 43_200, False)
    assert ("AssumeRolePolicyDocument" in listed, listed["RoleId"]) == (False, made["RoleId"])
    assert refusal(account.ram, "GetRole", RoleName="reader") == "404 EntityNotExist.Role"


def test_lists_go_on_where_their_marker_says(account: Account) -> None:
    names = [f"u{number}" for number in range(7)]
    for name in reversed(names):
        answered(account.ram, "CreateUser", UserName=name)
        answered(account.ram, "CreateRole", **{**ROLE, "RoleName": name})
        answered(account.ram, "CreatePolicy", PolicyName=name, PolicyDocument=document("ecd:*"))

    for action, things, thing, field in [
        ("ListUsers", "Users", "User", "UserName"),
        ("ListRoles", "Roles", "Role", "RoleName"),
        ("ListPolicies", "Policies", "Policy", "PolicyName"),
    ]:
        filters = {"PolicyType": "Custom"} if action == "ListPolicies" else {}
        found_pages = pages(account.ram, action, MaxItems=3, **filters)
        found = [[one[field] for one in page[things][thing]] for page in found_pages]
        assert found == [names[:3], names[3:6], names[6:]], action
        assert refusal(account.ram, action, Marker="x") == "400 InvalidParameter.Marker"
        for size in (0, 1_001):
            assert refusal(account.ram, action, MaxItems=size) == "400 InvalidParameter.MaxItems"
    listed = everything(account.ram, "ListPolicies", "Policies", "Policy", MaxItems=4)
    everybodys = [policy["PolicyName"] for policy in listed]
    assert everybodys[0] == "AdministratorAccess" and everybodys[-7:] == names
    [first] = [policy for policy in answered(account.ram, "ListPolicies", MaxItems=1)["Policies"]["Policy"]]
    assert (first["PolicyType"], first["AttachmentCount"]) == ("System", 0)


@pytest.mark.parametrize(
    ("action", "parameters", "expected"),
    [
        ("CreateUser", {}, "400 MissingParameter.UserName"),
        ("CreateUser", {"UserName": "a b"}, "400 InvalidParameter.UserName.InvalidChars"),
        ("CreateUser", {"UserName": "a" * 65}, "400 InvalidParameter.UserName.Length"),
        ("CreateUser", {"UserName": "b", "Email": "x"}, "400 InvalidParameter.Email.Format"),
        ("CreateUser", {"UserName": "b", "MobilePhone": "138"}, "400 InvalidParameter.MobilePhone.Format"),
        ("CreateUser", {"UserName": "b", "DisplayName": "é" * 129}, "400 InvalidParameter.DisplayName.Length"),
        ("CreateUser", {"UserName": "b", "Comments": "é" * 129}, "400 InvalidParameter.Comments.Length"),
        ("GetUser", {"UserName": "nobody"}, "404 EntityNotExist.User"),
        ("UpdateUser", {"UserName": "nobody", "NewComments": "x"}, "404 EntityNotExist.User"),
        ("DeleteUser", {"UserName": "nobody"}, "404 EntityNotExist.User"),
        ("CreateAccessKey", {"UserName": "nobody"}, "404 EntityNotExist.User"),
        ("UpdateAccessKey", {"UserAccessKeyId": "x", "Status": "on"}, "400 InvalidParameter.Status"),
        ("DeleteAccessKey", {"UserAccessKeyId": "x"}, "404 EntityNotExist.User.AccessKey"),
        ("GetAccessKeyLastUsed", {"UserAccessKeyId": "x"}, "404 EntityNotExist.User.AccessKey"),
        ("CreatePolicy", {"PolicyName": "p", "PolicyDocument": "{}"}, "400 MalformedPolicyDocument"),
        (
            "CreatePolicy",
            {"PolicyName": "p", "PolicyDocument": document("ecd:*") + " " * 6_144},
            "400 InvalidParameter.PolicyDocument.Length",
        ),
        (
            "CreatePolicy",
            {"PolicyName": "p", "PolicyDocument": document("ecd:*"), "Tag": [{"Key": "k", "Value": "v"}]},
            "400 UnsupportedParameter.Tag",
        ),
        (
            "CreatePolicy",
            {"PolicyName": "AdministratorAccess", "PolicyDocument": document("ecd:*")},
            "409 EntityAlreadyExists.Policy",
        ),
        ("GetPolicy", {"PolicyType": "Custom", "PolicyName": "p"}, "404 EntityNotExist.Policy"),
        ("GetPolicy", {"PolicyType": "Both", "PolicyName": "p"}, "400 InvalidParameter.PolicyType"),
        ("ListPolicies", {"Tag": [{"Key": "k", "Value": "v"}]}, "400 UnsupportedParameter.Tag"),
        ("CreateRole", {**ROLE, "AssumeRolePolicyDocument": "{}"}, "400 MalformedPolicyDocument"),
        ("CreateRole", {**ROLE, "MaxSessionDuration": 60}, "400 InvalidParameter.MaxSessionDuration"),
        ("CreateRole", {**ROLE, "AllowConsoleLogin": True}, "400 UnsupportedParameter.AllowConsoleLogin"),
        ("UpdateRole", {"RoleName": "r", "NewDescription": "x"}, "404 EntityNotExist.Role"),
        (
            "AttachPolicyToUser",
            {"PolicyType": "System", "PolicyName": READ_ECD, "UserName": "nobody"},
            "404 EntityNotExist.User",
        ),
        (
            "AttachPolicyToRole",
            {"PolicyType": "System", "PolicyName": READ_ECD, "RoleName": "r", "ResourceGroupId": "rg-1"},
            "400 UnsupportedParameter.ResourceGroupId",
        ),
        ("ListGroups", {}, "404 InvalidAction.NotFound"),
        ("ChangePassword", {"OldPassword": "a", "NewPassword": "b"}, "404 InvalidAction.NotFound"),
    ],
)
def test_what_cannot_be_done_is_refused(
    account: Account, action: str, parameters: dict[str, Any], expected: str
) -> None:
    assert refusal(account.ram, action, **parameters) == expected


def test_a_reader_reads_and_is_told_why_it_may_not_write(account: Account) -> None:
    key = account.user("reader", READ_ECD)
    sdk = Tea(account.server, key)
    user = answered(account.ram, "GetUser", UserName="reader")["User"]

    assert answered(sdk, "DescribeUsers")["Users"] == []
    with pytest.raises(AlibabaCloudException) as raised:
        tea(account.server, key).create_users(EDS.models.CreateUsersRequest().from_map({"Users": [person("alice")]}))

    assert (raised.value.status_code, raised.value.code) == (403, "Forbidden.RAM")
    assert raised.value.access_denied_detail == {
        "AuthAction": "ecd:CreateUsers",
        "AuthPrincipalType": "SubUser",
        "AuthPrincipalOwnerId": account.id,
        "AuthPrincipalDisplayName": user["UserId"],
        "NoPermissionType": "ImplicitDeny",
        "PolicyType": "AccountLevelIdentityBasedPolicy",
    }


def test_policies_of_the_system_open_one_api_each(account: Account) -> None:
    server = account.server
    keys = {
        product: account.user(product, f"Aliyun{product}ReadOnlyAccess") for product in ("ECD", "EIAM", "PDS", "RAM")
    }

    for product, key in keys.items():
        calls: list[tuple[str, Sdk | Pds, str]] = [
            ("ECD", Tea(server, key), "DescribeUsers"),
            ("EIAM", Tea(server, key, EIAM), "ListInstances"),
            ("PDS", Pds(server, key=key), "ListUser"),
            ("RAM", Tea(server, key, RAM), "ListUsers"),
        ]
        for other, sdk, action in calls:
            if other == product:
                sdk.call(action)
                continue
            with pytest.raises(Refused) as refused:
                sdk.call(action)
            assert refused.value.status == 403, (product, other)


def test_both_generations_sign_as_a_user(account: Account) -> None:
    key = account.user("reader", READ_ECD)

    for sdk in (Tea(account.server, key), Core(account.server, key)):
        sdk.call("DescribeUsers")
        assert refusal(sdk, "CreateUsers", Users=[person("alice")]) == "403 Forbidden.RAM"


def test_what_is_attached_and_taken_acts_at_once(account: Account) -> None:
    key = account.user("alice")
    sdk = Tea(account.server, key)
    policy = {"PolicyType": "System", "PolicyName": READ_ECD, "UserName": "alice"}

    for _ in range(3):
        assert refusal(sdk, "DescribeUsers") == "403 Forbidden.RAM"
        answered(account.ram, "AttachPolicyToUser", **policy)
        sdk.call("DescribeUsers")
        answered(account.ram, "DetachPolicyFromUser", **policy)


def test_commands_and_calls_see_one_another(account: Account) -> None:
    account.user("alice", READ_ECD)
    listed = account.server.command("ram", "user", "list").stdout
    assert "alice" in listed, listed
    done = account.server.command("ram", "user", "create", "bob")
    assert done.returncode == 0, done.stderr

    within(
        5,
        lambda: (
            [user["UserName"] for user in everything(account.ram, "ListUsers", "Users", "User")] == ["alice", "bob"]
        ),
    )


def test_a_simulation_names_the_statement_that_decides(account: Account) -> None:
    account.user("alice", READ_ECD)
    parameters = {"Principal": account.arn("user/alice"), "SimulatedAction": "ecd:DescribeUsers"}

    answer = call_plain(account, "SimulatePolicy", parameters)
    refused = call_plain(account, "SimulatePolicy", {**parameters, "SimulatedAction": "ecd:CreateUsers"})

    by = {"PolicyName": READ_ECD, "PolicyType": "System", "Statement": 1}
    assert {name: value for name, value in answer.items() if name != "RequestId"} == {"Decision": "Allow", **by}
    assert (refused["Decision"], refused["Resource"]) == ("ImplicitDeny", "*")


def call_plain(account: Account, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Calls an action that the SDK does not know, as its users do."""
    params = Params(
        action=action,
        version=RAM.version,
        protocol="HTTP",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    client = tea(account.server, ROOT, RAM)
    answer: dict[str, Any] = client.call_api(params, OpenApiRequest(query=parameters), RuntimeOptions())["body"]
    return answer
