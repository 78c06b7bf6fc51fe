"""Drawing a challenge: seeded, filled, and never a real company's name."""

import datetime as dt

import pytest

from proofkit_core.challenge.company import invent_company, name_parts
from proofkit_core.challenge.draw import EXERCISE_YEAR_START, draw_challenge
from proofkit_core.roles.catalog import CatalogueRole, load_catalogue
from proofkit_core.scenario import check_text, iter_lines
from proofkit_core.seeds import stream


@pytest.mark.parametrize("entry", load_catalogue(), ids=lambda e: e.role.id)
def test_no_placeholder_is_left_and_every_fact_has_an_id(entry: CatalogueRole) -> None:
    for seed in range(5):
        challenge = draw_challenge(entry.role.scenarios[0], role_title="x y", brief_digest="d", seed=seed)
        texts = [text for _, text in iter_lines(challenge.model_dump(exclude={"material": {"facts"}}), "")]
        assert not [text for text in texts if "{" in text]
        assert [fact.id for fact in challenge.facts] == [f"S{i}" for i in range(1, len(challenge.facts) + 1)]
        assert challenge.company in challenge.situation


@pytest.mark.parametrize("entry", load_catalogue()[::9], ids=lambda e: e.role.id)
def test_the_same_seed_gives_the_same_challenge_and_another_gives_another(entry: CatalogueRole) -> None:
    drawn = [draw_challenge(entry.role.scenarios[0], role_title="x", brief_digest="d", seed=s) for s in (1, 1, 2)]
    assert drawn[0] == drawn[1]
    assert drawn[0].company != drawn[2].company


def test_numbers_stay_within_their_range_and_on_their_step() -> None:
    for entry in load_catalogue():
        scenario = entry.role.scenarios[0]
        challenge = draw_challenge(scenario, role_title="x", brief_digest="d", seed=7)
        for record, fact in zip(scenario.facts, challenge.facts, strict=True):
            if record.kind == "number":
                value = int(fact.value.replace(",", ""))
                assert record.low <= value <= record.high
                assert (value - record.low) % record.step == 0


def test_dates_fall_on_their_weekday() -> None:
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    seen = 0
    for entry in load_catalogue():
        scenario = entry.role.scenarios[0]
        for record, fact in zip(
            scenario.facts, draw_challenge(scenario, role_title="x", brief_digest="e", seed=3).facts, strict=True
        ):
            if record.kind == "date":
                weekday, day, month = fact.value.split()
                number = months.index(month) + 1
                year = EXERCISE_YEAR_START.year + (number < EXERCISE_YEAR_START.month)
                assert f"{dt.date(year, number, int(day)):%A}" == weekday == record.weekday
                seen += 1
    assert seen > 20


def test_no_stem_of_a_real_name_is_ever_used() -> None:
    names = {invent_company(("Supply",), stream("names", i)) for i in range(2_000)}
    assert len(names) > 1_000
    assert not {name.split()[0].lower() for name in names} & set(name_parts()["real"])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{unknown} bays", "unknown fact key 'unknown'"),
        ("4 bays [bays]", "the number '4'"),
        ("under 10 minutes. (h)", "the number '10'"),
    ],
)
def test_a_scenario_line_with_a_loose_number_or_key_is_refused(line: str, problem: str) -> None:
    found = check_text(line, {"bays"})
    assert found
    assert problem in found


@pytest.mark.parametrize("line", ["{bays} bays [bays]", "under 10 minutes (h)", "{company} has two doors"])
def test_a_scenario_line_with_facts_and_labels_is_fine(line: str) -> None:
    assert check_text(line, {"bays"}) is None
