"""Reads a text into words and whole numbers, however many words a number is written in."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from proofkit_core.faithfulness.numbers import PARTS, SMALL, TENS, NumberWords, number_keys, share_keys
from proofkit_core.faithfulness.tokens import SHARE, Token, plain_view, scan

_NOT_COUNTED = frozenset({"no", "any", "some", "each", "every", "other", "another", "this", "that", "which", "the"})
"""Behind these `one` counts nothing."""
_NOT_COUNTING = frozenset({"of", "another", "thing", "day", "or", "who", "that"})
"""Nor does it before these."""
_OF_RANGE = frozenset({"to", "and", "or"})
_AND_A = ("and", "a")


@lru_cache(maxsize=128)
def read_tokens(view: str) -> tuple[Token, ...]:
    """Return the words and numbers of a text, in order.

    Args:
        view: A text as `plain_view` leaves it.
    """
    tokens = tuple(_with_number_words(view, tuple(scan(view))))
    return _with_ranges(tuple(_with_shares(view, tokens)))


class NumberTold(NamedTuple):
    """A number of a text, in digits or words."""

    typed: str
    keys: frozenset[str]
    """Names under which it is compared."""
    of: str
    """The word behind it, in comparison form."""
    behind: str
    """The text that follows."""


def numbers_told(text: str) -> tuple[NumberTold, ...]:
    """Return the numbers of a text, in order.

    Args:
        text: Markdown, or plain text.
    """
    view = plain_view(text)
    tokens = read_tokens(view)
    following = (*tokens[1:], None)[: len(tokens)]
    return tuple(
        NumberTold(token.typed, token.keys, after.folded if after else "", view[token.end :])
        for token, after in zip(tokens, following, strict=True)
        if token.values
    )


def plain_words(text: str) -> str:
    """Return the words of a text in comparison form, one space apart, without its numbers and marks.

    Args:
        text: Markdown, or plain text.
    """
    return " ".join(token.folded for token in read_tokens(plain_view(text)) if token.folded)


def _with_number_words(view: str, tokens: Sequence[Token]) -> Iterator[Token]:
    place = 0
    while place < len(tokens):
        end, value = _read_number(tokens, place)
        if end == place:
            yield tokens[place]
            place += 1
        else:
            values = frozenset({value})
            yield _joined(view, tokens[place:end])._replace(folded="", keys=number_keys(values), values=values)
            place = end


def _joined(view: str, tokens: Sequence[Token]) -> Token:
    first, last = tokens[0], tokens[-1]
    return first._replace(typed=view[first.start : last.end], end=last.end)


def _read_number(tokens: Sequence[Token], place: int) -> tuple[int, float]:
    """Return where a number ends that is told in words here, and its value; its start where there is none."""
    first = tokens[place]
    in_words = _counts(tokens, place)
    if first.goes_on:
        number = NumberWords(max(first.values))
    elif first.folded in {"a", "an"}:
        number = NumberWords(1.0)
    elif in_words:
        number = NumberWords()
        number.takes(first.folded)
    else:
        return place, 0.0
    end = _go_on(tokens, place + 1, number)
    words = [token.folded for token in tokens[end : end + 3] if token.follows]
    if tuple(words[:2]) == _AND_A and words[2:] and words[2] in PARTS:
        return end + 3, number.value + PARTS[words[2]]
    return (end, number.value) if in_words or end > place + 1 else (place, 0.0)


def _go_on(tokens: Sequence[Token], end: int, number: NumberWords) -> int:
    while end < len(tokens) and tokens[end].follows:
        ahead = tokens[end + 1] if end + 1 < len(tokens) else None
        if number.takes(tokens[end].folded):
            end += 1
        elif tokens[end].folded == "and" and number.takes_and and ahead and number.takes(ahead.folded):
            end += 2
        else:
            break
    return end


def _counts(tokens: Sequence[Token], place: int) -> bool:
    """Say whether a word is a number; `one` often is none, as in `no one` and `one-off`."""
    word = tokens[place].folded
    if word != "one":
        return word in SMALL or word in TENS
    before = tokens[place - 1].folded if place and tokens[place].follows else ""
    after = tokens[place + 1] if place + 1 < len(tokens) and tokens[place + 1].follows else None
    is_part = after is not None and after.hyphenated and bool(after.folded)
    return before not in _NOT_COUNTED and not is_part and not (after and after.folded in _NOT_COUNTING)


def _with_shares(view: str, tokens: Sequence[Token]) -> Iterator[Token]:
    """Join a number with the percent sign behind it."""
    before: Token | None = None
    for token in tokens:
        if before and before.values and token.folded == SHARE and token.follows:
            shares = frozenset(value / 100 for value in before.values)
            keys = before.keys | number_keys(shares) | share_keys(shares)
            before = _joined(view, (before, token))._replace(keys=keys, is_share=True)
            continue
        if before:
            yield before
        before = token
    if before:
        yield before


def _with_ranges(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Let the first number of `9 to 4 percent` count as one of percent too."""
    read = list(tokens)
    for place, token in enumerate(read):
        if not token.values or token.is_share:
            continue
        step = 2 if place + 1 < len(read) and read[place + 1].folded in _OF_RANGE else 1
        ahead = read[place + step] if place + step < len(read) else None
        if ahead and ahead.is_share and ahead.follows and (step > 1 or ahead.hyphenated):
            read[place] = token._replace(keys=token.keys | share_keys(value / 100 for value in token.values))
    return tuple(read)
