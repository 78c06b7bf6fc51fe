"""The commands of `proofkit-serve`."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ["fastapi", "httpx", "sqlalchemy", "uvicorn", "torch", "transformers", "gradio", "llama_cpp", "alembic"]
COMMANDS = [[], ["run"], ["migrate"], ["keys"], ["keys", "add"], ["doctor"]]


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "proofkit_serve", *words]
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PROOFKIT_DATA_DIR": str(folder / "data")}
    return subprocess.run(call, capture_output=True, text=True, check=False, timeout=120, env=environ, cwd=folder)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    program = (
        "import contextlib, json, sys\nfrom proofkit_serve.cli import main\n"
        f"with contextlib.suppress(SystemExit):\n main({[*words, '--help']!r})\n"
        f"print(json.dumps(sorted(set({HEAVY!r}) & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_several_workers_with_weights_in_the_process_are_refused_with_the_reason(tmp_path: Path) -> None:
    done = run("run", "--workers", "2", "--port", "0", folder=tmp_path)
    assert done.returncode == 2
    assert "each worker would hold the weights again" in done.stderr


def test_several_workers_with_a_sqlite_file_are_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text('[[model]]\nid = "template"\nbackend = "template"\n', encoding="utf-8")
    (tmp_path / "config.toml").write_text('models = "models.toml"\nworkers = 2\n', encoding="utf-8")
    done = run("run", "--config", "config.toml", folder=tmp_path)
    assert done.returncode == 2
    assert "Postgres" in done.stderr


def test_a_port_that_is_taken_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("run", "--port", str(taken.getsockname()[1]), folder=tmp_path)
    assert done.returncode == 2
    assert "cannot be listened on" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_setting_is_told_with_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("prot = 8000\n", encoding="utf-8")
    done = run("run", "--config", "config.toml", folder=tmp_path)
    assert done.returncode == 2
    assert "'port'" in done.stderr


def test_the_store_is_made_and_told(tmp_path: Path) -> None:
    done = run("migrate", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The store is up to date")
    assert run("migrate", folder=tmp_path).stdout == done.stdout


def test_a_key_is_shown_once(tmp_path: Path) -> None:
    made = run("keys", "add", "--name", "front end", "--owner", "team", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    key = made.stdout.splitlines()[-1]
    listed = run("keys", "list", folder=tmp_path).stdout
    assert key.startswith("pk_")
    assert key not in listed
    assert "owner team" in listed
    assert run("keys", "revoke", "key_" + "0" * 24, folder=tmp_path).returncode == 2
