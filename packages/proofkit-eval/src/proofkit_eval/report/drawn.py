"""The board's plots: what to draw, and in which words to say it to who does not see it."""

from collections.abc import Iterator

from proofkit_eval.board.records import Board, Figure, Row, Share
from proofkit_eval.judging.rubric import LOWEST, TOP
from proofkit_eval.report.plots import Dot, Line, Scale, dot_plot, line_plot
from proofkit_eval.report.tables import measure_name
from proofkit_eval.report.told import figure, share

__all__ = ["draw_faithfulness", "draw_gates", "draw_judges", "draw_ladder", "draw_places"]

_SHARE = Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), 2)
_GRADES = Scale(LOWEST, TOP, tuple(range(LOWEST, TOP + 1)))


def draw_gates(board: Board) -> str:
    """Return how often each model keeps integrity; the other gates are in the table."""
    dots = [_dot(row, _of(row, "integrity")) for row in board.rows]
    told = "; ".join(f"{row.name}: {share(_of(row, 'integrity'))}" for row in board.rows)
    return dot_plot("plot-integrity", "Share of answers that keep integrity", dots, _SHARE, told)


def draw_faithfulness(board: Board) -> str:
    """Return how much of what the person typed the answers keep."""
    dots = [_dot(row, row.faithfulness.anchor_recall) for row in board.rows]
    told = "; ".join(f"{row.name}: {figure(row.faithfulness.anchor_recall)}" for row in board.rows)
    swaps = [_dot(row, row.faithfulness.swap_followed) for row in board.rows]
    said = "; ".join(f"{row.name}: {share(row.faithfulness.swap_followed)}" for row in board.rows)
    return "\n".join(
        [
            dot_plot("plot-anchors", "Anchor recall", dots, _SHARE, told),
            dot_plot("plot-swap", "Share of answers that follow a swapped fact", swaps, _SHARE, said),
        ]
    )


def draw_judges(board: Board) -> str:
    """Return each judge's grades, one plot a judge; kin and refused ones in grey."""
    plots: list[str] = []
    for place, card in enumerate(board.judges):
        dots: list[Dot] = []
        told: list[str] = []
        for row in board.rows:
            cell = next(each for each in row.judges if each.judge == card.ref.id)
            dots.append(_dot(row, cell.score, is_grey=bool(cell.greyed)))
            told.append(f"{row.name}: {figure(cell.score)}{' (left out)' if cell.greyed else ''}")
        title = f"Judge {card.ref.id}, grades from {LOWEST} to {TOP}{'' if card.counts else ', not averaged'}"
        plots.append(dot_plot(f"plot-judge-{place}", title, dots, _GRADES, "; ".join(told)))
    return "\n".join(plots)


def draw_places(board: Board) -> str:
    """Return the places that each model could have, by each measure."""
    plots: list[str] = []
    for place, ranking in enumerate(board.rankings):
        if not ranking.ranks:
            continue
        dots = [Dot(rank.model, rank.place, rank.low, rank.high) for rank in ranking.ranks]
        told = "; ".join(f"{dot.label}: place {dot.low:g} to {dot.high:g}" for dot in dots if dot.low and dot.high)
        title = f"Places by {measure_name(ranking.measure)}; 1 is the best"
        last = max(2, len(dots))
        scale = Scale(1, last, tuple(range(1, last + 1)))
        plots.append(dot_plot(f"plot-places-{place}", title, dots, scale, told))
    return "\n".join(plots)


def draw_ladder(board: Board) -> str:
    """Return the mean grade of each rung, one line a judge; nothing where nobody was tried."""
    tried = [(card, card.ladder) for card in board.judges if card.ladder and card.ladder.rungs]
    if not tried:
        return ""
    steps = tuple(dict.fromkeys(name for _card, ladder in tried for name, _mean in ladder.rungs))
    lines: list[Line] = []
    for card, ladder in tried:
        means = dict(ladder.rungs)
        lines.append(Line(f"{card.ref.id} ({'admitted' if card.counts else 'refused'})", tuple(map(means.get, steps))))
    told = "; ".join(f"{line.label}: {', '.join(_told(steps, line))}" for line in lines)
    names = [step.replace("_", " ") for step in steps]
    return line_plot("plot-ladder", "Mean grade by rung of the ladder", lines, names, _GRADES, told)


def _told(steps: tuple[str, ...], line: Line) -> Iterator[str]:
    for step, value in zip(steps, line.values, strict=True):
        yield f"{step} {'not scored' if value is None else f'{value:.1f}'}"


def _dot(row: Row, value: Figure | Share, *, is_grey: bool = False) -> Dot:
    mean = value.mean if isinstance(value, Figure) else value.rate
    return Dot(row.name, mean, value.low, value.high, is_grey or row.kind == "stale")


def _of(row: Row, gate: str) -> Share:
    return row.gates.get(gate) or Share(yes=0, n=0, rate=None)
