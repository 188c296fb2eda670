"""What the tests of RAM and STS share: their SDKs, users and roles that are made with them, how refusals are spelled."""

import json
import re
from collections.abc import Iterator
from typing import Any

import alibabacloud_ram20150501.models
import alibabacloud_sts20150401.models
from alibabacloud_ram20150501.client import Client as RamClient
from alibabacloud_sts20150401.client import Client as StsClient

from harness import ROOT, Api, Key, Sdk, Server, Tea

RAM = Api("2015-05-01", RamClient, alibabacloud_ram20150501.models, "Ram", "")
STS = Api("2015-04-01", StsClient, alibabacloud_sts20150401.models, "Sts", "")
REQUEST_ID = "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"
SECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
READ_ECD = "AliyunECDReadOnlyAccess"


def document(action: str, resource: str = "*", effect: str = "Allow") -> str:
    """A policy of one statement."""
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    # Without blanks, which the credentials library signs wrongly.
    return json.dumps({"Version": "1", "Statement": [statement]}, separators=(",", ":"))


def trust(*principals: str) -> str:
    """A trust policy."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": list(principals)}}
    return json.dumps({"Version": "1", "Statement": [statement]})


def answered(sdk: Sdk, action: str, **parameters: Any) -> dict[str, Any]:
    """An answer without its request id, which must be there."""
    answer = sdk.call(action, **parameters)
    assert re.fullmatch(REQUEST_ID, answer.pop("RequestId")), answer
    return answer


class Account:
    """The account of a server, as its root sees it through the SDKs."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.ram = Tea(server, api=RAM)
        self.sts = Tea(server, api=STS)
        self.id = answered(self.sts, "GetCallerIdentity")["AccountId"]

    def arn(self, relative: str) -> str:
        """The ARN of something of this account."""
        return f"acs:ram::{self.id}:{relative}"

    def user(self, name: str, *policies: str) -> Key:
        """A key of a new user with these policies of the system."""
        answered(self.ram, "CreateUser", UserName=name)
        for policy in policies:
            answered(self.ram, "AttachPolicyToUser", PolicyType="System", PolicyName=policy, UserName=name)
        made = answered(self.ram, "CreateAccessKey", UserName=name)["AccessKey"]
        return Key(made["AccessKeyId"], made["AccessKeySecret"])

    def role(self, name: str, *policies: str, trusts: str = "root", **more: Any) -> str:
        """The ARN of a new role with these policies of the system."""
        trusted = trust(self.arn(trusts))
        role = answered(self.ram, "CreateRole", RoleName=name, AssumeRolePolicyDocument=trusted, **more)["Role"]
        for policy in policies:
            answered(self.ram, "AttachPolicyToRole", PolicyType="System", PolicyName=policy, RoleName=name)
        assert role["Arn"] == self.arn(f"role/{name}")
        arn: str = role["Arn"]
        return arn

    def assume(self, key: Key, role: str, session: str = "ci", **more: Any) -> Key:
        """The temporary key that whoever has `key` gets of a role."""
        answer = answered(Tea(self.server, key, STS), "AssumeRole", RoleArn=role, RoleSessionName=session, **more)
        made = answer["Credentials"]
        return Key(made["AccessKeyId"], made["AccessKeySecret"], made["SecurityToken"])

    def clear(self) -> None:
        """Deletes everything that was made here, and the root's further keys."""
        for user in everything(self.ram, "ListUsers", "Users", "User"):
            name = user["UserName"]
            for key in answered(self.ram, "ListAccessKeys", UserName=name)["AccessKeys"]["AccessKey"]:
                answered(self.ram, "DeleteAccessKey", UserName=name, UserAccessKeyId=key["AccessKeyId"])
            for policy in answered(self.ram, "ListPoliciesForUser", UserName=name)["Policies"]["Policy"]:
                answered(self.ram, "DetachPolicyFromUser", UserName=name, **named(policy))
            answered(self.ram, "DeleteUser", UserName=name)
        for role in everything(self.ram, "ListRoles", "Roles", "Role"):
            name = role["RoleName"]
            for policy in answered(self.ram, "ListPoliciesForRole", RoleName=name)["Policies"]["Policy"]:
                answered(self.ram, "DetachPolicyFromRole", RoleName=name, **named(policy))
            answered(self.ram, "DeleteRole", RoleName=name)
        for policy in everything(self.ram, "ListPolicies", "Policies", "Policy", PolicyType="Custom"):
            answered(self.ram, "DeletePolicy", PolicyName=policy["PolicyName"])
        for key in answered(self.ram, "ListAccessKeys")["AccessKeys"]["AccessKey"]:
            if key["AccessKeyId"] != ROOT.id:
                answered(self.ram, "DeleteAccessKey", UserAccessKeyId=key["AccessKeyId"])


def named(policy: dict[str, Any]) -> dict[str, Any]:
    """What names a policy."""
    return {name: policy[name] for name in ("PolicyType", "PolicyName")}


def everything(sdk: Sdk, action: str, things: str, thing: str, **filters: Any) -> list[dict[str, Any]]:
    """All things of a list, page by page."""
    return [found for page in pages(sdk, action, **filters) for found in page[things][thing]]


def pages(sdk: Sdk, action: str, **filters: Any) -> Iterator[dict[str, Any]]:
    """The pages of a list."""
    marker: dict[str, str] = {}
    while True:
        answer = answered(sdk, action, **filters, **marker)
        yield answer
        assert answer["IsTruncated"] == ("Marker" in answer)
        if not answer["IsTruncated"]:
            return
        marker = {"Marker": answer["Marker"]}
