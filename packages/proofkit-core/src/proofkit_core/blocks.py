"""The block model: what a document is made of, whatever file it is written to.

A section body is Markdown. It is parsed once, here, and the Markdown, HTML, PDF and Word writers all read the blocks.
Raw HTML has no meaning in it: tags are shown as the text they are.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Literal, Union

from pydantic import BaseModel

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

_CITATION = re.compile(r"\[(S\d+)\]")
_SPACES = re.compile(r"[ \t\r\f\v]+")


class Said(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The statement that a stretch of text belongs to."""

    id: str
    """Id of its entry in the ledger."""
    kind: str
    """The kind of its source, such as `yours`."""
    first: bool = True
    """The stretch in which the statement begins; a statement may go on in another block."""


class Run(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A stretch of text in one style. A line break inside a paragraph is a newline character."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    cite: str = ""
    """Id of the scenario fact that the text `[S1]` points to."""
    said: Said | None = None
    """Set only where a format shows where each statement comes from."""


Runs = tuple[Run, ...]


class Heading(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A heading; 1 is the title of the document, 2 a section, 3 a part of a section."""

    kind: Literal["heading"] = "heading"
    level: int
    runs: Runs
    anchor: str = ""


class Paragraph(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A paragraph."""

    kind: Literal["paragraph"] = "paragraph"
    runs: Runs


class Disclosure(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The sentence that says what is real; every document carries it right under its title."""

    kind: Literal["disclosure"] = "disclosure"
    runs: Runs


class CodeBlock(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Lines shown exactly as they are."""

    kind: Literal["code"] = "code"
    text: str
    said: tuple[Said, ...] = ()
    """Its statements; see `Run`."""


class Fact(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One fact of the exercise, the target of its citations."""

    id: str
    runs: Runs


class FactList(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The facts of the exercise with their ids."""

    kind: Literal["facts"] = "facts"
    facts: tuple[Fact, ...]


class Table(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A table with a header row; every row has as many cells as the header."""

    kind: Literal["table"] = "table"
    head: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]


class BulletList(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A list whose order means nothing."""

    kind: Literal["bullets"] = "bullets"
    items: "tuple[tuple[Block, ...], ...]"


class NumberedList(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A list whose order means something."""

    kind: Literal["numbers"] = "numbers"
    start: int = 1
    items: "tuple[tuple[Block, ...], ...]"


class Quote(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A block quote."""

    kind: Literal["quote"] = "quote"
    blocks: "tuple[Block, ...]"


Block = Union[  # noqa: UP007 - a recursive alias that pydantic resolves by name
    Heading, Paragraph, Disclosure, CodeBlock, FactList, Table, BulletList, NumberedList, Quote
]

for _recursive in (BulletList, NumberedList, Quote):
    _recursive.model_rebuild()


def plain_runs(text: str) -> Runs:
    """Return plain text as runs, its citations marked."""
    return tuple(_cited(Run(text=text)))


def plain_text(runs: Iterable[Run]) -> str:
    """Return the words of some runs without their styles."""
    return "".join(run.text for run in runs)


def starts_rtl(text: str) -> str:
    """Return `he` or `ar` for a text whose first letter is read from right to left; empty for others."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in {"L", "R", "AL"}:
            return {"L": "", "R": "he", "AL": "ar"}[kind]
    return ""


def parse_markdown(text: str) -> tuple[Block, ...]:
    """Parse a section body: paragraphs, lists, tables, quotes, code, bold and italic.

    Headings become level 3, so that they fit under their section. Links are shown as text with their address, images
    as their description.
    """
    from markdown_it.tree import SyntaxTreeNode  # noqa: PLC0415 - 0.1 s, only when something is written

    return _blocks(SyntaxTreeNode(_parser().parse(text)).children)


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415 - see `parse_markdown`

    # Reference definitions are off: a line `[S1]: …` typed by a person must not vanish or take over the citations,
    # and entities are off: `&lt;` is shown as it was typed.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    return parser.disable(["reference", "html_block", "html_inline", "autolink", "entity"])


def _blocks(nodes: "Iterable[SyntaxTreeNode]") -> tuple[Block, ...]:
    return tuple(block for node in nodes for block in _block(node))


def _block(node: "SyntaxTreeNode") -> Iterator[Block]:
    match node.type:
        case "paragraph":
            yield Paragraph(runs=_runs(node))
        case "heading":
            yield Heading(level=3, runs=_runs(node))
        case "bullet_list":
            yield BulletList(items=tuple(_blocks(item.children) for item in node.children))
        case "ordered_list":
            start = int(node.attrs.get("start", 1))
            yield NumberedList(start=start, items=tuple(_blocks(item.children) for item in node.children))
        case "blockquote":
            yield Quote(blocks=_blocks(node.children))
        case "table":
            yield _table(node)
        case "fence" | "code_block":
            yield CodeBlock(text=node.content.rstrip("\n"))
        case _:  # a thematic break carries no words
            return


def _table(node: "SyntaxTreeNode") -> Table:
    rows = [tuple(_runs(cell) for cell in row.children) for part in node.children for row in part.children]
    return Table(head=rows[0], rows=tuple(rows[1:]))


def _runs(node: "SyntaxTreeNode") -> Runs:
    found = [run for child in node.children for run in _inline(child, Run(text=""))]
    return tuple(piece for run in _joined(found) for piece in _cited(run))


def _inline(node: "SyntaxTreeNode", style: Run) -> Iterator[Run]:
    match node.type:
        case "text" | "text_special":
            yield style.model_copy(update={"text": _SPACES.sub(" ", node.content)})
        case "softbreak":
            yield style.model_copy(update={"text": " "})
        case "hardbreak":
            yield style.model_copy(update={"text": "\n"})
        case "code_inline":
            yield style.model_copy(update={"text": node.content, "code": True})
        case "image":
            yield style.model_copy(update={"text": node.content or str(node.attrs.get("src", ""))})
        case _:
            yield from _nested(node, style)


def _nested(node: "SyntaxTreeNode", style: Run) -> Iterator[Run]:
    styles = {"strong": {"strong": True}, "em": {"emphasis": True}}
    inner = style.model_copy(update=styles.get(node.type, {}))
    for child in node.children:
        yield from _inline(child, inner)
    if node.type == "link":
        yield style.model_copy(update={"text": f" ({node.attrs.get('href', '')})"})


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    """Join neighbours of one style, so that a citation is never cut in two."""
    last: Run | None = None
    for run in runs:
        if last is not None and last.model_copy(update={"text": ""}) == run.model_copy(update={"text": ""}):
            last = last.model_copy(update={"text": last.text + run.text})
            continue
        if last is not None and last.text:
            yield last
        last = run
    if last is not None and last.text:
        yield last


def _cited(run: Run) -> Iterator[Run]:
    if run.code:
        yield run
        return
    for position, piece in enumerate(_CITATION.split(run.text)):
        if position % 2:
            yield run.model_copy(update={"text": f"[{piece}]", "cite": piece})
        elif piece:
            yield run.model_copy(update={"text": piece})
