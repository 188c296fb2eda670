"""Devices for one-time codes: enrolled and used on the pages, seen and steered through both APIs."""

import base64
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from harness import EIAM, PASSWORD, Core, Sdk, Server, Tea, refusal


@dataclass
class Page:
    """What a browser shows."""

    status: int
    html: str

    def form(self, *fields: str) -> tuple[str, dict[str, str]]:
        """Where the first form goes that has these fields and no other one to fill in, and what it carries."""
        reader = Forms()
        reader.feed(self.html)
        for action, hidden, visible in reader.forms:
            if visible == list(fields):
                return action, hidden
        raise AssertionError(f"no form with {fields}:\n{self.html}")


class Forms(HTMLParser):
    """The forms of a page: where each goes, its hidden fields, and the names of the others."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str], list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes a form or a field."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given["action"], {}, []))
        elif tag == "input" and (given.get("type") == "hidden" or "hidden" in given):
            self.forms[-1][1][given["name"]] = given["value"]
        elif tag == "input":
            self.forms[-1][2].append(given["name"])


class Person:
    """Somebody with a browser, a name and a password."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        self.browser = build_opener(HTTPCookieProcessor(CookieJar()))

    def open(self, path: str, fields: dict[str, str] | None = None) -> Page:
        """Goes somewhere, or sends fields there, and goes on where that leads."""
        origin = f"http://{self.server.host}"
        body = urlencode(fields).encode() if fields is not None else None
        request = Request(origin + path, data=body, headers={"Accept-Language": "en", "Origin": origin})
        try:
            with self.browser.open(request, timeout=20) as answer:
                return Page(answer.status, answer.read().decode())
        except HTTPError as answer:
            with answer:
                return Page(answer.code, answer.read().decode())

    def send(self, page: Page, **fields: str) -> Page:
        """Fills in the form of a page that has just these fields."""
        action, hidden = page.form(*fields)
        return self.open(action, hidden | fields)

    def sign_in(self) -> Page:
        """Shows name and password; what comes next."""
        return self.send(self.open("/sign-in"), username=self.name, password=PASSWORD)

    def is_in(self) -> bool:
        """Whether the browser is signed in."""
        return "Sign out" in self.open("/account").html

    def enrol(self) -> tuple[bytes, list[str]]:
        """Enrols a device: what it makes codes from, and the recovery codes."""
        shown = self.send(self.open("/account/device"), password=PASSWORD)
        found = re.search(r"<code>([A-Z2-7 ]+)</code>", shown.html)
        assert found, shown.html
        secret = base64.b32decode(found[1].replace(" ", ""))
        confirmed = self.send(shown, code=code(secret, -1))
        codes = re.findall(r'<li class="code">([a-z2-7-]+)</li>', confirmed.html)
        assert confirmed.status == 200 and len(set(codes)) == 10, confirmed.html
        return secret, codes


def code(secret: bytes, steps: int = 0) -> str:
    """The code of so many steps after now, as RFC 6238 has it."""
    step = int(time.time()) // 30 + steps
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def wrong(secret: bytes) -> str:
    """A code that is not right for a while."""
    soon = {code(secret, steps) for steps in range(-3, 10)}
    return next(text for text in (f"{n:06}" for n in range(100)) if text not in soon)


def devices(sdk: Sdk, **filters: Any) -> dict[str, dict[str, Any]]:
    """The devices that match, by their users."""
    answer = sdk.call("DescribeMfaDevices", **filters)
    assert answer["NextToken"] == ""
    return {device["EndUserId"]: device for device in answer["MfaDevices"]}


# Each test has a server of its own: wrong codes are counted for the address that they come from.


@pytest.fixture(params=[Tea, Core], ids=["tea", "core"])
def sdk(request: pytest.FixtureRequest, server: Server) -> Sdk:
    """The SDK of each generation."""
    client: Sdk = request.param(server)
    return client


@pytest.fixture
def alice(server: Server, sdk: Sdk) -> Person:
    """Somebody who has a password."""
    user = {"EndUserId": "alice", "OwnerType": "CreateFromManager", "Password": PASSWORD}
    assert sdk.call("CreateUsers", Users=[user])["AllSucceed"]
    return Person(server, "alice")


def test_who_has_a_device_signs_in_with_its_codes(sdk: Sdk, alice: Person) -> None:
    alice.sign_in()
    assert alice.is_in() and devices(sdk) == {}
    secret, recovery = alice.enrol()

    [device] = devices(sdk).values()
    assert {**device, "Id": 0, "SerialNumber": "", "GmtEnabled": ""} == {
        "Id": 0,
        "SerialNumber": "",
        "EndUserId": "alice",
        "DeviceType": "TOTP_VIRTUAL",
        "Status": "NORMAL",
        "ConsecutiveFails": 0,
        "GmtEnabled": "",
    }
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", device["SerialNumber"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", device["GmtEnabled"])

    for used in (code(secret), recovery[0]):
        fresh = Person(alice.server, "alice")
        asked = fresh.sign_in()
        assert not fresh.is_in(), "the password alone does not do"
        refused = fresh.send(asked, code=wrong(secret))
        assert refused.status == 401 and not fresh.is_in()
        fresh.send(refused, code=used)
        assert fresh.is_in()

        again = Person(alice.server, "alice")
        assert again.send(again.sign_in(), code=used).status == 401, "a code is good once"
        assert not again.is_in()


def test_a_device_that_is_locked_lets_nobody_in(sdk: Sdk, alice: Person) -> None:
    alice.sign_in()
    secret, recovery = alice.enrol()
    serial = devices(sdk, EndUserIds=["ALICE"])["alice"]["SerialNumber"]

    sdk.call("LockMfaDevice", SerialNumber=serial)
    assert devices(sdk, SerialNumbers=[serial])["alice"]["Status"] == "LOCKED"
    fresh = Person(alice.server, "alice")
    asked = fresh.sign_in()
    for right in (code(secret), recovery[0]):
        assert fresh.send(asked, code=right).status == 401

    sdk.call("UnlockMfaDevice", SerialNumber=serial)
    assert devices(sdk)["alice"]["Status"] == "NORMAL"
    fresh.send(asked, code=recovery[0])
    assert fresh.is_in()


def test_five_wrong_codes_lock_a_device_for_half_an_hour(sdk: Sdk, alice: Person) -> None:
    alice.sign_in()
    secret, _ = alice.enrol()

    asked = Person(alice.server, "alice")
    page = asked.sign_in()
    for _ in range(5):
        assert asked.send(page, code=wrong(secret)).status == 401
    device = devices(sdk)["alice"]
    assert (device["Status"], device["ConsecutiveFails"]) == ("LOCKED", 5)
    left = time.mktime(time.strptime(device["GmtUnlock"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone - time.time()
    assert 29 * 60 < left <= 30 * 60
    assert asked.send(page, code=code(secret)).status == 401 and not asked.is_in()


def test_a_device_is_taken_away_through_either_api(sdk: Sdk, alice: Person) -> None:
    alice.sign_in()
    client = Tea(alice.server, api=EIAM)
    instance = client.call("ListInstances")["Instances"][0]["InstanceId"]
    listed = client.call("ListUsers", InstanceId=instance)["Users"]
    user = next(user["UserId"] for user in listed if user["Username"] == "alice")

    for _ in range(2):
        alice.enrol()
        serial = devices(sdk)["alice"]["SerialNumber"]
        sdk.call("RemoveMfaDevice", SerialNumber=serial)
        assert devices(sdk) == {}
        assert refusal(sdk, "RemoveMfaDevice", SerialNumber=serial) == "400 InvalidSerialNumber.NotFound"
    alice.enrol()
    for _ in range(2):
        client.call("UnbindTotpAuthenticator", InstanceId=instance, UserId=user)
        assert devices(sdk) == {}
    fresh = Person(alice.server, "alice")
    fresh.sign_in()
    assert fresh.is_in(), "the password alone does again"
