"""FilterUsers: people by property, organization, type and state, in every order."""

from typing import Any

import pytest
from alibabacloud_eds_user20210308 import models

from harness import (
    PASSWORD,
    ROOT_UNIT,
    UNKNOWN_UNIT,
    Core,
    Sdk,
    Server,
    Tea,
    answer_to,
    bind,
    create,
    described,
    group,
    pages,
    person,
    property_of,
    refusal,
    tea,
    unit,
    v1,
)


def filtered(sdk: Sdk, **filters: Any) -> list[str]:
    """The names of the users that a filter finds, on one page, the oldest first."""
    order = {"OrderField": "id", "OrderType": "ASC"}
    answer = sdk.call("FilterUsers", OrderParam=order, **filters)
    assert not answer.get("NextToken"), answer
    return [user["EndUserId"] for user in answer["Users"]]


def properties(key: int, *values: int) -> list[dict[str, Any]]:
    """A filter for values of one property."""
    return [{"PropertyId": key, "PropertyValueIds": ",".join(map(str, values))}]


def test_the_current_sdk_filters_by_everything(server: Server) -> None:
    sdk, client = Tea(server), tea(server)
    dev = unit(sdk, "dev")
    key, values = property_of(sdk, "job", "coder")
    create(sdk, "alice", OrgId=unit(sdk, "web", dev))
    create(sdk, "bob", OrgId=dev)
    for name in ("alice", "bob"):
        bind(sdk, name, key, values["coder"])

    answer = client.filter_users(
        models.FilterUsersRequest(
            filter="*@example.com",
            org_id=dev,
            is_query_all_sub_orgs=True,
            owner_type="Normal",
            status=0,
            exclude_end_user_ids=["bob"],
            include_end_user_ids=["alice", "bob"],
            property_filter_param=[
                models.FilterUsersRequestPropertyFilterParam(property_id=key, property_value_ids=str(values["coder"]))
            ],
            property_key_value_filter_param=[
                models.FilterUsersRequestPropertyKeyValueFilterParam(property_key="job", property_values="coder")
            ],
            order_param=models.FilterUsersRequestOrderParam(order_field="EndUserId", order_type="ASC"),
            include_desktop_count=True,
            include_desktop_group_count=True,
            include_org_info=True,
            include_support_idps=True,
            show_extras={"Group": "true"},
            max_results=20,
        )
    ).body

    [alice] = answer.users
    assert not answer.next_token
    assert (alice.end_user_id, alice.status, alice.owner_type) == ("alice", 0, "Normal")
    assert (alice.desktop_count, alice.desktop_group_count, alice.support_login_idps) == (0, 0, [])
    assert [org.org_name_path for org in alice.org_list] == ["root/dev/web"]
    [job] = alice.user_set_properties_models
    assert (job.user_id, job.user_name, job.property_id) == (alice.id, "alice", key)
    assert (job.property_key, job.property_type) == ("job", 2)
    [value] = job.property_values
    assert (value.property_value_id, value.property_value) == (values["coder"], "coder")


def test_every_field_comes_back(sdk: Sdk) -> None:
    dev, staff = unit(sdk, "dev"), group(sdk, "staff")
    key, values = property_of(sdk, "job", "coder", "boss")
    user = person("alice", Phone="13800000000", Remark="an engineer", RealNickName="爱丽丝")
    made = sdk.call(
        "CreateUsers",
        Password=PASSWORD,
        PasswordExpireDays="30",
        IsLocalAdmin=True,
        AutoLockTime="2100-03-03",
        Users=[{**user, "OrgId": dev, "GroupIdList": [staff]}],
    )
    assert made["AllSucceed"], made
    bind(sdk, "alice", key, values["coder"])
    bind(sdk, "alice", key, values["boss"])

    asked = {"IncludeDesktopCount": True, "IncludeDesktopGroupCount": True, "IncludeSupportIdps": True}
    [shown] = sdk.call("FilterUsers", IncludeOrgInfo=True, **asked)["Users"]

    [job] = shown["UserSetPropertiesModels"]
    texts = {value["PropertyValue"]: value["PropertyValueId"] for value in job["PropertyValues"]}
    assert texts == values
    assert {**job, "PropertyValues": None} == {
        "UserId": shown["Id"],
        "UserName": "alice",
        "PropertyId": key,
        "PropertyKey": "job",
        "PropertyType": 2,
        "PropertyValues": None,
    }
    assert {**shown, "UserSetPropertiesModels": None} == {
        **user,
        "Id": described(sdk, "alice")["Id"],
        "Status": 0,
        "OwnerType": "Normal",
        "IsTenantManager": False,
        "EnableAdminAccess": True,
        "AutoLockTime": "2100-03-03",
        "PasswordExpireDays": 30,
        "PasswordExpireRestDays": 30,
        "DesktopCount": 0,
        "DesktopGroupCount": 0,
        "UserSetPropertiesModels": None,
        "OrgList": [{"OrgId": dev, "OrgName": "dev", "OrgNamePath": "root/dev"}],
        "Groups": [{"GroupId": staff, "GroupName": "staff"}],
        "SupportLoginIdps": [],
        "ResourcePolicyList": [],
    }


def test_what_is_not_asked_for_is_absent(server: Server) -> None:
    create(Tea(server), "alice")

    [shown] = answer_to(server, v1(server, "FilterUsers")).json["Users"]

    assert set(shown) == {
        "Id", "EndUserId", "Email", "OwnerType", "Status", "IsTenantManager", "EnableAdminAccess",
        "UserSetPropertiesModels", "Groups", "ResourcePolicyList",
    }  # fmt: skip


def test_people_are_found_by_what_they_are(sdk: Sdk) -> None:
    dev, sales = unit(sdk, "dev"), unit(sdk, "sales")
    web = unit(sdk, "web", dev)
    create(sdk, "alice", OrgId=dev)
    create(sdk, "bob", OrgId=web)
    create(sdk, "carol")
    manager = {"EndUserId": "dave", "OwnerType": "CreateFromManager", "Password": PASSWORD, "OrgId": sales}
    assert sdk.call("CreateUsers", Users=[manager])["AllSucceed"]
    sdk.call("LockUsers", Users=["carol"])
    everybody = ["alice", "bob", "carol", "dave"]

    finds: list[tuple[dict[str, Any], list[str]]] = [
        ({}, everybody),
        ({"Filter": "A*"}, ["alice"]),
        ({"Filter": "o"}, ["alice", "bob", "carol"]),
        ({"Filter": "dav"}, ["dave"]),
        ({"Filter": "%"}, []),
        ({"OrgId": ROOT_UNIT}, ["carol"]),
        ({"OrgId": ROOT_UNIT, "IsQueryAllSubOrgs": True}, everybody),
        ({"OrgId": dev}, ["alice"]),
        ({"OrgId": dev, "IsQueryAllSubOrgs": False}, ["alice"]),
        ({"OrgId": dev, "IsQueryAllSubOrgs": True}, ["alice", "bob"]),
        ({"OrgId": UNKNOWN_UNIT}, []),
        ({"OwnerType": "Normal"}, everybody[:3]),
        ({"OwnerType": "CreateFromManager"}, ["dave"]),
        ({"OwnerType": "CreateFromManager", "OrgId": dev}, []),
        ({"Status": 0}, ["alice", "bob", "dave"]),
        ({"Status": 9}, ["carol"]),
        ({"Status": 11}, []),
        ({"Status": 0, "OrgId": dev, "IsQueryAllSubOrgs": True, "Filter": "bob"}, ["bob"]),
        ({"ExcludeEndUserIds": ["ALICE", "nobody"]}, everybody[1:]),
        ({"IncludeEndUserIds": ["dave", "nobody", "alice"]}, ["alice", "dave"]),
        ({"IncludeEndUserIds": ["dave", "alice"], "ExcludeEndUserIds": ["dave"]}, ["alice"]),
        ({"IncludeEndUserIds": ["nobody"]}, []),
    ]

    for filters, names in finds:
        assert filtered(sdk, **filters) == names, filters


def test_people_are_found_by_their_properties(sdk: Sdk) -> None:
    job, jobs = property_of(sdk, "Job", "dev", "ops", "boss, really")
    place, places = property_of(sdk, "place", "here", "there", "dev")
    create(sdk, "alice", "bob", "carol", "dave")
    for name, key, value in [
        ("alice", job, jobs["dev"]),
        ("alice", place, places["here"]),
        ("bob", job, jobs["dev"]),
        ("bob", job, jobs["ops"]),
        ("bob", place, places["there"]),
        ("carol", job, jobs["ops"]),
        ("carol", place, places["dev"]),
    ]:
        bind(sdk, name, key, value)

    def by_key(key: str, values: str) -> list[dict[str, str]]:
        return [{"PropertyKey": key, "PropertyValues": values}]

    finds: list[tuple[dict[str, Any], list[str]]] = [
        ({"PropertyFilterParam": properties(job, jobs["dev"])}, ["alice", "bob"]),
        ({"PropertyFilterParam": properties(job, jobs["dev"], jobs["ops"])}, ["alice", "bob", "carol"]),
        (
            {"PropertyFilterParam": properties(job, jobs["dev"]) + properties(job, jobs["ops"])},
            ["alice", "bob", "carol"],
        ),
        ({"PropertyFilterParam": properties(job, jobs["boss, really"])}, []),
        (
            {"PropertyFilterParam": properties(job, jobs["ops"]) + properties(place, *places.values())},
            ["bob", "carol"],
        ),
        ({"PropertyFilterParam": properties(job, jobs["ops"]) + properties(place, places["here"])}, []),
        ({"PropertyFilterParam": properties(place, jobs["dev"])}, []),
        ({"PropertyFilterParam": properties(1, jobs["dev"])}, []),
        ({"PropertyFilterParam": properties(job, 1)}, []),
        ({"PropertyFilterParam": properties(job, 1, jobs["ops"])}, ["bob", "carol"]),
        ({"PropertyKeyValueFilterParam": by_key("Job", "dev")}, ["alice", "bob"]),
        ({"PropertyKeyValueFilterParam": by_key("Job", "dev,ops")}, ["alice", "bob", "carol"]),
        ({"PropertyKeyValueFilterParam": by_key("place", "dev")}, ["carol"]),
        ({"PropertyKeyValueFilterParam": by_key("place", "nowhere")}, []),
        ({"PropertyKeyValueFilterParam": by_key("nothing", "dev")}, []),
        ({"PropertyKeyValueFilterParam": by_key("Job", "ops") + by_key("place", "there,dev")}, ["bob", "carol"]),
        (
            {
                "PropertyFilterParam": properties(job, jobs["ops"]),
                "PropertyKeyValueFilterParam": by_key("place", "there"),
            },
            ["bob"],
        ),
        ({"PropertyFilterParam": properties(job, jobs["dev"]), "ExcludeEndUserIds": ["bob"]}, ["alice"]),
        ({"PropertyFilterParam": properties(job, jobs["dev"]), "Filter": "b*"}, ["bob"]),
        ({"PropertyFilterParam": properties(job, jobs["dev"]), "Status": 9}, []),
    ]

    for filters, names in finds:
        assert filtered(sdk, **filters) == names, filters


def test_people_come_in_every_order(sdk: Sdk) -> None:
    names = ["mike", "alice", "zoe", "bob", "a_1", "user_10", "user_2"]
    for name in names:
        create(sdk, name)

    def ordered(field: str | None = None, direction: str | None = None) -> list[str]:
        order = {"OrderField": field, "OrderType": direction}
        given = {name: word for name, word in order.items() if word}
        listed = pages(sdk, "FilterUsers", MaxResults=2, **({"OrderParam": given} if given else {}))
        return [user["EndUserId"] for page in listed for user in page["Users"]]

    assert ordered() == names[::-1]
    assert ordered("id") == ordered("id", "DESC") == names[::-1]
    assert ordered("id", "ASC") == names
    assert ordered("gmt_created") == ordered("gmt_created", "DESC") == names[::-1]
    assert ordered("gmt_created", "ASC") == names
    assert ordered("EndUserId", "ASC") == sorted(names)
    assert ordered("EndUserId") == ordered("EndUserId", "DESC") == sorted(names, reverse=True)


@pytest.mark.parametrize("order", [{"OrderField": "EndUserId", "OrderType": "ASC"}, {"OrderField": "id"}])
def test_a_page_holds_a_hundred_at_most(sdk: Sdk, order: dict[str, str]) -> None:
    names = [f"user_{n:03}" for n in range(102)]
    create(sdk, *names[:100])
    create(sdk, *names[100:])
    if "OrderType" not in order:
        names.reverse()

    for size, lengths in {200: [100, 2], 101: [100, 2], 100: [100, 2], 60: [60, 42]}.items():
        listed = list(pages(sdk, "FilterUsers", MaxResults=size, OrderParam=order))
        assert [len(page["Users"]) for page in listed] == lengths
        assert [user["EndUserId"] for page in listed for user in page["Users"]] == names
    assert len(sdk.call("FilterUsers", OrderParam=order)["Users"]) == 100


def test_pages_of_a_search_by_property_name_everybody_once(sdk: Sdk) -> None:
    key, values = property_of(sdk, "job", "dev", "ops")
    names = [f"user_{n}" for n in range(9)]
    create(sdk, *names)
    for n, name in enumerate(names):
        bind(sdk, name, key, values["dev"])
        if n % 2:
            bind(sdk, name, key, values["ops"])

    listed = list(
        pages(
            sdk,
            "FilterUsers",
            MaxResults=4,
            PropertyFilterParam=properties(key, *values.values()),
            OrderParam={"OrderField": "EndUserId", "OrderType": "ASC"},
        )
    )

    assert [len(page["Users"]) for page in listed] == [4, 4, 1]
    assert [user["EndUserId"] for page in listed for user in page["Users"]] == names


def test_a_token_serves_no_other_list(sdk: Sdk) -> None:
    create(sdk, "alice", "alina", "bob")
    by_name: dict[str, Any] = {"OrderParam": {"OrderField": "EndUserId", "OrderType": "ASC"}}
    token = sdk.call("FilterUsers", Filter="ali", MaxResults=1, **by_name)["NextToken"]
    of_another = sdk.call("DescribeUsers", Filter="ali", MaxResults=1)["NextToken"]

    assert token and of_another
    refusals = [
        refusal(sdk, "FilterUsers", Filter="bob", NextToken=token, **by_name),
        refusal(sdk, "FilterUsers", NextToken=token, **by_name),
        refusal(sdk, "FilterUsers", Filter="ali", NextToken=token),
        refusal(sdk, "FilterUsers", Filter="ali", NextToken=token, OrderParam={"OrderField": "EndUserId"}),
        refusal(sdk, "FilterUsers", Filter="ali", NextToken=token, Status=0, **by_name),
        refusal(sdk, "FilterUsers", Filter="ali", NextToken=of_another, **by_name),
        refusal(sdk, "DescribeUsers", Filter="ali", NextToken=token),
        refusal(sdk, "FilterUsers", Filter="ali", NextToken="x", **by_name),
    ]
    assert refusals == ["400 InvalidNextToken"] * 8
    sdk.call("RemoveUsers", Users=["alice"])
    [rest] = sdk.call("FilterUsers", Filter="ali", NextToken=token, MaxResults=50, IncludeOrgInfo=True, **by_name)[
        "Users"
    ]
    assert (rest["EndUserId"], rest["OrgList"][0]["OrgId"]) == ("alina", ROOT_UNIT)


def test_wrong_parameters_are_named(sdk: Sdk) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"MaxResults": 0}, "InvalidMaxResults"),
        ({"MaxResults": 201}, "InvalidMaxResults"),
        ({"Status": 1}, "InvalidStatus"),
        ({"OwnerType": "Nobody"}, "InvalidOwnerType"),
        ({"OrderParam": {"OrderField": "Email"}}, "InvalidOrderParam"),
        ({"OrderParam": {"OrderField": "id", "OrderType": "UP"}}, "InvalidOrderParam"),
        ({"PropertyFilterParam": [{"PropertyId": 1, "PropertyValueIds": "1"}] * 101}, "InvalidPropertyFilterParam"),
        ({"PropertyFilterParam": [{"PropertyId": "x", "PropertyValueIds": "1"}]}, "InvalidPropertyFilterParam"),
        (
            {"PropertyKeyValueFilterParam": [{"PropertyKey": "a", "PropertyValues": "b"}] * 101},
            "InvalidPropertyKeyValueFilterParam",
        ),
        ({"ExcludeEndUserIds": [str(n) for n in range(2001)]}, "InvalidExcludeEndUserIds"),
        ({"FilterMap": {"EndUserId": "alice"}}, "UnsupportedParameter.FilterMap"),
    ]

    for parameters, code in wrong:
        assert refusal(sdk, "FilterUsers", **parameters) == f"400 {code}", list(parameters)


def test_two_thousand_names_may_be_left_out(sdk: Sdk) -> None:
    create(sdk, "alice", "user_7")

    left = filtered(sdk, ExcludeEndUserIds=[*map(str, range(1999)), "user_7"])

    assert left == ["alice"]


def test_json_that_is_none_is_refused(server: Server) -> None:
    for text in ["{", "[1]", "id", "1", '"id"', '{"OrderField":1}', '{"OrderField":["id"]}']:
        answer = answer_to(server, v1(server, "FilterUsers", {"OrderParam": text}))
        assert answer.refusal == (400, "InvalidOrderParam"), text


def test_an_order_may_come_in_either_spelling(server: Server) -> None:
    create(Tea(server), "bob", "alice")
    spellings: list[dict[str, str]] = [
        {"OrderParam": '{"OrderField":"EndUserId","OrderType":"ASC"}'},
        {"OrderParam": ' { "OrderType" : "ASC" , "OrderField" : "EndUserId" , "More" : [] } '},
        {"OrderParam.OrderField": "EndUserId", "OrderParam.OrderType": "ASC"},
    ]

    for spelling in spellings:
        users = answer_to(server, v1(server, "FilterUsers", spelling)).json["Users"]
        assert [user["EndUserId"] for user in users] == ["alice", "bob"], spelling


def test_a_flattened_map_is_read_as_each_generation_writes_it(server: Server) -> None:
    create(Tea(server), "alice")

    by_tea = Tea(server).call("FilterUsers", ShowExtras={"Group": "true", "Org": "true"})
    by_core = Core(server).call("FilterUsers", ShowExtras={"Group": "true", "Org": "true"})
    by_hand = [
        answer_to(server, v1(server, "FilterUsers", {name: "true"})).json
        for name in ("ShowExtras.Group", "ShowExtras.#5#Group", "ShowExtras.#6#a.b#c7")
    ]

    for answer in (by_tea, by_core, *by_hand):
        assert [user["EndUserId"] for user in answer["Users"]] == ["alice"]


def test_the_system_user_is_listed_only_by_name(sdk: Sdk) -> None:
    assert filtered(sdk) == filtered(sdk, Filter="superadmin") == []
    [shown] = sdk.call("FilterUsers", IncludeEndUserIds=["superadmin"])["Users"]
    assert (shown["EndUserId"], shown["IsTenantManager"]) == ("superadmin", True)
