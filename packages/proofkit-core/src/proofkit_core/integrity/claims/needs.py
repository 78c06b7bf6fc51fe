"""Says what a pattern needs: sets of signs of which a text has to hold one each, or the pattern cannot fit.

Most texts lack what most patterns need, and to see that is much quicker than to search. A set of signs is a number
with one bit for each.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from proofkit_core.integrity.reading.words import BREAK, FIRST_SIGN

Needs = list[int]
Parts = Sequence[re.Match[str]]
_KEPT = 2
"""The rarest needs of a pattern tell nearly all that all of them would."""
_LOOKING = ("(?=", "(?!", "(?<=", "(?<!", "(?P=")
"""What these hold is not part of what fits."""


def mask_of(signs: Iterable[str]) -> int:
    """Return a set of signs as a number; a break between passages has no bit."""
    mask = 0
    for sign in signs:
        if sign != BREAK:
            mask |= 1 << (ord(sign) - FIRST_SIGN)
    return mask


def needs_of(parts: Parts, meant: Callable[[re.Match[str]], Needs]) -> tuple[int, ...]:
    """Return the rarest sets of signs of which a text has to hold one each.

    Args:
        parts: The parts of a pattern in the notation of the grammar, blanks left out.
        meant: Returns what a word, mark, class or macro needs; nothing where that cannot be said.
    """
    found, _ = all_needs(parts, meant)
    return tuple(sorted(set(found), key=lambda mask: (mask.bit_count(), mask))[:_KEPT])


def all_needs(parts: Parts, meant: Callable[[re.Match[str]], Needs], place: int = 0) -> tuple[Needs, int]:
    """Return what the alternatives of a pattern or group need together, and where it ends."""
    options: list[Needs] = [[]]
    while place < len(parts) and parts[place].group() != ")":
        part = parts[place]
        place += 1
        if part.group() == "|":
            options.append([])
        elif part["group"] or part.group() == "(":
            needs, place = _group(part.group(), parts, meant, place)
            options[-1] += [] if _may_lack(parts, place) else needs
        elif not part["other"] and not _may_lack(parts, place):
            options[-1] += meant(part)
    return _together(options), place


def _group(opening: str, parts: Parts, meant: Callable[[re.Match[str]], Needs], place: int) -> tuple[Needs, int]:
    if opening.startswith("(?P="):
        return [], place
    needs, end = all_needs(parts, meant, place)
    return [] if opening.startswith(_LOOKING) else needs, end + 1


def _may_lack(parts: Parts, place: int) -> bool:
    """Say whether what stands before a place may be left out."""
    following = parts[place].group() if place < len(parts) else ""
    return following in {"?", "*"} or following.startswith(("{0", "{,"))


def _together(options: Sequence[Needs]) -> Needs:
    """Return what a text needs for one of several alternatives: for each its rarest signs."""
    if len(options) == 1:
        return options[0]
    if not all(options):
        return []
    mask = 0
    for needs in options:
        mask |= min(needs, key=int.bit_count)
    return [mask]
