"""What the tests of credentials share: a mail server, an endpoint for text messages, one-time codes, a browser."""

import hashlib
import hmac
import io
import json
import os
import re
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import zxingcpp
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from axe_playwright_python.sync_playwright import Axe
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from harness import FORM, Place, Server, serving, within

PICTURES = Path(os.environ.get("CARGO_TARGET_DIR", Path(__file__).parents[1] / "target")) / "screenshots"
MAIL_USER, MAIL_PASSWORD = "roster", "Mail:pass/w0rd@1"
TEXT_SECRET = "a secret of the endpoint, long enough"
LANGUAGES = {"en": "en", "zh": "zh-CN"}


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


# Mail


@dataclass(frozen=True)
class Letter:
    """A mail, as it arrived."""

    to: str
    sender: str
    subject: str
    text: str
    html: str
    id: str
    language: str

    @property
    def link(self) -> str:
        """The one link in it that leads to a password."""
        [found] = set(re.findall(r"https?://\S+/password/reset\?\S+", self.text))
        assert found in unescape(self.html), "both parts have it"
        assert isinstance(found, str)
        return found


class Mails:
    """A mail server that wants STARTTLS and a password, and keeps what it takes."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.authority = folder / "authority.pem"
        certificate, key = certified(self.authority)
        whole = folder / "mail.pem"
        whole.write_bytes(certificate + key)
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(whole)
        self.letters: list[Letter] = []
        self.read: dict[str, int] = {}
        self.refusal = ""
        """What it says to each letter, in place of taking it; {} stands for the letter's link or password."""
        self.refused = 0
        self.quoted: list[str] = []
        """What in these opens an account: tokens of links, and passwords."""
        self.controller: Controller | None = None

    @property
    def url(self) -> str:
        """Where it is, for Roster."""
        user, password = MAIL_USER, MAIL_PASSWORD.replace(":", "%3A").replace("/", "%2F").replace("@", "%40")
        return f"smtp://{user}:{password}@127.0.0.1:{self.port}?tls=required"

    def open(self) -> None:
        """Takes letters from now on."""
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ident="mail.test",
            tls_context=self.tls,
            require_starttls=True,
            auth_required=True,
            auth_require_tls=True,
            authenticator=self.authenticate,
            enable_SMTPUTF8=True,
        )
        self.controller.start()

    def close(self) -> None:
        """Is not there from now on."""
        if self.controller:
            self.controller.stop()
            self.controller = None

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        """Whether a name and a password are Roster's."""
        right = isinstance(given, LoginPassword) and given == LoginPassword(MAIL_USER.encode(), MAIL_PASSWORD.encode())
        return AuthResult(success=right)

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        """Takes a letter, or does not."""
        assert session.ssl, "letters come encrypted alone"
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        plain, rich = letter.get_body(("plain",)), letter.get_body(("html",))
        [to] = [address.addr_spec for address in letter["To"].addresses]
        assert plain and rich and [to] == envelope.rcpt_tos, letter
        if self.refusal:
            self.refused += 1
            found = re.search(r"(\S+token=([^&\s]+)\S*)|password is:\s+(\S+)", plain.get_content())
            self.quoted += [found[2] or found[3]] if found else []
            return self.refusal.format(found[1] or found[3] if found else "")
        html = rich.get_content()
        assert not re.search(r"<(img|script|link|iframe)|url\(|@import", html), "a mail loads nothing"
        language = re.search(r'<html lang="([^"]+)"', html)
        self.letters.append(
            Letter(
                to,
                letter["From"],
                letter["Subject"],
                plain.get_content(),
                html,
                letter["Message-ID"],
                language[1] if language else "",
            )
        )
        return "250 OK"

    def to(self, address: str) -> list[Letter]:
        """What an address was sent."""
        return [letter for letter in self.letters if letter.to == address]

    def next(self, address: str) -> Letter:
        """The next letter to an address, which comes within a while; each is read once, in their order."""
        at = self.read.get(address, 0)
        within(30, lambda: len(self.to(address)) > at)
        self.read[address] = at + 1
        return self.to(address)[at]


def certified(authority: Path) -> tuple[bytes, bytes]:
    """Certificate and key of this machine's mail server, certified by an authority, whose certificate is written."""
    now = datetime.now(UTC)

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def certificate(subject: str, key: ec.EllipticCurvePrivateKey, is_authority: bool) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("Authority of the tests"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )

    above, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    made = certificate("Authority of the tests", above, True).sign(above, hashes.SHA256())
    authority.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    host = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    leaf = certificate("mail.test", own, False).add_extension(host, critical=False).sign(above, hashes.SHA256())
    return leaf.public_bytes(serialization.Encoding.PEM), own.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


# Text messages


class Texts:
    """An endpoint that sends text messages: it checks who calls, and keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.statuses: list[int] = []
        """What it answers to the next calls; 204 afterwards."""
        texts = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = texts.statuses.pop(0) if texts.statuses else 204
                if not signed(self.headers, body):
                    status = 401
                if status == 204:
                    texts.taken.append(json.loads(body))
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.endpoint = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.endpoint.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.endpoint.server_port}/send"

    def close(self) -> None:
        """Ends it."""
        self.endpoint.shutdown()
        self.endpoint.server_close()

    def to(self, number: str) -> list[dict[str, str]]:
        """What a number was sent."""
        return [text for text in self.taken if text["to"] == number]

    def next(self, number: str, at: int = 0) -> dict[str, str]:
        """One message to a number, which comes within a while."""
        within(30, lambda: len(self.to(number)) > at)
        return self.to(number)[at]


def signed(headers: Any, body: bytes) -> bool:
    """Whether a call of the endpoint is Roster's, as docs/operators.md has it."""
    stamp = headers["roster-timestamp"]
    proof = hmac.digest(TEXT_SECRET.encode(), f"{stamp}.".encode() + body, "sha256").hex()
    is_right = hmac.compare_digest(headers["roster-signature"], f"v1={proof}")
    return is_right and abs(int(stamp) - time.time()) < 300 and headers["idempotency-key"] == json.loads(body)["id"]


# One-time codes


def code(secret: bytes, steps: int = 0) -> str:
    """The code of so many steps after now, as RFC 6238 has it."""
    step = int(time.time()) // 30 + steps
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


# A server that reaches people


@dataclass
class Site:
    """A server, and what it sends by."""

    server: Server
    mails: Mails
    texts: Texts
    url: str


@contextmanager
def site(place: Place) -> Iterator[Site]:
    """A server that sends mails and text messages, behind a proxy that is believed."""
    mails, texts, port = Mails(place.folder), Texts(), free_port()
    secret = place.folder / "text-secret"
    secret.write_text(TEXT_SECRET)
    url = f"http://127.0.0.1:{port}"
    settings = {
        "ROSTER_LISTEN": f"127.0.0.1:{port}",
        "ROSTER_PUBLIC_URL": url,
        "ROSTER_SMTP_URL": mails.url,
        "ROSTER_MAIL_FROM": "Roster <roster@example.com>",
        "ROSTER_TEXT_HOOK": texts.url,
        "ROSTER_TEXT_HOOK_SECRET_FILE": str(secret),
        "ROSTER_TRUSTED_PROXY": "127.0.0.1",
        "SSL_CERT_FILE": str(mails.authority),
    }
    mails.open()
    try:
        with serving(place, settings=settings) as server:
            yield Site(server, mails, texts, url)
            assert MAIL_PASSWORD not in server.written() and TEXT_SECRET not in server.written()
            assert "token=" not in server.written(), "the log holds a link"
    finally:
        mails.close()
        texts.close()


# A browser


AXE = Axe()


class Window:
    """Somebody at a browser, who opens pages in one language; whatever the browser complains of fails the test."""

    def __init__(self, browser: Browser, url: str, language: str = "en", address: str = "192.0.2.1") -> None:
        self.url, self.language = url, language
        self.context = browser.new_context(
            locale=LANGUAGES[language],
            viewport={"width": 1000, "height": 700},
            extra_http_headers={"x-forwarded-for": address},
        )
        # Where many tests run at once a picture takes its time.
        self.context.set_default_timeout(90_000)
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.expected = r"status of (4\d\d|503)"
        """Of what the browser may complain: of refusals, which the tests are about."""
        self.page.on("console", lambda line: self.complain(f"{line.type}: {line.text}"))
        self.page.on("pageerror", lambda error: self.complain(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.complain(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: request.is_navigation_request() or self.asked(request.url))

    def complain(self, text: str) -> None:
        """Notes what the browser complains of."""
        if not re.search(self.expected, text):
            self.troubles.append(text)

    def asked(self, url: str) -> None:
        """Holds that a page of ours loads nothing from elsewhere."""
        if self.page.url.startswith(self.url) and not url.startswith((self.url, "data:")):
            self.troubles.append(f"loads {url}")

    def open(self, path: str) -> int:
        """Goes somewhere; the status."""
        answer = self.page.goto(path if path.startswith("http") else self.url + path)
        assert answer
        return answer.status

    @property
    def path(self) -> str:
        """Where it is, after the host."""
        return self.page.url.removeprefix(self.url)

    @property
    def text(self) -> str:
        """What can be read."""
        return self.page.locator("body").inner_text()

    def said(self, role: str = "alert") -> str:
        """What the page says beside its form; empty for nothing."""
        found = self.page.locator(f"[role={role}]")
        return found.inner_text() if found.count() else ""

    def form(self, *names: str) -> Locator:
        """The first form with fields of these names."""
        return self.page.locator("form" + "".join(f":has([name={name}])" for name in names)).first

    def send(self, _key: str = "", **fields: str) -> int:
        """Fills in the form that has these fields and sends it by its button, or by a key; the status."""
        form = self.form(*fields)
        for name, value in fields.items():
            form.locator(f"[name={name}]").fill(value)
        with self.page.expect_navigation() as gone:
            if _key:
                self.page.keyboard.press(_key)
            else:
                form.locator("button[type=submit]").click()
        assert gone.value
        return gone.value.status

    def sign_in(self, name: str, password: str) -> int:
        """Opens the page to sign in on, and signs in."""
        self.open("/sign-in")
        return self.send(username=name, password=password)

    def is_in(self) -> bool:
        """Whether the account opens."""
        self.open("/account")
        return self.path == "/account"

    def shot(self, name: str) -> None:
        """Keeps a picture of the page, as a computer and as a telephone show it, and looks the page over."""
        folder = PICTURES / self.language
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png", full_page=True)
        self.page.set_viewport_size({"width": 320, "height": 640})
        self.page.screenshot(path=folder / f"{name}-phone.png", full_page=True)
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} pixels too wide for a telephone"
        self.page.set_viewport_size({"width": 1000, "height": 700})
        self.look_over(name)

    def look_over(self, name: str) -> None:
        """Holds what is the same for each page."""
        found = AXE.run(self.page)
        problems = [
            (violation["id"], [node["html"] for node in violation["nodes"]])
            for violation in found.response["violations"]
        ]
        assert not problems, (name, problems)
        assert (self.page.locator("html").get_attribute("lang") or "").startswith(self.language), name
        assert self.page.locator("h1").count() == 1 and self.page.title(), name
        foreign = r"[\u4e00-\u9fff]" if self.language == "en" else r"(?i)\b(password|account|please|sign|your)\b"
        main = self.page.locator("main").inner_text()
        assert not re.search(foreign, main), f"{name} is in two languages: {main}"
        assert "{" not in main and "}" not in main, f"{name} has a gap: {main}"
        assert not self.troubles, (name, self.troubles)

    def scan(self) -> str:
        """What the picture on the page says to a camera."""
        picture = Image.open(io.BytesIO(self.page.locator("svg.qr").screenshot()))
        [found] = zxingcpp.read_barcodes(picture)
        return str(found.text)

    def close(self) -> None:
        """Closes it, and holds that the browser had nothing to complain of."""
        self.context.close()
        assert not self.troubles, self.troubles


def chromium() -> str:
    """Debian's browser."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "chromium is missing: apt-get install chromium"
    return found


# Pages by hand


@dataclass(frozen=True)
class Reply:
    """An answer to somebody who sends by hand."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Hand:
    """Somebody who sends what no browser would, and keeps cookies as one."""

    server: Server
    address: str = "192.0.2.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, form: Mapping[str, str] | bytes | None = None, **headers: str) -> Reply:
        """Sends a request once, with the fields of a form or with a body, wherever that leads."""
        body = urlencode(form).encode() if isinstance(form, Mapping) else form
        sent = {
            "host": self.server.host,
            "x-forwarded-for": self.address,
            "accept-language": "en",
            "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **({"content-type": FORM} if body is not None else {}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        connection = HTTPConnection(*self.server.address, timeout=30)
        try:
            connection.request("GET" if body is None else "POST", path, body, sent)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for line in answer.headers.get_all("set-cookie") or []:
            cookie, value = line.split(";")[0].split("=", 1)
            self.cookies[cookie] = value
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)

    def hidden(self, path: str, at: int = 0) -> dict[str, str]:
        """Opens a page: the hidden fields of one of its forms."""
        page = self.ask(path)
        assert page.status == 200, page
        form = page.text.split("<form")[at + 1].partition("</form>")[0]
        return {
            name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
        }

    def send(self, path: str, at: int = 0, **fields: str) -> Reply:
        """Opens a page, and sends one of its forms with these fields."""
        return self.ask(path.partition("?")[0], {**self.hidden(path, at), **fields})

    def sign_in(self, name: str, password: str) -> int:
        """Signs in: the status, which is 303 for who is in."""
        return self.send("/sign-in", username=name, password=password).status

    def is_in(self) -> bool:
        """Whether the account opens."""
        return self.ask("/account").status == 200
