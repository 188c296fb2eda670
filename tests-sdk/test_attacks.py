"""What attackers try on the pages: names and passwords guessed, forms of other sites, links and marks of other people."""

import http.server
import itertools
import os
import random
import re
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser

from credentials import Hand, Site, Window, free_port
from eiam import Instance, address
from harness import EIAM, ROOT, Refused, Tea, send, v1
from pds import Pds

FIRST, SECOND = "Quiet-harbour-7", "Green-lantern-8"
# Each test has a network of its own, so that none has to wait for what another has guessed.
networks = iter(range(1, 250))
# How many tries by a name that somebody has are timed, and as many by one that nobody has.
TIMED = int(os.environ.get("ROSTER_TIMED_SIGN_INS", "500"))


@pytest.fixture
def corp(reaching: Site) -> Instance:
    """The default instance, in English, with links for forgotten passwords."""
    client = Tea(reaching.server, api=EIAM)
    at = Instance(client, client.call("ListInstances")["Instances"][0]["InstanceId"])
    at.call("SetInstanceGlobalizationConfig", Language="en", TimeZone="UTC")
    at.call("SetForgetPasswordConfiguration", ForgetPasswordStatus="enabled", AuthenticationChannels=["email"])
    return at


@pytest.fixture
def network() -> Iterator[str]:
    """The beginning of addresses that are this test's alone."""
    yield f"10.9.{next(networks)}"


def make(at: Instance, stem: str, **more: Any) -> str:
    """The name of a new user, who has a password and a mail address that is known to be theirs."""
    name = f"{stem}_{uuid4().hex[:8]}"
    at.user(name, Password=FIRST, **address(f"{name}@example.com", True), **more)
    return name


def test_a_name_is_not_found_out_by_how_long_an_answer_takes(reaching: Site, corp: Instance, network: str) -> None:
    known = [make(corp, "timed") for _ in range(-(-TIMED // 4))]
    locked = make(corp, "locked")
    for n in range(5):
        for name in [locked, f"{locked}x"]:
            assert Hand(reaching.server, f"{network}.{n}").sign_in(name, SECOND) == 401
    marks: dict[str, tuple[Hand, dict[str, str]]] = {}
    count = itertools.count()

    def timed(name: str) -> float:
        address = f"{network}.{10 + next(count) // 5 % 200}"
        if address not in marks:
            hand = Hand(reaching.server, address)
            marks[address] = (hand, hand.hidden("/sign-in"))
        hand, hidden = marks[address]
        began = time.perf_counter()
        reply = hand.ask("/sign-in", {**hidden, "username": name, "password": SECOND})
        took = time.perf_counter() - began
        assert reply.status == 401, reply
        return took

    kinds = ["known", "unknown", "locked", "locked and unknown"]
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for n in range(TIMED):
        tries = list(zip(kinds, [known[n // 4], f"{known[n // 4]}x", locked, f"{locked}x"], strict=True))
        # Of those that nobody may sign in by now fewer are enough: they differ by a whole hash, or not at all.
        tries = tries if n % 10 == 0 else tries[:2]
        random.shuffle(tries)
        for kind, name in tries:
            times[kind].append(timed(name))
    apart = {kinds[n]: standing(times[kinds[n]], times[kinds[n + 1]]) for n in [0, 2]}
    print({kind: f"{1000 * statistics.median(found):.2f} ms of {len(found)}" for kind, found in times.items()}, apart)
    # By chance it is once in 16,000 runs; a hash or a write that one of them is spared is far beyond.
    assert all(abs(deviations) < 4 for deviations in apart.values()), (apart, times)


def standing(some: list[float], others: list[float]) -> float:
    """How far some times stand from others in their common order, in standard deviations: Mann and Whitney's test."""
    order = sorted([(took, True) for took in some] + [(took, False) for took in others])
    ranks = sum(rank for rank, (_, is_one) in enumerate(order, 1) if is_one)
    n, m = len(some), len(others)
    return (ranks - n * (n + m + 1) / 2) / (n * m * (n + m + 1) / 12) ** 0.5


def test_a_name_is_not_found_out_by_what_is_told(reaching: Site, corp: Instance, network: str) -> None:
    name = make(corp, "told")
    corp.user(shut := f"shut_{uuid4().hex[:8]}", Password=FIRST)
    corp.call("DisableUser", UserId=corp.call("ListUsers", UsernameStartsWith=shut)["Users"][0]["UserId"])
    told = set()
    for n, tried in enumerate([name, f"{name}@example.com", f"{name}x", "x@example.com", "+8613800000000", shut]):
        hand = Hand(reaching.server, f"{network}.{n}")
        for path, fields in [("/sign-in", {"password": SECOND}), ("/password/forgotten", {})]:
            reply = hand.send(path, username=tried, **fields)
            text = reply.text.replace(tried, "NAME")
            text = re.sub(r'nonce="[^"]+"|name="mark" value="[^"]+"', "", text)
            kept = {key: value for key, value in reply.headers.items() if key not in ("date", "x-acs-request-id")}
            kept = {key: re.sub("nonce-[^']+", "", value) for key, value in kept.items()}
            del kept["content-length"]
            kept = {key: value for key, value in kept.items() if "request-id" not in key}
            told.add((path, reply.status, text, tuple(sorted(kept.items()))))
    assert len(told) == 2, told
    assert reaching.mails.next(f"{name}@example.com").link


def test_guesses_from_many_networks_lock_the_name_and_its_owner_is_told(
    reaching: Site, corp: Instance, network: str
) -> None:
    name = make(corp, "many")
    for n in range(5):
        assert Hand(reaching.server, f"{network}.{n}").sign_in(name.upper(), SECOND) == 401
    own = Hand(reaching.server, f"{network}.99")
    assert own.sign_in(name, FIRST) == 401 and not own.is_in()
    letter = reaching.mails.next(f"{name}@example.com")
    assert "password/reset" not in letter.text and FIRST not in letter.text and SECOND not in letter.text
    # Who proves to have the mailbox is let in again.
    assert own.send("/password/forgotten", username=name).status == 200
    link = reaching.mails.next(f"{name}@example.com").link.removeprefix(reaching.url)
    assert own.send(link, new_password=SECOND, repeat_password=SECOND).status == 200
    assert own.sign_in(name, SECOND) == 303 and own.is_in()


def test_an_address_that_only_says_it_is_another_gains_nothing(reaching: Site, corp: Instance, network: str) -> None:
    statuses = []
    for n in range(21):
        # The proxy that is believed says the last one; what stands before it was said by the caller.
        hand = Hand(reaching.server, f"172.16.0.{n}, {network}.1")
        statuses.append(hand.sign_in(f"nobody-{n}", SECOND))
    assert statuses == [401] * 20 + [429]
    reply = Hand(reaching.server, f"{network}.1").send("/sign-in", username="nobody", password=SECOND)
    assert reply.status == 429 and 0 < int(reply.headers["retry-after"]) <= 60


@pytest.mark.parametrize("size", [5_000, 60_000, 1 << 20, 8 << 20])
def test_a_password_of_any_size_is_answered_at_once(reaching: Site, corp: Instance, network: str, size: int) -> None:
    name = make(corp, "mega")
    user = corp.call("ListUsers", UsernameStartsWith=name)["Users"][0]["UserId"]
    hand, long = Hand(reaching.server, f"{network}.1"), "Aa1-" * (size // 4)
    began = time.perf_counter()
    hidden = hand.hidden("/sign-in")
    try:
        reply = hand.ask("/sign-in", {**hidden, "username": name, "password": long})
        assert reply.status == (413 if size > 65_000 else 401), reply
    except (BrokenPipeError, ConnectionResetError):
        assert size > 65_000, "who is answered already may be cut off"
    assert hand.sign_in(name, FIRST) == 303
    if size < 20_000:
        changed = hand.send("/account/password", old_password=FIRST, new_password=long, repeat_password=long)
        assert changed.status == 422, changed
    # In the body, as SDKs send what is long.
    given = {"InstanceId": corp.id, "UserId": user, "Password": long}
    call = send(reaching.server, v1(reaching.server, "UpdateUserPassword", given, common={"Version": EIAM.version}))
    # Who is answered before everything was read may be cut off.
    assert (call is None and size > 65_000) or (call and call.status in (400, 403, 413)), call
    assert time.perf_counter() - began < 20
    assert hand.is_in()


def test_names_that_look_alike_are_one_or_two_but_never_mixed_up(reaching: Site, corp: Instance, network: str) -> None:
    stem = f"{uuid4().hex[:8]}"
    name = f"alice_{stem}"
    corp.user(name, Password=FIRST)
    # Cyrillic and Greek letters, wide ones, one with a mark that joins, a dotless i, a blank that takes no room.
    alike = [
        "аlice",
        "αlice",
        "ａｌｉｃｅ",
        "ALICE",
        "alı́ce",
        "alıce",
        "a\u200blice",
        "al\u0131ce",
        "alice\u3000",
        "𝐚lice",
    ]
    for n, look in enumerate(alike):
        other = f"{look.rstrip()}_{stem}" if look.strip() == look else f"{name}{look[-1]}"
        hand = Hand(reaching.server, f"{network}.{n}")
        opens = hand.sign_in(other, FIRST) == 303
        try:
            corp.user(other, Password=SECOND)
            was_made = True
        except Refused:
            was_made = False
        assert not (opens and was_made), f"{other!r} is somebody else, and opened the account of {name}"
        if was_made:
            fresh = Hand(reaching.server, f"{network}.{100 + n}")
            assert fresh.sign_in(other, SECOND) == 303
            assert name not in fresh.ask("/account").text


def test_nobody_is_led_elsewhere_after_signing_in(reaching: Site, corp: Instance, network: str) -> None:
    name = make(corp, "led")
    hand = Hand(reaching.server, f"{network}.1")
    location = hand.ask("/account/sessions").headers["location"]
    said = parse_qs(urlsplit(location).query)
    assert location.startswith("/sign-in?") and list(said) == ["onward", "domain_id"], location
    ours = said["onward"][0]
    turned = ours[:-2] + ("AA" if ours[-2:] != "AA" else "BB")
    for n, onward in enumerate(
        ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", turned, ours + ".x", ""]
    ):
        hand = Hand(reaching.server, f"{network}.{n}")
        page = f"/sign-in?onward={quote(onward, safe='')}"
        reply = hand.send(page, username=name, password=FIRST)
        assert (reply.status, reply.headers["location"]) == (303, "/account"), onward
    for query in ["return=https%3A%2F%2Fevil.example", "return=%2F%2Fevil.example&state=x", "return=javascript%3A1"]:
        reply = hand.ask(f"/account/code?{query}")
        assert reply.status in (400, 403) and "evil" not in str(reply.headers), reply


def test_the_host_of_a_request_is_in_no_link(reaching: Site, corp: Instance, network: str) -> None:
    name = make(corp, "host")
    hand = Hand(reaching.server, f"{network}.1")
    hidden = hand.hidden("/password/forgotten")
    more = {"x_forwarded_host": "evil.example", "forwarded": "host=evil.example", "x_forwarded_proto": "https"}
    reply = hand.ask("/password/forgotten", {**hidden, "username": name}, host="evil.example", **more)
    assert reply.status == 200 and "evil" not in reply.text
    letter = reaching.mails.next(f"{name}@example.com")
    assert letter.link.startswith(f"{reaching.url}/") and "evil" not in letter.text + letter.html


def test_what_is_one_persons_is_no_use_to_another(reaching: Site, corp: Instance, network: str) -> None:
    alice, mallory = make(corp, "alice"), make(corp, "mallory")
    hers, his = Hand(reaching.server, f"{network}.1"), Hand(reaching.server, f"{network}.2")
    assert hers.sign_in(alice, FIRST) == his.sign_in(mallory, FIRST) == 303
    # His forms, sent by her browser.
    for path, fields in [
        ("/account", {"display_name": "Mallory", "description": ""}),
        ("/account/password", {"old_password": FIRST, "new_password": SECOND, "repeat_password": SECOND}),
        ("/account/device", {"password": FIRST}),
        ("/account/sessions", {"session": "all"}),
        ("/sign-out", {}),
    ]:
        given = {**his.hidden(path), **fields}
        assert hers.ask(path, given).status == 400, path
        # A mark of one form does not do for another.
        other = {**hers.hidden("/account/password" if path == "/account" else "/account"), **fields}
        assert hers.ask(path, other).status == 400, path
    # Her session, ended by him.
    Hand(reaching.server, f"{network}.1", {}).sign_in(alice, FIRST)
    ids = re.findall(r'name="session" value="([^"]+)"', hers.ask("/account/sessions").text)
    hidden = his.hidden("/account/sessions")
    for id in ids[:-1]:
        his.ask("/account/sessions", {**hidden, "session": id})
    assert len(re.findall(r'name="session"', hers.ask("/account/sessions").text)) == len(ids)
    assert hers.is_in()
    # A key to an API is no session, and a session no key.
    token = "Bearer " + hers.cookies["roster-session"]
    assert Hand(reaching.server).ask("/account", authorization=token).status == 303
    assert reaching.server.host
    stolen = Pds(reaching.server, token=hers.cookies["roster-session"])
    assert stolen.fault("GetUser", user_id=alice)[0] in (401, 403)


def test_a_link_is_good_in_its_own_directory(reaching: Site, corp: Instance, network: str) -> None:
    name = make(corp, "place")
    other = Pds(reaching.server).call("CreateDomain", domain_name="other")["domain_id"]
    hand = Hand(reaching.server, f"{network}.1")
    hand.send("/password/forgotten", username=name)
    link = reaching.mails.next(f"{name}@example.com").link.removeprefix(reaching.url)
    path, query = link.split("?")
    own = dict(parse_qsl(query))
    forged = own["token"][:-1] + ("A" if own["token"][-1] != "A" else "B")
    for change in [{"domain_id": other}, {"token": forged}]:
        assert hand.ask(f"{path}?{urlencode({**own, **change})}").status == 410, change
    assert hand.send(link, new_password=SECOND, repeat_password=SECOND).status == 200
    assert hand.ask(link).status == 410


def test_odd_requests_are_refused_and_break_nothing(reaching: Site, network: str) -> None:
    hand = Hand(reaching.server, f"{network}.1")
    paths = ["/sign-in", "/sign-out", "/password/forgotten", "/password/reset", "/account", "/account/password"]
    paths += ["/account/device", "/account/sessions", "/account/code"]
    queries = ["token=%00", "token=%ff%fe", "lang=en%0d%0aset-cookie:x=y", "lang=" + "z" * 4000, "domain_id=rs9999999"]
    queries += ["domain_id=rs-1", "domain_id=%27", "onward=%00", "token=a&token=b", "=&&=", "done=%3Cscript%3E"]
    bodies = [b"", b"\xff\xfe", b"mark=%", b"a=b&" * 2000, b"username=%00&password=%00", b'{"a":1}']
    for path in paths:
        for query in queries:
            reply = hand.ask(f"{path}?{query}")
            assert reply.status < 500 and "x" not in hand.cookies, (path, query, reply)
            assert "<script" not in reply.text
        for body in bodies:
            for kind in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]:
                reply = hand.ask(path, body, content_type=kind)
                assert 300 <= reply.status < 500, (path, body, kind, reply)
    for cookie in ["roster-session=", "roster-session=" + "a" * 8000, "roster-session=\xff", "; ;=;roster-visit"]:
        assert hand.ask("/account", cookie=cookie).status in (303, 400, 431), cookie
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]:
        assert status_of(hand, method) in (405, 400, 501), method


def status_of(hand: Hand, method: str) -> int:
    """What a page answers to a method that is not for pages."""
    connection = HTTPConnection(*hand.server.address, timeout=20)
    connection.request(method, "/sign-in")
    status = connection.getresponse().status
    connection.close()
    return status


# In a browser


@contextmanager
def elsewhere(html: str) -> Iterator[str]:
    """Another site, with one page, whose address browsers do not take for a part of ours."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = html.encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    port = free_port()
    site = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{port}/"
    finally:
        site.shutdown()
        site.server_close()


def hidden_inputs(fields: dict[str, str]) -> str:
    """Fields of a form that nobody sees."""
    return "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())


def hidden_of(window: Window, path: str) -> dict[str, str]:
    """The hidden fields of a page's first form, as this browser is shown them."""
    window.open(path)
    fields = window.page.locator("form").first.locator("input[type=hidden]").all()
    return {field.get_attribute("name") or "": field.input_value() for field in fields}


def test_forms_of_other_sites_do_nothing(reaching: Site, corp: Instance, chromium: Browser, network: str) -> None:
    name, mallory = make(corp, "victim"), make(corp, "mallory")
    window = Window(chromium, reaching.url, "en", f"{network}.1")
    window.sign_in(name, FIRST)
    other = Hand(reaching.server, f"{network}.2")
    for path, fields in [
        ("/sign-out", {}),
        ("/account/sessions", {"session": "all"}),
        ("/account/password", {"old_password": FIRST, "new_password": SECOND, "repeat_password": SECOND}),
        ("/account", {"display_name": "Pwned", "description": ""}),
        # Somebody is signed in as the attacker, and does not see it.
        ("/sign-in", {"username": mallory, "password": FIRST}),
    ]:
        # Even with the marks that this very browser was shown, which no other site can read.
        given = {**(other.hidden(path) if path == "/sign-in" else hidden_of(window, path)), **fields}
        form = f'<form method="post" action="{reaching.url}{path}">{hidden_inputs(given)}<button>go</button></form>'
        with elsewhere(form) as address:
            # To browsers another port is another origin of the same site, and the cookies come along.
            for site in [address, address.replace("localhost", "127.0.0.1")]:
                window.page.goto(site)
                with window.page.expect_navigation() as gone:
                    window.page.locator("button").click()
                assert site == address or (gone.value and gone.value.status == 400), path
                window.open("/account")
                assert name in window.text and "Pwned" not in window.text, (path, site)
    window.close()


def test_a_page_is_shown_in_no_frame(reaching: Site, corp: Instance, chromium: Browser, network: str) -> None:
    window = Window(chromium, reaching.url, "en", f"{network}.1")
    window.expected = "frame"
    with elsewhere(f'<iframe src="{reaching.url}/sign-in"></iframe>') as address:
        window.page.goto(address)
        window.page.wait_for_timeout(500)
        frame = window.page.frames[1]
        assert frame.locator("form").count() == 0
    window.close()


def test_what_people_type_is_text_and_never_markup(
    reaching: Site, corp: Instance, chromium: Browser, network: str
) -> None:
    odd = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{ 7*7 }}</textarea></title>'
    name = make(corp, "markup", DisplayName=odd[:100], Description=odd)
    window = Window(chromium, reaching.url, "en", f"{network}.1")
    for path in [f"/sign-in?lang={quote(odd)}", f"/password/reset?token={quote(odd)}", f"/account?done={quote(odd)}"]:
        window.open(path)
        assert window.page.locator("img, script").count() == 0 and "49" not in window.page.title()
    window.open("/sign-in")
    window.send(username=odd, password=FIRST)
    assert window.page.locator("[name=username]").input_value() == odd
    assert window.page.locator("img, script").count() == 0
    window.sign_in(name, FIRST)
    hand = Hand(reaching.server, f"{network}.2")
    hidden = hand.hidden("/sign-in")
    hand.ask("/sign-in", {**hidden, "username": name, "password": FIRST}, user_agent=odd)
    for path in ["/account", "/account/sessions", "/account/password", "/account/device", "/sign-out"]:
        window.open(path)
        assert window.page.locator("img, script").count() == 0, path
        if path == "/account/sessions":
            assert odd in window.text
        if path == "/account":
            assert window.page.locator("[name=description]").input_value() == odd
    window.close()


def test_what_a_browser_keeps_is_told_to_nobody(
    reaching: Site, corp: Instance, chromium: Browser, network: str
) -> None:
    name = make(corp, "kept")
    window = Window(chromium, reaching.url, "en", f"{network}.1")
    window.open("/sign-in")
    before = {cookie["name"]: cookie["value"] for cookie in window.context.cookies()}
    window.sign_in(name, FIRST)
    after = {cookie["name"]: cookie for cookie in window.context.cookies()}
    session = after["roster-session"]
    assert session["httpOnly"] and session["sameSite"] == "Lax" and session["value"] not in before.values()
    assert window.page.evaluate("document.cookie") == ""
    for path in ["/account", "/account/device", "/sign-in", "/password/forgotten", "/account/nothing"]:
        answer = window.page.goto(reaching.url + path)
        assert answer
        headers = answer.headers
        assert headers["cache-control"] == "no-store" and headers["x-content-type-options"] == "nosniff", path
        policy = headers["content-security-policy"]
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]:
            assert part in policy, path
        assert "unsafe" not in policy and "script-src" not in policy
        assert headers["referrer-policy"] in ("no-referrer", "same-origin")
        assert "set-cookie" not in headers or session["value"] not in headers["set-cookie"]
    assert ROOT.secret not in window.page.content()
    window.close()
