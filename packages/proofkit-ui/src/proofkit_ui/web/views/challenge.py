"""What the third step shows: the fictional company, its problem, and every part that can be changed."""

from collections.abc import Mapping

from pydantic import BaseModel

from proofkit_core.challenge.facts import Challenge, ScenarioFact
from proofkit_serve.sessions import Document
from proofkit_serve.sessions.document import StoredExercise
from proofkit_ui.web.views.naming import inside
from proofkit_ui.web.views.notices import plain_notice
from proofkit_ui.web.views.typing import Field, typed_texts
from proofkit_ui.web.words import Words

__all__ = ["FORM", "ChallengeView", "FactField", "challenge_problems", "challenge_texts", "challenge_view", "form_of"]

FORM = "challenge"
_CAPS = {"company": 60, "situation": 1_200, "decision": 300}
_FACT_CAP = 160


class FactField(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One fact of the fiction."""

    id: str
    """`S1`, `S2` …, as texts cite it."""
    text: str
    """The whole fact, as it stands."""
    before: str
    """What of its wording stands before the value; empty for a fact without one."""
    after: str
    has_value: bool
    field: Field


class ChallengeView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The third step."""

    session_id: str
    sample: str
    """The type of work sample, as it stands inside a sentence."""
    reader: str
    business: str
    shown_company: str
    """As it stands, not as it is typed."""
    shown_situation: str
    shown_decision: str
    company: Field
    situation: Field
    decision: Field
    facts: tuple[FactField, ...]
    options: tuple[str, ...]
    """The two courses that are open."""
    problems: tuple[str, ...]
    """Ids of the fields that something is wrong with."""
    is_edited: bool
    """Whether anything differs from what was drawn."""
    is_open: bool
    """Whether the fields are shown."""
    sections: int
    """Texts that would have to be looked at after a change."""
    asks_company: bool
    """Whether another company was asked for, which would put texts away."""
    notices: tuple[str, ...]


def form_of(exercise: StoredExercise) -> str:
    """Return the first part of the places of this exercise: what was typed for another one is not shown here."""
    return f"{FORM}.{exercise.key[:12]}"


def challenge_texts(challenge: Challenge) -> dict[str, str]:
    """Return the fields of a challenge as the session holds them; facts by their ids in small letters."""
    texts = {"company": challenge.company, "situation": challenge.situation, "decision": challenge.decision}
    return texts | {fact.id.lower(): fact.value or fact.text for fact in challenge.facts}


def challenge_view(
    document: Document,
    exercise: StoredExercise,
    words: Words,
    *,
    drawn: Challenge | None = None,
    problems: Mapping[str, str] | None = None,
    asks_company: bool = False,
) -> ChallengeView:
    """Return what the third step shows.

    Args:
        document: The session; what was typed and not sent off is shown as it was typed.
        exercise: Its exercise.
        words: The words of the page.
        drawn: The challenge as it was drawn, to tell whether something was changed.
        problems: What is wrong, by field.
        asks_company: Whether to ask before another company is drawn.
    """
    told = exercise.challenge
    typed = typed_texts(document, form_of(exercise))
    found = problems or {}
    texts = challenge_texts(told) | typed

    def field(name: str) -> Field:
        return Field(value=texts[name], error=found.get(name, ""))

    return ChallengeView(
        session_id=document.id,
        sample=inside(exercise.sample.title),
        reader=exercise.sample.reader,
        business=told.business,
        shown_company=told.company,
        shown_situation=told.situation,
        shown_decision=told.decision,
        company=field("company"),
        situation=field("situation"),
        decision=field("decision"),
        facts=tuple(_fact(fact, field(fact.id.lower())) for fact in told.facts),
        options=tuple(option.name for option in told.material.options),
        problems=tuple(name for name in texts if name in found),
        is_edited=drawn is not None and drawn != told,
        is_open=bool(typed or found),
        sections=len(document.sections),
        asks_company=asks_company,
        notices=tuple(plain_notice(each, words) for each in exercise.notices),
    )


def challenge_problems(texts: Mapping[str, str], words: Words) -> dict[str, str]:
    """Return what is wrong with the lengths of what was typed, by field.

    Args:
        texts: The fields as they were typed.
        words: The words of the page.
    """
    found: dict[str, str] = {}
    for name, text in texts.items():
        most = _CAPS.get(name, _FACT_CAP)
        if not text:
            found[name] = words("challenge.empty")
        elif len(text) > most:
            found[name] = words("challenge.too_long", got=f"{len(text):,}", most=f"{most:,}")
    return found


def _fact(fact: ScenarioFact, field: Field) -> FactField:
    before, _, after = fact.text.partition(fact.value) if fact.value else ("", "", "")
    return FactField(
        id=fact.id, text=fact.text, before=before.strip(), after=after.strip(), has_value=bool(fact.value), field=field
    )
