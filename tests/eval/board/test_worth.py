"""A panel is worth as many judges as err on their own; a card speaks only for the judge that climbed."""

import random
from collections.abc import Callable

import pytest

from proofkit_eval.board import BoardSettings, build_board
from proofkit_eval.ladder import LadderCard, Thresholds
from proofkit_eval.records import EvalLog, JudgeRef
from proofkit_eval.report import write_markdown

MakeLog = Callable[..., EvalLog]
MakeJudge = Callable[..., JudgeRef]
QUICK = BoardSettings(resamples=300)


def card_of(judge: JudgeRef, errors: list[float | None], *, admitted: bool = True, steps: str = "s") -> LadderCard:
    return LadderCard(
        judge=judge,
        admitted=admitted,
        reasons=() if admitted else ("it guesses",),
        rungs=(("good", 4.0),),
        order=(),
        order_mean=None,
        defects=(),
        edits=(),
        coverage=1.0,
        by_items=False,
        errors=tuple(errors),
        thresholds=Thresholds(),
        steps_digest=steps,
    )


def drawn(seed: int) -> list[float | None]:
    draw = random.Random(seed)  # noqa: S311 - figures, not secrets
    return [float(draw.random() < 0.3) for _ in range(400)]


def test_judges_who_err_together_are_worth_one(make_log: MakeLog, make_judge: MakeJudge) -> None:
    one, copy, other = make_judge("one"), make_judge("copy", "mistral"), make_judge("other", "qwen")
    log = make_log({"tuned": 4.0, "base": 2.0}, judges=(one, copy, other))
    ladder = (card_of(one, drawn(1)), card_of(copy, drawn(1)), card_of(other, drawn(2)))
    board = build_board(log, ladder=ladder, settings=QUICK)
    [worth] = board.worth
    assert (worth.judges, worth.steps) == (("one", "copy", "other"), 400)
    assert worth.effective == pytest.approx(1.8, abs=0.1)
    assert any(f"3 judges that count are worth {worth.effective:.1f} independent" in note for note in board.notes)
    assert "Judges that err together" in write_markdown(board)


def test_refused_judges_are_shown_beside_the_panel_and_not_in_it(make_log: MakeLog, make_judge: MakeJudge) -> None:
    good, bad = make_judge("good"), make_judge("bad", "mistral")
    log = make_log({"tuned": 4.0, "base": 2.0}, judges=(good, bad))
    ladder = (card_of(good, drawn(1)), card_of(bad, drawn(2), admitted=False))
    panel, tried = build_board(log, ladder=ladder, settings=QUICK).worth
    assert (panel.judges, panel.effective) == (("good",), None)
    assert "no two" in panel.note
    assert tried.judges == ("good", "bad")
    assert tried.effective == pytest.approx(2.0, abs=0.2)


def test_gaps_and_other_ladders_are_told(make_log: MakeLog, make_judge: MakeJudge) -> None:
    one, two, person = make_judge("one"), make_judge("two", "mistral"), make_judge("ann", "human")
    log = make_log({"tuned": 4.0, "base": 2.0}, judges=(one, two))
    gaps = [None, *drawn(2)[1:]]
    [worth] = build_board(log, ladder=(card_of(one, drawn(1)), card_of(two, gaps)), settings=QUICK).worth
    assert worth.steps == 399
    older = (card_of(one, drawn(1)), card_of(two, drawn(2), steps="older"))
    [worth] = build_board(log, ladder=older, settings=QUICK).worth
    assert (worth.effective, worth.note[:33]) == (None, "They did not climb the same ladde")
    log = make_log({"tuned": 4.0, "base": 2.0}, judges=(one, person))
    worth = build_board(log, ladder=(card_of(one, drawn(1)),), settings=QUICK).worth[0]
    assert worth.note.endswith("where they err: ann.")


def test_who_takes_over_the_name_of_a_judge_has_not_climbed(make_log: MakeLog, make_judge: MakeJudge) -> None:
    judge = make_judge("large")
    log = make_log({"tuned": 4.0, "base": 2.0}, judges=(judge,))
    before = judge.model_copy(update={"artifact_digest": "0" * 64})
    board = build_board(log, ladder=(card_of(before, drawn(1)),), settings=QUICK)
    assert not board.judges[0].counts
    assert "not put on the ladder" in board.judges[0].reasons[0]


def test_the_ladder_table_says_what_the_ladder_said(make_log: MakeLog, make_judge: MakeJudge) -> None:
    rules = make_judge("rules", "rules")
    log = make_log({"tuned": 4.0, "base": 2.0}, judges=(rules,))
    page = write_markdown(build_board(log, ladder=(card_of(rules, drawn(1)),), settings=QUICK))
    [line] = [line for line in page.splitlines() if line.startswith("| rules | 4.00 ")]
    assert line.endswith("| admitted |")
    assert "Why judges do not count" in page
