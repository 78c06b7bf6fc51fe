"""Uploaded files: read for their text, whatever they are, at a bounded cost."""

import asyncio
import io
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from proofkit_core.brief import UNTRUSTED_CAP
from proofkit_serve.uploads import (
    UploadBrokenError,
    UploadedText,
    UploadKind,
    UploadLimits,
    UploadTooLargeError,
    UploadTypeError,
    read_upload,
)

LIMITS = UploadLimits()
LIMITED = """
import json, resource
from proofkit_serve.uploads.limits import UploadLimits
from proofkit_serve.uploads.worker import set_limits
set_limits(UploadLimits())
names = ("RLIMIT_NPROC", "RLIMIT_FSIZE", "RLIMIT_CORE")
print(json.dumps({name: resource.getrlimit(getattr(resource, name)) for name in names}))
"""


def read(data: bytes, limits: UploadLimits = LIMITS) -> UploadedText:
    return asyncio.run(read_upload(data, limits))


def word_file(*paragraphs: str) -> bytes:
    import docx

    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def pdf_file(*pages: str) -> bytes:
    import typst

    text = "\n#pagebreak()\n".join(pages)
    return typst.compile(text.encode())


def zip_of(files: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_plain_text_comes_back_without_what_cannot_be_seen() -> None:
    found = read("\ufeffWard nurse\u200b for\u202e nine years.\r\nNights.".encode())
    assert found.kind is UploadKind.TEXT
    assert found.text == "Ward nurse for nine years.\nNights."
    assert found.characters == len(found.text)
    assert found.notices


def test_the_paragraphs_of_a_word_file_come_back() -> None:
    found = read(word_file("Ward nurse for nine years.", "Taught forty new colleagues."))
    assert found.kind is UploadKind.DOCX
    assert found.text == "Ward nurse for nine years.\n\nTaught forty new colleagues."


def test_the_text_of_a_pdf_comes_back() -> None:
    found = read(pdf_file("Ward nurse for nine years.", "Taught forty new colleagues."))
    assert found.kind is UploadKind.PDF
    assert "Ward nurse for nine years." in found.text
    assert "Taught forty new colleagues." in found.text


def test_a_long_text_is_cut_and_told() -> None:
    found = read(b"word " * 10_000)
    assert len(found.text) == UNTRUSTED_CAP
    assert any("only the first" in notice for notice in found.notices)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + b"\0" * 20,
        b"MZ\x90\0",
        b"\xff\xfe\0t\0e",
        zip_of({"a.txt": b"text"}),
        b"\xd0\xcf\x11\xe0" * 9,
    ],
    ids=["picture", "program", "utf-16", "zip", "old-word"],
)
def test_other_kinds_are_refused(data: bytes) -> None:
    with pytest.raises(UploadTypeError, match="Expected a PDF"):
        read(data)


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04 but nothing more", b"%PDF-1.7 but nothing more", zip_of({"word/document.xml": b"<w"}), b"", b" \n\t"],
    ids=["zip", "pdf", "word", "nothing", "blank"],
)
def test_broken_and_empty_files_are_told(data: bytes) -> None:
    with pytest.raises(UploadBrokenError):
        read(data)


def test_a_file_above_the_limit_is_refused() -> None:
    with pytest.raises(UploadTooLargeError, match="at most 2,000,000"):
        read(b"x" * 2_000_001)


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zip_of({"word/document.xml": b"<w:document/>", "word/media/a.xml": b"\0" * 150_000_000})
    started = time.monotonic()
    with pytest.raises(UploadTooLargeError, match="unpacks to more"):
        read(bomb)
    assert time.monotonic() - started < 2


def test_a_bomb_that_lies_about_its_size_costs_no_more_than_the_limits() -> None:
    packed = zip_of(
        {"word/document.xml": b"<w:document>" + b" " * 80_000_000 + b"</w:document>", "[Content_Types].xml": b"<T/>"}
    )
    size = (12 + 80_000_000 + 13).to_bytes(4, "little")
    lying = packed.replace(size, (500).to_bytes(4, "little"))
    with pytest.raises((UploadBrokenError, UploadTooLargeError)):
        read(lying, UploadLimits(wall_s=20.0))


def test_a_pdf_of_too_many_pages_is_refused() -> None:
    with pytest.raises(UploadTooLargeError, match="pages"):
        read(pdf_file(*["text"] * 5), UploadLimits(max_pages=4))


def test_work_that_takes_too_long_is_ended() -> None:
    started = time.monotonic()
    with pytest.raises(UploadBrokenError, match="too long"):
        read(word_file("text"), UploadLimits(wall_s=0.05))
    assert time.monotonic() - started < 5


def test_work_that_takes_too_much_memory_is_ended() -> None:
    with pytest.raises(UploadBrokenError):
        read(word_file(*(f"{n * n:x} words" for n in range(2_000))), UploadLimits(memory_bytes=60 * 1024 * 1024))


def test_an_outside_entity_is_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret of the server", encoding="utf-8")
    body = (
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        "<w:t>before &x; after</w:t></w:r></w:p></w:body></w:document>"
    )
    with zipfile.ZipFile(io.BytesIO(word_file("text"))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    hostile = zip_of({**files, "word/document.xml": body.encode()})
    try:
        told = read(hostile).text
    except UploadBrokenError as error:
        told = str(error)
    assert "secret" not in told


def test_the_process_can_start_no_other_and_write_no_file() -> None:
    told = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(told.stdout) == {"RLIMIT_NPROC": [0, 0], "RLIMIT_FSIZE": [0, 0], "RLIMIT_CORE": [0, 0]}


def test_the_process_sees_nothing_of_the_servers_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere.py")
    assert read(b"text").text == "text"
    assert os.environ["PYTHONPATH"] == "/nowhere"
