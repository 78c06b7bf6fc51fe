"""Writes the last parts of the page: who wrote what, and where each sentence comes from."""

from collections.abc import Iterable
from html import escape

from proofkit_core.export.source_words import (
    KINDS,
    MEANINGS,
    TITLE,
    entries_of,
    is_inside,
    number_of,
    parts_of,
    shown_text,
    told_entry,
)
from proofkit_core.packet import EntryType, LedgerEntry, Packet, SourceKind, WhoWrote

SWITCH = (
    '<input type="checkbox" id="show-sources" class="switch">'
    '<label for="show-sources" class="switch">Show where each sentence comes from</label>'
    '<p class="legend"><span class="from-yours">the writer’s own</span> · <span class="from-brief">the brief’s</span>'
    " · hypothetical, without a mark. A number leads to the source.</p>"
)
"""Stands before the page's text: what it shows and hides follows it, so that no script is needed."""


_SHARES = "Share of the words that the writer typed, that a model drafted, and that a template supplied."


def ask(entry_id: str, kind: str) -> str:
    """Return the link behind a sentence that leads to its source; its number is drawn by the style, never copied.

    Args:
        entry_id: Id of the sentence in the ledger.
        kind: Kind of its source.
    """
    number = number_of(entry_id)
    told = KINDS[SourceKind(kind)]
    return f'<a class="ask" href="#from-{number}" aria-label="Source {number}: {told}" data-n="{number}"></a>'


def source_class(kind: str) -> str:
    """Return the style class of a kind of source."""
    return f"from-{SourceKind(kind).name.lower()}"


def write_who_wrote(packet: Packet) -> Iterable[str]:
    """Yield the table that says who wrote what."""
    if not packet.who_wrote:
        return
    yield '<section class="companion meter" id="who-wrote-what" aria-labelledby="who-wrote-what-title">'
    yield '<h2 id="who-wrote-what-title">Who wrote what</h2>'
    yield "<table>"
    yield f"<caption>{escape(_caption(packet.who_wrote))}</caption>"
    heads = ("Part", "Words", "Typed", "Model", "Template")
    yield "<thead><tr>" + "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead>"
    yield "<tbody>"
    yield from (_row(part) for part in packet.who_wrote)
    yield "</tbody>"
    yield "</table>"
    yield "</section>"


def _caption(parts: Iterable[WhoWrote]) -> str:
    models = dict.fromkeys(model for part in parts if part.model for model in (part.model, *part.others))
    if not models:
        return f"{_SHARES} Nothing was drafted by a model."
    named = "; ".join(f"{model.name} (weights {model.artifact_digest[:12]})" for model in models)
    return f"{_SHARES} The model: {named}."


def _row(part: WhoWrote) -> str:
    shares = (part.typed_share, part.drafted_share, part.supplied_share)
    cells = "".join(f"<td>{cell}</td>" for cell in (f"{part.words:,}", *(f"{share:.1%}" for share in shares)))
    return f'<tr><th scope="row" dir="auto">{escape(part.title)}</th>{cells}</tr>'


def write_sources(packet: Packet) -> Iterable[str]:
    """Yield the list of all sentences with their sources; a style shows one of them alone when it is asked for."""
    yield '<section class="companion sources" id="sources" aria-labelledby="sources-title">'
    yield f'<h2 id="sources-title">{TITLE}</h2>'
    yield "<dl>"
    yield from (f"<dt>{escape(kind)}</dt><dd>{escape(meaning)}</dd>" for kind, meaning in MEANINGS)
    yield "</dl>"
    for title, carriers in parts_of(packet):
        entries = entries_of(packet.ledger, carriers)
        if entries:
            yield f'<h3 dir="auto">{escape(title)}</h3>'
            yield "<ul>"
            yield from _listed(entries)
            yield "</ul>"
    yield "</section>"


def _listed(entries: list[LedgerEntry]) -> Iterable[str]:
    for entry in entries:
        if is_inside(entry):
            continue
        inner = [each for each in entries if each.id.startswith(f"{entry.id}.")]
        inside = f"<ul>{''.join(f'<li>{_told(each)}</li>' for each in inner)}</ul>" if inner else ""
        if entry.type is EntryType.SENTENCE:
            number = number_of(entry.id)
            back = f'<a class="back" href="#said-{number}">Back to sentence {number}</a>'
            yield f'<li id="from-{number}" data-n="{number}">{_told(entry)}{inside or " "}{back}</li>'
        else:
            yield f'<li dir="auto">This section shows: {_told(entry)}</li>'


def _told(entry: LedgerEntry) -> str:
    told = told_entry(entry)
    source = f"{KINDS[entry.kind]}: {told}" if told else KINDS[entry.kind]
    return f'<q dir="auto">{escape(shown_text(entry))}</q> <span class="source" dir="auto">{escape(source)}.</span>'
