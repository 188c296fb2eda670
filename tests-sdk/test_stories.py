"""What whole programs do: a console, a provisioning service and the Terraform provider."""

import re
from typing import Any

from harness import (
    PASSWORD,
    ROOT_UNIT,
    Sdk,
    Server,
    answer_to,
    bind,
    described,
    found,
    group,
    pages,
    person,
    property_of,
    unit,
    v1,
)


def test_a_console_runs_a_company(sdk: Sdk) -> None:
    # An organization tree, and people in it.
    units = {"root": ROOT_UNIT}
    for path in ["dev", "dev/web", "dev/data", "sales", "sales/east", "sales/west"]:
        above, _, name = path.rpartition("/")
        units[path] = unit(sdk, name, units[above or "root"])
    teams = ["dev/web", "dev/data", "sales/east", "sales/west"]
    people = {f"{team.rpartition('/')[2]}_{n:02}": team for team in teams for n in range(12)}
    answer = sdk.call("CreateUsers", Users=[person(name, OrgId=units[team]) for name, team in people.items()])
    assert answer["AllSucceed"], answer

    def within(path: str) -> list[str]:
        return found(sdk, OrgId=units[path], IsQueryAllSubOrgs=True)

    assert [len(within(path)) for path in units] == [48, 24, 12, 12, 24, 12, 12]

    # The west moves to development, and its first two people to the web.
    sdk.call("MoveOrg", OrgId=units["sales/west"], NewParentOrgId=units["dev"])
    sdk.call("MoveUserOrg", OrgId=units["dev/web"], EndUserIds=["west_00", "west_01"])
    sdk.call("ModifyOrg", OrgId=units["sales/west"], OrgName="lab")

    assert [len(within(path)) for path in units] == [48, 36, 14, 12, 12, 12, 10]
    assert described(sdk, "west_05")["Orgs"][0]["OrgNamePath"] == "root/dev/lab"

    # Groups across the tree, and properties with values.
    leads = group(sdk, "leads", *(name for name in people if name.endswith("_00")))
    remote = group(sdk, "remote", *(name for name in people if name.startswith("west")))
    job, jobs = property_of(sdk, "job", "coder", "seller", "boss")
    for name, team in people.items():
        bind(sdk, name, job, jobs["coder" if team.startswith("dev") else "seller"])
    for name in ("web_00", "east_00"):
        bind(sdk, name, job, jobs["boss"])

    shown = {of["GroupName"]: of["UserCount"] for of in sdk.call("DescribeGroups")["Groups"]}
    assert shown == {"leads": 4, "remote": 12}
    assert sdk.call("CheckUsedProperty", PropertyId=job)["UseCount"] == 48
    assert found(sdk, GroupId=leads, OrgId=units["dev"], IsQueryAllSubOrgs=True) == ["web_00", "data_00", "west_00"]
    assert found(sdk, GroupId=remote, ExcludeGroupId=leads, OrgId=units["dev/web"]) == ["west_01"]

    # Those who sell, below development, page by page in each order.
    sellers = sorted(name for name in people if name.startswith("west"))
    filters: dict[str, Any] = {
        "PropertyFilterParam": [{"PropertyId": job, "PropertyValueIds": str(jobs["seller"])}],
        "OrgId": units["dev"],
        "IsQueryAllSubOrgs": True,
        "IncludeOrgInfo": True,
    }
    for field in ("EndUserId", "id", "gmt_created"):
        for direction in ("ASC", "DESC"):
            order = {"OrderField": field, "OrderType": direction}
            listed = list(pages(sdk, "FilterUsers", MaxResults=5, OrderParam=order, **filters))
            names = [user["EndUserId"] for page in listed for user in page["Users"]]
            assert [len(page["Users"]) for page in listed] == [5, 5, 2]
            assert names == (sellers if direction == "ASC" else sellers[::-1]), order

    # The job becomes a role: sellers are gone with their value, bosses keep theirs.
    sdk.call(
        "UpdateProperty",
        PropertyId=job,
        PropertyKey="role",
        PropertyValues=[
            {"PropertyValueId": jobs["boss"], "PropertyValue": "manager"},
            {"PropertyValue": "coder"},
        ],
    )
    by_key = [{"PropertyKey": "role", "PropertyValues": "manager"}]
    managers = [user["EndUserId"] for user in sdk.call("FilterUsers", PropertyKeyValueFilterParam=by_key)["Users"]]
    assert sorted(managers) == ["east_00", "web_00"]
    assert sdk.call("CheckUsedProperty", PropertyId=job)["UseCount"] == 25

    # A reorganization by night: everybody in sales is locked, then removed, and sales with them.
    leavers = within("sales")
    sdk.call("LockUsers", Users=leavers, LogoutSession=True)
    assert found(sdk, Status=9) == leavers
    assert sdk.call("RemoveUsers", Users=leavers)["RemoveUsersResult"]["RemovedUsers"] == leavers
    for path in ("sales/east", "sales"):
        sdk.call("RemoveOrg", OrgId=units[path])

    # In the end it takes down everything that it finds.
    sdk.call("RemoveGroup", GroupId=leads, GroupIds=[remote])
    sdk.call("RemoveProperty", PropertyId=job)
    while users := [user["EndUserId"] for user in sdk.call("DescribeUsers", MaxResults=7)["Users"]]:
        assert not sdk.call("RemoveUsers", Users=users)["RemoveUsersResult"]["FailedUsers"]
    for path in ("dev/web", "dev/data", "sales/west", "dev"):
        sdk.call("RemoveOrg", OrgId=units[path])
    counts = sdk.call("GetUsersCount")
    assert (counts["UserCount"], counts["GroupCount"], counts["OrgCount"]) == (0, 0, 0)
    assert sdk.call("ListProperty")["Properties"] == []


def test_a_provisioning_service_makes_accounts_whether_they_are_there_or_not(sdk: Sdk) -> None:
    staff = group(sdk, "staff")

    def provision(name: str) -> dict[str, Any]:
        """What the service does for each desktop that it hands out."""
        user = person(name, OwnerType="CreateFromManager", Password=PASSWORD, GroupIdList=[staff])
        result = sdk.call("CreateUsers", Users=[user])["CreateResult"]
        assert all("Exist" in f"{item['ErrorCode']} {item['ErrorMessage']}" for item in result["FailedUsers"]), result
        matches = sdk.call("DescribeUsers", Filter=name, MaxResults=100)["Users"]
        [user] = [user for user in matches if user["EndUserId"] == name]
        sdk.call("ChangeUserPassword", EndUserId=name, NewPassword=f"{PASSWORD}{name}")
        return dict(user)

    first = [provision(name) for name in ("desk_1", "desk_10", "desk_100")]
    again = [provision(name) for name in ("desk_1", "desk_10", "desk_100")]

    assert first == again
    assert found(sdk, GroupId=staff) == ["desk_1", "desk_10", "desk_100"]
    assert [user["OwnerType"] for user in first] == ["CreateFromManager"] * 3


def form(server: Server, action: str, **parameters: str) -> dict[str, Any]:
    """Calls an action as the Terraform provider does: everything as text in the form body."""
    answer = answer_to(server, v1(server, action, {name.replace("_", "."): text for name, text in parameters.items()}))
    assert answer.status == 200, answer
    return answer.json


def by_terraform(server: Server, name: str) -> dict[str, Any] | None:
    """A user as the provider looks for them: in the whole list, page by page."""
    token: dict[str, str] = {}
    while True:
        answer = form(server, "DescribeUsers", MaxResults="50", **token)
        for user in answer["Users"]:
            if user["EndUserId"] == name:
                return dict(user)
        if not answer.get("NextToken"):
            return None
        token = {"NextToken": answer["NextToken"]}


def test_terraform_keeps_a_user(server: Server) -> None:
    others = {f"Users_{n}_{field}": text for n in range(1, 61) for field, text in other(n).items()}
    form(server, "CreateUsers", **others)

    # create, and wait until the account is there
    made = form(
        server,
        "CreateUsers",
        Users_1_EndUserId="terraform",
        Users_1_Email="hello.uuu@aaa.com",
        Users_1_Phone="13800000000",
        Password=PASSWORD,
    )
    user = by_terraform(server, "terraform")
    assert made["CreateResult"]["FailedUsers"] == [] and user
    assert (user["Status"], user["Email"], user["Phone"]) == (0, "hello.uuu@aaa.com", "13800000000")

    # status = "Locked", then "Unlocked"
    for action, status in [("LockUsers", 9), ("UnlockUsers", 0)]:
        form(server, action, Users_1="terraform")
        user = by_terraform(server, "terraform")
        assert user and user["Status"] == status

    # another address
    form(server, "ModifyUser", EndUserId="terraform", Email="hello.bbb@aaa.com", Phone="13811111111")
    user = by_terraform(server, "terraform")
    assert user and (user["Email"], user["Phone"]) == ("hello.bbb@aaa.com", "13811111111")

    # destroy
    removed = form(server, "RemoveUsers", Users_1="terraform")
    assert removed["RemoveUsersResult"] == {"RemovedUsers": ["terraform"], "FailedUsers": []}
    assert by_terraform(server, "terraform") is None


def other(n: int) -> dict[str, str]:
    """A user who is there before; the provider's own comes on the second page."""
    return {"EndUserId": f"other{n}", "Email": f"other{n}@aaa.com"}


def test_terraform_keeps_a_property(server: Server) -> None:
    key = "tf-testacccn-shanghaiecdcustomproperty12345"

    def read(number: str) -> tuple[str, list[str]] | None:
        """The property as the provider looks for it, by the text of its id."""
        listed = form(server, "ListProperty")["Properties"]
        for one in listed:
            if str(one["PropertyId"]) == number:
                return one["PropertyKey"], sorted(value["PropertyValue"] for value in one["PropertyValues"])
        return None

    made = answer_to(server, v1(server, "CreateProperty", {"PropertyKey": key})).body
    plain = re.search(rb'"PropertyId":(\d+)[,}]', made)
    assert plain, made
    number = plain[1].decode()
    assert read(number) == (key, [])

    form(server, "UpdateProperty", PropertyId=number, PropertyKey=key, PropertyValues_1_PropertyValue=f"{key}_1")
    assert read(number) == (key, [f"{key}_1"])
    form(
        server,
        "UpdateProperty",
        PropertyId=number,
        PropertyKey=f"{key}_update",
        PropertyValues_1_PropertyValue=f"{key}_3",
        PropertyValues_2_PropertyValue=f"{key}_2",
    )
    assert read(number) == (f"{key}_update", [f"{key}_2", f"{key}_3"])
    form(server, "RemoveProperty", PropertyId=number)
    assert read(number) is None
