"""Coverage, gates and faithfulness of a row. A void answer fails every gate that applies, and keeps no word."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from statistics import fmean

import numpy as np  # noqa: TID253 - loaded only when figures are made

from proofkit_eval.board.columns import Column
from proofkit_eval.board.records import BoardSettings, Coverage, Faithfulness, Figure, Share
from proofkit_eval.records import EvalLog, GateResult, Generation, Measures, Screening
from proofkit_eval.statistics import Interval, ModelMean, Rate, Scores, model_intervals, wilson

__all__ = [
    "ANCHORS",
    "GATES",
    "Evidence",
    "coverage_of",
    "faithfulness_of",
    "figure_of",
    "figures",
    "gates_of",
    "share_of",
]

ANCHORS, GATES = "anchor_recall", "gates"
"""Names of measures that models are ranked by, beside the judges."""
_UNBOUNDED = frozenset({"words", "claims"})
"""Counts; the other measures are shares."""


class Evidence:
    """What was found out about the answers, by key."""

    def __init__(self, log: EvalLog) -> None:
        """Lay it out.

        Args:
            log: The evaluation.
        """
        self.log = log
        self.screenings: Mapping[str, Screening] = {each.key: each for each in log.screenings}
        self.gates: Mapping[str, GateResult] = {each.key: each for each in log.gates}
        self.measures: Mapping[str, Measures] = {each.key: each for each in log.measures}
        self.swaps = frozenset(prompt.id for prompt in log.prompts if prompt.swap is not None)
        self.gate_names = tuple(dict.fromkeys(name for result in log.gates for name in result.gates))
        applying: defaultdict[str, set[str]] = defaultdict(set)
        prompts = {sample.key: sample.prompt_id for sample in log.samples}
        for result in log.gates:
            applying[prompts[result.key]] |= {name for name, passed in result.gates.items() if passed is not None}
        self.applying: Mapping[str, set[str]] = applying
        """The gates that apply to a prompt, by what they said of any model's answer."""
        self._shared = self._shared_gates()

    def is_void(self, sample: Generation) -> bool:
        """Say whether an answer was refused before anybody judged it."""
        screening = self.screenings.get(sample.key)
        return screening is not None and screening.status == "void"

    def gates_told(self, sample: Generation) -> dict[str, bool]:
        """Return what the gates say of an answer; those that do not apply are left out."""
        if self.is_void(sample):
            return dict.fromkeys((name for name in self.gate_names if name in self.applying[sample.prompt_id]), False)
        result = self.gates.get(sample.key)
        return {} if result is None else {name: said for name, said in result.gates.items() if said is not None}

    def measure(self, name: str, sample: Generation) -> float | None:
        """Return one figure of an answer by its name among the measures, or the share of gates it passes.

        Of the gates, those count that apply to the answers of all models to this prompt.
        """
        if name == GATES:
            shared = self._shared.get(sample.prompt_id, self.applying[sample.prompt_id])
            told = [said for gate, said in self.gates_told(sample).items() if gate in shared]
            return fmean(told) if told else None
        found = self.measures.get(sample.key)
        value = getattr(found, name) if found is not None else None
        if self.is_void(sample):
            # It keeps no word, where there is one to keep; elsewhere nobody's answer has a figure.
            return 0.0 if name == ANCHORS and (found is None or value is not None) else None
        return None if value is None else float(value)

    def followed(self, sample: Generation) -> bool | None:
        """Return whether an answer followed the swap; a void one did not, where following can be told at all."""
        found = self.measures.get(sample.key)
        if found is None:
            return False if self.is_void(sample) else None
        return None if found.swap_followed is None else found.swap_followed and not self.is_void(sample)

    def _shared_gates(self) -> Mapping[str, set[str]]:
        """Return, by prompt, the gates that apply to the answer of every model: by these alone models are compared."""
        meant = {(model.id, model.artifact_digest, model.base_digest) for model in self.log.spec.models}
        shared: dict[str, set[str]] = {}
        for sample in self.log.samples:
            result, model = self.gates.get(sample.key), sample.model
            is_meant = (model.id, model.artifact_digest, model.base_digest) in meant
            if result is None or not is_meant or self.is_void(sample):
                continue
            names = {name for name, said in result.gates.items() if said is not None}
            shared[sample.prompt_id] = shared.get(sample.prompt_id, names) & names
        return shared


def figures(
    evidence: Evidence, columns: tuple[Column, ...], name: str, settings: BoardSettings
) -> tuple[Scores, dict[str, Figure]]:
    """Return one measure of all columns, by prompt and as means.

    Args:
        evidence: What was found out.
        columns: Whose.
        name: Which measure.
        settings: Level, resamples and seed.
    """
    cells: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for column in columns:
        for sample in column.samples:
            value = evidence.measure(name, sample)
            if value is not None:
                cells[sample.prompt_id, column.name].append(value)
    log = evidence.log
    scores = Scores(
        models=tuple(column.name for column in columns),
        judges=("",),
        prompts=tuple(prompt.id for prompt in log.prompts),
        clusters=tuple(prompt.cluster for prompt in log.prompts),
        values=tuple(
            tuple((_mean(cells.get((prompt.id, column.name))),) for column in columns) for prompt in log.prompts
        ),
    )
    rng = np.random.default_rng(settings.seed)
    means = model_intervals(scores, level=settings.level, resamples=settings.resamples, rng=rng)
    most = None if name in _UNBOUNDED else 1.0
    return scores, {mean.model: figure_of(mean, mean.fixed, most=most) for mean in means}


def figure_of(mean: ModelMean, interval: Interval | None, *, most: float | None = None) -> Figure:
    """Return a mean as the board shows it.

    Args:
        mean: The mean.
        interval: Its interval; None where there is none.
        most: The highest value there can be; an interval is cut at it and at 0, since nothing true lies beyond.
    """
    low, high = (interval.low, interval.high) if interval else (None, None)
    if most is not None and low is not None and high is not None:
        low, high = max(0.0, low), min(most, high)
    return Figure(mean=mean.mean, low=low, high=high, n=mean.n, missing=mean.missing, note=mean.note)


def share_of(yes: int, n: int, settings: BoardSettings) -> Share:
    """Return a share with its interval."""
    return _share(yes, wilson(yes, n, level=settings.level))


def coverage_of(column: Column, evidence: Evidence) -> Coverage:
    """Return how much of the set a model answered; a missing prompt is named, never dropped."""
    log = evidence.log
    answered = Counter(sample.prompt_id for sample in column.samples)
    seeds = max(1, len(log.spec.seeds))
    screened = [evidence.screenings.get(sample.key) for sample in column.samples]
    reasons: Counter[str] = Counter()
    for screening in screened:
        if screening is not None and screening.status == "void":
            reasons.update(screening.reasons or ("no reason given",))
    statuses = Counter(screening.status if screening else "unscreened" for screening in screened)
    return Coverage(
        expected=len(log.prompts) * seeds,
        answered=len(column.samples),
        missing=tuple(prompt.id for prompt in log.prompts if answered[prompt.id] < seeds),
        repaired=statuses["repaired"],
        void=statuses["void"],
        void_reasons=dict(sorted(reasons.items())),
        unscreened=statuses["unscreened"],
    )


def gates_of(column: Column, evidence: Evidence, settings: BoardSettings) -> dict[str, Share]:
    """Return how often each gate was passed, of the answers that it applies to."""
    told = [evidence.gates_told(sample) for sample in column.samples]
    counts = {name: [each[name] for each in told if name in each] for name in evidence.gate_names}
    return {name: share_of(sum(said), len(said), settings) for name, said in counts.items()}


def faithfulness_of(
    column: Column, evidence: Evidence, means: Mapping[str, Mapping[str, Figure]], settings: BoardSettings
) -> Faithfulness:
    """Return how faithful a model's answers are.

    Args:
        column: Whose.
        evidence: What was found out.
        means: Figures by measure and column.
        settings: Level of the intervals.
    """

    def of(name: str) -> Figure:
        return means[name][column.name]

    found = [evidence.measures[sample.key] for sample in column.samples if sample.key in evidence.measures]
    swaps = [evidence.followed(sample) for sample in column.samples if sample.prompt_id in evidence.swaps]
    followed = [each for each in swaps if each is not None]
    return Faithfulness(
        anchor_recall=of(ANCHORS),
        swap_followed=share_of(sum(followed), len(followed), settings),
        unsupported_rate=of("unsupported_rate"),
        unsupported=sum(len(each.unsupported) for each in found),
        claims=sum(each.claims or 0 for each in found),
        template_distance=of("template_distance"),
        words=of("words"),
    )


def _share(yes: int, rate: Rate) -> Share:
    low, high = (rate.interval.low, rate.interval.high) if rate.interval else (None, None)
    return Share(yes=yes, n=rate.n, rate=rate.rate, low=low, high=high, note=rate.note)


def _mean(values: list[float] | None) -> float | None:
    return fmean(values) if values else None
