"""`proofkit make` with the real embedded model, as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.export import read_packet
from proofkit_core.faithfulness import words_kept
from proofkit_core.packet import Writer

Run = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = pytest.mark.model
ONE_SECOND = 1.0
NOISE = 3.0
"""A shared machine may take so many times longer to notice."""


@pytest.fixture(scope="module")
def made(run: Run, examples: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    out = tmp_path_factory.mktemp("model") / "packet"
    done = run("make", examples / "career-changer.toml", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    return out, json.loads(done.stdout)


def test_each_piece_names_its_writer_and_why(made: tuple[Path, dict[str, object]]) -> None:
    packet = read_packet(made[0])
    origins = [section.origin for section in packet.sample.sections]
    origins += [packet.post.origin, packet.bullets.origin, packet.talking_points.origin]
    assert packet.made_with.model is not None
    for origin in origins:
        assert origin.model == packet.made_with.model
        assert (origin.writer is Writer.MODEL) == (origin.fallback is None)
        assert origin.fallback is None or origin.fallback.message


def test_the_tuned_model_writes_most_pieces(made: tuple[Path, dict[str, object]]) -> None:
    packet = read_packet(made[0])
    origins = [section.origin for section in packet.sample.sections]
    origins += [packet.post.origin, packet.bullets.origin, packet.talking_points.origin]
    by_model = [origin for origin in origins if origin.writer is Writer.MODEL]
    assert 2 * len(by_model) > len(origins)


def test_every_note_is_kept_whoever_wrote(made: tuple[Path, dict[str, object]]) -> None:
    packet = read_packet(made[0])
    text = "\n".join(section.markdown for section in packet.sample.sections)
    assert words_kept("\n".join(packet.brief.notes), text).recall >= 0.8
    assert made[1]["words_total"]


def test_a_packet_with_the_model_verifies(made: tuple[Path, dict[str, object]], run: Run) -> None:
    assert run("verify", made[0]).returncode == 0


def test_a_corrupt_model_file_falls_back_and_is_told(run: Run, examples: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + b"\0" * 64)
    brief, out = examples / "career-changer.toml", tmp_path / "p"
    done = run("make", brief, "--model", tmp_path / "bad.gguf", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "the model could not be opened" in done.stdout
    assert (out / "work-sample.pdf").exists()


@pytest.mark.parametrize("name", ["bad.gguf", "none.gguf", "it's bad.gguf"])
def test_no_file_of_a_packet_tells_in_which_folder_a_model_lay(
    run: Run, examples: Path, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "home of jo"
    folder.mkdir()
    if "bad" in name:
        (folder / name).write_bytes(b"GGUF" + b"\0" * 64)
    done = run("make", examples / "long-tail.toml", "--model", folder / name, "--out", tmp_path / "p")
    assert done.returncode == 0, done.stderr
    assert name in (tmp_path / "p" / "packet.json").read_text()
    kept = b"".join(file.read_bytes() for file in (tmp_path / "p").iterdir())
    assert b"home of jo" not in kept


def test_a_missing_model_file_falls_back_and_is_told(run: Run, examples: Path, tmp_path: Path) -> None:
    done = run("make", examples / "long-tail.toml", "--model", tmp_path / "none.gguf", "--out", tmp_path / "p")
    assert done.returncode == 0, done.stderr
    assert "the model could not be opened" in done.stdout


def test_a_time_limit_that_is_too_short_falls_back_and_is_told(run: Run, examples: Path, tmp_path: Path) -> None:
    done = run("make", examples / "long-tail.toml", "--time-limit", "0.01", "--out", tmp_path / "p", "--json")
    assert done.returncode == 0, done.stderr
    reasons = {piece.get("reason") for piece in json.loads(done.stdout)["pieces"]}
    assert reasons == {"time"}


@pytest.mark.skipif(os.name == "nt", reason="signals work otherwise there")
def test_ctrl_c_stops_within_a_second_and_leaves_nothing(examples: Path, tmp_path: Path, apart: dict[str, str]) -> None:
    out = tmp_path / "p"
    command = [
        sys.executable,
        "-m",
        "proofkit_ui.cli",
        "make",
        str(examples / "career-changer.toml"),
        "--out",
        str(out),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=apart) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("Writing the work sample"):
                break
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        asked = time.perf_counter()
        process.wait(timeout=30)
        took = time.perf_counter() - asked
        assert process.returncode == 130
        assert "Nothing was written" in process.stderr.read()
    assert took < ONE_SECOND * NOISE
    assert list(tmp_path.iterdir()) == []
