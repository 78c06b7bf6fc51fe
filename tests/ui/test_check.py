"""`proofkit check` as a process of its own: what it prints, what it writes, and how it ends."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proofkit_core.checking import Row, check_row

Run = Callable[..., subprocess.CompletedProcess[str]]
PROGRAM = [sys.executable, "-m", "proofkit_ui.cli"]
CASES = Path(__file__).parents[1] / "integrity" / "cases" / "actions.jsonl"
BRIEF = """target_role = "Project manager"
background = "Shift lead in a warehouse, six years. I cut our Saturday stock count from five hours to three."
"""
TRUE = "I cut our Saturday stock count from five hours to three."
LOOSE = "Costs would fall by 37%."
LABELLED = check_row(Row(id="", text=LOOSE)).text
BLOCKED = "I am PMP certified."
GOAL_S = 5
MARGIN = 2
"""The goal holds on a quiet machine with two cores; a shared one needs room."""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "brief.toml").write_text(BRIEF, encoding="utf-8")
    return tmp_path


def put(desk: Path, name: str, *paragraphs: str) -> None:
    (desk / name).write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")


def test_a_text_that_the_brief_carries_ends_with_zero(run: Run, desk: Path) -> None:
    put(desk, "own.md", TRUE)
    done = run("check", "own.md", "--brief", "brief.toml", cwd=desk)
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 unsupported." in done.stdout


def test_an_unsupported_claim_is_shown_with_place_reason_and_change(run: Run, desk: Path) -> None:
    put(desk, "own.md", TRUE, LOOSE, BLOCKED)
    done = run("check", "own.md", "--brief", "brief.toml", cwd=desk)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("own.md:3:21  the figure ")
    assert lines[1:4] == ["    “37%”", f"    before: {LOOSE}", f"    after:  {LABELLED}"]
    assert lines[5].startswith("own.md:5:1  it claims a qualification")
    assert "No safe change is known" in lines[7]
    assert ", 2 unsupported." in done.stdout
    assert "--fix writes" in done.stdout


def test_json_tells_programs_the_same(run: Run, desk: Path) -> None:
    put(desk, "own.md", TRUE, LOOSE, BLOCKED)
    done = run("check", "own.md", "--brief", "brief.toml", "--json", cwd=desk)
    assert done.returncode == 1
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["file"] == "own.md"
    assert told["outcome"] == "blocked"
    assert told["counts"]["unsupported"] == 2
    assert told["fixed"] is None
    text = (desk / "own.md").read_text(encoding="utf-8")
    for finding in told["findings"]:
        assert text[finding["start"] : finding["end"]] == finding["quote"]
        place = sum(len(line) + 1 for line in text.split("\n")[: finding["line"] - 1]) + finding["column"] - 1
        assert place == finding["start"]
    assert told["findings"][0]["suggestion"] == {"before": LOOSE, "after": LABELLED}
    assert told["findings"][1]["suggestion"] is None


def test_a_fix_that_settles_everything_ends_with_zero(run: Run, desk: Path) -> None:
    put(desk, "own.md", TRUE, LOOSE)
    done = run("check", "own.md", "--brief", "brief.toml", "--fix", cwd=desk)
    assert done.returncode == 0
    assert "kept as own.md.bak" in done.stdout
    assert (desk / "own.md").read_text(encoding="utf-8") == f"{TRUE}\n\n{LABELLED}\n"
    assert (desk / "own.md.bak").read_text(encoding="utf-8") == f"{TRUE}\n\n{LOOSE}\n"
    assert run("check", "own.md", "--brief", "brief.toml", cwd=desk).returncode == 0


def test_a_fix_that_leaves_a_claim_ends_with_one(run: Run, desk: Path) -> None:
    put(desk, "own.md", LOOSE, BLOCKED)
    done = run("check", "own.md", "--brief", "brief.toml", "--fix", "--json", cwd=desk)
    assert done.returncode == 1
    fixed = json.loads(done.stdout)["fixed"]
    assert (fixed["changes"], fixed["kept_as"]) == (1, "own.md.bak")
    assert [finding["quote"] for finding in fixed["left"]["findings"]] == ["I am PMP certified"]
    assert LABELLED in (desk / "own.md").read_text(encoding="utf-8")


def test_a_packet_is_checked_against_itself(run: Run, desk: Path) -> None:
    assert run("make", "brief.toml", "--template-only", "--quiet", "--zip", cwd=desk).returncode == 0
    for path in ("packet", "packet.zip", "packet/work-sample.pdf"):
        done = run("check", path, cwd=desk)
        assert done.returncode == 0, done.stdout + done.stderr
    post = desk / "packet" / "linkedin-post.txt"
    post.write_text(f"{post.read_text(encoding='utf-8')}\n{LOOSE}\n", encoding="utf-8")
    assert run("check", "packet", cwd=desk).returncode == 1
    done = run("check", "packet/linkedin-post.txt", "--fix", cwd=desk)
    assert done.returncode == 0
    assert "`proofkit verify` will say" in done.stdout


def test_a_document_that_lost_its_disclosure_is_told_what_to_say(run: Run, desk: Path) -> None:
    assert run("make", "brief.toml", "--template-only", "--quiet", cwd=desk).returncode == 0
    sample = desk / "packet" / "work-sample.md"
    put(desk, "packet/work-sample.md", sample.read_text(encoding="utf-8").split("\n\n")[0])
    done = run("check", "packet/work-sample.md", cwd=desk)
    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == [
        "packet/work-sample.md:1:1  it travels without saying that it is a simulated work sample",
        "    Say in it, by hand, that the company is fictional and the work simulated.",
    ]


def test_standard_input_is_read(desk: Path) -> None:
    command = [*PROGRAM, "check", "-", "--brief", "brief.toml"]
    done = subprocess.run(command, input=LOOSE, cwd=desk, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("standard input:1:21  ")


REFUSED = {
    "nothing": (["check"], "There is nothing to check"),
    "no facts": (["check", "own.md"], "There are no facts"),
    "no file": (["check", "none.md", "--brief", "brief.toml"], "There is no file"),
    "a kind": (["check", "own.rtf", "--brief", "brief.toml"], "of a kind that cannot be checked"),
    "no brief": (["check", "own.md", "--brief", "none.toml"], "There is no file"),
    "no packet": (["check", "own.md", "--packet", "none"], "There is"),
    "fix stdin": (["check", "-", "--brief", "brief.toml", "--fix"], "standard input is none"),
    "fix Word": (["check", "own.docx", "--brief", "brief.toml", "--fix"], "is a Word file"),
    "rows and file": (["check", "own.md", "--jsonl", "rows.jsonl"], "Expected it alone"),
    "rows and fix": (["check", "--jsonl", "rows.jsonl", "--fix"], "Leave out --fix"),
    "no rows": (["check", "--jsonl", "none.jsonl"], "none.jsonl cannot be read"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_checked_is_refused_in_one_sentence(case: str, run: Run, desk: Path) -> None:
    put(desk, "own.md", LOOSE)
    words, told = REFUSED[case]
    done = run(*words, cwd=desk)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def rows_of(count: int) -> str:
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    rows: list[dict[str, Any]] = []
    for number in range(count):
        case = cases[number % len(cases)]
        facts = {"user_facts": [f"I trained {number} new starters"], "brief_facts": ["4 loading bays"]}
        context = facts | {"fictional_company": "Marramkeld Supply", "field": case["carrier"]}
        rows.append({"id": number, "text": case["text"], "context": context})
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def seconds_of_children() -> float:
    """Return what the processes that ended have used; the clock on the wall would count what others use, too."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_thousand_rows_are_answered_in_time(run: Run, desk: Path) -> None:
    (desk / "rows.jsonl").write_text(rows_of(1_000), encoding="utf-8")
    start = seconds_of_children()
    done = run("check", "--jsonl", "rows.jsonl", cwd=desk)
    seconds = seconds_of_children() - start
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert [answer["id"] for answer in answers] == list(range(1_000))
    assert {tuple(answer) for answer in answers} == {("id", "action", "text", "findings")}
    keys = {tuple(finding) for answer in answers for finding in answer["findings"]}
    assert keys == {("rule", "action", "start", "end", "reason")}
    assert seconds < GOAL_S * MARGIN


def test_bad_rows_are_told_and_the_others_answered(run: Run, desk: Path) -> None:
    good = rows_of(1)
    (desk / "rows.jsonl").write_text(f'{good}oops\n{good}{{"id": 7}}\n', encoding="utf-8")
    done = run("check", "--jsonl", "rows.jsonl", cwd=desk)
    assert done.returncode == 2
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [("error" in answer, answer.get("line"), answer["id"]) for answer in answers] == [
        (False, None, 0),
        (True, 2, None),
        (False, None, 0),
        (True, 4, 7),
    ]
    assert done.stderr.startswith("proofkit: rows.jsonl, line 2: it is not valid JSON")
    assert "2 of 4 rows could not be read" in done.stderr.splitlines()[-1]


def test_each_row_is_answered_before_the_next_one_is_asked(desk: Path) -> None:
    command = [*PROGRAM, "check", "--jsonl", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=desk, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "text": LOOSE}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == LABELLED
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_rows_keep_their_letters_where_the_output_knows_only_ascii() -> None:
    row = json.dumps({"id": "é", "text": "Ça coûte 🙂."})
    command = [sys.executable, "-X", "utf8=0", *PROGRAM[1:], "check", "--jsonl", "-"]
    environment = os.environ | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, input=row.encode(), capture_output=True, env=environment, timeout=60, check=True)
    answer = json.loads(done.stdout.decode("ascii"))
    assert (answer["id"], answer["text"]) == ("é", "Ça coûte 🙂.")
