"""Gathers what lies in a run's folder into one log: answers, what the rules say of them, and what judges said."""

from collections.abc import Callable, Mapping, Sequence

from proofkit_core.errors import InputError
from proofkit_eval.commands.folder import RunFolder, fixed_set
from proofkit_eval.commands.manifest import Manifest
from proofkit_eval.faithfulness import KnownRuns, measure
from proofkit_eval.gates import check_gates
from proofkit_eval.judging.panel import is_about
from proofkit_eval.ladder import LadderCard
from proofkit_eval.logs import read_log, sealed
from proofkit_eval.logs.records import read_record
from proofkit_eval.records import EvalLog, GateResult, Generation, Measures, Prompt, Screening, Spec, Verdict
from proofkit_eval.screening import screen
from proofkit_prompts import Contract

__all__ = ["cards_of", "gather", "gathered_answers"]

Told = Callable[[str], None]


def gather(
    folder: RunFolder, manifest: Manifest, contract: Contract, *, known: KnownRuns | None, told: Told
) -> EvalLog:
    """Return everything of a run as one log, without a board.

    Args:
        folder: Where it lies.
        manifest: What the run is.
        contract: The contract that rendered.
        known: Runs of texts that a model may recite, for the template distance.
        told: Told of rows that stand twice or were half written.

    Raises:
        InputError: Rows are malformed, or there are no answers yet.
    """
    prompts, samples, screenings = gathered_answers(folder, manifest, contract, told=told)
    by_id = {prompt.id: prompt for prompt in prompts}
    texts = {screening.key: screening.text for screening in screenings}
    first = [sample for sample in samples if not sample.swap]
    twins = _twins(samples, texts)
    # Prompt by prompt: what the rules know of a prompt's facts is then read once for the answers of all models.
    looked = {
        each.key: (
            _gated(each, by_id[each.prompt_id], texts[each.key], contract),
            _measured(each, by_id[each.prompt_id], texts, twins, contract, known),
        )
        for each in sorted(first, key=lambda each: each.prompt_id)
    }
    return EvalLog(
        spec=_spec(manifest),
        prompts=prompts,
        samples=samples,
        screenings=screenings,
        gates=tuple(looked[each.key][0] for each in first),
        measures=tuple(looked[each.key][1] for each in first),
        verdicts=_verdicts(folder, manifest, texts, told),
        results={},
        statistics={},
    )


def gathered_answers(
    folder: RunFolder, manifest: Manifest, contract: Contract, *, told: Told
) -> tuple[tuple[Prompt, ...], tuple[Generation, ...], tuple[Screening, ...]]:
    """Return the prompts, all answers of all shards, and what the look for contamination found.

    Raises:
        InputError: Rows are malformed, belong to no prompt of the set, or are not there yet.
    """
    prompts = fixed_set(folder, manifest).prompts
    by_id = {prompt.id: prompt for prompt in prompts}
    rows: dict[str, Generation] = {}
    for path in folder.all_generations:
        for key, row in read_log(path, Generation, told=told).items():
            rows.setdefault(key, row)
    if not rows:
        raise InputError(f"There are no answers in {str(folder.path)!r} yet. Give `proofkit-eval run` first.")
    if strange := sorted({row.prompt_id for row in rows.values()} - set(by_id)):
        raise InputError(
            f"{len(strange)} answers belong to prompts that the set does not have, such as {strange[0]!r}. Take the "
            "answers of another set out of the folder."
        )
    samples = tuple(rows.values())
    return prompts, samples, tuple(screen(sample, by_id[sample.prompt_id], contract) for sample in samples)


def cards_of(folder: RunFolder, manifest: Manifest) -> tuple[LadderCard, ...]:
    """Return the ladder cards that are there, for judges of the run.

    Raises:
        InputError: A card cannot be read.
    """
    paths = [folder.card(judge.id) for judge in manifest.judges]
    then = "Delete it and give `proofkit-eval ladder` again; what the judge said of each step is kept beside it."
    return tuple(read_record(path, LadderCard, name="ladder card", then=then) for path in paths if path.exists())


def _spec(manifest: Manifest) -> Spec:
    planned = [model.id for model in manifest.plan.model]
    opened = {model.id: model for model in manifest.models}
    judges = {judge.id: judge for judge in manifest.judges}
    ids = set(planned) & set(opened)
    return sealed(
        Spec(
            set_digest=manifest.set_digest,
            contract_digest=manifest.contract_digest,
            models=tuple(opened[name] for name in planned if name in opened),
            judges=tuple(judges[judge.id] for judge in manifest.plan.judge if judge.id in judges),
            rubric_digest=manifest.rubric_digest,
            decoding=manifest.decoding,
            seeds=(0,),
            comparisons=tuple(each for each in manifest.plan.comparison if {each.a, each.b} <= ids),
            code_version=manifest.code_version,
        )
    )


def _twins(samples: Sequence[Generation], texts: Mapping[str, str]) -> dict[tuple[str, str, str, int], str]:
    return {_place(sample): texts[sample.key] for sample in samples if sample.swap}


def _place(sample: Generation) -> tuple[str, str, str, int]:
    return sample.model.id, sample.model.artifact_digest, sample.prompt_id, sample.seed


def _gated(sample: Generation, prompt: Prompt, text: str, contract: Contract) -> GateResult:
    return check_gates(sample.key, prompt, text, contract, composed=sample.model.backend == "composer")


def _measured(
    sample: Generation,
    prompt: Prompt,
    texts: Mapping[str, str],
    twins: Mapping[tuple[str, str, str, int], str],
    contract: Contract,
    known: KnownRuns | None,
) -> Measures:
    return measure(sample.key, prompt, texts[sample.key], contract, twin=twins.get(_place(sample)), known=known)


def _verdicts(folder: RunFolder, manifest: Manifest, texts: Mapping[str, str], told: Told) -> tuple[Verdict, ...]:
    """Return the verdicts on these very answers: what was said of an answer that reads otherwise now is left out."""
    found: list[Verdict] = []
    planned = {judge.id for judge in manifest.plan.judge}
    for judge in manifest.judges:
        path = folder.verdicts(judge.id)
        if judge.id in planned and path.exists():
            rows = read_log(path, Verdict, keep="last", told=told).values()
            of_run = [row for row in rows if row.generation_key in texts]
            current = [row for row in of_run if is_about(row, texts[row.generation_key])]
            found += current
            if gone := len(of_run) - len(current):
                told(
                    f"{judge.id}: verdicts left out because their answer reads otherwise now: {gone}. Give "
                    "`proofkit-eval judge` again to have these answers judged."
                )
    return tuple(found)
