"""Renders every file of a packet in memory, the same bytes for the same packet."""

from collections.abc import Mapping
from typing import NamedTuple

from proofkit_core.export.appendix import write_appendix
from proofkit_core.export.document import Document, document_of
from proofkit_core.export.guard import Expected, require_disclosures
from proofkit_core.export.html import write_html
from proofkit_core.export.json_resume import write_json_resume
from proofkit_core.export.markdown import write_markdown
from proofkit_core.export.names import PACKET_FILE, PDF_FILE, PROVENANCE_FILE
from proofkit_core.export.packet_file import write_packet_json
from proofkit_core.export.pdf import page_data, prepare_print, write_pdf
from proofkit_core.export.proof import provenance_of, write_provenance
from proofkit_core.export.sheets import (
    write_bullets,
    write_inputs,
    write_post,
    write_readiness,
    write_talking_points,
)
from proofkit_core.export.sourced import require_sources, require_traced
from proofkit_core.export.word import write_word
from proofkit_core.packet import SAMPLE_DISCLOSURE, Packet


class Rendered(NamedTuple):
    """The files of a packet by name, and what had to be told about them."""

    files: Mapping[str, bytes]
    notices: tuple[str, ...]


def render_packet(packet: Packet, *, sources: bool = False) -> Rendered:
    """Render all files.

    Args:
        packet: The packet.
        sources: Add the source appendix to the Markdown work sample.

    Raises:
        ExportRefusedError: A carrier lacks its disclosure, a statement has no source, or the PDF would not be
            accessible.
    """
    document = document_of(packet)
    printed = prepare_print(document)
    files = _unattached(packet, document, sources=sources)
    page = page_data(printed.document)
    expected = expected_of(packet, document)
    carriers = {**files, PDF_FILE: page}
    require_disclosures(carriers, expected)
    require_sources(packet)
    require_traced(carriers, packet)
    provenance = write_provenance(provenance_of(packet, files, printed.document, sources=sources))
    require_disclosures({PROVENANCE_FILE: provenance}, expected)
    files[PDF_FILE] = write_pdf(page, provenance)
    files[PROVENANCE_FILE] = provenance
    return Rendered(files, printed.notices)


def expected_of(packet: Packet, document: Document) -> Expected:
    """Return the words that the carriers of a packet must hold."""
    company = packet.challenge.company
    return Expected(
        sentence=SAMPLE_DISCLOSURE.format(company=company), page_line=document.short_disclosure, company=company
    )


def _unattached(packet: Packet, document: Document, *, sources: bool) -> dict[str, bytes]:
    appendix = f"\n{write_appendix(packet)}" if sources else ""
    texts = {
        "work-sample.md": write_markdown(document) + appendix,
        "work-sample.html": write_html(document, packet),
        "linkedin-post.txt": write_post(packet),
        "resume-bullets.txt": write_bullets(packet),
        "talking-points.md": write_talking_points(packet),
        "your-inputs.md": write_inputs(packet),
        "readiness.md": write_readiness(packet),
        "resume.json": write_json_resume(packet),
        PACKET_FILE: write_packet_json(packet),
    }
    files = {name: text.encode() for name, text in texts.items()}
    files["work-sample.docx"] = write_word(document)
    return files
