"""The program: start, stop, restart, and what it says when it cannot."""

import socket
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest

from harness import (
    DATABASE,
    PASSWORD,
    Place,
    Server,
    Tea,
    answer_to,
    create,
    database_url,
    found,
    key_in,
    pages,
    person,
    run,
    send,
    serving,
    v1,
)


def test_a_restart_keeps_everything(server: Server) -> None:
    create(Tea(server), "alice", "bob")
    Tea(server).call("RemoveUsers", Users=["bob"])
    before = Tea(server).call("DescribeUsers")["Users"]

    server.stop()
    server.start()

    assert Tea(server).call("DescribeUsers")["Users"] == before
    assert Tea(server).call("CreateUsers", Users=[person("alice")])["AllSucceed"] is False


def test_a_stop_finishes_what_runs_and_leaves_nothing_half_done(server: Server) -> None:
    ending = Event()

    def creations(worker: int) -> list[str]:
        """The users that one client was told are created, until the server is gone."""
        told: list[str] = []
        while True:
            name = f"w{worker}_{len(told)}"
            try:
                answer = send(
                    server, v1(server, "CreateUsers", {"Users.1.EndUserId": name, "Users.1.Email": "a@example.com"})
                )
            except ConnectionError:
                answer = None
            if answer is None:
                assert ending.is_set(), "the connection was closed before the stop"
                return told
            assert answer.status == 200 and answer.json["AllSucceed"], answer
            told.append(name)

    with ThreadPoolExecutor(8) as threads:
        workers = [threads.submit(creations, worker) for worker in range(8)]
        time.sleep(1)
        ending.set()
        server.stop()
        told = {name for worker in workers for name in worker.result()}
    server.start()

    assert told
    assert {user["EndUserId"] for page in pages(Tea(server), MaxResults=500) for user in page["Users"]} == told


def test_a_stop_waits_for_a_call_that_runs(server: Server) -> None:
    users = [person(f"user_{n}") for n in range(1, 101)]
    fields = {f"Users.{n}.{name}": value for n, user in enumerate(users, 1) for name, value in user.items()}

    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(answer_to, server, v1(server, "CreateUsers", {**fields, "Password": PASSWORD}))
        time.sleep(0.1)
        server.stop()
    server.start()

    assert answer.result().json["AllSucceed"] is True
    assert len(found(Tea(server))) == 100


def test_an_idle_client_does_not_delay_the_stop(sqlite_server: Server) -> None:
    idle = HTTPConnection(*sqlite_server.address)
    idle.request("GET", "/healthz")
    idle.getresponse().read()

    begin = time.monotonic()
    sqlite_server.stop()

    assert time.monotonic() - begin < 5
    idle.close()


def test_a_killed_server_keeps_what_it_acknowledged(server: Server) -> None:
    create(Tea(server), "alice")

    server.kill()
    server.start()

    assert found(Tea(server)) == ["alice"]


def test_it_says_that_it_lives_and_is_ready(server: Server) -> None:
    Tea(server).call("DescribeUsers")
    connection = HTTPConnection(*server.address, timeout=5)

    answers = {}
    for path in ["/healthz", "/readyz", "/metrics", "/nothing"]:
        connection.request("GET", path)
        response = connection.getresponse()
        answers[path] = response.status, response.read().decode()
    connection.close()

    assert [status for status, _ in answers.values()] == [200, 200, 200, 404]
    assert "DescribeUsers" in answers["/metrics"][1]


def test_the_first_start_makes_a_key_and_keeps_it_private(tmp_path: Path) -> None:
    with serving(Place(tmp_path), key=None) as server:
        kept = tmp_path / "data" / "credentials"
        key = key_in(kept.read_text())

        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert server.written().count(key.secret) == 1, "printed once"
        assert found(Tea(server, key)) == []

        server.stop()
        server.start()
        assert key.secret not in server.written()
        assert found(Tea(server, key)) == []


def refused_start(*arguments: str, cwd: Path) -> str:
    """What a start that must fail says: one line, on stderr."""
    done = run("serve", *arguments, cwd=cwd)
    assert done.returncode not in {0, 101} and done.returncode > 0, done
    assert "panicked" not in done.stderr
    assert "listening" not in done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        line = refused_start("--listen", address, "--data", str(tmp_path / "data"), cwd=tmp_path)

    assert address in line


def test_a_directory_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    for data in [tmp_path / "file", tmp_path / "file" / "data", Path("/proc/data")]:
        assert str(data) in refused_start("--listen", "127.0.0.1:0", "--data", str(data), cwd=tmp_path)


def test_a_second_server_on_the_same_directory_is_one_line(sqlite_server: Server) -> None:
    place = sqlite_server.place

    line = refused_start("--listen", "127.0.0.1:0", *place.arguments(), cwd=place.folder)

    assert str(place.folder / "data") in line
    create(Tea(sqlite_server), "alice")


def test_a_wrong_database_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    urls = [f"postgres://roster:secretInUrl@127.0.0.1:{port}/roster", "mysql://127.0.0.1/roster", "not a url"]
    if DATABASE:
        urls.append(database_url(DATABASE, f"absent_{uuid4().hex}"))

    for url in urls:
        line = refused_start(
            "--listen", "127.0.0.1:0", "--database", url, "--keys", str(tmp_path / "keys"), cwd=tmp_path
        )
        assert "secretInUrl" not in line


def test_a_database_needs_keys(tmp_path: Path) -> None:
    done = run("serve", "--database", "postgres://127.0.0.1/roster", cwd=tmp_path)

    assert done.returncode not in {0, 101} and "--keys" in done.stderr and "panicked" not in done.stderr


@pytest.mark.parametrize("arguments", [["serve", "--wrong"], ["wrong"], ["serve", "--listen", "nowhere"], []])
def test_a_wrong_command_line_is_explained(tmp_path: Path, arguments: list[str]) -> None:
    done = run(*arguments, cwd=tmp_path)

    assert done.returncode not in {0, 101} and done.stderr and "panicked" not in done.stderr
    assert not list(tmp_path.iterdir()), "nothing is left behind"


def test_an_unknown_setting_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "roster.toml").write_text('lisden = "127.0.0.1:0"\n')

    line = refused_start("--config", "roster.toml", "--data", str(tmp_path / "data"), cwd=tmp_path)

    assert "lisden" in line


@pytest.mark.skipif(not DATABASE, reason="ROSTER_SDK_DATABASE is not set")
@pytest.mark.parametrize("empty_place", ["postgresql"], indirect=True)
def test_two_servers_over_one_database_are_one(empty_place: Place) -> None:
    with serving(empty_place) as one, serving(empty_place) as other:
        create(Tea(one), "alice")
        seen = found(Tea(other))
        removal = v1(one, "RemoveUsers", {"Users.1": "alice"})
        first = answer_to(one, removal)
        create(Tea(other), "alice")
        second = answer_to(other, removal)

        assert seen == ["alice"]
        assert first.status == 200 and second.refusal == (400, "SignatureNonceUsed")
        assert found(Tea(one)) == ["alice"]
