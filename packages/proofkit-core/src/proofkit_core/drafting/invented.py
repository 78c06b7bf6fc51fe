"""Decides whether a draft makes up what a reader would take for known: a number with a citation, years of a life."""

import re
from collections.abc import Iterator, Sequence

from proofkit_core.drafting.citations import cited_passages
from proofkit_core.faithfulness import NumberTold, numbers_told
from proofkit_core.packet import Fallback, FallbackReason
from proofkit_core.wording import sentences

_ITEM = re.compile(r"^\s*\d+[.)]\s")
_LABEL = "(h)"
_SPANS = frozenset({"year", "years", "decade", "decades", "month", "months"})
_ONESELF = re.compile(r"\b(?:I|my|me|mine|myself)\b", re.IGNORECASE)
_AGE = re.compile(r"[ -]years?[ -]old", re.IGNORECASE)
_WHETHER_REAL = re.compile(r"^(?:is|are|was|were|did|do|does)\b.*\b(?:real|exists?|actual)\b", re.IGNORECASE)
_NOT_REAL = re.compile(
    r"\b(?:no|not|none|never|\w+n['’]t|nowhere|fictional|invented|imagin\w+|simulated|practice|on paper"
    r"|made[ -]up|made the \w+ up)\b",
    re.IGNORECASE,
)
_LEFT_OPEN = re.compile(r"\b(?:nobody knows|not sure|hard to say|maybe|perhaps)\b", re.IGNORECASE)


def check_cited_numbers(text: str, sources: str) -> Fallback | None:
    """Refuse a draft in which a citation vouches for a number that nobody gave.

    Elsewhere such a number is labelled as hypothetical; next to a citation it would pass for a fact of the exercise.

    Args:
        text: The draft.
        sources: Everything that the model was told.
    """
    known = _keys(numbers_told(sources))
    for said, cited, rest in cited_passages(text):
        told = (number for number in numbers_told(_ITEM.sub("", said)) if number.typed[0].isdigit())
        strange = next((n for n in told if not n.keys & known and _LABEL not in n.behind + rest), None)
        if strange:
            return Fallback(
                reason=FallbackReason.OFF_TOPIC,
                message=f"the draft gave {strange.typed} as a fact of the exercise, which it is not",
                detail=f"{said.strip()[-60:]!r} cites {', '.join(cited)}",
            )
    return None


def check_years(text: str, typed: str, sources: str) -> Fallback | None:
    """Refuse a draft that gives a length of years or months that nobody gave: it would pass for the person's own life.

    Args:
        text: The draft.
        typed: What the person typed; a number of it may be one of years, whatever they called it.
        sources: The other things that the model was told.
    """
    told = [number for number in numbers_told(sources) if number.of in _SPANS]
    known = _keys([*told, *numbers_told(typed)])
    of_oneself = (number for line in sentences(text) if _ONESELF.search(line) for number in numbers_told(line))
    spans = (number for number in of_oneself if number.of in _SPANS and not _AGE.match(number.behind))
    strange = next((span for span in spans if not span.keys & known), None)
    if strange is None:
        return None
    return Fallback(
        reason=FallbackReason.OFF_TOPIC,
        message=f"the draft spoke of {strange.typed} {strange.of}, which you did not",
        detail=f"known: {', '.join(f'{number.typed} {number.of}' for number in told) or 'none'}",
    )


def check_not_real(questions_and_answers: Sequence[str]) -> Fallback | None:
    """Refuse an answer that leaves open whether the company or the work is real.

    Args:
        questions_and_answers: In turn.
    """
    answers = (answer for question, answer in _pairs(questions_and_answers) if _WHETHER_REAL.search(question))
    vague = next((answer for answer in answers if not _NOT_REAL.search(answer) or _LEFT_OPEN.search(answer)), None)
    if vague is None:
        return None
    return Fallback(
        reason=FallbackReason.OFF_TOPIC,
        message="the draft did not say plainly that the company is fictional",
        detail=f"{vague[:60]!r}",
    )


def _pairs(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip(lines[::2], lines[1::2], strict=False)


def _keys(numbers: Sequence[NumberTold]) -> frozenset[str]:
    return frozenset[str]().union(*(number.keys for number in numbers))
