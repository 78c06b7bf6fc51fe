"""The command says what it does at once, and what cannot be used in one sentence."""

import subprocess
import sys
from pathlib import Path

import pytest

from proofkit_train.cli import main

HELP = [
    ["--help"],
    ["data", "--help"],
    ["data", "build", "--help"],
    ["data", "audit", "--help"],
    ["sft", "--help"],
    ["export", "--help"],
    ["verify", "--help"],
]
HEAVY = ("torch", "transformers", "trl", "peft", "datasets", "llama_cpp", "numpy", "pyarrow", "matplotlib")


@pytest.mark.parametrize("words", HELP, ids=" ".join)
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys\nfrom proofkit_train.cli import main\n"
        f"try:\n    main({words!r})\nexcept SystemExit as done:\n    assert done.code == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize(
    "words",
    [
        ["data", "check", "no-such-folder"],
        ["data", "look", "no-such-folder"],
        ["data", "audit", "no-such-folder"],
    ],
    ids=" ".join,
)
def test_a_missing_data_set_ends_with_2_and_the_next_step(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "proofkit-train data build" in capsys.readouterr().err


def test_a_broken_case_is_told_and_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "half.toml"
    path.write_text('role = "bookkeeper"\n', encoding="utf-8")
    assert main(["data", "case", str(path)]) == 1
    assert "half.toml" in capsys.readouterr().out


def test_build_look_audit_and_check_work_on_one_data_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "set"
    assert main(["data", "build", "--out", str(folder), "--variations", "0"]) == 0
    assert main(["data", "look", str(folder), "--rows", "2", "--source", "hand"]) == 0
    shown = capsys.readouterr().out
    assert "masked:" in shown
    assert "trained:" in shown
    assert main(["data", "check", str(folder)]) == 0
    assert "zero diff" in capsys.readouterr().out
    rows = (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()
    (folder / "train.jsonl").write_text("\n".join([*rows[1:], rows[0]]) + "\n", encoding="utf-8")
    assert main(["data", "check", str(folder)]) == 1
    assert "line 1" in capsys.readouterr().out
