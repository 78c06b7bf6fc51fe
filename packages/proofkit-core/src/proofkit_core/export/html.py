"""Writes the packet as one HTML file: the work sample, then post, bullets and talking points as further sections."""

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files
from itertools import groupby

from proofkit_core.blocks import (
    Block,
    BulletList,
    CodeBlock,
    Disclosure,
    Fact,
    FactList,
    Heading,
    NumberedList,
    Paragraph,
    Quote,
    Run,
    Runs,
    Table,
    plain_text,
)
from proofkit_core.export.document import Document, Part
from proofkit_core.export.html_sources import SWITCH, ask, source_class, write_sources, write_who_wrote
from proofkit_core.export.letters import letters_in
from proofkit_core.export.said import mark_blocks, mark_text
from proofkit_core.export.source_words import entries_of, number_of
from proofkit_core.packet import LedgerEntry, Packet

_WIDE = 5
"""Columns from which a table may be wider than the text."""


def write_html(document: Document, packet: Packet) -> str:
    """Return the page as one file with its style inside, without scripts and without anything to load."""
    keywords = escape(", ".join(document.keywords))
    head = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f'<meta name="description" content="{escape(document.disclosure_text)}">',
        f'<meta name="keywords" content="{keywords}">',
        *([f'<meta name="author" content="{escape(document.author)}">'] if document.author else []),
        f"<title>{escape(document.title)} (simulated work sample)</title>",
        f"<style>\n{_stylesheet()}</style>",
    ]
    body = [
        f'<p class="banner" role="note">{escape(document.short_disclosure)}</p>',
        SWITCH,
        "<main>",
        *_sample(document, packet),
        *_companions(packet),
        *write_who_wrote(packet),
        *write_sources(packet),
        "</main>",
        f"<footer><p>{escape(document.disclosure_text)}</p></footer>",
    ]
    lines = ["<!DOCTYPE html>", f'<html lang="{escape(document.language)}">', "<head>", *head, "</head>", "<body>"]
    return "\n".join([*lines, *body, "</body>", "</html>"]) + "\n"


@cache
def _stylesheet() -> str:
    return files("proofkit_core.export").joinpath("data/page.css").read_text(encoding="utf-8")


def _sample(document: Document, packet: Packet) -> Iterable[str]:
    yield f'<article aria-label="{escape(document.title)}">'
    yield "<header>"
    yield f'<h1 id="title" dir="auto">{_said(packet, "title", document.title)}</h1>'
    yield from map(_block, mark_blocks((document.disclosure,), _entries(packet, "disclosure")))
    yield f'<p class="subtitle" dir="auto">{_said(packet, "subtitle", document.subtitle)}</p>'
    yield "</header>"
    carriers = [*(f"work_sample.{section.id}" for section in packet.sample.sections), "about"]
    for part, carrier in zip(document.parts, carriers, strict=True):
        yield from _part(part.model_copy(update={"blocks": mark_blocks(part.blocks, _entries(packet, carrier))}))
    yield "</article>"


def _entries(packet: Packet, carrier: str) -> list[LedgerEntry]:
    return entries_of(packet.ledger, (carrier,))


def _said(packet: Packet, carrier: str, text: str) -> str:
    """Return plain text in which each sentence can be asked for its source."""
    return inline(mark_text(text, _entries(packet, carrier)))


def _part(part: Part) -> Iterable[str]:
    yield f'<section id="{part.id}" aria-labelledby="{part.id}-title">'
    yield f'<h2 id="{part.id}-title" dir="auto">{inline(part.heading.runs)}</h2>'
    yield from (_block(block) for block in part.blocks)
    yield "</section>"


def _companions(packet: Packet) -> Iterable[str]:
    """Return what travels beside the sample, each as its own section."""
    yield '<section class="companion" id="linkedin-post" aria-labelledby="linkedin-post-title">'
    yield '<h2 id="linkedin-post-title">LinkedIn post</h2>'
    paragraphs = tuple(Paragraph(runs=(Run(text=text.strip()),)) for text in packet.post.text.split("\n\n"))
    yield from map(_block, mark_blocks(paragraphs, _entries(packet, "post")))
    yield "</section>"
    yield '<section class="companion" id="resume-bullets" aria-labelledby="resume-bullets-title">'
    yield '<h2 id="resume-bullets-title">Résumé bullets</h2>'
    yield f'<p class="place">For the heading “{escape(packet.bullets.heading)}”, never under employment.</p>'
    yield "<ul>"
    for number, item in enumerate(packet.bullets.items):
        yield f'<li dir="auto">{_said(packet, f"bullets[{number}]", item)}</li>'
    yield "</ul>"
    yield "</section>"
    yield '<section class="companion" id="talking-points" aria-labelledby="talking-points-title">'
    yield '<h2 id="talking-points-title">Talking points</h2>'
    for number, item in enumerate(packet.talking_points.items):
        carrier = f"talking_points[{number}]"
        yield f'<h3 dir="auto">{_said(packet, f"{carrier}.question", item.question)}</h3>'
        yield f'<p dir="auto">{_said(packet, f"{carrier}.answer", item.answer)}</p>'
    yield "</section>"


def inline(runs: Iterable[Run]) -> str:
    """Return runs as inline HTML; a citation links to its fact, a statement to its source."""
    pieces: list[str] = []
    for said, group in groupby(runs, lambda run: run.said):
        text = "".join(map(_run, group))
        if said is None:
            pieces.append(text)
        elif not said.first:
            pieces.append(f'<span class="said {source_class(said.kind)}">{text}</span>')
        else:
            place = f'id="said-{number_of(said.id)}"'
            pieces.append(
                f'<span class="said {source_class(said.kind)}" {place}>{text}</span>{ask(said.id, said.kind)}'
            )
    return "".join(pieces)


def _run(run: Run) -> str:
    text = escape(run.text).replace("\n", "<br>")
    if run.cite:
        text = f'<a class="cite" href="#fact-{run.cite}">{text}</a>'
    for wanted, tag in ((run.code, "code"), (run.emphasis, "em"), (run.strong, "strong")):
        if wanted:
            text = f"<{tag}>{text}</{tag}>"
    return text


def _block(block: Block) -> str:
    match block:
        case Table():
            made = _table(block)
        case BulletList():
            made = f"<ul>\n{_items(block.items)}\n</ul>"
        case NumberedList():
            start = f' start="{block.start}"' if block.start != 1 else ""
            made = f"<ol{start}>\n{_items(block.items)}\n</ol>"
        case Quote():
            made = "<blockquote>\n" + "\n".join(map(_block, block.blocks)) + "\n</blockquote>"
        case CodeBlock():
            made = f"<pre><code>{_code(block)}</code></pre>"
        case FactList():
            made = '<ul class="facts">\n' + "\n".join(map(_fact, block.facts)) + "\n</ul>"
        case Disclosure():
            made = f'<p class="disclosure">{inline(block.runs)}</p>'
        case Heading():
            made = f'<h3 dir="auto">{inline(block.runs)}</h3>'
        case Paragraph():
            made = f'<p dir="auto">{inline(block.runs)}</p>'
    return made


def _code(block: CodeBlock) -> str:
    """Return lines of code; each one that says something is a statement of its own."""
    said = iter(block.said)
    lines = (Run(text=line, said=next(said, None) if letters_in(line) else None) for line in block.text.split("\n"))
    return "\n".join(inline((line,)) for line in lines)


def _fact(fact: Fact) -> str:
    mark = f'<span class="fact-id">[{fact.id}]</span>'
    return f'<li id="fact-{fact.id}">{mark} <span>{inline(fact.runs)}</span></li>'


def _items(items: Iterable[tuple[Block, ...]]) -> str:
    return "\n".join(f'<li dir="auto">{_item(blocks)}</li>' for blocks in items)


def _item(blocks: tuple[Block, ...]) -> str:
    if len(blocks) == 1 and blocks[0].kind == "paragraph":
        return inline(blocks[0].runs)
    return "\n" + "\n".join(_block(block) for block in blocks) + "\n"


def _table(table: Table) -> str:
    head = "".join(f'<th role="columnheader" scope="col" dir="auto">{inline(cell)}</th>' for cell in table.head)
    rows = "\n".join(f'<tr role="row">{_row(row, table.head)}</tr>' for row in table.rows)
    columns = " wide" if len(table.head) >= _WIDE else ""
    return (
        f'<table role="table" class="stack{columns}">\n<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{rows}\n</tbody>\n</table>'
    )


def _row(row: tuple[Runs, ...], head: tuple[Runs, ...]) -> str:
    """Return the cells; the first names its row, and each carries its column's name for the narrow layout.

    The roles are written out, since browsers forget them where the style stacks the cells.
    """
    cells: list[str] = []
    for number, (cell, title) in enumerate(zip(row, head, strict=True)):
        label = escape(plain_text(title))
        if number == 0:
            cells.append(f'<th role="rowheader" scope="row" dir="auto" data-label="{label}">{inline(cell)}</th>')
        else:
            cells.append(f'<td role="cell" dir="auto" data-label="{label}">{inline(cell)}</td>')
    return "".join(cells)
