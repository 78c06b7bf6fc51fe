"""Output that cannot be shown: another encoding, a closed pipe, a full disk, no stream at all."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = 'target_role = "Recruiter"\nbackground = "Waiter for nine years."\nnotes = ["ask for “the quiet table”"]\n'
CLI = f"{sys.executable} -m proofkit_ui.cli"
PRIVATE = "Keep for yourself: your-inputs.md, packet.json and readiness.md hold what you typed."


def shell(line: str, tmp_path: Path, **extra: str) -> subprocess.CompletedProcess[bytes]:
    (tmp_path / "brief.toml").write_text(GOOD, encoding="utf-8")
    env = {**os.environ, "CLI": CLI, **extra}
    return subprocess.run(["bash", "-c", line], cwd=tmp_path, env=env, check=False, capture_output=True, timeout=300)


@pytest.mark.parametrize(
    "line",
    [
        "$CLI make --help",
        "$CLI roles",
        "$CLI questions brief.toml",
        "$CLI make brief.toml --template-only --out p",
        "$CLI make brief.toml --template-only --out p --json",
        "$CLI make missing-é.toml 2>&1 || test $? = 2",
    ],
)
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_an_encoding_that_lacks_characters_ends_no_command(line: str, encoding: str, tmp_path: Path) -> None:
    done = shell(line, tmp_path, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert b"Traceback" not in done.stderr + done.stdout


def test_json_loses_no_character_in_an_ascii_pipe(tmp_path: Path) -> None:
    done = shell("$CLI make brief.toml --template-only --out p --json", tmp_path, PYTHONIOENCODING="ascii")
    assert "“" in json.loads(done.stdout)["role"]["why"]


@pytest.mark.parametrize("command", ["roles", "make --help", "questions brief.toml"])
def test_a_reader_who_goes_away_ends_it_quietly(command: str, tmp_path: Path) -> None:
    done = shell(f"$CLI {command} | true; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert done.returncode in {0, 141}
    assert done.stderr == b""


def test_a_reader_of_the_news_who_goes_away_costs_no_packet(tmp_path: Path) -> None:
    shell("$CLI make brief.toml --template-only --out p 2>&1 | true", tmp_path)
    assert (tmp_path / "p" / "work-sample.pdf").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", ["roles", "questions brief.toml", "make brief.toml --template-only --out p"])
def test_a_full_disk_under_the_output_is_told_in_a_sentence(command: str, tmp_path: Path) -> None:
    done = shell(f"$CLI {command} > /dev/full", tmp_path)
    assert done.returncode == 2
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&-"])
def test_a_closed_stream_costs_no_packet(closed: str, tmp_path: Path) -> None:
    done = shell(f"$CLI make brief.toml --template-only --out p {closed}", tmp_path)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert (tmp_path / "p" / "work-sample.pdf").exists()


def test_the_summary_names_the_files_that_are_private(tmp_path: Path) -> None:
    done = shell("$CLI make brief.toml --template-only --out p", tmp_path)
    assert PRIVATE in done.stdout.decode()
