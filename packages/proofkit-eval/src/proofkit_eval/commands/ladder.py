"""Lets judges climb the ladder: answers with defects that were planted by machine, so that it is known what is wrong.

A judge that does not find them is refused: it is shown on the board and counts nowhere.
"""

import argparse
import json
from pathlib import Path

from pydantic import BaseModel

from proofkit_core.errors import GenerationCancelledError, GenerationError
from proofkit_eval.commands.folder import RunFolder, add_judge, fix_rubric, open_run
from proofkit_eval.commands.manifest import Manifest
from proofkit_eval.commands.panel import chosen_judges, open_judge
from proofkit_eval.judging import Rubric, load_rubric
from proofkit_eval.judging.protocol import Judge, RawVerdict
from proofkit_eval.ladder import Graded, LadderCard, admit, build_steps, climb, load_answers
from proofkit_eval.logs import RowLog, length_prefixed, read_log
from proofkit_eval.plan import JudgeSource, PlannedJudge
from proofkit_eval.records import JudgeRef
from proofkit_eval.report.log_file import write_text
from proofkit_prompts import Contract, load_contract

EXIT_FINDINGS = 1
_EVERY = 25


class StepVerdict(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What one judge said of one step."""

    key: str
    """SHA-256 (hex) over the step, the judge and the rubric."""
    step: str
    judge: JudgeRef
    verdict: RawVerdict


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("run", type=Path, metavar="DIR", help="folder of the run")
    parser.add_argument("--judge", action="append", default=[], metavar="ID", help="this judge; repeatable")
    parser.add_argument("--rubric", type=Path, metavar="FILE", help="rubric to judge by (default: the one inside)")


def run(args: argparse.Namespace) -> int:
    """Have judges climb what they have not climbed yet, and write their cards.

    Returns:
        0, whoever is refused; 1 where a judge could not be opened.

    Raises:
        InputError: There is no run, or the rubric was changed.
        GenerationCancelledError: The person stopped it.
    """
    contract, rubric = load_contract(), load_rubric(args.rubric)
    folder, manifest = open_run(args.run, contract)
    chosen = chosen_judges(manifest.plan.judge, args.judge)
    manifest = fix_rubric(folder, rubric)
    is_whole = True
    for planned in chosen:
        if planned.source is JudgeSource.RATINGS:
            continue  # people are not tried by machine-made defects
        try:
            manifest, card = _climb(folder, manifest, planned, rubric, contract)
        except GenerationCancelledError:
            raise
        except GenerationError as error:
            _say(f"{planned.id} cannot judge: {error}")
            is_whole = False
            continue
        write_text(folder.card(planned.id), json.dumps(card.model_dump(mode="json"), indent=1) + "\n")
        print(_told(card))
    return 0 if is_whole else EXIT_FINDINGS


def _climb(
    folder: RunFolder, manifest: Manifest, planned: PlannedJudge, rubric: Rubric, contract: Contract
) -> tuple[Manifest, LadderCard]:
    answers, path, at = load_answers(), folder.steps(planned.id), folder.plan_folder(manifest)
    steps = build_steps(answers, seed=manifest.plan.seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        open_judge(planned, at, rubric=rubric, contract=contract, models=manifest.models) as judge,
        RowLog(path, told=_say) as rows,
    ):
        manifest = add_judge(folder, judge.ref, rubric)
        graded = climb(
            judge,
            steps,
            [answer.prompt for answer in answers],
            seed=manifest.plan.seed,
            done=_done(path, judge, rubric),
            on_graded=_Keeping(rows, judge.ref, rubric).keep,
        )
    return manifest, admit(judge.ref, graded)


def _done(path: Path, judge: Judge, rubric: Rubric) -> dict[str, RawVerdict]:
    rows = read_log(path, StepVerdict, keep="last").values()
    return {
        row.step: row.verdict
        for row in rows
        if row.key == _key(row.step, judge.ref, rubric.digest) and not row.verdict.reason
    }


def _key(step: str, judge: JudgeRef, rubric_digest: str) -> str:
    parts = (step, judge.id, judge.version, judge.artifact_digest, rubric_digest)
    return length_prefixed(*(part.encode() for part in parts))


class _Keeping:
    """Keeps each verdict, and says now and then how many there are."""

    def __init__(self, rows: RowLog, judge: JudgeRef, rubric: Rubric) -> None:
        self._rows, self._judge, self._rubric, self._kept = rows, judge, rubric, 0

    def keep(self, graded: Graded) -> None:
        key = _key(graded.step.key, self._judge, self._rubric.digest)
        self._rows.append(StepVerdict(key=key, step=graded.step.key, judge=self._judge, verdict=graded.verdict))
        self._kept += 1
        if self._kept % _EVERY == 0:
            _say(f"{self._judge.id}: {self._kept} steps")


def _told(card: LadderCard) -> str:
    if card.admitted:
        return f"{card.judge.id}: admitted"
    shown = "".join(f"\n  {reason}" for reason in card.reasons)
    return f"{card.judge.id}: refused{shown}"


def _say(line: str) -> None:
    print(line, flush=True)
