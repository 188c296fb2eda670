"""EIAM: ListUsers, its filters and both styles of pages."""

from collections.abc import Iterator
from typing import Any

from alibabacloud_eiam20211201 import models

from eiam import NO_UNIT, NOBODY, Fault, Instance, address, invalid, new_instance, phone, unknown
from harness import EIAM, Server, Tea, tea


def test_the_current_sdk_lists_users_in_both_styles(shared: Server) -> None:
    client = tea(shared, api=EIAM)
    at = new_instance(Tea(shared, api=EIAM))
    users = [at.user(f"user_{n}") for n in range(3)]

    numbered = client.list_users(models.ListUsersRequest(instance_id=at.id, page_number=2, page_size=2)).body
    first = client.list_users(models.ListUsersRequest(instance_id=at.id, max_results=2)).body
    second = client.list_users(
        models.ListUsersRequest(instance_id=at.id, max_results=2, next_token=first.next_token)
    ).body

    assert [user.user_id for user in numbered.users] == users[2:]
    assert (numbered.total_count, numbered.next_token, numbered.max_results) == (3, None, None)
    assert [user.user_id for user in first.users] == users[:2]
    assert (first.total_count, first.max_results) == (3, 2) and first.next_token.startswith("NT")
    assert [user.username for user in second.users] == ["user_2"]
    assert (second.total_count, second.max_results, second.next_token) == (3, 2, None)


def people(instance: Instance) -> dict[str, str]:
    """Users who differ in everything that a filter asks for, and the units `dev` and `web` with them."""
    dev = instance.unit("dev")
    web = instance.unit("web", dev)
    ids = {
        "alice": instance.user(
            "alice",
            DisplayName="Alice Li",
            **phone("86", "13800000000", verified=True),
            **address("Alice@example.com", verified=True),
            PrimaryOrganizationalUnitId=dev,
        ),
        "Alan": instance.user(
            "Alan",
            DisplayName="李艾伦",
            **phone("1", "13800000000"),
            UserExternalId="X-1",
            PrimaryOrganizationalUnitId=web,
            OrganizationalUnitIds=[dev],
        ),
        "bob": instance.user("bob", DisplayName="alice's friend", PrimaryOrganizationalUnitId=web),
        "al_2": instance.user("al_2", **phone("86", "13900000000"), **address("al@example.com")),
    }
    instance.call("DisableUser", UserId=ids["bob"])
    return {**ids, "dev": dev, "web": web}


TEXTS = [
    "UsernameStartsWith",
    "DisplayNameStartsWith",
    "PhoneRegion",
    "PhoneNumber",
    "Email",
    "UserExternalId",
    "UserSourceId",
    "UserSourceType",
    "Status",
    "OrganizationalUnitId",
    "NextToken",
]


def test_users_are_found_by_every_filter_in_the_order_of_their_making(instance: Instance) -> None:
    ids = people(instance)
    everybody = ["alice", "Alan", "bob", "al_2"]
    finds: list[tuple[dict[str, Any], list[str]]] = [
        ({}, everybody),
        ({"UserIds": [ids["bob"], ids["alice"], NOBODY, "alice"]}, ["alice", "bob"]),
        ({"UserIds": [NOBODY]}, []),
        ({"UserIds": [ids["dev"]]}, []),
        ({"UsernameStartsWith": "AL"}, ["alice", "Alan", "al_2"]),
        ({"UsernameStartsWith": "al_"}, ["al_2"]),
        ({"UsernameStartsWith": "lice"}, []),
        ({"UsernameStartsWith": "%"}, []),
        ({"UsernameStartsWith": ""}, everybody),
        ({"DisplayNameStartsWith": "ALICE"}, ["alice", "bob"]),
        ({"DisplayNameStartsWith": "李"}, ["Alan"]),
        ({"DisplayNameStartsWith": "friend"}, []),
        ({"PhoneNumber": "13800000000"}, ["alice", "Alan"]),
        ({"PhoneNumber": "1380000000"}, []),
        ({"PhoneRegion": "86"}, ["alice", "al_2"]),
        ({"PhoneRegion": "8"}, []),
        ({"PhoneRegion": "1", "PhoneNumber": "13800000000"}, ["Alan"]),
        ({"PhoneRegion": "1", "PhoneNumber": "13900000000"}, []),
        ({"Email": "alice@EXAMPLE.com"}, ["alice"]),
        ({"Email": "alice@example"}, []),
        ({"UserExternalId": "X-1"}, ["Alan"]),
        ({"UserExternalId": "x-1"}, []),
        ({"UserExternalId": ids["bob"]}, ["bob"]),
        ({"UserExternalId": ids["Alan"]}, []),
        ({"UserSourceId": instance.id}, everybody),
        ({"UserSourceId": "dingcorp"}, []),
        ({"UserSourceType": "build_in"}, everybody),
        ({"UserSourceType": "ding_talk"}, []),
        ({"UserSourceType": "ad"}, []),
        ({"UserSourceType": "ldap"}, []),
        ({"UserSourceType": "we_com"}, []),
        ({"Status": "enabled"}, ["alice", "Alan", "al_2"]),
        ({"Status": "enable"}, ["alice", "Alan", "al_2"]),
        ({"Status": "disabled"}, ["bob"]),
        ({"Status": "disable"}, ["bob"]),
        ({"OrganizationalUnitId": ids["dev"]}, ["alice", "Alan"]),
        ({"OrganizationalUnitId": ids["web"]}, ["Alan", "bob"]),
        ({"OrganizationalUnitId": instance.root}, ["al_2"]),
        ({"OrganizationalUnitId": ids["web"], "Status": "enabled"}, ["Alan"]),
        ({"OrganizationalUnitId": ids["dev"], "UsernameStartsWith": "ali"}, ["alice"]),
        ({"UsernameStartsWith": "a", "DisplayNameStartsWith": "alice", "PhoneRegion": "86"}, ["alice"]),
        ({"UserIds": [ids["alice"], ids["bob"]], "Status": "disabled"}, ["bob"]),
        ({"Email": "alice@example.com", "PhoneNumber": "13900000000"}, []),
        ({name: "" for name in TEXTS}, everybody),
    ]

    for filters, names in finds:
        assert instance.names(**filters) == names, filters


def test_what_a_list_cannot_be_narrowed_by_is_named(instance: Instance) -> None:
    cases: list[tuple[dict[str, Any], Fault]] = [
        ({"Status": "locked"}, invalid("Status")),
        ({"Status": "Enabled"}, invalid("Status")),
        ({"UserSourceType": "saml"}, invalid("UserSourceType")),
        ({"UserIds": [NOBODY] * 101}, invalid("UserIds")),
        ({"PageNumber": 0}, invalid("PageNumber")),
        ({"PageNumber": -1}, invalid("PageNumber")),
        ({"PageSize": 0}, invalid("PageSize")),
        ({"PageSize": 101}, invalid("PageSize")),
        ({"MaxResults": -1}, invalid("MaxResults")),
        ({"MaxResults": 101}, invalid("MaxResults")),
        ({"NextToken": "NT"}, invalid("NextToken")),
        ({"NextToken": "nonsense"}, invalid("NextToken")),
        ({"UsernameStartsWith": "a" * 257}, invalid("UsernameStartsWith")),
        ({"DisplayNameStartsWith": "张" * 257}, invalid("DisplayNameStartsWith")),
        ({"Email": "a" * 129}, invalid("Email")),
        ({"OrganizationalUnitId": NO_UNIT}, unknown("OrganizationalUnit", NO_UNIT)),
        ({"OrganizationalUnitId": "dev"}, unknown("OrganizationalUnit", "dev")),
    ]

    for filters, expected in cases:
        assert instance.fault("ListUsers", **filters) == expected, filters


def by_token(instance: Instance, size: int, **filters: Any) -> Iterator[dict[str, Any]]:
    """The answers of a list page by token."""
    token: dict[str, str] = {}
    while True:
        answer = instance.call("ListUsers", MaxResults=size, **token, **filters)
        assert answer["MaxResults"] == size, answer
        yield answer
        if "NextToken" not in answer:
            return
        assert len(answer["Users"]) == size, "a page before the last is full"
        token = {"NextToken": answer["NextToken"]}


def names(users: list[dict[str, Any]]) -> list[str]:
    """The usernames of listed users."""
    return [user["Username"] for user in users]


def test_both_styles_show_everybody_once_with_the_exact_total(instance: Instance) -> None:
    unit = instance.unit("unit")
    everybody = [f"user_{n:02}" for n in range(25)]
    for n, name in enumerate(everybody):
        instance.user(name, PrimaryOrganizationalUnitId=unit if n % 2 else instance.root)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, everybody),
        ({"OrganizationalUnitId": unit}, everybody[1::2]),
        ({"UsernameStartsWith": "user_1"}, everybody[10:20]),
        ({"OrganizationalUnitId": unit, "UsernameStartsWith": "user_1"}, everybody[11:20:2]),
        ({"UsernameStartsWith": "nobody"}, []),
    ]

    for filters, expected in cases:
        tokens = list(by_token(instance, 5, **filters))
        numbers = list(instance.numbered("ListUsers", "Users", 5, **filters))
        assert names([user for page in tokens for user in page["Users"]]) == expected, filters
        assert names([user for page in numbers for user in page]) == expected, filters
        assert {page["TotalCount"] for page in tokens} == {len(expected)}, filters


def test_a_list_without_a_size_begins_with_twenty_and_goes_on_in_either_style(instance: Instance) -> None:
    everybody = [f"user_{n:02}" for n in range(21)]
    for name in everybody:
        instance.user(name)

    bare = instance.call("ListUsers")
    rest = instance.call("ListUsers", NextToken=bare["NextToken"])
    second = instance.call("ListUsers", PageNumber=2)
    zero = instance.call("ListUsers", MaxResults=0)
    both = instance.call("ListUsers", MaxResults=1, PageNumber=5, PageSize=100)
    beyond = instance.call("ListUsers", PageNumber=3)
    few = instance.call("ListUsers", UsernameStartsWith="user_20")

    assert names(bare["Users"]) == everybody[:20]
    assert (bare["TotalCount"], bare["MaxResults"]) == (21, 20)
    assert names(rest["Users"]) == names(second["Users"]) == everybody[20:]
    assert (rest["MaxResults"], "NextToken" in rest) == (20, False)
    assert not {"NextToken", "MaxResults"} & second.keys()
    assert (names(zero["Users"]), zero["MaxResults"]) == (everybody[:20], 20)
    assert (names(both["Users"]), both["TotalCount"], both["MaxResults"]) == (everybody[:1], 21, 1)
    assert beyond == {"TotalCount": 21, "Users": []}
    assert names(few["Users"]) == everybody[20:] and "NextToken" not in few


def test_a_token_belongs_to_its_filters_and_its_instance(instance: Instance) -> None:
    other = new_instance(instance.sdk)
    for n in range(3):
        instance.user(f"user_{n}")
        other.user(f"user_{n}")
    token = instance.call("ListUsers", MaxResults=1, UsernameStartsWith="user")["NextToken"]

    larger = instance.call("ListUsers", MaxResults=100, UsernameStartsWith="user", NextToken=token)
    refusals = [
        instance.fault("ListUsers", NextToken=token),
        instance.fault("ListUsers", NextToken=token, UsernameStartsWith="user_"),
        instance.fault("ListUsers", NextToken=token, UsernameStartsWith="user", Status="enabled"),
        instance.fault("ListUsers", NextToken=token[:-1], UsernameStartsWith="user"),
        instance.fault("ListUsers", NextToken=token[2:], UsernameStartsWith="user"),
        instance.fault("ListUsers", NextToken=f"PT{token[2:]}", UsernameStartsWith="user"),
        other.fault("ListUsers", NextToken=token, UsernameStartsWith="user"),
    ]

    assert names(larger["Users"]) == ["user_1", "user_2"], "the size may change on the way"
    assert set(refusals) == {invalid("NextToken")}


def test_a_walk_by_token_bears_what_happens_beside_it(instance: Instance) -> None:
    users = {name: instance.user(name) for name in (f"user_{n:02}" for n in range(12))}
    seen: list[str] = []
    totals: list[int] = []

    for n, page in enumerate(by_token(instance, 4)):
        seen += names(page["Users"])
        totals.append(page["TotalCount"])
        if n == 0:
            instance.call("DeleteUsers", UserIds=[users["user_03"], users["user_05"]])
            instance.user("late")
            instance.call("UpdateUser", UserId=users["user_06"], Username="renamed")

    expected = [*list(users)[:5], "renamed", *list(users)[7:], "late"]
    assert seen == expected
    assert totals == [12, 11, 11]


def test_the_last_page_may_be_full(instance: Instance) -> None:
    for n in range(4):
        instance.user(f"user_{n}")

    for size, lengths in [(2, [2, 2]), (3, [3, 1]), (4, [4]), (100, [4])]:
        answers = [instance.call("ListUsers", MaxResults=size)]
        while token := answers[-1].get("NextToken"):
            answers.append(instance.call("ListUsers", MaxResults=size, NextToken=token))
        assert [len(answer["Users"]) for answer in answers] == lengths, size
