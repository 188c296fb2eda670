"""EIAM: what proves who somebody is beside a password: one-time passwords, accounts of other sources."""

import time
from typing import Any

from alibabacloud_eiam20211201 import models

from eiam import Fault, Instance, duplicated, invalid, missing, new_instance, unknown
from harness import EIAM, Server, Tea, tea

SOURCE = "idp_mwpcwnhrimlr2horx7xgg7pp7y"
OTHER_SOURCE = "idp_aaaaaaaaaaaaaaaaaaaaaaaaaa"


def test_the_current_sdk_binds_and_unbinds(shared: Server) -> None:
    client = tea(shared, api=EIAM)
    at = new_instance(Tea(shared, api=EIAM))
    user = at.user("alice")
    account = {"instance_id": at.id, "user_id": user, "identity_provider_id": SOURCE, "user_external_id": "x-1"}

    client.bind_user_authn_source_mapping(models.BindUserAuthnSourceMappingRequest(**account))
    bound = client.list_user_authn_source_mappings(
        models.ListUserAuthnSourceMappingsRequest(instance_id=at.id, user_id=user, max_results=10)
    ).body
    client.unbind_user_authn_source_mapping(models.UnbindUserAuthnSourceMappingRequest(**account))
    unbound = client.list_user_authn_source_mappings(
        models.ListUserAuthnSourceMappingsRequest(instance_id=at.id, user_id=user)
    ).body
    client.unbind_totp_authenticator(models.UnbindTotpAuthenticatorRequest(instance_id=at.id, user_id=user))

    [mapping] = bound.user_authn_source_mappings
    assert (bound.total_count, bound.max_results, bound.next_token, bound.previous_token) == (1, 10, None, None)
    assert (mapping.user_id, mapping.identity_provider_id, mapping.user_external_id) == (user, SOURCE, "x-1")
    assert mapping.instance_id == at.id and mapping.create_time == mapping.update_time
    assert (unbound.total_count, unbound.user_authn_source_mappings, unbound.max_results) == (0, [], 20)


def bind(instance: Instance, user: str, name: str, source: str = SOURCE) -> dict[str, Any]:
    """Says that an account of a source is a user's."""
    return instance.call("BindUserAuthnSourceMapping", UserId=user, IdentityProviderId=source, UserExternalId=name)


def names(answer: dict[str, Any]) -> list[str]:
    """What the sources call the user, of the mappings in an answer."""
    return [mapping["UserExternalId"] for mapping in answer["UserAuthnSourceMappings"]]


def test_an_account_of_another_source_is_bound_once(instance: Instance) -> None:
    begun = time.time_ns() // 1_000_000
    alice, bob = instance.user("alice"), instance.user("bob")

    first, again = bind(instance, alice, "账号 +&"), bind(instance, alice, "账号 +&")
    bind(instance, bob, "账号 +&", OTHER_SOURCE)
    bind(instance, bob, "x-1")
    taken = instance.fault(
        "BindUserAuthnSourceMapping", UserId=bob, IdentityProviderId=SOURCE, UserExternalId="账号 +&"
    )
    answer = instance.call("ListUserAuthnSourceMappings", UserId=alice)

    assert first == again == {}
    assert taken == duplicated("UserExternalId")
    [mapping] = answer["UserAuthnSourceMappings"]
    assert begun - 1000 <= mapping["CreateTime"] <= time.time_ns() // 1_000_000 + 1000
    assert answer == {
        "TotalCount": 1,
        "MaxResults": 20,
        "UserAuthnSourceMappings": [
            {
                "UserId": alice,
                "IdentityProviderId": SOURCE,
                "UserExternalId": "账号 +&",
                "InstanceId": instance.id,
                "CreateTime": mapping["CreateTime"],
                "UpdateTime": mapping["CreateTime"],
            }
        ],
    }
    other = new_instance(instance.sdk)
    bind(other, other.user("alice"), "账号 +&")


def test_an_account_is_unbound_once(instance: Instance) -> None:
    alice, bob = instance.user("alice"), instance.user("bob")
    bind(instance, alice, "x-1")
    account = {"IdentityProviderId": SOURCE, "UserExternalId": "x-1"}

    foreign = instance.fault("UnbindUserAuthnSourceMapping", UserId=bob, **account)
    answer = instance.call("UnbindUserAuthnSourceMapping", UserId=alice, **account)
    again = instance.fault("UnbindUserAuthnSourceMapping", UserId=alice, **account)
    bind(instance, bob, "x-1")

    assert answer == {}
    assert foreign == again == unknown("UserAuthnSourceMapping", "x-1")
    assert names(instance.call("ListUserAuthnSourceMappings", UserId=bob)) == ["x-1"]


def test_the_accounts_of_a_user_who_goes_are_free(instance: Instance) -> None:
    alice, bob = instance.user("alice"), instance.user("bob")
    bind(instance, alice, "x-1")

    instance.call("DeleteUser", UserId=alice)
    bind(instance, bob, "x-1")

    assert instance.call("ListUserAuthnSourceMappings", UserId=bob)["TotalCount"] == 1


def test_accounts_are_found_by_source_and_name(instance: Instance) -> None:
    user = instance.user("alice")
    for name, source in [("a", SOURCE), ("b", SOURCE), ("a", OTHER_SOURCE)]:
        bind(instance, user, name, source)
    finds: list[tuple[dict[str, str], list[str]]] = [
        ({}, ["a", "b", "a"]),
        ({"IdentityProviderId": SOURCE}, ["a", "b"]),
        ({"IdentityProviderId": OTHER_SOURCE}, ["a"]),
        ({"IdentityProviderId": "idp_x"}, []),
        ({"UserExternalId": "a"}, ["a", "a"]),
        ({"UserExternalId": "A"}, []),
        ({"IdentityProviderId": SOURCE, "UserExternalId": "b"}, ["b"]),
        ({"IdentityProviderId": OTHER_SOURCE, "UserExternalId": "b"}, []),
        ({"IdentityProviderId": "", "UserExternalId": ""}, ["a", "b", "a"]),
    ]

    for filters, expected in finds:
        answer = instance.call("ListUserAuthnSourceMappings", UserId=user, **filters)
        assert (names(answer), answer["TotalCount"]) == (expected, len(expected)), filters


def test_accounts_are_walked_there_and_back(instance: Instance) -> None:
    user, other = instance.user("alice"), instance.user("bob")
    for n in range(5):
        bind(instance, user, f"x-{n}")

    def page(**token: str) -> dict[str, Any]:
        answer = instance.call("ListUserAuthnSourceMappings", UserId=user, MaxResults=2, **token)
        assert (answer["TotalCount"], answer["MaxResults"]) == (5, 2)
        return answer

    first = page()
    second = page(NextToken=first["NextToken"])
    third = page(NextToken=second["NextToken"])
    back = page(PreviousToken=third["PreviousToken"])
    begin = page(PreviousToken=back["PreviousToken"])
    again = page(NextToken=begin["NextToken"])

    assert [names(found) for found in (first, second, third)] == [["x-0", "x-1"], ["x-2", "x-3"], ["x-4"]]
    assert [names(found) for found in (back, begin, again)] == [["x-2", "x-3"], ["x-0", "x-1"], ["x-2", "x-3"]]
    assert (first["NextToken"][:2], second["PreviousToken"][:2]) == ("NT", "PT")
    assert not {"PreviousToken"} & (first.keys() | begin.keys()) and "NextToken" not in third
    token = first["NextToken"]
    wrong: list[tuple[dict[str, Any], Fault]] = [
        ({"UserId": user, "NextToken": "NT"}, invalid("NextToken")),
        ({"UserId": user, "NextToken": f"{token}x"}, invalid("NextToken")),
        ({"UserId": user, "NextToken": third["PreviousToken"]}, invalid("NextToken")),
        ({"UserId": user, "PreviousToken": token}, invalid("PreviousToken")),
        ({"UserId": user, "NextToken": token, "IdentityProviderId": SOURCE}, invalid("NextToken")),
        ({"UserId": other, "NextToken": token}, invalid("NextToken")),
        ({"UserId": user, "MaxResults": 101}, invalid("MaxResults")),
        ({"UserId": user, "MaxResults": -1}, invalid("MaxResults")),
    ]
    for given, expected in wrong:
        assert instance.fault("ListUserAuthnSourceMappings", **given) == expected, given
    whole = instance.call("ListUserAuthnSourceMappings", UserId=user, MaxResults=0)
    assert (len(names(whole)), whole["MaxResults"]) == (5, 20)


def test_what_a_binding_lacks_is_named(instance: Instance) -> None:
    user = instance.user("alice")
    whole = {"UserId": user, "IdentityProviderId": SOURCE, "UserExternalId": "x-1"}

    for action in ("BindUserAuthnSourceMapping", "UnbindUserAuthnSourceMapping"):
        for name in whole:
            rest = {other: whole[other] for other in whole if other != name}
            assert instance.fault(action, **rest) == missing(name), (action, name)
        assert instance.fault(action, **{**whole, "UserExternalId": "外" * 129}) == invalid("UserExternalId")
    assert instance.call("ListUserAuthnSourceMappings", UserId=user)["TotalCount"] == 0


def test_a_device_that_is_not_there_is_unbound(instance: Instance) -> None:
    user = instance.user("alice")

    answers = [instance.call("UnbindTotpAuthenticator", UserId=user) for _ in range(2)]

    assert answers == [{}, {}]
    assert instance.fault("UnbindTotpAuthenticator", UserId="alice") == unknown("User", "alice")
