"""What travels: shapes of requests and answers, and requests that no client would send."""

import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from json import dumps
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from harness import (
    Sdk,
    Server,
    Tea,
    answer_to,
    bind,
    create,
    flattened,
    found,
    group,
    person,
    property_of,
    send,
    unit,
    v1,
    v3,
)

MIB = 1 << 20
REQUEST_ID = "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"


def members(value: Any) -> Any:
    """What an object of an answer holds: each member by its name, as a list of texts and objects."""
    if isinstance(value, dict):
        lists = {name: member if isinstance(member, list) else [member] for name, member in value.items()}
        return {name: [members(item) for item in items] for name, items in lists.items() if items} or ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def xml_members(element: ElementTree.Element) -> Any:
    """The same of an element, where a list is the element repeated."""
    if len(element) == 0:
        return element.text or ""
    return {child.tag: [xml_members(same) for same in element.findall(child.tag)] for child in element}


def test_xml_holds_what_json_does(server: Server) -> None:
    users = [person("alice", Remark='<b> & "研发" 😀 ]]>', RealNickName="爱丽丝"), person("bob", Phone="13800000000")]
    assert Tea(server).call("CreateUsers", Users=users)["AllSucceed"]

    json = answer_to(server, v1(server, "DescribeUsers")).json
    answers = [
        answer_to(server, v1(server, "DescribeUsers", common={"Format": "XML"})),
        answer_to(server, v1(server, "DescribeUsers", common={"Format": "xml"}, method="GET")),
        answer_to(server, v3(server, "DescribeUsers", {"Format": "XML"})),
    ]

    for answer in answers:
        root = ElementTree.fromstring(answer.body)
        assert (answer.status, answer.content_type, root.tag) == (
            200,
            "text/xml;charset=utf-8",
            "DescribeUsersResponse",
        )
        assert re.fullmatch(REQUEST_ID, root.findtext("RequestId", ""))
        assert {**xml_members(root), "RequestId": None} == {**members(json), "RequestId": None}


def reads(sdk: Sdk) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every action that reads, with all kinds of parameters, on a directory that holds a little of everything."""
    dev, staff = unit(sdk, "研发 & <b>"), group(sdk, "staff + *")
    key, values = property_of(sdk, "job", "coder ~", "boss")
    create(sdk, "alice", OrgId=dev, GroupIdList=[staff], Remark='<b> & "研发" 😀 ]]>')
    create(sdk, "bob", OrgId=dev, GroupIdList=[staff])
    bind(sdk, "alice", key, values["coder ~"])
    bind(sdk, "alice", key, values["boss"])
    sdk.call("InitTenantAlias")
    lab = sdk.call("CreateResourceGroup", ResourceGroupName="lab")["ResourceGroupId"]

    yield "DescribeUsers", {"ShowExtras": {"Properties": True, "ResourcesCount": True}, "EndUserIds": ["bob", "alice"]}
    yield "DescribeUser", {"EndUserId": "alice", "RequireExtraAttributes": ["Properties", "OrgPaths", "Extras"]}
    yield (
        "FilterUsers",
        {
            "OrderParam": {"OrderField": "EndUserId", "OrderType": "ASC"},
            "PropertyFilterParam": [{"PropertyId": key, "PropertyValueIds": f"{values['boss']},1"}],
            "PropertyKeyValueFilterParam": [{"PropertyKey": "job", "PropertyValues": "coder ~"}],
            "IncludeOrgInfo": True,
            "IncludeDesktopCount": True,
        },
    )
    yield "ListProperty", {}
    yield "ListPropertyValue", {"PropertyId": key}
    yield "CheckUsedProperty", {"PropertyId": key}
    yield "CheckUsedPropertyValue", {"PropertyId": key, "PropertyValueId": values["boss"]}
    yield "DescribeOrgs", {"IncludeOrgIds": [dev]}
    yield "DescribeOrgByLayer", {"OrgName": "研"}
    yield "DescribeGroups", {"GroupName": "staff + *", "PageSize": 5, "TransferFileNeedApproval": False}
    yield "DescribeGroupUser", {"GroupId": staff, "Filter": "*@example.com", "MaxResults": 5}
    yield "DescribeResourceGroups", {"ResourceGroupIds": [lab], "PageNumber": 1}
    yield "GetUsersCount", {}
    yield "GetAdUsersCount", {}


def test_every_answer_is_the_same_wherever_its_parameters_stand(server: Server) -> None:
    for action, parameters in reads(Tea(server)):
        parameters["BusinessChannel"] = "ENTERPRISE"
        flat = dict(part for name, value in parameters.items() for part in flattened(name, value))
        answers = [
            answer_to(server, v1(server, action, flat)),
            answer_to(server, v1(server, action, flat, method="GET")),
            answer_to(server, v3(server, action, flat)),
            answer_to(server, v3(server, action, flat, method="GET")),
            answer_to(server, v3(server, action, body=urlencode(flat).encode())),
            answer_to(server, v3(server, action, body=dumps(parameters).encode(), content_type="application/json")),
        ]

        bodies = [{**answer.json, "RequestId": None} for answer in answers]
        assert [answer.status for answer in answers] == [200] * 6, answers
        assert bodies[1:] == bodies[:1] * 5, action
        lists = [value for value in bodies[0].values() if isinstance(value, list)]
        assert all(lists), "every list holds something"


def test_every_answer_is_told_in_xml_too(server: Server) -> None:
    for action, parameters in reads(Tea(server)):
        flat = dict(part for name, value in parameters.items() for part in flattened(name, value))

        json = answer_to(server, v1(server, action, flat)).json
        answer = answer_to(server, v1(server, action, flat, common={"Format": "XML"}))

        root = ElementTree.fromstring(answer.body)
        assert (answer.status, root.tag) == (200, f"{action}Response")
        assert {**xml_members(root), "RequestId": None} == {**members(json), "RequestId": None}


def test_an_error_is_told_in_the_format_asked_for(server: Server) -> None:
    as_xml = answer_to(server, v1(server, "DescribeUsers", {"MaxResults": "0"}, common={"Format": "XML"}))
    as_json = answer_to(server, v1(server, "DescribeUsers", {"MaxResults": "0"}, common={"Format": "json"}))
    neither = answer_to(server, v1(server, "DescribeUsers", common={"Format": "YAML"}))

    root = ElementTree.fromstring(as_xml.body)
    assert (as_xml.status, as_xml.content_type, root.tag) == (400, "text/xml;charset=utf-8", "Error")
    assert {child.tag: child.text for child in root} == {**as_json.json, "RequestId": root.findtext("RequestId")}
    assert as_json.content_type == "application/json;charset=utf-8"
    assert set(as_json.json) == {"RequestId", "HostId", "Code", "Message"}
    assert re.fullmatch(REQUEST_ID, as_json.json["RequestId"])
    assert neither.refusal == (400, "InvalidParameter.Format")


def test_get_works_as_post(server: Server) -> None:
    alice = {"Users.1.EndUserId": "alice", "Users.1.Email": "alice@example.com", "Users.1.Remark": "研发 + ~*"}
    bob = {**alice, "Users.1.EndUserId": "bob"}

    answers = [
        answer_to(server, v1(server, "CreateUsers", alice, method="GET")),
        answer_to(server, v3(server, "CreateUsers", bob, method="GET")),
    ]

    assert [answer.json["AllSucceed"] for answer in answers] == [True, True]
    read = answer_to(server, v1(server, "DescribeUsers", method="GET")).json["Users"]
    assert [(user["EndUserId"], user["Remark"]) for user in read] == [("alice", "研发 + ~*"), ("bob", "研发 + ~*")]


@pytest.mark.parametrize("size", [1, 1000])
def test_a_body_may_come_in_chunks(sqlite_server: Server, size: int) -> None:
    alice = {"Users.1.EndUserId": "alice", "Users.1.Email": "alice@example.com"}
    bob = {**alice, "Users.1.EndUserId": "bob"}

    by_v1 = replace(v1(sqlite_server, "CreateUsers", alice), chunk=size)
    by_v3 = replace(v3(sqlite_server, "CreateUsers", body=urlencode(bob).encode()), chunk=size)

    assert [answer_to(sqlite_server, request).status for request in (by_v1, by_v3)] == [200, 200]
    assert found(Tea(sqlite_server)) == ["alice", "bob"]


def test_v3_takes_a_json_body(sqlite_server: Server) -> None:
    body = '{"Users":[{"EndUserId":"alice","Email":"alice@example.com","RealNickName":"爱丽丝"}]}'

    answer = answer_to(
        sqlite_server,
        v3(sqlite_server, "CreateUsers", body=body.encode(), content_type="application/json; charset=utf-8"),
    )

    assert answer.json["AllSucceed"] is True
    assert Tea(sqlite_server).call("DescribeUsers")["Users"][0]["RealNickName"] == "爱丽丝"


def test_the_body_wins_over_the_query_and_nothing_may_come_twice(sqlite_server: Server) -> None:
    create(Tea(sqlite_server), "alice", "bob")
    both = v3(sqlite_server, "DescribeUsers", {"Filter": "alice"}, body=b"Filter=bob")
    twice = v3(sqlite_server, "DescribeUsers", body=b"Filter=alice&Filter=bob")

    assert [user["EndUserId"] for user in answer_to(sqlite_server, both).json["Users"]] == ["bob"]
    assert answer_to(sqlite_server, twice).refusal == (400, "InvalidParameter")


def test_what_is_too_large_is_refused(sqlite_server: Server) -> None:
    filler = b"Filter=" + b"x" * (MIB - 6)
    many = "&".join(f"P{n}=" for n in range(10_001)).encode()
    requests = {
        "body": v3(sqlite_server, "DescribeUsers", body=filler),
        "body in chunks": replace(v3(sqlite_server, "DescribeUsers", body=filler), chunk=65_536),
        "parameters": v3(sqlite_server, "DescribeUsers", body=many),
        "query": v3(sqlite_server, "DescribeUsers", {"Filter": "x" * MIB}),
        "headers": replace(v3(sqlite_server, "DescribeUsers"), headers={f"x-{n}": "y" for n in range(10_000)}),
    }

    for what, request in requests.items():
        answer = send(sqlite_server, request)
        assert answer is not None or what in {"query", "headers"}, f"{what}: closed without an answer"
        assert answer is None or answer.status in {400, 413, 414, 431}, (what, answer)
    assert found(Tea(sqlite_server)) == []


def test_a_body_of_a_mebibyte_is_read(sqlite_server: Server) -> None:
    body = b"Unknown=" + b"x" * (MIB - 8)

    assert answer_to(sqlite_server, v3(sqlite_server, "DescribeUsers", body=body)).status == 200


@pytest.mark.parametrize(
    ("action", "body", "code"),
    [
        ("CreateUsers", b"Users.4000000000.EndUserId=alice", "InvalidUsers"),
        ("CreateUsers", b"Users.99999999999999999999.EndUserId=alice", "InvalidUsers"),
        ("CreateUsers", b"Users.-1.EndUserId=alice", "InvalidUsers"),
        ("CreateUsers", b"Users" + b".1" * 5000 + b"=alice", None),
        ("CreateUsers", b"Users=" + b"[" * 100_000, "InvalidUsers"),
        ("DescribeUsers", b"ShowExtras=" + b'{"a":' * 1000 + b"1" + b"}" * 1000, "InvalidShowExtras"),
        ("DescribeUsers", b"Filter=%FF%FE", None),
        ("DescribeUsers", b"Filter=\xff\xfe", None),
        ("DescribeUsers", b"%C3%28=a", None),
    ],
    ids=[
        "huge index",
        "huger index",
        "no index",
        "deep name",
        "deep list",
        "deep object",
        "not UTF-8",
        "raw bytes",
        "name",
    ],
)
def test_a_hostile_request_is_refused_at_once(
    sqlite_server: Server, action: str, body: bytes, code: str | None
) -> None:
    start = time.monotonic()

    answer = answer_to(sqlite_server, v3(sqlite_server, action, body=body))

    assert answer.status == 400 and answer.json["Code"] == (code or answer.json["Code"])
    assert time.monotonic() - start < 1
    assert answer_to(sqlite_server, v3(sqlite_server, "DescribeUsers")).status == 200


def test_a_request_that_never_ends_is_cut_off(sqlite_server: Server) -> None:
    whole = v1(sqlite_server, "DescribeUsers", {"Filter": "a" * 200}).bytes()
    head, body = whole.partition(b"\r\n\r\n")[::2]

    def seconds_open(start: bytes, drip: bytes = b"") -> float:
        """How long the server bears with `start`, and with `drip` each half second after it."""
        begin = time.monotonic()
        with socket.create_connection(sqlite_server.address, timeout=0.5) as connection:
            connection.sendall(start)
            while time.monotonic() - begin < 42:
                try:
                    answer = connection.recv(4096)
                    if not answer:
                        break
                    assert b"200 OK" not in answer
                except TimeoutError:
                    connection.sendall(drip)
                except ConnectionError:
                    break
        return time.monotonic() - begin

    with ThreadPoolExecutor(5) as threads:
        silent = threads.submit(seconds_open, b"")
        half_head = threads.submit(seconds_open, head[:40])
        slow_head = threads.submit(seconds_open, head, b"x")
        half_body = threads.submit(seconds_open, head + b"\r\n\r\n" + body[:-1])
        slow_body = threads.submit(seconds_open, head + b"\r\n\r\n", b"x")
        others = [Tea(sqlite_server).call("DescribeUsers") for _ in range(20)]

    assert len(others) == 20, "the others are served meanwhile"
    assert half_head.result() < 25 and slow_head.result() < 25, "20 seconds for headers"
    assert silent.result() < 40
    assert half_body.result() < 40 and slow_body.result() < 40, "30 seconds for a body"


@pytest.mark.parametrize("noise", [b"\x16\x03\x01\x02\x00\x01\x00\x01", b"GET\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n"])
def test_what_is_not_http_is_refused(sqlite_server: Server, noise: bytes) -> None:
    answer = send(sqlite_server, noise + b"\r\n\r\n")

    assert answer is None or answer.status >= 400
    assert found(Tea(sqlite_server)) == []


def test_unknown_parameters_and_letter_case_do_no_harm(sqlite_server: Server) -> None:
    create(Tea(sqlite_server), "alice")

    answer = answer_to(
        sqlite_server,
        v1(
            sqlite_server,
            "DescribeUsers",
            {"RegionId": "cn-shanghai", "Unknown": "x", "IsQueryAllSubOrgs": "TRUE", "BusinessChannel": "a"},
        ),
    )

    assert answer.json["Count"] == 1
