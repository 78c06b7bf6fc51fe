"""The whole evaluation through the command line, on prompts and judges that need no model."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from proofkit_eval.heldout import load_set
from proofkit_eval.logs import read_log
from proofkit_eval.records import Generation, Verdict
from proofkit_eval.report import board_of, read_log_file

Command = Callable[..., Any]
LIGHT = """
import sys
from proofkit_eval.cli import main
try:
    main(["--help"])
except SystemExit:
    assert not {"numpy", "scipy", "llama_cpp"} & set(sys.modules)
"""
BLUNT = ("constant-4", "by-length", "random")


def test_help_and_version_come_without_loading_anything_heavy() -> None:
    for arguments in (["-c", LIGHT], ["-m", "proofkit_eval", "--version"]):
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert "proofkit-eval" in done.stdout


def test_every_command_says_what_it_takes(command: Command) -> None:
    names = ("run", "judge", "ladder", "board", "report", "claims", "rate", "simulate")
    for name in names:
        done = command(name, "--help")
        assert done.code == 0
        assert "options:" in done.out


def test_each_step_says_what_it_did(evaluated_once: Path) -> None:
    assert "hand-written: 15 answers made, 0 there already" in (evaluated_once / "run.txt").read_text()
    # How many come twice is drawn by the answers' keys, which change with the template.
    assert re.search(
        r"^rules: \d+ verdicts, 0 there already, 0 unscored$", (evaluated_once / "judge.txt").read_text(), re.MULTILINE
    )
    climbed = (evaluated_once / "ladder.txt").read_text()
    assert "rules: admitted" in climbed
    assert all(f"{judge}: refused" in climbed for judge in BLUNT)


def test_the_log_holds_everything_and_the_board_says_who_counts(evaluated_once: Path) -> None:
    log = read_log_file(evaluated_once / "run" / "board" / "log.json")
    board = board_of(log)
    assert {row.name for row in board.rows} == {"composer", "hand-written"}
    assert [judge.ref.id for judge in board.judges] == ["rules", *BLUNT]
    assert not any(judge.counts for judge in board.judges)
    assert all(judge.ladder is not None for judge in board.judges)
    assert [each.a for each in log.spec.comparisons] == ["composer"]


def test_the_ladder_s_reasons_are_told_in_a_few_words_beside_the_card(evaluated_once: Path) -> None:
    board = board_of(read_log_file(evaluated_once / "run" / "board" / "log.json"))
    [note] = [note for note in board.notes if note.startswith("Judge random")]
    [card] = [card for card in board.judges if card.ref.id == "random"]
    assert note.endswith(f"; and {len(card.reasons) - 2} more, see the ladder card.")
    assert len(note) < 300
    page = (evaluated_once / "run" / "board" / "board.md").read_text()
    assert page.count(card.reasons[-1]) == 1


def test_the_table_and_the_page_can_be_opened(evaluated_once: Path) -> None:
    board = evaluated_once / "run" / "board"
    with (board / "board.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["model"] for row in rows} == {"composer", "hand-written"}
    assert (board / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert len(list((board / "inspect").glob("*.json"))) == 2


def test_a_published_log_gives_the_same_board_again(evaluated_once: Path, tmp_path: Path, command: Command) -> None:
    board = evaluated_once / "run" / "board"
    again = command(
        "report", board / "log.json.gz", "--out", tmp_path, "--title", "Which model writes better work samples?"
    )
    assert again.code == 0
    assert (tmp_path / "board.md").read_bytes() == (board / "board.md").read_bytes()


def test_what_an_answer_may_recite_is_named_in_the_log_and_on_the_board(evaluated: Path, command: Command) -> None:
    (evaluated / "rows.jsonl").write_text('{"target": "I would walk the floor before I write a plan."}\n')
    assert command("board", evaluated / "run", "--recited", evaluated / "rows.jsonl").code == 0
    (kept,) = read_log_file(evaluated / "run" / "board" / "log.json").recited
    assert (kept.name, kept.sha256) == ("rows.jsonl", sha256((evaluated / "rows.jsonl").read_bytes()).hexdigest())
    page = (evaluated / "run" / "board" / "board.md").read_text()
    assert f"measured against rows.jsonl (SHA-256 {kept.sha256[:12]})" in page


def test_every_command_given_again_does_nothing_twice(evaluated: Path, command: Command) -> None:
    run = evaluated / "run"
    kept = ("generations.jsonl", "blind-map.jsonl", "verdicts/random.jsonl", "ladder/random.jsonl", "board/log.json")
    before = {name: (run / name).read_bytes() for name in kept}
    for step in (("run", "--out"), ("judge",), ("ladder",), ("board",)):
        assert command(*step, run).code == 0
    assert {name: (run / name).read_bytes() for name in kept} == before


def test_a_judge_stands_under_its_id_in_the_plan(evaluated_once: Path) -> None:
    rows = read_log(evaluated_once / "run" / "verdicts" / "by-length.jsonl", Verdict).values()
    assert {row.judge.id for row in rows} == {"by-length"}
    assert {row.judge.family for row in rows} == {"blunt"}


def test_no_path_of_this_machine_stands_in_what_is_published(evaluated_once: Path) -> None:
    own = (str(evaluated_once), str(Path.home()), str(Path.cwd()))
    for path in (evaluated_once / "run").rglob("*"):
        if path.is_file() and path.suffix in {".json", ".jsonl", ".md", ".csv", ".html"}:
            text = path.read_text(encoding="utf-8")
            assert not any(name in text for name in own if len(name) > 1), path
    assert "plan_folder" not in (evaluated_once / "run" / "board" / "log.json").read_text()


def test_a_run_is_gone_on_with_from_anywhere_and_finds_the_files_of_its_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    here, there = tmp_path / "here", tmp_path / "elsewhere"
    (here / "plans").mkdir(parents=True)
    there.mkdir()
    answers = here / "plans" / "answers.jsonl"
    answers.write_text(f'{{"prompt_id": "{load_set("smoke-v1").prompts[0].id}", "text": "An answer."}}\n')
    (here / "plans" / "plan.toml").write_text(
        'set = "smoke-v1"\n[[model]]\nid = "filed"\nsource = "answers"\npath = "answers.jsonl"\n'
        'artifact_digest = "v1"\n'
    )
    monkeypatch.chdir(here)
    assert command("run", "--plan", "plans/plan.toml", "--out", "run").code == 0
    assert json.loads((here / "run" / "run.json").read_text())["plan_folder"] == "../plans"
    for folder, run in ((there, here / "run"), (there, Path("../here/run")), (here / "run", Path())):
        monkeypatch.chdir(folder)
        done = command("run", "--out", run)
        assert (done.code, done.err) == (0, ""), done
    shutil.move(here, tmp_path / "moved")
    monkeypatch.chdir(there)
    assert command("run", "--out", tmp_path / "moved" / "run").code == 0
    assert command("run", "--plan", tmp_path / "moved" / "plans" / "plan.toml", "--out", "../moved/run").code == 0


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_a_link_to_the_run_s_folder_leads_to_the_same_files(tmp_path: Path, command: Command) -> None:
    (tmp_path / "disk" / "deep").mkdir(parents=True)
    (tmp_path / "plan.toml").write_text(
        'set = "smoke-v1"\n[[model]]\nid = "filed"\nsource = "answers"\npath = "a.jsonl"\nartifact_digest = "v1"\n'
    )
    (tmp_path / "a.jsonl").write_text("")
    (tmp_path / "run").symlink_to(tmp_path / "disk" / "deep")
    for arguments in (("--plan", tmp_path / "plan.toml"), ()):
        assert command("run", *arguments, "--out", tmp_path / "run").code == 0
    assert command("run", "--out", tmp_path / "disk" / "deep").code == 0


def test_simulate_prints_its_tables_and_writes_its_figures(tmp_path: Path, command: Command) -> None:
    done = command("simulate", "--trials", "10", "--resamples", "100", "--seed", "2", "--json", tmp_path / "s.json")
    assert done.code == 0
    assert done.out.count("| spread |") == 2
    figures = json.loads((tmp_path / "s.json").read_text())
    assert (figures["seed"], figures["trials"]) == (2, 10)
    assert {row["n"] for row in figures["coverage"]} == {15, 60, 120}


def test_the_answers_of_a_run_are_those_of_its_models(evaluated_once: Path) -> None:
    rows = read_log(evaluated_once / "run" / "generations.jsonl", Generation).values()
    assert {row.model.id for row in rows} == {"composer", "hand-written"}
    assert len({row.prompt_id for row in rows if row.model.id == "hand-written"}) == 15
