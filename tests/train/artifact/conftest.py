import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from proofkit_prompts import load_contract
from proofkit_train.artifact.adapter import read_adapter
from proofkit_train.base.source import resolve_base
from proofkit_train.base.tokenizer import open_tokenizer

MakeBase = Callable[[str], Path]
MakeRun = Callable[[str], "Run"]


class Run(NamedTuple):
    """A finished run of a tiny model, as `proofkit-train sft` leaves it."""

    base: Path
    adapter: Path
    """Its folder; run.json lies beside it."""

    def change(self, **changes: Any) -> None:  # noqa: ANN401 - parsed JSON
        """Change what run.json says."""
        path = self.adapter.parent / "run.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes), encoding="utf-8")


@pytest.fixture
def tiny_run(tiny_base: MakeBase, tiny_adapter: MakeBase, tmp_path: Path) -> MakeRun:
    """Makes finished runs by family: `llama` or `qwen2`."""

    def make(family: str) -> Run:
        folder = tmp_path / f"run-{family}"
        folder.mkdir()
        adapter = folder / "adapter"
        adapter.mkdir()
        for file in tiny_adapter(family).iterdir():
            (adapter / file.name).write_bytes(file.read_bytes())
        source = resolve_base(str(tiny_base(family)))
        contract = load_contract()
        report: dict[str, Any] = {
            "run": "1" * 64,
            "identity": {"recipe": "2" * 64, "tokenizer": open_tokenizer(source).digest},
            "base": source.model_dump(mode="json", exclude={"path"}),
            "contract": {
                "version": "v1",
                "digest": contract.digest,
                "tasks": {task: contract.task_digest(task) for task in contract.tasks},
            },
            "data": {"digest": "3" * 64, "rows": 70, "by_hand": 7},
            "adapter_digest": read_adapter(adapter).digest,
            "recipe": {"name": "tiny", "rank": 4, "alpha": 8.0, "learning_rate": 0.0005},
            "steps": 10,
            "published_step": 8,
            "trained_parameters": 1234,
            "train_loss": 1.25,
            "validation_loss": 1.5,
            "seconds": 600.0,
            "tokens": 9999,
            "versions": {"torch": "2.13.0"},
        }
        (folder / "run.json").write_text(json.dumps(report), encoding="utf-8")
        return Run(tiny_base(family), adapter)

    return make
