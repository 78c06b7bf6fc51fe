"""Chooses the role to write for: the catalogue's where it has one, else one made from what the person typed."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from proofkit_core.brief import Brief
from proofkit_core.cleaning import reads_as_instruction
from proofkit_core.faithfulness import anchors, fold, stem
from proofkit_core.generation import Embedder
from proofkit_core.packet import Fallback, FallbackReason, Origin, RoleChoice, Writer
from proofkit_core.roles.catalog import CatalogueRole
from proofkit_core.roles.generic import GenericRole, load_generic_role, scenarios_for
from proofkit_core.roles.index import RoleIndex
from proofkit_core.roles.match import RoleMatch, match_role, role_query
from proofkit_core.roles.profile import RoleProfile, read_profile
from proofkit_core.roles.records import RoleRecord
from proofkit_core.samples.catalog import load_sample_types

_TITLE_CAP = 60
_SPOKEN_WORDS = 4
_UNNAMED = "specialist"
_NO_PROFILE = RoleProfile("", (), (), (), ())
_NOTHING_USED = Fallback(reason=FallbackReason.OFF_TOPIC, message="nothing in the draft describes such a role")
_WANTS = re.compile(
    r"^(?:i\s+(?:want|would like|hope|plan)\s+to\s+)?(?:become|be|work(?:ing)?\s+as|retrain\s+as|train\s+as)\s+",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:an?|the|my|aspiring|future|trainee)\s+", re.IGNORECASE)
_PAREN = re.compile(r"\([^()]*\)")
_UNSAFE = re.compile(r"[^\w\s&'/,.+-]")
_PLAIN = re.compile(r"^[^\W\d_]+(?:[\s'/&-]+[^\W\d_]+)*$")
_CLAUSE = re.compile(r"\b(?:who|that|which|where|at|for|with|because|something|anything)\b", re.IGNORECASE)
_AD_TALK = frozenset(
    map(
        stem,
        """
        applicant applications apply benefits bonus candidate career colleagues company contact contract customers
        daily degree desirable development duties employer environment essential excellent flexible friendly full-time
        holiday hours ideal include including interview join knowledge looking monthly motivated offer opportunity
        part-time passionate pension position preferred previous proven provide qualification record reliable required
        requirements responsible responsibilities role salary skills staff start strong successful support team tasks
        training vacancy weekend weekly
        """.split(),  # noqa: SIM905 - a word list reads best as words
    )
)
_WORDS_TAKEN = 8
_SHORTEST_TERM = 5


class ChosenRole(NamedTuple):
    """The role to write for, and how it was found."""

    entry: CatalogueRole
    choice: RoleChoice


def choose_role(
    brief: Brief,
    index: RoleIndex,
    *,
    embedder: Embedder | None = None,
    profile: Mapping[str, object] | None = None,
    origin: Origin | None = None,
) -> ChosenRole:
    """Return the catalogue's role that a brief means, or one made for it where the catalogue has none.

    Args:
        brief: What the person typed.
        index: The catalogue prepared for search.
        embedder: Adds the nearness in meaning to the search.
        profile: A model's description of a role that the catalogue lacks; each item of it is checked.
        origin: How that description came about, also where there is none in the end; kept with the choice.

    Raises:
        StaleIndexError: The vectors of the index are from another encoder.
    """
    match = match_role(role_query(brief), index, embedder=embedder)
    alternatives = tuple(entry.role.title for entry in match.alternatives)
    if match.role is None:
        return _make_for(brief, match, alternatives, profile, origin)
    choice = RoleChoice(
        title=match.role.role.title,
        role_id=match.role.role.id,
        family=match.role.family,
        covered=True,
        why=match.why,
        score=match.score,
        alternatives=alternatives,
    )
    return ChosenRole(match.role, choice)


def _make_for(
    brief: Brief,
    match: RoleMatch,
    alternatives: tuple[str, ...],
    profile: Mapping[str, object] | None,
    origin: Origin | None,
) -> ChosenRole:
    read = _read(brief, profile)
    entry = _record(brief, read)
    described = "a model described the role" if not read.is_empty else "the role was described from your own words"
    done = f"So {described}, and the exercise is a general one that fits any job."
    choice = RoleChoice(
        title=entry.role.title,
        role_id="",
        family=entry.family,
        covered=False,
        synthesised_by="template" if read.is_empty else "model",
        why=f"{match.why} {done}",
        score=match.score,
        alternatives=alternatives,
        origin=_without_use(origin) if origin and read.is_empty else origin,
    )
    return ChosenRole(entry, choice)


def _without_use(origin: Origin) -> Origin:
    """Return the origin of a profile of which no item is used, as one that was turned down."""
    if origin.writer is not Writer.MODEL:
        return origin
    tried = tuple(each.model_copy(update={"fallback": each.fallback or _NOTHING_USED}) for each in origin.tried)
    return origin.model_copy(update={"writer": Writer.TEMPLATE, "fallback": _NOTHING_USED, "tried": tried})


def synthesise_role(brief: Brief, *, profile: Mapping[str, object] | None = None) -> CatalogueRole:
    """Make a role record from a brief; the same brief and profile give the same record.

    Args:
        brief: Gives the title, the skills and, with the job ad, the vocabulary.
        profile: A model's description of the role; each item of it is checked, and what fails is left out.
    """
    return _record(brief, _read(brief, profile))


def _read(brief: Brief, profile: Mapping[str, object] | None) -> RoleProfile:
    if profile is None:
        return _NO_PROFILE
    return read_profile(profile, load_sample_types(), typed=f"{brief.target_role} {brief.background} {brief.job_ad}")


def _record(brief: Brief, profile: RoleProfile) -> CatalogueRole:
    generic = load_generic_role()
    title = tidy_title(brief.target_role)
    spoken = spoken_role(title)
    role = RoleRecord(
        id=re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "role",
        title=title,
        aliases=_aliases(title, spoken),
        summary=profile.summary or generic.summary.replace("{role}", spoken),
        decides=_filled(profile.decides, generic.decides, 5),
        constraints=_filled(profile.constraints, generic.constraints, 5),
        tradeoffs=generic.tradeoffs,
        vocabulary=_filled((*profile.vocabulary, *_distinctive_words(brief)), generic.vocabulary, 20),
        skills=_filled(brief.skills, generic.skills, 10),
        work_samples=_three(profile, generic),
        scenarios=scenarios_for(spoken),
    )
    return CatalogueRole(family=generic.family, family_title=generic.title, role=role)


def tidy_title(typed: str) -> str:
    """Return a role as typed, without `I want to become a`, brackets and stray marks, with a capital first."""
    if reads_as_instruction(typed):
        return _UNNAMED.capitalize()
    text = " ".join(_UNSAFE.sub(" ", _PAREN.sub(" ", typed)).split())
    text = _ARTICLE.sub("", _ARTICLE.sub("", _WANTS.sub("", text)))
    if len(text) > _TITLE_CAP:
        text = text[: _TITLE_CAP + 1].rsplit(" ", 1)[0][:_TITLE_CAP]
    text = text.strip(" .,/&+-'") or _UNNAMED
    if text.isupper() and len(text) > _SPOKEN_WORDS:
        text = text.lower()
    return text[:1].upper() + text[1:]


def spoken_role(title: str) -> str:
    """Return a title as it stands before `work` or `job` in a sentence; `specialist` where it is no plain name."""
    words = title.split()
    if len(words) > _SPOKEN_WORDS or not _PLAIN.match(title) or _CLAUSE.search(title):
        return _UNNAMED
    return " ".join(word if word[1:] != word[1:].lower() else word.lower() for word in words)


def _aliases(title: str, spoken: str) -> tuple[str, ...]:
    return (title, spoken, f"junior {spoken}", f"senior {spoken}", f"trainee {spoken}")


def _filled(own: tuple[str, ...], generic: tuple[str, ...], most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*own, *generic)))[:most]


def _three(profile: RoleProfile, generic: GenericRole) -> tuple[str, str, str]:
    first, second, third = _filled(profile.work_samples, generic.work_samples, 3)
    return first, second, third


def _distinctive_words(brief: Brief) -> tuple[str, ...]:
    """Return the words that mark this job: the ad's and the person's, commonest first, without what every ad says."""
    text = f"{brief.job_ad}\n{brief.background}"
    counts = Counter(stem(fold(word)) for word in re.findall(r"[^\W\d_]+", text))
    words = [w for w in anchors(text) if len(w) >= _SHORTEST_TERM and w.isalpha() and w == w.lower()]
    own = [w for w in words if stem(fold(w)) not in _AD_TALK]
    return tuple(sorted(own, key=lambda w: -counts[stem(fold(w))]))[:_WORDS_TAKEN]
