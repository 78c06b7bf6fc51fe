"""Claims against a log: worked out again from its answers, never read from its stored results."""

from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.errors import InputError
from proofkit_eval.board import BoardSettings
from proofkit_eval.claims import LogEvidence, check_claims
from proofkit_eval.records import EvalLog, PlannedComparison

MakeLog = Callable[..., EvalLog]
QUICK = BoardSettings(resamples=500)


@pytest.fixture(scope="module")
def log(make_log: MakeLog) -> EvalLog:
    planned = (
        PlannedComparison(a="good", b="alike", margin=1.0, why="the small one is to tie the large one"),
        PlannedComparison(a="good", b="poor", why="tuning is to help"),
    )
    log: EvalLog = make_log({"good": 4.0, "alike": 4.0, "poor": 1.8}, prompts=60, planned=planned)
    slower = tuple(
        sample.model_copy(update={"seconds": (4.5 if sample.model.id == "good" else 1.5) + number % 5 / 10})
        for number, sample in enumerate(log.samples)
    )
    return log.model_copy(update={"samples": slower, "results": {"forged": "good beats all"}})


@pytest.fixture(scope="module")
def evidence(log: EvalLog) -> LogEvidence:
    return LogEvidence(log, settings=QUICK)


@pytest.mark.parametrize("measure", ["judges", "judge:people", "anchor_recall", "gates", "gate:heading"])
def test_a_clear_lead_is_supported_by_each_measure(evidence: LogEvidence, measure: str) -> None:
    assert evidence.comparison(measure, "good", "poor").separated == "above"
    assert evidence.comparison(measure, "poor", "good").separated == "below"
    assert evidence.comparison(measure, "good", "alike").separated is None


def test_sentences_of_a_page_are_worked_out_again(tmp_path: Path, evidence: LogEvidence) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Good beats poor. <!-- claim: above good poor on judges -->\n"
        "Poor beats good. <!-- claim: above poor good on judges -->\n"
        "Alike is faster than good. <!-- claim: faster alike good by 2 -->\n"
        "Alike is ten times as fast. <!-- claim: faster alike good by 10 -->\n"
        "Good ties alike. <!-- claim: ties good alike on judges within 1 -->\n"
        "Poor states more that nothing carries. <!-- claim: below good poor on unsupported_rate -->\n",
        encoding="utf-8",
    )
    report = check_claims([page], {"log": evidence})
    assert [each.verdict for each in report.checked] == [
        *("supported", "unsupported", "supported", "unsupported", "supported", "supported")
    ]
    assert [each.line for each in report.failed] == [2, 4]


def test_a_tie_needs_a_margin_that_was_named_beforehand(evidence: LogEvidence) -> None:
    with pytest.raises(InputError, match="in the spec, which names 1; a margin is named before looking"):
        evidence.comparison("judges", "good", "alike", margin=2.0)
    with pytest.raises(InputError, match="in the spec, which names none"):
        evidence.comparison("judges", "good", "poor", margin=2.0)


def test_an_unknown_measure_or_model_lists_what_there_is(evidence: LogEvidence) -> None:
    with pytest.raises(InputError, match=r"no measure 'charm' in this log; there are: judges, .*seconds, gate:"):
        evidence.mean("charm", "good")
    with pytest.raises(InputError, match="no model 'x' by judges; there are: good, alike, poor"):
        evidence.mean("judges", "x")
    with pytest.raises(InputError, match="x and good are not compared by judges"):
        evidence.comparison("judges", "x", "good")


def test_planned_comparisons_are_told_from_others(evidence: LogEvidence) -> None:
    assert evidence.comparison("judges", "good", "poor").planned
    assert not evidence.comparison("judges", "alike", "poor").planned
