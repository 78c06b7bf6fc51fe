"""The board tells apart what can be told apart, and shows what is missing."""

import json
from collections.abc import Callable

import pytest

from proofkit_core.errors import InputError
from proofkit_eval.board import Board, BoardSettings, Row, build_board
from proofkit_eval.ladder import Defect, DefectShare, LadderCard, Thresholds
from proofkit_eval.records import EvalLog, Generation, JudgeRef, ModelRef, PlannedComparison, Verdict

MakeLog = Callable[..., EvalLog]
MakeJudge = Callable[..., JudgeRef]
QUICK = BoardSettings(resamples=300)


def card_of(judge: JudgeRef, *, admitted: bool) -> LadderCard:
    share = DefectShare(
        defect=Defect.INVENTED_JOB, caught=11, planted=12, passed=11, clean=12, sensitivity=11 / 12, specificity=11 / 12
    )
    return LadderCard(
        judge=judge,
        admitted=admitted,
        reasons=() if admitted else ("it does not tell a good answer from an empty one",),
        rungs=(("nothing", 1.0), ("good", 4.5 if admitted else 1.0)),
        order=(),
        order_mean=0.9,
        defects=(share,),
        edits=(),
        coverage=1.0,
        by_items=False,
        thresholds=Thresholds(),
        steps_digest="0" * 64,
    )


def row_of(board: Board, name: str) -> Row:
    return next(row for row in board.rows if row.name == name)


def test_a_clear_difference_is_shown_and_a_small_one_is_not(make_log: MakeLog) -> None:
    board = build_board(make_log({"tuned": 4.0, "twin": 4.0, "base": 1.8}, prompts=60), settings=QUICK)
    ranking = board.ranking("judges")
    assert ranking is not None
    ranks = {rank.model: rank for rank in ranking.ranks}
    assert ranks["tuned"].tier == ranks["twin"].tier == 1
    assert ranks["base"].tier == 2
    assert (ranks["tuned"].low, ranks["tuned"].high) == (1, 2)
    assert [row.name for row in board.rows][-1] == "base"


def test_the_board_goes_through_json_unchanged(make_log: MakeLog) -> None:
    board = build_board(make_log({"tuned": 4.0, "base": 2.0}), settings=QUICK)
    assert Board.model_validate_json(board.model_dump_json()) == board
    assert Board.model_validate_json(json.dumps(board.model_dump(mode="json"), allow_nan=False)) == board


def test_the_same_log_gives_the_same_board(make_log: MakeLog) -> None:
    log = make_log({"tuned": 4.0, "base": 2.0})
    assert build_board(log, settings=QUICK) == build_board(log, settings=QUICK)


def test_a_missing_answer_lowers_coverage_and_not_the_score(make_log: MakeLog) -> None:
    log = make_log({"tuned": 4.0, "base": 2.0})
    gone = {sample.key for sample in log.samples if sample.model.id == "tuned" and sample.prompt_id <= "p003"}
    thinner = log.model_copy(
        update={
            "samples": tuple(each for each in log.samples if each.key not in gone),
            "screenings": tuple(each for each in log.screenings if each.key not in gone),
            "gates": tuple(each for each in log.gates if each.key not in gone),
            "measures": tuple(each for each in log.measures if each.key not in gone),
            "verdicts": tuple(each for each in log.verdicts if each.generation_key not in gone),
        }
    )
    row = row_of(build_board(thinner, settings=QUICK), "tuned")
    assert row.coverage.missing == ("p000", "p001", "p002", "p003")
    assert (row.coverage.answered, row.coverage.expected) == (8, 12)
    assert (row.judges[0].score.mean or 0) > 3
    assert any("p000" in note for note in row.notes)


def test_a_void_answer_counts_against_its_model_everywhere(make_log: MakeLog) -> None:
    log = make_log({"tuned": 5.0})
    key = log.samples[0].key
    void = tuple(
        each.model_copy(update={"status": "void", "reasons": ("empty",)}) if each.key == key else each
        for each in log.screenings
    )
    unjudged = tuple(each for each in log.verdicts if each.generation_key != key)
    before = build_board(log, settings=QUICK).rows[0]
    after = build_board(log.model_copy(update={"screenings": void, "verdicts": unjudged}), settings=QUICK).rows[0]
    assert after.coverage.void == 1
    assert after.coverage.void_reasons == {"empty": 1}
    assert after.gates["heading"].yes == before.gates["heading"].yes - 1
    assert (after.judges[0].score.mean or 9) < (before.judges[0].score.mean or 0)
    assert (after.faithfulness.anchor_recall.mean or 9) < (before.faithfulness.anchor_recall.mean or 0)
    assert after.faithfulness.swap_followed.n == before.faithfulness.swap_followed.n


def test_an_unscored_verdict_is_never_a_zero(
    make_log: MakeLog, make_verdict: Callable[..., Verdict], make_judge: MakeJudge
) -> None:
    log = make_log({"tuned": 4.0})
    failed = tuple(make_verdict(sample, make_judge("people", "human"), None) for sample in log.samples[:4])
    cell = build_board(log.model_copy(update={"verdicts": failed + log.verdicts[4:]}), settings=QUICK).rows[0].judges[0]
    assert (cell.scored, cell.expected) == (8, 12)
    assert cell.unscored == {"no whole grade from 1 to 5 for depth": 4}
    assert (cell.score.mean or 0) > 3
    assert (cell.worst or 9) < (cell.score.mean or 0) < (cell.best or 0)


def test_a_hard_failure_is_shown_apart_and_held_at_the_floor(make_log: MakeLog) -> None:
    log = make_log({"tuned": 4.0})
    gates = tuple(each.model_copy(update={"hard_failed": True}) for each in log.gates)
    row = build_board(log.model_copy(update={"gates": gates}), settings=QUICK).rows[0]
    assert row.hard_failed == 12
    assert row.original.capped == row.original.floor == 12
    assert (row.original.final or 0) > 60


def test_other_weights_under_an_old_name_are_a_stale_row(
    make_log: MakeLog, make_model: Callable[..., ModelRef], make_generation: Callable[..., Generation]
) -> None:
    log = make_log({"tuned": 4.0, "base": 2.0})
    old = make_generation(log.prompts[0], make_model("tuned", artifact_digest="f" * 64), "An old answer.")
    board = build_board(log.model_copy(update={"samples": (*log.samples, old)}), settings=QUICK)
    row = row_of(board, "tuned@ffffffff")
    assert row.kind == "stale"
    assert "weights are ffffffffffff" in row.stale[0]
    assert row_of(board, "tuned").coverage.answered == 12
    assert all("@" not in rank.model for ranking in board.rankings for rank in ranking.ranks)


def test_verdicts_by_another_rubric_are_left_out_and_told(make_log: MakeLog) -> None:
    log = make_log({"tuned": 4.0, "base": 2.0})
    old = tuple(each.model_copy(update={"rubric_digest": "0" * 64}) for each in log.verdicts)
    board = build_board(log.model_copy(update={"verdicts": old}), settings=QUICK)
    assert board.rows[0].judges[0].score.mean is None
    assert any("another rubric" in note for note in board.notes)


def test_only_judges_that_passed_the_ladder_are_averaged(make_log: MakeLog, make_judge: MakeJudge) -> None:
    good, bad, new = make_judge("good"), make_judge("bad", "mistral"), make_judge("new", "qwen")
    log = make_log({"tuned": 4.0, "base": 2.0}, judges=(good, bad, new))
    board = build_board(log, ladder=(card_of(good, admitted=True), card_of(bad, admitted=False)), settings=QUICK)
    assert [card.counts for card in board.judges] == [True, False, False]
    assert "empty one" in board.judges[1].reasons[0]
    assert "ladder" in board.judges[2].reasons[0]
    ranking = board.ranking("judges")
    assert ranking is not None
    tuned = {cell.judge: cell for cell in row_of(board, "tuned").judges}
    assert ranking.means["tuned"] == pytest.approx(tuned["good"].score.mean)
    assert tuned["bad"].score.mean is not None
    assert tuned["bad"].greyed
    assert tuned["good"].corrected is not None


def test_without_a_judge_that_counts_there_is_no_order_by_judges(make_log: MakeLog, make_judge: MakeJudge) -> None:
    board = build_board(make_log({"tuned": 4.0, "base": 2.0}, judges=(make_judge("new"),)), settings=QUICK)
    ranking = board.ranking("judges")
    assert ranking is not None
    assert ranking.ranks == ()
    assert any("No judge counts" in note for note in board.notes)
    assert board.ranking("anchor_recall") is not None


def test_kin_is_greyed_and_left_out(make_log: MakeLog, make_judge: MakeJudge) -> None:
    people, kin = make_judge("people", "human"), make_judge("kin", "smollm")
    log = make_log({"tuned": 4.0, "base": 2.0}, judges=(people, kin))
    board = build_board(log, ladder=(card_of(kin, admitted=True),), settings=QUICK)
    cells = {cell.judge: cell for cell in board.rows[0].judges}
    assert "judge's family" in cells["kin"].greyed[0]
    ranking = board.ranking("judges")
    assert ranking is not None
    assert ranking.means[board.rows[0].name] == pytest.approx(cells["people"].score.mean)


def test_a_ceiling_is_shown_and_not_ranked(make_log: MakeLog) -> None:
    settings = BoardSettings(resamples=300, ceiling=("frontier",))
    board = build_board(make_log({"tuned": 4.0, "base": 2.0, "frontier": 4.9}), settings=settings)
    assert board.rows[0].name == "frontier"
    assert board.rows[0].kind == "ceiling"
    assert all(rank.model != "frontier" for ranking in board.rankings for rank in ranking.ranks)


def test_a_tie_needs_a_margin_named_beforehand(make_log: MakeLog) -> None:
    planned = (PlannedComparison(a="tuned", b="twin", margin=1.0),)
    board = build_board(make_log({"tuned": 4.0, "twin": 4.0, "base": 2.0}, prompts=60, planned=planned), settings=QUICK)
    ranking = board.ranking("judges")
    assert ranking is not None
    found = {(each.a, each.b): each for each in ranking.comparisons}
    tie = found["tuned", "twin"].equivalence
    assert tie is not None
    assert tie.equivalent
    assert found["tuned", "twin"].planned
    assert found["tuned", "base"].equivalence is None


@pytest.mark.parametrize("grade", [1, 3, 5])
def test_scores_that_are_all_the_same_are_told_in_words(
    grade: int, make_log: MakeLog, make_verdict: Callable[..., Verdict], make_judge: MakeJudge
) -> None:
    log = make_log({"tuned": 4.0, "base": 2.0})
    same = tuple(make_verdict(sample, make_judge("people", "human"), grade) for sample in log.samples)
    board = build_board(log.model_copy(update={"verdicts": same}), settings=QUICK)
    ranking = board.ranking("judges")
    assert ranking is not None
    assert {rank.tier for rank in ranking.ranks} == {1}
    assert ranking.comparisons[0].separated is None
    assert ranking.comparisons[0].fixed.note


def test_one_prompt_shows_nothing_and_says_so(make_log: MakeLog) -> None:
    board = build_board(make_log({"tuned": 4.0, "base": 2.0}, prompts=1), settings=QUICK)
    ranking = board.ranking("judges")
    assert ranking is not None
    assert ranking.comparisons[0].headline is None
    assert ranking.comparisons[0].fixed.note


@pytest.mark.parametrize("rows", ["samples", "screenings", "gates", "measures", "verdicts"])
def test_a_key_there_twice_is_refused(rows: str, make_log: MakeLog) -> None:
    log = make_log({"tuned": 4.0}, prompts=2)
    found = getattr(log, rows)
    with pytest.raises(InputError, match="twice"):
        build_board(log.model_copy(update={rows: (*found, found[0])}), settings=QUICK)


def test_an_unknown_judge_is_refused_by_name(
    make_log: MakeLog, make_verdict: Callable[..., Verdict], make_judge: MakeJudge
) -> None:
    log = make_log({"tuned": 4.0}, prompts=2)
    stray = make_verdict(log.samples[0], make_judge("stray"), 4)
    with pytest.raises(InputError, match="'stray'"):
        build_board(log.model_copy(update={"verdicts": (*log.verdicts, stray)}), settings=QUICK)


def test_an_unknown_ceiling_is_refused(make_log: MakeLog) -> None:
    with pytest.raises(InputError, match="ceiling"):
        build_board(make_log({"tuned": 4.0}, prompts=2), settings=BoardSettings(ceiling=("gpt",)))


def test_a_verdict_of_no_answer_is_refused(
    make_log: MakeLog, make_verdict: Callable[..., Verdict], make_judge: MakeJudge
) -> None:
    log = make_log({"tuned": 4.0}, prompts=2)
    stray = make_verdict(log.samples[0].model_copy(update={"key": "nobody"}), make_judge("people", "human"), 4)
    with pytest.raises(InputError, match="'nobody'"):
        build_board(log.model_copy(update={"verdicts": (*log.verdicts, stray)}), settings=QUICK)


def test_the_rules_of_the_gates_are_no_second_opinion(make_log: MakeLog, make_judge: MakeJudge) -> None:
    rules = make_judge("rules", "rules")
    log = make_log({"tuned": 4.0, "base": 2.0}, judges=(rules, make_judge("people", "human")))
    board = build_board(log, ladder=(card_of(rules, admitted=True),), settings=QUICK)
    assert [card.counts for card in board.judges] == [False, True]
    assert board.judges[0].ladder is not None
    assert "second opinion" in board.judges[0].reasons[0]


def test_verdicts_by_other_weights_of_a_judge_are_left_out_and_told(make_log: MakeLog) -> None:
    log = make_log({"tuned": 4.0, "base": 2.0})
    old = tuple(
        each.model_copy(update={"judge": each.judge.model_copy(update={"version": "0"})}) for each in log.verdicts
    )
    board = build_board(log.model_copy(update={"verdicts": old}), settings=QUICK)
    assert board.rows[0].judges[0].score.mean is None
    assert any("another version" in note for note in board.notes)


def test_a_named_comparison_with_the_ceiling_is_told_and_not_dropped_silently(make_log: MakeLog) -> None:
    planned = (PlannedComparison(a="tuned", b="frontier"),)
    log = make_log({"tuned": 4.0, "base": 2.0, "frontier": 4.9}, planned=planned)
    board = build_board(log, settings=BoardSettings(resamples=300, ceiling=("frontier",)))
    assert any("tuned and frontier" in note for note in board.notes)
