"""What the tests share: a running server, the official SDKs of both generations, a directory, requests signed by hand."""

import base64
import hashlib
import hmac
import importlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, Protocol, get_args, get_origin, get_type_hints
from urllib.parse import quote, urlencode
from uuid import uuid4

import alibabacloud_eds_user20210308.models
import alibabacloud_eiam20211201.models
import psycopg
from alibabacloud_eds_user20210308.client import Client as EdsClient
from alibabacloud_eiam20211201.client import Client as EiamClient
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from darabonba.model import DaraModel

BINARY = Path(os.environ.get("ROSTER_BINARY", Path(__file__).parents[1] / "target/debug/roster")).absolute()
DATABASE = os.environ.get("ROSTER_SDK_DATABASE")
ENGINES = ["sqlite", "postgresql"] if DATABASE else ["sqlite"]

REGION = "cn-shanghai"
ROOT_UNIT = "org-aliyun-wy-org-id"
UNKNOWN_UNIT = "org-00000000000000000"
UNKNOWN_GROUP = "ug-00000000000000000"
UNKNOWN_RESOURCE_GROUP = "rg-00000000000000000"
FORM = "application/x-www-form-urlencoded"
# All classes of characters, and those which encoders treat differently.
PASSWORD = 'Pass w0rd+~*&=%"/密码'
# The same where blanks are refused.
UNBROKEN_PASSWORD = PASSWORD.replace(" ", "")


@dataclass(frozen=True)
class Key:
    """An AccessKey."""

    id: str
    secret: str
    session: str | None = None
    """What comes with each call of a temporary one."""


ROOT = Key("LTAIroottestkey0001", "rootTestSecretNeverInALog00001")


@dataclass(frozen=True)
class Api:
    """One of the APIs, as the SDKs of both generations have it."""

    version: str
    client: Any
    models: Any
    product: str
    """What the previous generation calls it."""
    requests: str
    """The package that holds its requests in the previous generation."""


EDS = Api(
    "2021-03-08", EdsClient, alibabacloud_eds_user20210308.models, "eds-user", "aliyunsdkeds_user.request.v20210308"
)
EIAM = Api("2021-12-01", EiamClient, alibabacloud_eiam20211201.models, "Eiam", "aliyunsdkeiam.request.v20211201")


# The server


@dataclass
class Place:
    """Where a server keeps its directory: a folder, and for PostgreSQL a database besides."""

    folder: Path
    database: str | None = None

    def execute(self, statement: str) -> None:
        """Changes rows beside the server: what only time does, and no call."""
        if self.database:
            with psycopg.connect(self.database, autocommit=True) as database:
                database.execute(statement.encode())
            return
        with closing(sqlite3.connect(self.folder / "data" / "roster.db", timeout=30)) as file, file:
            file.execute(statement)

    def arguments(self) -> list[str]:
        """The flags that lead to this place."""
        if self.database:
            return ["--database", self.database, "--keys", str(self.folder / "keys")]
        return ["--data", str(self.folder / "data")]


@contextmanager
def place(engine: str, folder: Path) -> Iterator[Place]:
    """A new, empty place; its database is dropped afterwards."""
    if engine == "sqlite":
        yield Place(folder)
        return
    assert DATABASE, "ROSTER_SDK_DATABASE is set where PostgreSQL is asked for"
    name = f"roster_{uuid4().hex}"
    with psycopg.connect(DATABASE, autocommit=True) as admin:
        admin.execute(f"create database {name}".encode())
    try:
        yield Place(folder, database_url(DATABASE, name))
    finally:
        with psycopg.connect(DATABASE, autocommit=True) as admin:
            admin.execute(f"drop database {name} with (force)".encode())


def database_url(url: str, name: str) -> str:
    """`url` with another database's name."""
    server, _, options = url.partition("?")
    return server.rsplit("/", 1)[0] + "/" + name + ("?" + options if options else "")


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs the program to its end, which must come within 20 seconds."""
    return subprocess.run(
        [str(BINARY), *arguments], cwd=cwd, env=environment(), capture_output=True, text=True, timeout=20, check=False
    )


def environment(**more: str) -> dict[str, str]:
    """What the program sees: nothing of the caller's settings."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **more}


class Server:
    """One `roster serve` and what it wrote."""

    def __init__(self, place: Place, key: Key | None = ROOT, settings: Mapping[str, str] | None = None) -> None:
        """Starts it; `key` is what the first start takes as root AccessKey, None lets it make one; `settings` go by
        the environment."""
        self.place = place
        self.key = key
        self.settings = {"ROSTER_LISTEN": "127.0.0.1:0", **(settings or {})}
        self.start()

    def start(self) -> None:
        """Starts it, also again, and waits for its readiness line."""
        root = (
            {"ROSTER_ROOT_ACCESS_KEY_ID": self.key.id, "ROSTER_ROOT_ACCESS_KEY_SECRET": self.key.secret}
            if self.key
            else {}
        )
        name = f"serve-{uuid4().hex}"
        self.outputs = [self.place.folder / f"{name}.out", self.place.folder / f"{name}.err"]
        with self.outputs[0].open("wb") as out, self.outputs[1].open("wb") as err:
            self.process = subprocess.Popen(
                [str(BINARY), "serve", *self.place.arguments()],
                cwd=self.place.folder,
                env=environment(**root, **self.settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        try:
            self.address = self.readiness()
        except BaseException:
            self.kill()
            raise

    def readiness(self) -> tuple[str, int]:
        """The address that the server prints when it is ready."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            line = re.search(
                r"^roster listening on https?://([^:\s]+):(\d+)$", self.outputs[0].read_text(), re.MULTILINE
            )
            if line:
                return line[1], int(line[2])
            assert self.process.poll() is None, f"it ended at its start:\n{self.written()}"
            time.sleep(0.01)
        raise AssertionError(f"it was not ready within 30 seconds:\n{self.written()}")

    @property
    def host(self) -> str:
        """Its address as clients write it."""
        return f"{self.address[0]}:{self.address[1]}"

    def written(self) -> str:
        """Everything that it wrote since this start."""
        return "".join(output.read_text(errors="replace") for output in self.outputs)

    def stop(self) -> None:
        """Asks it to end, as an operator would, and holds it to a clean end and a log without secrets."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=20)
        finally:
            self.kill()
        assert code == 0, f"it ended with {code}:\n{self.written()}"
        written = self.written()
        assert "panicked" not in written
        assert ROOT.secret not in written, "the log holds a secret"
        assert PASSWORD not in written and UNBROKEN_PASSWORD not in written, "the log holds a password"
        assert "eyJ" not in written, "the log holds a token"

    def kill(self) -> None:
        """Ends it at once if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a subcommand on the server's own directory, beside it."""
        return run(*arguments, *self.place.arguments(), cwd=self.place.folder)


@contextmanager
def serving(place: Place, key: Key | None = ROOT, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server that ends cleanly, or fails the test; what it wrote is shown then."""
    server = Server(place, key, settings)
    try:
        yield server
        if server.process.poll() is None:
            server.stop()
    finally:
        server.kill()
        print(server.written()[-8000:])


def key_in(text: str) -> Key:
    """The AccessKey that a text names."""
    key = [re.search(rf"(?i)access[ _-]?key[ _-]?{part}\W+([\w+/=.-]+)", text) for part in ("id", "secret")]
    assert key[0] and key[1], text
    return Key(key[0][1], key[1][1])


def within(seconds: float, claim: Callable[[], bool]) -> None:
    """Holds `claim` to become true within `seconds`."""
    until = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < until, f"not so within {seconds} s"
        time.sleep(0.02)


# The SDKs


class Refused(Exception):
    """An error answer, whichever SDK read it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message


class Sdk(Protocol):
    """One generation of the SDK; parameters and answers are spelled as the API does."""

    def call(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Calls an action."""


class Tea:
    """The current generation, signature V3."""

    def __init__(self, server: Server, key: Key = ROOT, api: Api = EDS) -> None:
        self.api = api
        self.client = tea(server, key, api)

    def call(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Calls an action through its typed request, where it has one, and its typed answer."""
        model = getattr(self.api.models, f"{action}Request", None)
        requests = [model().from_map(parameters)] if model else []
        assert all(shows(request.to_map(), parameters) for request in requests), "the SDK knows the parameters"
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()
        try:
            body = getattr(self.client, method)(*requests).body
        except AlibabaCloudException as error:
            raise refused(error) from error
        assert fits(body, type(body)), body
        answer: dict[str, Any] = body.to_map()
        return answer


def refused(error: AlibabaCloudException) -> Refused:
    """What the current generation raises; it wraps the message."""
    assert re.fullmatch("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", error.request_id), error
    wrapped = re.fullmatch(
        rf"code: {error.status_code}, (.*) request id: {error.request_id}", error.message, flags=re.DOTALL
    )
    return Refused(error.status_code, error.code, wrapped[1] if wrapped else error.message)


class Core:
    """The previous generation, signature V1."""

    def __init__(self, server: Server, key: Key = ROOT, api: Api = EDS) -> None:
        self.api = api
        proof = (
            {"credential": StsTokenCredential(key.id, key.secret, key.session)}
            if key.session
            else {"ak": key.id, "secret": key.secret}
        )
        self.client = AcsClient(region_id=REGION, **proof)
        self.client.add_endpoint(REGION, api.product, server.host)
        self.host = server.host

    def call(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Calls an action through the setters of its request, or as its users do what is newer than it."""
        request = self.request(action)
        for name, value in parameters.items():
            names = [f"set_{name}s", f"set_{name}"] if isinstance(value, list) else [f"set_{name}"]
            setter = next((setter for setter in names if hasattr(request, setter)), None)
            if setter:
                getattr(request, setter)(value)
            given = {*request.get_query_params(), *(request.get_body_params() or {})}
            for part, text in flattened(name, value):
                if part not in given:
                    request.add_query_param(part, text)
        request.set_protocol_type("http")
        try:
            answer: dict[str, Any] = json.loads(self.client.do_action_with_exception(request))
        except ServerException as error:
            raise Refused(error.get_http_status(), error.get_error_code(), error.get_error_msg()) from error
        body = getattr(self.api.models, f"{action}ResponseBody")().from_map(answer)
        assert fits(body, type(body)) and shows(body.to_map(), answer), answer
        return answer

    def request(self, action: str) -> Any:
        """An action's own request, or the common one where this generation has none."""
        try:
            module = importlib.import_module(f"{self.api.requests}.{action}Request")
        except ModuleNotFoundError:
            common = CommonRequest(domain=self.host, version=self.api.version, action_name=action)
            common.set_method("POST")
            return common
        return getattr(module, f"{action}Request")()


def flattened(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """A parameter as RPC requests carry it, part by part."""
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value, 1)
        for key, member in members:
            yield from flattened(f"{name}.{key}", member)
    else:
        yield name, str(value)


def fits(value: Any, declared: Any) -> bool:
    """Whether a value is of the type that the SDK declares, which its other languages insist on."""
    if isinstance(value, DaraModel):
        fields = get_type_hints(type(value).__init__)
        return type(value) is declared and all(
            fits(member, fields[name]) for name, member in vars(value).items() if member is not None and name in fields
        )
    if get_origin(declared) is list:
        return type(value) is list and all(fits(member, get_args(declared)[0]) for member in value)
    if get_origin(declared) is dict:
        return type(value) is dict and all(fits(member, get_args(declared)[1]) for member in value.values())
    return declared is Any or type(value) is declared


def shows(read: Any, sent: Any) -> bool:
    """Whether what the SDK read holds everything that was sent."""
    if isinstance(sent, dict):
        return isinstance(read, dict) and all(name in read and shows(read[name], sent[name]) for name in sent)
    if isinstance(sent, list):
        return isinstance(read, list) and len(read) == len(sent) and all(map(shows, read, sent))
    return bool(read == sent)


def refusal(sdk: Sdk, action: str, **parameters: Any) -> str:
    """Status and code of the refusal that a call must get."""
    try:
        answer = sdk.call(action, **parameters)
    except Refused as refused:
        return f"{refused.status} {refused.code}"
    raise AssertionError(f"{action} with {parameters} was answered: {answer}")


def tea(server: Server, key: Key = ROOT, api: Api = EDS) -> Any:
    """The current generation's own client."""
    return api.client(
        Config(
            access_key_id=key.id,
            access_key_secret=key.secret,
            security_token=key.session,
            endpoint=server.host,
            protocol="http",
            region_id=REGION,
        )
    )


# The directory, through either SDK


def person(name: str, **more: Any) -> dict[str, Any]:
    """A user to create, with an e-mail address."""
    return {"EndUserId": name, "Email": f"{name}@example.com", **more}


def create(sdk: Sdk, *names: str, **more: Any) -> None:
    """Creates users, and holds that all were."""
    answer = sdk.call("CreateUsers", Users=[person(name, **more) for name in names])
    assert answer["AllSucceed"], answer


def unit(sdk: Sdk, name: str, parent: str = ROOT_UNIT) -> str:
    """The id of a new organization."""
    made: str = sdk.call("CreateOrg", OrgName=name, ParentOrgId=parent)["OrgId"]
    return made


def group(sdk: Sdk, name: str, *members: str) -> str:
    """The id of a new group."""
    made: str = sdk.call("CreateGroup", GroupName=name)["GroupId"]
    if members:
        sdk.call("UserBatchJoinGroup", GroupId=made, EndUserIds=list(members))
    return made


def property_of(sdk: Sdk, key: str, *values: str) -> tuple[int, dict[str, int]]:
    """The id of a new property, and those of its values by their text."""
    made = sdk.call("CreateProperty", PropertyKey=key, PropertyValues=list(values))["CreateResult"]
    saved = made["SavePropertyValueModel"]["SavePropertyValues"]
    return made["PropertyId"], {value["PropertyValue"]: value["PropertyValueId"] for value in saved}


def bind(sdk: Sdk, name: str, key: int, value: int) -> None:
    """Gives a user a value of a property."""
    sdk.call(
        "SetUserPropertyValue",
        UserId=described(sdk, name)["Id"],
        UserName=name,
        PropertyId=key,
        PropertyValueId=value,
    )


def described(sdk: Sdk, name: str, **more: Any) -> dict[str, Any]:
    """A user as DescribeUsers shows them."""
    [user] = sdk.call("DescribeUsers", EndUserIds=[name], **more)["Users"]
    assert isinstance(user, dict)
    return user


def found(sdk: Sdk, **filters: Any) -> list[str]:
    """The names of the users that a filter finds, on one page, whose count must agree."""
    answer = sdk.call("DescribeUsers", **filters)
    assert answer["Count"] == len(answer["Users"]), answer
    return [user["EndUserId"] for user in answer["Users"]]


def pages(sdk: Sdk, action: str = "DescribeUsers", **filters: Any) -> Iterator[dict[str, Any]]:
    """The answers of a list, page by page."""
    token: dict[str, str] = {}
    while True:
        answer = sdk.call(action, **filters, **token)
        yield answer
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def empty(sdk: Sdk) -> None:
    """Removes everything that a directory lists."""
    while users := [user["EndUserId"] for user in sdk.call("DescribeUsers", MaxResults=500)["Users"]]:
        assert sdk.call("RemoveUsers", Users=users)["RemoveUsersResult"]["RemovedUsers"] == users
    while groups := [group["GroupId"] for group in sdk.call("DescribeGroups", PageSize=100)["Groups"]]:
        sdk.call("RemoveGroup", GroupIds=groups)
    while found := sdk.call("DescribeResourceGroups", PageSize=100)["ResourceGroup"]:
        sdk.call("DeleteResourceGroup", ResourceGroupIds=[group["ResourceGroupId"] for group in found])
    for found in sdk.call("ListProperty")["Properties"]:
        sdk.call("RemoveProperty", PropertyId=found["PropertyId"])
    above = parents(sdk)
    for gone in sorted(above, key=lambda org: -len(ancestors(org, above))):
        sdk.call("RemoveOrg", OrgId=gone)


def parents(sdk: Sdk) -> dict[str, str]:
    """The id of the organization above each, but the root."""
    orgs = [org for page in pages(sdk, "DescribeOrgs") for org in page["Orgs"]]
    return {org["OrgId"]: org["ParentOrgId"] for org in orgs if org["OrgId"] != ROOT_UNIT}


def ancestors(org: str, above: Mapping[str, str]) -> list[str]:
    """The ids from above an organization up to the root, which there must be a way to."""
    way: list[str] = []
    while org != ROOT_UNIT:
        org = above[org]
        assert org not in way, f"a cycle: {above}"
        way.append(org)
    return way


# Requests by hand


@dataclass(frozen=True)
class Request:
    """A request as it travels."""

    host: str
    method: str
    query: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunk: int | None = None
    """How many bytes of the body go in one chunk; None: the body goes whole, after its length."""

    def head(self) -> bytes:
        """Everything before the body."""
        length = {"transfer-encoding": "chunked"} if self.chunk else {"content-length": str(len(self.body))}
        headers = {"host": self.host, "connection": "close", **length, **self.headers}
        lines = [f"{self.method} /{'?' if self.query else ''}{self.query} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def bytes(self) -> bytes:
        """Every byte of it."""
        if not self.chunk:
            return self.head() + self.body
        parts = [self.body[at : at + self.chunk] for at in range(0, len(self.body), self.chunk)]
        return self.head() + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in [*parts, b""])


@dataclass(frozen=True)
class Answer:
    """An answer, whole."""

    status: int
    content_type: str
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The answer's object."""
        answer: dict[str, Any] = json.loads(self.body)
        return answer

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code of an error."""
        return self.status, self.json.get("Code", "")


def send(server: Server, request: Request | bytes) -> Answer | None:
    """The answer, or None where the connection ended without a byte of one; half an answer is an error."""
    data = request if isinstance(request, bytes) else request.bytes()
    with socket.create_connection(server.address, timeout=20) as connection:
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # a server may answer, and close, before it has read everything
        try:
            if not connection.recv(1, socket.MSG_PEEK):
                return None
        except ConnectionResetError:
            return None
        response = HTTPResponse(connection)
        response.begin()
        return Answer(response.status, response.getheader("content-type", ""), response.read())


def answer_to(server: Server, request: Request | bytes) -> Answer:
    """The answer, which must come."""
    answer = send(server, request)
    assert answer, "the connection was closed without an answer"
    return answer


def stamp(at: datetime | None = None) -> str:
    """A time as requests carry it."""
    return (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


def percent(text: str) -> str:
    """Percent-encoding as signatures want it."""
    return quote(text, safe="-_.~")


def v1(
    server: Server,
    action: str,
    parameters: Mapping[str, str] | None = None,
    *,
    method: str = "POST",
    common: Mapping[str, str | None] | None = None,
) -> Request:
    """A request signed with the root key by V1; `common` replaces common parameters; None leaves one out."""
    given = dict(parameters or {})
    signed = {
        "Action": action,
        "Version": EDS.version,
        "Format": "JSON",
        "AccessKeyId": ROOT.id,
        "Timestamp": stamp(),
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": uuid4().hex,
        **(common or {}),
    }
    query = {name: value for name, value in signed.items() if value is not None}
    canonical = "&".join(f"{percent(name)}={percent(value)}" for name, value in sorted({**query, **given}.items()))
    text = f"{method}&%2F&{percent(canonical)}"
    digest = hmac.digest(f"{ROOT.secret}&".encode(), text.encode(), "sha1")
    query["Signature"] = base64.b64encode(digest).decode()
    if method == "GET":
        return Request(server.host, method, urlencode({**query, **given}))
    return Request(server.host, method, urlencode(query), urlencode(given).encode(), {"content-type": FORM})


def v3(
    server: Server,
    action: str,
    query: Mapping[str, str] | None = None,
    *,
    method: str = "POST",
    body: bytes = b"",
    content_type: str = FORM,
    common: Mapping[str, str] | None = None,
) -> Request:
    """A request signed with the root key by V3; `common` replaces headers of it."""
    headers = {
        "host": server.host,
        "x-acs-action": action,
        "x-acs-version": EDS.version,
        "x-acs-date": stamp(),
        "x-acs-signature-nonce": uuid4().hex,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        **({"content-type": content_type} if body else {}),
        **(common or {}),
    }
    line = "&".join(f"{percent(name)}={percent(value)}" for name, value in sorted((query or {}).items()))
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    canonical = "\n".join([method, "/", line, lines, ";".join(names), headers["x-acs-content-sha256"]])
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(ROOT.secret.encode(), text.encode(), "sha256").hex()
    proof = f"ACS3-HMAC-SHA256 Credential={ROOT.id},SignedHeaders={';'.join(names)},Signature={signature}"
    return Request(server.host, method, line, body, {**headers, "authorization": proof})
