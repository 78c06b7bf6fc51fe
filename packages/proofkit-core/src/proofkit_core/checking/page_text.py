"""Takes the words out of an HTML page as plain blocks, each character with its place in the page."""

from collections.abc import Collection
from html import unescape
from html.parser import HTMLParser
from itertools import accumulate
from typing import NamedTuple

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "details", "div", "dl", "dt",
     "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav",
     "ol", "p", "pre", "section", "summary", "table", "ul")
)  # fmt: skip
_SILENT = frozenset({"script", "style", "title", "template"})
_CELLS = frozenset({"td", "th"})
_MARKS = {f"h{level}": f"{'#' * level} " for level in range(1, 7)} | {"li": "- "}


class PageText(NamedTuple):
    """What a reader sees."""

    text: str
    """Blocks with an empty line between two; headings, list items and table rows are marked as in Markdown."""
    places: tuple[int, ...]
    """Where each character, and the end, stands in the page."""


def read_page(page: str, *, passed_over: Collection[str] = ()) -> PageText:
    """Return the words of an HTML page; what it holds beside words is passed over.

    Args:
        page: The page.
        passed_over: Ids of sections that are not read.
    """
    reader = _Reader(page, passed_over)
    reader.feed(page)
    reader.close()
    return PageText("".join(reader.chars), (*reader.places, len(page)))


class _Reader(HTMLParser):  # the standard library hands out what it reads in no other way
    def __init__(self, page: str, passed_over: Collection[str]) -> None:
        super().__init__(convert_charrefs=False)
        self.chars: list[str] = []
        self.places: list[int] = []
        self._lines = [0, *accumulate(len(line) + 1 for line in page.split("\n"))]
        self._passed_over = passed_over
        self._silent = 0
        self._sections = 0
        """How many sections are open since the one that is passed over, that one included."""
        self._in_row = False
        self._cells = 0
        self._heads = 0
        """How many cells of the row are heads; a first row of nothing else is the table's header."""
        self._rows = 0
        self._quotes = 0
        self._mark = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section" and (self._sections or dict(attrs).get("id") in self._passed_over):
            self._sections += 1
        if tag == "tr":
            self._end_row()
        elif tag in _SILENT:
            self._silent += 1
        elif tag in _CELLS:
            self._say("| " if not self._in_row else " | ", self._here())
            self._in_row = True
            self._cells += 1
            self._heads += tag == "th"
        elif tag in _BLOCKS and self._in_row:
            self._gap()
        elif tag == "br":
            self._end_line()
        elif tag in _BLOCKS:
            self._break()
            self._mark = _MARKS.get(tag, self._mark)
            self._quotes += tag == "blockquote"
            self._rows = 0 if tag == "table" else self._rows

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self._sections = max(0, self._sections - 1)
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in {"tr", "table"}:
            self._end_row()
        if tag in _BLOCKS and not self._in_row:
            self._mark = ""
            self._break()
            self._quotes = max(0, self._quotes - (tag == "blockquote"))

    def handle_data(self, data: str) -> None:
        if not self._silent and not self._sections:
            here = self._here()
            for offset, char in enumerate(data):
                self._add(char, here + offset)

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name};")

    def _reference(self, reference: str) -> None:
        if not self._silent and not self._sections:
            for char in unescape(reference):
                self._add(char, self._here())

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _add(self, char: str, place: int) -> None:
        if char.isspace() and char != "\N{NO-BREAK SPACE}":
            if self.chars and not self.chars[-1].isspace():
                self._say(" ", place)
        else:
            if not self.chars or self.chars[-1] == "\n":
                self._say("> " * self._quotes + self._mark, place)
                self._mark = ""
            self._say("\\|" if char == "|" and self._in_row else char, place)

    def _break(self) -> None:
        """End the block that is open; the mark of the next one waits for its first character."""
        self._strip(" \n")
        if self.chars:
            self._say("\n\n", self._here())

    def _end_line(self) -> None:
        """End a line; the second of two ends the block."""
        self._strip(" ")
        if self.chars and self.chars[-2:] != ["\n", "\n"]:
            self._say("\n", self._here())

    def _strip(self, spaces: str) -> None:
        while self.chars and self.chars[-1] in spaces:
            self.chars.pop()
            self.places.pop()

    def _end_row(self) -> None:
        if not self._in_row:
            return
        self._say(" |\n", self._here())
        if not self._rows and self._heads == self._cells:
            self._say(f"|{' --- |' * self._cells}\n", self._here())
        self._in_row = False
        self._rows += 1
        self._cells = self._heads = 0

    def _gap(self) -> None:
        if self.chars and not self.chars[-1].isspace():
            self._say(" ", self._here())

    def _say(self, text: str, place: int) -> None:
        if self._sections:
            return
        self.chars.extend(text)
        self.places.extend([place] * len(text))
