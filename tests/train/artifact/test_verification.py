import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proofkit_prompts import load_contract
from proofkit_train.artifact.provenance import from_gguf
from proofkit_train.base.gguf_file import read_gguf
from proofkit_train.cli import main

pytest.importorskip("peft")
pytest.importorskip("llama_cpp")
MakeBase = Callable[[str], Path]
MakeRun = Callable[[str], Any]

# A tiny random model answers with noise, so only what does not depend on good answers is asked of it.
LENIENT = {
    "ended": 0,
    "form": 0,
    "integrity": 0,
    "disclosure": 0,
    "channel": 0,
    "script": 0,
    "anchors": 0,
    "anchors_again": 0,
}
PROBE = """
[[probe]]
id = "one"
task = "draft_section"
keep = ["a brass kettle"]
[probe.fields]
target_role = "Kettle keeper"
background = "Porter."
company = "Kettle Co, an invented shop"
setting = "A shop."
facts = ["[S1] 2 kettles"]
decision = "Which kettle"
work_sample = "Plan"
notes = ["a brass kettle"]
section = "Plan"
section_goal = "Say it"

[[probe]]
id = "two"
task = "role_profile"
keep = []
[probe.fields]
target_role = "Kettle keeper"
"""


@pytest.fixture
def probes(tmp_path: Path) -> Callable[..., Path]:
    def write(**thresholds: float) -> Path:
        least = LENIENT | {"base": 1.0, "previous": 1.0} | thresholds
        path = tmp_path / "probes.toml"
        lines = [f"{name} = {float(value)}" for name, value in least.items()]
        path.write_text("[thresholds]\n" + "\n".join(lines) + PROBE, encoding="utf-8")
        return path

    return write


def export(run: Any, out: Path, *more: str) -> None:  # noqa: ANN401 - a finished run
    assert main(["export", str(run.adapter), "--base", str(run.base), "--out", str(out), *more]) == 0


def verify(run: Any, file: Path, *more: object) -> int:  # noqa: ANN401 - a finished run
    return main(["verify", str(file), "--base", str(run.base), "--threads", "1", *(str(word) for word in more)])


@pytest.mark.parametrize("family", ["llama", "qwen2"])
def test_an_adapter_and_a_merged_model_are_asked_the_same(
    family: str, tiny_run: MakeRun, tmp_path: Path, probes: Callable[..., Path]
) -> None:
    run, out = tiny_run(family), tmp_path / "out"
    export(run, out, "--adapter-gguf", "f32", "--merge", "f16")
    reports: list[dict[str, Any]] = []
    for name in ("tiny-adapter-f32.gguf", "tiny-f16.gguf"):
        report = tmp_path / f"{name}.json"
        assert verify(run, out / name, "--probes", probes(), "--json", report, "--adapter", run.adapter) == 0
        reports.append(json.loads(report.read_text(encoding="utf-8")))
    for report in reports:
        assert report["holds"] is True
        assert [answer["probe"] for answer in report["answers"]] == ["one", "two"]
        assert all(answer["differs"] == {"base": True} for answer in report["answers"])
        assert report["provenance"]["run_digest"] == "1" * 64
    # The same weights but for rounding begin alike.
    first, second = (report["answers"][1]["text"] for report in reports)
    assert first[:12] == second[:12]


def test_answers_that_are_not_good_enough_fail_it(
    tiny_run: MakeRun, tmp_path: Path, probes: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = tiny_run("llama"), tmp_path / "out"
    export(run, out, "--adapter-gguf")
    assert verify(run, out / "tiny-adapter-f16.gguf", "--probes", probes(anchors=0.9)) == 1
    printed = capsys.readouterr().out
    assert "lost brass, kettle" in printed
    assert "TOO LOW" in printed
    assert "tiny-adapter-f16.gguf: must not be published" in printed


def test_an_adapter_that_changes_nothing_fails(
    tiny_run: MakeRun, tmp_path: Path, probes: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = tiny_run("llama"), tmp_path / "out"
    _empty(run)
    export(run, out, "--adapter-gguf")
    assert verify(run, out / "tiny-adapter-f16.gguf", "--probes", probes()) == 1
    printed = capsys.readouterr().out
    assert "same as base" in printed
    assert "differs from base        0 of 2" in printed


def test_the_file_that_was_published_before_fails_whatever_its_name(
    tiny_run: MakeRun, tmp_path: Path, probes: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = tiny_run("llama"), tmp_path / "out"
    export(run, out, "--adapter-gguf")
    fresh = out / "tiny-adapter-f16.gguf"
    stale = tmp_path / "published.gguf"
    stale.write_bytes(fresh.read_bytes())
    assert verify(run, fresh, "--probes", probes(), "--previous", stale) == 1
    printed = capsys.readouterr().out
    assert "differs from previous    0 of 2" in printed
    assert "PROBLEM: it is, byte for byte, the file published before (published.gguf)" in printed


def test_the_same_weights_in_another_file_fail_too(
    tiny_run: MakeRun, tmp_path: Path, probes: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = tiny_run("llama"), tmp_path / "out"
    export(run, out, "--adapter-gguf", "f32", "--name", "first")
    export(run, out, "--adapter-gguf", "f32", "--name", "second")
    files = (out / "second-adapter-f32.gguf", "--previous", out / "first-adapter-f32.gguf")
    assert verify(run, *files, "--probes", probes()) == 1
    printed = capsys.readouterr().out
    assert "same as previous" in printed
    assert "PROBLEM" not in printed


def test_digests_that_do_not_match_fail_it(
    tiny_run: MakeRun, tmp_path: Path, probes: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = tiny_run("llama"), tmp_path / "out"
    contract = load_contract()
    tasks = {task: contract.task_digest(task) for task in ("draft_section", "role_profile")}
    run.change(contract={"version": "v1", "digest": "9" * 64, "tasks": tasks | {"role_profile": "8" * 64}})
    export(run, out, "--adapter-gguf")
    run.change(data={"digest": "7" * 64, "rows": 1})
    arguments = ["--probes", probes(), "--adapter", run.adapter]
    assert verify(run, out / "tiny-adapter-f16.gguf", *arguments) == 1
    printed = capsys.readouterr().out
    assert "PROBLEM: it was trained on other bytes of the task role_profile" in printed
    assert "PROBLEM: proofkit.data.digest inside the file differs from the run's" in printed
    assert "not trained for scenario: its probes were left out" in printed


def test_a_file_of_another_base_is_told(
    tiny_run: MakeRun,
    own_base: MakeBase,
    tmp_path: Path,
    probes: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    run, out = tiny_run("llama"), tmp_path / "out"
    export(run, out, "--merge", "f16")
    other = own_base("llama")
    config = other / "config.json"
    config.write_text(config.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert verify(run._replace(base=other), out / "tiny-f16.gguf", "--probes", probes()) == 1
    assert "PROBLEM: it was trained on" in capsys.readouterr().out


def test_files_that_cannot_be_asked_are_refused(
    tiny_run: MakeRun, tmp_path: Path, probes: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = tiny_run("llama"), tmp_path / "out"
    export(run, out, "--adapter-gguf", "--merge", "f16")
    whole = (out / "tiny-f16.gguf").read_bytes()
    (out / "cut.gguf").write_bytes(whole[: len(whole) // 2])
    (out / "none.gguf").write_bytes(b"")
    for name, message in (("cut", "damaged or cut off"), ("none", "is no GGUF file"), ("missing", "No such file")):
        assert verify(run, out / f"{name}.gguf", "--probes", probes()) == 2
        assert message in capsys.readouterr().err
    assert verify(run, out / "tiny-f16.gguf", "--probes", tmp_path / "nowhere.toml") == 2
    assert "could not be read" in capsys.readouterr().err


def test_a_model_without_provenance_is_refused(
    tiny_base: MakeBase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from proofkit_train.artifact.merging import write_model  # noqa: PLC0415
    from proofkit_train.artifact.weights import open_weights  # noqa: PLC0415
    from proofkit_train.base.source import resolve_base  # noqa: PLC0415

    source = resolve_base(str(tiny_base("llama")))
    write_model(tmp_path / "plain.gguf", source, open_weights(source), None, None, name="plain")
    assert main(["verify", str(tmp_path / "plain.gguf"), "--base", str(tiny_base("llama"))]) == 2
    assert "does not say what it was made from" in capsys.readouterr().err


def _empty(run: Any) -> None:  # noqa: ANN401 - a finished run
    """Set the adapter's upper factors to zero, so that it changes nothing."""
    from importlib import import_module  # noqa: PLC0415

    from proofkit_train.artifact.adapter import read_adapter  # noqa: PLC0415

    untyped: Any = import_module("safetensors.numpy")
    path = run.adapter / "adapter_model.safetensors"
    tensors = untyped.load_file(path)
    untyped.save_file({n: t * 0 if ".lora_B." in n else t for n, t in tensors.items()}, path)
    run.change(adapter_digest=read_adapter(run.adapter).digest)


def test_provenance_is_read_back_as_written(tiny_run: MakeRun, tmp_path: Path) -> None:
    run, out = tiny_run("qwen2"), tmp_path / "out"
    export(run, out, "--merge", "q5_1")
    found = from_gguf(read_gguf(out / "tiny-q5_1.gguf"))
    assert found.keys()["proofkit.contract.version"] == "v1"
    assert found.keys()["proofkit.task.scenario"] == load_contract().task_digest("scenario")
