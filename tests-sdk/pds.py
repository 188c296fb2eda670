"""What the tests of PDS share: the official SDK by each way of proving oneself, apps and tokens, domains, and what
the server declares."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

from alibabacloud_pds20220301 import models
from alibabacloud_pds20220301.client import Client
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from darabonba.exceptions import UnretryableException
from darabonba.runtime import RuntimeOptions

from harness import FORM, ROOT, Key, Refused, Server, fits, shows

ROOT_FOLDER = Path(__file__).parents[1]
VERSION = "2022-03-01"
# What follows on a domain's id in the name of its host; such names lead to the tests' own servers.
HOSTS = ".api.test"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
REQUEST_ID = "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"
DIGITS = "[0-9a-f]{32}"
SECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
MILLISECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
GIB = 1 << 30
NO_GROUP = "0" * 32
NO_DRIVE = "999999999"

# What the older SDKs demand to the number; everything else answers 200. Source: reference/pds.md §2.3.
CREATED = {"CreateUser", "CreateGroup", "CreateMembership", "CreateDrive"}
NO_CONTENT = {
    *("DeleteUser", "DeleteGroup", "DeleteMembership", "DeleteDrive", "DeleteDomain"),
    *("UnLinkAccount", "AssignRole", "CancelAssignRole", "AddGroupMember", "RemoveGroupMember"),
}
# The SDK's model of this answer has texts where the times of all other assignments are numbers.
MISDECLARED = {"ListIdentityRole"}

Fault = tuple[int, str]
# What is given, and how it is refused: by status and code, or by a code alone.
Cases = list[tuple[dict[str, Any], Fault]]
Codes = list[tuple[dict[str, Any], str]]


# The SDK


class Pds:
    """The official SDK with one way of proving oneself: a token, else a key by signature V1 or V4."""

    def __init__(
        self,
        server: Server,
        *,
        domain: str | None = None,
        token: str | None = None,
        signature: str = "v1",
        algorithm: str | None = None,
        key: Key = ROOT,
        session: str | None = None,
    ) -> None:
        proof = (
            {"bearer_token": token}
            if token
            else {
                "access_key_id": key.id,
                "access_key_secret": key.secret,
                "security_token": session,
                "signature_version": signature,
                "signature_algorithm": algorithm,
            }
        )
        # The host of a domain begins with its id.
        endpoint = f"{domain}{HOSTS}:{server.address[1]}" if domain else server.host
        self.client = Client(Config(endpoint=endpoint, protocol="http", **proof))
        self.called: dict[str, Calls] = {}

    def call(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Calls an operation through its typed request and its typed answer; {} where there is none."""
        requests = typed(action, parameters)
        assert all(shows(request.to_map(), parameters) for request in requests), "the SDK knows the parameters"
        method = getattr(self.client, re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower() + "_with_options")
        try:
            response = method(*requests, {}, RuntimeOptions())
        except UnretryableException as error:
            raise refused(error) from error
        # Of some answers with a body the SDK reads none.
        body = getattr(response, "body", None)
        assert body is None or action in MISDECLARED or fits(body, type(body)), body
        return self.held(action, parameters, response.status_code, response.headers, body.to_map() if body else None)

    def send(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Calls an operation as `call` does, but past the models, which are without some operations and fields."""
        params = Params(
            action=action,
            version=VERSION,
            pathname=declared()[action].path,
            method="POST",
            auth_type="AK",
            style="ROA",
            req_body_type="json",
            body_type="json",
        )
        try:
            answer = self.client.execute(params, OpenApiRequest(headers={}, body=parameters), RuntimeOptions())
        except UnretryableException as error:
            raise refused(error) from error
        assert isinstance(answer.get("body"), dict) == (answer["statusCode"] != 204), answer
        return self.held(action, parameters, answer["statusCode"], answer["headers"], answer.get("body"))

    def held(
        self, action: str, parameters: Mapping[str, Any], status: int, headers: Mapping[str, str], body: Any
    ) -> dict[str, Any]:
        """An answer, held to the documented status and headers."""
        assert status == (201 if action in CREATED else 204 if action in NO_CONTENT else 200), (action, status)
        # The SDK goes on to the page to sign in on, which is none of PDS's own answers.
        number = headers["x-acs-request-id" if action == "Authorize" else "x-ca-request-id"]
        assert re.fullmatch(REQUEST_ID, number), headers
        assert status != 204 or body is None, (action, body)
        calls = self.called.setdefault(action, Calls())
        calls.parameters |= {path for path, _ in leaves(parameters)}
        shown = list(leaves(body or {}))
        calls.fields |= {path for path, _ in shown}
        calls.telling |= {path for path, value in shown if value}
        answer: dict[str, Any] = body or {}
        return answer

    def fault(self, action: str, **parameters: Any) -> Fault:
        """Status and code of the refusal that a call must get."""
        return self.refusal(action, **parameters)[:2]

    def refusal(self, action: str, **parameters: Any) -> tuple[int, str, str]:
        """Status, code and message of the refusal that a call must get."""
        known = any(shows(request.to_map(), parameters) for request in typed(action, parameters))
        try:
            answer = (self.call if known else self.send)(action, **parameters)
        except Refused as refused:
            return refused.status, refused.code, refused.message
        raise AssertionError(f"{action} with {parameters} was answered: {answer}")

    def pages(self, action: str, member: str = "items", **parameters: Any) -> Iterator[list[Any]]:
        """The pages of a list, up to the one without a marker."""
        marker = ""
        while True:
            answer = self.call(action, **parameters, marker=marker)
            yield answer[member]
            marker = answer["next_marker"]
            if not marker:
                return


def typed(action: str, parameters: Mapping[str, Any]) -> list[Any]:
    """An operation's request as those make it who name what they give; nothing where the SDK has none."""
    model = getattr(models, f"{action}Request", None)
    if not model:
        return []
    request = model().from_map(parameters)
    for name, value in vars(request).items():
        # Read from a map, lists that nobody has given are empty ones, which say something.
        if value == [] and name not in parameters:
            setattr(request, name, None)
    return [request]


def refused(error: UnretryableException) -> Refused:
    """What the SDK raises, with what its users read from it."""
    assert error.data, error
    assert re.fullmatch(REQUEST_ID, error.data["requestId"] or ""), error.data
    return Refused(error.data["statusCode"], error.code, error.message)


# Apps and tokens


@cache
def app_key() -> rsa.RSAPrivateKey:
    """The private key of the tests' apps; one is enough, as they are slow to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class App:
    """A registered app, which signs who its users are."""

    def __init__(self, server: Server, *, redirect_uri: str = "https://app.example/back?a=b") -> None:
        self.server, self.redirect_uri = server, redirect_uri
        public = (
            app_key()
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        file = server.place.folder / f"app-{uuid4().hex}.pem"
        file.write_bytes(public)
        given = ["--name", "conformance", "--public-key", str(file), "--redirect-uri", redirect_uri]
        made = server.command("oauth-app", "create", *given)
        assert made.returncode == 0, made.stderr
        assert re.fullmatch(r"\w+\n", made.stdout), made.stdout
        self.id = made.stdout.strip()

    def assertion(self, user: str, domain: str, *, header: dict[str, str] | None = None, **claims: Any) -> str:
        """A signed claim to be that user in that domain; `claims` replaces some, None leaves one out."""
        now = int(time.time())
        given = {
            "iss": self.id,
            "sub": user,
            "sub_type": "user",
            "aud": domain,
            # About as short as the JavaScript SDK has it.
            "jti": uuid4().hex[:11],
            "iat": now - 300,
            "exp": now + 300,
            **claims,
        }
        whole = {name: value for name, value in given.items() if value is not None}
        parts = [encoded(json.dumps(part).encode()) for part in (header or {"alg": "RS256", "typ": "JWT"}, whole)]
        signature = app_key().sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
        return ".".join([*parts, encoded(signature)])

    def sign_in(self, user: str, domain: str, **claims: Any) -> dict[str, Any]:
        """The token of a user, or of the domain's service where the claims say so."""
        assertion = self.assertion(user, domain, **claims)
        return Pds(self.server).call("Token", grant_type=JWT_BEARER, client_id=self.id, assertion=assertion)


def encoded(part: bytes) -> str:
    """A part of a token, as it travels."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, its signature unread."""
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


# Domains


class Domain:
    """One domain, which has been made for a test, through the SDK; its callers are administrators of everything."""

    def __init__(self, server: Server, take_app: Callable[[], App], proof: str = "v1") -> None:
        self.server, self.take_app = server, take_app
        self.id: str = Pds(server).call("CreateDomain", domain_name="conformance")["domain_id"]
        if proof == "bearer":
            self.sdk = self.signed_in("superadmin")
        else:
            self.sdk = Pds(server, domain=self.id, signature=proof)
        self.call, self.send, self.fault, self.pages = self.sdk.call, self.sdk.send, self.sdk.fault, self.sdk.pages
        self.refusal = self.sdk.refusal
        # Whose name is on what the caller makes.
        self.caller = "superadmin" if proof == "bearer" else ""

    @property
    def app(self) -> App:
        """An app, for which a key is drawn when it is first asked for."""
        return self.take_app()

    def token(self, user: str, **claims: Any) -> dict[str, Any]:
        """The token of a user."""
        return self.app.sign_in(user, self.id, **claims)

    def signed_in(self, user: str) -> Pds:
        """The SDK, for a user."""
        return Pds(self.server, token=self.token(user)["access_token"])

    def user(self, user_id: str, **more: Any) -> str:
        """The id of a new user."""
        made: str = self.call("CreateUser", user_id=user_id, **more)["user_id"]
        return made

    def group(self, name: str, parent: str | None = None, **more: Any) -> str:
        """The id of a new group, a root unless it has a parent."""
        above = {"parent_group_id": parent} if parent else {}
        made: str = self.call("CreateGroup", group_name=name, **above, **more)["group_id"]
        return made

    def join(self, group: str, *users: str) -> None:
        """Puts users into a group."""
        for user in users:
            self.call("AddGroupMember", group_id=group, member_type="user", member_id=user)

    def drive(self, owner: str, name: str = "drive", **more: Any) -> str:
        """The id of a new drive, a user's unless `more` says otherwise."""
        given = {"drive_name": name, "owner": owner, "owner_type": "user", **more}
        made: str = self.call("CreateDrive", **given)["drive_id"]
        return made

    def ids(self, action: str, **filters: Any) -> list[str]:
        """The ids of the users of a list, page by page."""
        return [user["user_id"] for page in self.pages(action, **filters) for user in page]


# What the server declares


class Calls:
    """What went with the calls of an operation, as paths of names."""

    def __init__(self) -> None:
        self.parameters: set[str] = set()
        self.fields: set[str] = set()
        self.telling: set[str] = set()
        """The fields that were shown with something in them."""


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Everything below a value, each under its path; the members of a list under one."""
    for part in value if isinstance(value, list) else []:
        yield from leaves(part, path)
    for name, part in value.items() if isinstance(value, dict) else []:
        below = f"{path}.{name}" if path else name
        yield below, part
        yield from leaves(part, below)


class Declaration:
    """An operation as the server declares it."""

    def __init__(self, path: str, parameters: set[str], fields: set[str]) -> None:
        self.path, self.parameters, self.fields = path, parameters, fields


@cache
def declared() -> dict[str, Declaration]:
    """Every operation by its name, read from the declarations themselves, so that there is no second list of them."""
    folder = ROOT_FOLDER / "core/api/src/pds"
    text = "\n".join(file.read_text() for file in sorted(folder.rglob("*.rs")))
    shapes = dict(re.findall(r"^pub (?:struct|enum) (\w+)(?:<\w+>)? \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL))
    operation = r"^impl Operation for (\w+) \{.*?PATH: &'static str = \"([^\"]+)\".*?type Reply = ([^;]+);"
    found = {
        name: Declaration(path, set(names(name, shapes)), set(names(reply, shapes)))
        for name, path, reply in re.findall(operation, text, re.MULTILINE | re.DOTALL)
    }
    assert len(found) > 50, "the declarations are still where they were, and as they were"
    return found


def names(kind: str, shapes: Mapping[str, str], path: str = "") -> Iterator[str]:
    """The paths of everything in a type."""
    for shape, of in re.findall(r"(\w+)(?:<(\w+)>)?", kind):
        for attributes, name, member in re.findall(
            r"((?:^ +#\[.*\]\n)*)^ +pub (\w+): (.*),$", shapes.get(shape, ""), re.MULTILINE
        ):
            if "flatten" in attributes:
                yield from names(member, shapes, path)
                continue
            renamed = re.search(r'rename = "(\w+)"', attributes)
            below = f"{path}.{renamed[1] if renamed else name}".lstrip(".")
            yield below
            yield from names(of if member == "Vec<T>" else member, shapes, below)
        for member in re.findall(r"^ +\w+\((.*)\),$", shapes.get(shape, ""), re.MULTILINE):
            yield from names(member, shapes, path)
        if of and of in shapes and "Vec<T>" not in shapes.get(shape, ""):
            yield from names(of, shapes, path)


# The page to sign in on


def through_the_page(domain: Domain, name: str, password: str, **more: str) -> tuple[int, dict[str, list[str]]]:
    """Signs a person in on the pages as a browser does, who chooses another password where that is due: the status, and
    what the app is sent back with."""
    asked = {"client_id": domain.app.id, "redirect_uri": domain.app.redirect_uri, "response_type": "code", **more}
    connection = HTTPConnection(*domain.server.address, timeout=20)
    cookies: dict[str, str] = {}

    def exchange(method: str, target: str, form: str = "") -> tuple[int, str, str]:
        """Sends what a browser does: the status, where it is sent on to, and the page."""
        headers = {"host": f"{domain.id}{HOSTS}", "content-type": FORM}
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        connection.request(method, target, form, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("set-cookie") or []:
            cookies.update([line.split(";")[0].split("=", 1)])
        return answer.status, answer.getheader("location", ""), text

    def fill(target: str, **fields: str) -> tuple[int, str, str]:
        """Opens a page and sends its form."""
        status, _, text = exchange("GET", target)
        assert status == 200, (status, text)
        path = target.split("?")[0]
        own = text[text.index(f'action="{path}"') :].split("</form>")[0]
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', own))
        return exchange("POST", path, urlencode({**hidden, **fields}))

    status, location, text = exchange("GET", f"/v2/oauth/authorize?{urlencode(asked)}")
    assert status == 302 and location.startswith("/sign-in?"), (status, location, text)
    status, location, text = fill(location, username=name, password=password)
    if location.startswith("/account/password"):
        another = f"{password}-again"
        status, location, text = fill(location, new_password=another, repeat_password=another)
    if location.startswith("/v2/oauth/authorize"):
        status, location, _ = exchange("GET", location)
    assert location.startswith(domain.app.redirect_uri) or not location, (status, location)
    return (302 if location else status), parse_qs(urlsplit(location).query)
