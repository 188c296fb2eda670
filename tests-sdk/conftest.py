"""The servers and clients that tests ask for by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import BINARY, ENGINES, Core, Place, Sdk, Server, Tea, place, serving


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


@pytest.fixture(params=[Tea, Core], ids=["tea", "core"])
def sdk(request: pytest.FixtureRequest, server: Server) -> Sdk:
    """The SDK of each generation."""
    client: Sdk = request.param(server)
    return client
