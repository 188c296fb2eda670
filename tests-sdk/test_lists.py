"""Lists: pages, tokens, totals and filters."""

from typing import Any

import pytest

from harness import ROOT_UNIT, Core, Refused, Sdk, Server, Tea, answer_to, create, found, pages, person, refusal, v1


def test_a_list_longer_than_a_page_names_everybody_once_in_order(sdk: Sdk) -> None:
    names = [f"user_{n:03}" for n in range(250)]
    for at in range(0, 250, 100):
        create(sdk, *names[at : at + 100])

    listed = list(pages(sdk, MaxResults=100))

    users = [user for page in listed for user in page["Users"]]
    assert [len(page["Users"]) for page in listed] == [100, 100, 50]
    assert [page["Count"] for page in listed] == [250, 250, 250]
    assert [user["EndUserId"] for user in users] == names
    assert [user["Id"] for user in users] == sorted({user["Id"] for user in users})


def test_the_pages_of_a_search_carry_its_total(sdk: Sdk) -> None:
    create(sdk, *(f"even_{n:02}" if n % 2 == 0 else f"odd_{n:02}" for n in range(30)))

    listed = list(pages(sdk, Filter="EVEN", MaxResults=7))

    assert [page["Count"] for page in listed] == [15, 15, 15]
    assert [user["EndUserId"] for page in listed for user in page["Users"]] == [f"even_{n:02}" for n in range(0, 30, 2)]


def test_a_token_survives_what_comes_and_goes_and_another_page_size(sdk: Sdk) -> None:
    create(sdk, *(f"user_{n}" for n in range(6)))
    token = sdk.call("DescribeUsers", MaxResults=2)["NextToken"]

    sdk.call("RemoveUsers", Users=["user_1", "user_2"])
    create(sdk, "user_6")
    rest = sdk.call("DescribeUsers", MaxResults=500, NextToken=token)

    assert [user["EndUserId"] for user in rest["Users"]] == ["user_3", "user_4", "user_5", "user_6"]
    assert not rest.get("NextToken")


def test_a_token_serves_no_other_list(sdk: Sdk) -> None:
    create(sdk, "alice", "alina", "bob")
    token = sdk.call("DescribeUsers", Filter="ali", MaxResults=1)["NextToken"]
    middle = len(token) // 2
    spoilt = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]

    others: list[dict[str, Any]] = [{"Filter": "bob"}, {}, {"Filter": "ali", "Status": 0}]
    for filters in others:
        with pytest.raises(Refused, match="400 InvalidNextToken"):
            sdk.call("DescribeUsers", NextToken=token, MaxResults=1, **filters)
    for wrong in [spoilt, "x", "AAAAAV3MpHK1AP0pfERHZN5pu6kU6SQCWFRpCkRPXC0x"]:
        with pytest.raises(Refused, match="400 InvalidNextToken"):
            sdk.call("DescribeUsers", NextToken=wrong, Filter="ali", MaxResults=1)


def test_an_empty_directory_is_an_empty_list(server: Server) -> None:
    answer = answer_to(server, v1(server, "DescribeUsers")).json

    assert (answer["Users"], answer["Count"], answer.get("NextToken", "")) == ([], 0, "")


def test_filter_looks_for_text_in_names_and_addresses_only(sdk: Sdk) -> None:
    users = [
        person("alice_m", RealNickName="张三", Remark="engineer"),
        person("am_bob"),
        {"EndUserId": "carol", "Email": "Carol.Mail@Example.org"},
    ]
    assert sdk.call("CreateUsers", Users=users)["AllSucceed"]

    finds = {
        text: found(sdk, Filter=text)
        for text in [
            "alice_m", "LICE", "a*m", "*m", "am*", "*am*", "mail@", "EXAMPLE.ORG", "*example.com", "张", "张三",
            "l.m", "engineer", "a_m", "%", "e_m", "nothing", "*", "", "13",
        ]
    }  # fmt: skip

    everybody = ["alice_m", "am_bob", "carol"]
    assert finds == {
        "alice_m": ["alice_m"],
        "LICE": ["alice_m"],
        "a*m": ["alice_m", "am_bob"],
        "*m": everybody[:2],
        "am*": ["am_bob"],
        "*am*": everybody,
        "mail@": ["carol"],
        "EXAMPLE.ORG": ["carol"],
        "*example.com": ["alice_m", "am_bob"],
        "张": [],
        "张三": [],
        "l.m": ["carol"],
        "engineer": [],
        "a_m": [],
        "%": [],
        "e_m": ["alice_m"],
        "nothing": [],
        "*": everybody,
        "": everybody,
        "13": [],
    }


def test_users_are_found_by_what_they_are(sdk: Sdk) -> None:
    create(sdk, "alice", "bob", "carol")
    everybody = ["alice", "bob", "carol"]
    finds: list[tuple[dict[str, Any], list[str]]] = [
        ({"EndUserIds": ["carol", "alice"]}, ["alice", "carol"]),
        ({"EndUserIds": ["ALICE"]}, ["alice"]),
        ({"ExcludeEndUserIds": ["bob"]}, ["alice", "carol"]),
        ({"EndUserIds": ["alice", "bob"], "ExcludeEndUserIds": ["bob"]}, ["alice"]),
        ({"Status": 0}, everybody),
        ({"Status": 9}, []),
        ({"OrgId": ROOT_UNIT}, everybody),
        ({"OrgId": ROOT_UNIT, "IsQueryAllSubOrgs": True}, everybody),
        ({"OrgId": ROOT_UNIT, "Filter": "o", "ExcludeEndUserIds": ["carol"], "Status": 0}, everybody[:2]),
        ({"EndUserIds": ["nobody"]}, []),
        ({"EndUserIds": ["nobody", "bob"]}, ["bob"]),
        ({"ExcludeEndUserIds": ["nobody"]}, everybody),
        ({"OrgId": "org-00000000000000000"}, []),
        ({"GroupId": "ug-00000000000000000"}, []),
        ({"ExcludeGroupId": "ug-00000000000000000"}, everybody),
    ]

    for filters, names in finds:
        assert found(sdk, **filters) == names, filters


def test_the_system_user_is_listed_only_by_name(sdk: Sdk) -> None:
    listed = sdk.call("DescribeUsers")
    searched = sdk.call("DescribeUsers", Filter="superadmin")
    named = sdk.call("DescribeUsers", EndUserIds=["superadmin"])

    assert (listed["Users"], listed["Count"]) == ([], 0)
    assert searched["Users"] == []
    assert [user["EndUserId"] for user in named["Users"]] == ["superadmin"]


@pytest.mark.parametrize("size", [0, 501, -1])
def test_a_page_holds_1_to_500(sdk: Sdk, size: int) -> None:
    with pytest.raises(Refused, match="400 InvalidMaxResults"):
        sdk.call("DescribeUsers", MaxResults=size)


def test_what_is_not_understood_or_not_served_is_refused_by_name(server: Server) -> None:
    refusals = {
        (name, value): answer_to(server, v1(server, "DescribeUsers", {name: value})).refusal
        for name, value in [
            ("ShowExtras", "{"),
            ("ShowExtras", "[1]"),
            ("MaxResults", "many"),
            ("Status", "locked"),
            ("IsQueryAllSubOrgs", "perhaps"),
            ("FilterMap", '{"EndUserId":"alice"}'),
        ]
    }

    assert refusals == {
        ("ShowExtras", "{"): (400, "InvalidShowExtras"),
        ("ShowExtras", "[1]"): (400, "InvalidShowExtras"),
        ("MaxResults", "many"): (400, "InvalidMaxResults"),
        ("Status", "locked"): (400, "InvalidStatus"),
        ("IsQueryAllSubOrgs", "perhaps"): (400, "InvalidIsQueryAllSubOrgs"),
        ("FilterMap", '{"EndUserId":"alice"}'): (400, "UnsupportedParameter.FilterMap"),
    }


def test_filters_on_what_belongs_to_others_are_refused(sdk: Sdk) -> None:
    for name, value in [
        ("FilterWithAssignedResources", {"Desktop": True, "App": False}),
        ("FilterWithAssignedResource", {"App": "aig-1"}),
    ]:
        assert refusal(sdk, "DescribeUsers", **{name: value}) == f"400 UnsupportedParameter.{name}"


def test_the_sdks_read_the_refusal_of_a_filter(server: Server) -> None:
    with pytest.raises(Refused, match="400 UnsupportedParameter.FilterMap"):
        Tea(server).call("DescribeUsers", FilterMap={"EndUserId": "alice"})
    with pytest.raises(Refused, match="400 UnsupportedParameter.FilterMap"):
        Core(server).call("DescribeUsers", FilterMap='{"EndUserId":"alice"}')


def test_extras_are_shown_where_asked_for(sdk: Sdk) -> None:
    create(sdk, "alice")

    ignored = {"BizType": "ENTERPRISE", "SolutionId": "co-1", "BusinessChannel": "ENTERPRISE"}
    everything = {"Group": True, "Org": True, "Properties": True, "ResourcesCount": True}

    [user] = sdk.call("DescribeUsers", ShowExtras=everything, **ignored)["Users"]
    [plain] = sdk.call("DescribeUsers", ShowExtras={"ResourcesCount": False})["Users"]

    assert user["Orgs"][0]["OrgId"] == ROOT_UNIT
    assert (user["Groups"], user["Properties"]) == ([], [])
    assert user["Extras"] == {
        "AssignedResourceCount": {"Desktop": 0, "DesktopGroup": 0, "CloudDrive": 0, "APP": 0},
        "ResourcePolicyList": [],
    }
    assert "Extras" not in plain
