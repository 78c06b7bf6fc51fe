"""What the second step shows: the role that was found, others, and the types of work sample that fit."""

from collections.abc import Mapping

from pydantic import BaseModel

from proofkit_core.packet import Writer
from proofkit_core.roles.catalog import CatalogueRole
from proofkit_core.roles.match import RoleMatch
from proofkit_core.samples.records import SampleType
from proofkit_serve.sessions import Document, StoredRole
from proofkit_ui.web.views.drafts import DraftView
from proofkit_ui.web.views.job_ad import CHOSEN, AdView, ad_view
from proofkit_ui.web.views.notices import plain_notice
from proofkit_ui.web.words import Words

__all__ = ["Found", "MatchView", "Pending", "RoleFamily", "RoleOption", "SampleOption", "match_view"]

_SHOWN_DECISIONS = 4


class RoleOption(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Another role."""

    id: str
    title: str
    summary: str


class RoleFamily(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Roles of one field of work."""

    title: str
    roles: tuple[RoleOption, ...]


class SampleOption(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A type of work sample."""

    id: str
    title: str
    plain: str


class Found(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The role that the work sample is written for."""

    title: str
    family: str
    """Empty where the catalogue lacks the role."""
    summary: str
    why: str
    decides: tuple[str, ...]
    is_covered: bool
    done: str
    """Where the catalogue lacks it: key of the words for what was done about that."""
    fallback: str
    """Why a model was asked for nothing; empty where that did not happen."""
    vocabulary: tuple[str, ...]
    """Words of the trade that are used; shown where somebody should check them."""
    is_own_choice: bool
    can_ask: bool
    """Whether there is a model that could be asked to describe it again."""


class Pending(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A choice that would put texts away, so that it is asked about first."""

    action: str
    name: str
    value: str
    title: str
    """What was chosen."""
    sections: int


class MatchView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The second step."""

    session_id: str
    target_role: str
    has_ad: bool
    """Whether a job ad was given."""
    ad: AdView | None
    """What came of it; None where there is none, or no role yet."""
    found: Found | None
    """None while it is looked for, and where nobody looked yet."""
    is_ready: bool
    """Whether the challenge stands, so that one can go on."""
    alternatives: tuple[RoleOption, ...]
    families: tuple[RoleFamily, ...]
    roles: int
    """How many roles the catalogue has."""
    sample: str
    """Id of the type of work sample."""
    fitting: tuple[SampleOption, ...]
    others: tuple[SampleOption, ...]
    is_other: bool
    """Whether the type is one of the others, so that these are shown."""
    notices: tuple[str, ...]
    draft: DraftView | None
    pending: Pending | None


def match_view(  # noqa: PLR0913 - what the page shows, each under its name
    document: Document,
    words: Words,
    match: RoleMatch,
    catalogue: tuple[CatalogueRole, ...],
    types: tuple[SampleType, ...],
    *,
    without_ad: RoleMatch | None = None,
    draft: DraftView | None = None,
    pending: Pending | None = None,
) -> MatchView:
    """Return what the second step shows.

    Args:
        document: The session, with a goal.
        words: The words of the page.
        match: What the catalogue has for the goal.
        catalogue: All roles.
        types: All types of work sample.
        without_ad: What it would have if the goal held no job ad; left out, the same.
        draft: A draft that runs or went wrong.
        pending: A choice that is asked about.
    """
    role, exercise = document.role, document.exercise
    known = {each.id: each for each in types}
    fitting = role.entry.role.work_samples if role else ()
    # Before the exercise is set, the type that it would be set for.
    sample = exercise.sample.id if exercise else document.sample_choice or next(iter(fitting), "")
    notices = (*document.notices, *(exercise.notices if exercise else ()))
    return MatchView(
        session_id=document.id,
        target_role=document.goal.target_role if document.goal else "",
        has_ad=bool(document.goal and document.goal.job_ad),
        ad=ad_view(document, match, without_ad or match),
        found=_found(role, words) if role else None,
        is_ready=exercise is not None,
        alternatives=_alternatives(match, role),
        families=_families(catalogue),
        roles=len(catalogue),
        sample=sample,
        fitting=tuple(_sample(known[name]) for name in fitting if name in known),
        others=tuple(_sample(each) for each in types if each.id not in fitting),
        is_other=bool(sample) and sample not in fitting,
        notices=tuple(plain_notice(each, words) for each in notices),
        draft=draft,
        pending=pending,
    )


def _found(role: StoredRole, words: Words) -> Found:
    record, choice = role.entry.role, role.choice
    origin = choice.origin
    by_model = choice.synthesised_by == "model"
    failed = origin.fallback if origin and origin.writer is not Writer.MODEL else None
    return Found(
        title=choice.title,
        family=role.entry.family_title if choice.covered else "",
        summary=record.summary,
        why=choice.why if choice.covered else "",
        decides=record.decides[:_SHOWN_DECISIONS],
        is_covered=choice.covered,
        done="" if choice.covered else f"match.uncovered.{'model' if by_model else 'own_words'}",
        fallback=words("match.uncovered.fallback", why=failed.message) if failed else "",
        vocabulary=() if choice.covered else record.vocabulary,
        can_ask=origin is not None,
        is_own_choice=choice.covered and choice.score == 1.0 and choice.why == CHOSEN,
    )


def _alternatives(match: RoleMatch, role: StoredRole | None) -> tuple[RoleOption, ...]:
    found = (*((match.role,) if match.role else ()), *match.alternatives)
    current = role.choice.role_id if role else ""
    return tuple(_option(each) for each in found if each.role.id != current)


def _families(catalogue: tuple[CatalogueRole, ...]) -> tuple[RoleFamily, ...]:
    by_title: dict[str, list[RoleOption]] = {}
    for each in catalogue:
        by_title.setdefault(each.family_title, []).append(_option(each))
    ordered: Mapping[str, list[RoleOption]] = dict(sorted(by_title.items()))
    return tuple(RoleFamily(title=title, roles=tuple(roles)) for title, roles in ordered.items())


def _option(entry: CatalogueRole) -> RoleOption:
    return RoleOption(id=entry.role.id, title=entry.role.title, summary=entry.role.summary)


def _sample(each: SampleType) -> SampleOption:
    return SampleOption(id=each.id, title=each.title, plain=each.plain)
