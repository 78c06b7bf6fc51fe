"""Edits that leave an answer as good as it was: another order, other words, padding. A score must not follow them."""

import re
from collections.abc import Sequence
from random import Random
from typing import TypeVar

from proofkit_core.faithfulness import words_kept
from proofkit_eval.ladder.answers import KnownGood, written
from proofkit_eval.ladder.defect import Edit
from proofkit_eval.ladder.plants import load_plants

__all__ = ["PADDED_SHARE", "reworded"]

PADDED_SHARE = 0.4
"""How many more words a padded answer has."""
_MOST_BULLET, _MOST_ANSWER = 220, 112
"""Characters that the forms of bullets and of talking points take."""
_MOST_WORDS = 120
_ITEM = re.compile(r"^[-*•] ")
_ROW = re.compile(r"^\|")
_HEAD_ROWS = 2
Texts = tuple[str, ...]
T = TypeVar("T")


def reworded(answer: KnownGood, edit: Edit, draw: Random) -> str | None:
    """Return the completion after an edit; None where the text gives no occasion for it.

    Args:
        answer: A known-good answer.
        edit: Which one.
        draw: Chooses order and wordings.
    """
    change = {Edit.BULLET_ORDER: _reordered, Edit.SYNONYMS: _other_words, Edit.PADDING: _padded}[edit]
    texts = change(answer, draw)
    return None if texts is None or texts == answer.texts else written(answer.prompt.task, texts)


def _reordered(answer: KnownGood, draw: Random) -> Texts | None:
    if answer.is_paired:
        pairs = list(zip(answer.texts[::2], answer.texts[1::2], strict=True))
        return tuple(text for pair in _shuffled(pairs, draw) for text in pair)
    only, *others = answer.texts
    if others:
        return tuple(_shuffled(answer.texts, draw))
    lines = only.splitlines()
    if all(_ITEM.match(line) for line in lines):
        return ("\n".join(_shuffled(lines, draw)),)
    if all(_ROW.match(line) for line in lines):
        return ("\n".join([*lines[:_HEAD_ROWS], *_shuffled(lines[_HEAD_ROWS:], draw)]),)
    return None


def _shuffled(items: Sequence[T], draw: Random) -> list[T]:
    """Return the items in another order; a turn where the draw leaves them as they were."""
    drawn = draw.sample(list(items), len(items))
    return drawn if drawn != list(items) else [*drawn[1:], *drawn[:1]]


def _other_words(answer: KnownGood, _draw: Random) -> Texts | None:
    said = "\n".join(answer.prompt.must_keep)
    kept = words_kept(said, "\n".join(answer.texts)).missing
    texts = answer.texts
    for old, new in load_plants().synonyms.pairs:
        pattern = re.compile(rf"\b{re.escape(old)}\b")
        changed = tuple(pattern.sub(new, text) for text in texts)
        if words_kept(said, "\n".join(changed)).missing == kept:
            texts = changed
    return texts


def _padded(answer: KnownGood, draw: Random) -> Texts | None:
    padding = load_plants().padding
    wanted = round(PADDED_SHARE * _words(answer.texts))
    if answer.is_paired:
        return _padded_items(answer.texts, draw.sample(padding.answers, len(padding.answers)), _MOST_ANSWER, step=2)
    if answer.prompt.task == "resume_bullets":
        return _padded_items(answer.texts, draw.sample(padding.clauses, len(padding.clauses)), _MOST_BULLET, step=1)
    room = _MOST_WORDS - _words(answer.texts)
    added: list[str] = []
    for sentence in draw.sample(padding.sentences, len(padding.sentences)):
        longer = _words([*added, sentence])
        if longer <= room and _words(added) < wanted:
            added.append(sentence)
    return (f"{answer.texts[0]}\n\n{' '.join(added)}",)


def _padded_items(texts: Texts, fillers: Sequence[str], most: int, *, step: int) -> Texts:
    """Put fillers behind each answer or bullet, as far as it has room; no filler stands twice."""
    left = list(fillers)
    padded: list[str] = []
    for place, text in enumerate(texts):
        longer = text
        while place % step == step - 1 and left and _words([longer]) < (1 + PADDED_SHARE) * _words([text]):
            joined = f"{longer.rstrip('.')}, {left[0]}." if step == 1 else f"{longer} {left[0]}"
            if len(joined) > most:
                break
            longer, left = joined, left[1:]
        padded.append(longer)
    return tuple(padded)


def _words(texts: Sequence[str]) -> int:
    return sum(any(map(str.isalnum, word)) for text in texts for word in text.split())
