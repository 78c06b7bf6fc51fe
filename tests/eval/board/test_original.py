"""The original's single figure, and the floor that it hides."""

import pytest

from proofkit_eval.board.original import FLOOR, final, rescaled


def test_the_floor_is_twelve() -> None:
    assert final(1.0, 0.0) == FLOOR == 12


def test_the_worst_answer_with_green_gates_scores_52() -> None:
    assert final(1.0, 1.0) == 52
    assert rescaled(1.0, 1.0) == 40
    assert rescaled(1.0, 0.0) == 0


def test_the_best_answer_scores_100_either_way() -> None:
    assert final(5.0, 1.0) == pytest.approx(100)
    assert rescaled(5.0, 1.0) == pytest.approx(100)
