"""Chooses the type of work sample: the one a person asked for, or the one that suits the role best."""

from pydantic import BaseModel

from proofkit_core.errors import DataError
from proofkit_core.roles.records import RoleRecord
from proofkit_core.samples.match import find_sample
from proofkit_core.samples.records import SampleType


class SampleChoice(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The type of work sample to make."""

    sample: SampleType
    notices: tuple[str, ...] = ()
    """What the person should know about the choice, in plain sentences."""


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


def _fitting(role: RoleRecord, types: tuple[SampleType, ...]) -> list[SampleType]:
    known = {sample.id: sample for sample in types}
    missing = [sample for sample in role.work_samples if sample not in known]
    if missing:
        raise DataError(
            f"role {role.id!r} names the work sample {missing[0]!r}; expected one of {len(known)} known types. "
            f"Correct its work_samples."
        )
    return [known[sample] for sample in role.work_samples]
