"""The SDK's calls about domains."""

import re
from typing import Any

import pytest

from harness import Server
from pds import GIB, MILLISECONDS, Codes, Domain, Pds

UNKNOWN = "rs1"


@pytest.fixture(params=["v1", "v4"])
def owner(request: pytest.FixtureRequest, shelf: Any) -> Pds:
    """The SDK by the account's key, by each signature, on the file's server."""
    return Pds(shelf.take(), signature=request.param)


def test_a_domain_is_shown_as_given(owner: Pds) -> None:
    given = {
        "domain_name": "研发 & co",
        "description": "d",
        "init_drive_enable": True,
        "init_drive_size": 5 * GIB,
        "size_quota": 100 * GIB,
        "user_count_quota": 7,
    }
    made = owner.call("CreateDomain", **given, store_redundancy_type="LRS")
    assert re.fullmatch("rs[0-9]+", made["domain_id"])
    assert {name: made[name] for name in given} == given
    assert (made["status"], made["used_size"], made["parent_domain_id"]) == (1, 0, "")
    assert made["published_app_access_strategy"]["effect"] in {"allow", "deny"}
    assert re.fullmatch(MILLISECONDS, made["created_at"]) and made["updated_at"] == made["created_at"]
    read = owner.call("GetDomain", domain_id=made["domain_id"], fields="*", get_quota_used=True)
    assert read == {**made, "size_quota_used": 0}


def test_a_domain_is_without_end_if_nothing_is_said(owner: Pds) -> None:
    made = owner.send("CreateDomain", domain_name="n")
    assert (made["size_quota"], made["user_count_quota"], made["init_drive_enable"], made["description"]) == (
        0,
        0,
        False,
        "",
    )
    for endless in [-1, 0]:
        changed = owner.send("UpdateDomain", domain_id=made["domain_id"], size_quota=endless, user_count_quota=endless)
        assert (changed["size_quota"], changed["user_count_quota"]) == (0, 0)


def test_what_a_domain_needs_is_checked(owner: Pds) -> None:
    cases: Codes = [
        ({}, "InvalidParameterMissing.DomainName"),
        ({"domain_name": ""}, "InvalidParameterEmpty.DomainName"),
        ({"domain_name": "n" * 129}, "InvalidParameter.DomainName"),
        ({"domain_name": "n", "description": "d" * 1025}, "InvalidParameter.Description"),
        ({"domain_name": "n", "init_drive_enable": True}, "InvalidParameterMissing.InitDriveSize"),
        ({"domain_name": "n", "user_count_quota": -2}, "InvalidParameter.UserCountQuota"),
        ({"domain_name": "n", "parent_domain_id": "hz1"}, "InvalidParameterNotSupported.ParentDomainId"),
        ({"domain_name": "n", "store_redundancy_type": "ABC"}, "InvalidParameter.StoreRedundancyType"),
    ]
    for given, code in cases:
        assert owner.fault("CreateDomain", **given) == (400, code), given
    for given, code in [
        ({"parent_domain_id": "hz1"}, "InvalidParameterNotSupported.ParentDomainId"),
        ({"service_code": "edm"}, "InvalidParameterNotSupported.ServiceCode"),
    ]:
        assert owner.fault("ListDomains", **given) == (400, code), given


def test_a_domain_is_changed(owner: Pds) -> None:
    domain = owner.call("CreateDomain", domain_name="n", description="d")["domain_id"]
    changes = {
        "domain_name": "m",
        "init_drive_enable": True,
        "init_drive_size": 3,
        "size_quota": 4,
        "user_count_quota": 5,
        "published_app_access_strategy": {"effect": "deny", "except_app_id_list": ["abc"]},
    }
    changed = owner.call("UpdateDomain", domain_id=domain, **changes)
    assert {name: changed[name] for name in changes} == changes
    assert changed["description"] == "d"
    assert owner.call("UpdateDomain", domain_id=domain, description="")["description"] == ""


def test_domains_are_listed_and_searched(owner: Pds) -> None:
    made = [owner.call("CreateDomain", domain_name=name)["domain_id"] for name in ["Needle 1", "other", "a needle"]]

    def ids(action: str, **filters: Any) -> list[str]:
        return [domain["domain_id"] for page in owner.pages(action, **filters) for domain in page]

    for limit in [2, 100]:
        assert set(made) < set(ids("ListDomains", limit=limit))
        found = ids("SearchDomains", name="needle", order_by="created_at", limit=limit)
        assert [domain for domain in found if domain in made] == [made[2], made[0]]
    assert ids("SearchDomains", name="no such name") == []


def test_an_unknown_domain_is_not_found(owner: Pds) -> None:
    for action in ["GetDomain", "UpdateDomain", "DeleteDomain"]:
        assert owner.fault(action, domain_id=UNKNOWN) == (404, "NotFound.Domain"), action


def test_a_domain_is_deleted_when_it_is_empty(shelf: Any, plain_domain: Domain) -> None:
    plain_domain.user("u")
    drive = plain_domain.drive("u")
    refused = (409, "StateConflict.Domain")
    assert plain_domain.fault("DeleteDomain", domain_id=plain_domain.id) == refused
    plain_domain.call("DeleteDrive", drive_id=drive)
    assert plain_domain.fault("DeleteDomain", domain_id=plain_domain.id) == refused
    plain_domain.call("DeleteUser", user_id="u")
    owner = Pds(plain_domain.server)
    owner.call("DeleteDomain", domain_id=plain_domain.id)
    assert owner.fault("GetDomain", domain_id=plain_domain.id) == (404, "NotFound.Domain")
    assert plain_domain.fault("ListUser") == (404, "NotFound.Domain")


def test_quotas_are_shown_and_kept(domain: Domain) -> None:
    empty = {"size_quota": 0, "size_used": 0, "user_count_quota": 0, "user_count_used": 0}
    assert domain.call("GetDomainQuota") == empty
    Pds(domain.server).call("UpdateDomain", domain_id=domain.id, user_count_quota=1)
    domain.user("u")
    assert domain.fault("CreateUser", user_id="v") == (403, "QuotaExhausted.User")
    answer = domain.call("GetDomainQuota")
    assert (answer["user_count_quota"], answer["user_count_used"]) == (1, 1)


def test_the_first_token_comes_with_a_drive_where_the_domain_says_so(plain_domain: Domain) -> None:
    plain_domain.user("early")
    plain_domain.call("UpdateDomain", domain_id=plain_domain.id, init_drive_enable=True, init_drive_size=GIB)
    plain_domain.user("u")
    assert plain_domain.call("GetUser", user_id="u")["default_drive_id"] == ""
    for user in ["u", "early"]:
        drive = plain_domain.token(user)["default_drive_id"]
        shown = plain_domain.call("GetDrive", drive_id=drive)
        assert (shown["owner"], shown["total_size"]) == (user, GIB)
        assert plain_domain.token(user)["default_drive_id"] == drive


def test_an_app_works_only_where_it_may(plain_domain: Domain) -> None:
    plain_domain.user("u")
    for strategy, may in [
        ({"effect": "deny", "except_app_id_list": []}, False),
        ({"effect": "deny", "except_app_id_list": [plain_domain.app.id]}, True),
        ({"effect": "allow", "except_app_id_list": [plain_domain.app.id]}, False),
        ({"effect": "allow", "except_app_id_list": []}, True),
    ]:
        plain_domain.call("UpdateDomain", domain_id=plain_domain.id, published_app_access_strategy=strategy)
        if may:
            assert plain_domain.token("u")["user_id"] == "u"
            continue
        assertion = plain_domain.app.assertion("u", plain_domain.id)
        given = {"client_id": plain_domain.app.id, "assertion": assertion}
        fault = plain_domain.fault("Token", grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", **given)
        assert fault == (403, "Forbidden"), strategy


def test_domains_are_apart(plain_domain: Domain) -> None:
    other = Domain(plain_domain.server, plain_domain.take_app)
    plain_domain.user("u")
    group = plain_domain.group("a")
    drive = plain_domain.drive("u")
    assert other.fault("GetUser", user_id="u") == (404, "NotFound.User")
    assert other.fault("GetGroup", group_id=group) == (404, "NotFound.Group")
    assert other.fault("GetDrive", drive_id=drive) == (404, "NotFound.Drive")
    assert other.user("u") == "u"
    assert other.ids("ListUser") == ["superadmin", "u"]


def test_the_default_domain_is_taken_where_none_is_named(server: Server) -> None:
    sdk = Pds(server)
    [only] = sdk.call("ListDomains")["items"]
    assert sdk.send("GetDomain")["domain_id"] == only["domain_id"]
    made = sdk.call("CreateUser", user_id="u")
    assert made["domain_id"] == only["domain_id"]
    assert sdk.send("GetUser", user_id="u", domain_id=only["domain_id"])["user_id"] == "u"
    assert Pds(server, domain="localhost").call("GetUser", user_id="u")["user_id"] == "u"
    assert Pds(server, domain=UNKNOWN).fault("GetUser", user_id="u") == (404, "NotFound.Domain")
    assert sdk.fault("GetUser", user_id="u", domain_id=UNKNOWN) == (404, "NotFound.Domain")
