"""Has a judge that is a model compare the answers of two models, prompt by prompt and always in both orders.

Who wins only where it stands first has not won: such a pair is a tie. The board does not use these comparisons; they
show whether a judge goes by the place, and who it prefers.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from proofkit_core.errors import InputError
from proofkit_eval.commands.folder import RunFolder, add_judge, fix_rubric, open_run
from proofkit_eval.commands.gathering import gathered_answers
from proofkit_eval.commands.manifest import Manifest
from proofkit_eval.commands.panel import AskedJudge, chosen_judges, open_asked
from proofkit_eval.judging import JudgeItem, Rubric, answers_to_judge, blind, load_rubric
from proofkit_eval.judging.pairs import compare_pair, first_place_share, settle_pairs
from proofkit_eval.logs import RowLog, read_log
from proofkit_eval.records import Generation, Verdict
from proofkit_eval.statistics import Rate, wilson
from proofkit_prompts import Contract, load_contract

_EVERY = 10


class _Both(NamedTuple):
    """Two answers to one prompt."""

    a: JudgeItem
    b: JudgeItem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("run", type=Path, metavar="DIR", help="folder of the run")
    parser.add_argument("models", nargs=2, metavar="ID", help="the two models")
    parser.add_argument("--judge", required=True, metavar="ID", help="a checklist or grading judge of the plan")
    parser.add_argument("--rubric", type=Path, metavar="FILE", help="rubric to judge by (default: the one inside)")


def run(args: argparse.Namespace) -> int:
    """Compare what is not compared yet, and say what came out.

    Returns:
        0.

    Raises:
        InputError: There is no run, no such judge, or no such model.
        GenerationError: The judge cannot be opened.
    """
    contract, rubric = load_contract(), load_rubric(args.rubric)
    folder, manifest = open_run(args.run, contract)
    manifest = fix_rubric(folder, rubric)
    (planned,) = chosen_judges(manifest.plan.judge, [args.judge])
    pairs = _pairs(folder, manifest, contract, args.models)
    path = folder.path / "pairs" / f"{planned.id}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    at = folder.plan_folder(manifest)
    with open_asked(planned, at, contract=contract, models=manifest.models) as judge, RowLog(path, told=_say) as rows:
        add_judge(folder, judge.ref, rubric)
        _compare(pairs, judge, rubric, rows)
    verdicts = list(read_log(path, Verdict, keep="last").values())
    print(_told(args.models, pairs, verdicts))
    return 0


def _pairs(folder: RunFolder, manifest: Manifest, contract: Contract, models: Sequence[str]) -> tuple[_Both, ...]:
    prompts, samples, screenings = gathered_answers(folder, manifest, contract, told=_say)
    digests = {model.id: model.artifact_digest for model in manifest.models}
    if unknown := sorted(set(models) - set(digests)):
        raise InputError(f"The run has no model {', '.join(unknown)}; it has {', '.join(digests)}.")
    answers = answers_to_judge(prompts, samples, screenings)
    aliases = blind([answer.key for answer in answers], manifest.plan.seed)
    by_key: dict[str, Generation] = {sample.key: sample for sample in samples}
    found: dict[tuple[str, str], JudgeItem] = {}
    for answer in answers:
        model = by_key[answer.key].model
        if digests.get(model.id) == model.artifact_digest:
            item = JudgeItem(key=answer.key, alias=aliases[answer.key], prompt=answer.prompt, answer=answer.text)
            found[model.id, answer.prompt.id] = item
    one, other = models
    both = [(found.get((one, prompt.id)), found.get((other, prompt.id))) for prompt in prompts]
    return tuple(_Both(a, b) for a, b in both if a is not None and b is not None)


def _compare(pairs: Sequence[_Both], judge: AskedJudge, rubric: Rubric, rows: RowLog) -> None:
    there = [row for row in read_log(rows.path, Verdict, keep="last").values() if row.status == "scored"]
    done = {(row.generation_key, row.pair.other_key, row.order) for row in there if row.pair is not None}
    for number, (a, b) in enumerate(pairs, start=1):
        if not {(a.key, b.key, 0), (a.key, b.key, 1)} <= done:
            said = compare_pair(a, b, ref=judge.ref, generator=judge.generator, rubric=rubric, ways=judge.ways)
            for verdict in said:
                rows.append(verdict)
        if number % _EVERY == 0:
            _say(f"{judge.ref.id}: {number} of {len(pairs)} pairs")


def _told(models: Sequence[str], pairs: Sequence[_Both], verdicts: Sequence[Verdict]) -> str:
    asked = {frozenset((a.key, b.key)): a.key for a, b in pairs}
    mine = [v for v in verdicts if v.pair and frozenset((v.generation_key, v.pair.other_key)) in asked]
    outcomes = settle_pairs(mine)
    first, other = models
    wins = {"a": 0, "b": 0, "tie": 0, None: 0}
    for outcome in outcomes:
        is_turned_round = asked[frozenset((outcome.a, outcome.b))] != outcome.a
        name = {"a": "b", "b": "a"}.get(str(outcome.winner), outcome.winner) if is_turned_round else outcome.winner
        wins[name] += 1
    place, choices = first_place_share(mine)
    turned = sum(outcome.turned for outcome in outcomes)
    whole = (
        f"{len(pairs)} prompts that both answered: {first} preferred {wins['a']} times, {other} {wins['b']} times, "
        f"{wins['tie']} ties ({turned} because the two orders disagreed), {wins[None]} not told."
    )
    lines = (
        whole,
        f"Of the pairs with a winner, {first} has {_share(wilson(wins['a'], wins['a'] + wins['b']))}.",
        f"What stood first was preferred in {place} of {choices} choices; half of them would be fair.",
    )
    return "\n".join(lines)


def _share(rate: Rate) -> str:
    if rate.rate is None or rate.interval is None:
        return "none, because there are none"
    return f"{rate.rate:.0%} ({rate.interval.low:.0%} to {rate.interval.high:.0%})"


def _say(line: str) -> None:
    print(line, flush=True)
