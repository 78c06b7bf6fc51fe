"""The claim grammar: patterns over words, written with classes of words, compiled to patterns over signs.

In a pattern a bare word stands for itself, `{name}` for any word of a class, `{a|b-c}` for those of a or b but not c,
`_` for any word or mark within the sentence, `<name>` for another pattern, `","` for a mark. The rest is the usual
notation of regular expressions; blanks only part words.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from pydantic import BaseModel

from proofkit_core.errors import DataError
from proofkit_core.integrity.claims.needs import Needs, all_needs, mask_of, needs_of
from proofkit_core.integrity.reading.words import BREAK, Vocabulary, load_vocabulary
from proofkit_core.integrity.records import Carrier

_PART = re.compile(
    r"(?P<group>\(\?P<\w+>|\(\?P=\w+\)|\(\?<?[=!:]|\(\?:)|\{(?P<set>[a-z][\w.|='-]*)\}|<(?P<macro>\w+)>"
    r"|\"(?P<mark>\\\"|[^\"]+)\"|(?P<word>[a-z0-9'][a-z0-9'-]*)|(?P<any>_)|(?P<space>\s+)|(?P<other>\{[\d,]+\}|.)"
)


class ClaimPattern(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One way in which a claim is made."""

    rule: str
    pattern: str
    edit: str = ""
    """How the words are changed; empty where there is no safe change."""
    carriers: tuple[Carrier, ...] = ()
    """Where it counts; empty for everywhere."""
    presupposes: bool = False
    """A condition or a question does not take it back."""
    scenario: bool = False
    """A fact of the exercise carries it: it says nothing of the person."""
    alone: bool = False
    """The person's facts need to carry no more than the pattern's own words."""
    by_number: bool = False
    """The person's facts carry it where they hold its number of years."""


class CompiledPattern(BaseModel, frozen=True, extra="forbid", arbitrary_types_allowed=True):
    """A claim pattern, ready to search a string of signs."""

    row: ClaimPattern
    search: re.Pattern[str]
    needs: tuple[int, ...] = ()
    """Sets of signs, as `mask_of` returns them; it fits only where each has a sign in the text."""


class Grammar(BaseModel, frozen=True, extra="forbid", arbitrary_types_allowed=True):
    """All patterns with their vocabulary."""

    vocabulary: Vocabulary
    patterns: tuple[CompiledPattern, ...]
    single: dict[str, re.Pattern[str]]
    """Patterns with a use of their own, by name."""


@cache
def load_grammar() -> Grammar:
    """Return the grammar shipped with the rules, compiled."""
    source = files("proofkit_core.integrity").joinpath("data", "claims.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(source)
    macros: dict[str, str] = raw["macros"]
    rows = [ClaimPattern.model_validate(row, strict=False) for row in raw["claims"]]
    single: dict[str, str] = raw["single"]
    texts = [*macros.values(), *(row.pattern for row in rows), *single.values()]
    vocabulary = load_vocabulary(frozenset(word for text in texts for word in _literals(text)))
    notation = _Notation(macros, vocabulary)
    return Grammar(
        vocabulary=vocabulary,
        patterns=tuple(
            CompiledPattern(
                row=row,
                search=re.compile(notation.pattern(row.pattern)),
                needs=needs_of(_parts(row.pattern), notation.needs),
            )
            for row in rows
        ),
        single={name: re.compile(notation.pattern(text)) for name, text in single.items()},
    )


def _literals(text: str) -> list[str]:
    words: list[str] = []
    for part in _PART.finditer(text):
        if part["word"] or part["mark"]:
            words.append(_literal(part))
        elif part["set"]:
            words += [name.removeprefix("=") for name in re.split(r"[|-]", part["set"]) if "." not in name]
    return words


def _literal(part: re.Match[str]) -> str:
    return part["word"] or part["mark"].removeprefix("\\")


@dataclass(frozen=True, slots=True)
class _Notation:
    """The notation of patterns over one vocabulary; what was translated once is kept."""

    macros: Mapping[str, str]
    vocabulary: Vocabulary
    done: dict[str, str] = field(default_factory=dict[str, str])
    needed: dict[str, Needs] = field(default_factory=dict[str, Needs])

    def pattern(self, text: str) -> str:
        """Return a pattern over signs."""
        return "".join(self.piece(part, text) for part in _parts(text))

    def piece(self, part: re.Match[str], text: str) -> str:
        """Return what one part of a pattern stands for."""
        if part["set"]:
            return self.kept(f"{{{part['set']}}}", lambda: _class(part["set"], self.vocabulary))
        if part["macro"]:
            macro = _known(self.macros, part["macro"], "macro")
            return self.kept(f"<{part['macro']}>", lambda: f"(?:{self.pattern(macro)})")
        if part["word"] or part["mark"]:
            return re.escape(self.vocabulary.signs[_literal(part)])
        if part["any"]:
            return f"[^{BREAK}{_signs_of('stop', self.vocabulary)}]"
        if part.group() in "{};,":
            raise DataError(f"{part.group()!r} in pattern {text[:60]!r} is read as itself; quote a mark, close a class")
        return part.group()

    def needs(self, part: re.Match[str]) -> Needs:
        """Return what a word, mark, class or macro needs; nothing where it may stand for a break."""
        key = part.group()
        if key not in self.needed:
            self.needed[key] = self._needs(part)
        return self.needed[key]

    def _needs(self, part: re.Match[str]) -> Needs:
        if part["macro"]:
            return all_needs(_parts(_known(self.macros, part["macro"], "macro")), self.needs)[0]
        if part["any"]:
            return []
        signs = _signs_in(part["set"], self.vocabulary) if part["set"] else {self.vocabulary.signs[_literal(part)]}
        return [] if BREAK in signs else [mask_of(signs)]

    def kept(self, key: str, made: Callable[[], str]) -> str:
        """Return a translation, made at its first use."""
        if key not in self.done:
            self.done[key] = made()
        return self.done[key]


def _parts(text: str) -> list[re.Match[str]]:
    return [part for part in _PART.finditer(text) if not part["space"]]


def _class(text: str, vocabulary: Vocabulary) -> str:
    """Return a character class; `break` stands for the sign between passages."""
    return f"[{_ranges(sorted(_signs_in(text, vocabulary)))}]"


def _signs_in(text: str, vocabulary: Vocabulary) -> set[str]:
    wanted, _, unwanted = text.partition("-")
    signs = set("".join(_signs_of(name, vocabulary) for name in wanted.split("|")))
    return signs - set("".join(_signs_of(name, vocabulary) for name in unwanted.split("|") if name))


def _ranges(signs: Sequence[str]) -> str:
    """Return sorted signs as ranges, which compile much faster than single ones."""
    pieces: list[str] = []
    for sign in signs:
        if pieces and ord(sign) == ord(pieces[-1][-1]) + 1:
            pieces[-1] = f"{pieces[-1][0]}-{sign}"
        else:
            pieces.append(sign)
    return "".join(pieces)


def _signs_of(name: str, vocabulary: Vocabulary) -> str:
    if name == "break":
        return BREAK
    word = name.removeprefix("=")
    words = None if name != word else vocabulary.classes.get(name)
    if words is None and word in vocabulary.signs:
        words = frozenset({word})
    if words is None:
        raise DataError(f"word class {name!r} is not known; expected a key of words.toml or a single word")
    return vocabulary.signs_of(words)


def _known(macros: Mapping[str, str], name: str, what: str) -> str:
    if name not in macros:
        raise DataError(f"{what} {name!r} is not known; expected one of {', '.join(sorted(macros))}")
    return macros[name]
