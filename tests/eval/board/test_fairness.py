"""Models are compared by the same measure on the same prompts, whatever else their answers are measured by."""

from collections.abc import Callable

import pytest

from proofkit_eval.board import Board, BoardSettings, Row, build_board
from proofkit_eval.records import EvalLog

MakeLog = Callable[..., EvalLog]
QUICK = BoardSettings(resamples=300)


def row_of(board: Board, name: str) -> Row:
    return next(row for row in board.rows if row.name == name)


def voided(log: EvalLog, model: str) -> EvalLog:
    keys = {sample.key for sample in log.samples if sample.model.id == model}
    screenings = tuple(
        each.model_copy(update={"status": "void", "reasons": ("empty",)}) if each.key in keys else each
        for each in log.screenings
    )
    return log.model_copy(update={"screenings": screenings})


def without_words_to_keep(log: EvalLog, prompt_id: str) -> EvalLog:
    keys = {sample.key for sample in log.samples if sample.prompt_id == prompt_id}
    nothing = {"anchor_recall": None, "swap_followed": None}
    measures = tuple(each.model_copy(update=nothing) if each.key in keys else each for each in log.measures)
    return log.model_copy(update={"measures": measures})


def test_a_void_answer_loses_no_word_where_there_is_none_to_keep(make_log: MakeLog) -> None:
    log = without_words_to_keep(voided(make_log({"tuned": 4.0, "base": 3.0}), "base"), "p000")
    board = build_board(log, settings=QUICK)
    tuned, base = (row_of(board, name).faithfulness for name in ("tuned", "base"))
    assert base.anchor_recall.n == tuned.anchor_recall.n == 11
    assert base.anchor_recall.mean == 0
    assert (base.swap_followed.yes, base.swap_followed.n) == (0, 11)
    assert tuned.swap_followed.n == 11


def test_gates_are_compared_on_those_that_apply_to_every_model(make_log: MakeLog) -> None:
    log = make_log({"tuned": 9.0, "template": 9.0})
    template = {sample.key for sample in log.samples if sample.model.id == "template"}
    gates = tuple(
        each.model_copy(update={"gates": {**each.gates, "length": None if each.key in template else False}})
        for each in log.gates
    )
    board = build_board(log.model_copy(update={"gates": gates}), settings=QUICK)
    ranking = board.ranking("gates")
    assert ranking is not None
    assert ranking.means["tuned"] == ranking.means["template"] == 1.0
    assert row_of(board, "tuned").gates["length"].yes == 0


def test_holding_hard_failures_at_the_floor_changes_nothing_where_there_are_none(make_log: MakeLog) -> None:
    log = make_log({"tuned": 4.0})
    # A prompt to which none of the original's gates applies has a grade and no share of gates.
    gates = (log.gates[0].model_copy(update={"gates": {"integrity": True}}), *log.gates[1:])
    sound = tuple(each.model_copy(update={"hard_failed": False}) for each in gates)
    original = build_board(log.model_copy(update={"gates": sound}), settings=QUICK).rows[0].original
    assert original.capped == pytest.approx(original.final)
    failed = (*sound[:-1], sound[-1].model_copy(update={"hard_failed": True}))
    held = build_board(log.model_copy(update={"gates": failed}), settings=QUICK).rows[0].original
    assert held.final == pytest.approx(original.final)
    assert (held.capped or 99) < (held.final or 0)
