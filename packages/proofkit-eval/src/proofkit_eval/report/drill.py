"""Each answer with all that was found out about it, folded up by prompt."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from html import escape

from proofkit_eval.judging.asking import exercise_of
from proofkit_eval.judging.rubric import score_of
from proofkit_eval.records import EvalLog, GateResult, Generation, Measures, Prompt, Screening, Verdict
from proofkit_eval.report.told import number

__all__ = ["write_answers"]


class _Found:
    """All rows of a log, by the answer they are about."""

    def __init__(self, log: EvalLog) -> None:
        self.screenings: Mapping[str, Screening] = {each.key: each for each in log.screenings}
        self.gates: Mapping[str, GateResult] = {each.key: each for each in log.gates}
        self.measures: Mapping[str, Measures] = {each.key: each for each in log.measures}
        self.verdicts: defaultdict[str, list[Verdict]] = defaultdict(list)
        for verdict in log.verdicts:
            self.verdicts[verdict.generation_key].append(verdict)


def write_answers(log: EvalLog, families: Iterable[str] | None = None) -> Iterator[str]:
    """Return every answer, prompt by prompt, as HTML.

    Args:
        log: The evaluation.
        families: The task families to show; all where None.
    """
    found = _Found(log)
    answers: defaultdict[str, list[Generation]] = defaultdict(list)
    for sample in log.samples:
        answers[sample.prompt_id].append(sample)
    wanted = None if families is None else frozenset(families)
    for prompt in log.prompts:
        if wanted is None or prompt.family in wanted:
            yield from _prompt(prompt, answers[prompt.id], found)


def _prompt(prompt: Prompt, samples: Iterable[Generation], found: _Found) -> Iterator[str]:
    shown = sorted(
        samples, key=lambda sample: (sample.swap, sample.model.id, sample.model.artifact_digest, sample.seed)
    )
    yield f'<details class="prompt" id="prompt-{escape(prompt.id)}">'
    yield f"<summary>{escape(prompt.id)}: {escape(prompt.family)}, {escape(prompt.role)}</summary>"
    yield f'<h4>What was asked</h4><pre dir="auto">{escape(exercise_of(prompt))}</pre>'
    if not shown:
        yield "<p>No model has answered it.</p>"
    for sample in shown:
        yield from _answer(sample, found)
    yield "</details>"


def _answer(sample: Generation, found: _Found) -> Iterator[str]:
    screening = found.screenings.get(sample.key)
    status = screening.status if screening else "not screened"
    twin = ", the counterfactual twin" if sample.swap else ""
    yield f'<details class="answer" id="answer-{escape(sample.key[:16])}">'
    yield (
        f"<summary>{escape(sample.model.id)}{twin}: {escape(status)}{_scores(found.verdicts[sample.key])}"
        f"{_failed(found.gates.get(sample.key))}</summary>"
    )
    text = screening.text if screening and screening.status != "void" else sample.text
    yield f'<pre dir="auto">{escape(text) or "<i>nothing</i>"}</pre>'
    if screening and screening.reasons:
        yield f"<p>Screening: {escape('; '.join(screening.reasons))}.</p>"
    if screening and screening.diff:
        yield f'<p>What the repair changed:</p><pre class="diff">{escape(screening.diff)}</pre>'
    yield from _lines(found.gates.get(sample.key), found.measures.get(sample.key))
    yield from _verdicts(found.verdicts[sample.key])
    yield (
        f'<p class="small">Key {escape(sample.key[:16])}, weights {escape(sample.model.artifact_digest[:12])}, seed '
        f"{sample.seed}, ended by {escape(sample.finish_reason)}, {sample.completion_tokens} tokens, "
        f"{sample.seconds:.1f} s.</p></details>"
    )


def _scores(verdicts: Iterable[Verdict]) -> str:
    told = [
        f"{verdict.judge.id} {number(score_of(verdict.axes, verdict.items or {}), 1)}"
        for verdict in verdicts
        if verdict.repeat == 0 and verdict.pair is None
    ]
    return f"; {escape(', '.join(told))}" if told else ""


def _failed(result: GateResult | None) -> str:
    failed = [name.replace("_", " ") for name, passed in result.gates.items() if passed is False] if result else []
    return f"; fails {escape(', '.join(failed))}" if failed else ""


def _lines(result: GateResult | None, measures: Measures | None) -> Iterator[str]:
    lines: list[str] = []
    if result is not None:
        told = {True: "kept", False: "broken", None: "does not apply"}
        gates = "; ".join(f"{name.replace('_', ' ')} {told[passed]}" for name, passed in result.gates.items())
        lines.append(f"Gates: {gates}.")
        lines += [f"Finding: {finding}" for finding in result.findings]
    if measures is not None:
        lines.append(f"Anchor recall {number(measures.anchor_recall)}.")
        if measures.missing:
            lines.append(f"Lost: {', '.join(measures.missing)}.")
        if measures.swap_followed is not None:
            lines.append(f"Swapped fact {'followed' if measures.swap_followed else 'not followed'}.")
        if measures.unsupported:
            lines.append(f"Unsupported: {'; '.join(measures.unsupported)}.")
    if lines:
        yield f'<ul dir="auto">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>'


def _verdicts(verdicts: Iterable[Verdict]) -> Iterator[str]:
    lines = [f"<li>{escape(_verdict(verdict))}</li>" for verdict in verdicts]
    if lines:
        yield f"<ul>{''.join(lines)}</ul>"


def _verdict(verdict: Verdict) -> str:
    who = f"{verdict.judge.id}{' (second look)' if verdict.repeat else ''}, as {verdict.alias}"
    if verdict.status == "unscored":
        return f"{who}: unscored, {verdict.reason}"
    if verdict.pair is not None:
        return (
            f"{who}: preferred {verdict.pair.preferred} beside {verdict.pair.other_key[:12]}, place {verdict.order + 1}"
        )
    told = {True: "yes", False: "no", None: "untold"}
    axes = [f"{axis.replace('_', ' ')} {grade}" for axis, grade in (verdict.axes or {}).items()]
    items = [f"{item.replace('_', ' ')} {told[said]}" for item, said in (verdict.items or {}).items()]
    return f"{who}: {'; '.join([*axes, *items])}"
