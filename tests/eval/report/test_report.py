"""What is written of a board: the same figures in every form, nothing that misleads, nothing that runs."""

import csv
import io
import json
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from proofkit_core.errors import InputError
from proofkit_eval.board import Board, BoardSettings, build_board
from proofkit_eval.records import EvalLog, JudgeRef, Verdict
from proofkit_eval.report import (
    board_of,
    inspect_logs,
    read_log_file,
    with_board,
    write_csv,
    write_html,
    write_inspect_logs,
    write_log_file,
    write_markdown,
)

EVIL = '</pre><script>alert(1)</script>"|`*'
VOID = {"meta", "link", "br", "img", "input", "hr"}
Case = tuple[EvalLog, Board]


@pytest.fixture(scope="module")
def case(
    make_log: Callable[..., EvalLog], make_verdict: Callable[..., Verdict], make_judge: Callable[..., JudgeRef]
) -> Case:
    """A log with an answer that attacks, a failed verdict and a void answer."""
    log = make_log({"tuned": 4.0, "base": 2.0})
    samples = (log.samples[0].model_copy(update={"text": EVIL}), *log.samples[1:])
    first, second, *others = log.screenings
    screenings = (
        first.model_copy(update={"text": EVIL}),
        second.model_copy(update={"status": "void", "reasons": ("empty",), "text": ""}),
        *others,
    )
    failed = make_verdict(log.samples[2], make_judge("people", "human"), None)
    verdicts = [each for each in log.verdicts if each.generation_key not in {second.key, failed.generation_key}]
    whole = log.model_copy(update={"samples": samples, "screenings": screenings, "verdicts": (*verdicts, failed)})
    board = build_board(whole, settings=BoardSettings(resamples=300))
    return with_board(whole, board), board


class Outline(HTMLParser):
    """Checks that tags are closed in order, and gathers what matters."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def test_the_page_is_one_whole_file_that_runs_nothing(case: Case) -> None:
    page = write_html(*case)
    found = outline(page)
    assert not any(tag in {"script", "iframe", "object", "link", "img"} for tag, _ in found.tags)
    assert not any(name.startswith("on") for _, attrs in found.tags for name in attrs)
    assert re.findall(r"(?:src|href)=\"(?!#)[^\"]*\"", page) == []
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert "@import" not in page


def test_an_answer_on_the_page_is_text(case: Case) -> None:
    page = write_html(*case)
    assert EVIL not in page
    assert "&lt;/pre&gt;&lt;script&gt;alert(1)" in page


def test_the_page_can_be_read_aloud(case: Case) -> None:
    found = outline(write_html(*case))
    tags = [tag for tag, _ in found.tags]
    assert tags.count("h1") == 1
    assert tags.count("table") == tags.count("caption") > 5
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in found.tags if tag == "th")
    ids = [attrs["id"] for _, attrs in found.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    named = [name for _, attrs in found.tags for name in (attrs.get("aria-labelledby") or "").split()]
    assert set(named) <= set(ids)
    links = [attrs["href"] for tag, attrs in found.tags if tag == "a"]
    assert {link[1:] for link in links if link} <= set(ids)


def test_each_plot_is_whole_and_says_what_it_shows(case: Case) -> None:
    plots = re.findall(r"<svg.*?</svg>", write_html(*case), re.DOTALL)
    assert len(plots) >= 5
    for plot in plots:
        tree = ET.fromstring(plot)  # noqa: S314 - written by the code under test
        space = "{http://www.w3.org/2000/svg}"
        assert tree.findtext(f"{space}title")
        assert "tuned" in (tree.findtext(f"{space}desc") or "")


def test_the_page_speaks_before_it_shows_a_figure(case: Case) -> None:
    page = write_html(*case)
    assert page.index("Know this first") < page.index("<table>")
    assert page.index('id="gates"') < page.index('id="judges"') < page.index('id="original"')


def test_every_answer_is_there_with_what_was_found(case: Case) -> None:
    log, board = case
    page = write_html(log, board)
    assert page.count('<details class="answer"') == len(log.samples)
    assert page.count('<details class="prompt"') == len(log.prompts)
    assert "unscored, no whole grade" in page
    assert "Screening: empty." in page


def test_markdown_shows_text_as_it_is(case: Case) -> None:
    log, board = case
    text = write_markdown(board, "A | *title*")
    assert text.startswith("# A \\| \\*title\\*\n")
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
    assert "not told apart" in text or "above" in text
    assert log.spec.digest[:12] in text


def test_csv_holds_the_same_figures_and_no_zero_for_nothing(case: Case) -> None:
    _, board = case
    rows = list(csv.DictReader(io.StringIO(write_csv(board))))
    judged = {row["model"]: row for row in rows if row["column"] == "judges" and row["measure"] == "people"}
    for row in board.rows:
        assert float(judged[row.name]["value"]) == pytest.approx(row.judges[0].score.mean)
    assert {row["column"] for row in rows} == {"coverage", "gates", "faithfulness", "judges", "place", "original"}


def test_csv_cannot_start_a_formula(case: Case) -> None:
    _, board = case
    evil = board.rows[0].model_copy(update={"name": "=1+1"})
    text = write_csv(board.model_copy(update={"rows": (evil,)}))
    assert not any(line.startswith("=") for line in text.splitlines())


def test_a_log_comes_back_whole(case: Case, tmp_path: Path) -> None:
    log, board = case
    write_log_file(tmp_path / "log.json", log)
    again = read_log_file(tmp_path / "log.json")
    assert again == log
    assert board_of(again) == board
    before = (tmp_path / "log.json").read_bytes()
    write_log_file(tmp_path / "log.json", again)
    assert (tmp_path / "log.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["log.json"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "no JSON"),
        ('{"schema_version": 99}', "schema version 99"),
        ("[]", "schema version None"),
        ('{"schema_version": 1}', "breaks its schema"),
    ],
)
def test_a_log_that_is_none_is_refused_in_words(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_log_file(path)


def test_a_log_without_a_board_says_what_to_run(make_log: Callable[..., EvalLog]) -> None:
    with pytest.raises(InputError, match="proofkit-eval board"):
        board_of(make_log({"tuned": 4.0}, prompts=1))


def test_inspect_logs_hold_each_answer_and_verdict(case: Case, tmp_path: Path) -> None:
    log, board = case
    paths = write_inspect_logs(tmp_path, log, board)
    assert all(re.match(r"2026-11-23T12-00-00_proofkit_(base|tuned)_[0-9a-f]{22}\.json", path.name) for path in paths)
    assert len({path.name for path in paths}) == 2
    data = json.loads(next(path for path in paths if "tuned" in path.name).read_text(encoding="utf-8"))
    assert list(data)[:3] == ["version", "status", "eval"]
    assert (data["version"], data["status"]) == (2, "success")
    assert len(data["samples"]) == 12
    assert {score["name"] for score in data["results"]["scores"]} == {"judge_people", "gates", "faithfulness"}
    assert len({(sample["id"], sample["epoch"]) for sample in data["samples"]}) == 12


def test_an_unscored_verdict_is_no_number_in_inspect(case: Case) -> None:
    log, board = case
    scores = [
        sample["scores"]["judge_people"]
        for data in inspect_logs(log, board).values()
        for sample in data["samples"]
        if "judge_people" in sample["scores"]
    ]
    unscored = [score for score in scores if math.isnan(score["value"])]
    assert [score["explanation"] for score in unscored] == ["no whole grade from 1 to 5 for depth"]


def test_inspect_itself_reads_the_logs(case: Case, tmp_path: Path) -> None:
    reader = pytest.importorskip("inspect_ai.log", reason="Inspect is no part of the program")
    log, board = case
    for path in write_inspect_logs(tmp_path, log, board):
        assert len(reader.read_eval_log(str(path)).samples) == 12
