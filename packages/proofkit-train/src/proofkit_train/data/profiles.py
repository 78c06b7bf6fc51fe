"""Rows of the task `role_profile`: occupations that the catalogue lacks, each written by hand."""

import tomllib
from collections.abc import Iterator

from pydantic import BaseModel, ValidationError

from proofkit_core.brief import Brief
from proofkit_core.drafting.desk import Desk, typed_text
from proofkit_core.drafting.profile import profile_draft
from proofkit_core.generation import Candidate
from proofkit_core.integrity import FactLedger
from proofkit_core.making import NO_MODEL
from proofkit_core.seeds import stream
from proofkit_prompts import Contract, OutputParseError
from proofkit_train.data.gate import Recited
from proofkit_train.data.reading import material_folder
from proofkit_train.data.row import Rejected, Row, make_row
from proofkit_train.data.split import TEST, TRAIN, VALIDATION
from proofkit_train.errors import MaterialError

_PARTS = ("summary", "decisions", "constraints", "vocabulary", "work_samples")


class Profile(BaseModel, frozen=True, strict=True, extra="forbid"):
    """An occupation, and the person who aims for it."""

    target_role: str
    background: str
    skills: tuple[str, ...] = ()
    job_ad: str = ""
    summary: str
    decisions: tuple[str, ...]
    constraints: tuple[str, ...]
    vocabulary: tuple[str, ...]
    work_samples: tuple[str, ...]


class ProfilesFile(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The file of profiles."""

    profile: tuple[Profile, ...]


def load_profiles() -> tuple[Profile, ...]:
    """Return all hand-written profiles.

    Raises:
        MaterialError: The file breaks its form.
    """
    try:
        text = material_folder().joinpath("profiles.toml").read_text(encoding="utf-8")
        return ProfilesFile.model_validate(tomllib.loads(text), strict=False).profile
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise MaterialError(f"profiles.toml: {error}. Mend the file.") from error


def profile_rows(contract: Contract) -> Iterator[Row | Rejected]:
    """Yield a row for each profile, or why there is none."""
    for profile in load_profiles():
        yield _profile_row(profile, contract)


def _profile_row(profile: Profile, contract: Contract) -> Row | Rejected:
    name = profile.target_role.casefold().replace(" ", "-")
    row_id = f"profiles/0/role_profile/{name}"
    value = {part: _plain(getattr(profile, part)) for part in _PARTS}
    try:
        target = contract.serialize("role_profile", value)
    except OutputParseError as error:
        return Rejected(
            id=row_id, task="role_profile", source="hand", reason="bad_format", detail=str(error), target=str(value)
        )
    brief = Brief(
        target_role=profile.target_role, background=profile.background, skills=profile.skills, job_ad=profile.job_ad
    )
    generator = Recited(target)
    kept = profile_draft(brief, _desk(contract, brief, generator)).value
    if generator.prompt is None or kept != value:
        return Rejected(
            id=row_id, task="role_profile", source="hand", reason="gate", detail=f"the app kept {kept}", target=target
        )
    row = make_row(
        generator.prompt,
        target,
        case="profiles",
        role=name,
        variation=0,
        name=name,
        must_keep=(),
        anchors=(),
        contract=contract,
    )
    draw = stream("profile-split", name).random()
    split = TEST if draw < 0.1 else VALIDATION if draw < 0.15 else TRAIN  # noqa: PLR2004 - a tenth and a twentieth
    return row.model_copy(update={"split": split, "weight": 2.0})


def _desk(contract: Contract, brief: Brief, generator: Recited) -> Desk:
    return Desk(
        contract=contract,
        candidates=(Candidate(generator),),
        facts=FactLedger(user_facts=(), scenario_facts=(), company="", consent=()),
        typed=typed_text(brief),
        why_no_model=NO_MODEL,
    )


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)
