"""Folds what stands inside a line: emphasis, links, tags, entities, escapes, inline code, characters in odd forms."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from proofkit_core.integrity.reading.characters import fraction, plain_char
from proofkit_core.integrity.reading.offsets import Span, Tracing

MASK = "\ufffc"
"""Stands for an address: nothing in it is matched or edited."""

_INLINE = (
    "a|abbr|b|big|center|cite|code|del|dfn|em|font|i|img|ins|kbd|mark|q|s|small|span|strike|strong|sub|sup|tt|u|wbr"
)
_BLOCK = (
    "address|article|aside|blockquote|body|br|caption|col|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|head|header|hr|html|legend|li|main|menu|nav|ol|option|p|pre|section|summary|table|tbody|td|tfoot|th|thead|"
    "title|tr|ul"
)
# Words in an attribute would be swallowed with the tag, so a tag with a value of several words is text.
_ATTRIBUTES = r"(?:\s+[a-z:-]{1,30}=(?:\"[^\"<>\s]{0,2000}\"|'[^'<>\s]{0,2000}'|[^\s\"'<>=`]{1,2000}))*\s*/?>"
TAG = re.compile(rf"</?(?:(?P<block>{_BLOCK})|{_INLINE}){_ATTRIBUTES}", re.IGNORECASE)
"""An HTML tag; `block` names one that stands between lines."""
_LINK = r"\]\([ \t]*<?(?:[^()\s<>]|\([^()\s<>]{0,200}\)){0,2000}>?(?:\s+[\"'](?P<title>[^\"'\n]{0,400})[\"'])?\s*\)"
_LINK_END = re.compile(_LINK)
_ADDRESS = re.compile(
    rf"{_LINK}|<(?:https?|mailto):[^\s<>`]{{1,2000}}>"
    # What ends a sentence, and dashes that join the next words on, do not belong to an address.
    r"|(?:https?://|(?<!\w)www\.)(?:[^\s<>|\"')\]`\u2010-\u2027\u3000-\u303f.,;:!?]|[.,;:!?]+(?=[\w/=&#%~+-]))+"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}",
    re.IGNORECASE,
)
"""An address, or the end of a link with the address in it."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CITE = re.compile(r"\[[Ss]\d{1,6}\]")
_FOOTNOTE = re.compile(r"\[\^[^\s\[\]]{1,32}\]:?")
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
_TICKS = re.compile(r"`+")
_BLANK = re.compile(r"\s+")
_SPACES = re.compile(r" {2,}")
_COMMENT = 2_000
"""An HTML comment of more characters is text."""
_SPECIAL = re.compile(
    r"[^ !-%'-)+-;=-Z^a-}\u2013\u2014\u00a3\u20ac\u0391-\u03a9\u03b1-\u03c9\u0410-\u0418\u041a-\u0438\u043a-\u044f"
    r"\u05d0-\u05ea\u0621-\u064a\u0e01-\u0e30\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]"
)
"""What needs a look: marks of Markdown and HTML, and every character that may have a plainer form."""


@dataclass(slots=True)
class View:
    """The folded view of one passage while it grows; two spaces never stand side by side in it."""

    tracing: Tracing = field(default_factory=Tracing)
    ticks: dict[int, bool] = field(default_factory=dict[int, bool])
    """Places of backticks that open (true) or close a stretch of inline code."""
    code: list[Span] = field(default_factory=list[Span])
    """Folded ranges of inline code."""
    code_start: int = 0
    spaced: bool = False

    def put(self, chars: str, start: int, end: int) -> None:
        """Add characters that stand for a range of the original."""
        if self.spaced:
            chars = chars.lstrip(" ")
        if chars:
            self.tracing.put(chars, start, end)
            self.spaced = chars[-1] == " "

    def run(self, text: str, start: int, end: int) -> None:
        """Add a range of the original as it is."""
        if start >= end:
            return
        if self.spaced:
            while start < end and text[start] == " ":
                start += 1
        if text.find("  ", start, end) >= 0:
            for match in _SPACES.finditer(text, start, end):
                self._add(text, start, match.start())
                self.put(" ", *match.span())
                start = match.end()
        self._add(text, start, end)

    def _add(self, text: str, start: int, end: int) -> None:
        if start < end:
            self.tracing.put(text[start:end], start, end)
            self.spaced = text[end - 1] == " "


def is_plain(text: str) -> bool:
    """Say whether a text is its own folded form."""
    return not (_SPECIAL.search(text) or "  " in text or _may_hold_address(text))


def _may_hold_address(text: str) -> bool:
    return "@" in text or "://" in text or "www." in text.lower()


def pair_ticks(text: str, spans: Sequence[Span]) -> dict[int, bool]:
    """Return the places of the backticks that open or close inline code, in some ranges of a text.

    A run of backticks is closed by the next run of the same length; one without such a partner means nothing.

    Args:
        text: The original.
        spans: Ranges of one passage.
    """
    marked = [span for span in spans if text.find("`", *span) >= 0]
    if not marked:
        return {}
    runs = [match.span() for span in marked for match in _TICKS.finditer(text, *span)]
    following: dict[int, list[int]] = {}
    for number in range(len(runs) - 1, -1, -1):
        following.setdefault(runs[number][1] - runs[number][0], []).append(number)
    pairs: dict[int, bool] = {}
    closed = -1
    for number, (start, end) in enumerate(runs):
        same = following[end - start]
        same.pop()
        if number <= closed or not same or _is_escaped(text, start):
            continue
        closed = same[-1]
        pairs[start], pairs[runs[closed][0]] = True, False
    return pairs


def _is_escaped(text: str, place: int) -> bool:
    first = place
    while first and text[first - 1] == "\\":
        first -= 1
    return (place - first) % 2 == 1


def fold_range(view: View, text: str, start: int, end: int) -> None:
    """Add the folded form of a range of the original to a view.

    Args:
        view: The view, which grows.
        text: The original.
        start: First character.
        end: Behind the last one.
    """
    place = start
    if _may_hold_address(text[start:end]):
        for match in _ADDRESS.finditer(text, start, end):
            _fold_marks(view, text, place, match.start())
            if text[match.start()] == "]":
                _fold_link(view, match)
            else:
                view.put(MASK, *match.span())
            place = match.end()
    _fold_marks(view, text, place, end)


def _fold_marks(view: View, text: str, start: int, end: int) -> None:
    place = start
    for match in _SPECIAL.finditer(text, start, end):
        here = match.start()
        if here >= place:
            # The exclamation mark of a picture goes with its bracket.
            is_picture = text[here] == "[" and here > place and text[here - 1] == "!"
            view.run(text, place, here - is_picture)
            place = _AT.get(text[here], _char)(view, text, here, end)
    view.run(text, place, end)


def _fold_link(view: View, match: re.Match[str]) -> int:
    """Leave the address out and keep the title, which a reader can see."""
    if match["title"]:
        view.put(" ", match.start(), match.start("title"))
        _fold_marks(view, match.string, *match.span("title"))
    return match.end()


# Each function below folds what begins at a place, and returns where the rest begins.


def _char(view: View, text: str, here: int, end: int) -> int:
    blank = _BLANK.match(text, here, end)
    if blank:
        view.put(" ", *blank.span())
        return blank.end()
    part = fraction(text[here])
    # A vulgar fraction after a digit is part of that number: 2½ is 2.5, not 21 over 2.
    plain = part.removeprefix("0" if text[here - 1 : here].isdigit() else "") or plain_char(text[here])
    view.put(plain, here, here + 1)
    return here + 1


def _tag(view: View, text: str, here: int, end: int) -> int:
    tag = TAG.match(text, here, end)
    if tag:
        view.put(" " if tag["block"] else "", *tag.span())
        return tag.end()
    close = text.find("-->", here, min(end, here + _COMMENT)) if text.startswith("<!--", here) else -1
    if close >= 0:
        # Not every page hides a comment, so what it says is read.
        _fold_marks(view, text, here + 4, close)
        return close + 3
    return _as_it_is(view, text, here, end)


def _as_it_is(view: View, text: str, here: int, _: int) -> int:
    view.run(text, here, here + 1)
    return here + 1


def _entity(view: View, text: str, here: int, end: int) -> int:
    entity = _ENTITY.match(text, here, end)
    if not entity:
        return _as_it_is(view, text, here, end)
    import html  # noqa: PLC0415 - its table is large, and few texts hold an entity

    stands_for = html.unescape(entity.group())
    if stands_for == entity.group():
        return _as_it_is(view, text, here, end)
    view.put("".join(map(plain_char, stands_for)), *entity.span())
    return entity.end()


def _escape(view: View, text: str, here: int, end: int) -> int:
    # In inline code a backslash is a character like any other.
    if not _ESCAPED.match(text, here, end) or view.ticks.get(here + 1) is False:
        return _as_it_is(view, text, here, end)
    view.put(text[here + 1], here, here + 2)
    return here + 2


def _backticks(view: View, text: str, here: int, end: int) -> int:
    opens = view.ticks.get(here)
    if opens:
        view.code_start = view.tracing.size
    elif opens is False:
        view.code.append((view.code_start, view.tracing.size))
    ticks = _TICKS.match(text, here, end)
    return ticks.end() if ticks else here + 1


def _star(view: View, text: str, here: int, end: int) -> int:
    alone = text[here - 1 : here].isspace() and text[here + 1 : min(here + 2, end)].isspace()
    return _as_it_is(view, text, here, end) if alone else here + 1


def _underscore(view: View, text: str, here: int, end: int) -> int:
    inside = text[here - 1 : here].isalnum() and text[here + 1 : min(here + 2, end)].isalnum()
    return _as_it_is(view, text, here, end) if inside else here + 1


def _open_bracket(view: View, text: str, here: int, end: int) -> int:
    cite = _CITE.match(text, here, end)
    if cite:
        # Digits of another script name the same fact.
        shown = cite.group()
        plain = shown if shown.isascii() else "".join(str(unicodedata.decimal(c, c)) for c in shown)
        view.put(plain, *cite.span())
        return cite.end()
    footnote = _FOOTNOTE.match(text, here, end)
    if footnote:
        return footnote.end()
    # A reference such as `queue[1]` must not become the word `queue1`.
    if text[here - 1 : here].isalnum() and text[here + 1 : here + 2].isdigit():
        view.put(" ", here, here + 1)
    return here + 1


def _close_bracket(view: View, text: str, here: int, end: int) -> int:
    link = _LINK_END.match(text, here, end)
    if link:
        return _fold_link(view, link)
    if text.startswith("[", here + 1):
        view.put(" ", here, here + 1)
    return here + 1


def _nothing(_view: View, _text: str, here: int, _: int) -> int:
    return here + 1


_AT: dict[str, Callable[[View, str, int, int], int]] = {
    "<": _tag,
    "&": _entity,
    "\\": _escape,
    "`": _backticks,
    "*": _star,
    "_": _underscore,
    "~": _nothing,
    "[": _open_bracket,
    "]": _close_bracket,
}
