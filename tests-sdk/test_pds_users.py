"""The SDK's calls about users."""

import json
import re
import time
from typing import Any

import pytest

from harness import PASSWORD
from pds import DIGITS, NO_GROUP, Domain

IMAGE = "data:image/png;base64,iVBORw0KGgo="
# What an unset text is shown as, which no SDK has to guard against.
UNSET = {"nick_name": "", "description": "", "email": "", "phone": "", "avatar": "", "default_drive_id": ""}


def shown(domain: Domain, user: str) -> dict[str, Any]:
    """A user as GetUser shows them."""
    return domain.call("GetUser", user_id=user)


def test_a_created_user_is_shown_as_given(domain: Domain) -> None:
    group = domain.group("研发")
    given = {
        "user_id": "u@例 1",
        "user_name": "Zhang San",
        "nick_name": "张三",
        "description": "line\nline",
        "email": "z***@example.com",
        "phone": "135****8888",
        "avatar": IMAGE,
        "role": "user",
        "status": "disabled",
        "user_data": {"key": "", "another": "值"},
    }
    before = int(time.time() * 1000)
    made = domain.call("CreateUser", **given, group_info_list=[{"group_id": group}])
    assert made == {
        **given,
        "domain_id": domain.id,
        "creator": domain.caller,
        "default_drive_id": "",
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    }
    assert before - 1000 < made["created_at"] < before + 60_000
    read = domain.send("GetUser", user_id="u@例 1")
    assert {name: read[name] for name in made} == made
    [listed] = domain.call("ListGroupMember", group_id=group, member_type="user")["user_items"]
    assert listed["user_id"] == "u@例 1"


def test_what_is_not_given_is_empty_and_never_absent(domain: Domain) -> None:
    domain.user("u")
    read = domain.send("GetUser", user_id="u")
    assert {name: read[name] for name in UNSET} == UNSET
    assert (read["user_name"], read["role"], read["status"], read["user_data"]) == ("u", "user", "enabled", {})
    assert (read["expired_at"], read["last_login_time"], read["last_refresh_token_time"]) == (0, 0, 0)
    assert read["permission"] is None


def test_the_fields_that_the_sdk_does_not_know_are_kept(domain: Domain) -> None:
    more = {
        "phone": "13800000000",
        "phone_region": "852",
        "expired_at": 4_000_000_000_000,
        "deny_change_password_by_self": True,
        "need_change_password_next_login": True,
        "subdomain_id": "part",
        "user_data": {"deep": {"a": [1, True, None]}},
    }
    domain.send("CreateUser", user_id="u", plain_password=PASSWORD, unheard_of=[1], nick_name=None, **more)
    read = domain.send("GetUser", user_id="u")
    assert {name: read[name] for name in more} == more
    assert read["nick_name"] == "" and PASSWORD not in json.dumps(read)


@pytest.mark.parametrize(
    "role", ["user", "admin", "superadmin", "subdomain", "subdomain_super_admin", "subdomain_admin"]
)
def test_a_user_can_be_created_with_each_role(plain_domain: Domain, role: str) -> None:
    assert plain_domain.call("CreateUser", user_id="u", role=role)["role"] == role


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "InvalidParameterMissing.UserId"),
        ({"user_id": ""}, "InvalidParameter.UserId"),
        ({"user_id": "a#b"}, "InvalidParameter.UserId"),
        ({"user_id": "u" * 65}, "InvalidParameter.UserId"),
        ({"user_id": "u", "user_name": "n" * 129}, "InvalidParameter.UserName"),
        ({"user_id": "u", "nick_name": "n" * 129}, "InvalidParameter.NickName"),
        ({"user_id": "u", "description": "n" * 1025}, "InvalidParameter.Description"),
        ({"user_id": "u", "email": "n" * 129}, "InvalidParameter.Email"),
        ({"user_id": "u", "phone": "n" * 129}, "InvalidParameter.Phone"),
        ({"user_id": "u", "avatar": "ftp://example.com"}, "InvalidParameter.Avatar"),
        ({"user_id": "u", "role": "owner"}, "InvalidParameter.Role"),
        ({"user_id": "u", "status": "away"}, "InvalidParameter.Status"),
        ({"user_id": "u", "user_data": {"a": "n" * 1024}}, "InvalidParameter.UserData"),
    ],
)
def test_an_unfit_parameter_is_named(plain_domain: Domain, given: dict[str, Any], code: str) -> None:
    assert plain_domain.fault("CreateUser", **given) == (400, code)
    assert plain_domain.ids("ListUser") == ["superadmin"]


def test_an_id_is_taken_once_and_free_after_deletion(domain: Domain) -> None:
    domain.user("u", user_name="first")
    assert domain.fault("CreateUser", user_id="u") == (409, "AlreadyExist.User")
    assert domain.fault("CreateUser", user_id="v", user_name="FIRST") == (409, "AlreadyExist.User")
    assert domain.fault("CreateUser", user_id="system") == (409, "AlreadyExist.User")
    assert domain.fault("CreateUser", user_id=domain.id) == (409, "AlreadyExist.User")
    domain.call("DeleteUser", user_id="u")
    assert domain.user("u", user_name="second") == "u"


def test_a_user_is_not_created_without_all_the_groups(domain: Domain) -> None:
    group = domain.group("a")
    groups = [{"group_id": group}, {"group_id": NO_GROUP}]
    assert domain.fault("CreateUser", user_id="u", group_info_list=groups) == (404, "NotFound.Group")
    assert domain.fault("GetUser", user_id="u") == (404, "NotFound.User")


def test_an_update_changes_what_is_given_alone(domain: Domain) -> None:
    made = domain.call("CreateUser", user_id="u", nick_name="old", description="d", email="a@b.cn", phone="1")
    assert domain.call("UpdateUser", user_id="u")["updated_at"] == made["updated_at"]
    changes = {
        "nick_name": "new",
        "avatar": "https://example.com/a.png",
        "email": "c@d.cn",
        "phone": "2",
        "role": "admin",
        "status": "disabled",
        "user_data": {"a": "b"},
    }
    changed = domain.call("UpdateUser", user_id="u", **changes, description="")
    assert {name: changed[name] for name in changes} == changes
    assert (changed["description"], changed["created_at"]) == ("", made["created_at"])
    assert changed["updated_at"] >= made["updated_at"]
    assert changed == shown(domain, "u")


def test_an_update_puts_a_user_into_the_listed_groups_alone(domain: Domain) -> None:
    one, two, three = (domain.group(name) for name in "abc")
    domain.user("u", group_info_list=[{"group_id": one}, {"group_id": two}])

    def groups() -> set[str]:
        found = domain.send("GeneralGetUser", user_id="u", extra_return_info=["group"])["parent_group"]
        return {group["group_id"] for group in found}

    domain.call("UpdateUser", user_id="u", group_info_list=[{"group_id": two}, {"group_id": three}])
    assert groups() == {two, three}
    unknown = [{"group_id": one}, {"group_id": NO_GROUP}]
    assert domain.fault("UpdateUser", user_id="u", group_info_list=unknown) == (404, "NotFound.Group")
    assert groups() == {two, three}
    domain.call("UpdateUser", user_id="u", group_info_list=[])
    assert groups() == set()


def test_an_unknown_user_is_not_found(domain: Domain) -> None:
    for action in ["GetUser", "UpdateUser", "DeleteUser", "GeneralGetUser"]:
        assert domain.fault(action, user_id="nobody") == (404, "NotFound.User"), action


def test_a_user_with_a_drive_is_not_deleted(domain: Domain) -> None:
    domain.user("u")
    drive = domain.drive("u")
    assert domain.fault("DeleteUser", user_id="u") == (409, "StateConflict.User")
    domain.call("DeleteDrive", drive_id=drive)
    domain.call("DeleteUser", user_id="u")
    assert domain.fault("DeleteUser", user_id="u") == (404, "NotFound.User")


def test_the_last_superadmin_stays(domain: Domain) -> None:
    refused = (403, "ForbiddenNoPermission.User")
    assert domain.fault("DeleteUser", user_id="superadmin") == refused
    assert domain.fault("UpdateUser", user_id="superadmin", status="disabled") == refused
    assert domain.fault("UpdateUser", user_id="superadmin", role="user") == refused
    found = shown(domain, "superadmin")
    assert (found["role"], found["status"], found["creator"]) == ("superadmin", "enabled", "system")


def test_users_are_listed_by_their_ids(domain: Domain) -> None:
    names = ["b", "a", "Z", "张", "c", "aa"]
    for name in names:
        domain.user(name)
    everybody = sorted([*names, "superadmin"], key=str.encode)
    assert domain.ids("ListUser") == everybody
    for limit in [1, 2, len(everybody), 100]:
        pages = list(domain.pages("ListUser", limit=limit))
        assert [user["user_id"] for page in pages for user in page] == everybody
        assert all(len(page) <= limit for page in pages)


def test_a_marker_outlives_its_user(domain: Domain) -> None:
    for name in "abc":
        domain.user(name)
    first = domain.call("ListUser", limit=1)
    assert [user["user_id"] for user in first["items"]] == ["a"]
    domain.call("DeleteUser", user_id="a")
    assert domain.ids("ListUser")[0] == "b"
    second = domain.call("ListUser", limit=1, marker=first["next_marker"])
    assert [user["user_id"] for user in second["items"]] == ["b"]


def test_limits_and_markers_are_checked(plain_domain: Domain) -> None:
    plain_domain.user("u")
    for action in ["ListUser", "SearchUser", "GeneralSearchUser", "ListGroupUser", "ListGroup", "ListDrive"]:
        for limit in [101, -1]:
            assert plain_domain.fault(action, limit=limit) == (400, "InvalidParameter.Limit"), (action, limit)
        assert plain_domain.fault(action, marker="???") == (400, "InvalidParameter.Marker"), action
    assert len(plain_domain.send("ListUser", limit="1")["items"]) == 1
    assert len(plain_domain.call("ListUser", limit=0)["items"]) == 2
    foreign = plain_domain.call("ListUser", limit=1)["next_marker"]
    assert plain_domain.fault("SearchUser", marker=foreign) == (400, "InvalidParameter.Marker")


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"superadmin", "a", "b", "c"}),
        ({"nick_name": "张"}, {"a", "b"}),
        ({"nick_name": "三"}, set()),
        ({"nick_name_for_fuzzy": "三"}, {"a"}),
        ({"nick_name_for_fuzzy": "MITH"}, {"c"}),
        ({"nick_name_for_fuzzy": "mi", "nick_name": "Sm"}, {"c"}),
        ({"user_name": "USER"}, {"a", "b"}),
        ({"email": "A@"}, {"a"}),
        ({"phone": "138"}, {"a", "c"}),
        ({"role": "admin"}, {"c"}),
        ({"role": "user", "status": "disabled"}, {"b"}),
        ({"status": "enabled", "phone": "138"}, {"a", "c"}),
        ({"nick_name": "", "email": "", "phone": ""}, {"superadmin", "a", "b", "c"}),
        ({"nick_name_for_fuzzy": "nowhere"}, set()),
    ],
)
def test_a_search_finds_what_fits_all_conditions(
    plain_domain: Domain, filters: dict[str, str], found: set[str]
) -> None:
    plain_domain.user("a", nick_name="张三", user_name="user-1", email="a@b.cn", phone="13800000001")
    plain_domain.user("b", nick_name="张四", user_name="User-2", email="b@b.cn", phone="13900000001", status="disabled")
    plain_domain.user("c", nick_name="Smith", user_name="other", phone="13800000002", role="admin")
    assert set(plain_domain.ids("SearchUser", **filters)) == found
    assert sorted(plain_domain.ids("SearchUser", **filters, limit=1)) == sorted(found)


def test_a_search_wants_known_words(plain_domain: Domain) -> None:
    assert plain_domain.fault("SearchUser", role="owner") == (400, "InvalidParameter.Role")
    assert plain_domain.fault("SearchUser", status="away") == (400, "InvalidParameter.Status")


def test_an_import_makes_user_account_drive_and_membership(domain: Domain) -> None:
    group = domain.group("a")
    made = domain.call(
        "ImportUser",
        authentication_type="mobile",
        identity="13800000000",
        extra="86",
        authentication_display_name="the phone",
        nick_name="W123",
        auto_create_drive=True,
        drive_total_size=1 << 30,
        parent_group_id=group,
    )
    user = made["user_id"]
    assert re.fullmatch(DIGITS, user)
    assert (made["nick_name"], made["phone"], made["status"]) == ("W123", "13800000000", "enabled")
    [account] = domain.call("GetLinkInfoByUserId", user_id=user)["items"]
    assert (account["authentication_type"], account["identity"], account["extra"], account["display_name"]) == (
        "mobile",
        "13800000000",
        "86",
        "the phone",
    )
    drive = domain.call("GetDrive", drive_id=made["default_drive_id"])
    assert (drive["owner"], drive["owner_type"], drive["total_size"], drive["used_size"]) == (user, "user", 1 << 30, 0)
    [member] = domain.call("ListGroupMember", group_id=group, member_type="user")["user_items"]
    assert member["user_id"] == user
    assert shown(domain, user) == made


def test_an_import_by_address_needs_no_drive(domain: Domain) -> None:
    made = domain.call("ImportUser", authentication_type="email", identity="u@example.com", nick_name="n")
    assert (made["email"], made["default_drive_id"]) == ("u@example.com", "")
    domain.call("DeleteUser", user_id=made["user_id"])
    assert domain.fault("GetLinkInfo", type="email", identity="u@example.com") == (404, "NotFound.Account")


def test_a_refused_import_leaves_nothing(domain: Domain) -> None:
    given = {"authentication_type": "custom", "identity": "me", "nick_name": "n"}
    domain.call("ImportUser", **given)
    everybody = domain.ids("ListUser")
    assert domain.fault("ImportUser", **given) == (409, "AlreadyExist.Account")
    other = {**given, "identity": "other", "auto_create_drive": True}
    assert domain.fault("ImportUser", **other, parent_group_id=NO_GROUP) == (404, "NotFound.Group")
    assert domain.fault("ImportUser", **{**other, "authentication_type": "fax"}) == (
        400,
        "InvalidParameter.AuthenticationType",
    )
    assert domain.fault("ImportUser", **other, drive_total_size=-2) == (400, "InvalidParameter.DriveTotalSize")
    assert domain.ids("ListUser") == everybody
    assert domain.call("SearchDrive")["items"] == []
    assert domain.fault("GetLinkInfo", type="custom", identity="other") == (404, "NotFound.Account")


def test_an_import_may_give_several_accounts(plain_domain: Domain) -> None:
    made = plain_domain.send(
        "ImportUser",
        nick_name="n",
        authentication_list=[
            {"authentication_type": "mobile", "identity": "13800000000", "extra": "86"},
            {"authentication_type": "ldap", "identity": "uid", "authentication_display_name": "LDAP"},
        ],
    )
    items = plain_domain.call("GetLinkInfoByUserId", user_id=made["user_id"])["items"]
    assert {(item["authentication_type"], item["display_name"]) for item in items} == {
        ("mobile", "13800000000"),
        ("ldap", "LDAP"),
    }


def test_extras_are_shown_where_they_are_asked_for(domain: Domain) -> None:
    group = domain.group("a")
    domain.user("u", group_info_list=[{"group_id": group}])
    drive = domain.drive("u", default=True)
    domain.call("LinkAccount", user_id="u", type="custom", identity="me")
    bare = domain.send("GeneralGetUser", user_id="u")
    assert not {"default_drive", "parent_group", "account"} & bare.keys()
    whole = domain.send("GeneralGetUser", user_id="u", extra_return_info=["drive", "group", "account", "moon"])
    assert whole["default_drive"] == domain.send("GetDrive", drive_id=drive)
    assert [found["group_name"] for found in whole["parent_group"]] == ["a"]
    assert [account["identity"] for account in whole["account"]] == ["me"]


def test_a_search_below_groups_shows_everybody_once(domain: Domain) -> None:
    top = domain.group("top")
    left, right = domain.group("left", top), domain.group("right", top)
    domain.user("u", group_info_list=[{"group_id": top}, {"group_id": left}, {"group_id": right}])
    domain.user("v", group_info_list=[{"group_id": left}])
    domain.user("w")

    def found(**filters: Any) -> list[str]:
        answer = domain.send("GeneralSearchUser", **filters)
        assert answer["next_marker"] == ""
        return sorted(user["user_id"] for user in answer["items"])

    assert found(parent_group_id_list=[top]) == ["u", "v"]
    assert found(parent_group_id_list=[left, right]) == ["u", "v"]
    assert found(direct_parent_group_id=top) == ["u"]
    assert found(direct_parent_group_id=right, parent_group_id_list=[left]) == ["u"]
    assert found(direct_parent_group_id="123456") == []
    assert found(parent_group_id_list=[NO_GROUP]) == []
    assert found() == ["superadmin", "u", "v", "w"]


def test_with_groups_a_page_has_thirty_users(plain_domain: Domain) -> None:
    for number in range(32):
        plain_domain.user(f"u{number:02}")
    page = plain_domain.send("GeneralSearchUser", extra_return_info=["group"], limit=100)
    assert len(page["items"]) == 30 and page["next_marker"]
    rest = plain_domain.send("GeneralSearchUser", extra_return_info=["group"], marker=page["next_marker"])
    assert len(rest["items"]) == 3 and not rest["next_marker"]


def test_a_group_lists_its_groups_and_then_its_users(domain: Domain) -> None:
    top = domain.group("top")
    below = domain.group("below", top)
    domain.user("u", group_info_list=[{"group_id": top}])
    answer = domain.send("ListGroupUser", group_id=top)
    assert [group["group_id"] for group in answer["group_items"]] == [below]
    assert [user["user_id"] for user in answer["user_items"]] == ["u"]
    assert answer["items"] == answer["group_items"] + answer["user_items"]
    assert domain.send("ListGroupUser", group_id=top, member_type="user")["group_items"] == []
    assert domain.fault("ListGroupUser", group_id=NO_GROUP) == (404, "NotFound.Group")
    nobody = domain.send("ListGroupUser", member_type="user")
    assert [user["user_id"] for user in nobody["user_items"]] == ["superadmin"]
    roots = domain.send("ListGroupUser")
    assert [group["group_id"] for group in roots["group_items"]] == [top]
    page = domain.send("ListGroupUser", group_id=top, limit=1)
    assert (len(page["group_items"]), page["user_items"]) == (1, [])
    rest = domain.send("ListGroupUser", group_id=top, limit=1, marker=page["next_marker"])
    assert (rest["group_items"], len(rest["user_items"]), rest["next_marker"]) == ([], 1, "")


# Spellings


def test_an_id_is_taken_as_it_is_spelled(plain_domain: Domain) -> None:
    drawn = plain_domain.call("ImportUser", authentication_type="custom", identity="i", nick_name="n")["user_id"]
    assert plain_domain.fault("CreateUser", user_id=drawn) == (409, "AlreadyExist.User")
    for name in ["张" * 64, " a ", "a/b?c=d&e", "123", "user_aaaaaaaaaaaaaaaaaaaaaaaaaa", "%41", "0" * 32, '"']:
        assert plain_domain.user(name) == name
        assert shown(plain_domain, name)["user_id"] == name
    for name in [drawn.upper(), "A", "a", "%2541", drawn + " "]:
        assert plain_domain.fault("GetUser", user_id=name) == (404, "NotFound.User"), name
    group = plain_domain.group("a")
    for name in [group.upper().replace("0", "O"), group + "0", f" {group}", "ou_" + group, ""]:
        status, code = plain_domain.fault("GetGroup", group_id=name)
        assert (status, code) in {(404, "NotFound.Group"), (400, "InvalidParameterEmpty.GroupId")}, name
    drive = plain_domain.drive(drawn)
    for name in ["0" + drive, f"+{drive}", drive + " "]:
        assert plain_domain.fault("GetDrive", drive_id=name) == (404, "NotFound.Drive"), name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"a": [1, None, {"b": True}]}, {"a": [1, None, {"b": True}]}),
        ('{"a": {"b": "c"}}', {"a": {"b": "c"}}),
        ("md", "md"),
        ("", {}),
        ({}, {}),
    ],
)
def test_user_data_is_an_object_or_a_text(plain_domain: Domain, given: Any, kept: Any) -> None:
    plain_domain.user("u", user_data={"old": "data"})
    assert plain_domain.send("UpdateUser", user_id="u", user_data=given)["user_data"] == kept
    assert plain_domain.send("GetUser", user_id="u")["user_data"] == kept
    assert plain_domain.send("CreateUser", user_id="v", user_data=given)["user_data"] == kept


@pytest.mark.parametrize(
    "avatar",
    [
        "http://example.com/a.png",
        "https://例.cn/图?a=b",
        IMAGE,
        "data://image/png;base64,iVBORw0KGgo=",
        "data:iVBORw0KGgo",
        "",
    ],
)
def test_a_picture_is_kept_as_it_came(plain_domain: Domain, avatar: str) -> None:
    plain_domain.user("u", avatar="https://example.com/old.png")
    assert plain_domain.call("UpdateUser", user_id="u", avatar=avatar)["avatar"] == avatar
    assert shown(plain_domain, "u")["avatar"] == avatar
    [listed] = plain_domain.call("SearchUser", user_name="u")["items"]
    assert listed["avatar"] == avatar


def test_a_page_size_may_be_a_text(plain_domain: Domain) -> None:
    plain_domain.user("u")
    limit: Any
    for limit, size in [("1", 1), ("100", 2), ("", 2), (None, 2), ("0", 2)]:
        assert len(plain_domain.send("ListUser", limit=limit)["items"]) == size, limit
    unfit: list[Any] = ["101", "-1", "one", "1.0", 1.5, True, [1]]
    for limit in unfit:
        assert plain_domain.fault("ListUser", limit=limit) == (400, "InvalidParameter.Limit"), limit


def test_a_search_is_in_the_order_that_it_asks_for(plain_domain: Domain) -> None:
    for name, nick in [("b", "Zoe"), ("a", "adam"), ("c", "Mia")]:
        plain_domain.user(name, nick_name=nick, email="x@example.com")
    plain_domain.call("UpdateUser", user_id="b", description="changed last")
    orders = {
        "created_at": ["b", "a", "c"],
        "updated_at": ["a", "c", "b"],
        "nick_name": ["a", "c", "b"],
        "user_id": ["a", "b", "c"],
    }
    for order, names in orders.items():
        for direction, found in [("ASC", names), ("desc", names[::-1])]:
            asked = {"email": "x@", "order_by": order, "order_direction": direction, "limit": 2}
            for action in ["SearchUser", "GeneralSearchUser"]:
                first = plain_domain.send(action, **asked)
                rest = plain_domain.send(action, **asked, marker=first["next_marker"])
                ids = [user["user_id"] for user in first["items"] + rest["items"]]
                assert (ids, rest["next_marker"]) == (found, ""), (action, order, direction)
    unknown = plain_domain.send("SearchUser", email="x@", order_by="moon", order_direction="up")
    assert len(unknown["items"]) == 3


def test_an_account_that_is_shut_by_its_time_is_disabled(plain_domain: Domain) -> None:
    plain_domain.user("u")
    sdk = plain_domain.signed_in("u")
    assert plain_domain.send("UpdateUser", user_id="u", expired_at=1000)["status"] == "disabled"
    status, code, message = sdk.refusal("GetUser")
    assert (status, code) == (401, "AccessTokenInvalid") and "UserNotEnabled" in message
    assert plain_domain.ids("SearchUser", status="disabled") == ["u"]
    assert [user["user_id"] for user in plain_domain.send("ListUser", status="enabled")["items"]] == ["superadmin"]
    opened = plain_domain.send("UpdateUser", user_id="u", status="enabled")
    assert (opened["status"], opened["expired_at"]) == ("enabled", 0)
    assert plain_domain.fault("UpdateUser", user_id="u", expired_at=-1) == (400, "InvalidParameter.ExpiredAt")


def test_an_imported_number_is_contact_data_too(plain_domain: Domain) -> None:
    made = plain_domain.send("ImportUser", authentication_type="mobile", identity="+852 5555-0000", extra="852")
    assert (made["phone_region"], made["nick_name"]) == ("852", "+852 5555-0000")
    account = plain_domain.call("GetLinkInfo", type="mobile", identity="55550000", extra="852")
    assert account["user_id"] == made["user_id"]
    taken = plain_domain.fault("ImportUser", authentication_type="mobile", identity="0085255550000", extra="852")
    assert taken == (409, "AlreadyExist.Account")


def test_a_password_keeps_the_rules_and_is_never_shown(plain_domain: Domain) -> None:
    for password in ["", "p" * 257]:
        refused = plain_domain.fault("CreateUser", user_id="u", plain_password=password)
        assert refused == (400, "InvalidParameter.PlainPassword"), len(password)
    plain_domain.send("CreateUser", user_id="u", plain_password=PASSWORD)
    sdk = plain_domain.signed_in("u")
    changed = plain_domain.send("UpdateUser", user_id="u", plain_password=PASSWORD + "1")
    assert "plain_password" not in changed
    assert sdk.fault("GetUser") == (401, "AccessTokenInvalid"), "a new password ends tokens"
