"""The same packet gives the same bytes, everywhere; and what a format cannot show is told."""

import json
import os
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proofkit_core.blocks import Paragraph, Run
from proofkit_core.errors import PacketFileError
from proofkit_core.export import read_packet, write_packet
from proofkit_core.export.columns import column_widths
from proofkit_core.export.document import Document, Part, document_of
from proofkit_core.export.glyphs import find_missing, named_in
from proofkit_core.export.pdf import page_data, prepare_print, write_pdf
from proofkit_core.export.pdf_check import check_pdf
from proofkit_core.export.pdf_text import read_pdf
from proofkit_core.export.proof import provenance_of
from proofkit_core.export.reading import letters_of, passages_of
from proofkit_core.export.render import render_packet
from proofkit_core.packet import Packet

LIMIT_S = 0.6
MARGIN = 4
"""The goal holds on a quiet machine with two cores; a shared one needs room."""
TYPED = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp")), min_size=1, max_size=40)


def test_the_same_packet_gives_the_same_bytes(packet: Packet) -> None:
    assert render_packet(packet).files == render_packet(packet).files


@pytest.mark.parametrize("locale", ["C", "tr_TR.UTF-8"])
def test_another_process_gives_the_same_bytes(locale: str, written: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from proofkit_core.export import read_packet, write_packet\n"
        "write_packet(read_packet(Path(sys.argv[1])), Path(sys.argv[2]), zip_file=True)"
    )
    out = tmp_path / "packet"
    env = {**os.environ, "TZ": "Pacific/Auckland", "LC_ALL": locale, "PYTHONHASHSEED": "7", "PYTHONUTF8": "0"}
    subprocess.run([sys.executable, "-c", program, written, out], env=env, check=True, timeout=60, cwd=tmp_path)
    assert {e.name: e.read_bytes() for e in out.iterdir()} == {e.name: e.read_bytes() for e in written.iterdir()}
    assert (tmp_path / "packet.zip").read_bytes() == (written.parent / "packet.zip").read_bytes()


def test_writing_is_quick(packet: Packet, tmp_path: Path) -> None:
    write_packet(packet, tmp_path / "first")
    start = time.perf_counter()
    write_packet(packet, tmp_path / "second", zip_file=True)
    assert time.perf_counter() - start < LIMIT_S * MARGIN


def test_importing_the_exports_loads_no_writer() -> None:
    writers = {"typst", "docx", "lxml", "pypdf", "markdown_it"}
    program = f"import proofkit_core.export, sys; print(sorted({writers!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


# Characters without letters


def test_what_the_pdf_cannot_show_is_told(packet: Packet) -> None:
    (notice,) = render_packet(packet).notices
    assert notice == (
        "The PDF shows □ for 7 characters it has no letters for: が き 好 猫 🎉 👩 💻; "
        "the Word and web versions show them."
    )


def test_one_emoji_of_many_parts_gets_one_box() -> None:
    coverage = find_missing(["👩‍💻 🇩🇪 👍🏽 ❤️ é ש ع न"])
    assert coverage.boxed("a 👩‍💻 b 👍🏽 c é ש ع") == "a □ b □ c é ש ع"


def test_a_letter_with_a_mark_that_no_font_joins_is_told() -> None:
    assert find_missing(["猫\u0301 é"]).boxed("猫\u0301 é") == "□ é"
    assert find_missing(["ที่ é"]).boxed("ที่ é") == "□ é"


def test_the_compilers_escapes_are_read() -> None:
    assert named_in(r'error: the text `"\u{1f389}"` could not; the text "\"" no; the text `"猫"`') == {"🎉", '"', "猫"}


@given(st.lists(TYPED, min_size=1, max_size=4))
@example(["\u115f"])
@settings(max_examples=40, deadline=None)
def test_any_words_survive_the_pdf(given_packet: Callable[[], Packet], texts: list[str]) -> None:
    packet = given_packet()
    blocks = tuple(Paragraph(runs=(Run(text=unicodedata.normalize("NFC", text)),)) for text in texts)
    plain = document_of(packet)
    document = plain.model_copy(update={"parts": (plain.parts[0].model_copy(update={"blocks": blocks}),)})
    printed = prepare_print(document).document
    provenance = provenance_of(packet, {}, printed)
    assert check_pdf(write_pdf(page_data(printed), b"{}"), provenance) == []


def test_the_pdf_reads_in_the_order_of_the_document(packet: Packet) -> None:
    printed = ltr(prepare_print(document_of(packet)).document)
    body = letters_of(read_pdf(write_pdf(page_data(printed), b"{}")).body)
    assert body == "".join(passage.letters for passage in passages_of(printed))


def ltr(document: Document) -> Document:
    def kept(part: Part) -> Part:
        blocks = tuple(b for b in part.blocks if not (isinstance(b, Paragraph) and not b.runs[0].text.isascii()))
        return part.model_copy(update={"blocks": blocks})

    return document.model_copy(update={"parts": tuple(kept(part) for part in document.parts)})


def test_a_narrow_column_gets_its_longest_word(packet: Packet) -> None:
    (table,) = document_of(packet).parts[1].blocks
    assert table.kind == "table"
    widths = column_widths(table)
    assert widths[0] < widths[4] < widths[1]
    assert widths[4] >= len("Dispatcher")


# packet.json


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not valid JSON"),
        ("[1]", "expected 'proofkit.packet/2'"),
        ('{"schema": "proofkit.packet/9"}', "has the schema 'proofkit.packet/9'"),
        ('{"schema": "proofkit.packet/2"}', "is not a whole packet"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_a_broken_packet_file_is_told_in_a_sentence(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "packet.json").write_text(text, encoding="utf-8")
    with pytest.raises(PacketFileError, match=told):
        read_packet(tmp_path)


def test_a_missing_packet_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PacketFileError, match="There is no file"):
        read_packet(tmp_path)


def test_an_unknown_field_in_a_packet_is_refused(written: Path, tmp_path: Path) -> None:
    data = json.loads((written / "packet.json").read_text(encoding="utf-8"))
    (tmp_path / "packet.json").write_text(json.dumps(data | {"endorsed_by": "a client"}), encoding="utf-8")
    with pytest.raises(PacketFileError, match="endorsed_by"):
        read_packet(tmp_path)
