"""The original's board: every figure of it that was worked out before comes out again, and its sentences are judged."""

import pytest

from proofkit_eval.published import Worked, load_published, work_through
from proofkit_eval.statistics import agreement, kendall_w, tau_b

BOARD = load_published()
TABLE = [list(model.scores) for model in BOARD.models]


@pytest.fixture(scope="module")
def worked() -> Worked:
    return work_through(BOARD)


def test_the_means_are_the_published_ones(worked: Worked) -> None:
    for model in BOARD.models:
        assert worked.means[model.id] == pytest.approx(model.published_mean, abs=0.07)


def test_the_headline_difference_lies_anywhere_from_minus_six_to_plus_six(worked: Worked) -> None:
    found = next(each for each in worked.comparisons if (each.a, each.b) == ("teacher", "distilled"))
    assert found.fixed.mean == pytest.approx(0.13, abs=0.005)
    assert found.fixed.t is not None
    assert found.fixed.t.low == pytest.approx(-6.2, abs=0.05)
    assert found.fixed.t.high == pytest.approx(6.4, abs=0.05)


def test_judges_disagree_by_seven_points_so_means_are_told_apart_from_twelve_on(worked: Worked) -> None:
    assert worked.disagreement == pytest.approx(6.8, abs=0.05)
    assert worked.separation == pytest.approx(11.9, abs=0.05)


def test_the_widest_judge_brings_nearly_half_of_the_spread(worked: Worked) -> None:
    assert [worked.weights[judge.id] for judge in BOARD.judges] == pytest.approx([0.45, 0.36, 0.19], abs=0.005)


def test_the_judge_that_was_not_blind_favours_the_retrained_models(worked: Worked) -> None:
    own = {model: row["claude"] for model, row in worked.residuals.items()}
    assert own["teacher"] == pytest.approx(7.5, abs=0.05)
    assert own["distilled"] == pytest.approx(4.6, abs=0.05)
    assert own["direct"] == pytest.approx(5.8, abs=0.05)
    assert own["stale"] == pytest.approx(-2.9, abs=0.05)
    assert worked.residuals["ceiling"]["gpt-5.5"] == pytest.approx(7.4, abs=0.05)


def test_agreement_is_carried_by_the_ends_of_the_board() -> None:
    columns = list(zip(*TABLE, strict=True))
    taus = [tau_b(columns[a], columns[b]) for a, b in ((0, 1), (1, 2), (0, 2))]
    assert taus == pytest.approx([0.62, 0.69, 0.79], abs=0.005)
    assert kendall_w(TABLE) == pytest.approx(0.86, abs=0.005)
    assert kendall_w(TABLE[1:6]) == pytest.approx(0.42, abs=0.005)
    judges = [judge.id for judge in BOARD.judges]
    assert agreement(TABLE, judges).alpha_interval == pytest.approx(0.60, abs=0.005)
    assert agreement(TABLE[1:], judges).alpha_interval == pytest.approx(0.40, abs=0.005)


def test_with_each_judge_weighing_the_same_the_student_passes_its_teacher(worked: Worked) -> None:
    assert (worked.standardised["distilled"] or 0.0) > (worked.standardised["teacher"] or 0.0)
    assert worked.ranks["distilled"] == pytest.approx(2.5)
    assert worked.ranks["teacher"] == pytest.approx(4.0)


def test_without_the_judge_that_was_not_blind_the_stale_model_is_above_two_retrained_ones(worked: Worked) -> None:
    without = {row.name: row for row in worked.without}["claude"]
    assert without.order[:6] == ("ceiling", "distilled", "stale", "teacher", "base-3b", "direct")
    assert {("teacher", "stale"), ("direct", "stale"), ("direct", "base-3b")} <= set(without.turned)


def test_nothing_was_named_beforehand_so_all_pairs_are_corrected_for(worked: Worked) -> None:
    assert not any(each.planned for each in worked.comparisons)
    by_pair = {(each.a, each.b): each for each in worked.comparisons}
    lead = by_pair["ceiling", "teacher"]
    assert lead.p == pytest.approx(0.0087, abs=0.0001)
    assert lead.p_holm == pytest.approx(0.13, abs=0.005)
    assert lead.separated is None
    assert by_pair["distilled", "base-0.5b"].separated == "above"


def test_which_sentences_hold(worked: Worked) -> None:
    assert {each.id: each.verdict for each in worked.sentences} == {
        "tie": "not shown",
        "beats-3b": "not shown",
        "every-judge": "contradicted",
        "survives": "contradicted",
        "ceiling": "holds",
        "gap": "not shown",
        "tuning-0.5b": "holds",
        "tuning-20b": "not shown",
        "gates": "cannot be checked",
        "self-preference": "cannot be checked",
    }
    survives = next(each for each in worked.sentences if each.id == "survives")
    assert "The blind judges give direct 73.2 and stale 75.2." in survives.why
