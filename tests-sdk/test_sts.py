"""STS by its official SDK and by the credentials library; temporary keys through every SDK."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_credentials.client import Client as CredentialsClient
from alibabacloud_credentials.models import Config as CredentialsConfig
from alibabacloud_sts20150401 import models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config

from harness import EDS, EIAM, REGION, Core, Key, Place, Refused, Server, Tea, person, refusal, serving, tea
from pds import Pds
from ram import RAM, READ_ECD, STS, Account, answered, document, trust

ASSUME = "AliyunSTSAssumeRoleAccess"


@pytest.fixture
def account(shared: Server) -> Iterator[Account]:
    """The account of the file's server; what a test has made goes after it."""
    made = Account(shared)
    yield made
    made.clear()


def test_a_role_is_assumed_through_the_typed_client(account: Account) -> None:
    key = account.user("alice", ASSUME)
    role = account.role("reader", READ_ECD, trusts="user/alice")
    client = tea(account.server, key, STS)

    before = datetime.now(UTC)
    body = client.assume_role(
        models.AssumeRoleRequest(
            role_arn=role,
            role_session_name="ci.1@x-_",
            duration_seconds=900,
            policy=document("ecd:*"),
            external_id="x-1",
            source_identity="bob",
        )
    ).body

    made = body.credentials
    assert made.access_key_id.startswith("STS.") and len(made.security_token) > 100
    expires = datetime.strptime(made.expiration, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(seconds=890) < expires - before < timedelta(seconds=910)
    assert (body.assumed_role_user.arn, body.source_identity) == (f"{role}/ci.1@x-_", "bob")
    assert re.fullmatch(r"\d{18}:ci\.1@x-_", body.assumed_role_user.assumed_role_id)
    session = Key(made.access_key_id, made.access_key_secret, made.security_token)
    known = answered(Tea(account.server, session, STS), "GetCallerIdentity")
    assert known == {
        "IdentityType": "AssumedRoleUser",
        "AccountId": account.id,
        "RoleId": body.assumed_role_user.assumed_role_id.split(":")[0],
        "PrincipalId": body.assumed_role_user.assumed_role_id,
        "Arn": account.arn("assumed-role/reader/ci.1@x-_"),
    }


def test_everybody_is_told_who_they_are(account: Account) -> None:
    key = account.user("alice")
    user = answered(account.ram, "GetUser", UserName="alice")["User"]["UserId"]

    root = answered(account.sts, "GetCallerIdentity")
    alice = answered(Tea(account.server, key, STS), "GetCallerIdentity")

    assert (root["IdentityType"], root["UserId"], root["PrincipalId"]) == ("Account", account.id, account.id)
    assert (root["Arn"], alice["Arn"]) == (account.arn("root"), account.arn("user/alice"))
    assert (alice["IdentityType"], alice["UserId"], alice["PrincipalId"]) == ("RAMUser", user, user)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"RoleArn": "reader"}, "400 InvalidParameter.RoleArn"),
        ({"RoleArn": ""}, "400 MissingParameter.RoleArn"),
        ({"RoleSessionName": "x"}, "400 InvalidParameter.RoleSessionName"),
        ({"RoleSessionName": "a b"}, "400 InvalidParameter.RoleSessionName"),
        ({"RoleSessionName": "a" * 65}, "400 InvalidParameter.RoleSessionName"),
        ({"DurationSeconds": 899}, "400 InvalidParameter.DurationSeconds"),
        ({"DurationSeconds": 3_601}, "400 InvalidParameter.DurationSeconds"),
        ({"Policy": "{}"}, "400 InvalidParameter.PolicyGrammar"),
        ({"Policy": document("ecd:*") + " " * 2_048}, "400 InvalidParameter.PolicySize"),
        ({"ExternalId": "x y"}, "400 InvalidParameter.ExternalId"),
        ({"SourceIdentity": "x y"}, "400 InvalidParameter.SourceIdentity"),
    ],
)
def test_what_cannot_be_assumed_is_refused(account: Account, parameters: dict[str, Any], expected: str) -> None:
    key = account.user("alice", ASSUME)
    given = {"RoleArn": account.role("reader"), "RoleSessionName": "ci", **parameters}

    assert refusal(Tea(account.server, key, STS), "AssumeRole", **given) == expected


def test_both_the_callers_policies_and_the_roles_trust_have_to_allow_it(account: Account) -> None:
    trusted, untrusted, powerless = account.user("a", ASSUME), account.user("b", ASSUME), account.user("c")
    role = account.role("reader", trusts="user/a")
    given = {"RoleArn": role, "RoleSessionName": "ci"}

    answered(Tea(account.server, trusted, STS), "AssumeRole", **given)
    kinds = []
    for key in (untrusted, powerless):
        with pytest.raises(AlibabaCloudException) as raised:
            tea(account.server, key, STS).assume_role(models.AssumeRoleRequest().from_map(given))
        assert (raised.value.status_code, raised.value.code) == (403, "NoPermission")
        kinds.append(raised.value.access_denied_detail["PolicyType"])
    assert kinds == ["AssumeRolePolicy", "AccountLevelIdentityBasedPolicy"]
    assert refusal(account.sts, "AssumeRole", **given) == "403 NoPermission"
    unknown = {**given, "RoleArn": account.arn("role/unknown")}
    assert refusal(Tea(account.server, trusted, STS), "AssumeRole", **unknown) == "404 EntityNotExist.Role"


def test_a_trust_policy_asks_for_an_external_id(account: Account) -> None:
    key = account.user("alice", ASSUME)
    role = account.role("reader")
    statement = json.loads(trust(account.arn("root")))
    statement["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "x-1"}}
    answered(account.ram, "UpdateRole", RoleName="reader", NewAssumeRolePolicyDocument=json.dumps(statement))
    sts = Tea(account.server, key, STS)

    answered(sts, "AssumeRole", RoleArn=role, RoleSessionName="ci", ExternalId="x-1")
    assert refusal(sts, "AssumeRole", RoleArn=role, RoleSessionName="ci") == "403 NoPermission"


@pytest.fixture
def session(account: Account) -> Key:
    """A temporary key of a role that may read through each API."""
    policies = [f"Aliyun{product}ReadOnlyAccess" for product in ("ECD", "EIAM", "PDS", "RAM")]
    role = account.role("reader", *policies)
    return account.assume(account.user("alice", ASSUME), role)


def test_a_temporary_key_works_through_every_sdk(account: Account, session: Key) -> None:
    server = account.server

    for sdk in (Tea(server, session), Core(server, session)):
        sdk.call("DescribeUsers")
        assert refusal(sdk, "CreateUsers", Users=[person("alice")]) == "403 Forbidden.RAM"
    for sdk in (Tea(server, session, EIAM), Core(server, session, EIAM)):
        sdk.call("ListInstances")
        assert refusal(sdk, "CreateInstance", Description="x") == "403 NoPermission"
    for signature in ("v1", "v4"):
        pds = Pds(server, key=session, session=session.session, signature=signature)
        pds.call("ListUser")
        with pytest.raises(Refused) as refused:
            pds.call("CreateUser", user_id="u1", phone="13800000000")
        assert (refused.value.status, refused.value.code) == (403, "Forbidden")
    answered(Tea(server, session, RAM), "ListUsers")
    assert refusal(Tea(server, session, RAM), "CreateUser", UserName="bob") == "403 NoPermission"


def test_a_temporary_key_is_nothing_without_its_token(account: Account, session: Key) -> None:
    other = account.assume(account.user("bob", ASSUME), account.arn("role/reader"))

    for token, expected in [
        (None, "400 MissingSecurityToken"),
        (other.session, "400 InvalidSecurityToken.MismatchWithAccessKey"),
        ("nonsense", "400 InvalidSecurityToken.Malformed"),
    ]:
        key = Key(session.id, session.secret, token)
        assert refusal(Tea(account.server, key), "DescribeUsers") == expected


def test_a_session_policy_narrows(account: Account) -> None:
    role = account.role("reader", READ_ECD)
    key = account.assume(account.user("alice", ASSUME), role, Policy=document("ecd:FilterUsers"))

    with pytest.raises(AlibabaCloudException) as raised:
        tea(account.server, key).describe_users(EDS.models.DescribeUsersRequest())
    assert raised.value.access_denied_detail["PolicyType"] == "SessionPolicy"
    assert raised.value.access_denied_detail["AuthPrincipalDisplayName"] == "reader:ci"
    answered(Tea(account.server, key), "FilterUsers")


def test_what_a_role_loses_its_sessions_lose(account: Account, session: Key) -> None:
    sdk = Tea(account.server, session)
    sdk.call("DescribeUsers")

    for policy in answered(account.ram, "ListPoliciesForRole", RoleName="reader")["Policies"]["Policy"]:
        named = {name: policy[name] for name in ("PolicyType", "PolicyName")}
        answered(account.ram, "DetachPolicyFromRole", RoleName="reader", **named)
    assert refusal(sdk, "DescribeUsers") == "403 Forbidden.RAM"
    answered(account.ram, "DeleteRole", RoleName="reader")
    assert refusal(sdk, "DescribeUsers") == "404 InvalidAccessKeyId.NotFound"


def test_the_credentials_library_assumes_a_role(account: Account) -> None:
    key = account.user("alice", ASSUME)
    role = account.role("reader", READ_ECD)
    provider = CredentialsClient(
        CredentialsConfig(
            type="ram_role_arn",
            access_key_id=key.id,
            access_key_secret=key.secret,
            role_arn=role,
            role_session_name="library",
            role_session_expiration=900,
            policy=document("ecd:*"),
            sts_endpoint=f"http://{account.server.host}",
        )
    )
    config = Config(credential=provider, endpoint=account.server.host, protocol="http", region_id=REGION)

    answer = EDS.client(config).describe_users(EDS.models.DescribeUsersRequest())

    assert (answer.status_code, answer.body.users) == (200, [])
    assert provider.get_credential().access_key_id.startswith("STS.")


def test_a_key_of_a_session_outlives_a_restart(tmp_path: Path) -> None:
    with serving(Place(tmp_path)) as server:
        account = Account(server)
        session = account.assume(account.user("alice", ASSUME), account.role("reader", READ_ECD))
        server.stop()
        server.start()

        Tea(server, session).call("DescribeUsers")
