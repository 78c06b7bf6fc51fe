"""No carrier leaves without its disclosure."""

from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.errors import ExportRefusedError
from proofkit_core.export import write_packet
from proofkit_core.export.document import document_of
from proofkit_core.export.guard import require_disclosures
from proofkit_core.export.pdf import page_data, prepare_print
from proofkit_core.export.render import expected_of, render_packet
from proofkit_core.packet import Packet, TalkingPoint

CARRIERS = (
    "linkedin-post.txt",
    "packet.json",
    "provenance.json",
    "resume-bullets.txt",
    "resume.json",
    "talking-points.md",
    "work-sample.docx",
    "work-sample.html",
    "work-sample.md",
    "work-sample.pdf",
)


@pytest.fixture(scope="module")
def carriers(packet: Packet) -> dict[str, bytes]:
    """What the guard is given: the rendered files, and for the PDF the words handed to its writer."""
    files = dict(render_packet(packet).files)
    files["work-sample.pdf"] = page_data(prepare_print(document_of(packet)).document)
    return files


def test_the_carriers_pass_as_they_are(carriers: dict[str, bytes], packet: Packet) -> None:
    require_disclosures(carriers, expected_of(packet, document_of(packet)))


@pytest.mark.parametrize("name", CARRIERS)
def test_a_carrier_without_its_disclosure_is_named_and_refused(
    name: str, carriers: dict[str, bytes], packet: Packet
) -> None:
    bare = dict(carriers)
    if name == "work-sample.docx":
        other = packet.model_copy(update={"sample": packet.sample.model_copy(update={"disclosure": "Enjoy."})})
        from proofkit_core.export.word import write_word  # noqa: PLC0415 - only here

        bare[name] = write_word(document_of(other))
    else:
        text = bare[name].decode()
        for word in ("fictional", "Simulated", "simulated"):
            text = text.replace(word, "well-known")
        bare[name] = text.encode()
    with pytest.raises(ExportRefusedError, match=f"^{name} lacks its disclosure: "):
        require_disclosures(bare, expected_of(packet, document_of(packet)))


def without_sample_disclosure(packet: Packet) -> Packet:
    return packet.model_copy(update={"sample": packet.sample.model_copy(update={"disclosure": ""})})


def with_bare_post(packet: Packet) -> Packet:
    post = packet.post.model_copy(update={"text": "I wrote a risk plan for Pennagill Stores. What would you do?"})
    return packet.model_copy(update={"post": post})


def with_bare_bullet(packet: Packet) -> Packet:
    items = (*packet.bullets.items, "Led a risk plan at Pennagill Stores.")
    return packet.model_copy(update={"bullets": packet.bullets.model_copy(update={"items": items})})


def with_bare_heading(packet: Packet) -> Packet:
    return packet.model_copy(update={"bullets": packet.bullets.model_copy(update={"heading": "Experience"})})


def with_bare_talking_points(packet: Packet) -> Packet:
    items = (TalkingPoint(question="Was this a real company?", answer="Yes, Pennagill Stores is."),)
    return packet.model_copy(update={"talking_points": packet.talking_points.model_copy(update={"items": items})})


@pytest.mark.parametrize(
    ("bare", "named"),
    [
        (without_sample_disclosure, "work-sample.md"),
        (with_bare_post, "linkedin-post.txt"),
        (with_bare_bullet, "resume-bullets.txt"),
        (with_bare_heading, "resume-bullets.txt"),
        (with_bare_talking_points, "talking-points.md"),
    ],
)
def test_a_packet_without_a_disclosure_is_not_written(
    bare: Callable[[Packet], Packet], named: str, packet: Packet, tmp_path: Path
) -> None:
    with pytest.raises(ExportRefusedError, match=named):
        write_packet(bare(packet), tmp_path / "out", zip_file=True)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_export_leaves_the_earlier_packet(packet: Packet, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_packet(packet, out)
    before = {entry.name: entry.read_bytes() for entry in out.iterdir()}
    with pytest.raises(ExportRefusedError):
        write_packet(with_bare_post(packet), out)
    assert {entry.name: entry.read_bytes() for entry in out.iterdir()} == before
