"""Each member stands on what it declares, in the workspace and outside of it. These build things and take a while."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

UV = shutil.which("uv")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(UV is None, reason="needs uv on PATH")]


def call(*command: str | Path, cwd: Path) -> str:
    """Run a command that leaves the workspace's environment alone: from uv's cache first, so no network is needed."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    for environment in ({**inherited, "UV_OFFLINE": "1"}, inherited):
        done = subprocess.run(
            list(command), cwd=cwd, env=environment, capture_output=True, text=True, timeout=900, check=False
        )
        if done.returncode == 0:
            return done.stdout
        if command[0] != "uv":
            break
    pytest.fail(done.stderr)


def _extras(folder: Path) -> set[str]:
    """Return what a member names as optional: a module that is imported only with an extra may ask for it."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [need for needs in project.get("optional-dependencies", {}).values() for need in needs]
    return {re.split(r"[=<>~!\[ ]", need)[0].replace("-", "_") for need in wanted}


def test_a_member_imports_with_nothing_but_what_it_declares(folder: Path, root: Path) -> None:
    import_name = folder.name.replace("-", "_")
    flags = ["--isolated", "--locked", "--package", folder.name, "--no-default-groups", "--python", sys.executable]
    program = (
        f"import pkgutil, importlib, {import_name} as p\n"
        "for m in pkgutil.walk_packages(p.__path__, p.__name__ + '.'):\n"
        "    try:\n"
        "        m.name.endswith('__main__') or importlib.import_module(m.name)\n"
        "    except ModuleNotFoundError as error:\n"
        f"        if error.name not in {sorted(_extras(folder))!r}: raise"
    )
    call("uv", "run", *flags, "python", "-c", program, cwd=root)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    out = tmp_path_factory.mktemp("wheels")
    call("uv", "build", "--all-packages", "--no-sources", "--wheel", "--out-dir", out, cwd=root)
    return out


def test_the_wheels_work_outside_the_workspace(
    wheels: Path, tmp_path: Path, root: Path, import_names: list[str]
) -> None:
    built = sorted(wheels.glob("*.whl"))
    assert sorted(path.name.split("-")[0] for path in built) == import_names
    exported = ["--locked", "--no-default-groups", "--no-emit-workspace", "--no-hashes", "--quiet"]
    call("uv", "export", *exported, "--output-file", tmp_path / "requirements.txt", cwd=root)
    call("uv", "venv", "--python", sys.executable, tmp_path / "venv", cwd=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    # From the root, so that its build settings hold and llama.cpp comes from the cache.
    install = ["uv", "pip", "install", "--no-deps", "--python", python]
    call(*install, "--requirements", tmp_path / "requirements.txt", *built, cwd=root)
    brief = root / "examples" / "career-changer.toml"
    command = [
        python,
        "-m",
        "proofkit_ui.cli",
        "make",
        brief,
        "--template-only",
        "--quiet",
        "--out",
        tmp_path / "packet",
    ]
    call(*command, cwd=tmp_path)
    assert (tmp_path / "packet" / "work-sample.pdf").is_file()
    where = call(python, "-c", f"import {', '.join(import_names)}; print(proofkit_core.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(tmp_path / "venv")
