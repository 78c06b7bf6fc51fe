"""Marks in a document which statement each stretch of text belongs to, so that a reader can ask for its source."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from proofkit_core.blocks import (
    Block,
    BulletList,
    CodeBlock,
    Disclosure,
    FactList,
    Heading,
    NumberedList,
    Paragraph,
    Quote,
    Run,
    Runs,
    Said,
    Table,
    plain_text,
)
from proofkit_core.export.letters import letters_in, letters_with_places
from proofkit_core.export.reading import words_of
from proofkit_core.packet import EntryType, LedgerEntry

Change = Callable[[Runs], Runs]


class _Saying(NamedTuple):
    """A statement, or a part of it, with its place in the text of a unit."""

    start: int
    end: int
    said: Said


def mark_blocks(blocks: Sequence[Block], entries: Iterable[LedgerEntry]) -> tuple[Block, ...]:
    """Return blocks whose runs know the statement they belong to.

    Args:
        blocks: The blocks of one carrier.
        entries: The carrier's part of the ledger, in order.
    """
    units = list(_units(blocks))
    sayings = iter(_placed(units, [entry for entry in entries if entry.type is EntryType.SENTENCE]))
    return tuple(_mapped(block, lambda runs: _cut(runs, next(sayings)), lambda: next(sayings)) for block in blocks)


def mark_text(text: str, entries: Iterable[LedgerEntry]) -> Runs:
    """Return a line or paragraph of plain text as runs that know their statement."""
    (block,) = mark_blocks((Paragraph(runs=(Run(text=text),)),), entries)
    return block.runs if isinstance(block, Paragraph) else ()


def _units(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the text of whatever `_mapped` visits, in its order."""
    for block in blocks:
        if isinstance(block, FactList):
            yield from (plain_text(fact.runs) for fact in block.facts)
        elif isinstance(block, BulletList | NumberedList):
            for item in block.items:
                yield from _units(item)
        elif isinstance(block, Quote):
            yield from _units(block.blocks)
        else:
            yield from words_of([block])


def _placed(units: Sequence[str], entries: Sequence[LedgerEntry]) -> list[list[_Saying]]:
    """Return the statements of each unit: each is looked for behind the one before it."""
    read = [letters_with_places(unit) for unit in units]
    stream = "".join(letters for letters, _ in read)
    where = [(unit, place) for unit, (_, places) in enumerate(read) for place in places]
    found: list[list[_Saying]] = [[] for _ in units]
    at = 0
    missed: list[LedgerEntry] = []
    for entry in entries:
        letters = letters_in(entry.text)
        start = stream.find(letters, at) if letters else -1
        if start < 0:
            missed.append(entry)
            continue
        if missed and start > at:  # a form that another reader of Markdown shows in other words
            _add(found, where[at:start], missed[0])
        missed = []
        _add(found, where[start : start + len(letters)], entry)
        at = start + len(letters)
    if missed and at < len(where):
        _add(found, where[at:], missed[0])
    return [_widened(unit, sayings) for unit, sayings in zip(units, found, strict=True)]


def _add(found: list[list[_Saying]], letters: Sequence[tuple[int, int]], entry: LedgerEntry) -> None:
    for unit in dict.fromkeys(unit for unit, _ in letters):
        places = [place for where, place in letters if where == unit]
        said = Said(id=entry.id, kind=entry.kind, first=unit == letters[0][0])
        found[unit].append(_Saying(places[0], places[-1] + 1, said))


def _widened(unit: str, sayings: Sequence[_Saying]) -> list[_Saying]:
    """Give each statement the marks around its letters: up to the space before the next one."""
    widened: list[_Saying] = []
    start = 0
    for number, saying in enumerate(sayings):
        following = sayings[number + 1].start if number + 1 < len(sayings) else len(unit)
        gap = unit[saying.end : following]
        space = next((n for n, char in enumerate(gap) if char.isspace()), len(gap))
        end = len(unit.rstrip()) if number + 1 == len(sayings) and not letters_in(gap) else saying.end + space
        first = start if not letters_in(unit[start : saying.start]) else saying.start
        first += len(unit[first : saying.start]) - len(unit[first : saying.start].lstrip())
        widened.append(_Saying(first, max(end, saying.end), saying.said))
        start = max(end, saying.end)
    return widened


def _cut(runs: Runs, sayings: Sequence[_Saying]) -> Runs:
    edges = sorted({place for saying in sayings for place in (saying.start, saying.end)})
    pieces: list[Run] = []
    offset = 0
    for run in runs:
        end = offset + len(run.text)
        cuts = [offset, *(edge for edge in edges if offset < edge < end), end]
        for low, high in pairwise(cuts):
            said = next((s.said for s in sayings if s.start <= low and high <= s.end), None)
            pieces.append(run.model_copy(update={"text": run.text[low - offset : high - offset], "said": said}))
        offset = end
    return tuple(pieces)


def _mapped(block: Block, change: Change, skip: Callable[[], Sequence[_Saying]]) -> Block:
    """Return a block with its runs changed, in reading order."""
    match block:
        case Table():
            head = tuple(change(cell) for cell in block.head)
            made = block.model_copy(
                update={"head": head, "rows": tuple(tuple(change(cell) for cell in row) for row in block.rows)}
            )
        case BulletList() | NumberedList():
            items = tuple(tuple(_mapped(inner, change, skip) for inner in item) for item in block.items)
            made = block.model_copy(update={"items": items})
        case Quote():
            blocks = tuple(_mapped(inner, change, skip) for inner in block.blocks)
            made = block.model_copy(update={"blocks": blocks})
        case CodeBlock():
            made = block.model_copy(update={"said": tuple(saying.said for saying in skip())})
        case FactList():
            facts = tuple(fact.model_copy(update={"runs": change(fact.runs)}) for fact in block.facts)
            made = block.model_copy(update={"facts": facts})
        case Heading() | Paragraph() | Disclosure():
            made = block.model_copy(update={"runs": change(block.runs)})
    return made
