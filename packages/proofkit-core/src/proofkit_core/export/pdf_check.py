"""Compares the words of a PDF with the digests in its provenance."""

import itertools
from typing import NamedTuple

from proofkit_core.errors import PacketFileError
from proofkit_core.export.pdf_text import PdfContent, read_pdf
from proofkit_core.export.proof import Provenance
from proofkit_core.export.reading import OPENING, PassageDigest, digest_letters, letters_of

_PROPERTY_WORDS = "simulated work sample"


class PdfFault(NamedTuple):
    """Something in a PDF that is not as it was written."""

    problem: str
    where: str = ""
    undisclosed: bool = False


def check_pdf(data: bytes, provenance: Provenance) -> list[PdfFault]:
    """Return what is wrong with a PDF's words, disclosure and properties.

    Args:
        data: The PDF.
        provenance: What it must say.
    """
    try:
        content = read_pdf(data)
    except PacketFileError as error:
        return [PdfFault(problem=f"cannot be read: {error}")]
    body = letters_of(content.body)
    return [
        *_disclosure_faults(content, body, provenance),
        *_passage_faults(body, provenance.pdf_text),
        *_margin_faults(content, body, provenance),
        *(PdfFault(problem=f"holds {found}, which ProofKit does not write") for found in content.foreign),
    ]


def _disclosure_faults(content: PdfContent, body: str, provenance: Provenance) -> list[PdfFault]:
    faults: list[PdfFault] = []
    if letters_of(provenance.disclosure) not in body:
        faults.append(PdfFault("its text does not hold the disclosure sentence", OPENING, undisclosed=True))
    line = letters_of(provenance.page_disclosure)
    without = [str(n) for n, margin in enumerate(content.margins, 1) if line not in letters_of(margin)]
    if without:
        faults.append(PdfFault("its footer lacks the disclosure", f"page {', '.join(without)}", undisclosed=True))
    if _PROPERTY_WORDS not in content.properties.lower():
        faults.append(PdfFault("its document properties lack the disclosure", undisclosed=True))
    return faults


def _passage_faults(body: str, passages: tuple[PassageDigest, ...]) -> list[PdfFault]:
    """Compare part by part; after a part of another length, go on at the title of the next one."""
    faults: list[PdfFault] = []
    position = 0
    for passage, following in itertools.zip_longest(passages, passages[1:]):
        end = position + passage.characters
        if digest_letters(body[position:end], in_order=passage.in_order) == passage.sha256:
            position = end
            continue
        faults.append(PdfFault("its words were changed", f"section “{passage.title}”"))
        if following is None:
            return faults
        found = _next_start(body, position, following)
        if found is None:
            return faults  # what follows cannot be told apart any more
        position = found
    if position < len(body):
        faults.append(PdfFault("words were added at its end", f"“{body[position : position + 40]}”"))
    return faults


def _next_start(body: str, position: int, following: PassageDigest) -> int | None:
    """Return where the next part begins: the place after its title's letters that fits its digest, or the first."""
    title = letters_of(following.title)
    found = body.find(title, position)
    first = found if found >= 0 else None
    while found >= 0:
        piece = body[found : found + following.characters]
        if digest_letters(piece, in_order=following.in_order) == following.sha256:
            return found
        found = body.find(title, found + 1)
    return first


def _margin_faults(content: PdfContent, body: str, provenance: Provenance) -> list[PdfFault]:
    """Allow in the margins only the footer, the page number and table heads that repeat."""
    line, pages = letters_of(provenance.page_disclosure), len(content.margins)
    for number, margin in enumerate(content.margins, 1):
        rest = letters_of(margin).replace(line, "\n", 1).replace(f"{number}/{pages}", "\n", 1)
        if any(piece not in body for piece in rest.split("\n")):
            return [PdfFault("its margin holds other words", f"page {number}")]
    return []
