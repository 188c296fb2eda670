"""What the tests of EIAM share: an instance and what is made in it, and how refusals are spelled."""

import re
from collections.abc import Iterator
from typing import Any

from harness import Refused, Sdk

REQUEST_ID = "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"
# 128 bits in the alphabet of EIAM; the last character holds three of them.
ID = "[a-z2-7]{25}[aeimquy4]"
NOBODY = "user_aaaaaaaaaaaaaaaaaaaaaaaaaa"
NO_UNIT = "ou_aaaaaaaaaaaaaaaaaaaaaaaaaa"
NO_GROUP = "group_aaaaaaaaaaaaaaaaaaaaaaaaaa"
NO_FIELD = "ufd_aaaaaaaaaaaaaaaaaaaaaaaaaa"
NO_INSTANCE = "idaas_aaaaaaaaaaaaaaaaaaaaaaaaaa"
ODD_NAME = "研发. 部 & + ~ % / \\ ' \" * < > 😀"
DAY = 86_400_000

Fault = tuple[int, str, str]

TOKEN_OF_ANOTHER_CALL: Fault = (
    400,
    "IdempotentParameterMismatch",
    "The request uses the same client token as a previous, but non-identical request.",
)
IS_ROOT: Fault = (
    403,
    "OperationDenied.RootOrganizationalUnit",
    "The root OrganizationalUnit cannot be moved or deleted.",
)
NOT_EMPTY: Fault = (
    403,
    "OperationDenied.OrganizationalUnitNotEmpty",
    "The specified OrganizationalUnit contains users or child organizational units.",
)


def missing(name: str) -> Fault:
    """That a parameter had to be given."""
    return 400, f"MissingParameter.{name}", f"The specified parameter:{name} is required!"


def invalid(name: str) -> Fault:
    """That a parameter does not fit."""
    return 400, f"InvalidParameter.{name}", f"The specified parameter:{name} is invalid."


def unknown(thing: str, text: str) -> Fault:
    """That something is not there."""
    return 404, f"ResourceNotFound.{thing}", f"The specified {thing} resource: {text} not found."


def duplicated(name: str) -> Fault:
    """That something is taken."""
    return 403, f"ResourceDuplicated.{name}", f"The specified resource: {name} already exist."


def answered(sdk: Sdk, action: str, **parameters: Any) -> dict[str, Any]:
    """An answer without its request id, which must be there."""
    answer = sdk.call(action, **parameters)
    assert re.fullmatch(REQUEST_ID, answer.pop("RequestId")), answer
    return answer


def fault(sdk: Sdk, action: str, **parameters: Any) -> Fault:
    """Status, code and message of the refusal that a call must get."""
    try:
        answer = sdk.call(action, **parameters)
    except Refused as refused:
        return refused.status, refused.code, refused.message
    raise AssertionError(f"{action} with {parameters} was answered: {answer}")


class Instance:
    """One instance, through either SDK."""

    def __init__(self, sdk: Sdk, id: str) -> None:
        self.sdk = sdk
        self.id = id
        self.root: str = self.call("GetRootOrganizationalUnit")["OrganizationalUnit"]["OrganizationalUnitId"]

    def call(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Calls an action on this instance."""
        return answered(self.sdk, action, InstanceId=self.id, **parameters)

    def fault(self, action: str, **parameters: Any) -> Fault:
        """Status, code and message of the refusal that a call on this instance must get."""
        return fault(self.sdk, action, InstanceId=self.id, **parameters)

    def user(self, username: str, **more: Any) -> str:
        """The id of a new user, in the root unless `more` says otherwise."""
        given = {"Username": username, "PrimaryOrganizationalUnitId": self.root, **more}
        made: str = self.call("CreateUser", **given)["UserId"]
        return made

    def unit(self, name: str, parent: str | None = None, **more: Any) -> str:
        """The id of a new unit, below the root unless another one is named."""
        given = {"OrganizationalUnitName": name, "ParentId": parent or self.root, **more}
        made: str = self.call("CreateOrganizationalUnit", **given)["OrganizationalUnitId"]
        return made

    def group(self, name: str, *members: str, **more: Any) -> str:
        """The id of a new group with its members."""
        made: str = self.call("CreateGroup", GroupName=name, **more)["GroupId"]
        if members:
            self.call("AddUsersToGroup", GroupId=made, UserIds=list(members))
        return made

    def field(self, name: str, kind: str = "input", type: str = "string", *choices: str, **more: Any) -> str:
        """The id of a new custom field."""
        items = {"FieldDataConfig": {"Items": [{"Value": choice} for choice in choices]}} if choices else {}
        made: str = self.call("CreateCustomField", **new_field(name, kind, type), **items, **more)["FieldId"]
        return made

    def shown(self, user: str) -> dict[str, Any]:
        """A user as GetUser shows them."""
        found: dict[str, Any] = self.call("GetUser", UserId=user)["User"]
        return found

    def values(self, user: str) -> dict[str, str]:
        """A user's custom fields, value by name."""
        return {field["FieldName"]: field["FieldValue"] for field in self.shown(user)["CustomFields"]}

    def units(self, user: str) -> list[str]:
        """The ids of a user's units, the primary one first."""
        user_shown = self.shown(user)
        units = [unit["OrganizationalUnitId"] for unit in user_shown["OrganizationalUnits"]]
        assert [unit["Primary"] for unit in user_shown["OrganizationalUnits"]] == [True] + [False] * (len(units) - 1)
        assert units[0] == user_shown["PrimaryOrganizationalUnitId"]
        return units

    def names(self, **filters: Any) -> list[str]:
        """The usernames that a list shows on one page, on which all matches must be."""
        answer = self.call("ListUsers", PageSize=100, **filters)
        assert answer["TotalCount"] == len(answer["Users"]), answer
        return [user["Username"] for user in answer["Users"]]

    def numbered(self, action: str, member: str, size: int, **filters: Any) -> Iterator[list[Any]]:
        """The pages of a list by their numbers, up to the first empty one; each must have the same total."""
        totals = set()
        number = 1
        while True:
            answer = self.call(action, PageNumber=number, PageSize=size, **filters)
            totals.add(answer["TotalCount"])
            assert len(totals) == 1 and not {"NextToken", "MaxResults"} & answer.keys(), answer
            if not answer[member]:
                return
            yield answer[member]
            number += 1


def phone(region: str, number: str, verified: bool = False) -> dict[str, Any]:
    """A number to give."""
    return {"PhoneRegion": region, "PhoneNumber": number, "PhoneNumberVerified": verified}


def address(text: str, verified: bool = False) -> dict[str, Any]:
    """An address to give."""
    return {"Email": text, "EmailVerified": verified}


def new_field(name: str, kind: str = "input", type: str = "string") -> dict[str, str]:
    """What a custom field must be made with."""
    return {
        "EntityType": "user",
        "FieldName": name,
        "FieldDisplayName": f"The {name}",
        "FieldDisplayType": kind,
        "FieldDataType": type,
    }


def instances(sdk: Sdk) -> list[str]:
    """The ids of all instances, the account's own first."""
    return [found["InstanceId"] for found in answered(sdk, "ListInstances", PageSize=100)["Instances"]]


def new_instance(sdk: Sdk, description: str = "") -> Instance:
    """A new instance."""
    return Instance(sdk, answered(sdk, "CreateInstance", Description=description)["InstanceId"])


def clear(sdk: Sdk) -> None:
    """Removes all instances but the account's own."""
    for other in instances(sdk)[1:]:
        answered(sdk, "DeleteInstance", InstanceId=other)
