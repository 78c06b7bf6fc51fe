"""A person rates blind in a browser; what they said is read as one more judge, who counts without the ladder."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from proofkit_eval.judging import load_rubric
from proofkit_eval.judging.aliases import read_blind_map
from proofkit_eval.logs import read_log
from proofkit_eval.records import Generation, Verdict
from proofkit_eval.report import board_of, read_log_file

Command = Callable[..., Any]
RUBRIC = load_rubric()
ANN = '\n[[judge]]\nid = "ann"\nsource = "ratings"\npath = "run/ratings/ann.jsonl"\n'
_FIELD = re.compile(r'name="(alias|repeat)" value="([^"]+)"')
_ASKED = re.compile(r'name="([a-z_]+)" value="(?:yes|[1-5])"')


class Rater:
    """A browser in the hands of somebody who grades all alike."""

    def __init__(self, address: str) -> None:
        self._host, self._path = urlsplit(address).netloc, urlsplit(address).path

    def page(self) -> str:
        return self._ask("GET", None)[1]

    def rate(self, grade: str) -> str:
        """Fill in the form that is shown, and return the alias it was for."""
        page = self.page()
        form = dict(_FIELD.findall(page))
        for name in dict.fromkeys(_ASKED.findall(page)):
            if name in (*RUBRIC.axis_ids, *RUBRIC.item_ids):
                form[name] = grade if name in RUBRIC.axis_ids else "yes"
        status, _ = self._ask("POST", urlencode(form))
        assert status == 303
        return form["alias"]

    def _ask(self, method: str, body: str | None) -> tuple[int, str]:
        connection = HTTPConnection(self._host, timeout=20)
        connection.request(method, self._path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, text


class Served:
    """The command that serves the page, on a free port."""

    def __init__(self, run: Path) -> None:
        line = [sys.executable, "-m", "proofkit_eval", "rate", str(run), "--judge", "ann"]
        # Whatever a shell starts in the background ignores Ctrl-C, and hands that on.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        signal.signal(signal.SIGINT, before)
        assert self.process.stdout is not None
        told = re.search(r"^(\d+) answers.*Open (http://127\.0\.0\.1:\d+/\S+)", self.process.stdout.readline())
        assert told is not None
        self.total, self.rater = int(told[1]), Rater(told[2])

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        _, err = self.process.communicate(timeout=30)
        assert (self.process.returncode, err) == (0, "")


@pytest.fixture
def run(tmp_path: Path, plan_text: str, command: Command) -> Path:
    """Return a run with answers, in whose plan Ann judges."""
    (tmp_path / "plan.toml").write_text(plan_text + ANN)
    assert command("run", "--plan", tmp_path / "plan.toml", "--out", tmp_path / "run").code == 0
    return tmp_path / "run"


@pytest.fixture
def served(run: Path) -> Iterator[Served]:
    running = Served(run)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.communicate(timeout=30)


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stops the page as Ctrl-C does")


def test_what_a_person_rates_is_one_more_judge_on_the_board(run: Path, served: Served, command: Command) -> None:
    first = served.rater.page()
    assert not any(name in first for name in ("composer", "hand-written", str(run)))
    samples = {row.key: row for row in read_log(run / "generations.jsonl", Generation).values()}
    assert command("judge", run, "--judge", "constant-4").code == 0
    keys = read_blind_map(run / "blind-map.jsonl")
    for _ in range(served.total):
        page = served.rater.page()
        alias = dict(_FIELD.findall(page))["alias"]
        is_people = samples[keys[alias]].model.id == "hand-written"
        assert served.rater.rate("5" if is_people else "3") == alias
    assert "All rated" in served.rater.page()
    served.stop()
    done = command("judge", run, "--judge", "ann")
    assert (done.code, done.err) == (0, "")
    assert f"ann: {served.total} ratings read, 0 there already" in done.out
    assert "ann: 0 ratings read" in command("judge", run, "--judge", "ann").out
    assert command("board", run).code == 0
    board = board_of(read_log_file(run / "board" / "log.json"))
    [ann] = [judge for judge in board.judges if judge.ref.id == "ann"]
    assert (ann.counts, ann.ref.family, ann.scored, ann.twice_same) == (True, "human", served.total, ann.twice)
    cells = {row.name: cell for row in board.rows for cell in row.judges if cell.judge == "ann"}
    assert cells["hand-written"].score.mean == 5.0
    [ranking] = [each for each in board.rankings if each.measure == "judges"]
    assert ranking.ranks[0].model == "hand-written"


def test_a_person_goes_on_where_they_stopped(run: Path, served: Served, command: Command) -> None:
    rated = [served.rater.rate("4") for _ in range(3)]
    served.process.kill()
    served.process.communicate(timeout=30)
    again = Served(run)
    rated.append(again.rater.rate("4"))
    again.stop()
    assert len(set(rated)) == 4
    lines = (run / "ratings" / "ann.jsonl").read_text().splitlines()
    assert len(lines) == 4
    assert "ann: 4 ratings read" in command("judge", run, "--judge", "ann").out


def test_an_alias_that_nobody_knows_is_told_and_nothing_is_taken_over(run: Path, command: Command) -> None:
    assert command("judge", run, "--judge", "constant-4").code == 0
    alias = next(iter(read_blind_map(run / "blind-map.jsonl")))
    (run / "ratings").mkdir()
    rows = [f'{{"alias": "{name}", "judge": "ann", "axes": {axes(4)}}}' for name in (alias, "R-NOBODY")]
    (run / "ratings" / "ann.jsonl").write_text("\n".join(rows) + "\n")
    done = command("judge", run)
    assert done.code == 2
    assert "line 2: an unknown alias 'R-NOBODY'" in done.err
    assert "Nothing was taken over" in done.err
    assert not (run / "verdicts" / "ann.jsonl").exists()
    (run / "ratings" / "ann.jsonl").write_text(rows[0] + "\n")
    assert command("judge", run).code == 0
    assert len(read_log(run / "verdicts" / "ann.jsonl", Verdict)) == 1


def test_ratings_that_are_changed_count_as_they_stand_last(run: Path, command: Command) -> None:
    assert command("judge", run, "--judge", "constant-4").code == 0
    alias = next(iter(read_blind_map(run / "blind-map.jsonl")))
    (run / "ratings").mkdir()
    for grade in (2, 5):
        row = f'{{"alias": "{alias}", "judge": "ann", "axes": {axes(grade)}}}\n'
        (run / "ratings" / "ann.jsonl").write_text(row)
        assert "ann: 1 ratings read, 0 there already" in command("judge", run, "--judge", "ann").out
    [verdict] = read_log(run / "verdicts" / "ann.jsonl", Verdict, keep="last").values()
    assert set((verdict.axes or {}).values()) == {5}


def axes(grade: int) -> str:
    return "{" + ", ".join(f'"{axis}": {grade}' for axis in RUBRIC.axis_ids) + "}"
