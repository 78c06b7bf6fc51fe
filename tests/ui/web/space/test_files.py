"""What `proofkit space` writes, and what it refuses."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from proofkit_ui.cli import main
from proofkit_ui.space.files import Hardware, SpacePlan, space_files
from proofkit_ui.space.sources import PACKAGES


def head_of(readme: str) -> dict[str, Any]:
    lines = readme.partition("---\n")[2].partition("---\n")[0].splitlines()
    return {key: json.loads(value) for key, _, value in (line.partition(": ") for line in lines)}


def test_the_page_says_what_the_hub_has_to_know(written: Path) -> None:
    head = head_of((written / "README.md").read_text(encoding="utf-8"))
    assert (head["sdk"], head["app_file"], head["license"]) == ("gradio", "app.py", "apache-2.0")
    assert head["sdk_version"] == version("gradio")
    assert head["python_version"].startswith("3.12.")
    assert head["suggested_hardware"] == "cpu-basic"


def test_every_version_is_exact_and_the_one_tried_here(written: Path) -> None:
    lines = [
        line
        for line in (written / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    pins = dict(line.partition(" ")[0].split("==") for line in lines)
    assert {name: version(name) for name in pins} == pins
    assert {"gradio", "spaces", "fastapi", "llama-cpp-python", "llguidance", "uvicorn"} <= set(pins)
    assert not [name for name in pins if name.startswith("proofkit")]
    assert not [line for line in lines if "://" in line]
    assert any("GGML_NATIVE=OFF" in line for line in lines)  # it is built on one computer and runs on another


def test_the_packages_are_there_with_their_versions_and_nothing_of_this_computer(written: Path) -> None:
    for name in PACKAGES:
        assert (written / name / "__init__.py").is_file()
    told = sorted(path.name for path in written.glob("*.dist-info/*"))
    assert told == ["METADATA"] * len(PACKAGES)
    assert not list(written.rglob("*.pyc"))


def test_everything_runs_from_the_folder_alone_the_reader_of_uploads_too(written: Path) -> None:
    program = (
        "import asyncio, sys, importlib.metadata as m\n"
        f"sys.path = [{str(written)!r}] + [p for p in sys.path if not p.endswith('/src')]\n"
        "import proofkit_serve, proofkit_ui.web.app\n"
        "from proofkit_serve.uploads.limits import UploadLimits\n"
        "from proofkit_serve.uploads.reading import _OWN_FOLDER, read_upload\n"
        "print(proofkit_serve.__file__, _OWN_FOLDER)\n"
        "print(asyncio.run(read_upload(b'Ten years on the wards.', UploadLimits(wall_s=60))).text)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert told[0] == f"{written / 'proofkit_serve' / '__init__.py'} {written}"
    assert told[1] == "Ten years on the wards."


def test_a_folder_with_something_in_it_is_left_alone(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (written / "app.py").read_text(encoding="utf-8")
    assert main(["space", str(written)]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["space", str(written), "--force"]) == 0
    assert (written / "app.py").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--hardware", "zero"], "without --model"),
        (["--model", "owner/model"], "with --model"),
        (["--hardware", "zero", "--model", "https://example.org/x"], "--model cannot be used"),
        (["--title", ""], "--title cannot be used"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    options: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("gradio", reason="needs the extra `proofkit-ui[space]`")
    assert main(["space", str(tmp_path / "new"), *options]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_on_a_card_spaces_comes_first_and_the_model_before_the_start() -> None:
    pytest.importorskip("gradio", reason="needs the extra `proofkit-ui[space]`")
    pytest.importorskip("transformers", reason="its version is pinned from what is installed")
    made = space_files(SpacePlan(hardware=Hardware.ZERO, model="owner/model", revision="ab" * 20))
    lines = [line for line in made["app.py"].splitlines() if line and not line.startswith(('"""', "#"))]
    assert lines[0].startswith("import spaces")
    assert made["app.py"].index("open_zero_gpu(") < made["app.py"].index("run_space(")
    compile(made["app.py"], "app.py", "exec")
    assert 'backend = "zero_gpu"' in made["models.toml"]
    assert "torch==2.11.0" in made["requirements.txt"]
    head = head_of(made["README.md"])
    assert head["models"] == ["owner/model"]
    assert "suggested_hardware" not in head  # the Hub has no word for it
