"""Works a board out from a log."""

from collections.abc import Sequence
from typing import NamedTuple

from proofkit_eval.board.checks import check_log
from proofkit_eval.board.columns import Column, columns_of, named_keys
from proofkit_eval.board.judged import by_maker, cards_of, cells_of, counting
from proofkit_eval.board.measuring import (
    ANCHORS,
    GATES,
    Evidence,
    coverage_of,
    faithfulness_of,
    figures,
    gates_of,
)
from proofkit_eval.board.notes import board_notes, row_notes
from proofkit_eval.board.original import original_of
from proofkit_eval.board.ranking import rank_by
from proofkit_eval.board.records import JUDGES, Board, BoardSettings, Figure, JudgeCard, Ranking, Row
from proofkit_eval.board.worth import worth_of
from proofkit_eval.faithfulness import Variety, variety_at_equal_size
from proofkit_eval.judging.conflicts import Kinship, family_conflicts
from proofkit_eval.judging.scores import table_of, without_conflicts
from proofkit_eval.ladder import LadderCard
from proofkit_eval.records import EvalLog
from proofkit_eval.statistics import Scores, agreement, leave_one_out, standardised_means

__all__ = ["build_board"]

_MEASURES = (ANCHORS, GATES, "unsupported_rate", "template_distance", "words")
_LAST = 10**6


def build_board(log: EvalLog, *, ladder: Sequence[LadderCard] = (), settings: BoardSettings | None = None) -> Board:
    """Work a board out.

    Args:
        log: The evaluation; its results are not looked at.
        ladder: What the ladder says of the judges. A judge that was not tried does not count.
        settings: The ceiling, and how intervals are made; None for the usual.

    Raises:
        InputError: The log contradicts itself.
    """
    settings = settings or BoardSettings()
    check_log(log, settings)
    work = _lay_out(log, ladder, settings)
    ranked = tuple(column.name for column in work.columns if column.kind == "ranked")
    judges = counting(work.cards)
    panel = _heard(without_conflicts(work.scores.only(models=ranked, judges=judges), work.kinship))
    rankings = (
        rank_by(JUDGES, panel, log.spec, settings),
        *(rank_by(name, work.tables[name].only(models=ranked), log.spec, settings) for name in (ANCHORS, GATES)),
    )
    rows = _rows(log, work, settings)
    ids, worth = work.scores.judges, worth_of(work.cards)
    return Board(
        settings=settings,
        spec_digest=log.spec.digest,
        set_digest=log.spec.set_digest,
        contract_digest=log.spec.contract_digest,
        rubric_digest=log.spec.rubric_digest,
        prompts=len(log.prompts),
        clusters=len({prompt.cluster for prompt in log.prompts}),
        rows=tuple(sorted(rows, key=lambda row: _order(row, rankings))),
        judges=work.cards,
        kinship=work.kinship,
        rankings=rankings,
        without_judge=leave_one_out(panel),
        without_maker=leave_one_out(panel, by_maker(work.cards, panel.judges)),
        standardised=standardised_means(panel) if panel.judges else dict.fromkeys(ranked),
        variety=_variety(work, settings),
        agreement=agreement(_items(log, work.columns, ids), ids),
        worth=worth,
        notes=board_notes(log, work.columns, work.cards, rankings, worth),
    )


class _Work(NamedTuple):
    """What rows and rankings are made from."""

    columns: tuple[Column, ...]
    evidence: Evidence
    tables: dict[str, Scores]
    """By measure."""
    means: dict[str, dict[str, Figure]]
    """By measure and column."""
    cards: tuple[JudgeCard, ...]
    kinship: Kinship
    scores: Scores
    """All judges' of all columns."""


def _lay_out(log: EvalLog, ladder: Sequence[LadderCard], settings: BoardSettings) -> _Work:
    columns, evidence = columns_of(log, settings), Evidence(log)
    found = {name: figures(evidence, columns, name, settings) for name in _MEASURES}
    names, judges = tuple(column.name for column in columns), tuple(judge.id for judge in log.spec.judges)
    return _Work(
        columns=columns,
        evidence=evidence,
        tables={name: scores for name, (scores, _means) in found.items()},
        means={name: means for name, (_scores, means) in found.items()},
        cards=cards_of(log, ladder, settings),
        kinship=family_conflicts(log.spec.judges, log.spec.models),
        scores=table_of(log, named_keys(columns), models=names, judges=judges),
    )


def _rows(log: EvalLog, work: _Work, settings: BoardSettings) -> list[Row]:
    cells = cells_of(log, work.columns, work.scores, work.kinship, work.cards, settings)
    rows: list[Row] = []
    for column in work.columns:
        coverage, failed = coverage_of(column, work.evidence), _hard_failed(column, work.evidence)
        rows.append(
            Row(
                name=column.name,
                model=column.model,
                kind=column.kind,
                stale=column.stale,
                coverage=coverage,
                gates=gates_of(column, work.evidence, settings),
                hard_failed=failed,
                faithfulness=faithfulness_of(column, work.evidence, work.means, settings),
                judges=cells[column.name],
                original=original_of(column, work.evidence, work.scores),
                notes=row_notes(column, coverage, failed, cells[column.name]),
            )
        )
    return rows


def _variety(work: _Work, settings: BoardSettings) -> dict[str, Variety]:
    texts: dict[str, dict[str, str]] = {}
    for column in work.columns:
        if column.kind != "stale":
            screened = ((each.prompt_id, work.evidence.screenings.get(each.key)) for each in column.samples)
            # A void answer has no text to compare, and is counted where the gates are.
            texts[column.name] = {prompt: found.text for prompt, found in screened if found and found.text}
    return variety_at_equal_size(texts, seed=settings.seed)


def _heard(scores: Scores) -> Scores:
    """Return the table without judges who say nothing in it, such as one that is kin to every model."""
    told = [
        judge
        for place, judge in enumerate(scores.judges)
        if any(cells[place] is not None for row in scores.values for cells in row)
    ]
    return scores.only(judges=told)


def _hard_failed(column: Column, evidence: Evidence) -> int:
    found = (evidence.gates.get(sample.key) for sample in column.samples)
    return sum(result is not None and result.hard_failed for result in found)


def _items(log: EvalLog, columns: tuple[Column, ...], judges: tuple[str, ...]) -> list[tuple[float | None, ...]]:
    """Return the scores answer by answer. Void answers are not among them: that all judges give those a 1 is a rule."""
    models = tuple(column.name for column in columns)
    table: Scores = table_of(log, named_keys(columns), models=models, judges=judges, count_void=False)
    return [cells for row in table.values for cells in row]


def _order(row: Row, rankings: Sequence[Ranking]) -> tuple[int, int, str]:
    """The ceiling first, the ranked by the first measure that ranks anybody, the stale last."""
    kind = {"ceiling": 0, "ranked": 1, "stale": 2}[row.kind]
    ranks = next((ranking.ranks for ranking in rankings if ranking.ranks), ())
    place = next((rank.place for rank in ranks if rank.model == row.name), _LAST)
    return kind, place, row.name
