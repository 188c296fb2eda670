"""The SDK's calls about accounts and tokens."""

import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from harness import PASSWORD, Refused, key_in, within
from pds import JWT_BEARER, SECONDS, App, Domain, Pds, claims_of, through_the_page


def link(domain: Domain, user: str, identity: str = "me", **more: str) -> dict[str, Any]:
    """Links an account."""
    return domain.call("LinkAccount", user_id=user, **{"type": "custom", "identity": identity, **more})


# Accounts


def test_an_account_is_linked_found_and_unlinked(domain: Domain) -> None:
    domain.user("u", phone="13900000000")
    key = {"type": "mobile", "identity": "13800000000", "extra": "86"}
    link(domain, "u", **key)
    found = domain.call("GetLinkInfo", **key)
    assert found == {
        "authentication_type": "mobile",
        "identity": "13800000000",
        "extra": "86",
        "user_id": "u",
        "domain_id": domain.id,
        "display_name": "13800000000",
        "status": "normal",
        "created_at": found["created_at"],
        "last_login_time": found["last_login_time"],
    }
    assert domain.call("GetLinkInfoByUserId", user_id="u") == {"items": [found]}
    assert domain.call("GetLinkInfo", type="mobile", identity="13800000000") == found
    domain.call("UnLinkAccount", user_id="u", **key)
    assert domain.fault("GetLinkInfo", **key) == (404, "NotFound.Account")
    assert domain.fault("UnLinkAccount", user_id="u", **key) == (404, "NotFound.Account")
    assert domain.send("GetLinkInfoByUserId", user_id="u") == {"items": []}
    assert domain.send("GetLinkInfoByUserId", user_id="nobody") == {"items": []}


def test_an_account_is_one_persons(domain: Domain) -> None:
    domain.user("u")
    domain.user("v")
    link(domain, "u", "me")
    link(domain, "u", "me too")
    for user in ["u", "v"]:
        assert domain.fault("LinkAccount", user_id=user, type="custom", identity="me") == (409, "AlreadyExist.Account")
    assert domain.fault("UnLinkAccount", user_id="v", type="custom", identity="me") == (403, "Forbidden")
    assert domain.fault("LinkAccount", user_id="nobody", type="custom", identity="x") == (404, "NotFound.User")
    assert len(domain.call("GetLinkInfoByUserId", user_id="u")["items"]) == 2
    link(domain, "v", "me", type="ldap")


def test_one_number_is_one_account_however_it_is_spelled(plain_domain: Domain) -> None:
    plain_domain.user("u")
    link(plain_domain, "u", "+86 138-0000-0000", type="mobile")
    for given in [{"identity": "13800000000"}, {"identity": "13800000000", "extra": "+86"}]:
        assert plain_domain.call("GetLinkInfo", type="mobile", **given)["user_id"] == "u"
    other = plain_domain.fault("GetLinkInfo", type="mobile", identity="13800000000", extra="852")
    assert other == (404, "NotFound.Account")


@pytest.mark.parametrize("kind", ["mobile", "email", "ding", "ram", "wechat", "ldap", "custom"])
def test_each_type_of_account_can_be_linked(plain_domain: Domain, kind: str) -> None:
    plain_domain.user("u")
    link(plain_domain, "u", "someone", type=kind)
    assert plain_domain.call("GetLinkInfo", type=kind, identity="someone")["authentication_type"] == kind


def test_what_an_account_needs_is_checked(plain_domain: Domain) -> None:
    plain_domain.user("u")
    good = {"user_id": "u", "type": "custom", "identity": "me"}
    for change, code in [
        ({"type": "fax"}, "InvalidParameter.Type"),
        ({"identity": ""}, "InvalidParameterEmpty.Identity"),
        ({"identity": "i" * 129}, "InvalidParameter.Identity"),
        ({"user_id": "a#b"}, "InvalidParameter.UserId"),
    ]:
        assert plain_domain.fault("LinkAccount", **{**good, **change}) == (400, code), change
    for left_out in good:
        less = {name: value for name, value in good.items() if name != left_out}
        assert plain_domain.fault("LinkAccount", **less)[0] == 400, left_out


def test_a_link_answers_with_a_token_of_the_user(domain: Domain) -> None:
    domain.user("u", nick_name="U", avatar="https://example.com/a.png", user_data={"a": "b"})
    drive = domain.drive("u", default=True)
    token = link(domain, "u")
    read = domain.call("GetUser", user_id="u")
    shared = ["user_id", "user_name", "nick_name", "avatar", "role", "status", "domain_id", "user_data"]
    assert {name: token[name] for name in shared} == {name: read[name] for name in shared}
    assert (token["token_type"], token["default_drive_id"]) == ("Bearer", drive)
    assert Pds(domain.server, token=token["access_token"]).call("GetUser")["user_id"] == "u"


# Tokens


def test_an_assertion_is_answered_with_a_token(plain_domain: Domain) -> None:
    plain_domain.user("u", nick_name="U")
    token = plain_domain.token("u")
    assert (token["token_type"], token["user_id"], token["role"], token["status"]) == ("Bearer", "u", "user", "enabled")
    assert token["domain_id"] == plain_domain.id
    assert re.fullmatch(SECONDS, token["expire_time"])
    ends = datetime.strptime(token["expire_time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    assert 7000 < ends - time.time() < 7300 and 7000 < token["expires_in"] <= 7200
    claims = claims_of(token["access_token"])
    # Its end falls between two seconds, as its beginning does, and is said as the later one.
    assert claims["userId"] == "u" and claims["exp"] - claims["iat"] in {7200, 7201}
    assert plain_domain.id in claims["customJson"]
    sdk = Pds(plain_domain.server, token=token["access_token"])
    assert sdk.call("GetUser")["nick_name"] == "U"
    assert plain_domain.call("GetUser", user_id="u")["last_login_time"] > 0


def test_a_service_is_a_superadmin_without_a_user(plain_domain: Domain) -> None:
    token = plain_domain.token(plain_domain.id, sub_type="service")
    assert (token["role"], token["status"], token["user_id"]) == ("superadmin", "enabled", plain_domain.id)
    assert token["refresh_token"]
    sdk = Pds(plain_domain.server, token=token["access_token"])
    assert sdk.call("CreateUser", user_id="u", role="admin")["role"] == "admin"
    assert sdk.fault("GetUser") == (404, "NotFound.User")
    assert sdk.fault("CreateDomain", domain_name="n")[0] == 403


def test_a_user_is_made_where_the_assertion_says_so(plain_domain: Domain) -> None:
    def exchange(**claims: Any) -> dict[str, Any]:
        return plain_domain.token("new", **claims)

    assertion = plain_domain.app.assertion("new", plain_domain.id)
    refused = plain_domain.fault("Token", grant_type=JWT_BEARER, client_id=plain_domain.app.id, assertion=assertion)
    assert refused == (404, "NotFound.User")
    assert exchange(auto_create=True)["user_id"] == "new"
    made = plain_domain.call("GetUser", user_id="new")
    assert (made["nick_name"], made["role"], made["status"]) == ("new", "user", "enabled")
    assert exchange(auto_create=True)["user_id"] == "new"


def test_a_bad_assertion_is_refused(plain_domain: Domain) -> None:
    plain_domain.user("u")
    app, now = plain_domain.app, int(time.time())
    good = app.assertion("u", plain_domain.id)
    bad = (400, "InvalidParameter.Assertion")
    head, body, signature = good.split(".")
    for assertion in [
        "",
        "a.b.c",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[::-1]}",
        app.assertion("u", plain_domain.id, header={"alg": "none", "typ": "JWT"}),
        app.assertion("u", plain_domain.id, header={"alg": "HS256", "typ": "JWT"}),
        app.assertion("u", plain_domain.id, exp=now - 120),
        app.assertion("u", plain_domain.id, exp=now + 86_400),
        app.assertion("u", plain_domain.id, exp=None),
        app.assertion("u", plain_domain.id, iss="another"),
        app.assertion("u", plain_domain.id, sub_type="robot"),
        app.assertion("u", plain_domain.id, jti=None),
        app.assertion("u", plain_domain.id, jti="j" * 129),
        app.assertion("u", plain_domain.id, nbf=now + 3000),
    ]:
        fault = plain_domain.fault("Token", grant_type=JWT_BEARER, client_id=app.id, assertion=assertion)
        assert fault == ((400, "InvalidParameterEmpty.Assertion") if not assertion else bad), assertion
    foreign = app.assertion("u", "rs1")
    assert plain_domain.fault("Token", grant_type=JWT_BEARER, client_id=app.id, assertion=foreign)[0] in {400, 404}
    given = {"grant_type": JWT_BEARER, "assertion": good}
    assert plain_domain.fault("Token", client_id="nobody", **given) == (404, "NotFound.App")
    assert plain_domain.fault("Token", client_id=app.id, grant_type="password", assertion=good) == (
        400,
        "InvalidParameter.GrantType",
    )
    assert plain_domain.call("Token", client_id=app.id, **given)["user_id"] == "u"
    assert plain_domain.fault("Token", client_id=app.id, **given) == bad, "a second time it is a replay"


def test_a_refresh_token_is_exchanged_for_new_ones(plain_domain: Domain) -> None:
    plain_domain.user("u")
    app = plain_domain.app.id
    first = plain_domain.token("u")

    def refreshed(token: dict[str, Any]) -> dict[str, Any]:
        return plain_domain.call(
            "Token", grant_type="refresh_token", client_id=app, refresh_token=token["refresh_token"]
        )

    second = refreshed(first)
    assert second["user_id"] == "u" and second["refresh_token"] != first["refresh_token"]
    third = plain_domain.send(
        "AccountToken", app_id=app, refresh_token=second["refresh_token"], grant_type="refresh_token", addition_data={}
    )
    assert third["user_id"] == "u" and third["refresh_token"] != second["refresh_token"]
    assert Pds(plain_domain.server, token=third["access_token"]).call("GetUser")["user_id"] == "u"
    # The old one is good for a minute more, for the sake of parallel windows.
    assert refreshed(second)["user_id"] == "u"
    assert plain_domain.call("GetUser", user_id="u")["last_login_time"] > 0
    assert plain_domain.send("GetUser", user_id="u")["last_refresh_token_time"] > 0


def test_a_bad_refresh_token_is_refused(plain_domain: Domain) -> None:
    plain_domain.user("u")
    good = plain_domain.token("u")["refresh_token"]
    app = plain_domain.app.id
    for token, client, fault in [
        ("0" * 32, app, (400, "InvalidParameter.RefreshToken")),
        (good, "nobody", (404, "NotFound.App")),
        (good, App(plain_domain.server).id, (400, "InvalidParameter.RefreshToken")),
    ]:
        given = {"grant_type": "refresh_token", "client_id": client, "refresh_token": token}
        assert plain_domain.fault("Token", **given) == fault, (token, client)
    missing = plain_domain.fault("Token", grant_type="refresh_token", client_id=app)
    assert missing == (400, "InvalidParameterMissing.RefreshToken")
    assert plain_domain.fault("AccountToken", app_id=app, refresh_token=good) == (
        400,
        "InvalidParameterMissing.GrantType",
    )


def test_a_disabled_user_has_no_tokens(plain_domain: Domain) -> None:
    plain_domain.user("u")
    token = plain_domain.token("u")
    sdk = Pds(plain_domain.server, token=token["access_token"])
    sdk.call("GetUser")
    plain_domain.call("UpdateUser", user_id="u", status="disabled")
    status, code, message = sdk.refusal("GetUser")
    assert (status, code) == (401, "AccessTokenInvalid") and "UserNotEnabled" in message
    app = plain_domain.app
    assertion = app.assertion("u", plain_domain.id)
    refusals = [
        plain_domain.refusal("Token", grant_type=JWT_BEARER, client_id=app.id, assertion=assertion),
        plain_domain.refusal(
            "Token", grant_type="refresh_token", client_id=app.id, refresh_token=token["refresh_token"]
        ),
    ]
    for status, code, message in refusals:
        assert (status, code) in {(403, "Forbidden"), (400, "InvalidParameter.RefreshToken")}, (status, code)
    assert "UserNotEnabled" in refusals[0][2]
    assert plain_domain.fault("LinkAccount", user_id="u", type="custom", identity="me") == (403, "Forbidden")
    plain_domain.call("UpdateUser", user_id="u", status="enabled")
    assert Pds(plain_domain.server, token=plain_domain.token("u")["access_token"]).call("GetUser")["user_id"] == "u"


def test_a_token_holds_the_role_that_it_was_made_for(plain_domain: Domain) -> None:
    plain_domain.user("u")
    sdk = plain_domain.signed_in("u")
    assert sdk.fault("ListUser") == (403, "ForbiddenNoPermission.User")
    plain_domain.call("UpdateUser", user_id="u", role="admin")
    status, code, message = sdk.refusal("ListUser")
    assert (status, code) == (403, "ForbiddenNoPermission.User") and message.endswith("UserRoleChanged")
    assert len(plain_domain.signed_in("u").call("ListUser")["items"]) == 2


def test_a_token_ends_with_its_user(plain_domain: Domain) -> None:
    plain_domain.user("u")
    sdk = plain_domain.signed_in("u")
    plain_domain.call("DeleteUser", user_id="u")
    assert sdk.fault("GetUser") == (401, "AccessTokenInvalid")
    plain_domain.user("u")
    assert sdk.fault("GetUser") == (401, "AccessTokenInvalid")


def test_a_forged_token_is_refused(plain_domain: Domain) -> None:
    token = plain_domain.token("superadmin")["access_token"]
    head, body, signature = token.split(".")
    unsigned = plain_domain.app.assertion("superadmin", plain_domain.id, header={"alg": "none", "typ": "JWT"})
    for forged in [
        "nonsense",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[::-1]}",
        unsigned.rsplit(".", 1)[0] + ".",
        plain_domain.app.assertion("superadmin", plain_domain.id),
    ]:
        status, code, message = Pds(plain_domain.server, token=forged).refusal("GetUser")
        assert (status, code) == (401, "AccessTokenInvalid"), forged
        assert message.startswith("AccessToken is invalid."), message


def test_a_token_is_for_its_own_domain(shelf: Any, plain_domain: Domain) -> None:
    other = Domain(plain_domain.server, plain_domain.take_app)
    token = plain_domain.token("superadmin")["access_token"]
    assert Pds(plain_domain.server, token=token, domain=other.id).fault("ListUser") == (403, "Forbidden")
    sdk = Pds(plain_domain.server, token=token)
    assert sdk.fault("ListUser", domain_id=other.id) == (403, "Forbidden")
    other.user("u")
    assert sdk.fault("GetUser", user_id="u") == (404, "NotFound.User")


# The page to sign in on


def test_the_page_to_sign_in_on_is_for_registered_addresses(plain_domain: Domain) -> None:
    app = plain_domain.app
    given = {
        "client_id": app.id,
        "redirect_uri": app.redirect_uri,
        "response_type": "code",
        "scope": ["USER.ALL", "DRIVE.ALL"],
        "state": "s",
        "login_type": "default",
        "hide_consent": True,
    }
    plain_domain.call("Authorize", **given)
    for change in [
        {"redirect_uri": "https://app.example/back"},
        {"redirect_uri": app.redirect_uri + "&c=d"},
        {"redirect_uri": app.redirect_uri.upper()},
        {"response_type": "token"},
        {"login_type": "ding"},
    ]:
        assert plain_domain.fault("Authorize", **{**given, **change})[0] == 400, change
    assert plain_domain.fault("Authorize", **{**given, "client_id": "nobody"}) == (404, "NotFound.App")


def test_a_code_must_be_one_of_ours(plain_domain: Domain) -> None:
    app = plain_domain.app
    for grant_type in ["authorization_code", "code"]:
        given = {"grant_type": grant_type, "client_id": app.id, "code": "c" * 32, "redirect_uri": app.redirect_uri}
        assert plain_domain.fault("Token", **given) == (400, "InvalidParameter.Code"), grant_type
        missing = plain_domain.fault("Token", grant_type=grant_type, client_id=app.id, redirect_uri=app.redirect_uri)
        assert missing == (400, "InvalidParameterMissing.Code")


def test_a_code_from_the_page_is_good_for_one_token(plain_domain: Domain) -> None:
    app = plain_domain.app
    plain_domain.send("CreateUser", user_id="u", user_name="user", plain_password=PASSWORD)
    plain_domain.call("LinkAccount", user_id="u", type="email", identity="u@example.com")
    assert through_the_page(plain_domain, "user", "wrong") == (401, {})
    assert through_the_page(plain_domain, "nobody", PASSWORD) == (401, {})
    for name, grant_type in [("user", "authorization_code"), ("u@example.com", "code")]:
        status, sent = through_the_page(plain_domain, name, PASSWORD, state="s &=")
        assert (status, sent["state"], sent["a"]) == (302, ["s &="], ["b"])
        given = {"grant_type": grant_type, "client_id": app.id, "code": sent["code"][0]}
        other = plain_domain.fault("Token", **given, redirect_uri="https://app.example/elsewhere")
        assert other == (400, "InvalidParameter.Code")
        status, sent = through_the_page(plain_domain, name, PASSWORD)
        given["code"] = sent["code"][0]
        token = plain_domain.call("Token", **given, redirect_uri=app.redirect_uri)
        assert token["user_id"] == "u"
        assert Pds(plain_domain.server, token=token["access_token"]).call("GetUser")["user_id"] == "u"
        again = plain_domain.fault("Token", **given, redirect_uri=app.redirect_uri)
        assert again == (400, "InvalidParameter.Code")
    assert plain_domain.call("GetLinkInfo", type="email", identity="u@example.com")["last_login_time"] > 0


# Apps and keys, which come and go while the server runs


def test_an_app_works_at_once_and_no_more_when_it_is_deleted(plain_domain: Domain) -> None:
    plain_domain.user("u")
    server = plain_domain.server
    app = App(server)
    listed = server.command("oauth-app", "list")
    assert listed.returncode == 0 and app.id in listed.stdout, listed.stderr
    token = app.sign_in("u", plain_domain.id)
    assert token["user_id"] == "u"
    done = server.command("oauth-app", "delete", app.id)
    assert done.returncode == 0, done.stderr
    assert app.id not in server.command("oauth-app", "list").stdout
    given = {"grant_type": "refresh_token", "client_id": app.id, "refresh_token": token["refresh_token"]}
    within(2, lambda: plain_domain.fault("Token", **given) == (404, "NotFound.App"))
    assertion = app.assertion("u", plain_domain.id)
    fault = plain_domain.fault("Token", grant_type=JWT_BEARER, client_id=app.id, assertion=assertion)
    assert fault == (404, "NotFound.App")
    sdk = Pds(server, token=token["access_token"])
    within(2, lambda: ended(sdk))
    assert server.command("oauth-app", "delete", app.id).returncode != 0


def ended(sdk: Pds) -> bool:
    """Whether a token is good for nothing any more."""
    try:
        sdk.call("GetUser")
    except Refused as refused:
        return (refused.status, refused.code) == (401, "AccessTokenInvalid")
    return False


def test_an_app_needs_a_good_key(plain_domain: Domain) -> None:
    server = plain_domain.server
    file = server.place.folder / "not-a-key.pem"
    for text in ["", "nonsense", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"]:
        file.write_text(text)
        made = server.command("oauth-app", "create", "--name", "n", "--public-key", str(file))
        assert made.returncode != 0 and not made.stdout, text
        assert made.stderr and "panicked" not in made.stderr


@pytest.mark.parametrize("signature", ["v1", "v4"])
def test_a_key_is_good_until_it_is_disabled(plain_domain: Domain, signature: str) -> None:
    server = plain_domain.server
    key = key_in(server.command("access-key", "create").stdout)
    sdk = Pds(server, domain=plain_domain.id, signature=signature, key=key)

    def answered() -> bool:
        try:
            return bool(sdk.call("GetDomainQuota"))
        except Refused as refused:
            assert (refused.status, refused.code) == (403, "Forbidden"), refused
            return False

    within(3, answered)
    assert server.command("access-key", "disable", key.id).returncode == 0
    within(3, lambda: not answered())
