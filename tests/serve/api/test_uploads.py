"""Uploads over HTTP."""

from pathlib import Path

import httpx
import pytest

from proofkit_serve.client import Client, ServiceProblemError
from proofkit_serve.uploads import UploadKind

UPLOADS = Path(__file__).parents[1] / "uploads" / "files"


def test_the_text_of_a_file_comes_back_cleaned(client: Client) -> None:
    read = client.upload("Ward nurse\u200b for nine years.\r\nNight shifts.".encode())
    assert read.kind is UploadKind.TEXT
    assert read.text == "Ward nurse for nine years.\nNight shifts."
    assert read.notices


def test_a_file_above_the_limit_is_refused(client: Client) -> None:
    for size in (2_097_153, 2_150_000, 6_000_000):
        with pytest.raises(ServiceProblemError) as refused:
            client.upload(b"x" * size)
        assert refused.value.problem.status == 413


def test_what_a_file_calls_itself_is_not_believed_and_not_repeated(http: httpx.Client) -> None:
    name = '"><script>alert(1)</script>.pdf'
    answer = http.post("/v1/uploads", files={"file": (name, b"just text", "application/pdf")})
    assert answer.json()["kind"] == "txt"
    assert "script" not in answer.text
