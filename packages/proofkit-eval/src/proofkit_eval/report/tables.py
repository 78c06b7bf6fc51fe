"""The board as tables of words, from which the page and the Markdown are both written."""

from typing import Literal, NamedTuple

from proofkit_eval.board.notes import shortened
from proofkit_eval.board.records import JUDGES, Board, JudgeCell, Ranking, Row
from proofkit_eval.report.told import NOTHING, figure, gap, number, percent, share
from proofkit_eval.statistics import Comparison, Rank, RankInterval

__all__ = ["Cell", "Table", "comparison_tables", "measure_name", "model_tables", "original_table"]

Mark = Literal["", "grey", "bad", "good"]
_MEASURES = {
    JUDGES: "judges (1 to 5)",
    "anchor_recall": "anchor recall (0 to 1)",
    "gates": "gates passed, of those for all (0 to 1)",
}
_KINDS = {"ranked": "", "ceiling": " (ceiling, not ranked)", "stale": " (stale)"}


class Cell(NamedTuple):
    """One field of a table."""

    text: str
    mark: Mark = ""


class Table(NamedTuple):
    """A table with what it says in a sentence."""

    id: str
    title: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """The first field of each names the row."""


def measure_name(measure: str) -> str:
    """Return a measure's name with its scale."""
    return _MEASURES.get(measure, measure.replace("_", " "))


def model_tables(board: Board) -> tuple[Table, ...]:
    """Return what is known of each model: coverage, gates, faithfulness and judges, each in a table of its own."""
    return (_coverage(board), _gates(board), _faithfulness(board), _variety(board), _judges(board))


def comparison_tables(board: Board) -> tuple[Table, ...]:
    """Return the order by each measure, and who is shown to lie above whom."""
    tables: list[Table] = []
    for ranking in board.rankings:
        tables.append(_order(board, ranking))
        if ranking.comparisons:
            tables.append(_comparisons(ranking))
    return tuple(tables)


def original_table(board: Board) -> Table:
    """Return the figures by which the original board was sorted."""
    floor = board.rows[0].original.floor if board.rows else 0.0
    caption = (
        "100 * (0.6 * judge / 5 + 0.4 * gates), for continuity with the original board. It mixes two things and "
        f"begins at {number(floor, 0)}, not at 0, because the lowest grade is a 1. All judges are in it, kin too."
    )
    rows = [
        (
            _name(row),
            Cell(number(row.original.final, 1)),
            Cell(number(row.original.rescaled, 1)),
            Cell(number(row.original.capped, 1)),
            Cell(number(row.original.judge)),
            Cell(percent(row.original.gates)),
        )
        for row in board.rows
    ]
    header = ("model", "final", "rescaled from 0", "hard failures held at the floor", "judge mean", "gates")
    return Table("original", "The original's single figure", caption, header, tuple(rows))


def _name(row: Row) -> Cell:
    return Cell(f"{row.name}{_KINDS[row.kind]}", "grey" if row.kind == "stale" else "")


def _coverage(board: Board) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for row in board.rows:
        found = row.coverage
        rows.append(
            (
                _name(row),
                Cell(f"{found.answered} of {found.expected}", "bad" if found.missing else ""),
                Cell(str(found.repaired)),
                Cell(str(found.void), "bad" if found.void else ""),
                Cell(f"{row.hard_failed} of {found.answered}", "bad" if row.hard_failed else ""),
                Cell(row.model.artifact_digest[:12]),
            )
        )
    caption = (
        f"{board.prompts} prompts in {board.clusters} clusters. A void answer counts against its model everywhere; a "
        "missing one lowers the coverage. A hard failure of integrity is made up for by nothing."
    )
    header = ("model", "answered", "repaired", "void", "hard gate failed", "weights")
    return Table("coverage", "Coverage and integrity", caption, header, tuple(rows))


def _gates(board: Board) -> Table:
    names = tuple(dict.fromkeys(name for row in board.rows for name in row.gates))
    rows: list[tuple[Cell, ...]] = []
    for row in board.rows:
        cells = [row.gates.get(name) for name in names]
        rows.append((_name(row), *(Cell(share(each) if each else "does not apply") for each in cells)))
    caption = "How many answers keep each house rule, of those it applies to, with Wilson's 95 % interval."
    header = ("model", *(name.replace("_", " ") for name in names))
    return Table("gates", "Gates", caption, header, tuple(rows))


def _variety(board: Board) -> Table:
    rows = [
        (
            _name(row),
            Cell(str(found.answers)),
            Cell(number(found.compression)),
            Cell(number(found.shared_runs)),
            Cell(number(found.self_bleu)),
            Cell(number(found.distinct)),
        )
        for row in board.rows
        if (found := board.variety.get(row.name)) is not None
    ]
    caption = (
        "How much the answers of a model repeat each other, on the prompts that every model answered with a text, each "
        "answer cut to the length of the shortest. Lower is more varied, save for the last column."
    )
    header = ("model", "answers", "compression", "shared runs of six words", "self-BLEU", "distinct runs")
    return Table("variety", "Variety", caption, header, tuple(rows))


def _faithfulness(board: Board) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for row in board.rows:
        found = row.faithfulness
        rows.append(
            (
                _name(row),
                Cell(figure(found.anchor_recall)),
                Cell(share(found.swap_followed)),
                Cell(figure(found.unsupported_rate)),
                Cell(f"{found.unsupported} of {found.claims}"),
                Cell(figure(found.template_distance)),
                Cell(figure(found.words, 0)),
            )
        )
    caption = (
        "Whether answers rest on what the person typed. Swap: one fact was changed in the prompt, and the answer "
        "followed. These are measures and no judgement of quality."
    )
    header = (
        "model",
        "anchor recall",
        "swap followed",
        "unsupported rate",
        "unsupported claims of all found",
        "template distance",
        "words",
    )
    return Table("faithfulness", "Faithfulness", caption, header, tuple(rows))


def _judges(board: Board) -> Table:
    judges = tuple(card.ref.id for card in board.judges)
    rows: list[tuple[Cell, ...]] = []
    for row in board.rows:
        cells = {cell.judge: cell for cell in row.judges}
        rows.append((_name(row), *(_judge_cell(cells[judge]) for judge in judges)))
    caption = (
        "Mean grade from 1 to 5 with its interval, and how many answers the judge scored. In brackets the range if "
        "every verdict that is not there had been a 1, or a 5. Greyed cells are left out of the order, with the reason."
    )
    return Table("judges", "Judges", caption, ("model", *judges), tuple(rows))


def _judge_cell(cell: JudgeCell) -> Cell:
    text = f"{figure(cell.score)}; {cell.scored} of {cell.expected} scored"
    if cell.void:
        text += f", {cell.void} void"
    if cell.scored < cell.expected and cell.worst is not None:
        text += f" [{number(cell.worst)} to {number(cell.best)}]"
    if cell.greyed:
        text += f". Left out: {shortened(cell.greyed)}"
    if cell.corrected is not None and cell.corrected.rate is not None:
        found = cell.corrected
        interval = f"{percent(found.low)} to {percent(found.high)}"
        text += f". Checklist, corrected for its errors: {percent(found.rate)} ({interval})"
    return Cell(text, "grey" if cell.greyed else "")


def _order(board: Board, ranking: Ranking) -> Table:
    drawn = {each.model: each for each in ranking.drawn}
    rows = [
        (
            Cell(rank.model),
            Cell(_places(rank)),
            Cell(str(rank.tier)),
            Cell(_drawn(drawn.get(rank.model))),
            Cell(number(ranking.means[rank.model])),
            *([Cell(number(board.standardised.get(rank.model)))] if ranking.measure == JUDGES else []),
        )
        for rank in ranking.ranks
    ]
    caption = (
        "Places that a model could have: only models shown to lie above it are ahead. Models that are not told apart "
        f"share a tier. {ranking.note}"
    ).strip()
    header = ("model", "place", "tier", "places when drawn again", "mean")
    header = (*header, "every judge at spread 1") if ranking.measure == JUDGES else header
    return Table(f"order-{ranking.measure}", f"Order by {measure_name(ranking.measure)}", caption, header, tuple(rows))


def _places(rank: Rank) -> str:
    return str(rank.low) if rank.low == rank.high else f"{rank.low} to {rank.high}"


def _drawn(found: RankInterval | None) -> str:
    return NOTHING if found is None else f"{found.low} to {found.high}; first in {percent(found.first)}"


def _comparisons(ranking: Ranking) -> Table:
    rows = [_comparison(each) for each in ranking.comparisons]
    caption = (
        "Differences prompt by prompt. The wider of two intervals counts: for these judges, and for judges like them. "
        "p is corrected for the number of comparisons (Holm). One lies above the other only where p is below 0.05 and "
        "the interval leaves 0 out. No difference found is no tie; a tie needs a margin."
    )
    header = ("comparison", "difference", "p", "what is shown", "named beforehand")
    title = f"Comparisons by {measure_name(ranking.measure)}"
    return Table(f"pairs-{ranking.measure}", title, caption, header, tuple(rows))


def _comparison(found: Comparison) -> tuple[Cell, ...]:
    low, high = (found.headline.low, found.headline.high) if found.headline else (None, None)
    told = {"above": f"{found.a} above {found.b}", "below": f"{found.b} above {found.a}"}
    shown = told.get(found.separated or "", "not told apart")
    tie = found.equivalence
    if tie is not None:
        shown += f"; {'a tie' if tie.equivalent else 'no tie shown'} within {number(tie.margin)}"
    if found.headline is None:
        shown += f". {found.fixed.note}"
    return (
        Cell(f"{found.a} less {found.b}"),
        Cell(gap(found.fixed.mean, low, high)),
        Cell("none" if found.p_holm is None else _p(found.p_holm)),
        Cell(shown.strip(), "good" if found.separated else ""),
        Cell("yes" if found.planned else "no, exploratory"),
    )


def _p(value: float) -> str:
    least = 0.001
    return f"below {least}" if value < least else f"{value:.3f}"
