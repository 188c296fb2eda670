"""How requests to PDS prove who sends them, and how refusals reach the users of the SDK."""

import json
import re
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

import pytest

from harness import ROOT, Key, Server
from pds import REQUEST_ID, Codes, Domain, Pds, declared

JSON = {"content-type": "application/json"}


def post(
    server: Server, path: str, body: bytes = b"{}", method: str = "POST", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to a request that no SDK makes."""
    connection = HTTPConnection(*server.address, timeout=20)
    connection.request(method, path, body, {**JSON, **headers})
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def refused(server: Server, path: str, body: bytes = b"{}", method: str = "POST", **headers: str) -> tuple[int, str]:
    """Status and code of a refusal, which both SDKs must be able to read."""
    status, shown, text = post(server, path, body, method, **headers)
    assert shown["content-type"].startswith("application/json"), shown
    assert re.fullmatch(REQUEST_ID, shown["x-ca-request-id"]), shown
    error = json.loads(text)
    assert error.keys() >= {"code", "message"} and error["message"], error
    return status, error["code"]


@pytest.mark.parametrize(
    "proof",
    [
        {"signature": "v1"},
        {"signature": "v4"},
        {"signature": "v4", "algorithm": "ACS4-HMAC-SHA256"},
    ],
    ids=["v1", "v4", "v4-sha256"],
)
def test_a_key_proves_itself_by_each_signature(plain_domain: Domain, proof: dict[str, Any]) -> None:
    sdk = Pds(plain_domain.server, domain=plain_domain.id, **proof)
    assert sdk.call("CreateUser", user_id="张", nick_name="a&b=c +%/")["nick_name"] == "a&b=c +%/"
    assert sdk.call("GetDomainQuota")["user_count_used"] == 1, "without a body"


@pytest.mark.parametrize("signature", ["v1", "v4"])
def test_a_wrong_key_is_refused_without_asking_for_another_token(plain_domain: Domain, signature: str) -> None:
    for key in [Key(ROOT.id, "wrong"), Key("LTAIunknown", ROOT.secret)]:
        sdk = Pds(plain_domain.server, key=key, signature=signature)
        assert sdk.fault("ListUser") == (403, "Forbidden")
    assert Pds(plain_domain.server, signature=signature, session="none").fault("ListUser") == (403, "Forbidden")


def test_a_signature_by_an_unserved_algorithm_is_refused(plain_domain: Domain) -> None:
    sdk = Pds(plain_domain.server, domain=plain_domain.id, signature="v4", algorithm="ACS4-HMAC-SM3")
    status, code, message = sdk.refusal("GetDomainQuota")
    assert (status, code) == (403, "Forbidden") and "InvalidSignatureMethod" in message


def test_without_proof_a_token_is_asked_for(plain_domain: Domain) -> None:
    server = plain_domain.server
    for name, operation in declared().items():
        if name in {"Token", "AccountToken", "Authorize"}:
            continue
        assert refused(server, operation.path) == (401, "AccessTokenInvalid"), name
    assert refused(server, "/v2/user/get", authorization="Bearer ") == (401, "AccessTokenInvalid")
    assert refused(server, "/v2/user/get", authorization="Bearer a b") == (401, "AccessTokenInvalid")


def test_a_body_is_read_generously(plain_domain: Domain) -> None:
    token = plain_domain.token("superadmin")["access_token"]
    bearer = {"authorization": f"Bearer {token}"}
    for body, kind in [
        (b"{}", "application/json"),
        (b"", "application/json"),
        (b"{}", "application/json; charset=utf-8"),
        (b'{"user_id": null, "unheard_of": {"a": []}, "donot_emit_error": true}', "application/json"),
    ]:
        status, _, text = post(plain_domain.server, "/v2/user/get", body, **{**bearer, "content-type": kind})
        assert (status, json.loads(text)["user_id"]) == (200, "superadmin"), body


@pytest.mark.parametrize("body", [b"{", b"[]", b'"a"', b"\xff", b'{"user_id": 1}', b'{"user_id": ["a"]}'])
def test_a_broken_body_is_refused_as_such(plain_domain: Domain, body: bytes) -> None:
    bearer = f"Bearer {plain_domain.token('superadmin')['access_token']}"
    status, code = refused(plain_domain.server, "/v2/user/get", body, authorization=bearer)
    assert status == 400 and code.startswith("Invalid"), (status, code)


def test_what_is_no_operation_is_not_found(plain_domain: Domain) -> None:
    server = plain_domain.server
    for method, path in [
        ("GET", "/v2/user/get"),
        ("PUT", "/v2/user/get"),
        ("POST", "/v2/user/abc"),
        ("POST", "/v2/file/list"),
        ("POST", "/v2/share_link/create"),
        ("POST", "/v2/domain/create_order"),
        ("POST", "/v2/user/get/"),
    ]:
        status, headers, text = post(server, path, method=method)
        assert (status, json.loads(text)["code"]) == (404, "I404NF"), (method, path)
        assert headers["x-ca-error-code"] == "I404NF" and headers["x-ca-error-message"], headers
        assert refused(server, path, method=method) == (404, "I404NF")


def test_subdomains_are_known_and_not_supported(plain_domain: Domain) -> None:
    bearer = f"Bearer {plain_domain.token('superadmin')['access_token']}"
    for path in ["subdomain/create", "subdomain/list", "user/add_user_to_subdomain"]:
        fault = refused(plain_domain.server, f"/v2/{path}", authorization=bearer)
        assert fault == (400, "OperationNotSupport"), path


def test_a_body_that_is_too_long_is_refused_in_json(plain_domain: Domain) -> None:
    bearer = f"Bearer {plain_domain.token('superadmin')['access_token']}"
    body = json.dumps({"user_id": "u", "more": "x" * (3 << 20)}).encode()
    assert refused(plain_domain.server, "/v2/user/get", body, authorization=bearer)[0] == 413
    picture = "data:image/png;base64," + "A" * (280 << 10)
    assert plain_domain.call("CreateUser", user_id="u", avatar=picture)["avatar"] == picture


def test_an_error_says_what_the_sdk_reads(domain: Domain) -> None:
    for action, given, status, code, message in [
        ("GetUser", {"user_id": "nobody"}, 404, "NotFound.User", "The resource user cannot be found."),
        ("CreateUser", {"user_id": "superadmin"}, 409, "AlreadyExist.User", "The resource user has already exists."),
        ("CreateUser", {"user_id": "u", "role": "x"}, 400, "InvalidParameter.Role", "The input parameter role is not"),
        ("CreateUser", {}, 400, "InvalidParameterMissing.UserId", "The input parameter user_id is missing."),
    ]:
        refusal = domain.refusal(action, **given)
        assert refusal[:2] == (status, code), refusal
        assert refusal[2].startswith(message), refusal


# Several operations in one request


def child(id: str, url: str, body: Any, **more: Any) -> dict[str, Any]:
    """One operation of a batch."""
    return {"id": id, "method": "POST", "url": url, "headers": JSON, "body": body, **more}


def test_a_batch_answers_each_operation_for_itself(domain: Domain) -> None:
    domain.user("u")
    answer = domain.call(
        "Batch",
        resource="user",
        requests=[
            child("1", "/user/get", {"user_id": "u"}),
            child("2", "/user/get", {"user_id": "nobody"}),
            child("3", "/user/create", {"user_id": "v"}),
            child("4", "/user/delete", {"user_id": "u"}),
            child("5", "/group/get", {"group_id": "g"}),
            child("6", "/user/abc", {}),
            child("7", "/user/update", {"user_id": "v", "nick_name": "V"}),
        ],
    )
    answers = {response["id"]: (response["status"], response["body"]) for response in answer["responses"]}
    assert [response["id"] for response in answer["responses"]] == list("1234567")
    assert (answers["1"][0], answers["1"][1]["user_id"]) == (200, "u")
    assert (answers["3"][0], answers["3"][1]["user_id"]) == (201, "v")
    assert answers["4"] == (204, {})
    assert (answers["7"][0], answers["7"][1]["nick_name"]) == (200, "V")
    refusals = {id: (answers[id][0], answers[id][1]["code"]) for id in "256"}
    assert refusals == {
        "2": (404, "NotFound.User"),
        "5": (400, "InvalidParameterNotMatch.Resource"),
        "6": (404, "I404NF"),
    }
    assert domain.ids("ListUser") == ["superadmin", "v"]


def test_a_batch_serves_groups_memberships_and_drives(plain_domain: Domain) -> None:
    group = plain_domain.group("a")
    plain_domain.user("u", group_info_list=[{"group_id": group}])
    drive = plain_domain.drive("u")
    for resource, url, body in [
        ("group", "/group/get", {"group_id": group}),
        ("membership", "/membership/has_member", {"group_id": group, "user_id": "u"}),
        ("drive", "/drive/get", {"drive_id": drive}),
    ]:
        [response] = plain_domain.call("Batch", resource=resource, requests=[child("a", url, body)])["responses"]
        assert response["status"] == 200, response
    text = child("a", "/user/get", json.dumps({"user_id": "u"}))
    [response] = plain_domain.send("Batch", resource="user", requests=[text])["responses"]
    assert (response["status"], response["body"]["user_id"]) == (200, "u")


def test_a_batch_that_is_none_is_refused_whole(plain_domain: Domain) -> None:
    one = child("1", "/user/create", {"user_id": "u"})
    cases: Codes = [
        ({"resource": "user", "requests": []}, "InvalidParameter.Requests"),
        ({"resource": "user", "requests": [one, one]}, "InvalidParameter.Requests"),
        ({"resource": "user", "requests": [{**one, "id": str(n)} for n in range(101)]}, "InvalidParameter.Requests"),
        ({"resource": "file", "requests": [one]}, "InvalidParameterNotSupported.Resource"),
        ({"resource": "moon", "requests": [one]}, "InvalidParameter.Resource"),
        ({"requests": [one]}, "InvalidParameterMissing.Resource"),
        ({"resource": "user"}, "InvalidParameterMissing.Requests"),
    ]
    for given, code in cases:
        assert plain_domain.fault("Batch", **given) == (400, code), given
    assert plain_domain.ids("ListUser") == ["superadmin"]


def test_a_batch_gives_nobody_more_rights(plain_domain: Domain) -> None:
    plain_domain.user("u")
    requests = [child("1", "/user/get", {}), child("2", "/user/get", {"user_id": "superadmin"})]
    mine, another = plain_domain.signed_in("u").call("Batch", resource="user", requests=requests)["responses"]
    assert (mine["status"], mine["body"]["user_id"]) == (200, "u")
    assert (another["status"], another["body"]["code"]) == (403, "ForbiddenNoPermission.User")


# What each role may do is a matrix of its own; here is what the SDK's users see of it


def test_a_user_sees_and_changes_little(plain_domain: Domain) -> None:
    plain_domain.user("u", phone="1")
    plain_domain.user("v", email="v@example.com", phone="2")
    sdk = plain_domain.signed_in("u")
    changed = sdk.call("UpdateUser", user_id="u", nick_name="n", description="d", avatar="https://example.com/a")
    assert (changed["nick_name"], changed["phone"]) == ("n", "1")
    refused = (403, "ForbiddenNoPermission.User")
    for action, given in [
        ("GetUser", {"user_id": "v"}),
        ("GetUser", {"user_id": "nobody"}),
        ("ListUser", {}),
        ("SearchUser", {}),
        ("CreateUser", {"user_id": uuid4().hex}),
        ("DeleteUser", {"user_id": "v"}),
        ("UpdateUser", {"user_id": "v", "nick_name": "n"}),
        ("UpdateUser", {"user_id": "u", "nick_name": "m", "status": "enabled"}),
        ("UpdateUser", {"user_id": "u", "role": "admin"}),
        ("ImportUser", {"authentication_type": "custom", "identity": "i", "nick_name": "n"}),
    ]:
        assert sdk.fault(action, **given) == refused, (action, given)
    for action, given in [
        ("LinkAccount", {"user_id": "u", "type": "custom", "identity": "i"}),
        ("GetLinkInfoByUserId", {"user_id": "u"}),
    ]:
        assert sdk.fault(action, **given) == (403, "Forbidden"), action
    other = sdk.send("GeneralGetUser", user_id="v", extra_return_info=["drive", "group", "account"])
    assert (other["user_id"], other["email"], other["phone"]) == ("v", "", "")
    assert not {"default_drive", "parent_group", "account"} & other.keys()
    assert sdk.call("GetUser")["nick_name"] == "n"
