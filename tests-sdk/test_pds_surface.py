"""That every operation of PDS is served: each parameter that is declared is sent, each field that is declared comes back.

The declarations are read from where the server has them, so that nothing can be added there without a call here.
"""

import json
from typing import Any

import pytest

from harness import PASSWORD
from pds import GIB, JWT_BEARER, ROOT_FOLDER, Calls, Declaration, Domain, Pds, declared, leaves, through_the_page

# What is declared so that it can be refused by its name.
REFUSED: dict[str, dict[str, Any]] = {
    "CreateDomain": {"parent_domain_id": "hz1"},
    "ListDomains": {"parent_domain_id": "hz1", "service_code": "edm"},
    "SearchUser": {"drive_status": "full", "expired_at_range": {"start": 1}},
    "DeleteMembership": {"sub_group_id": "0"},
}
# What is shown for the sake of those who look for it, and never says anything.
EMPTY = {
    *("permission", "is_sync", "parent_domain_id", "root_group_drive"),
    *("default_sbox_drive_id", "device_id", "device_name", "path_status", "state"),
    *("need_link", "exist_link", "need_rp_verify", "pin_setup"),
}
# What is never right: every group has its place already.
NEVER_RIGHT: dict[str, set[str]] = {"CreateMembership": {"sub_group_id"}}
READS = ("Get", "List", "Search", "General")


class Tour:
    """One visit to every operation, in a domain of its own."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.owner = Pds(domain.server)
        self.service = Pds(domain.server, token=domain.token(domain.id, sub_type="service")["access_token"])
        self.manager = domain.signed_in("superadmin")
        self.user: Pds | None = None
        self.above = self.below = self.drive = ""

    def visit(self) -> dict[str, Calls]:
        """Goes everywhere, and says what was sent and shown where."""
        self.domains()
        self.make()
        self.users()
        self.groups()
        self.drives()
        self.accounts()
        self.end()
        assert self.user
        called: dict[str, Calls] = {}
        for sdk in [self.owner, self.service, self.manager, self.user, self.domain.sdk]:
            for action, calls in sdk.called.items():
                whole = called.setdefault(action, Calls())
                whole.parameters |= calls.parameters
                whole.fields |= calls.fields
                whole.telling |= calls.telling
        return called

    def domains(self) -> None:
        """The operations on domains."""
        given = {
            "domain_name": "tour",
            "description": "d",
            "init_drive_enable": True,
            "init_drive_size": GIB,
            "size_quota": 9 * GIB,
            "user_count_quota": 9,
        }
        made = self.owner.send("CreateDomain", **given, store_redundancy_type="ZRS")["domain_id"]
        self.owner.send("DeleteDomain", domain_id=made)
        apps = {"effect": "allow", "except_app_id_list": ["another"]}
        self.owner.send("UpdateDomain", domain_id=self.domain.id, **given, published_app_access_strategy=apps)

    def make(self) -> None:
        """Groups, and a user with everything that one can have."""
        manager = self.manager
        more = {"description": "d", "subdomain_id": "part"}
        self.above = manager.send("CreateGroup", group_name="above", is_root=True, **more)["group_id"]
        below = {"group_name": "below", "parent_group_id": self.above, **more}
        self.below = manager.send("CreateGroup", **below)["group_id"]
        given = {
            "user_id": "u",
            "user_name": "user",
            "nick_name": "nick",
            "email": "u@example.com",
            "phone": "13800000000",
            "phone_region": "852",
            "avatar": "https://example.com/a.png",
            "role": "user",
            "status": "enabled",
            "user_data": {"a": "b"},
            "group_info_list": [{"group_id": self.above, "member_role": "admin"}, {"group_id": self.below}],
            "expired_at": 4_000_000_000_000,
            "plain_password": PASSWORD,
            "deny_change_password_by_self": True,
            "need_change_password_next_login": True,
        }
        manager.send("CreateUser", **given, **more)
        own = {"drive_name": "own", "owner": "u", "owner_type": "user", "default": True, **more}
        kind = {"drive_type": "normal", "status": "enabled", "total_size": GIB}
        self.drive = manager.send("CreateDrive", **own, **kind)["drive_id"]
        team = {"drive_name": "team", "owner": self.above, "owner_type": "group", **more}
        of_team = manager.send("CreateDrive", **team)["drive_id"]
        for drive in [self.drive, of_team]:
            used = ["--domain", self.domain.id, "--drive", drive, "--bytes", "1000"]
            done = self.domain.server.command("drive", "set-used", *used)
            assert done.returncode == 0, done.stderr
        manager.send("CreateDrive", **{**team, "owner": self.below})
        manager.send("CreateDrive", drive_name="more", owner="u")
        mobile = {"type": "mobile", "identity": "13800000000"}
        manager.send("LinkAccount", user_id="u", extra="86", **mobile)
        # The first thing, because the other password that is due ends every token.
        status, sent = through_the_page(self.domain, "13800000000", PASSWORD)
        assert status == 302, status
        code = {"grant_type": "code", "code": sent["code"][0], "redirect_uri": self.domain.app.redirect_uri}
        self.domain.sdk.send("Token", client_id=self.domain.app.id, client_secret="", **code)
        manager.send("UpdateUser", user_id="u", need_change_password_next_login=True)
        assertion = self.domain.app.assertion("u", self.domain.id)
        first = self.domain.sdk.send(
            "Token", grant_type=JWT_BEARER, client_id=self.domain.app.id, assertion=assertion, subdomain_id="part"
        )
        refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        second = self.domain.sdk.send("Token", client_id=self.domain.app.id, **refresh)
        refresh["refresh_token"] = second["refresh_token"]
        third = self.domain.sdk.send("AccountToken", app_id=self.domain.app.id, **refresh)
        self.user = Pds(self.domain.server, token=third["access_token"])

    def users(self) -> None:
        """The operations on users."""
        manager = self.manager
        extras = {"extra_return_info": ["drive", "group", "account"]}
        manager.send("GetUser", user_id="u")
        manager.send("GeneralGetUser", user_id="u", **extras)
        page = {"limit": "1", "marker": ""}
        listed = {"status": "enabled", "subdomain_id": "part"}
        manager.send("ListUser", **listed)
        first = manager.send("ListUser", **page)
        manager.send("ListUser", marker=first["next_marker"])
        names = {"nick_name": "n", "nick_name_for_fuzzy": "ick", "email": "u@", "phone": "138"}
        order = {"order_by": "created_at", "order_direction": "DESC"}
        manager.send("SearchUser", **names, **listed, **order, user_name="us", role="user")
        manager.send("SearchUser", **page)
        groups = {"parent_group_id_list": [self.above], "direct_parent_group_id": self.below}
        manager.send("GeneralSearchUser", **names, **groups, **order, **extras, role="user", status="enabled")
        manager.send("GeneralSearchUser", **page)
        manager.send("ListGroupUser", group_id=self.above, **extras)
        manager.send("ListGroupUser", group_id=self.above, member_type="user", **extras)
        manager.send("ListGroupUser", group_id=self.above, **page)
        manager.send("ListGroupMember", group_id=self.above)
        manager.send("ListGroupMember", group_id=self.above, member_type="user")
        manager.send("ListGroupMember", group_id=self.above, **page)
        account = {"authentication_type": "custom", "identity": "i", "extra": "e", "authentication_display_name": "d"}
        made = manager.send(
            "ImportUser",
            **account,
            authentication_list=[{**account, "identity": "j"}],
            nick_name="n",
            auto_create_drive=True,
            drive_total_size=GIB,
            parent_group_id=self.above,
            email="i@example.com",
            phone="13900000000",
            phone_region="86",
            expired_at=4_000_000_000_000,
            plain_password=PASSWORD,
            deny_change_password_by_self=True,
            need_change_password_next_login=True,
        )
        manager.send(
            "UpdateUser",
            user_id=made["user_id"],
            nick_name="m",
            description="d",
            avatar="https://example.com/b.png",
            status="disabled",
            role="admin",
            email="j@example.com",
            phone="13900000001",
            phone_region="852",
            user_data={"c": "d"},
            group_info_list=[{"group_id": self.below, "member_role": "member"}],
            expired_at=0,
            plain_password=PASSWORD,
            deny_change_password_by_self=False,
            need_change_password_next_login=False,
        )
        requests = [{"id": "1", "method": "POST", "url": "/user/get", "headers": {"a": "b"}, "body": {"user_id": "u"}}]
        manager.send("Batch", resource="user", requests=requests)

    def groups(self) -> None:
        """The operations on groups, memberships and administrators."""
        manager = self.manager
        page = {"limit": 1, "marker": ""}
        manager.send("GetGroup", group_id=self.above)
        manager.send("ListGroup", subdomain_id="part")
        manager.send("ListGroup", **page)
        names = {"group_name": "a", "group_name_for_fuzzy": "bov"}
        manager.send("SearchGroup", subdomain_id="part", **names)
        manager.send("SearchGroup", **page)
        manager.send("UpdateGroup", group_id=self.above, group_name="Above", description="D")
        manager.send("GroupUpdateName", group_id=self.above, name="above")
        member = {"group_id": self.below, "member_type": "user", "member_id": "superadmin"}
        manager.send("AddGroupMember", **member)
        manager.send("RemoveGroupMember", **member)
        key = {"group_id": self.below, "member_type": "user", "user_id": "superadmin"}
        manager.send("CreateMembership", **key, member_role="admin", description="d")
        below = {"member_type": "group", "sub_group_id": self.below}
        for action in ["GetMembership", "UpdateMembership", "HasMember"]:
            manager.send(action, **key)
            manager.send(action, group_id=self.above, **below)
        manager.send("UpdateMembership", **key, member_role="member", description="e")
        manager.send("ListDirectChildMemberships", group_id=self.below, member_type="user")
        manager.send("ListDirectChildMemberships", group_id=self.above, **page)
        manager.send("ListDirectParentMemberships", user_id="superadmin")
        manager.send("ListDirectParentMemberships", user_id="u", **page)
        manager.send("ListDirectParentMemberships", **below)
        manager.send("DeleteMembership", **key)
        identity = {"identity": {"identity_type": "IT_User", "identity_id": "u"}}
        role = {"role_id": "SystemGroupAdmin", "manage_resource_type": "RT_Group"}
        manager.send("AssignRole", **identity, **role, manage_resource_id=self.above, disinherit_sub_group=True)
        manager.send("AssignRole", **identity, **role, manage_resource_id=self.below)
        of = {"manage_resource_type": "RT_Group", "manage_resource_id": self.above}
        manager.send("ListAssignment", **of)
        manager.send("ListAssignment", **page)
        manager.send("ListIdentityRole", **identity)
        superadmin = {"identity_type": "IT_User", "identity_id": "superadmin"}
        manager.send("ListIdentityRole", include_group_role=True, identity=superadmin)
        manager.send("CancelAssignRole", **identity, **role, manage_resource_id=self.above)

    def drives(self) -> None:
        """The operations on drives, and how much they hold."""
        manager = self.manager
        page = {"limit": 1, "marker": ""}
        manager.send("GetDrive", drive_id=self.drive)
        manager.send("GetDefaultDrive", user_id="u")
        of_u = {"owner": "u", "owner_type": "user", "subdomain_id": "part"}
        manager.send("ListDrive", **of_u)
        manager.send("SearchDrive", **of_u, drive_name="w")
        for action in ["ListDrive", "SearchDrive"]:
            manager.send(action, **page)
        assert self.user
        self.user.send("ListMyDrives")
        self.user.send("ListMyDrives", **page)
        self.user.send("ListMyGroupDrive", drive_name="team", **page)
        self.owner.send("GetDomain", domain_id=self.domain.id, get_quota_used=True, fields="*")
        self.domain.sdk.send("GetDomainQuota")
        self.owner.send("CreateDomain", domain_name="tour too")
        for action, filters in [("ListDomains", {}), ("SearchDomains", {"name": "tour", "order_by": "created_at"})]:
            first = self.owner.send(action, **filters, **page)
            self.owner.send(action, **filters, marker=first["next_marker"])
        change = {"drive_name": "x", "description": "y", "status": "disabled", "total_size": -1, "owner": "superadmin"}
        self.domain.sdk.send("UpdateDrive", drive_id=self.drive, **change)
        manager.send("DeleteDrive", drive_id=self.drive, force=True)

    def accounts(self) -> None:
        """The operations on accounts."""
        manager = self.manager
        key = {"type": "mobile", "identity": "13800000000", "extra": "86"}
        manager.send("GetLinkInfo", **key)
        manager.send("GetLinkInfoByUserId", user_id="u")
        manager.send("UnLinkAccount", user_id="u", **key)
        self.owner.call("Authorize", **authorize(self.domain))

    def end(self) -> None:
        """The removal of what is left."""
        group = self.manager.send("CreateGroup", group_name="short")["group_id"]
        self.manager.send("DeleteGroup", group_id=group)
        self.manager.send("CreateUser", user_id="short")
        self.manager.send("DeleteUser", user_id="short")


def authorize(domain: Domain) -> dict[str, Any]:
    """A way to the page to sign in on, with all that can be said on it."""
    return {
        "client_id": domain.app.id,
        "redirect_uri": domain.app.redirect_uri,
        "response_type": "code",
        "scope": ["USER.ALL"],
        "state": "s",
        "login_type": "default",
        "hide_consent": True,
    }


@pytest.fixture
def called(plain_domain: Domain) -> dict[str, Calls]:
    """What a tour has sent and been shown."""
    return Tour(plain_domain).visit()


def test_every_parameter_is_taken_and_every_field_shown(called: dict[str, Calls]) -> None:
    assert called.keys() == declared().keys(), "every operation is called"
    wanting = {action: wants for action, operation in declared().items() if (wants := unmet(action, operation, called))}
    assert not wanting
    quiet = sorted(silent(called))
    assert not quiet, "these are shown, and never with anything in them:\n" + "\n".join(quiet)


def unmet(action: str, operation: Declaration, called: dict[str, Calls]) -> set[str]:
    """The parameters that were not sent and the fields that were not shown."""
    calls = called[action]
    excused = {*REFUSED.get(action, {}), *NEVER_RIGHT.get(action, set())}
    sent = {name for name in operation.parameters if name not in excused} - calls.parameters
    shown = {name for name in operation.fields if not below_empty(name)} - calls.fields
    if not action.startswith(("GetDomain", "GetDomainQuota")):
        # What is in use of a quota is said where it is asked for.
        shown -= {"size_quota_used", "items.size_quota_used"}
    return sent | shown


def below_empty(path: str) -> bool:
    """Whether a field is inside one that is always empty."""
    return any(part in EMPTY for part in path.split(".")[:-1])


def silent(called: dict[str, Calls]) -> set[str]:
    """The fields of answers that only read which never had anything in them."""
    return {
        f"{action}: {path}"
        for action, calls in called.items()
        if action.startswith(READS)
        for path in calls.fields - calls.telling
        if path in declared()[action].fields and not set(path.split(".")) & EMPTY
    }


def test_what_is_not_served_is_refused_by_its_name(plain_domain: Domain) -> None:
    needed: dict[str, dict[str, str]] = {
        "CreateDomain": {"domain_name": "n"},
        "DeleteMembership": {"group_id": plain_domain.group("a")},
    }
    for action, parameters in REFUSED.items():
        for name, value in parameters.items():
            status, code = plain_domain.fault(action, **needed.get(action, {}), **{name: value})
            named = "".join(part.title() for part in ("member_type" if name == "sub_group_id" else name).split("_"))
            assert (status, code) == (400, f"InvalidParameterNotSupported.{named}"), (action, name)


def test_the_sdk_knows_no_operation_of_ours_that_is_not_declared(plain_domain: Domain) -> None:
    families = ("user/", "group/", "membership/", "account/", "role/", "drive/", "domain/", "oauth/", "batch")
    known = surface()
    ours = {action for action, (path, _) in known.items() if path.removeprefix("/v2/").startswith(families)}
    bought = {"CreateOrder", "QueryOrderPrice"}
    assert ours - bought <= declared().keys()
    for action in ours - bought:
        path, parameters = known[action]
        assert declared()[action].path == path, action
        missing = parameters - declared()[action].parameters
        assert not missing, (action, missing)


def surface() -> dict[str, tuple[str, set[str]]]:
    """What the SDK has: the path and the parameters of each action."""
    actions = json.loads((ROOT_FOLDER / "reference/surface/pds.json").read_text())["actions"]

    def spread(fields: list[dict[str, Any]]) -> dict[str, Any]:
        return {field["name"]: spread(field.get("fields", [])) for field in fields}

    return {
        action["action"]: (action["path"], {path for path, _ in leaves(spread(action["request"]))})
        for action in actions
    }
