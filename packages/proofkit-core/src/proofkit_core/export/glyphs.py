"""Finds the characters that the PDF's fonts have no letters for, so that none vanishes without a word."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from pydantic import BaseModel

BOX = "□"
"""Stands in the PDF where a character is missing."""
_SURE = re.compile("[\n\\x20-\\x7e\\xa0-\\xff\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u25a1]")
"""Characters that Libertinus Serif is known to have; only others are worth asking the compiler about."""
_NAMED = re.compile(r'the text `?"((?:[^"\\]|\\.)*)"')
_RUST_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_EMOJI_TAIL = "[\u200d\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
_SHOWN = 12
_PROBE = b"#set document(title: [p])\n= p\n#for c in json(bytes(sys.inputs.units)) [#c#parbreak()]"


class Coverage(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the fonts cannot show: characters, or a letter together with its marks."""

    missing: frozenset[str]

    def boxed(self, text: str) -> str:
        """Return text with a box for each unit that cannot be shown; an emoji made of several gets one box."""
        if not self.missing:
            return text
        units = sorted(self.missing, key=lambda unit: (-len(unit), unit))
        one = f"(?:{'|'.join(map(re.escape, units))})"
        marks = "".join(sorted({re.escape(char) for char in text if _is_mark(char)})) or "\ufe0f"
        return re.sub(f"{one}[{marks}]*(?:{_EMOJI_TAIL}+{one}?)*", BOX, text)


def find_missing(texts: Iterable[str]) -> Coverage:
    """Return what no bundled font can show, by asking the compiler itself.

    Args:
        texts: Everything that will be printed.
    """
    units = sorted({unit for text in texts for unit in _units(text)})
    return Coverage(missing=_probe(tuple(units)) if units else frozenset())


def _units(text: str) -> Iterator[str]:
    """Return the characters worth asking about, and each letter that carries marks."""
    start = 0
    for position, char in enumerate(text):
        if not _SURE.match(char):
            yield char
        if _is_mark(char):
            yield text[start : position + 1]
        else:
            start = position


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


@lru_cache(maxsize=64)
def _probe(units: tuple[str, ...]) -> frozenset[str]:
    import typst

    try:
        inputs = {"units": json.dumps(units)}
        typst.compile(_PROBE, ignore_system_fonts=True, pdf_standards=["ua-1"], sys_inputs=inputs, timestamp=0)
    except typst.TypstError as error:
        found = named_in(error.diagnostic)
        missing = {unit for unit in units if unit in found}
        if not missing:
            raise
        return frozenset(missing)
    return frozenset()


def named_in(diagnostic: str) -> frozenset[str]:
    """Return the texts that a compile error says could not be displayed."""
    return frozenset(_RUST_ESCAPE.sub(_unescaped, found) for found in _NAMED.findall(diagnostic))


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}.get(found[2], found[2])


def notice_for(missing: frozenset[str]) -> str:
    """Say in one sentence what the PDF could not show."""
    letters = sorted(unit for unit in missing if not _is_mark(unit[0])) or sorted(missing)
    shown = " ".join(letters[:_SHOWN])
    more = " …" if len(letters) > _SHOWN else ""
    many = f"{len(letters)} characters" if len(letters) > 1 else "1 character"
    return f"The PDF shows {BOX} for {many} it has no letters for: {shown}{more}; the Word and web versions show them."
