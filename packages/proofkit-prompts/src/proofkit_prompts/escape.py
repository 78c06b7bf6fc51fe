"""Make a value one harmless line, by rules that are data.

Nothing here may depend on a table that grows with Python: which characters are deleted is spelled out in the rules,
and normalization uses the Unicode 3.2 tables that every supported Python carries unchanged.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import ucd_3_2_0

from proofkit_prompts.errors import ContractError

if TYPE_CHECKING:
    from proofkit_prompts.manifest import EscapeRules


@dataclass(frozen=True, slots=True)
class Escaper:
    """The rules of one contract, compiled."""

    newline: str
    list_separator: str
    ellipsis: str
    openers: tuple[str, ...]
    colons: tuple[str, ...]
    label_break: str
    cut_edge: str
    deleted: re.Pattern[str]
    space: re.Pattern[str]
    newline_mark: re.Pattern[str]
    newline_run: re.Pattern[str]
    joiner_run: re.Pattern[str]
    special: re.Pattern[str]
    look_alike: re.Pattern[str]
    closing_mark: re.Pattern[str]
    lone_separator: re.Pattern[str]


def compile_escaper(rules: "EscapeRules", labels: Iterable[str]) -> Escaper:
    """Compile the rules of a contract.

    Args:
        rules: What `escape.toml` says.
        labels: Every label of the grammar.

    Raises:
        ContractError: The rules ask for a normalization that this interpreter lacks.
    """
    if rules.normalization != "NFC-3.2":
        raise ContractError(
            f"Got normalization {rules.normalization!r} in escape.toml; this interpreter has 'NFC-3.2' only. "
            "Update proofkit-prompts, or correct the contract."
        )
    start = f"(?:^|[{re.escape(rules.boundaries)}])[{re.escape(rules.decoration)}]*"
    closing = re.escape(rules.closing)
    colons = f"[{re.escape(rules.colons)}]"
    names = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    bar = re.escape(rules.list_separator.strip())
    return Escaper(
        newline=rules.newline,
        list_separator=rules.list_separator,
        ellipsis=rules.ellipsis,
        openers=tuple(rules.special_openers),
        colons=tuple(rules.colons),
        label_break=rules.label_break,
        cut_edge=" " + rules.boundaries + _characters(rules.joiners),
        deleted=re.compile(_class(rules.delete)),
        space=re.compile(_class(rules.spaces)),
        newline_mark=re.compile(_class(rules.newlines)),
        newline_run=re.compile(r" *\n[ \n]*"),
        joiner_run=re.compile(_class(rules.joiners) + "+"),
        special=re.compile("|".join(rules.special_tokens), re.IGNORECASE),
        look_alike=re.compile(f"({start}(?:{names})[{closing}]*)(?:{colons} *)+", re.IGNORECASE),
        closing_mark=re.compile(f"(?! )[{closing}]"),
        lone_separator=re.compile(f"(^| ){bar}(?= |$)"),
    )


def escape_text(value: str, escaper: Escaper) -> str:
    """Return a value as one line that can fake neither a label nor a chat token.

    Ordinary text comes back unchanged, and escaping twice is escaping once.
    """
    plain = value.isascii() and value.isprintable()
    line = value if plain else _clean(value, escaper)
    if "  " in line:
        line = _single_spaces(line)
    for opener in escaper.openers:
        if opener in line:
            line = escaper.special.sub(_split_token, line)
            break
    return _break_labels(line.strip(" "), escaper)


def escape_items(values: Sequence[str], escaper: Escaper) -> list[str]:
    """Return the items of a list, each one line without a list separator, blank ones left out."""
    separator = escaper.list_separator.strip()
    escaped: list[str] = []
    for value in values:
        item = escape_text(value, escaper)
        if separator in item:
            item = _break_labels(escaper.lone_separator.sub(r"\1/", item), escaper)
        if item:
            escaped.append(item)
    return escaped


def cut_text(value: str, cap: int, escaper: Escaper) -> str:
    """Return a value cut to its cap, at a space where one is near, with the ellipsis after it."""
    if len(value) <= cap:
        return value
    head = value[: cap - len(escaper.ellipsis)]
    space = head.rfind(" ")
    if space >= cap // 2:
        head = head[:space]
    return head.rstrip(escaper.cut_edge) + escaper.ellipsis


def cut_items(items: Sequence[str], cap: int, escaper: Escaper) -> str:
    """Return the joined leading items that fit under a cap; the first always stays, cut if it must be."""
    joined = escaper.list_separator.join(items)
    if len(joined) <= cap:
        return joined
    kept = ""
    for item in items:
        longer = f"{kept}{escaper.list_separator}{item}" if kept else item
        if len(longer) > cap:
            break
        kept = longer
    return kept or cut_text(items[0], cap, escaper)


def _clean(value: str, escaper: Escaper) -> str:
    text = escaper.deleted.sub("", value)
    text = ucd_3_2_0.normalize("NFC", text)
    text = escaper.newline_mark.sub("\n", escaper.space.sub(" ", text))
    # A joiner that goes can bring two characters together that compose, so normalization runs once more.
    text = ucd_3_2_0.normalize("NFC", escaper.joiner_run.sub(_keep_between_scripts, text))
    return escaper.newline_run.sub(escaper.newline, _single_spaces(text).strip(" \n"))


def _keep_between_scripts(found: re.Match[str]) -> str:
    text, start, end = found.string, found.start(), found.end()
    if start > 0 and end < len(text) and not text[start - 1].isascii() and not text[end].isascii():
        return text[start]
    return ""


def _single_spaces(text: str) -> str:
    return re.sub(" {2,}", " ", text)


def _split_token(found: re.Match[str]) -> str:
    token = found.group()
    return f"{token[0]} {token[1:]}"


def _break_labels(line: str, escaper: Escaper) -> str:
    def without_colon(found: re.Match[str]) -> str:
        # Bold around a label and its colon stays bold: `**Draft:** x` becomes `**Draft -** x`.
        bold = escaper.closing_mark.match(line, found.end())
        mark = escaper.label_break.rstrip(" ") if bold else escaper.label_break
        return found.group(1).rstrip(" ") + mark

    for colon in escaper.colons:
        if colon in line:
            return escaper.look_alike.sub(without_colon, line).strip(" ")
    return line


def _characters(spans: Iterable[str]) -> str:
    return "".join(chr(code) for first, last in map(_span, spans) for code in range(first, last + 1))


def _class(spans: Iterable[str]) -> str:
    """Return a regular expression's character class; code points are escaped, so no character needs care."""
    return "[" + "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in map(_span, spans)) + "]"


def _span(span: str) -> tuple[int, int]:
    first, _, last = span.partition("-")
    return int(first, 16), int(last or first, 16)
