"""`proofkit make --template-only` as a person runs it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
FILES = {
    "packet.json",
    "work-sample.md",
    "work-sample.html",
    "work-sample.pdf",
    "work-sample.docx",
    "linkedin-post.txt",
    "resume-bullets.txt",
    "talking-points.md",
    "your-inputs.md",
    "resume.json",
    "provenance.json",
}


@pytest.mark.parametrize("name", ["career-changer", "nurse-educator", "long-tail"])
def test_each_example_becomes_a_whole_packet(name: str, run: Run, examples: Path, tmp_path: Path) -> None:
    out = tmp_path / "packet"
    done = run("make", examples / f"{name}.toml", "--template-only", "--out", out)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in out.iterdir()} >= FILES
    assert "Your words kept: " in done.stdout
    assert "is fictional" in done.stdout


def test_the_rabbits_are_in_the_work_sample(run: Run, tmp_path: Path) -> None:
    brief = tmp_path / "brief.toml"
    brief.write_text(
        'target_role = "Warehouse supervisor"\nbackground = "Six years at a bakery."\n'
        'notes = "rabbits chewed the dock cable and nobody noticed"\n',
        encoding="utf-8",
    )
    done = run("make", brief, "--template-only", "--out", tmp_path / "packet", "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["words_missing"] == []
    assert "abbits chewed" in (tmp_path / "packet" / "work-sample.md").read_text(encoding="utf-8")


def test_the_same_brief_and_seed_give_the_same_bytes(run: Run, examples: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert (
            run("make", examples / "long-tail.toml", "--template-only", "--quiet", "--out", tmp_path / name).returncode
            == 0
        )
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_another_seed_gives_another_packet(run: Run, examples: Path, tmp_path: Path) -> None:
    for seed in ("1", "2"):
        run("make", examples / "long-tail.toml", "--template-only", "--quiet", "--seed", seed, "--out", tmp_path / seed)
    texts = {(tmp_path / seed / "linkedin-post.txt").read_text(encoding="utf-8") for seed in ("1", "2")}
    assert len(texts) == 2


def test_quiet_prints_nothing(run: Run, examples: Path, tmp_path: Path) -> None:
    done = run("make", examples / "career-changer.toml", "--template-only", "--quiet", "--out", tmp_path / "p")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_an_uncovered_role_is_told_as_such(run: Run, examples: Path, tmp_path: Path) -> None:
    done = run("make", examples / "long-tail.toml", "--template-only", "--out", tmp_path / "p")
    assert "is not in the catalogue" in done.stdout


def test_zip_holds_everything(run: Run, examples: Path, tmp_path: Path) -> None:
    done = run("make", examples / "career-changer.toml", "--template-only", "--quiet", "--zip", "--out", tmp_path / "p")
    assert done.returncode == 0, done.stderr
    zips = list(tmp_path.glob("*.zip"))
    assert len(zips) == 1
    shutil.unpack_archive(zips[0], tmp_path / "unpacked")
    assert {path.name for path in (tmp_path / "unpacked").rglob("*.*")} >= FILES


def test_a_fresh_packet_verifies_and_an_altered_one_does_not(run: Run, examples: Path, tmp_path: Path) -> None:
    out = tmp_path / "p"
    run("make", examples / "career-changer.toml", "--template-only", "--quiet", "--out", out)
    assert run("verify", out).returncode == 0
    assert run("verify", out / "work-sample.pdf").returncode == 0
    post = out / "linkedin-post.txt"
    post.write_text(post.read_text(encoding="utf-8").replace(" ", "  ", 1), encoding="utf-8")
    altered = run("verify", out)
    assert altered.returncode == 1
    assert "linkedin-post.txt" in altered.stdout


def test_answers_from_the_questions_command_land_in_the_sample(run: Run, examples: Path, tmp_path: Path) -> None:
    asked = run("questions", examples / "career-changer.toml")
    assert asked.returncode == 0, asked.stderr
    line = next(line for line in asked.stdout.splitlines() if line.strip().startswith('"'))
    ref = line.split('"')[1]
    brief = tmp_path / "brief.toml"
    text = (examples / "career-changer.toml").read_text(encoding="utf-8")
    brief.write_text(
        f'{text}\n[answers]\n"{ref}" = "only after Marguerite has counted the zinc trays"\n', encoding="utf-8"
    )
    assert run("make", brief, "--template-only", "--quiet", "--out", tmp_path / "p").returncode == 0
    assert "Marguerite" in (tmp_path / "p" / "work-sample.md").read_text(encoding="utf-8")


def test_roles_lists_families(run: Run) -> None:
    done = run("roles", "--family", "nursing")
    assert "Nurse educator" in done.stdout
    assert "Bookkeeper" not in done.stdout
