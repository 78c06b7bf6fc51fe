"""The board: gates, faithfulness and judges in separate columns, with what can be told apart and what cannot.

The records come at once; `build_board` brings numpy with it when it is first used.
"""

from typing import TYPE_CHECKING, Any

from proofkit_eval.board.records import JUDGES, Board, BoardSettings, Row

if TYPE_CHECKING:
    from proofkit_eval.board.build import build_board

__all__ = ["JUDGES", "Board", "BoardSettings", "Row", "build_board"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what it returns depends on the name
    if name != "build_board":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from proofkit_eval.board.build import build_board  # noqa: PLC0415 - brings numpy

    return build_board
