"""The ten lines of curl in the guide make a packet."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from proofkit_core.export import verify_packet
from proofkit_serve.client.process import ServerProcess


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_curl_client_of_the_guide_makes_a_packet(root: Path, tmp_path: Path, server: ServerProcess) -> None:
    page = (root / "docs" / "guides" / "http-api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh[^\n]*\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    script = next(block for block in blocks if "packet.zip" in block)
    lines = [line for line in script.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) <= 10
    done = subprocess.run(
        ["sh", "-eu"],
        input=script.replace("http://127.0.0.1:8000", server.url),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert verify_packet(tmp_path / "packet.zip").outcome.value == "unchanged"
