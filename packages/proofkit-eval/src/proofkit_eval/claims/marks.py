"""The mark behind a sentence, in an HTML comment that no renderer shows.

    <!-- claim: above tuned base on anchor_recall -->      tuned is shown to lie above base
    <!-- claim: below tuned base on unsupported_rate -->   tuned is shown to lie below base
    <!-- claim: ties tuned base on judges within 0.3 -->   they are shown to lie within 0.3 of each other
    <!-- claim: open tuned base on judges -->              neither is shown
    <!-- claim: faster tuned base by 2 -->                 base takes at least twice as long; `by` may be left out
    <!-- claim: value tuned on anchor_recall is 83% -->    the figure, to as many places as are written
    <!-- claim: quoted -->                                 somebody else's words, which are not claimed here
    <!-- claim: none -->                                   the word compares no models

`from NAME` at the end names a log other than the usual one. A name with a space in it stands in quotes.
"""

import re
import shlex
from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel

from proofkit_core.errors import InputError

__all__ = ["Kind", "Mark", "read_mark"]

_OPTIONS = ("on", "within", "by", "is", "from")
SPEED = "seconds"
_FIGURE = re.compile(r"[+-]?\d+(?:\.\d+)?%?\Z")


class Kind(StrEnum):
    """What a mark says."""

    ABOVE = "above"
    BELOW = "below"
    TIES = "ties"
    OPEN = "open"
    FASTER = "faster"
    VALUE = "value"
    QUOTED = "quoted"
    NONE = "none"


class Mark(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One comparison that a sentence rests on."""

    kind: Kind
    models: tuple[str, ...] = ()
    measure: str = ""
    number: str = ""
    """Margin, factor or figure, as it is written."""
    source: str = ""
    """Name of the log; empty for the usual one."""

    @property
    def value(self) -> float:
        """The number as such; 83% is 0.83."""
        share = self.number.endswith("%")
        return float(self.number.removesuffix("%")) / (100 if share else 1)

    @property
    def places(self) -> int:
        """How many decimal places of the value are written out."""
        whole = self.number.removesuffix("%")
        return len(whole.partition(".")[2]) + (2 if self.number.endswith("%") else 0)


_MODELS = {Kind.VALUE: 1, Kind.QUOTED: 0, Kind.NONE: 0}
_NEEDS: dict[Kind, tuple[str, ...]] = {
    Kind.ABOVE: ("on",),
    Kind.BELOW: ("on",),
    Kind.OPEN: ("on",),
    Kind.TIES: ("on", "within"),
    Kind.FASTER: (),
    Kind.VALUE: ("on", "is"),
    Kind.QUOTED: (),
    Kind.NONE: (),
}
_MAY = {Kind.FASTER: ("by", "from"), Kind.QUOTED: (), Kind.NONE: ()}


def read_mark(text: str) -> Mark:
    """Read what stands behind `claim:`.

    Args:
        text: The words of the mark.

    Raises:
        InputError: It is no mark that can be checked.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InputError(f"the mark {text!r} has a quote without its partner") from error
    kinds = ", ".join(Kind)
    if not words or words[0] not in set(Kind):
        raise InputError(f"the mark {text!r} starts with none of {kinds}")
    kind = Kind(words[0])
    models, options = _parts(words[1:], text)
    _check(kind, models, options, text)
    numbers = [options[name] for name in ("within", "by", "is") if name in options]
    measure = SPEED if kind is Kind.FASTER else options.get("on", "")
    number = numbers[0] if numbers else ""
    return Mark(kind=kind, models=tuple(models), measure=measure, number=number, source=options.get("from", ""))


def _parts(words: Sequence[str], text: str) -> tuple[list[str], dict[str, str]]:
    start = next((place for place, word in enumerate(words) if word in _OPTIONS), len(words))
    options: dict[str, str] = {}
    rest = words[start:]
    for name, value in zip(rest[::2], [*rest[1::2], ""], strict=False):
        if name not in _OPTIONS or name in options or not value:
            raise InputError(
                f"in the mark {text!r}, {name!r} is not one of {', '.join(_OPTIONS)} with one word behind it"
            )
        options[name] = value
    return list(words[:start]), options


def _check(kind: Kind, models: list[str], options: dict[str, str], text: str) -> None:
    wanted = _MODELS.get(kind, 2)
    if len(models) != wanted:
        raise InputError(f"the mark {text!r} names {len(models)} models and {kind} takes {wanted}")
    missing = [name for name in _NEEDS[kind] if name not in options]
    if missing:
        raise InputError(f"the mark {text!r} says nothing about {', '.join(missing)}, which {kind} needs")
    odd = sorted(set(options) - {*_NEEDS[kind], *_MAY.get(kind, ("from",))})
    if odd:
        raise InputError(f"the mark {text!r} has {', '.join(odd)}, which {kind} does not take")
    for name in ("within", "by", "is"):
        if name in options and not _FIGURE.match(options[name]):
            raise InputError(f"in the mark {text!r}, {options[name]!r} is no number such as 3, 0.83 or 83%")
    if any(options.get(name, "1").startswith("-") or _zero(options.get(name, "1")) for name in ("within", "by")):
        raise InputError(f"in the mark {text!r}, a margin or factor has to be above 0")


def _zero(number: str) -> bool:
    return float(number.removesuffix("%")) == 0
