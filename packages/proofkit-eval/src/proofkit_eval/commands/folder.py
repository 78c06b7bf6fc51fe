"""The folder of a run: what lies where, how a run begins, and how it is gone on with."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from proofkit_core.drafting.desk import DECODING
from proofkit_core.errors import InputError
from proofkit_eval.commands.manifest import Manifest, changed, plan_folder_of, plan_folder_seen, read_manifest
from proofkit_eval.generating.contestant import decoded
from proofkit_eval.heldout.reading import SETS, HeldOutSet, SetName, load_set, read_set
from proofkit_eval.judging import Rubric, check_rubric
from proofkit_eval.plan import Plan, load_plan
from proofkit_eval.records import JudgeRef, ModelRef
from proofkit_prompts import Contract

__all__ = ["RunFolder", "add_judge", "add_model", "begin_run", "fix_rubric", "fixed_set", "open_run"]

MANIFEST = "run.json"


class RunFolder(NamedTuple):
    """Where the files of a run lie."""

    path: Path

    @property
    def manifest(self) -> Path:
        """What the run is."""
        return self.path / MANIFEST

    @property
    def generations(self) -> Path:
        """The answers, one a line."""
        return self.path / "generations.jsonl"

    @property
    def all_generations(self) -> tuple[Path, ...]:
        """The answers of all shards that are there."""
        return tuple(sorted(self.path.glob("generations*.jsonl")))

    @property
    def blind_map(self) -> Path:
        """What is behind the aliases; only who reads the results opens it."""
        return self.path / "blind-map.jsonl"

    def plan_folder(self, manifest: Manifest) -> Path:
        """Where the plan's paths begin, from whatever folder the command is given."""
        return plan_folder_of(self.path, manifest)

    def verdicts(self, judge: str) -> Path:
        """One judge's verdicts, one a line."""
        return self.path / "verdicts" / f"{judge}.jsonl"

    def steps(self, judge: str) -> Path:
        """What one judge said of each step of the ladder."""
        return self.path / "ladder" / f"{judge}.jsonl"

    def card(self, judge: str) -> Path:
        """What the ladder says of one judge."""
        return self.path / "ladder" / f"{judge}.json"

    def ratings(self, judge: str) -> Path:
        """What one person rated."""
        return self.path / "ratings" / f"{judge}.jsonl"


def begin_run(
    path: Path, plan_path: Path | None, contract: Contract, *, check: Callable[[Plan], object]
) -> tuple[RunFolder, Manifest]:
    """Return a run's folder with its manifest, new or gone on with.

    Args:
        path: The folder.
        plan_path: The plan; None for the one that comes along, or the one that the run began with.
        contract: The contract that renders.
        check: Looks at a plan before anything is written, and raises where it does not serve.

    Raises:
        InputError: The plan cannot be read, or the run began with other prompts, another contract or another seed.
    """
    folder = RunFolder(path)
    if plan_path is None and folder.manifest.exists():
        return open_run(path, contract)
    plan, at = load_plan(plan_path)
    check(plan)
    made = Manifest(
        plan=plan,
        # The plan that comes along names no files of its own.
        plan_folder="." if plan_path is None else plan_folder_seen(at, path),
        set_digest=_set_of(plan, at).digest,
        contract_digest=contract.digest,
        decoding=decoded(DECODING),
        code_version=version("proofkit-eval"),
    )
    return folder, changed(folder.manifest, lambda known: _joined(known, made))


def open_run(path: Path, contract: Contract) -> tuple[RunFolder, Manifest]:
    """Return a run that was begun.

    Raises:
        InputError: There is none in this folder, or it began with another contract.
    """
    folder = RunFolder(path)
    if not folder.manifest.exists():
        raise InputError(f"{str(path)!r} holds no run. Begin one with `proofkit-eval run --out {path}`.")
    manifest = read_manifest(folder.manifest)
    if manifest.contract_digest != contract.digest:
        raise InputError(
            f"The run began with the contract {manifest.contract_digest[:12]}, and this program has "
            f"{contract.digest[:12]}. Answers to two contracts are not compared. Take the program of that time, or "
            "begin a new run."
        )
    return folder, manifest


def fixed_set(folder: RunFolder, manifest: Manifest) -> HeldOutSet:
    """Return the held-out prompts of a run, which are those that it began with.

    Raises:
        InputError: They cannot be read, or their file was changed in the middle.
    """
    found = _set_of(manifest.plan, folder.plan_folder(manifest))
    if found.digest != manifest.set_digest:
        raise InputError(
            f"The prompts {manifest.plan.set!r} come to {found.digest[:12]}, and this run began with "
            f"{manifest.set_digest[:12]}: the file was changed in the middle. Answers to other prompts are not "
            "compared. Put the old file back, or begin a new run in another folder; the rows of this one stay as they "
            "are."
        )
    return found


def _set_of(plan: Plan, at: Path) -> HeldOutSet:
    named: dict[str, SetName] = {name: name for name in SETS}
    return load_set(named[plan.set]) if plan.set in named else read_set(at / plan.set)


def add_model(folder: RunFolder, ref: ModelRef) -> Manifest:
    """Write down a model that was opened; the last one of an id is the one that counts.

    Raises:
        InputError: The manifest cannot be read or written.
    """

    def change(known: Manifest | None) -> Manifest:
        manifest = _known(folder, known)
        models = (*(each for each in manifest.models if each.id != ref.id), ref)
        return manifest.model_copy(update={"models": models})

    return changed(folder.manifest, change)


def add_judge(folder: RunFolder, ref: JudgeRef, rubric: Rubric) -> Manifest:
    """Write down a judge that was opened, and the rubric it is asked with.

    Raises:
        InputError: The run began with another rubric, or the manifest cannot be read or written.
    """

    def change(known: Manifest | None) -> Manifest:
        manifest = _with_rubric(_known(folder, known), rubric)
        judges = (*(each for each in manifest.judges if each.id != ref.id), ref)
        return manifest.model_copy(update={"judges": judges})

    return changed(folder.manifest, change)


def fix_rubric(folder: RunFolder, rubric: Rubric) -> Manifest:
    """Write down what is judged by from now on.

    Raises:
        InputError: The run began with another rubric, or the manifest cannot be read or written.
    """
    return changed(folder.manifest, lambda known: _with_rubric(_known(folder, known), rubric))


def _with_rubric(manifest: Manifest, rubric: Rubric) -> Manifest:
    if manifest.rubric_digest:
        check_rubric(rubric, manifest.rubric_digest)
    return manifest.model_copy(update={"rubric_digest": rubric.digest})


def _known(folder: RunFolder, manifest: Manifest | None) -> Manifest:
    if manifest is None:
        raise InputError(
            f"The manifest {str(folder.manifest)!r} is gone. Put it back from a copy; the rows stay as they are."
        )
    return manifest


def _joined(known: Manifest | None, made: Manifest) -> Manifest:
    """Return a run that was begun under a plan given again; models and judges may have come to it.

    Raises:
        InputError: What decides the run is not the same.
    """
    if known is None:
        return made
    pairs = (
        ("held-out set", known.set_digest[:12], made.set_digest[:12]),
        ("contract", known.contract_digest[:12], made.contract_digest[:12]),
        ("decoding", str(known.decoding), str(made.decoding)),
        ("seed", str(known.plan.seed), str(made.plan.seed)),
        ("comparisons", _told(known.plan), _told(made.plan)),
    )
    for what, before, now in pairs:
        if before != now:
            raise InputError(
                f"The run began with the {what} {before}, and the plan now has {now}. What decides a run is fixed when "
                "it begins; models and judges may be added. Begin a new run in another folder."
            )
    return made.model_copy(
        update={"models": known.models, "judges": known.judges, "rubric_digest": known.rubric_digest}
    )


def _told(plan: Plan) -> str:
    return "; ".join(_comparison(each.a, each.b, each.measure, each.margin) for each in plan.comparison) or "none"


def _comparison(a: str, b: str, measure: str, margin: float | None) -> str:
    return f"{a} against {b}" if margin is None else f"{a} against {b}, {measure}, margin {margin:g}"
