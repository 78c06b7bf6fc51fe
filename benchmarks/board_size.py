"""How long a board takes: 120 prompts, 8 models, 3 judges, 10,000 resamples.

    uv run python benchmarks/board_size.py [--models N] [--resamples N]

The prompts and answers are those of the log in the docs; models that are not in it repeat the answers of those that are
with other digests, and three judges give marks that are drawn, since what a board costs does not depend on what they
are. Counted is everything that `proofkit-eval board` does with rows it has read: the look for contamination, gates and
measures of each answer, all statistics, and the page, Markdown and table.
"""

import argparse
import gzip
import random
import resource
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from proofkit_eval.board import BoardSettings, build_board
from proofkit_eval.commands.writing import write_board
from proofkit_eval.faithfulness import measure
from proofkit_eval.gates import check_gates
from proofkit_eval.judging import load_rubric
from proofkit_eval.ladder import LadderCard
from proofkit_eval.logs import length_prefixed, sealed
from proofkit_eval.records import EvalLog, Generation, JudgeRef, ModelRef, Verdict
from proofkit_eval.report import with_board
from proofkit_eval.screening import screen
from proofkit_prompts import load_contract

LOG = Path(__file__).parents[1] / "docs" / "reference" / "evaluation" / "log.json.gz"
JUDGES = tuple(JudgeRef(id=f"judge-{n}", family=f"maker-{n}", version="1", artifact_digest="") for n in range(3))


def named(model: ModelRef, number: int) -> ModelRef:
    """Return other weights that answer as a model does."""
    digest = length_prefixed(model.artifact_digest.encode(), str(number).encode())
    return model.model_copy(update={"id": f"model-{number}", "name": f"Model {number}", "artifact_digest": digest})


def answers(log: EvalLog, models: int) -> tuple[Generation, ...]:
    """Return an answer of each model to each prompt."""
    whole = [
        [each for each in log.samples if each.model.id == model.id and not each.swap]
        for model in log.spec.models
        if sum(each.model.id == model.id and not each.swap for each in log.samples) == len(log.prompts)
    ]
    made: list[Generation] = []
    for number, told in enumerate(islice(cycle(whole), models)):
        model = named(told[0].model, number)
        key = [length_prefixed(each.key.encode(), model.artifact_digest.encode()) for each in told]
        made += [each.model_copy(update={"key": k, "model": model}) for each, k in zip(told, key, strict=True)]
    return tuple(made)


def verdicts(samples: tuple[Generation, ...], rng: random.Random) -> tuple[Verdict, ...]:
    """Return a drawn verdict of each judge on each answer."""
    rubric = load_rubric()
    return tuple(
        Verdict(
            key=length_prefixed(sample.key.encode(), judge.id.encode()),
            generation_key=sample.key,
            judge=judge,
            rubric_digest=rubric.digest,
            alias=f"R-{sample.key[:6]}",
            order=0,
            axes={axis: rng.randint(1, 5) for axis in rubric.axis_ids},
            items={item: rng.random() > 0.5 for item in rubric.item_ids},  # noqa: PLR2004 - a coin
            status="scored",
            reason="",
            tokens=0,
            cost_usd=None,
            seconds=0.0,
        )
        for sample in samples
        for judge in JUDGES
    )


def cards(log: EvalLog) -> tuple[LadderCard, ...]:
    """Return cards that let the judges count, with the figures of one that was really tried."""
    judged: Any = log.results["judges"]
    card = LadderCard.model_validate_json(
        LadderCard.model_validate(judged[0]["ladder"], strict=False).model_dump_json()
    )
    return tuple(card.model_copy(update={"judge": judge, "admitted": True, "reasons": ()}) for judge in JUDGES)


def main() -> None:
    """Build the board and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=8)
    parser.add_argument("--resamples", type=int, default=10_000)
    options = parser.parse_args()
    log = EvalLog.model_validate_json(gzip.decompress(LOG.read_bytes()))
    contract, prompts = load_contract(), {prompt.id: prompt for prompt in log.prompts}
    samples = answers(log, options.models)
    judged, ladder = verdicts(samples, random.Random(0)), cards(log)  # noqa: S311 - marks, no secrets
    models = tuple({sample.model.id: sample.model for sample in samples}.values())
    spec = sealed(log.spec.model_copy(update={"models": models, "judges": JUDGES, "comparisons": ()}))
    started, worked = time.monotonic(), time.process_time()
    screened = tuple(screen(each, prompts[each.prompt_id], contract) for each in samples)
    texts = {each.key: each.text for each in screened}
    ordered = sorted(samples, key=lambda each: each.prompt_id)
    gates = tuple(check_gates(each.key, prompts[each.prompt_id], texts[each.key], contract) for each in ordered)
    measures = tuple(measure(each.key, prompts[each.prompt_id], texts[each.key], contract) for each in ordered)
    parts = {"samples": samples, "screenings": screened, "gates": gates, "measures": measures, "verdicts": judged}
    made = log.model_copy(update={"spec": spec, "results": {}, **parts})
    board = build_board(made, ladder=ladder, settings=BoardSettings(resamples=options.resamples))
    with tempfile.TemporaryDirectory() as folder:
        write_board(Path(folder), with_board(made, board), board, "Size")
    wall, cpu = time.monotonic() - started, time.process_time() - worked
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rankings = {each.measure: len(each.ranks) for each in board.rankings}
    print(f"{len(prompts)} prompts, {len(models)} models, {len(JUDGES)} judges, {options.resamples:,} resamples")
    print(f"ranked: {rankings}")
    print(f"{wall:.1f} s on the clock, {cpu:.1f} s of processor time, {most_mb:.0f} MB at most")


if __name__ == "__main__":
    main()
