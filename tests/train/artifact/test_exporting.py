import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proofkit_train.artifact.adapter import read_adapter
from proofkit_train.artifact.exporting import EXPORT_FILE, ExportRecord
from proofkit_train.artifact.figures import read_figures
from proofkit_train.artifact.provenance import from_gguf, read_config
from proofkit_train.artifact.run_record import read_run
from proofkit_train.base.gguf_file import read_gguf
from proofkit_train.cli import main

pytest.importorskip("peft")
pytest.importorskip("llama_cpp")
MakeBase = Callable[[str], Path]
MakeRun = Callable[[str], Any]
FAMILIES = ("llama", "qwen2")


def export(run: Any, out: Path, *more: str) -> int:  # noqa: ANN401 - a finished run
    return main(["export", str(run.adapter), "--base", str(run.base), "--out", str(out), *more])


@pytest.mark.parametrize("family", FAMILIES)
def test_every_file_carries_what_it_was_made_from_quantised_or_not(
    family: str, tiny_run: MakeRun, tmp_path: Path
) -> None:
    run, out = tiny_run(family), tmp_path / "out"
    merged = ["--merge", "f16", "--merge", "q8_0", "--merge", "q4_1"]
    assert export(run, out, "--adapter-gguf", *merged) == 0
    report = read_run(run.adapter)
    assert report is not None
    expected = report.provenance()
    names = {"tiny-adapter-f16.gguf", "tiny-f16.gguf", "tiny-q8_0.gguf", "tiny-q4_1.gguf"}
    assert {path.name for path in out.iterdir()} == {*names, "MODEL_CARD.md", EXPORT_FILE, "peft"}
    for name in names:
        assert from_gguf(read_gguf(out / name)) == expected, name
    assert read_config(out / "peft") == expected
    assert read_config(run.adapter) is None
    assert read_adapter(out / "peft").digest == expected.adapter_digest


def test_the_record_and_the_card_say_what_was_read_back(tiny_run: MakeRun, tmp_path: Path) -> None:
    run, out = tiny_run("llama"), tmp_path / "out"
    export(run, out, "--adapter-gguf", "q8_0", "--merge", "q4_1", "--name", "trial", "--compare")
    record = ExportRecord.model_validate_json((out / EXPORT_FILE).read_text(encoding="utf-8"))
    assert [file.kind for file in record.files] == ["adapter q8_0", "q4_1"]
    card = (out / "MODEL_CARD.md").read_text(encoding="utf-8")
    for file in record.files:
        assert read_figures(out / file.figures.file) == file.figures
        assert file.figures.sha256 in card
        assert f"{file.figures.bits_per_weight:.2f}" in card
        assert file.parity is not None
        assert f"{file.parity.mean_divergence:.4f}" in card
    for value in record.provenance.keys().values():
        assert f"`{value}`" in card
    assert "70 rows, 7 of them written by hand" in card
    assert "| learning rate | 0.0005 |" in card


def test_the_card_names_the_types_that_llama_cpp_fell_back_to(tiny_run: MakeRun, tmp_path: Path) -> None:
    # 64 inputs do not divide by the 256 of a K-quant, so what is asked for is not what is stored.
    run, out = tiny_run("llama"), tmp_path / "out"
    export(run, out, "--merge", "q4_k_m")
    figures = read_figures(out / "tiny-q4_k_m.gguf")
    assert "Q4_K" not in figures.weights_by_type
    assert {"Q5_0", "Q8_0"} <= set(figures.weights_by_type)
    assert figures.bits_per_weight > 6
    assert figures.tensors["ffn_up.weight"] == {"Q5_0": 2}
    assert "| `ffn_up.weight` | 2 × Q5_0 |" in (out / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_the_same_export_gives_the_same_bytes(tiny_run: MakeRun, tmp_path: Path) -> None:
    run = tiny_run("llama")
    for out in ("one", "two"):
        export(run, tmp_path / out, "--adapter-gguf", "--merge", "q8_0")
    for name in ("tiny-adapter-f16.gguf", "tiny-q8_0.gguf", "MODEL_CARD.md", EXPORT_FILE):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_a_copied_adapter_with_its_own_keys_needs_no_report(tiny_run: MakeRun, tmp_path: Path) -> None:
    run = tiny_run("llama")
    export(run, tmp_path / "one", "--adapter-gguf")
    moved = Path(shutil.copytree(tmp_path / "one" / "peft", tmp_path / "moved"))
    assert export(run._replace(adapter=moved), tmp_path / "two", "--adapter-gguf", "--name", "tiny") == 0
    one, two = (tmp_path / folder / "tiny-adapter-f16.gguf" for folder in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"adapter_digest": "9" * 64}, "its report speaks of 999999999999. Expected the adapter of that run"),
        ({"identity": {"recipe": "2" * 64, "tokenizer": "8" * 64}}, "was trained with the tokenizer 888888888888"),
        (
            {"base": {"kind": "gguf", "name": "other", "digest": "7" * 64}},
            "was trained on 'other' with the digest 777",
        ),
        ({"run": None}, "could not be read"),
    ],
)
def test_an_adapter_is_refused_with_a_base_or_report_that_is_not_its_own(
    tiny_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], message: str
) -> None:
    run, out = tiny_run("llama"), tmp_path / "out"
    run.change(**changes)
    assert export(run, out, "--adapter-gguf") == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.gguf"))


def test_the_base_of_another_family_is_refused(
    tiny_run: MakeRun, tiny_base: MakeBase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tiny_run("llama")._replace(base=tiny_base("qwen2"))
    assert export(run, tmp_path / "out", "--adapter-gguf") == 2
    assert "was trained with the tokenizer" in capsys.readouterr().err


def test_an_adapter_without_a_report_is_refused(
    tiny_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tiny_run("llama")
    (run.adapter.parent / "run.json").unlink()
    assert export(run, tmp_path / "out", "--adapter-gguf") == 2
    assert "Nothing says what the adapter" in capsys.readouterr().err


def test_nothing_to_write_is_said(tiny_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(tiny_run("llama"), tmp_path / "out") == 2
    assert "Expected --adapter-gguf, --merge TYPE, or both" in capsys.readouterr().err


LIMITED = """
import resource, sys
size = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
from proofkit_train.cli import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    ("kind", "room"),
    [
        (["--adapter-gguf"], 1_000),
        (["--adapter-gguf"], 5_000),
        (["--adapter-gguf"], 12_000),
        (["--merge", "f16"], 100_000),
        (["--merge", "f16"], 190_000),
        (["--merge", "q8_0"], 100_000),
        (["--merge", "q8_0"], 380_000),
    ],
)
def test_a_full_disk_leaves_nothing_under_a_final_name(
    tiny_run: MakeRun, tmp_path: Path, kind: list[str], room: int
) -> None:
    run, out = tiny_run("llama"), tmp_path / "out"
    arguments = ["export", str(run.adapter), "--base", str(run.base), "--out", str(out), *kind]
    command = [sys.executable, "-c", LIMITED, str(room), *arguments]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 2, found.stderr
    assert "Free some disk space" in found.stderr or "room on the disk" in found.stderr
    assert "Traceback" not in found.stderr
    assert list(out.iterdir()) == []


def test_a_failed_export_leaves_a_former_file_and_no_record(tiny_run: MakeRun, tmp_path: Path) -> None:
    run, out = tiny_run("llama"), tmp_path / "out"
    export(run, out, "--merge", "f16")
    before = (out / "tiny-f16.gguf").read_bytes()
    arguments = ["export", str(run.adapter), "--base", str(run.base), "--out", str(out), "--merge", "f16"]
    found = subprocess.run([sys.executable, "-c", LIMITED, "100000", *arguments], capture_output=True, check=False)
    assert found.returncode == 2
    assert (out / "tiny-f16.gguf").read_bytes() == before
    assert not (out / EXPORT_FILE).exists()


def test_what_a_killed_export_left_is_removed(tiny_run: MakeRun, tmp_path: Path) -> None:
    run, out = tiny_run("llama"), tmp_path / "out"
    (out / ".half-work-x").mkdir(parents=True)
    (out / ".half-work-x" / "full.gguf").write_bytes(b"GGUF")
    (out / ".half-tiny-f16.gguf-x").write_bytes(b"GGUF")
    export(run, out, "--merge", "f16")
    assert sorted(path.name for path in out.iterdir()) == ["MODEL_CARD.md", EXPORT_FILE, "tiny-f16.gguf"]


def test_a_place_that_is_no_folder_is_refused(
    tiny_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("a file")
    assert export(tiny_run("llama"), tmp_path / "out", "--adapter-gguf") == 2
    assert "could not be made" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["export", "verify"])
def test_help_needs_neither_torch_nor_llama_cpp(command: str) -> None:
    code = (
        "import sys\nfrom proofkit_train.cli import main\n"
        f"try: main([{command!r}, '--help'])\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'llama_cpp', 'numpy', 'gguf'} & set(sys.modules)\nassert not heavy, heavy"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert "--base" in found.stdout
