"""Has the models of a plan answer the held-out prompts.

A run that was stopped goes on where it was: give the same command again.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from proofkit_core.errors import GenerationCancelledError, GenerationError, InputError
from proofkit_eval.commands.folder import RunFolder, add_model, begin_run, fixed_set
from proofkit_eval.commands.opening import open_contestant
from proofkit_eval.generating import RunReport, Shard, generate, shard_path
from proofkit_eval.generating.running import Failure
from proofkit_eval.plan import PlannedModel
from proofkit_prompts import load_contract

EXIT_FINDINGS = 1
_SHOWN = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the run, new or begun")
    parser.add_argument("--plan", type=Path, metavar="FILE", help="who answers and judges (default: the one inside)")
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="this model of the plan; repeatable")
    parser.add_argument("--shard", default="1/1", metavar="N/OF", help="ask this part of the prompts (default: 1/1)")


def run(args: argparse.Namespace) -> int:
    """Ask what is not answered yet.

    Returns:
        0; 1 where answers are missing because a model failed or could not be opened.

    Raises:
        InputError: The plan cannot be read, or the run began otherwise.
        GenerationCancelledError: The person stopped it.
    """
    contract, shard = load_contract(), Shard.read(args.shard)
    folder, manifest = begin_run(args.out, args.plan, contract, check=lambda plan: _chosen(plan.model, args.only))
    at, chosen = folder.plan_folder(manifest), _chosen(manifest.plan.model, args.only)
    prompts, path = fixed_set(folder, manifest).prompts, shard_path(folder.generations, shard)
    is_whole = True
    for planned in chosen:
        try:
            with open_contestant(planned, manifest.plan, at, contract, prompts=prompts) as contestant:
                add_model(folder, contestant.ref)
                report = generate(
                    prompts,
                    [contestant],
                    path,
                    contract=contract,
                    now=_now,
                    shard=shard,
                    beside=[each for each in folder.all_generations if each != path],
                    told=_say,
                )
        except GenerationCancelledError:
            raise
        except GenerationError as error:
            _say(f"{planned.id} cannot be asked: {error}")
            is_whole = False
            continue
        print(_told(planned, report))
        is_whole &= not report.failures
    print(_next(folder))
    return 0 if is_whole else EXIT_FINDINGS


def _chosen(models: tuple[PlannedModel, ...], only: list[str]) -> tuple[PlannedModel, ...]:
    known = [model.id for model in models]
    if unknown := sorted(set(only) - set(known)):
        raise InputError(f"The plan has no model {', '.join(unknown)}; it has {', '.join(known)}.")
    return tuple(model for model in models if not only or model.id in only)


def _told(planned: PlannedModel, report: RunReport) -> str:
    line = f"{planned.id}: {report.made} answers made, {report.already_there} there already"
    line += f", writes nothing for {report.not_written}" if report.not_written else ""
    return "\n".join([line, *(_failure(each) for each in report.failures[:_SHOWN])])


def _failure(failure: Failure) -> str:
    return f"  failed: {failure.prompt_id}{' (twin)' if failure.swap else ''}: {failure.why}"


def _next(folder: RunFolder) -> str:
    return f"Next: proofkit-eval judge {folder.path}, then proofkit-eval board {folder.path}"


def _say(line: str) -> None:
    print(line, flush=True)


def _now() -> datetime:
    return datetime.now(UTC)
