"""Builds the fact ledger: what a statement about the person, or about the exercise, may rest on."""

from typing import TYPE_CHECKING

from proofkit_core.integrity.records import Fact, FactLedger

if TYPE_CHECKING:
    from proofkit_core.brief import Brief
    from proofkit_core.challenge.facts import Challenge

SCENARIO_REF = "scenario"
"""Where the situation and the decision of the exercise come from."""


def fact_ledger(brief: "Brief", challenge: "Challenge") -> FactLedger:
    """Return what is known: the person's own words, and the facts of the exercise.

    The job ad is left out: it says what an employer wants, nothing about the person. So is the target role.

    Args:
        brief: What the person typed.
        challenge: The fictional company and its facts.
    """
    from proofkit_core.scenario import iter_lines  # noqa: PLC0415 - whoever has a challenge has loaded it already

    user = [Fact(ref="background", text=brief.background)]
    for field in ("notes", "skills", "weak_spots"):
        user += [Fact(ref=f"{field}[{i}]", text=text) for i, text in enumerate(getattr(brief, field))]
    user += [Fact(ref=f"answers.{ref}", text=text) for ref, text in brief.answers.items()]
    user += [Fact(ref="resume", text=brief.resume), Fact(ref="name", text=brief.name)]
    scenario = [Fact(ref=fact.id, text=fact.text) for fact in challenge.facts]
    texts = [challenge.situation, challenge.decision]
    # Lines of the hand-written scenario that cite a fact repeat its number in other words.
    texts += [line for _, line in iter_lines(challenge.material.model_dump(exclude={"facts"}), "") if "[S" in line]
    scenario += [Fact(ref=SCENARIO_REF, text=text) for text in dict.fromkeys(texts)]
    return FactLedger(
        user_facts=tuple(fact for fact in user if fact.text.strip()),
        scenario_facts=tuple(fact for fact in scenario if fact.text.strip()),
        company=challenge.company,
        consent=(),
        people=(brief.name,) if brief.name else (),
    )
