"""A packet is only replaced as long as nothing in it is the person's own."""

# ruff: noqa: TID253 - the test changes PDFs with another program

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from pypdf.annotations import FreeText

from proofkit_core.errors import OutputPathError
from proofkit_core.export import check_output, write_packet
from proofkit_core.export.places import zip_beside
from proofkit_core.packet import Packet


@pytest.fixture
def out(written: Path, tmp_path: Path) -> Path:
    """An earlier packet with its zip."""
    shutil.copy(zip_beside(written), tmp_path / "out.zip")
    return Path(shutil.copytree(written, tmp_path / "out"))


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}


def refused(packet: Packet, out: Path, told: str, *, zip_file: bool = False) -> None:
    """Both the early check and the writer refuse, and leave everything as it is."""
    before = everything(out.parent)
    with pytest.raises(OutputPathError, match=told) as early:
        check_output(out, zip_file=zip_file)
    with pytest.raises(OutputPathError) as late:
        write_packet(packet, out, zip_file=zip_file)
    assert str(late.value) == str(early.value)
    assert "Choose another output" in str(late.value)
    assert everything(out.parent) == before


def append(path: Path, data: bytes) -> None:
    path.write_bytes(path.read_bytes() + data)


def note_on_the_pdf(out: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=out / "work-sample.pdf")
    writer.add_annotation(0, FreeText(text="My note", rect=(50, 500, 300, 550)))
    writer.write(out / "work-sample.pdf")


OWN: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file of their own": (lambda out: (out / "cover-letter.txt").write_text("Dear"), r"holds 'cover-letter\.txt'"),
    "a folder of their own": (lambda out: (out / "drafts").mkdir(), "holds 'drafts'"),
    "a file in a folder": (lambda out: shutil.copytree(out, out / "copy"), "holds 'copy'"),
    "an edited text": (
        lambda out: append(out / "work-sample.md", b"Mine."),
        r"'work-sample\.md' in .* changed",
    ),
    "an edited packet": (lambda out: append(out / "packet.json", b" "), r"'packet\.json' in .* was changed"),
    "a note on the PDF": (note_on_the_pdf, r"'work-sample\.pdf' in .* was changed"),
    "another PDF": (lambda out: (out / "work-sample.pdf").write_bytes(b"%PDF-1.7 mine"), r"'work-sample\.pdf' in"),
    "a link": (lambda out: (out / "mine").symlink_to("/dev/zero"), "'mine' in .* is a link"),
    "a broken provenance": (lambda out: (out / "provenance.json").write_text("{}"), "cannot be told whether"),
    "an empty provenance": (lambda out: (out / "provenance.json").write_text(""), "cannot be told whether"),
    "no provenance": (lambda out: (out / "provenance.json").unlink(), "no ProofKit packet"),
}


@pytest.mark.parametrize("case", OWN)
def test_a_packet_that_holds_something_of_the_person_is_kept(case: str, packet: Packet, out: Path) -> None:
    make, told = OWN[case]
    make(out)
    refused(packet, out, told)


def test_an_untouched_packet_and_its_zip_are_replaced(packet: Packet, written: Path, out: Path) -> None:
    (out / "readiness.md").unlink()
    (out / "packet.json").unlink()
    (out / ".DS_Store").write_bytes(b"x")
    check_output(out, zip_file=True)
    write_packet(packet, out, zip_file=True)
    assert {path.name for path in out.iterdir()} == {path.name for path in written.iterdir()}


def test_a_packet_that_was_moved_aside_and_then_changed_is_kept(packet: Packet, out: Path) -> None:
    aside = out.rename(out.with_name(".out.proofkit-old"))
    (aside / "cover-letter.txt").write_text("Dear", encoding="utf-8")
    with pytest.raises(OutputPathError, match="cover-letter"):
        check_output(out)
    with pytest.raises(OutputPathError, match="cover-letter"):
        write_packet(packet, out)
    assert (out / "cover-letter.txt").read_text(encoding="utf-8") == "Dear"


def other_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photos/cat.jpg", b"cat")


def packet_zip_with_a_file(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("cover-letter.txt", "Dear")


ZIPS: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda path: path.write_text("precious"), "is no packet"),
    "other zip": (other_zip, "holds neither"),
    "a packet zip with a file added": (packet_zip_with_a_file, r"cover-letter\.txt', which ProofKit did not write"),
    "a PDF": (lambda path: shutil.copy(path.parent / "out" / "work-sample.pdf", path), "cannot be told whether"),
    "a link": (lambda path: (path.unlink(), path.symlink_to(path.parent / "out")), "is a (link|folder)"),
}


@pytest.mark.parametrize("case", ZIPS)
def test_a_zip_that_is_not_the_earlier_packets_is_kept(case: str, packet: Packet, out: Path) -> None:
    make, told = ZIPS[case]
    make(zip_beside(out))
    refused(packet, out, told, zip_file=True)
    write_packet(packet, out)  # without a zip, what lies in its place is in nobody's way
