"""Takes the words out of any PDF, paragraph by paragraph as far as the page shows them."""

import io
import logging
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from proofkit_core.checking.extracted import Block
from proofkit_core.errors import InputError

if TYPE_CHECKING:
    from pypdf import PageObject

_MAX_PAGES = 500
_LEADING = 1.7
"""Lines of one paragraph stand at most so many font sizes apart."""
_HEADING = 1.15
"""A paragraph that is so much larger than most of the text is a heading."""
_SAME_LINE = 0.3
_SAME_SIZE = 0.15
_COLUMN = 40.0
"""A line that begins so many points away from all of the line before stands in another cell or column."""


class _Fragment(NamedTuple):
    """What a PDF shows in one go."""

    x: float
    y: float
    size: float
    text: str


def read_pages(data: bytes, name: str) -> tuple[Block, ...]:
    """Return the paragraphs of a PDF; a word that is hyphenated at the end of a line is joined.

    Args:
        data: The file.
        name: What to call it in an error.

    Raises:
        InputError: It is damaged or locked.
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    # A damaged file is told once, by the error below; the reader's own remarks would only repeat it.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if len(reader.pages) > _MAX_PAGES:
            told = f"{name} has {len(reader.pages):,} pages; expected at most {_MAX_PAGES}. Check a shorter part of it."
            raise InputError(told)
        pages = [_fragments(page) for page in reader.pages]
    except (
        PyPdfError,
        DependencyError,
        zlib.error,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        RecursionError,
        OverflowError,
        NotImplementedError,
    ) as error:  # fmt: skip - a damaged PDF makes the reader fail in any of these ways
        told = f"{name} is damaged or locked and cannot be read ({error}). Save it again as a plain PDF."
        raise InputError(told) from error
    sizes: Counter[float] = Counter()
    for fragment in chain.from_iterable(pages):
        sizes[round(fragment.size, 1)] += len(fragment.text)
    heading = _HEADING * max(sizes, key=lambda size: sizes[size], default=0.0)
    return tuple(
        Block(f"# {' '.join(paragraph.split())}" if size > heading else paragraph, f"page {number}")
        for number, fragments in enumerate(pages, start=1)
        for paragraph, size in _paragraphs(fragments)
    )


def _fragments(page: "PageObject") -> list[_Fragment]:
    found: list[_Fragment] = []

    def take(text: str, outer: Sequence[float], own: Sequence[float], _font: Any, size: float) -> None:  # noqa: ANN401
        x = own[4] * outer[0] + own[5] * outer[2] + outer[4]
        y = own[4] * outer[1] + own[5] * outer[3] + outer[5]
        scale = abs(own[3] * outer[3]) or 1.0
        found.append(_Fragment(x, y, size * scale, text))

    page.extract_text(visitor_text=take)
    return found


def _paragraphs(fragments: Sequence[_Fragment]) -> Iterator[tuple[str, float]]:
    """Yield the text of a page with its size, cut where a gap, another size or column shows that something begins."""
    columns = _columns(fragments)
    size = 0.0
    pieces: list[str] = []
    line: list[_Fragment] = []
    breaks = False
    for fragment in fragments:
        breaks = breaks or "\n" in fragment.text
        if not fragment.text.strip():
            pieces.append("" if "\n" in fragment.text else fragment.text)
            continue
        is_new = _is_new(line, fragment) if breaks and line else bool(line) and round(fragment.x) in columns
        if is_new:
            yield from _joined(pieces, size)
            pieces = []
        if breaks or is_new:
            pieces.append("\n")
            line = []
        size = fragment.size if not any(map(str.strip, pieces)) else size
        line.append(fragment)
        pieces.append(fragment.text.strip("\n"))
        breaks = fragment.text.endswith("\n")
    yield from _joined(pieces, size)


def _columns(fragments: Sequence[_Fragment]) -> frozenset[int]:
    """Return where the further columns of tables begin: where more than one line begins, far to the right."""
    starts: Counter[int] = Counter()
    breaks = True
    for fragment in fragments:
        breaks = breaks or "\n" in fragment.text
        if fragment.text.strip():
            starts[round(fragment.x)] += breaks
            breaks = fragment.text.endswith("\n")
    first = min(starts, default=0)
    return frozenset(x for x, count in starts.items() if count > 1 and x > first + _COLUMN)


def _is_new(line: Sequence[_Fragment], following: _Fragment) -> bool:
    first = line[0]
    down = first.y - following.y
    if abs(down) < _SAME_LINE * first.size:
        return False
    return (
        not 0 < down <= _LEADING * max(first.size, following.size)
        or abs(first.size - following.size) > _SAME_SIZE * first.size
        or min(abs(each.x - following.x) for each in line) > _COLUMN
    )


def _joined(pieces: Sequence[str], size: float) -> Iterator[tuple[str, float]]:
    text = "".join(pieces).replace("\N{SOFT HYPHEN}\n", "").strip()
    if text:
        # A broken font table can bring in halves of characters, which no text can hold.
        yield text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), size
