"""Named random streams: every choice draws from its own, so that one more choice moves no other."""

import hashlib
import random

from proofkit_core.brief import Brief
from proofkit_core.faithfulness import plain_words
from proofkit_core.provenance import digest_of

_SMALL_WORDS = frozenset(
    """
    i me my mine myself we us our ours you your he him his she her they them their it its who whom whose which what
    that this these those where when while until since before after during as if than so because though although but
    and or nor not never no nobody nothing none every each both all some any many much few more most other another
    is am are was were be been being do does did have has had having will would can could may might must should shall
    for from with without by to into onto over under between through about against along across around near
    then there here now still also only even just again always often sometimes once twice yet already mostly
    """.split()  # noqa: SIM905 - a word list reads best as words
)
"""Words that tell how somebody writes and hold no fact of their life."""
_ENOUGH = 4
"""A background with fewer of them hardly tells two people apart."""


def stream(*names: str | int) -> random.Random:
    """Return a generator seeded by the names alone, the same on every platform and hash seed.

    Args:
        names: What the stream is for, such as a brief's digest, the seed and `company`.
    """
    material = "\x1f".join(str(name) for name in names).encode()
    return random.Random(int.from_bytes(hashlib.sha256(material).digest(), "big"))  # noqa: S311 - choices, not secrets


def draw_digest(brief: Brief) -> str:
    """Return the digest that all choices for a brief follow: one of the person, not of each fact they tell.

    Two people get two companies. One person who puts a number right keeps theirs, so that the change shows there and
    nowhere else: of what they tell about themselves only the small words count, and notes and answers do not count.

    Args:
        brief: What the person typed.
    """
    told = plain_words(f"{brief.background}\n\n{brief.resume}").split()
    wording = sorted(_SMALL_WORDS.intersection(told))
    asked = () if len(wording) >= _ENOUGH else (*brief.skills, *brief.weak_spots)
    return digest_of([_plain(brief.target_role), _plain(brief.name), wording, [_plain(text) for text in asked]])


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
