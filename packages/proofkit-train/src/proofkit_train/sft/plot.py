"""Draws the losses of a run."""

import io
from collections.abc import Sequence
from typing import Any, cast

from proofkit_train.sft.progress import LossRow

__all__ = ["draw_losses"]


def draw_losses(rows: Sequence[LossRow], title: str) -> bytes | None:
    """Return the losses over the steps as SVG, or None where matplotlib is not installed.

    Args:
        rows: The table of losses.
        title: What stands above.
    """
    try:
        import matplotlib as mpl  # noqa: PLC0415 - a large library, needed once a run
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        return None
    # A fixed salt and no date: the same losses give the same bytes.
    with cast("Any", mpl).rc_context({"svg.hashsalt": "proofkit", "svg.fonttype": "none"}):
        figure: Any = Figure(figsize=(8, 4.5), layout="constrained")
        axes: Any = figure.add_subplot()
        trained = [(row.step, row.loss) for row in rows if row.loss is not None]
        measured = [(row.step, row.validation_loss) for row in rows if row.validation_loss is not None]
        axes.plot(*zip(*trained, strict=True), label="training", linewidth=1)
        if measured:
            axes.plot(*zip(*measured, strict=True), label="validation", marker="o", markersize=4)
        axes.set(xlabel="step", ylabel="loss of a trained token", title=title)
        axes.legend()
        axes.grid(visible=True, alpha=0.3)
        drawn = io.BytesIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()
