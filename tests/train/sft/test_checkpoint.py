"""A checkpoint is whole, of its own run, and kept as long as it is needed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from proofkit_train.errors import CheckpointError
from proofkit_train.sft.checkpoint import checkpoints, find_checkpoint, prune, save_checkpoint
from proofkit_train.sft.identity import RunIdentity
from proofkit_train.sft.lock import sole_owner

IDENTITY = RunIdentity(
    contract="1", rows="2", validation="3", tokenizer="4", template="5", recipe="6", lane="7", base="8"
)
NAMES = list(RunIdentity.model_fields)
FullDisk = Callable[[int], AbstractContextManager[None]]


def fill(folder: Path) -> None:
    (folder / "weights.bin").write_bytes(b"w" * 50_000)


def save(folder: Path, step: int, loss: float | None = None) -> Path:
    return save_checkpoint(folder, step, fill, identity=IDENTITY, validation_loss=loss)


def test_a_full_disk_leaves_no_checkpoint_and_harms_no_other(tmp_path: Path, full_disk: FullDisk) -> None:
    save(tmp_path, 2)
    with full_disk(10_000), pytest.raises(CheckpointError, match=r"step 4 could not be written.*Free space"):
        save(tmp_path, 4)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-00000002"]
    found = find_checkpoint(tmp_path, IDENTITY)
    assert found.checkpoint is not None
    assert found.checkpoint.step == 2
    save(tmp_path, 4)
    assert [one.step for one in checkpoints(tmp_path)] == [2, 4]


@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_of_another_run_is_refused_with_the_field_that_differs(name: str, tmp_path: Path) -> None:
    save(tmp_path, 2)
    with pytest.raises(CheckpointError, match=rf"in: {name}\. Expected"):
        find_checkpoint(tmp_path, IDENTITY.model_copy(update={name: "other"}))


def test_only_the_newest_and_the_best_checkpoints_stay(tmp_path: Path) -> None:
    for step, loss in ((2, 3.0), (4, 1.0), (6, 2.0), (8, None), (10, 1.0)):
        save(tmp_path, step, loss)
        prune(tmp_path, keep=2)
    assert [one.step for one in checkpoints(tmp_path)] == [4, 8, 10]


def test_each_field_of_the_identity_changes_its_digest() -> None:
    changed = {IDENTITY.model_copy(update={name: "other"}).digest for name in NAMES}
    assert len(changed | {IDENTITY.digest}) == len(NAMES) + 1


def test_two_programs_do_not_train_one_run(tmp_path: Path) -> None:
    with (
        sole_owner(tmp_path),
        pytest.raises(CheckpointError, match="Another program trains the run"),
        sole_owner(tmp_path),
    ):
        pass
    with sole_owner(tmp_path):
        pass
