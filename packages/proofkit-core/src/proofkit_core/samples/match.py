"""Finds a type of work sample by what a person calls it."""

from typing import NamedTuple

from rapidfuzz import fuzz, process, utils

from proofkit_core.samples.records import SampleType

_SURE = 86.0
"""Likeness in percent from which a name counts as misspelt and not as another one."""


class FoundSample(NamedTuple):
    """A type of work sample with the name it was found by."""

    sample: SampleType
    exact: bool
    """True where the person typed one of its names."""


def find_sample(name: str, types: tuple[SampleType, ...]) -> FoundSample | None:
    """Return the type with this id, title or other name, misspellings allowed, or None."""
    wanted = utils.default_process(name)
    named = {utils.default_process(n): t for t in types for n in (*t.aliases, t.id, t.title)}
    if not wanted:
        return None
    if wanted in named:
        return FoundSample(named[wanted], exact=True)
    best = process.extractOne(wanted, list(named), scorer=fuzz.token_sort_ratio, score_cutoff=_SURE)
    return FoundSample(named[best[0]], exact=False) if best else None
