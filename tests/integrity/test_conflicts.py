"""A figure that says itself that it is made up contradicts nobody, unless it is said of the person's own life."""

import pytest

from proofkit_core.integrity import Carrier, Fact, FactLedger, Outcome, review_text

FACTS = FactLedger(
    user_facts=(
        Fact(ref="answers.wait", text="a month? 30 minutes. then they come anyway"),
        Fact(ref="background", text="I led a team of 9 people for six years."),
    ),
    scenario_facts=(),
    company="Larkmoor Ward",
    consent=(),
)


@pytest.mark.parametrize("carrier", [Carrier.TALKING_POINT, Carrier.POST, Carrier.SECTION])
@pytest.mark.parametrize(
    "text",
    [
        "An admission keeps one nurse busy for about 50 minutes (h).",
        "I assumed that an admission keeps one nurse busy for about 50 minutes (h).",
    ],
)
def test_an_assumption_of_the_exercise_contradicts_no_fact_of_the_person(text: str, carrier: Carrier) -> None:
    verdict = review_text(text, carrier=carrier, facts=FACTS)
    assert "fact.conflict" not in {finding.rule for finding in verdict.findings}
    assert verdict.outcome is not Outcome.BLOCKED


def test_a_label_does_not_turn_another_number_of_ones_own_life_into_an_assumption() -> None:
    verdict = review_text("I led a team of 15 people (h) for six years.", carrier=Carrier.POST, facts=FACTS)
    assert "fact.conflict" in {finding.rule for finding in verdict.findings}
