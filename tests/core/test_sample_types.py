import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from proofkit_core.errors import DataError
from proofkit_core.samples import catalog
from proofkit_core.samples.catalog import load_sample_types, read_samples, sample_type
from proofkit_core.samples.records import QuestionRecord, SampleType

PROMISED = frozenset(
    [
        "risk-plan",
        "requirements-brief",
        "stakeholder-update",
        "process-change-proposal",
        "kpi-dashboard-brief",
        "incident-review",
        "account-plan",
        "outreach-plan",
        "intake-process",
        "care-handover-protocol",
        "medication-safety-review",
        "lesson-plan",
        "hiring-scorecard",
        "onboarding-plan",
        "budget-proposal",
        "campaign-brief",
        "content-brief",
        "usability-review",
        "product-brief",
        "decision-memo",
        "staffing-plan",
        "site-safety-plan",
        "close-checklist",
        "data-quality-review",
        "supplier-comparison",
        "event-run-sheet",
        "case-triage-guide",
        "test-plan",
        "maintenance-plan",
    ]
)
UNWANTED = re.compile(
    r"\b(artifacts?|artefacts?|leverag\w+|robust\w*|seamless\w*|ensur\w+|key stakeholders?)\b"
    r"|[\u2013\u2014\u2018\u2019\u201c\u201d]",
    re.IGNORECASE,
)


def questions(sample: SampleType) -> Iterator[QuestionRecord]:
    for section in sample.sections:
        yield from section.questions


def texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():  # pyright: ignore[reportUnknownVariableType]
                yield from texts(item)  # pyright: ignore[reportUnknownArgumentType]
        case list() | tuple():
            for item in value:  # pyright: ignore[reportUnknownVariableType]
                yield from texts(item)  # pyright: ignore[reportUnknownArgumentType]
        case _:
            raise TypeError(type(value))


def test_there_are_at_least_28_types() -> None:
    assert len(load_sample_types()) >= 28


def test_every_promised_type_loads_by_its_id() -> None:
    assert {sample_type(name).id for name in PROMISED} == PROMISED


def test_every_type_is_found_by_its_own_id() -> None:
    assert all(sample_type(sample.id) is sample for sample in load_sample_types())


def test_an_unknown_id_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(DataError, match="risk-plan"):
        sample_type("riskplan")


def test_a_duplicate_id_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = next(Path(catalog.__file__).parent.joinpath("data").glob("*.toml"))
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(catalog, "_data_folder", lambda: tmp_path)
    load_sample_types.cache_clear()
    try:
        with pytest.raises(DataError, match="stands twice"):
            load_sample_types()
    finally:
        load_sample_types.cache_clear()


@pytest.mark.parametrize("text", ["samples = [", "[[samples]]\nid = 'x'"], ids=["not-toml", "breaks-schema"])
def test_a_broken_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    source = tmp_path / "broken.toml"
    source.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"broken\.toml"):
        read_samples(source)


@pytest.mark.parametrize("sample", load_sample_types(), ids=lambda sample: sample.id)
class TestEveryType:
    def test_every_example_is_a_plausible_answer(self, sample: SampleType) -> None:
        lengths = {question.example: len(question.example.split()) for question in questions(sample)}
        assert {example: n for example, n in lengths.items() if not 5 <= n <= 40} == {}

    def test_it_asks_8_to_12_questions(self, sample: SampleType) -> None:
        assert 8 <= sum(1 for _ in questions(sample)) <= 12

    def test_a_question_ends_in_a_question_mark_or_asks_to_tell(self, sample: SampleType) -> None:
        odd = [q.ask for q in questions(sample) if not q.ask.endswith("?") and not q.ask.startswith("Tell")]
        assert odd == []

    def test_a_lead_has_2_to_5_words_and_no_closing_mark(self, sample: SampleType) -> None:
        odd = [q.lead for q in questions(sample) if not 2 <= len(q.lead.split()) <= 5 or q.lead[-1] in ".:,?!"]
        assert odd == []

    def test_titles_do_not_repeat_within_it(self, sample: SampleType) -> None:
        titles = [section.title for section in sample.sections]
        assert len(set(titles)) == len(titles)

    def test_question_ids_differ_within_a_section(self, sample: SampleType) -> None:
        for section in sample.sections:
            ids = [question.id for question in section.questions]
            assert len(set(ids)) == len(ids)

    def test_it_opens_with_the_recommendation(self, sample: SampleType) -> None:
        assert sample.sections[0].view == "recommendation"

    def test_a_goal_is_one_sentence(self, sample: SampleType) -> None:
        odd = [s.goal for s in sample.sections if s.goal.count(".") != 1 or not s.goal.endswith(".")]
        assert odd == []

    def test_titles_goals_leads_and_columns_hold_no_number(self, sample: SampleType) -> None:
        lines = [line for s in sample.sections for line in (s.title, s.goal, *s.columns)]
        lines += [question.lead for question in questions(sample)]
        assert [line for line in lines if re.search(r"\d", line)] == []

    def test_no_column_heading_is_empty(self, sample: SampleType) -> None:
        assert all(column.strip() for section in sample.sections for column in section.columns)

    def test_it_holds_no_unwanted_word_or_mark(self, sample: SampleType) -> None:
        assert [text for text in texts(sample.model_dump(mode="json")) if UNWANTED.search(text)] == []


@pytest.mark.parametrize("field", ["title", "goal", "lead"])
def test_no_wording_stands_in_over_3_types(field: str) -> None:
    uses: Counter[str] = Counter()
    for sample in load_sample_types():
        if field == "lead":
            uses.update({question.lead for question in questions(sample)})
        else:
            uses.update({getattr(section, field) for section in sample.sections} - {""})
    assert {text: n for text, n in uses.items() if n > 3} == {}


def test_no_alias_or_example_stands_in_2_types() -> None:
    aliases = Counter(alias for sample in load_sample_types() for alias in sample.aliases)
    examples = Counter(question.example for sample in load_sample_types() for question in questions(sample))
    assert {text for text, n in (aliases + examples).items() if n > 1} == set()
