"""Finds the type of work sample a person asked for, or the one that suits the role best."""

from typing import NamedTuple

from pydantic import BaseModel
from rapidfuzz import fuzz, process, utils

from proofkit_core.errors import DataError
from proofkit_core.roles.records import RoleRecord
from proofkit_core.samples.records import SampleType

_SURE = 86.0
"""Likeness in percent from which a name counts as misspelt and not as another one."""


class SampleChoice(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The type of work sample to make."""

    sample: SampleType
    notices: tuple[str, ...] = ()
    """What the person should know about the choice, in plain sentences."""


class FoundSample(NamedTuple):
    """A type of work sample with the name it was found by."""

    sample: SampleType
    exact: bool
    """True where the person typed one of its names."""


def choose_sample(preferred: str, role: RoleRecord, types: tuple[SampleType, ...]) -> SampleChoice:
    """Return the type a person asked for; the role's first one where they asked for none or for an unknown one.

    Args:
        preferred: What the person typed: an id, a title or another name, in any spelling close to it.
        role: The role the sample is for.
        types: All types there are.

    Raises:
        DataError: The role names a type that `types` lacks.
    """
    fitting = _fitting(role, types)
    if not preferred.strip():
        return SampleChoice(sample=fitting[0])
    found = find_sample(preferred, types)
    if found is None:
        names = f"{fitting[0].title}, {fitting[1].title} or {fitting[2].title}"
        notice = (
            f"There is no work sample called “{preferred.strip()}”, so this is the one that suits the role best: "
            f"{fitting[0].title}. For {role.title}, ask for {names}."
        )
        return SampleChoice(sample=fitting[0], notices=(notice,))
    if found.exact:
        return SampleChoice(sample=found.sample)
    return SampleChoice(
        sample=found.sample, notices=(f"“{preferred.strip()}” was read as the work sample {found.sample.title}.",)
    )


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


def _fitting(role: RoleRecord, types: tuple[SampleType, ...]) -> list[SampleType]:
    known = {sample.id: sample for sample in types}
    missing = [sample for sample in role.work_samples if sample not in known]
    if missing:
        raise DataError(
            f"role {role.id!r} names the work sample {missing[0]!r}; expected one of {len(known)} known types. "
            f"Correct its work_samples."
        )
    return [known[sample] for sample in role.work_samples]
