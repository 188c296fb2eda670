"""Who is calling: signatures, times, and requests that come twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from harness import (
    EDS,
    ROOT,
    Core,
    Key,
    Refused,
    Request,
    Server,
    Tea,
    answer_to,
    create,
    found,
    stamp,
    v1,
    v3,
)

WRONG_SECRET = Key(ROOT.id, "notTheSecretOfThisKey000000001")
UNKNOWN = Key("LTAInobody0000000001", "secretOfNobody")


def v1_describe(server: Server, at: str) -> Request:
    """A list, signed by V1 at a time."""
    return v1(server, "DescribeUsers", common={"Timestamp": at})


def v3_describe(server: Server, at: str) -> Request:
    """A list, signed by V3 at a time."""
    return v3(server, "DescribeUsers", common={"x-acs-date": at})


def v1_remove(server: Server, name: str) -> Request:
    """A removal, signed by V1."""
    return v1(server, "RemoveUsers", {"Users.1": name})


def v3_remove(server: Server, name: str) -> Request:
    """A removal, signed by V3."""
    return v3(server, "RemoveUsers", body=f"Users.1={name}".encode())


SCHEMES = pytest.mark.parametrize(
    ("describe", "remove"), [(v1_describe, v1_remove), (v3_describe, v3_remove)], ids=["v1", "v3"]
)
Describe = Callable[[Server, str], Request]
Remove = Callable[[Server, str], Request]


def test_a_wrong_secret_is_told_apart(server: Server) -> None:
    with pytest.raises(Refused, match="400 SignatureDoesNotMatch"):
        Tea(server, WRONG_SECRET).call("DescribeUsers")
    with pytest.raises(Refused, match="400 InvalidAccessKeySecret"):
        Core(server, WRONG_SECRET).call("DescribeUsers", Filter="a:b")


@pytest.mark.parametrize("sdk", [Tea, Core])
def test_an_unknown_key_is_not_found(server: Server, sdk: type[Tea | Core]) -> None:
    with pytest.raises(Refused, match="404 InvalidAccessKeyId.NotFound"):
        sdk(server, UNKNOWN).call("DescribeUsers")


@SCHEMES
def test_a_request_counts_for_15_minutes_either_way(server: Server, describe: Describe, remove: Remove) -> None:
    now = datetime.now(UTC)
    answers = {
        minutes: answer_to(server, describe(server, stamp(now + timedelta(minutes=minutes))))
        for minutes in (-16, -14, 14, 16)
    }

    assert answers[-16].refusal == answers[16].refusal == (400, "InvalidTimeStamp.Expired")
    assert answers[-14].status == answers[14].status == 200
    assert answer_to(server, describe(server, "yesterday")).refusal == (400, "InvalidTimeStamp.Format")


@SCHEMES
def test_a_read_is_answered_once(server: Server, describe: Describe, remove: Remove) -> None:
    data = describe(server, stamp()).bytes()

    first, second = answer_to(server, data), answer_to(server, data)

    assert first.status == 200
    assert second.refusal == (400, "SignatureNonceUsed")


@SCHEMES
def test_a_write_acts_once_also_after_a_restart(server: Server, describe: Describe, remove: Remove) -> None:
    create(Tea(server), "alice")
    request = remove(server, "alice")
    first = answer_to(server, request)
    create(Tea(server), "alice")

    second = answer_to(server, request)
    server.stop()
    server.start()
    third = answer_to(server, request)

    assert first.json["RemoveUsersResult"]["RemovedUsers"] == ["alice"]
    assert second.refusal == third.refusal == (400, "SignatureNonceUsed")
    assert found(Tea(server)) == ["alice"]


@SCHEMES
def test_a_write_sent_many_times_at_once_acts_once(server: Server, describe: Describe, remove: Remove) -> None:
    create(Tea(server), "alice")
    data = remove(server, "alice").bytes()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: answer_to(server, data), range(8)))

    assert sorted(answer.status for answer in answers) == [200] + [400] * 7
    assert {answer.refusal for answer in answers if answer.status == 400} == {(400, "SignatureNonceUsed")}


@SCHEMES
def test_a_changed_parameter_breaks_the_signature(server: Server, describe: Describe, remove: Remove) -> None:
    create(Tea(server), "alice", "bob")
    removal, listing = remove(server, "alice"), describe(server, stamp())

    changed = {
        "body": replace(removal, body=removal.body.replace(b"alice", b"bob")),
        "more query": replace(listing, query="&".join(filter(None, [listing.query, "Filter=b"]))),
        "method": replace(listing, method="GET"),
    }

    assert {what: answer_to(server, request).refusal for what, request in changed.items()} == dict.fromkeys(
        changed, (400, "SignatureDoesNotMatch")
    )
    assert found(Tea(server)) == ["alice", "bob"]


def test_a_header_that_v3_does_not_sign_or_that_changed_is_refused(server: Server) -> None:
    request = v3(server, "DescribeUsers")
    others = [
        replace(request, headers={**request.headers, "x-acs-security-token": "unsigned"}),
        replace(request, headers={**request.headers, "x-acs-action": "RemoveUsers"}),
        replace(request, headers={**request.headers, "x-acs-signature-nonce": "another"}),
    ]

    assert {answer_to(server, other).status for other in others} == {400}


def test_in_v1_the_signed_action_decides_not_the_header(server: Server) -> None:
    create(Tea(server), "alice")
    request = v1(server, "DescribeUsers", {"Users.1": "alice"})

    answer = answer_to(server, replace(request, headers={**request.headers, "x-acs-action": "RemoveUsers"}))

    assert [user["EndUserId"] for user in answer.json["Users"]] == ["alice"]


def test_what_a_request_must_carry_is_asked_for_by_name(server: Server) -> None:
    def refusal(common: dict[str, str | None]) -> tuple[int, str]:
        return answer_to(server, v1(server, "DescribeUsers", common=common)).refusal

    assert answer_to(server, Request(server.host, "GET", f"Action=DescribeUsers&Version={EDS.version}")).refusal == (
        400,
        "MissingAccessKeyId",
    )
    assert refusal({"SignatureMethod": "HMAC-MD5"}) == (400, "InvalidSignatureMethod")
    assert refusal({"Version": "2021-03-09"}) == (400, "InvalidVersion")
    assert refusal({"Action": "DescribeNobody"}) == (404, "InvalidAction.NotFound")
    assert refusal({"Action": "describeusers"}) == (404, "InvalidAction.NotFound")
    assert answer_to(server, v3(server, "DescribeNobody")).refusal == (404, "InvalidAction.NotFound")
    assert answer_to(server, v3(server, "DescribeUsers", common={"x-acs-version": "2021-03-09"})).refusal == (
        400,
        "InvalidVersion",
    )
