"""A log of an evaluation, as what claims are held against."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import fmean

from proofkit_core.errors import InputError
from proofkit_eval.board.build import build_board
from proofkit_eval.board.columns import Column, columns_of
from proofkit_eval.board.measuring import Evidence as Answers
from proofkit_eval.board.measuring import figures
from proofkit_eval.board.ranking import rank_by
from proofkit_eval.board.records import BoardSettings, Ranking
from proofkit_eval.claims.finding import find_comparison, with_tie
from proofkit_eval.judging.scores import judge_scores
from proofkit_eval.ladder import LadderCard
from proofkit_eval.records import EvalLog, Generation, Measures
from proofkit_eval.statistics.records import Comparison
from proofkit_eval.statistics.scores import Scores

__all__ = ["LogEvidence"]

SECONDS, GATE, JUDGE = "seconds", "gate:", "judge:"
_NOT_MEASURED = {"key", "missing", "unsupported"}

Figure = Callable[[Generation], float | None]


class LogEvidence:
    """Works out each comparison again from the answers and verdicts of a log; its stored results are not looked at.

    Measures are `judges` (the panel that counts), `judge:ID`, `gates`, `gate:NAME`, `seconds`, and the figures of
    `Measures`, such as `anchor_recall`.
    """

    def __init__(
        self, log: EvalLog, *, ladder: Sequence[LadderCard] = (), settings: BoardSettings | None = None
    ) -> None:
        """Take a log.

        Args:
            log: The evaluation.
            ladder: What the ladder says of the judges, as for the board.
            settings: As for the board.
        """
        self.log = log
        self.settings = settings or BoardSettings()
        board = build_board(log, ladder=ladder, settings=self.settings)
        self._rankings: dict[str, Ranking] = {ranking.measure: ranking for ranking in board.rankings}
        self._answers = Answers(log)
        self._columns = tuple(column for column in columns_of(log, self.settings) if column.kind != "stale")
        self._margins = {(each.measure, frozenset((each.a, each.b))): each.margin for each in log.spec.comparisons}

    def comparison(self, measure: str, a: str, b: str, *, margin: float | None = None) -> Comparison:
        """Compare two models; a tie needs a margin that the spec named beforehand.

        Args:
            measure: Name of the measure.
            a: Id of a model.
            b: The other's.
            margin: How far apart they may be and still tie; no more than was planned.

        Raises:
            InputError: There is no such measure or model, or the margin was not planned.
        """
        found = find_comparison(self._ranked(measure).comparisons, measure, a, b)
        if margin is None:
            return found
        planned = self._margins.get((measure, frozenset((a, b))))
        if planned is None or margin > planned:
            named = "names none" if planned is None else f"names {planned:g}"
            raise InputError(
                f"a tie of {a} and {b} within {margin:g} needs a margin at least as wide in the spec, which {named}; "
                "a margin is named before looking"
            )
        return with_tie(found, margin, self.settings.level)

    def mean(self, measure: str, model: str) -> float | None:
        """Return one model's mean.

        Raises:
            InputError: There is no such measure or model.
        """
        means = self._ranked(measure).means
        if model not in means:
            raise InputError(f"there is no model {model!r} by {measure}; there are: {', '.join(means) or 'none'}")
        return means[model]

    def _ranked(self, measure: str) -> Ranking:
        if measure not in self._rankings:
            self._rankings[measure] = rank_by(measure, self._scores(measure), self.log.spec, self.settings)
        return self._rankings[measure]

    def _scores(self, measure: str) -> Scores:
        figure_names = sorted(set(Measures.model_fields) - _NOT_MEASURED)
        if measure == SECONDS:
            return self._table(lambda sample: sample.seconds)
        if measure.startswith(GATE) and measure.removeprefix(GATE) in self._answers.gate_names:
            return self._table(lambda sample: self._gate(measure.removeprefix(GATE), sample))
        if measure.startswith(JUDGE) and measure.removeprefix(JUDGE) in {judge.id for judge in self.log.spec.judges}:
            return judge_scores(self.log, judges=(measure.removeprefix(JUDGE),))
        if measure in figure_names:
            return figures(self._answers, self._columns, measure, self.settings)[0]
        gates = [GATE + name for name in self._answers.gate_names]
        judges = [JUDGE + judge.id for judge in self.log.spec.judges]
        known = ", ".join([*self._rankings, SECONDS, *gates, *judges, *figure_names])
        raise InputError(f"there is no measure {measure!r} in this log; there are: {known}")

    def _gate(self, name: str, sample: Generation) -> float | None:
        told = self._answers.gates_told(sample)
        return float(told[name]) if name in told else None

    def _table(self, of: Figure) -> Scores:
        rows = {column.name: _by_prompt(column, of) for column in self._columns}
        return Scores(
            models=tuple(rows),
            judges=("",),
            prompts=tuple(prompt.id for prompt in self.log.prompts),
            clusters=tuple(prompt.cluster for prompt in self.log.prompts),
            values=tuple(tuple((row.get(prompt.id),) for row in rows.values()) for prompt in self.log.prompts),
        )


def _by_prompt(column: Column, of: Figure) -> dict[str, float]:
    cells: defaultdict[str, list[float]] = defaultdict(list)
    for sample in column.samples:
        value = of(sample)
        if value is not None:
            cells[sample.prompt_id].append(value)
    return {prompt: fmean(values) for prompt, values in cells.items()}
