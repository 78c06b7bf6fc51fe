"""`proofkit` as a person starts it who knows no command."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path, apart: dict[str, str]) -> Iterator[Start]:
    """Starts the command; its browser writes the address into a file, its data folder is a new one."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/opened"\n', encoding="utf-8")
    browser.chmod(0o755)
    around = {**apart, "XDG_DATA_HOME": str(tmp_path / "data"), "BROWSER": str(browser)}
    started: list[subprocess.Popen[str]] = []

    def run(*args: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "proofkit_ui.cli", *args]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=around))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def address(process: subprocess.Popen[str]) -> str:
    told = first_line(process)
    assert told.startswith("ProofKit is open at http://127.0.0.1:"), told
    return told.split()[-1]


def test_the_bare_command_opens_the_app_in_the_browser_and_stops_in_good_order(start: Start, tmp_path: Path) -> None:
    process = start("--model", "template")
    url = address(process)
    opened = tmp_path / "opened"
    deadline = time.monotonic() + 60
    while not opened.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert opened.read_text(encoding="utf-8").strip() == url
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - our own address
        assert b"<h1" in answer.read()
    process.send_signal(signal.SIGINT)
    told, errors = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "Everything is saved" in told
    assert errors == ""
    assert list((tmp_path / "data").rglob("proofkit.sqlite3"))


def test_where_the_usual_port_is_taken_a_free_one_is_used(start: Start, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8000))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which is the same to the program under test
        process = start("app", "--no-browser", "--model", "template", "--data", str(tmp_path / "mine"))
        assert not address(process).endswith(":8000")
    assert not (tmp_path / "opened").exists()


def test_a_port_that_was_asked_for_and_is_taken_is_told(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start("app", "--no-browser", "--port", str(taken.getsockname()[1]))
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "cannot be listened on" in errors


def test_help_still_names_every_command(start: Start) -> None:
    told, _ = start("--help").communicate(timeout=120)
    assert all(name in told for name in ("app", "make", "check", "verify", "questions", "roles", "doctor"))
