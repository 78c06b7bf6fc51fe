"""Finds the characters that the PDF's fonts have no letters for, so that none vanishes without a word."""

import re
from collections.abc import Iterable
from functools import cache

from pydantic import BaseModel

BOX = "□"
"""Stands in the PDF where a character is missing."""
_SURE = re.compile(r"[\n\x20-\x7e\xa0-\xff–—‘’“”…•□→]")
"""Characters that Libertinus Serif is known to have; only others are worth a probe."""
_MISSING = re.compile(r'the text (?:`|)"((?:[^"\\]|\\.)*)"')
_RUST_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_JOINING = "[\\u200d\\ufe0e\\ufe0f\\u20e3\\U0001f3fb-\\U0001f3ff\\U000e0020-\\U000e007f]"
_SHOWN = 12


class PrintableText(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the fonts cannot show."""

    missing: frozenset[str]

    def replace(self, text: str) -> str:
        """Return text with a box for each character that cannot be shown; an emoji made of several gets one box."""
        if not self.missing:
            return text
        one = f"[{re.escape(''.join(sorted(self.missing)))}]"
        pattern = f"{one}(?:{_JOINING}+(?:{one})?)*"
        return re.sub(pattern, BOX, text)


def find_missing(texts: Iterable[str]) -> PrintableText:
    """Return which characters no bundled font has, by asking the compiler itself.

    Args:
        texts: Everything that will be printed.
    """
    unsure = {char for text in texts for char in text if not _SURE.match(char)}
    return PrintableText(missing=frozenset(_probe("".join(sorted(unsure)))) if unsure else frozenset())


@cache
def _probe(chars: str) -> frozenset[str]:
    import typst  # noqa: PLC0415 - loaded only when a PDF is written

    lines = b"#set document(title: [p])\n= p\n#for c in sys.inputs.chars.codepoints() [ #c#parbreak() ]"
    try:
        typst.compile(lines, ignore_system_fonts=True, pdf_standards=["ua-1"], sys_inputs={"chars": chars}, timestamp=0)
    except typst.TypstError as error:
        found = named_in(str(error))
        if not found:
            raise
        return found & set(chars)
    return frozenset()


def named_in(message: str) -> frozenset[str]:
    """Return the characters that a compile error says could not be displayed."""
    texts = (_RUST_ESCAPE.sub(_unescaped, found) for found in _MISSING.findall(message))
    return frozenset(char for text in texts for char in text if not char.isspace() and not char.isascii())


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}.get(found[2], found[2])


def notice_for(missing: frozenset[str]) -> str:
    """Say in one sentence what the PDF could not show."""
    shown = " ".join(sorted(missing)[:_SHOWN])
    more = " …" if len(missing) > _SHOWN else ""
    many = f"{len(missing)} characters" if len(missing) > 1 else "1 character"
    return f"The PDF shows {BOX} for {many} it has no letters for: {shown}{more}; the Word and web versions show them."
