"""The check finds what was changed, where, and whether a disclosure is gone."""

# ruff: noqa: TID253 - the test reads PDFs with a reader of its own

import io
import json
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from pypdf.annotations import FreeText

from proofkit_core.errors import PacketFileError
from proofkit_core.export import Outcome, Verification, verify_packet
from proofkit_core.export.document import document_of
from proofkit_core.export.guard import html_text
from proofkit_core.export.pdf import page_data, prepare_print, write_pdf
from proofkit_core.packet import Packet

TEXTS = (
    "linkedin-post.txt",
    "packet.json",
    "readiness.md",
    "resume-bullets.txt",
    "resume.json",
    "talking-points.md",
    "work-sample.html",
    "work-sample.md",
    "your-inputs.md",
)


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "packet"))


def found(verification: Verification, name: str) -> list[Outcome]:
    return [finding.outcome for finding in verification.findings if finding.file == name]


def where(verification: Verification, name: str) -> str:
    return " ".join(finding.where for finding in verification.findings if finding.file == name)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("name", ["packet", "packet.zip", "packet/work-sample.pdf"])
def test_an_untouched_packet_is_unchanged(name: str, written: Path) -> None:
    verification = verify_packet(written.parent / name)
    assert verification.findings == ()
    assert verification.outcome is Outcome.UNCHANGED
    assert verification.company == "Pennagill Stores"
    assert "nothing here is signed" in verification.proves


def test_a_folder_is_checked_wherever_it_lies(copy: Path) -> None:
    moved = copy.rename(copy.with_name("somewhere else"))
    (moved / ".DS_Store").write_bytes(b"x")
    assert verify_packet(moved).outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("name", TEXTS)
def test_one_changed_letter_is_found_with_its_line(name: str, copy: Path) -> None:
    text = (copy / name).read_text(encoding="utf-8")
    at = max(i for i in range(len(text)) if text[i] == "a")
    (copy / name).write_text(text[:at] + "o" + text[at + 1 :], encoding="utf-8")
    verification = verify_packet(copy)
    assert verification.outcome is not Outcome.UNCHANGED
    assert Outcome.ALTERED in found(verification, name)
    if name != "packet.json":  # once the packet itself is changed there is nothing to compare the places with
        assert f"line {text[:at].count(chr(10)) + 1}: " in where(verification, name)


@pytest.mark.parametrize("name", ["work-sample.docx", "work-sample.pdf", "provenance.json"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_one_changed_byte_is_found(name: str, share: float, copy: Path) -> None:
    data = bytearray((copy / name).read_bytes())
    data[int(len(data) * share)] ^= 1
    (copy / name).write_bytes(data)
    verification = verify_packet(copy)
    assert verification.outcome is not Outcome.UNCHANGED
    assert found(verification, name)


def test_a_changed_sentence_in_word_is_found_with_its_paragraph(copy: Path) -> None:
    source = copy / "work-sample.docx"
    with zipfile.ZipFile(source) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"Tuesday 2 June", b"Monday 1 June")
    with zipfile.ZipFile(source, "w") as archive:
        for entry, data in parts.items():
            archive.writestr(entry, data)
    verification = verify_packet(copy)
    assert found(verification, "work-sample.docx") == [Outcome.ALTERED]
    assert "paragraph 5: “…would go live on Monday 1 June instead" in where(verification, "work-sample.docx")


def test_a_missing_and_an_added_file_are_found(copy: Path) -> None:
    (copy / "readiness.md").unlink()
    (copy / "reference-letter.md").write_text("The best.", encoding="utf-8")
    verification = verify_packet(copy)
    assert verification.outcome is Outcome.ALTERED
    assert {finding.file: finding.problem for finding in verification.findings} == {
        "readiness.md": "is missing",
        "reference-letter.md": "was added; ProofKit did not write it",
    }


@pytest.mark.parametrize(
    "name",
    [
        "linkedin-post.txt", "packet.json", "resume-bullets.txt", "resume.json", "talking-points.md",
        "work-sample.html", "work-sample.md",
    ],
)  # fmt: skip
def test_a_removed_disclosure_is_told_as_such(name: str, copy: Path) -> None:
    text = (copy / name).read_text(encoding="utf-8")
    for word in ("fictional", "Simulated", "simulated"):
        text = text.replace(word, "real")
    (copy / name).write_text(text, encoding="utf-8")
    verification = verify_packet(copy)
    assert verification.outcome is Outcome.DISCLOSURE_MISSING
    assert Outcome.DISCLOSURE_MISSING in found(verification, name)


def test_without_its_provenance_a_packet_has_lost_its_disclosure(copy: Path) -> None:
    (copy / "provenance.json").unlink()
    assert verify_packet(copy).outcome is Outcome.DISCLOSURE_MISSING


def test_a_provenance_emptied_of_its_disclosure_is_told(copy: Path) -> None:
    data = json.loads((copy / "provenance.json").read_text(encoding="utf-8"))
    data["disclosure"] = data["page_disclosure"] = ""
    (copy / "provenance.json").write_text(json.dumps(data), encoding="utf-8")
    verification = verify_packet(copy)
    assert verification.outcome is Outcome.DISCLOSURE_MISSING
    assert Outcome.DISCLOSURE_MISSING in found(verification, "provenance.json")


# A PDF on its own


def printed_otherwise(packet: Packet, change_page: Callable[[str], str], provenance: bytes) -> bytes:
    """A PDF with other words that carries the true packet's provenance."""
    page = page_data(prepare_print(document_of(packet)).document).decode()
    changed = change_page(page)
    assert changed != page
    return write_pdf(changed.encode(), provenance)


@pytest.mark.parametrize(
    ("old", "new", "section"),
    [
        ("Tuesday 2 June", "Monday 1 June", "Recommendation"),
        ("Name a bay owner", "Name no bay owner", "What could go wrong"),
        ("Привет", "Пока", "Words | *all* sorts #1"),
        ("near misses", "accidents", "About this exercise"),
        ("for the sponsor", "for the board of the client", "Title and disclosure"),
    ],
)
def test_changed_words_in_a_lone_pdf_are_found_with_their_section(
    old: str, new: str, section: str, packet: Packet, written: Path, tmp_path: Path
) -> None:
    provenance = (written / "provenance.json").read_bytes()
    lone = tmp_path / "renamed.pdf"
    lone.write_bytes(printed_otherwise(packet, lambda page: page.replace(old, new), provenance))
    verification = verify_packet(lone)
    assert verification.outcome is Outcome.ALTERED
    assert [finding.where for finding in verification.findings] == [f"section “{section}”"]


def test_a_lone_pdf_without_its_disclosure_is_told(packet: Packet, written: Path, tmp_path: Path) -> None:
    provenance = (written / "provenance.json").read_bytes()
    lone = tmp_path / "renamed.pdf"
    lone.write_bytes(printed_otherwise(packet, lambda page: page.replace("fictional", "famous"), provenance))
    verification = verify_packet(lone)
    assert verification.outcome is Outcome.DISCLOSURE_MISSING
    problems = [finding.problem for finding in verification.findings]
    assert "its text does not hold the disclosure sentence" in problems
    assert "its footer lacks the disclosure" in problems


def saved_again(written: Path, change_writer: Callable[[pypdf.PdfWriter], object]) -> bytes:
    writer = pypdf.PdfWriter(clone_from=written / "work-sample.pdf")
    change_writer(writer)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_a_pdf_saved_by_another_program_keeps_its_words(written: Path, tmp_path: Path) -> None:
    lone = tmp_path / "a.pdf"
    lone.write_bytes(saved_again(written, lambda writer: writer.compress_identical_objects()))
    assert verify_packet(lone).outcome is Outcome.UNCHANGED


def test_in_its_folder_a_pdf_saved_by_another_program_is_altered(written: Path, copy: Path) -> None:
    (copy / "work-sample.pdf").write_bytes(saved_again(written, lambda writer: writer.compress_identical_objects()))
    verification = verify_packet(copy)
    assert [finding.problem for finding in verification.findings] == ["was changed, though its words are the same"]


def test_a_note_pasted_on_a_page_is_found(written: Path, tmp_path: Path) -> None:
    note = FreeText(text="Approved by the client", rect=(50, 500, 300, 550))
    lone = tmp_path / "a.pdf"
    lone.write_bytes(saved_again(written, lambda writer: writer.add_annotation(0, note)))
    verification = verify_packet(lone)
    assert verification.outcome is Outcome.ALTERED
    assert "an annotation (FreeText)" in verification.findings[0].problem


def test_a_removed_page_is_found(written: Path, tmp_path: Path) -> None:
    lone = tmp_path / "a.pdf"
    lone.write_bytes(saved_again(written, lambda writer: writer.remove_page(0)))
    assert verify_packet(lone).outcome is Outcome.DISCLOSURE_MISSING


def test_a_pdf_without_provenance_proves_nothing(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(tmp_path / "a.pdf")
    verification = verify_packet(tmp_path / "a.pdf")
    assert verification.outcome is Outcome.ALTERED
    assert "no provenance" in verification.findings[0].problem


# What is no packet


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.pdf", b"%PDF-1.7 nonsense", "damaged"),
        ("a.zip", b"PK\x03\x04 nonsense", "damaged zip"),
        ("a.txt", b"hello", "is no packet"),
        ("a.bin", b"", "is no packet"),
    ],
)
def test_what_is_no_packet_is_told_in_a_sentence(name: str, data: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(PacketFileError, match=told):
        verify_packet(tmp_path / name)


@pytest.mark.parametrize("depth", [0, 100_000])
@pytest.mark.parametrize("name", ["resume.json", "packet.json"])
def test_json_of_another_shape_is_altered_and_does_not_crash(name: str, depth: int, copy: Path) -> None:
    strange = {"projects": [{"type": "simulated work sample", "description": 5}], "sample": []}
    (copy / name).write_text("[" * depth if depth else json.dumps(strange), encoding="utf-8")
    assert found(verify_packet(copy), name) == [Outcome.ALTERED, Outcome.DISCLOSURE_MISSING]


def test_a_word_file_that_cannot_be_unpacked_is_altered_and_does_not_crash(copy: Path) -> None:
    path = copy / "work-sample.docx"
    data = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.getinfo("word/document.xml").header_offset + 60
    broken = data[:start] + bytes(255 - byte for byte in data[start : start + 30]) + data[start + 30 :]
    packed_otherwise = data.replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00\x00\x08", b"PK\x01\x02\x14\x03\x14\x00\x00\x00\x63"
    )
    assert packed_otherwise != data
    for strange in (broken, packed_otherwise):
        path.write_bytes(strange)
        assert found(verify_packet(copy), path.name) == [Outcome.ALTERED, Outcome.DISCLOSURE_MISSING]


@pytest.mark.parametrize("cut", [10, 30, 60])
def test_a_zip_with_bytes_taken_out_is_told_in_a_sentence(cut: int, written: Path, tmp_path: Path) -> None:
    data = (written.parent / "packet.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[:100] + data[100 + cut :])
    with pytest.raises(PacketFileError, match="is a damaged zip"):
        verify_packet(tmp_path / "cut.zip")


@pytest.mark.parametrize("piece", ["<", "<style", "<style>", "<head "])
def test_a_page_of_nothing_but_open_tags_is_read_at_once(piece: str) -> None:
    started = time.perf_counter()
    html_text(piece * 200_000)
    assert time.perf_counter() - started < 5  # a search that starts anew at each one takes hours


def test_a_missing_path_and_a_strange_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(PacketFileError, match="There is nothing at"):
        verify_packet(tmp_path / "none")
    with pytest.raises(PacketFileError, match="holds neither"):
        verify_packet(tmp_path)


def test_a_zip_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("packet.json", b"0" * 21_000_000)
    with pytest.raises(PacketFileError, match="more than a packet"):
        verify_packet(tmp_path / "a.zip")
