"""Words that compare models, and what each of them has to rest on."""

import re

__all__ = ["DENIED", "claim_words", "kinds_of"]

_BEAT = r"beat(?:s|en|ing)?|outperform(?:s|ed|ing)?|outscor(?:es?|ed|ing)|surpass(?:es|ed)?|better than|worse than"
_SIDE = r"above|ahead of|wins? (?:over|against)|higher than|lower than|below"
_TIE = r"tie[sd]?(?: with)?|tying|on par with|as good as|match(?:es|ed)? the|equals? the|no worse than"
_FAST = r"faster|slower|quicker|times as fast|times as long"
_CLASSES = {
    "side": re.compile(rf"\b(?:{_BEAT}|{_SIDE})\b", re.IGNORECASE),
    "tie": re.compile(rf"\b(?:{_TIE})\b", re.IGNORECASE),
    "speed": re.compile(rf"\b(?:{_FAST})\b", re.IGNORECASE),
}
_PLACE = re.compile(
    r"\b(?:(?:see|as|named|described|shown|listed|given|said|mentioned|from|the \w+|over|and|,)\s+(?:above|below)"
    r"(?=\s*(?:[.,;:)]|\Z))|above all,|(?:the|all|of the) (?:above|below)|(?:above|below) (?:the )?\d"
    r"|(?:table|list|figure|section|example|sentence|rule|row|line)s? (?:above|below)|tied to|ties? \w+ to)",
    re.IGNORECASE,
)
"""Where above and below point to a place on the page, and a tie is a knot."""
_KINDS = {"above": {"side"}, "below": {"side"}, "ties": {"tie"}, "faster": {"speed"}, "value": set[str]()}
DENIED = re.compile(
    r"\b(?:not|no|never|neither|nor|cannot|without|whether|open|unclear|undecided|if)\b|n['’]t\b", re.IGNORECASE
)
"""Only in a sentence with such a word may a comparison be one that is open."""


def claim_words(text: str) -> tuple[str, ...]:
    """Return the words of a sentence that compare, in their order, each once."""
    hidden = _PLACE.sub(lambda found: " " * len(found[0]), text)
    found = sorted((match.start(), match[0].lower()) for each in _CLASSES.values() for match in each.finditer(hidden))
    return tuple(dict.fromkeys(" ".join(word.split()) for _, word in found))


def kinds_of(words: tuple[str, ...], kinds: tuple[str, ...], *, denied: bool) -> tuple[str, ...]:
    """Return the words that none of the marks speaks of.

    Args:
        words: What `claim_words` found in the sentence.
        kinds: The kinds of its marks.
        denied: Whether the sentence denies or doubts something, so that a mark of kind `open` covers any word.
    """
    if {"quoted", "none"} & set(kinds) or ("open" in kinds and denied):
        return ()
    covered = set[str]().union(*(_KINDS.get(kind, set[str]()) for kind in kinds))
    return tuple(word for word in words if not any(_CLASSES[name].fullmatch(word) for name in covered))
