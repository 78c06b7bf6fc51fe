"""Template distance: how much of what a model added stands word for word in texts that it was trained on."""

from collections.abc import Iterable
from typing import NamedTuple

from proofkit_eval.faithfulness.runs import Run, plain_words, runs_of

__all__ = ["RUN", "KnownRuns", "known_runs", "template_distance"]

RUN = 6
"""Words of a run; shorter ones are common English."""


class KnownRuns(NamedTuple):
    """The runs of words of some texts, such as all targets of a training set."""

    runs: frozenset[Run]
    texts: int


def known_runs(texts: Iterable[str]) -> KnownRuns:
    """Return the runs of some texts.

    Args:
        texts: Training targets, or the frames of a template.
    """
    read = [frozenset(runs_of(plain_words(text), RUN)) for text in texts]
    return KnownRuns(frozenset[Run]().union(*read), len(read))


def template_distance(text: str, known: KnownRuns, told: str = "") -> float | None:
    """Return the share of an answer's runs that stand in none of the known texts; 1 is all its own.

    What the prompt said may come back without blame, so its runs count for nothing.

    Args:
        text: The answer.
        known: Runs of the texts it might recite.
        told: Everything the prompt said.

    Returns:
        None where there is nothing to compare.
    """
    given = frozenset(runs_of(plain_words(told), RUN))
    own = [run for run in runs_of(plain_words(text), RUN) if run not in given]
    if not own or not known.texts:
        return None
    return sum(run not in known.runs for run in own) / len(own)
