"""Sentences that compare models, held against the log of a run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def log(evaluated_once: Path) -> Path:
    return evaluated_once / "run" / "board" / "log.json"


def page(folder: Path, text: str) -> Path:
    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_the_log_supports_may_stand(tmp_path: Path, log: Path, command: Command) -> None:
    text = (
        "People keep every anchor. <!-- claim: value hand-written on anchor_recall is 100% -->\n\n"
        "Neither is above the other. <!-- claim: open composer hand-written on gates -->\n"
    )
    done = command("claims", page(tmp_path, text), "--log", log)
    assert (done.code, done.err) == (0, "")
    assert "## Supported (2)" in done.out


def test_what_the_log_does_not_support_fails_with_its_line_and_figures(
    tmp_path: Path, log: Path, command: Command
) -> None:
    text = "# Results\n\nThe template beats people. <!-- claim: above composer hand-written on gates -->\n"
    done = command("claims", page(tmp_path, text), "--log", log)
    assert done.code == 1
    assert "## Not supported (1)" in done.out
    assert "page.md:3: The template beats people." in done.out
    assert "composer less hand-written on gates: -0.0909" in done.out


def test_a_mark_of_no_model_or_no_log_fails(tmp_path: Path, log: Path, command: Command) -> None:
    mark = "It beats all. <!-- claim: above composer gpt on gates -->\n"
    assert "gpt and composer" in command("claims", page(tmp_path, mark), "--log", log).out.replace(
        "composer and gpt", "gpt and composer"
    )
    done = command("claims", page(tmp_path, mark))
    assert done.code == 1
    assert "there is no evidence 'log'" in done.out


def test_a_sentence_without_a_mark_fails_only_where_that_is_asked_for(tmp_path: Path, command: Command) -> None:
    path = page(tmp_path, "This one beats that one.\n")
    assert command("claims", path).code == 0
    assert command("claims", path, "--strict").code == 1


def test_the_packed_log_serves_as_well(tmp_path: Path, log: Path, command: Command) -> None:
    text = "Fine. <!-- claim: value hand-written on anchor_recall is 1.0 -->\n"
    assert command("claims", page(tmp_path, text), "--log", log.with_suffix(".json.gz")).code == 0


def test_a_log_without_a_board_or_of_no_kind_is_told(tmp_path: Path, log: Path, command: Command) -> None:
    text = page(tmp_path, "Fine.\n")
    cut = tmp_path / "cut.json"
    cut.write_text(log.read_text()[:1000])
    for path, why in ((cut, "is no JSON"), (tmp_path / "none.json", "cannot be read"), (tmp_path, "cannot be read")):
        done = command("claims", text, "--log", path)
        assert done.code == 2
        assert why in done.err
    assert command("claims", tmp_path / "nothing.md").code == 2
