"""Calls that come too often, as the official SDKs take it; and TLS, as they speak it."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import ThrottlingException
from alibabacloud_tea_openapi.utils_models import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from darabonba.policy.retry import RetryOptions

from harness import EDS, REGION, ROOT, Core, Place, Refused, Server, Tea, create, refusal, serving
from pds import Pds

# Calls a second, and at once.
RATE = 5
# The calls that a batch of PDS may hold.
MOST_AT_ONCE = 100


@contextmanager
def limited(place: Place, rate: str = f"{RATE}/{RATE}") -> Iterator[Server]:
    """A server that takes few calls of one caller."""
    with serving(place, settings={"ROSTER_RATE_PRINCIPAL": rate}) as server:
        yield server


def client(server: Server, attempts: int = 0, protocol: str = "http", ca: str | None = None) -> Any:
    """The current generation's own client, which tries again so often when it is told to come back."""
    condition = {"maxAttempts": attempts, "exception": ["ThrottlingException"], "maxDelay": 10_000}
    return EDS.client(
        Config(
            access_key_id=ROOT.id,
            access_key_secret=ROOT.secret,
            endpoint=server.host,
            protocol=protocol,
            ca=ca,
            region_id=REGION,
            retry_options=RetryOptions({"retryable": True, "retryCondition": [condition]}) if attempts else None,
        )
    )


def ask(sdk: Any) -> int:
    """The status of a small call."""
    status: int = sdk.describe_users(EDS.models.DescribeUsersRequest()).status_code
    return status


def spend(pds: Pds) -> None:
    """Has one request take so many calls that, of one a second, none is left for more than a minute."""
    call = {"method": "POST", "url": "/user/get", "headers": {"Content-Type": "application/json"}}
    calls = [call | {"id": str(n), "body": {"user_id": "superadmin"}} for n in range(MOST_AT_ONCE)]
    pds.send("Batch", resource="user", requests=calls)


def throttled(server: Server) -> int:
    """How many calls the server has refused for coming too soon."""
    connection = HTTPConnection(*server.address, timeout=20)
    connection.request("GET", "/metrics")
    figures = connection.getresponse().read().decode()
    connection.close()
    lines = [line for line in figures.splitlines() if 'code="Throttling.User"' in line]
    return sum(int(line.rsplit(" ", 1)[1]) for line in lines)


def test_who_calls_too_often_is_told_how_long_to_wait(tmp_path: Path) -> None:
    with limited(Place(tmp_path), "1/2") as server:
        sdk = client(server)
        started = time.monotonic()
        with pytest.raises(ThrottlingException) as caught:
            for _ in range(50):
                assert ask(sdk) == 200

        assert time.monotonic() - started < 20, "it is refused at once"
        error = caught.value
        assert (error.status_code, error.code) == (400, "Throttling.User")
        assert 0 < error.retry_after <= 1_000
        time.sleep(error.retry_after / 1000 + 0.01)
        assert ask(sdk) == 200


def test_the_sdk_waits_and_comes_back(tmp_path: Path) -> None:
    with limited(Place(tmp_path)) as server:
        sdk = client(server, attempts=3)
        started = time.monotonic()
        assert [ask(sdk) for _ in range(4 * RATE)] == [200] * (4 * RATE)

        took = time.monotonic() - started
        assert took >= 3 - 0.1, "no more are taken than the rate allows"
        # Each waits as long as it was told, and is taken then.
        assert throttled(server) <= 3 * RATE + 1


def test_several_at_once_wait_and_come_back(tmp_path: Path) -> None:
    with limited(Place(tmp_path), "50/10") as server, ThreadPoolExecutor(8) as threads:
        sdks = [client(server, attempts=10) for _ in range(8)]
        answers = threads.map(lambda sdk: [ask(sdk) for _ in range(15)], sdks)
        assert list(answers) == [[200] * 15] * 8


def test_a_change_that_came_too_soon_changes_nothing_and_may_come_again(tmp_path: Path) -> None:
    with limited(Place(tmp_path), "1/1") as server:
        sdk, made = Tea(server), 0
        # A busy machine may take longer for a call than one comes in.
        with pytest.raises(Refused, match=r"400 Throttling\.User"):
            for made in range(50):
                create(sdk, f"user{made}")

        time.sleep(1.1)
        create(sdk, f"user{made}")


def test_the_previous_generation_is_refused_in_its_own_words(tmp_path: Path) -> None:
    with limited(Place(tmp_path), "1/1") as server:
        spend(Pds(server))
        assert refusal(Core(server), "DescribeUsers") == "400 Throttling.User"
        assert refusal(Tea(server), "DescribeUsers") == "400 Throttling.User", "both have one caller's calls"


def test_pds_is_refused_with_429(tmp_path: Path) -> None:
    with limited(Place(tmp_path), "1/1") as server:
        pds = Pds(server)
        spend(pds)
        assert pds.fault("GetUser", user_id="superadmin") == (429, "TooManyRequests")


def test_a_flood_of_strangers_fills_no_log(tmp_path: Path) -> None:
    with serving(Place(tmp_path)) as server:
        connection, started = HTTPConnection(*server.address, timeout=20), time.monotonic()
        for _ in range(300):
            connection.request("GET", "/nowhere")
            assert connection.getresponse().read()
        connection.close()
        took = time.monotonic() - started
        server.stop()

    lines = [line for line in server.written().splitlines() if 'code="InvalidApi.NotFound"' in line]
    assert 60 <= len(lines) <= 61 + took
    left_out = [int(told) for told in re.findall(r"not named here requests=(\d+)", server.written())]
    assert sum(left_out) + len(lines) == 300


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "roster")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def test_the_sdk_speaks_tls(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    settings = {"ROSTER_TLS_CERT": str(cert), "ROSTER_TLS_KEY": str(key)}
    with serving(Place(tmp_path), settings=settings) as server:
        assert f"roster listening on https://{server.host}" in server.written()
        # First, since the SDK has one TLS context for all clients of a host: what one trusts, later ones do.
        with pytest.raises(Exception, match=r"(?i)certificate"):
            ask(client(server, protocol="https"))
        assert ask(client(server, protocol="https", ca=str(cert))) == 200
