"""Reads the rendered carriers back: what each file says, piece by piece, as a reader sees it."""

import json
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any, cast

from proofkit_core.blocks import parse_markdown
from proofkit_core.export.appendix import HEADING
from proofkit_core.export.guard import word_text
from proofkit_core.export.names import PDF_FILE
from proofkit_core.export.reading import words_of

_BLOCKS = frozenset(["p", "li", "h1", "h2", "h3", "th", "td", "pre", "blockquote", "section", "ul", "ol", "table"])
_NO_CONTENT = frozenset(["br", "input", "meta"])
_APART = frozenset(["sources", "meter"])
"""Classes of the parts that speak about the text and belong to none of it."""


def rendered_pieces(name: str, data: bytes) -> Iterator[str]:
    """Yield what a file says: its paragraphs, items and cells; nothing for a file that carries no statements.

    Args:
        name: The file's name.
        data: Its content; for the PDF the text handed to its writer.
    """
    read = _READERS.get(name)
    if read:
        yield from read(data)


def _markdown(data: bytes) -> Iterator[str]:
    text = data.decode().partition(f"\n{HEADING}\n")[0]
    return words_of(parse_markdown(text))


def _lines(data: bytes) -> Iterator[str]:
    return iter(data.decode().splitlines())


def _word(data: bytes) -> Iterator[str]:
    yield from word_text(data, "word/document.xml").split("\n")


def _page(data: bytes) -> Iterator[str]:
    page = _PageText()
    page.feed(data.decode())
    page.close()
    yield from page.pieces


class _PageText(HTMLParser):
    """Collects the text of a page's main part, block by block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._open: list[str] = []
        self._apart = 0
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = set((dict(attrs).get("class") or "").split())
        self._flush(tag)
        if tag in _NO_CONTENT:
            self._text += "\n" if self._text else ""
            return
        self._open.append(tag)
        if not self._apart and classes & _APART:
            self._apart = len(self._open)

    def handle_endtag(self, tag: str) -> None:
        self._flush(tag)
        while self._open and self._open.pop() != tag:
            pass
        if len(self._open) < self._apart:
            self._apart = 0

    def handle_data(self, data: str) -> None:
        if "main" in self._open and not self._apart:
            self._text += data

    def _flush(self, tag: str) -> None:
        if tag in _BLOCKS and self._text.strip():
            self.pieces.append(self._text)
            self._text = ""


def _printed(data: bytes) -> Iterator[str]:
    page = json.loads(data)
    yield page["title"]
    yield page["subtitle"]
    yield from _texts(page["disclosure"])
    yield from _texts(page["parts"])


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - walks JSON
    if isinstance(value, list):
        if value and isinstance(value[0], dict) and "cite" in value[0]:
            yield "".join(run["text"] for run in cast("list[dict[str, str]]", value))
            return
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _texts(item)
    elif isinstance(value, dict):
        if value.get("kind") == "code":  # pyright: ignore[reportUnknownMemberType]
            yield str(value["text"])  # pyright: ignore[reportUnknownArgumentType]
        for item in value.values():  # pyright: ignore[reportUnknownVariableType]
            yield from _texts(item)


def _resume(data: bytes) -> Iterator[str]:
    for project in json.loads(data)["projects"]:
        yield project["description"]
        yield from project["highlights"]
        yield from project["keywords"]


_READERS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "work-sample.md": _markdown,
    "work-sample.html": _page,
    "work-sample.docx": _word,
    PDF_FILE: _printed,
    "linkedin-post.txt": _lines,
    "resume-bullets.txt": _lines,
    "talking-points.md": _markdown,
    "resume.json": _resume,
}
