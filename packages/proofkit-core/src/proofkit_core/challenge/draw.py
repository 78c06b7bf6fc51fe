"""Draws a challenge from a scenario: invents the company, fixes each fact and fills the texts."""

import datetime as dt
import random
from typing import Any

from proofkit_core.challenge.company import invent_company
from proofkit_core.challenge.facts import Challenge, ScenarioFact
from proofkit_core.scenario import CITATION, PLACEHOLDER, FactRecord, ScenarioRecord
from proofkit_core.seeds import stream

EXERCISE_YEAR_START = dt.date(2027, 3, 1)
"""A Monday. Exercise dates carry no year; they only have to agree with each other, so no clock is read."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
"""Written out here because `strftime` follows the process's locale."""


def draw_challenge(scenario: ScenarioRecord, *, role_title: str, brief_digest: str, seed: int) -> Challenge:
    """Return the challenge that this brief and seed get; the same ones always get the same.

    Args:
        scenario: The hand-written record.
        role_title: Fills `{role}`.
        brief_digest: What the draws follow in the brief; see `proofkit_core.seeds.draw_digest`.
        seed: The person's seed; another one gives another company and other numbers.
    """
    company = invent_company(scenario.company_words, stream(brief_digest, seed, scenario.id, "company"))
    start = EXERCISE_YEAR_START + dt.timedelta(weeks=stream(brief_digest, seed, "start").randrange(30))
    facts = tuple(
        _draw_fact(fact, f"S{position}", start, stream(brief_digest, seed, scenario.id, fact.key))
        for position, fact in enumerate(scenario.facts, 1)
    )
    return fill_scenario(scenario, company, role_title, facts)


def fill_scenario(
    scenario: ScenarioRecord, company: str, role_title: str, facts: tuple[ScenarioFact, ...]
) -> Challenge:
    """Return the challenge of a scenario whose company and facts are fixed.

    Args:
        scenario: The hand-written record.
        company: Fills `{company}`.
        role_title: Fills `{role}`.
        facts: The scenario's facts with their values.
    """
    values = {"company": company, "role": role_title} | {fact.key: fact.value for fact in facts}
    ids = {fact.key: fact.id for fact in facts}
    material = ScenarioRecord.model_validate(_fill_all(scenario.model_dump(exclude={"facts"}), values, ids) | {
        "facts": scenario.facts
    })  # fmt: skip
    return Challenge(
        scenario_id=scenario.id,
        company=company,
        business=material.business,
        project=material.project,
        situation=" ".join(material.situation),
        facts=facts,
        decision=material.decision,
        material=material,
    )


def _draw_fact(fact: FactRecord, fact_id: str, start: dt.date, rng: random.Random) -> ScenarioFact:
    if fact.kind == "number":
        value = f"{rng.randrange(fact.low, fact.high + 1, fact.step):,}"
    elif fact.kind == "date":
        week = start + dt.timedelta(weeks=rng.randint(*fact.weeks))
        day = week + dt.timedelta(days=_WEEKDAYS.index(fact.weekday))
        value = f"{fact.weekday} {day.day} {_MONTHS[day.month - 1]}"
    elif fact.kind == "choice":
        value = rng.choice(fact.choices)
    else:
        value = ""
    return ScenarioFact(id=fact_id, key=fact.key, text=fact.text.replace("{n}", value), value=value)


def _fill(line: str, values: dict[str, str], ids: dict[str, str]) -> str:
    cited = CITATION.sub(lambda m: f"[{ids[m[1]]}]", line)
    return PLACEHOLDER.sub(lambda m: values[m[1]], cited)


def _fill_all(value: Any, values: dict[str, str], ids: dict[str, str]) -> Any:  # noqa: ANN401 - walks any record
    if isinstance(value, str):
        return _fill(value, values, ids)
    if isinstance(value, dict):
        return {key: _fill_all(item, values, ids) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return tuple(_fill_all(item, values, ids) for item in value)  # pyright: ignore[reportUnknownVariableType]
    return value
