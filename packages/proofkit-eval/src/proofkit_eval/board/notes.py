"""What a reader has to know before the figures, in sentences."""

from collections.abc import Sequence

from proofkit_eval.board.columns import Column
from proofkit_eval.board.records import Coverage, JudgeCard, JudgeCell, PanelWorth, Ranking
from proofkit_eval.records import EvalLog

__all__ = ["board_notes", "row_notes", "shortened"]

_FEW_CLUSTERS = 10
_TOLD = 5
_REASONS_TOLD = 2


def shortened(reasons: Sequence[str]) -> str:
    """Return the first reasons why a judge does not count; the ladder card has them all.

    Args:
        reasons: All of them.
    """
    told, more = "; ".join(reasons[:_REASONS_TOLD]), len(reasons) - _REASONS_TOLD
    return f"{told}; and {more} more, see the ladder card" if more > 0 else told


def row_notes(column: Column, coverage: Coverage, hard_failed: int, cells: Sequence[JudgeCell]) -> tuple[str, ...]:
    """Return what has to be said about one row.

    Args:
        column: Whose.
        coverage: What it answered.
        hard_failed: How many answers fail a hard gate.
        cells: What the judges said.
    """
    notes = [f"Stale: {reason}." for reason in column.stale]
    if coverage.missing:
        more = f" and {len(coverage.missing) - _TOLD} more" if len(coverage.missing) > _TOLD else ""
        notes.append(f"Prompts without an answer, or with too few: {', '.join(coverage.missing[:_TOLD])}{more}.")
    if coverage.void:
        told = ", ".join(f"{reason} ({count})" for reason, count in coverage.void_reasons.items())
        notes.append(f"Void answers, which count as failed everywhere: {coverage.void}, for {told}.")
    if coverage.unscreened:
        notes.append(f"Answers that were neither screened nor judged: {coverage.unscreened}.")
    if hard_failed:
        notes.append(
            f"Answers that fail a hard gate: {hard_failed} of {coverage.answered}. No grade makes up for that."
        )
    gaps = sum(cell.missing + sum(cell.unscored.values()) for cell in cells)
    if gaps:
        notes.append(f"Verdicts that are missing or unscored: {gaps}. They lower the coverage and not the score.")
    return tuple(notes)


def board_notes(
    log: EvalLog,
    columns: Sequence[Column],
    cards: Sequence[JudgeCard],
    rankings: Sequence[Ranking],
    worth: Sequence[PanelWorth] = (),
) -> tuple[str, ...]:
    """Return what has to be said about the whole board.

    Args:
        log: The evaluation.
        columns: The models.
        cards: The judges.
        rankings: What came out.
        worth: How many independent judges the panel is worth; the panel comes first.
    """
    clusters = len({prompt.cluster for prompt in log.prompts})
    counted = f"{_counted(len(log.prompts), 'prompt')} in {_counted(clusters, 'cluster')}"
    notes = [f"{counted}; intervals are over clusters."]
    if clusters < _FEW_CLUSTERS:
        notes.append("So few clusters show large differences only; read the intervals, not the means.")
    out = [card for card in cards if not card.counts]
    notes += [f"Judge {card.ref.id} is shown and not averaged: {shortened(card.reasons)}." for card in out]
    if cards and len(out) == len(cards):
        notes.append("No judge counts. The board has gates and faithfulness, and no order by judges.")
    notes += _worth(worth)
    if log.recited:
        told = ", ".join(f"{each.name} (SHA-256 {each.sha256[:12]})" for each in log.recited)
        notes.append(f"The template distance is measured against {told}.")
    old = sum(verdict.rubric_digest != log.spec.rubric_digest for verdict in log.verdicts)
    if old:
        notes.append(f"Verdicts left out because they are by another rubric than the spec's: {old}.")
    meant = {(judge.id, judge.version, judge.artifact_digest) for judge in log.spec.judges}
    others = sum((each.judge.id, each.judge.version, each.judge.artifact_digest) not in meant for each in log.verdicts)
    if others:
        notes.append(f"Verdicts left out because the judge is another version than the spec's: {others}.")
    ceiling = {column.name for column in columns if column.kind == "ceiling"}
    passed_over = [f"{each.a} and {each.b}" for each in log.spec.comparisons if {each.a, each.b} & ceiling]
    if passed_over:
        notes.append(f"A ceiling is not ranked, so these named comparisons were not made: {'; '.join(passed_over)}.")
    if not log.spec.comparisons:
        notes.append("No comparison was named beforehand, so every one below is exploratory.")
    stale = [column.name for column in columns if column.kind == "stale"]
    if stale:
        notes.append(f"Shown apart and not ranked, because a digest is another one: {', '.join(stale)}.")
    notes += [f"{ranking.measure}: {ranking.note}" for ranking in rankings if ranking.note]
    return tuple(notes)


def _worth(worth: Sequence[PanelWorth]) -> list[str]:
    return [
        f"The {len(each.judges)} judges that count are worth {each.effective:.1f} independent ones: as far as they err "
        "on the same steps of the ladder, they are one judge."
        for each in worth[:1]
        if each.effective is not None
    ]


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
