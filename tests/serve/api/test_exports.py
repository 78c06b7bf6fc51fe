"""Exports over HTTP: every format, each with its disclosure, the same bytes as the command writes."""

import asyncio
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from pypdf import PdfReader  # noqa: TID253 - a test may wait for it

from proofkit_core.export import verify_packet, write_packet
from proofkit_serve.api.rendering import Renderer
from proofkit_serve.client import Client
from proofkit_serve.client.process import ServerProcess
from proofkit_serve.sessions import Document
from proofkit_serve.wire.requests import PacketJob, SessionInput

WithGoal = Callable[..., SessionInput]


@pytest.fixture(scope="module")
def made(server: ServerProcess, with_goal: WithGoal) -> Document:
    with Client(server.url, timeout_s=120.0) as client:
        session = client.create_session(with_goal("<script>alert(1)</script> was on the board"))
        client.wait(client.generate(session.id, PacketJob(kind="packet")).id)
        return client.session(session.id)


def test_a_packet_is_rendered_once_for_all_who_ask_and_not_kept_longer_than_its_session(made: Document) -> None:
    packet = made.packet
    assert packet is not None

    async def ask() -> None:
        renderer = Renderer()
        first, second = await asyncio.gather(*(renderer.files_of(packet, sources=False) for _ in range(2)))
        assert first is second
        assert await renderer.files_of(packet, sources=False) is first
        renderer.forget()
        again = await renderer.files_of(packet, sources=False)
        assert again is not first
        assert again == first

    asyncio.run(ask())


def test_each_file_is_what_the_command_writes(client: Client, made: Document, tmp_path: Path) -> None:
    assert made.packet is not None
    write_packet(made.packet, tmp_path / "packet")
    listed = client.exports(made.id).files
    names = {each.name for each in listed}
    assert names == {path.name for path in (tmp_path / "packet").iterdir()} | {"packet.zip"}
    for each in listed:
        data = client.export(made.id, each.name)
        assert len(data) == each.size
        if each.name != "packet.zip":
            assert data == (tmp_path / "packet" / each.name).read_bytes()


def test_the_zip_is_an_unchanged_packet(client: Client, made: Document, tmp_path: Path) -> None:
    path = tmp_path / "packet.zip"
    path.write_bytes(client.export(made.id, "packet.zip"))
    assert verify_packet(path).outcome.value == "unchanged"
    with zipfile.ZipFile(path) as archive:
        assert all(name.startswith("simulated-work-sample-") for name in archive.namelist())


def test_the_pdf_opens_and_discloses_on_every_page(client: Client, made: Document) -> None:
    reader = PdfReader(io.BytesIO(client.export(made.id, "work-sample.pdf")))
    assert reader.pages
    assert all("fictional" in page.extract_text() for page in reader.pages)


def test_a_browser_saves_a_file_and_runs_none(http: httpx.Client, made: Document) -> None:
    answer = http.get(f"/v1/sessions/{made.id}/exports/work-sample.html")
    assert answer.headers["content-disposition"] == 'attachment; filename="work-sample.html"'
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script>alert(1)" not in answer.text


def test_sources_are_added_where_they_are_asked_for(client: Client, made: Document) -> None:
    plain = client.export(made.id, "work-sample.md").decode()
    sourced = client.export(made.id, "work-sample.md", sources=True).decode()
    assert sourced.startswith(plain)
    assert len(sourced) > len(plain)


def test_a_file_that_no_packet_has_is_not_found(http: httpx.Client, made: Document) -> None:
    for name in ("nothing.txt", "..%2f..%2fetc%2fpasswd", "WORK-SAMPLE.PDF"):
        answer = http.get(f"/v1/sessions/{made.id}/exports/{name}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
