"""PDS as the JavaScript SDK calls it: the tests in the folder js, run by Node on a server of ours."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from pds import Domain, app_key

FOLDER = Path(__file__).parent / "js"

needs_node = pytest.mark.skipif(
    not (shutil.which("node") and (FOLDER / "node_modules").exists()),
    reason="node is missing, or `npm ci` has not been run in tests-sdk/js",
)


@needs_node
@pytest.mark.parametrize("file", ["seed.test.js", "scenarios.test.js"])
def test_the_javascript_sdk_is_served(plain_domain: Domain, tmp_path: Path, file: str) -> None:
    key, token = tmp_path / "key.pem", tmp_path / "token.json"
    key.write_bytes(
        app_key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    token.write_text(json.dumps(plain_domain.token("superadmin")))
    told = {
        "PATH": os.environ["PATH"],
        "PDS_ENDPOINT": f"http://{plain_domain.server.host}",
        "PDS_DOMAIN": plain_domain.id,
        "PDS_APP": plain_domain.app.id,
        "PDS_APP_KEY": str(key),
        "PDS_TOKEN": str(token),
    }
    done = subprocess.run(
        ["node", "--test", "--test-reporter=spec", file],
        cwd=FOLDER,
        env=told,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " pass 0" not in done.stdout, "nothing was tested"
