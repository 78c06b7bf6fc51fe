"""Finds the parts of a text whose figures are labelled together: below a heading, a lead-in, in a row or a section."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from proofkit_core.integrity.figures.notation import figure_pattern
from proofkit_core.integrity.metrics.labels import find_declaration, says_label
from proofkit_core.integrity.reading.passages import Passage, PassageKind, read_passages

_LISTED = frozenset({PassageKind.ITEM, PassageKind.CELL})
_SHORT = 40
"""A cell that labels its row from the side is no longer."""


class Surroundings(NamedTuple):
    """What surrounds the passages of a text; a passage is known by where it begins."""

    labelled: frozenset[int]
    """Passages whose figures are labelled by something outside of them."""
    row_labels: Mapping[int, str]
    """For a table cell: the first cell of its row, in plain lower case."""


@lru_cache(maxsize=8)
def read_surroundings(text: str) -> Surroundings:
    """Return what labels the passages of a text from outside.

    Args:
        text: The original, whole.
    """
    if "|" not in text and not figure_pattern("any_mark").search(text.lower()):
        return Surroundings(frozenset(), {})
    passages = [passage for passage in read_passages(text) if passage.kind is not PassageKind.STRING]
    plain = [_plain(text, passage) for passage in passages]
    rows: dict[int, list[int]] = defaultdict(list)
    for number, passage in enumerate(passages):
        if passage.kind is PassageKind.CELL and not passage.is_header:
            rows[passage.row].append(number)
    labels = {passages[n].spans[0][0]: plain[cells[0]] for cells in rows.values() for n in cells[1:]}
    marked = {n for cells in rows.values() if _labels_row([plain[n] for n in cells]) for n in cells}
    marked |= set(_below_heading(passages, plain)) | set(_below_lead_in(text, passages, plain))
    marked |= set(_declared(text, passages, plain))
    return Surroundings(frozenset(passages[number].spans[0][0] for number in marked), labels)


def _plain(text: str, passage: Passage) -> str:
    whole = " ".join(text[start:end] for start, end in passage.spans)
    return whole.translate({ord(mark): None for mark in "*_`~"}).lower().strip()


def _labels_row(cells: Sequence[str]) -> bool:
    return says_label(cells[0]) or any(
        len(cell) <= _SHORT and not any(char.isdigit() for char in cell) and says_label(cell) for cell in cells[1:]
    )


def _below_heading(passages: Sequence[Passage], plain: Sequence[str]) -> Iterator[int]:
    """Yield what stands below a heading that labels, up to the next heading."""
    labels = False
    for number, passage in enumerate(passages):
        if passage.kind is PassageKind.HEADING:
            has_figure = any(char.isdigit() for char in plain[number])
            labels = not has_figure and says_label(plain[number])
        elif labels:
            yield number


def _below_lead_in(text: str, passages: Sequence[Passage], plain: Sequence[str]) -> Iterator[int]:
    """Yield the list or the table behind a line that labels it and ends in a colon."""
    labels, kinds, indent = False, _LISTED, -1
    for number, passage in enumerate(passages):
        inside = labels and passage.kind in kinds and _indent(text, passage) > indent
        if inside:
            yield number
            continue
        is_title = passage.kind is PassageKind.TEXT and plain[number][-1:] not in {".", "!", "?"}
        labels = passage.kind in {PassageKind.TEXT, PassageKind.ITEM} and (
            plain[number].endswith(":") or (is_title and len(plain[number]) <= _SHORT)
        )
        labels = labels and says_label(plain[number][max(0, plain[number].rfind(". ")) :])
        indent = _indent(text, passage) if passage.kind is PassageKind.ITEM else -1


def _indent(text: str, passage: Passage) -> int:
    start = passage.spans[0][0]
    return start - (text.rfind("\n", 0, start) + 1)


def _declared(text: str, passages: Sequence[Passage], plain: Sequence[str]) -> Iterator[int]:
    """Yield the section of each sentence such as `These figures are hypothetical`."""
    levels: list[int] = []
    for number, passage in enumerate(passages):
        start = passage.spans[0][0]
        is_heading = passage.kind is PassageKind.HEADING
        levels.append(text[text.rfind("\n", 0, start) + 1 : start].count("#") if is_heading else 0)
        words = find_declaration(plain[number])
        if words is None or not figure_pattern("here_only").search(words) or passage.kind is PassageKind.CODE:
            continue
        first = next((n for n in range(number, -1, -1) if levels[n]), 0)
        yield from range(number if "below" in words or "following" in words else first, number + 1)
        yield from _rest_of_section(text, passages, number, levels[first] if levels else 0)


def _rest_of_section(text: str, passages: Sequence[Passage], number: int, level: int) -> Iterator[int]:
    for later in range(number + 1, len(passages)):
        start = passages[later].spans[0][0]
        if passages[later].kind is PassageKind.HEADING:
            own = text[text.rfind("\n", 0, start) + 1 : start].count("#")
            if level and own <= level:
                return
        yield later
