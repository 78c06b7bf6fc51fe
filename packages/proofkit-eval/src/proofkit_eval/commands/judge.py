"""Has the judges of a run's plan judge its answers, blind.

Each verdict is kept before the next begins. Verdicts that failed are asked again when the command is given again.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from proofkit_core.errors import GenerationCancelledError, GenerationError
from proofkit_eval.commands.folder import RunFolder, add_judge, fix_rubric, open_run
from proofkit_eval.commands.gathering import gathered_answers
from proofkit_eval.commands.manifest import Manifest
from proofkit_eval.commands.panel import chosen_judges, open_judge, ref_of_ratings
from proofkit_eval.judging import (
    Answer,
    PanelRun,
    Rubric,
    answers_to_judge,
    blind,
    import_ratings,
    judge_all,
    load_rubric,
    write_blind_map,
)
from proofkit_eval.judging.aliases import read_blind_map
from proofkit_eval.logs import RowLog, read_log
from proofkit_eval.plan import JudgeSource, PlannedJudge
from proofkit_eval.records import Verdict
from proofkit_prompts import Contract, load_contract

EXIT_FINDINGS = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("run", type=Path, metavar="DIR", help="folder of the run")
    parser.add_argument("--judge", action="append", default=[], metavar="ID", help="this judge; repeatable")
    parser.add_argument("--rubric", type=Path, metavar="FILE", help="rubric to judge by (default: the one inside)")


def run(args: argparse.Namespace) -> int:
    """Judge what is not judged yet.

    Returns:
        0; 1 where a judge could not be opened.

    Raises:
        InputError: There is no run, the rubric was changed, or a file of ratings is malformed.
        GenerationCancelledError: The person stopped it.
    """
    contract, rubric = load_contract(), load_rubric(args.rubric)
    folder, manifest = open_run(args.run, contract)
    chosen = chosen_judges(manifest.plan.judge, args.judge)
    manifest = fix_rubric(folder, rubric)
    answers = answers_to_judge(*gathered_answers(folder, manifest, contract, told=_say))
    aliases = blind([answer.key for answer in answers], manifest.plan.seed)
    write_blind_map(folder.blind_map, aliases)
    is_whole = True
    for planned in chosen:
        try:
            if planned.source is JudgeSource.RATINGS:
                manifest = _read_ratings(folder, manifest, planned, answers, rubric)
            else:
                manifest = _ask(folder, manifest, planned, answers, aliases, rubric, contract)
        except GenerationCancelledError:
            raise
        except GenerationError as error:
            _say(f"{planned.id} cannot judge: {error}")
            is_whole = False
    print(f"Next: proofkit-eval ladder {folder.path}, then proofkit-eval board {folder.path}")
    return 0 if is_whole else EXIT_FINDINGS


def _ask(  # noqa: PLR0917 - a judge and what it is shown
    folder: RunFolder,
    manifest: Manifest,
    planned: PlannedJudge,
    answers: Sequence[Answer],
    aliases: dict[str, str],
    rubric: Rubric,
    contract: Contract,
) -> Manifest:
    at, path = folder.plan_folder(manifest), folder.verdicts(planned.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        open_judge(planned, at, rubric=rubric, contract=contract, models=manifest.models) as judge,
        RowLog(path, told=_say) as rows,
    ):
        manifest = add_judge(folder, judge.ref, rubric)
        # A verdict that failed is no verdict: it is asked again, and the last row of a key is the one that counts.
        done = {key for key, row in read_log(path, Verdict, keep="last").items() if row.status == "scored"}
        panel = judge_all(
            [judge],
            answers,
            aliases,
            rubric,
            seed=manifest.plan.seed,
            keep=_counted(rows.append, planned.id),
            done=done,
        )
    _say(_told(planned.id, panel))
    return manifest


def _counted(keep: Callable[[Verdict], None], judge: str, every: int = 25) -> Callable[[Verdict], None]:
    kept = 0

    def count(verdict: Verdict) -> None:
        nonlocal kept
        keep(verdict)
        kept += 1
        if kept % every == 0:
            _say(f"{judge}: {kept} verdicts")

    return count


def _read_ratings(
    folder: RunFolder, manifest: Manifest, planned: PlannedJudge, answers: Sequence[Answer], rubric: Rubric
) -> Manifest:
    ref, path = ref_of_ratings(planned), folder.plan_folder(manifest) / planned.path
    verdicts = import_ratings(
        path,
        keys=read_blind_map(folder.blind_map),
        answers={answer.key: answer for answer in answers},
        judges={ref.id: ref},
        rubric=rubric,
    )
    into = folder.verdicts(planned.id)
    into.parent.mkdir(parents=True, exist_ok=True)
    with RowLog(into, told=_say) as rows:
        there = read_log(into, Verdict, keep="last")
        fresh = [each for each in verdicts if each.key not in there or there[each.key] != each]
        for verdict in fresh:
            rows.append(verdict)
    _say(f"{planned.id}: {len(fresh)} ratings read, {len(verdicts) - len(fresh)} there already")
    return add_judge(folder, ref, rubric)


def _told(judge: str, panel: PanelRun) -> str:
    return f"{judge}: {panel.asked} verdicts, {panel.skipped} there already, {panel.unscored} unscored"


def _say(line: str) -> None:
    print(line, flush=True)
