"""Puts a person's changes into an exercise: another company, another number, their own situation or decision."""

import re
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from proofkit_core.challenge.company import name_parts
from proofkit_core.challenge.draw import fill_scenario
from proofkit_core.challenge.facts import Challenge, ScenarioFact
from proofkit_core.cleaning import clean_text, reads_as_instruction
from proofkit_core.errors import InputError
from proofkit_core.scenario import FactRecord, ScenarioRecord
from proofkit_core.wording import sentences

_SENTENCES = range(2, 5)
_CITATION = re.compile(r"\[(S\d+)\]")
_MARKUP = re.compile(r"[\[\]{}<>|`*_#\\]|https?:|\(\s*h\s*\)", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,3}(?:,?\d{3})*(?:\.\d+)?")


def _text(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


class ChallengeChanges(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a person wants to be different; what is not given stays as it is."""

    company: Annotated[str, _text(60)] | None = None
    """Another fictional name."""
    situation: Annotated[str, _text(1_200)] | None = None
    """Two to four sentences; `[S1]` cites a fact."""
    decision: Annotated[str, _text(300)] | None = None
    """A question."""
    facts: dict[str, Annotated[str, _text(160)]] = Field(default_factory=dict)
    """New values by id, such as `{"S2": "40"}`; of a fact without a value, its whole wording."""


def edit_challenge(
    challenge: Challenge, changes: ChallengeChanges, *, scenario: ScenarioRecord, role_title: str, typed: str = ""
) -> Challenge:
    """Return the exercise with the changes, in each of its texts that tells of them.

    A situation or decision that the person wrote before stays theirs.

    Args:
        challenge: The exercise so far.
        changes: What the person wants to be different.
        scenario: The hand-written record that it was drawn from.
        role_title: Title of the role that it was drawn for.
        typed: What the person typed about themselves: a company in it is a real one.

    Raises:
        InputError: A change does not fit the exercise.
    """
    company = _company(changes.company, typed) if changes.company else challenge.company
    facts = _facts(challenge.facts, scenario, changes.facts)
    before = fill_scenario(scenario, challenge.company, role_title, challenge.facts)
    after = fill_scenario(scenario, company, role_title, facts)

    def kept(old: str, drawn: str, new: str) -> str:
        return new if old == drawn else old.replace(challenge.company, company)

    known = frozenset(fact.id for fact in facts)
    situation = kept(challenge.situation, before.situation, after.situation)
    decision = kept(challenge.decision, before.decision, after.decision)
    if changes.situation:
        situation = _plain("situation", changes.situation, known)
    if changes.decision:
        decision = _question(_plain("decision", changes.decision, known))
    lines = after.material.situation if situation == after.situation else _lines(situation)
    material = after.material.model_copy(update={"situation": lines, "decision": decision})
    return after.model_copy(update={"situation": " ".join(lines), "decision": decision, "material": material})


def _company(name: str, typed: str) -> str:
    clean = _plain("company", name, frozenset())
    words = {word.casefold().removesuffix("'s") for word in re.findall(r"[\w']+", clean)}
    if words & set(name_parts()["real"]) or re.search(rf"(?<!\w){re.escape(clean)}(?!\w)", typed, re.IGNORECASE):
        raise InputError(
            f"The company would be called “{clean}”, which is the name of a real one. Expected an invented name, "
            "because the exercise is labelled as fictional. Make one up."
        )
    return clean


def _facts(
    facts: tuple[ScenarioFact, ...], scenario: ScenarioRecord, values: dict[str, str]
) -> tuple[ScenarioFact, ...]:
    unknown = next((fact_id for fact_id in values if fact_id not in {fact.id for fact in facts}), None)
    if unknown:
        raise InputError(
            f"There is no fact {unknown!r}; the exercise has {', '.join(fact.id for fact in facts)}. Use one of these."
        )
    records = {record.key: record for record in scenario.facts}
    return tuple(_fact(fact, records[fact.key], values[fact.id]) if fact.id in values else fact for fact in facts)


def _fact(fact: ScenarioFact, record: FactRecord, typed: str) -> ScenarioFact:
    value = _plain(fact.id, typed, frozenset())
    if record.kind == "fixed":
        return fact.model_copy(update={"text": value})
    if record.kind == "number" and not _NUMBER.fullmatch(value):
        raise InputError(
            f"The value of {fact.id} is “{value}”; expected a number, as in “{fact.text}”. Type digits, such as 40."
        )
    return fact.model_copy(update={"text": record.text.replace("{n}", value), "value": value})


def _plain(what: str, text: str, citable: frozenset[str]) -> str:
    """Return a typed text on one line; marks that only the program sets are refused, facts that exist may be cited."""
    clean = " ".join(clean_text(text).text.split())
    bare = _CITATION.sub(lambda cited: "" if cited[1] in citable else cited[0], clean)
    found = _MARKUP.search(bare)
    if found or not clean or reads_as_instruction(clean):
        shown = f"it holds “{found[0]}”" if found else "it is empty or speaks to the program"
        raise InputError(f"The {what} cannot be used: {shown}. Expected plain text. Write it without marks.")
    return clean


def _question(text: str) -> str:
    if not text.endswith("?"):
        raise InputError(f"The decision is “{text}”; expected a question. End it with a question mark.")
    return text


def _lines(situation: str) -> tuple[str, ...]:
    lines = tuple(sentences(situation))
    if len(lines) not in _SENTENCES:
        raise InputError(
            f"The situation has {len(lines)} sentences; expected two to four. Say in a few sentences what is going on."
        )
    return lines
