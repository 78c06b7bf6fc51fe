"""Whole runs of a tiny model, from the recipe to the adapter."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from proofkit_train.artifact.adapter import read_adapter
from proofkit_train.artifact.run_record import find_provenance, read_run
from proofkit_train.base.source import resolve_base
from proofkit_train.data.row import Row
from proofkit_train.errors import CheckpointError, RunFailedError
from proofkit_train.sft.finish import publish
from proofkit_train.sft.recipe import Recipe
from proofkit_train.sft.run import Places, train_run

pytest.importorskip("trl")

from proofkit_train.sft.progress import LossRow


def run_of(runs: Path) -> Path:
    (folder,) = [path for path in runs.iterdir() if path.is_dir()]
    return folder


def report_of(runs: Path) -> dict[str, Any]:
    return json.loads((run_of(runs) / "run.json").read_text(encoding="utf-8"))


@pytest.fixture
def runs(finished: tuple[Path, list[str]], tmp_path: Path) -> Path:
    """A copy of the finished run that a test may damage."""
    return Path(shutil.copytree(finished[0], tmp_path / "runs"))


def test_a_run_ends_with_an_adapter_that_peft_reads(finished: tuple[Path, list[str]], recipe: Recipe) -> None:
    from peft import PeftModel  # noqa: PLC0415
    from transformers import AutoModelForCausalLM

    base = cast("Any", AutoModelForCausalLM).from_pretrained(recipe.base)
    model = cast("Any", PeftModel).from_pretrained(base, run_of(finished[0]) / "adapter")
    trained = {name: float(weight.abs().sum()) for name, weight in model.named_parameters() if "lora_B" in name}
    assert len(trained) == 14
    assert all(total > 0 for total in trained.values())


def test_a_run_says_everything_about_itself(finished: tuple[Path, list[str]], recipe: Recipe) -> None:
    report = report_of(finished[0])
    assert report["run"].startswith(run_of(finished[0]).name.removeprefix("tiny-"))
    assert report["recipe"] == {**recipe.model_dump(mode="json"), "layout": "tree"}
    assert report["versions"]["trl"] == "1.16.0"
    assert report["steps"] == 6
    assert report["validation_loss"] < 9
    assert report["tokens"] > 0
    assert set(report["identity"]) == {
        "base", "contract", "lane", "recipe", "rows", "template", "tokenizer", "validation",
    }  # fmt: skip


def test_the_exporter_finds_what_the_adapter_was_made_from(finished: tuple[Path, list[str]], recipe: Recipe) -> None:
    folder = run_of(finished[0]) / "adapter"
    found = find_provenance(read_adapter(folder), read_run(folder), resolve_base(recipe.base))
    assert found.run_digest == report_of(finished[0])["run"]
    assert list(found.task_digests) == ["draft_section"]


def test_the_loss_falls_and_is_kept_as_a_table_and_a_picture(finished: tuple[Path, list[str]]) -> None:
    folder = run_of(finished[0])
    with (folder / "loss.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert len([line for line in table if line["loss"]]) == 6
    validations = {line["step"]: float(line["validation_loss"]) for line in table if line["validation_loss"]}
    assert list(validations) == ["2", "4", "6"]
    assert validations["6"] < validations["2"]  # of the same rows each time, unlike the loss in training
    pytest.importorskip("matplotlib")
    assert (folder / "loss.svg").read_bytes().startswith(b"<?xml")


def test_progress_is_said_in_lines(finished: tuple[Path, list[str]]) -> None:
    said = "\n".join(finished[1])
    assert "step 3/6  loss " in said
    assert "tokens/s" in said
    assert "min left" in said
    assert "step 4/6  validation loss " in said


def test_the_preflight_is_written_beside_the_run(finished: tuple[Path, list[str]]) -> None:
    found = json.loads((run_of(finished[0]) / "preflight.json").read_text(encoding="utf-8"))
    assert found["train"]["kept"] == 24
    assert found["train"]["lost"] == []
    assert len(found["trained_modules"]) == 14
    assert found["measured"]["tokens_per_second"] > 0
    assert found["measured"]["passed"] < 0.8


def test_the_newest_checkpoints_and_the_best_one_are_kept(finished: tuple[Path, list[str]]) -> None:
    kept = sorted(path.name for path in (run_of(finished[0]) / "checkpoints").iterdir())
    assert kept[-2:] == ["checkpoint-00000004", "checkpoint-00000006"]
    assert len(kept) <= 3


def test_a_preflight_alone_trains_nothing(recipe: Recipe, data_set: Path, tmp_path: Path, said: list[str]) -> None:
    assert train_run(recipe, Places(data=data_set, runs=tmp_path), preflight_only=True, say=said.append) == 0
    assert sorted(path.name for path in run_of(tmp_path).iterdir()) == ["preflight.json", "run.lock"]
    assert any(line.startswith("estimate") for line in said)


def test_a_finished_run_is_not_run_again(runs: Path, recipe: Recipe, data_set: Path, said: list[str]) -> None:
    with pytest.raises(RunFailedError, match="is finished"):
        train_run(recipe, Places(data=data_set, runs=runs), preflight_only=False, say=said.append)


def test_a_run_killed_before_its_report_trains_its_last_steps_again(
    runs: Path, recipe: Recipe, data_set: Path, said: list[str]
) -> None:
    former = report_of(runs)
    (run_of(runs) / "run.json").unlink()
    assert train_run(recipe, Places(data=data_set, runs=runs), preflight_only=False, say=said.append) == 0
    assert "goes on from step 4 of 6" in said
    assert report_of(runs)["adapter_digest"] == former["adapter_digest"]
    assert report_of(runs)["train_loss"] == pytest.approx(former["train_loss"])


def test_a_run_that_starts_at_its_end_fails(runs: Path, recipe: Recipe, data_set: Path, said: list[str]) -> None:
    folder = run_of(runs)
    (folder / "run.json").unlink()
    for path in (folder / "checkpoints").iterdir():
        if not path.name.endswith("6"):
            shutil.rmtree(path)
    with pytest.raises(RunFailedError, match="step 6 of 6: nothing would be trained"):
        train_run(recipe, Places(data=data_set, runs=runs), preflight_only=False, say=said.append)


def test_a_stale_checkpoint_is_refused(
    runs: Path,
    recipe: Recipe,
    rows_of: Callable[..., list[Row]],
    write_data: Callable[..., Path],
    tmp_path: Path,
    said: list[str],
) -> None:
    """The story: other rows, the old run's folder, and a resume that trained nothing and published the old adapter."""
    other = write_data(tmp_path / "other", [*rows_of(7, seed=5), *rows_of(2, seed=1, split="validation")])
    old = run_of(runs)
    with pytest.raises(CheckpointError, match=r"differs from this run \w+ in: rows\. "):
        train_run(recipe, Places(data=other, runs=runs, resume=old), preflight_only=False, say=said.append)
    assert train_run(recipe, Places(data=other, runs=runs), preflight_only=True, say=said.append) == 0
    (fresh,) = [path for path in runs.iterdir() if path != old]
    shutil.copytree(old / "checkpoints", fresh / "checkpoints")
    with pytest.raises(CheckpointError, match=r"checkpoint-00000006.* in: rows\. "):
        train_run(recipe, Places(data=other, runs=runs), preflight_only=False, say=said.append)


def test_a_checkpoint_without_its_marker_is_skipped(
    runs: Path, recipe: Recipe, data_set: Path, said: list[str]
) -> None:
    former = report_of(runs)
    (run_of(runs) / "run.json").unlink()
    (run_of(runs) / "checkpoints" / "checkpoint-00000006" / "COMPLETE").unlink()
    assert train_run(recipe, Places(data=data_set, runs=runs), preflight_only=False, say=said.append) == 0
    assert any(line.startswith("skipped checkpoint-00000006") for line in said)
    assert "goes on from step 4 of 6" in said
    assert report_of(runs)["adapter_digest"] == former["adapter_digest"]


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "optimizer.pt", "identity.json", "COMPLETE"])
def test_a_damaged_checkpoint_is_refused(
    name: str, runs: Path, recipe: Recipe, data_set: Path, said: list[str]
) -> None:
    (run_of(runs) / "run.json").unlink()
    path = run_of(runs) / "checkpoints" / "checkpoint-00000006" / name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CheckpointError, match=rf"checkpoint-00000006' is damaged: its file '{name}'"):
        train_run(recipe, Places(data=data_set, runs=runs), preflight_only=False, say=said.append)


def test_an_adapter_equal_to_a_former_runs_fails_the_run(
    runs: Path, recipe: Recipe, data_set: Path, said: list[str]
) -> None:
    former = run_of(runs).rename(runs / "former")
    again = recipe.model_copy(update={"name": "again", "keep": 9})
    with pytest.raises(RunFailedError, match="that of the former run 'former'"):
        train_run(again, Places(data=data_set, runs=runs), preflight_only=False, say=said.append)
    (folder,) = [path for path in runs.iterdir() if path != former]
    assert not (folder / "adapter").exists()
    assert not (folder / "run.json").exists()


@pytest.mark.parametrize("losses", [[], [LossRow(1, 0.0, None, 0.1, 0.0, 10, 1.0)]])
def test_a_run_without_a_loss_fails(losses: list[LossRow], runs: Path, recipe: Recipe) -> None:
    shutil.rmtree(run_of(runs) / "adapter")
    (run_of(runs) / "run.json").unlink()
    with pytest.raises(RunFailedError, match="learned nothing"):
        publish(run_of(runs), recipe, losses, {})
    assert not (run_of(runs) / "adapter").exists()


def test_the_last_step_is_always_logged(recipe: Recipe, data_set: Path, tmp_path: Path, said: list[str]) -> None:
    quiet = recipe.model_copy(update={"log_every": 100, "eval_every": 0, "max_steps": 2})
    assert train_run(quiet, Places(data=data_set, runs=tmp_path), preflight_only=False, say=said.append) == 0
    assert report_of(tmp_path)["train_loss"] > 0


def test_both_layouts_learn_the_same(
    finished: tuple[Path, list[str]], recipe: Recipe, data_set: Path, tmp_path: Path, said: list[str]
) -> None:
    """The batches differ, so only the loss before the first step can be compared."""
    padded = recipe.model_copy(update={"layout": "padded", "max_steps": 2})
    assert train_run(padded, Places(data=data_set, runs=tmp_path), preflight_only=False, say=said.append) == 0
    assert report_of(tmp_path)["validation_loss"] == pytest.approx(
        float(next(line for line in finished[1] if "step 2/6  validation" in line).split()[-1]), rel=0.2
    )
