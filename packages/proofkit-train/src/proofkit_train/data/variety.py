"""Measures how much the targets differ: compression, shared runs of words, self-BLEU, runs shared with templates.

All figures are ratios of counts, so they are the same on every machine. Lower is more varied, save for the distinct
share.
"""

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from proofkit_core.seeds import stream
from proofkit_train.data.row import Row

RUN = 6
"""Length in words of the runs that are compared."""
_WORD = re.compile(r"\w+|[^\w\s]")
_PLAIN = re.compile(r"\w+")


class Variety(NamedTuple):
    """Figures of one set of targets."""

    rows: int
    compression: float
    """Bytes over compressed bytes, of the targets in a drawn order; plain English is at about 2.5 to 3."""
    shared_runs: float
    """Share of a target's runs of six words that stand in at least one other target, averaged."""
    self_bleu: float
    """BLEU-4 of a target against others of its task, averaged over a sample; 0 to 1."""
    distinct: float
    """Share of all targets' runs of six words that are different from each other."""


def tokens_of(text: str) -> list[str]:
    """Return words and marks, folded."""
    return _WORD.findall(text.casefold())


def runs_of(text: str, size: int = RUN) -> set[tuple[str, ...]]:
    """Return the runs of words of a text."""
    words = _PLAIN.findall(text.casefold())
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}


def measure(rows: Sequence[Row], *, sample: int = 200, seed: int = 0) -> Variety:
    """Return the figures of some rows' targets.

    Args:
        rows: Rows of one task, or of several.
        sample: Targets to compare by BLEU; each against as many others.
        seed: For the sample.
    """
    targets = [row.target for row in rows]
    drawn = stream("variety", seed).sample(targets, len(targets))
    text = "\n".join(drawn).encode()
    runs = [runs_of(target) for target in targets]
    counts = Counter(run for each in runs for run in each)
    shares = [sum(counts[run] > 1 for run in each) / len(each) for each in runs if each]
    total = sum(counts.values())
    return Variety(
        rows=len(rows),
        compression=len(text) / len(zlib.compress(text, 9)) if text else 0.0,
        shared_runs=sum(shares) / len(shares) if shares else 0.0,
        self_bleu=_self_bleu(drawn[:sample]),
        distinct=len(counts) / total if total else 0.0,
    )


def _self_bleu(texts: Sequence[str]) -> float:
    grams = [[_grams(tokens_of(text), size) for size in range(1, 5)] for text in texts]
    if len(grams) <= 1:
        return 0.0
    # The clipping count of an n-gram is its largest in any other text: the two largest of all suffice.
    best: list[dict[tuple[str, ...], tuple[int, int, int]]] = [{} for _ in range(4)]
    for number, sizes in enumerate(grams):
        for size, counted in enumerate(sizes):
            for gram, count in counted.items():
                first, second, owner = best[size].get(gram, (0, 0, -1))
                if count > first:
                    best[size][gram] = (count, first, number)
                elif count > second:
                    best[size][gram] = (first, count, owner)
    return sum(_bleu(number, sizes, best) for number, sizes in enumerate(grams)) / len(grams)


def _bleu(
    number: int, sizes: Sequence[Counter[tuple[str, ...]]], best: Sequence[dict[tuple[str, ...], tuple[int, int, int]]]
) -> float:
    logs = 0.0
    for size, counted in enumerate(sizes):
        total = sum(counted.values())
        clipped = 0
        for gram, count in counted.items():
            first, second, owner = best[size][gram]
            clipped += min(count, second if owner == number else first)
        logs += math.log((clipped + 1) / (total + 1))  # add-one smoothing, so that one absent size is no zero
    return math.exp(logs / 4)


def _grams(tokens: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1))


class Overlap(NamedTuple):
    """The longest run of words that a target shares with a template."""

    words: int
    text: str
    row: str


def longest_shared(rows: Iterable[Row], templates: Iterable[str]) -> Overlap:
    """Return the longest run of words that stands in a target and in a template too.

    Args:
        rows: Rows with their targets.
        templates: Sentences of the program that writes without a model; placeholders in them match nothing.
    """
    words_of_templates: list[list[str]] = []
    for template in templates:
        parts = re.split(r"\{[^}]*\}|\[[a-z_]+\]", template)
        words_of_templates.extend(_PLAIN.findall(part.casefold()) for part in parts)
    best = Overlap(0, "", "")
    known = {size: frozenset(_all_runs(words_of_templates, size)) for size in range(2, 40)}
    for row in rows:
        words = _PLAIN.findall(row.target.casefold())
        size = max(best.words + 1, 2)
        while size in known and (found := next((run for run in _runs(words, size) if run in known[size]), None)):
            best = Overlap(size, " ".join(found), row.id)
            size += 1
    return best


def _all_runs(texts: Iterable[Sequence[str]], size: int) -> Iterator[tuple[str, ...]]:
    for words in texts:
        yield from _runs(words, size)


def _runs(words: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[i : i + size]) for i in range(len(words) - size + 1))


class NearDouble(NamedTuple):
    """A held-out target that training comes close to."""

    row: str
    share: float
    """Share of its runs of eight words that stand in some training target."""


def near_doubles(trained: Iterable[Row], held: Iterable[Row], *, size: int = 8, most: float = 0.5) -> list[NearDouble]:
    """Return held-out targets of which more than `most` stands in training.

    Args:
        trained: Rows of the training split.
        held: Rows of another split.
        size: Length in words of the runs compared.
        most: Share from which a target counts as a near double.
    """
    known = {run for row in trained for run in runs_of(row.target, size)}
    found: list[NearDouble] = []
    for row in held:
        runs = runs_of(row.target, size)
        share = sum(run in known for run in runs) / len(runs) if runs else 0.0
        if share > most:
            found.append(NearDouble(row.id, share))
    return found
