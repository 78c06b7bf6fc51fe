"""Writes blocks as Markdown that reads back as the same blocks."""

import re
from collections.abc import Iterable, Sequence

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
    Table,
)
from proofkit_core.export.document import Document

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
_BLOCK_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|={1,}\s*$|-{1,}\s*$|(\d+)([.)])(?=\s|$))")
_ENTITY = re.compile(r"&(?=#?\w+;)")


def write_markdown(document: Document) -> str:
    """Return the whole document as Markdown."""
    pieces = [f"# {inline(_plain(document.title))}", f"*{inline(document.disclosure.runs)}*"]
    if document.subtitle:
        pieces.append(inline(_plain(document.subtitle)))
    for part in document.parts:
        pieces.append(f"## {inline(part.heading.runs)}")
        pieces.append(blocks_to_markdown(part.blocks))
    return "\n\n".join(piece for piece in pieces if piece) + "\n"


def blocks_to_markdown(blocks: Iterable[Block]) -> str:
    """Return some blocks as Markdown, a blank line between two."""
    return "\n\n".join(_block(block) for block in blocks)


def escape(text: str) -> str:
    """Return text so that Markdown shows it as it is."""
    text = _ENTITY.sub(r"\\&", _SPECIAL.sub(r"\\\1", text))
    return "\n".join(_BLOCK_START.sub(_blunted, line) for line in text.split("\n"))


def _blunted(found: re.Match[str]) -> str:
    if found[3]:
        return f"{found[1]}{found[3]}\\{found[4]}"
    return f"{found[1]}\\{found[2]}"


def _plain(text: str) -> tuple[Run, ...]:
    return (Run(text=text),)


def inline(runs: Iterable[Run]) -> str:
    """Return runs as inline Markdown."""
    return "".join(_run(run) for run in runs)


def _run(run: Run) -> str:
    if run.cite:
        text = run.text  # `[S1]` is no link in Markdown, so it needs no escape and stays easy to search for
    elif run.code:
        ticks = "`" * (1 + max((len(found) for found in re.findall(r"`+", run.text)), default=0))
        text = f"{ticks} {run.text} {ticks}" if "`" in run.text else f"{ticks}{run.text}{ticks}"
    else:
        text = escape(run.text).replace("\n", "\\\n")
    mark = "***" if run.strong and run.emphasis else "**" if run.strong else "*" if run.emphasis else ""
    if not mark or not text.strip():
        return text
    body = text.strip()
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{lead}{mark}{body}{mark}{tail}"


def _block(block: Block) -> str:
    match block:
        case Table():
            made = _table(block)
        case BulletList():
            made = "\n".join(_item("- ", item) for item in block.items)
        case NumberedList():
            made = "\n".join(_item(f"{block.start + n}. ", item) for n, item in enumerate(block.items))
        case Quote():
            made = _indented("> ", "> ", blocks_to_markdown(block.blocks))
        case CodeBlock():
            fence = "`" * (3 + max((len(found) for found in re.findall(r"`{3,}", block.text)), default=0))
            made = f"{fence}\n{block.text}\n{fence}"
        case FactList():
            made = "\n".join(f"- [{fact.id}] {inline(fact.runs)}" for fact in block.facts)
        case Heading():
            made = f"### {inline(block.runs)}"
        case Paragraph() | Disclosure():
            made = inline(block.runs)
    return made


def _item(mark: str, blocks: Sequence[Block]) -> str:
    return _indented(mark, " " * len(mark), blocks_to_markdown(blocks))


def _indented(first: str, rest: str, text: str) -> str:
    lines = text.split("\n")
    return "\n".join(f"{first if n == 0 else rest}{line}".rstrip() for n, line in enumerate(lines))


def _table(table: Table) -> str:
    rows = [table.head, *table.rows]
    lines = ["| " + " | ".join(inline(cell).replace("\\\n", " ") for cell in row) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * len(table.head))
    return "\n".join(lines)
