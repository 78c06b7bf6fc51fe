"""How much the answers of a model differ from each other. Only sets of equal number and equal size are comparable.

Shorter texts look richer and fewer texts look more varied, so models are compared on the same prompts, each answer cut
to the shortest one that any of them gave.
"""

import math
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from proofkit_core.seeds import stream
from proofkit_eval.faithfulness.runs import Run, plain_words, runs_of, tokens_of

__all__ = ["Variety", "variety", "variety_at_equal_size"]

_RUN = 6
_SIZES = (1, 2, 3, 4)
_Best = dict[Run, tuple[int, int, int]]
"""By n-gram: its largest count in one text, the next one, and whose the largest is."""


class Variety(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """Figures of one set of answers; lower is more varied, save for the distinct share."""

    answers: int
    size: int
    """Bytes of all answers together."""
    compression: float
    """Bytes over compressed bytes; plain English is at about 2.5 to 3 for a few hundred texts."""
    shared_runs: float
    """Share of an answer's runs of six words that stand in at least one other, averaged."""
    self_bleu: float
    """BLEU-4 of an answer against the others, averaged; 0 to 1."""
    distinct: float
    """Share of all runs of six words that are different from each other."""


def variety_at_equal_size(answers: Mapping[str, Mapping[str, str]], *, seed: int = 0) -> dict[str, Variety]:
    """Return the figures of some models on the prompts that all of them answered, at equal size.

    Args:
        answers: By model, the texts by prompt id; a void answer is an empty text.
        seed: For the order in which texts are compressed.
    """
    if not answers:
        return {}
    shared = set[str].intersection(*(set(texts) for texts in answers.values()))
    order = stream("variety", seed).sample(sorted(shared), len(shared))
    sizes = {prompt: min(len(texts[prompt].encode()) for texts in answers.values()) for prompt in order}
    return {
        model: variety([_cut(texts[prompt], sizes[prompt]) for prompt in order if sizes[prompt]])
        for model, texts in answers.items()
    }


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode("utf-8", "ignore")


def variety(texts: Sequence[str]) -> Variety:
    """Return the figures of some texts, in the order given."""
    whole = "\n".join(texts).encode()
    runs = [frozenset(runs_of(plain_words(text), _RUN)) for text in texts]
    counts = Counter(run for each in runs for run in each)
    shares = [sum(counts[run] > 1 for run in each) / len(each) for each in runs if each]
    total = sum(counts.values())
    return Variety(
        answers=len(texts),
        size=len(whole),
        compression=len(whole) / len(zlib.compress(whole, 9)) if whole else 0.0,
        shared_runs=sum(shares) / len(shares) if shares else 0.0,
        self_bleu=_self_bleu(texts),
        distinct=len(counts) / total if total else 0.0,
    )


def _self_bleu(texts: Sequence[str]) -> float:
    grams = [[Counter(runs_of(tokens_of(text), size)) for size in _SIZES] for text in texts]
    if len(grams) <= 1:
        return 0.0
    best: list[_Best] = [{} for _ in _SIZES]
    for number, sizes in enumerate(grams):
        for known, counted in zip(best, sizes, strict=True):
            _count_in(known, counted, number)
    return sum(_bleu(number, sizes, best) for number, sizes in enumerate(grams)) / len(grams)


def _count_in(known: _Best, counted: Counter[Run], number: int) -> None:
    """Keep the two largest counts of each n-gram: one of them is the largest in any other text."""
    for gram, count in counted.items():
        first, second, owner = known.get(gram, (0, 0, -1))
        if count > first:
            known[gram] = (count, first, number)
        elif count > second:
            known[gram] = (first, count, owner)


def _bleu(number: int, sizes: Sequence[Counter[Run]], best: Sequence[_Best]) -> float:
    logs = 0.0
    for known, counted in zip(best, sizes, strict=True):
        clipped = 0
        for gram, count in counted.items():
            first, second, owner = known[gram]
            clipped += min(count, second if owner == number else first)
        logs += math.log((clipped + 1) / (sum(counted.values()) + 1))  # add-one, so that one absent size is no zero
    return math.exp(logs / len(_SIZES))
