"""The scenario record: the hand-written material from which a fictional challenge is drawn.

A scenario belongs to a role. Its facts hold the only numbers of the fiction; every other text refers to them with
`{key}` (the value) and `[key]` (the citation, rendered as `[S1]`). An invented number outside the facts must carry
`(h)` in the same clause. `check_text` enforces both when a catalogue is loaded.
"""

import re
from collections.abc import Iterator
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

Line = str
"""One sentence or clause of hand-written text, with placeholders."""

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
CITATION = re.compile(r"\[([a-z_]+)\]")
ALWAYS_KNOWN = frozenset({"company", "role"})
"""Placeholders that every scenario may use besides its facts."""
_BARE_DIGIT = re.compile(r"\d[\d,.:]*(?![^.;]{0,60}\(h\))")


class FactRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One fact of the fiction; its number, date or wording is drawn by seed."""

    key: str = Field(pattern=r"^[a-z][a-z_]*$")
    text: Line
    """What is shown in the fact list; holds `{n}` for a number, date or choice, nothing for a fixed fact."""
    kind: Literal["number", "date", "choice", "fixed"] = "number"
    low: int = 0
    high: int = 0
    step: int = Field(default=1, ge=1)
    weekday: Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] = "Monday"
    weeks: tuple[int, int] = (5, 9)
    """For a date: earliest and latest week after the start of the exercise."""
    choices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _kind_has_its_parts(self) -> Self:
        ok = self.text.count("{n}") == (0 if self.kind == "fixed" else 1)
        if self.kind == "number":
            ok = ok and self.low < self.high
        if self.kind == "choice":
            ok = ok and len(self.choices) >= 2  # noqa: PLR2004 - a choice needs two
        if not ok:
            raise ValueError(f"fact {self.key!r} of kind {self.kind!r}: its text or its range does not fit the kind")
        return self


class OptionRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One of the two courses open in the decision."""

    name: Line
    """Base-form verb phrase that completes "I would …", such as `open one week later`."""
    gain: Line
    """What it brings: a clause with its own subject, lower case, no full stop."""
    cost: Line
    """What it costs: a clause with its own subject, lower case, no full stop."""


class RiskRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One thing that can go wrong, as a table row."""

    what: Line
    sign: Line
    first: Line
    owner: Line
    review: Line


class PersonRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One group of people the work touches, as a table row."""

    who: Line
    needs: Line
    channel: Line
    rhythm: Line


class StepRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One step of the work, as a table row."""

    what: Line
    owner: Line
    when: Line


class MeasureRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One thing to count, as a table row. The target is invented, so it carries `(h)`."""

    name: Line
    today: Line
    target: Line
    how: Line


class AssumptionRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One thing taken as given, with the way to check it."""

    text: Line
    check: Line


class NeedRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One requirement, as a table row."""

    need: Line
    why: Line
    priority: Literal["must", "should", "could"]
    proof: Line


class CheckRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One item of a checklist or scorecard: what to look for and why."""

    item: Line
    why: Line


class SpecimenRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A short piece of the real thing, such as the message, note, script or form the role would write."""

    title: Line
    lines: tuple[Line, ...] = Field(min_length=3, max_length=8)


class ScenarioRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Everything a deterministic writer needs to make a work sample about one situation."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    business: Line
    """Noun phrase with article that describes the fictional company, such as `a family-run chain of bakeries`."""
    company_words: tuple[str, ...] = Field(min_length=3, max_length=8)
    """Second words that suit a company name in this trade, such as `Bakeries`."""
    project: Line
    """Short noun phrase for titles, lower case unless a name, such as `bay booking`."""
    situation: tuple[Line, ...] = Field(min_length=2, max_length=4)
    """Sentences; the first one names `{company}`."""
    facts: tuple[FactRecord, ...] = Field(min_length=5, max_length=7)
    decision: Line
    """A question."""
    options: tuple[OptionRecord, OptionRecord]
    """The recommended course first."""
    criterion: Line
    """Noun phrase that the choice turns on."""
    reasons: tuple[Line, ...] = Field(min_length=2, max_length=3)
    """Sentences in the first person or about the situation; at least one cites a fact."""
    condition: Line
    """Clause that starts with `if`, `once` or `provided`: on what the recommendation depends."""
    ask: Line
    """Base-form verb phrase: the one thing to be decided by somebody else, completes "I would ask X to …"."""
    ask_whom: Line
    """Who decides it, such as `the branch manager`."""
    reversal: tuple[Line, ...] = Field(min_length=2, max_length=3)
    """Sentences: what would change the writer's mind, and what they would do then."""
    risks: tuple[RiskRecord, ...] = Field(min_length=4, max_length=6)
    people: tuple[PersonRecord, ...] = Field(min_length=3, max_length=5)
    steps: tuple[StepRecord, ...] = Field(min_length=5, max_length=7)
    measures: tuple[MeasureRecord, ...] = Field(min_length=3, max_length=4)
    assumptions: tuple[AssumptionRecord, ...] = Field(min_length=3, max_length=4)
    questions: tuple[Line, ...] = Field(min_length=2, max_length=4)
    """Open questions, each naming whom to ask."""
    needs: tuple[NeedRecord, ...] = Field(min_length=4, max_length=6)
    checklist: tuple[CheckRecord, ...] = Field(min_length=5, max_length=7)
    specimen: SpecimenRecord


def check_scenario(scenario: ScenarioRecord) -> str | None:
    """Return what is wrong with a scenario's texts before their numbers are filled in, or None."""
    keys = {fact.key for fact in scenario.facts}
    if len(keys) != len(scenario.facts):
        return f"scenario {scenario.id!r}: a fact key stands twice"
    for where, line in iter_lines(scenario.model_dump(exclude={"id", "company_words", "facts"}), ""):
        problem = check_text(line, keys)
        if problem:
            return f"scenario {scenario.id!r}, {where}: {problem} in {line!r}"
    if not any(CITATION.search(line) for line in scenario.reasons):
        return f"scenario {scenario.id!r}: no reason cites a fact; write [key] after what it supports"
    if any("(h)" not in measure.target for measure in scenario.measures):
        return f"scenario {scenario.id!r}: a measure's target is invented, so it needs (h)"
    return None


def iter_lines(value: object, where: str) -> Iterator[tuple[str, str]]:
    """Yield every text in a nested record with the path that leads to it."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from iter_lines(item, f"{where}.{key}")  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            yield from iter_lines(item, f"{where}[{position}]")  # pyright: ignore[reportUnknownArgumentType]


def check_text(line: str, keys: set[str]) -> str | None:
    """Return what is wrong with one hand-written line, or None.

    Args:
        line: The text with placeholders.
        keys: Fact keys of the scenario; `company` and `role` are always known.
    """
    unknown = [k for k in PLACEHOLDER.findall(line) if k not in keys | ALWAYS_KNOWN]
    unknown += [k for k in CITATION.findall(line) if k not in keys]
    if unknown:
        return f"unknown fact key {unknown[0]!r}"
    without = PLACEHOLDER.sub("", CITATION.sub("", line))
    bare = _BARE_DIGIT.search(without)
    if bare:
        return f"the number {bare.group()!r} is neither a fact nor followed by (h)"
    return None
