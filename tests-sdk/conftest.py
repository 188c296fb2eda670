"""The servers and clients that tests ask for by name."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import eiam
from harness import BINARY, EIAM, ENGINES, Core, Place, Sdk, Server, Tea, empty, place, serving


def pytest_sessionstart() -> None:
    """Says at once what is missing."""
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: cargo build --release", returncode=2)


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

    def take(self) -> Server:
        """The server, which runs."""
        if not self.server:
            found = self.held.enter_context(place(self.engine, self.folders.mktemp("shared")))
            self.server = self.held.enter_context(serving(found))
        return self.server

    def clear(self) -> None:
        """Ends the server."""
        self.server = None
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
