"""Writes the source appendix of the Markdown work sample: every statement with where it comes from."""

from collections.abc import Iterable, Iterator

from proofkit_core.blocks import plain_runs
from proofkit_core.export.markdown import escape, inline
from proofkit_core.export.source_words import (
    KINDS,
    MEANINGS,
    TITLE,
    entries_of,
    is_inside,
    parts_of,
    shown_text,
    told_entry,
)
from proofkit_core.packet import EntryType, LedgerEntry, Packet

HEADING = f"## {TITLE}"
_WHOLE = 10_000
"""Statements are not cut here: the appendix may be read without the page beside it."""


def write_appendix(packet: Packet) -> str:
    """Return the appendix as Markdown, one list item for each entry of the ledger, by its id."""
    return "\n\n".join(_pieces(packet)) + "\n"


def _pieces(packet: Packet) -> Iterator[str]:
    yield HEADING
    yield "\n".join(f"- **{kind}**: {meaning}" for kind, meaning in MEANINGS)
    for title, carriers in parts_of(packet):
        entries = entries_of(packet.ledger, carriers)
        if entries:
            yield f"### {escape(title)}"
            yield "\n".join(_items(entries))


def _items(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    for entry in entries:
        told = told_entry(entry)
        source = f"*{KINDS[entry.kind]}*: {escape(told)}" if told else f"*{KINDS[entry.kind]}*"
        shows = "shows " if entry.type is EntryType.SKILL and not is_inside(entry) else ""
        indent = "  " if is_inside(entry) else ""
        yield f"{indent}- {entry.id} {shows}“{inline(plain_runs(shown_text(entry, _WHOLE)))}” {source}."
