"""AccessKeys are made, stopped and deleted beside a running server."""

import pytest

from harness import ROOT, Core, Key, Refused, Sdk, Server, Tea, found, key_in, within

# A change made by another process acts within a second; half a one is for the command itself.
SOON = 1.5


def code_of(sdk: Sdk) -> str:
    """The code that a call is refused with, or "" if it is answered."""
    try:
        sdk.call("DescribeUsers")
    except Refused as refusal:
        return f"{refusal.status} {refusal.code}"
    return ""


def made(server: Server) -> Key:
    """A new AccessKey."""
    done = server.command("access-key", "create")
    assert done.returncode == 0, done
    return key_in(done.stdout)


def change(server: Server, verb: str, key: Key) -> None:
    """Changes an AccessKey."""
    done = server.command("access-key", verb, key.id)
    assert done.returncode == 0, done
    assert key.secret not in done.stdout + done.stderr


@pytest.mark.parametrize("sdk", [Tea, Core])
def test_a_key_acts_disabled_or_not_within_a_moment(server: Server, sdk: type[Tea | Core]) -> None:
    key = made(server)
    client = sdk(server, key)
    within(SOON, lambda: code_of(client) == "")

    change(server, "disable", key)
    within(SOON, lambda: code_of(client) == "400 InvalidAccessKeyId.Inactive")
    change(server, "enable", key)
    within(SOON, lambda: code_of(client) == "")
    change(server, "disable", key)
    change(server, "delete", key)
    within(SOON, lambda: code_of(client) == "404 InvalidAccessKeyId.NotFound")

    assert found(sdk(server)) == []


def test_a_secret_is_printed_once(server: Server) -> None:
    done = server.command("access-key", "create")
    key = key_in(done.stdout)
    listed = server.command("access-key", "list")

    assert done.stdout.count(key.secret) == 1 and key.secret not in done.stderr
    assert ROOT.id in listed.stdout and key.id in listed.stdout
    assert not any(secret in listed.stdout + listed.stderr for secret in (ROOT.secret, key.secret))


def test_a_list_shows_which_keys_are_inactive(server: Server) -> None:
    key, other = made(server), made(server)
    change(server, "disable", key)

    lines = {line for line in server.command("access-key", "list").stdout.splitlines() if "inactive" in line}

    assert [key.id in line for line in lines] == [True] and other.id not in "".join(lines)


@pytest.mark.parametrize("verb", ["disable", "enable", "delete"])
def test_an_unknown_key_is_one_line(server: Server, verb: str) -> None:
    done = server.command("access-key", verb, "LTAInobody0000000001")

    assert done.returncode not in {0, 101}
    assert len(done.stderr.splitlines()) == 1 and "LTAInobody0000000001" in done.stderr
