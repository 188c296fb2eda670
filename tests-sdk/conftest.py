"""The servers and clients that tests ask for by name."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

import credentials
import eiam
import pds
from harness import BINARY, EIAM, ENGINES, Core, Place, Sdk, Server, Tea, empty, place, serving


def pytest_sessionstart() -> None:
    """Says at once what is missing."""
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: cargo build", returncode=2)


@pytest.fixture(scope="session", autouse=True)
def hosts() -> Iterator[None]:
    """Leads the hosts of PDS domains to the servers of the tests."""
    found = socket.getaddrinfo

    def lookup(host: Any, *more: Any, **named: Any) -> Any:
        return found("127.0.0.1" if str(host).endswith(pds.HOSTS) else host, *more, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lookup)
        yield


@pytest.fixture(params=ENGINES)
def empty_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Where a server can keep a new directory, on each engine."""
    with place(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def server(empty_place: Place) -> Iterator[Server]:
    """A server on a new directory, on each engine."""
    with serving(empty_place) as started:
        yield started


@pytest.fixture
def sqlite_server(tmp_path: Path) -> Iterator[Server]:
    """A server on a new directory, for what no engine has a part in."""
    with serving(Place(tmp_path)) as started:
        yield started


class Shelf:
    """Keeps one server for the tests of a file, and takes a new one where a test has spoilt it."""

    def __init__(self, engine: str, folders: pytest.TempPathFactory) -> None:
        self.engine, self.folders = engine, folders
        self.held = ExitStack()
        self.server: Server | None = None
        self.app: pds.App | None = None

    def take(self) -> Server:
        """The server, which runs."""
        if not self.server:
            found = self.held.enter_context(place(self.engine, self.folders.mktemp("shared")))
            self.server = self.held.enter_context(serving(found))
        return self.server

    def take_app(self) -> pds.App:
        """An app of the server's, of which tests share one too."""
        if not self.app:
            self.app = pds.App(self.take())
        return self.app

    def clear(self) -> None:
        """Ends the server."""
        self.server = self.app = None
        self.held.close()


@pytest.fixture(scope="module", params=ENGINES)
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Where the tests of a file find the server that they share, on each engine."""
    made = Shelf(request.param, tmp_path_factory)
    yield made
    if made.server:
        done = made.server.command("verify")
        assert done.returncode == 0, f"counts or index differ from a recount:\n{done.stdout}{done.stderr}"
    made.clear()


@pytest.fixture(params=[Tea, Core], ids=["tea", "core"])
def sdk(request: pytest.FixtureRequest, shelf: Shelf) -> Iterator[Sdk]:
    """The SDK of each generation, on the file's server; the directory is emptied after each test."""
    client: Sdk = request.param(shelf.take())
    yield client
    try:
        empty(client)
    except BaseException:
        shelf.clear()
        raise


@pytest.fixture
def shared(shelf: Shelf) -> Iterator[Server]:
    """The file's server; instances that a test made go after it."""
    server = shelf.take()
    yield server
    try:
        eiam.clear(Tea(server, api=EIAM))
    except BaseException:
        shelf.clear()
        raise


@pytest.fixture(params=[Tea, Core], ids=["tea", "core"])
def instance(request: pytest.FixtureRequest, shared: Server) -> eiam.Instance:
    """A new instance, through the SDK of each generation, on the file's server."""
    return eiam.new_instance(request.param(shared, api=EIAM))


@pytest.fixture(params=["v1", "v4", "bearer"])
def domain(request: pytest.FixtureRequest, shelf: Shelf) -> pds.Domain:
    """A new domain by each way of proving oneself, on the file's server."""
    return pds.Domain(shelf.take(), shelf.take_app, request.param)


@pytest.fixture
def plain_domain(shelf: Shelf) -> pds.Domain:
    """A new domain by AccessKey, for what the way of proving oneself has no part in."""
    return pds.Domain(shelf.take(), shelf.take_app)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser, which ends with the file's tests: while it runs, no other loop can in this thread."""
    with sync_playwright() as playwright:
        # Tests may run as root, whom its sandbox does not take; it opens no page but ours.
        started = playwright.chromium.launch(executable_path=credentials.chromium(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module", params=ENGINES)
def reaching(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[credentials.Site]:
    """A server that reaches people, for the tests of a file, on each engine."""
    with place(request.param, tmp_path_factory.mktemp("reaching")) as found, credentials.site(found) as started:
        yield started
