"""Anchors: the distinctive words of what a person typed, and how many of them a text kept.

This is the standing answer to a model that ignores its user: a note about rabbits has the anchor `rabbits`, and a draft
without it has dropped the note.
"""

from proofkit_core.faithfulness.kept import Anchor, WordsKept, read_anchors, words_kept
from proofkit_core.faithfulness.reading import NumberTold, numbers_told, plain_words
from proofkit_core.faithfulness.words import anchors, distinctive_stems, fold, is_common, is_distinctive, stem

__all__ = [
    "Anchor",
    "NumberTold",
    "WordsKept",
    "anchors",
    "distinctive_stems",
    "fold",
    "is_common",
    "is_distinctive",
    "numbers_told",
    "plain_words",
    "read_anchors",
    "stem",
    "words_kept",
]
