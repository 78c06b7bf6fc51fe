"""What is known of the judges, as tables of words."""

from itertools import combinations
from typing import Literal

from proofkit_eval.board.notes import shortened
from proofkit_eval.board.records import Board, JudgeCard
from proofkit_eval.report.tables import Cell, Table
from proofkit_eval.report.told import number, percent, share
from proofkit_eval.statistics import LeftOut

__all__ = ["judge_tables"]


def judge_tables(board: Board) -> tuple[Table, ...]:
    """Return who judged, how well on the ladder, kin to whom, how far they agree, and what rests on one of them."""
    tables = [
        _cards(board),
        _ladder(board),
        _reasons(board),
        _defects(board),
        _kinship(board),
        _agreement(board),
        _histogram(board),
        _worth(board),
    ]
    tables += [
        _left_out("judge", board.without_judge),
        _left_out("maker", board.without_maker),
    ]
    return tuple(table for table in tables if table.rows)


def _cards(board: Board) -> Table:
    rows = [
        (
            Cell(card.ref.id, "" if card.counts else "grey"),
            Cell(f"{card.ref.family or 'not stated'}, {card.ref.version}"),
            Cell("counts" if card.counts else f"left out: {shortened(card.reasons)}", "" if card.counts else "bad"),
            Cell(f"{card.scored} scored, {card.unscored} unscored"),
            Cell(_twice(card)),
            Cell(f"{card.tokens:,} tokens, {card.seconds:,.0f} s, {_cost(card.cost_usd)}"),
        )
        for card in board.judges
    ]
    header = ("judge", "family and version", "headline", "verdicts", "seen twice", "spent")
    caption = "A failed verdict is unscored and no bad grade. Each judge sees one answer in ten a second time."
    return Table("judge-cards", "The judges", caption, header, tuple(rows))


def _ladder(board: Board) -> Table:
    tried = [(card, card.ladder) for card in board.judges if card.ladder is not None]
    names = tuple(dict.fromkeys(name for _card, ladder in tried for name, _mean in ladder.rungs))
    rows: list[tuple[Cell, ...]] = []
    for card, ladder in tried:
        means = dict(ladder.rungs)
        cells = [Cell(number(means.get(name))) for name in names]
        ends = (Cell(percent(ladder.order_mean)), Cell(share(card.sensitivity)), Cell(share(card.specificity)))
        verdict = Cell("admitted", "good") if ladder.admitted else Cell("refused", "bad")
        rows.append((Cell(card.ref.id), *cells, *ends, verdict))
    caption = (
        "Defects planted by machine in answers known to be good. A judge is admitted where the rungs rise and it "
        "catches the defects; otherwise it is shown and not averaged."
    )
    told = tuple(name.replace("_", " ") for name in names)
    header = ("judge", *told, "neighbours told apart", "good passed", "single defects caught", "verdict")
    return Table("ladder", "Ladder card", caption, header, tuple(rows))


def _reasons(board: Board) -> Table:
    rows = [(Cell(card.ref.id), Cell("; ".join(card.reasons))) for card in board.judges if card.reasons]
    caption = (
        "Each reason why a judge is shown and not averaged. A judge may pass the ladder and be left out for another."
    )
    return Table("left-out", "Why judges do not count", caption, ("judge", "reasons"), tuple(rows))


def _defects(board: Board) -> Table:
    tried = [card.ladder for card in board.judges if card.ladder is not None]
    names = tuple(dict.fromkeys(str(each.defect) for ladder in tried for each in ladder.defects))
    edits = tuple(dict.fromkeys(str(each.edit) for ladder in tried for each in ladder.edits))
    rows: list[tuple[Cell, ...]] = []
    for ladder in tried:
        caught = {str(each.defect): f"{each.caught} of {each.planted}" for each in ladder.defects}
        moved = {str(each.edit): number(each.mean) for each in ladder.edits}
        cells = [*(caught.get(name, "not tried") for name in names), *(moved.get(name, "not tried") for name in edits)]
        rows.append((Cell(ladder.judge.id), *map(Cell, cells)))
    caption = (
        "How many of each planted defect were caught, and by how many points a harmless edit moved the score on "
        "average; it should not move at all."
    )
    told = tuple(name.replace("_", " ") for name in (*names, *edits))
    return Table("defects", "Ladder card by defect", caption, ("judge", *told), tuple(rows))


def _kinship(board: Board) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for judge in board.kinship.judges:
        reasons = [board.kinship.reasons(judge, model) for model in board.kinship.models]
        rows.append((Cell(judge), *(Cell("; ".join(each), "grey") if each else Cell("clear") for each in reasons)))
    caption = "Judges favour their own family, its students, and those trained on its texts. Such cells are left out."
    return Table("kinship", "Who is kin to whom", caption, ("judge", *board.kinship.models), tuple(rows))


def _agreement(board: Board) -> Table:
    found = board.agreement
    rows = [
        (Cell("answers with two scores or more"), Cell(str(found.items))),
        (Cell("Krippendorff's alpha, interval"), Cell(number(found.alpha_interval))),
        (Cell("Krippendorff's alpha, ordinal"), Cell(number(found.alpha_ordinal))),
        (Cell("pairs of scores that are the same"), Cell(percent(found.raw))),
        (Cell("pairs one grade or less apart"), Cell(percent(found.within_one))),
    ]
    for first, second in combinations(found.judges, 2):
        tau = found.tau_b.get(first, {}).get(second)
        rows.append((Cell(f"Kendall's tau-b, {first} and {second}"), Cell(number(tau))))
    caption = (
        "On judge scores alone, void answers left out. Alpha falls to 0 where nearly all scores are the same, so it is "
        f"read beside the raw share and the counts below. {found.note}"
    ).strip()
    return Table("agreement", "Agreement", caption, ("measure", "value"), tuple(rows))


def _histogram(board: Board) -> Table:
    found = board.agreement.histogram
    scores = sorted({score for counts in found.values() for score in counts}, key=float)
    rows = [
        (Cell(judge), *(Cell(str(counts.get(score, 0))) for score in scores))
        for judge, counts in found.items()
        if counts
    ]
    caption = "How often each judge gave each score. A judge with one column only cannot tell anything apart."
    return Table("histogram", "Scores given", caption, ("judge", *scores), tuple(rows))


def _worth(board: Board) -> Table:
    rows = [
        (
            Cell(each.panel),
            Cell(", ".join(each.judges) or "none"),
            Cell(str(each.steps)),
            Cell(number(each.effective, 1) if each.effective is not None else "not known"),
            Cell(each.note),
        )
        for each in board.worth
    ]
    caption = (
        "How many independent judges they are worth, by their errors on the ladder (Kish): judges who err on the same "
        "steps count once. It says nothing about how good they are; refused judges who guess are independent too."
    )
    header = ("judges", "who", "steps all of them judged", "worth", "note")
    return Table("worth", "Judges that err together", caption, header, tuple(rows))


def _left_out(what: str, found: tuple[LeftOut, ...]) -> Table:
    rows = [
        (
            Cell(each.name),
            Cell(", ".join(f"{model} {number(each.means[model])}" for model in each.order)),
            Cell("; ".join(f"{a} no longer above {b}" for a, b in each.turned) or "nothing turns", _turned(each)),
        )
        for each in found
    ]
    caption = f"The order of the means without each {what} in turn. A finding that turns rests on one {what}."
    return Table(f"without-{what}", f"Without one {what}", caption, ("left out", "order", "what turns"), tuple(rows))


def _turned(found: LeftOut) -> Literal["", "bad"]:
    return "bad" if found.turned else ""


def _twice(card: JudgeCard) -> str:
    if not card.twice:
        return "none"
    return f"{card.twice_same} of {card.twice} the same; {number(card.twice_gap)} apart on average"


def _cost(value: float | None) -> str:
    return "no price known" if value is None else f"{value:.2f} USD"
