"""Input that cannot be used: a clear sentence, exit code 2, and nothing that was made is lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proofkit_eval.heldout import load_set
from proofkit_eval.heldout.reading import written_set
from proofkit_eval.judging.rubric import load_rubric
from proofkit_eval.records import Generation
from proofkit_eval.report import board_of, read_log_file

Command = Callable[..., Any]
PROMPTS = load_set("smoke-v1").prompts
FILED = (
    'set = "smoke-v1"\n[[model]]\nid = "filed"\nsource = "answers"\npath = "answers.jsonl"\nartifact_digest = "v1"\n'
    '[[model]]\nid = "hand-written"\nsource = "hand-written"\n[board]\nresamples = 500\n'
)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in {".jsonl", ".json"}
    }


def refused(command: Command, kept: Path, *arguments: str | Path) -> str:
    """Return what is said of a command that is refused; nothing in that folder changes."""
    before = contents(kept)
    done = command(*arguments)
    assert done.code == 2, done
    assert contents(kept) == before
    assert "Traceback" not in done.err
    return done.err


@pytest.fixture
def run(evaluated: Path) -> Path:
    return evaluated / "run"


@pytest.mark.parametrize("name", ["generations.jsonl", "verdicts/random.jsonl"])
@pytest.mark.parametrize("broken", ['{"key": 3}', "no JSON", '{"key": NaN}'])
def test_a_malformed_row_is_told_with_its_line(run: Path, command: Command, name: str, broken: str) -> None:
    lines = (run / name).read_text().splitlines()
    (run / name).write_text("\n".join([*lines[:2], broken, *lines[2:]]) + "\n")
    said = refused(command, run, "board", run)
    assert f"{Path(name).name} has a line that is no row" in said
    assert "line 3: " in said


def test_a_malformed_step_of_the_ladder_is_told_with_its_line(run: Path, command: Command) -> None:
    path = run / "ladder" / "random.jsonl"
    path.write_text("{}\n" + path.read_text())
    assert "line 1: " in refused(command, run, "ladder", run, "--judge", "random")


@pytest.mark.parametrize("name", ["run.json", "ladder/random.json"])
def test_a_file_of_the_run_that_is_broken_is_told_and_left(run: Path, command: Command, name: str) -> None:
    (run / name).write_text("{")
    assert f"{Path(name).name}' cannot be read" in refused(command, run, "board", run)


def test_a_model_or_judge_that_the_plan_lacks_is_told_with_those_it_has(run: Path, command: Command) -> None:
    said = refused(command, run, "run", "--out", run, "--only", "gpt")
    assert "The plan has no model gpt; it has composer, hand-written." in said
    for name in ("judge", "ladder"):
        said = refused(command, run, name, run, "--judge", "gpt")
        assert "The plan has no judge gpt; it has rules, constant-4, by-length, random." in said


def test_a_new_run_with_an_unknown_model_leaves_nothing_behind(tmp_path: Path, command: Command) -> None:
    assert command("run", "--out", tmp_path / "new", "--only", "gpt").code == 2
    assert not (tmp_path / "new").exists()


def test_a_rubric_changed_in_the_middle_is_refused(run: Path, tmp_path: Path, command: Command) -> None:
    changed = tmp_path / "rubric.txt"
    changed.write_text(rubric_text().replace("?", "??", 1))
    for name in ("judge", "ladder"):
        assert "it was changed in the middle" in refused(command, run, name, run, "--rubric", changed)
    assert "it was changed in the middle" in refused(command, run, "rate", run, "--judge", "ann", "--rubric", changed)


def rubric_text() -> str:
    import proofkit_eval.judging as package  # noqa: PLC0415 - only where its file is wanted

    text = (Path(package.__file__).parent / "data" / "rubric-1.txt").read_text(encoding="utf-8")
    assert load_rubric().introduction
    return text


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("seed = 3", "seed = 4", "the seed 3, and the plan now has 4"),
        (
            'a = "composer"\nb = "hand-written"',
            'a = "hand-written"\nb = "composer"',
            "composer against hand-written, and",
        ),
        (
            'b = "hand-written"',
            'b = "hand-written"\nmargin = 0.5',
            "now has composer against hand-written, judges, margin",
        ),
        ('set = "smoke-v1"', 'set = "held-out-v1"', "the held-out set"),
    ],
)
def test_a_plan_changed_in_the_middle_is_refused(
    run: Path, evaluated: Path, command: Command, old: str, new: str, what: str
) -> None:
    plan = evaluated / "plan.toml"
    text = plan.read_text()
    plan.write_text(text.replace(old, new, 1))
    said = refused(command, run, "run", "--plan", plan, "--out", run)
    assert what in said
    assert "Begin a new run in another folder" in said


def test_models_and_judges_may_be_added_in_the_middle(run: Path, evaluated: Path, command: Command) -> None:
    plan = evaluated / "plan.toml"
    (evaluated / "answers.jsonl").write_text("")
    added = (
        '[[model]]\nid = "filed"\nsource = "answers"\npath = "answers.jsonl"\nartifact_digest = "v1"\n[[comparison]]'
    )
    plan.write_text(plan.read_text().replace("[[comparison]]", added))
    done = command("run", "--plan", plan, "--out", run)
    assert done.code == 0
    assert "composer: 0 answers made, " in done.out
    assert command("judge", run).code == command("board", run).code == 0
    rows = {row.name: row for row in board_of(read_log_file(run / "board" / "log.json")).rows}
    assert rows["filed"].coverage.answered == 0


@pytest.mark.parametrize("name", ["judge", "ladder", "board"])
def test_a_folder_without_a_run_is_told(tmp_path: Path, command: Command, name: str) -> None:
    done = command(name, tmp_path)
    assert done.code == 2
    assert "holds no run. Begin one with `proofkit-eval run --out" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_answers_is_told(tmp_path: Path, command: Command) -> None:
    (tmp_path / "plan.toml").write_text(FILED)
    (tmp_path / "answers.jsonl").write_text("")
    assert command("run", "--plan", tmp_path / "plan.toml", "--out", tmp_path / "run", "--only", "filed").code == 0
    for name in ("judge", "board"):
        done = command(name, tmp_path / "run")
        assert done.code == 2
        assert "There are no answers" in done.err or "The plan names no judges" in done.err


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ('{"prompt_id": "x", "text": "An answer.", "seconds": NaN}', "line 1: it holds NaN, which is no number"),
        ('{"prompt_id": "x", "text": NaN}', "line 1: it holds NaN"),
        ('{"prompt_id": "x", "text": "An answer.", "seconds": -1}', "line 1: seconds"),
        (
            '{"custom_id": "x#prompt", "response": {"body": {"choices": [{"text": "A"}], "usage": Infinity}}}',
            "Infinity",
        ),
        ('{"custom_id": "x#prompt", "response": []}', "line 1: no answer"),
        ("[1]", "line 1: "),
    ],
)
def test_a_file_of_answers_that_cannot_be_used_is_told_with_its_line(
    tmp_path: Path, command: Command, row: str, why: str
) -> None:
    (tmp_path / "plan.toml").write_text(FILED)
    (tmp_path / "answers.jsonl").write_text(f"{row}\n")
    done = command("run", "--plan", tmp_path / "plan.toml", "--out", tmp_path / "run")
    assert done.code == 2
    assert why in done.err


def test_a_model_missing_for_some_prompts_is_shown_as_coverage(tmp_path: Path, command: Command) -> None:
    (tmp_path / "plan.toml").write_text(FILED)
    rows = [f'{{"prompt_id": "{prompt.id}", "text": "I plan it at {prompt.company}."}}' for prompt in PROMPTS[:4]]
    (tmp_path / "answers.jsonl").write_text("\n".join(rows) + "\n")
    run = tmp_path / "run"
    assert command("run", "--plan", tmp_path / "plan.toml", "--out", run).code == 0
    assert command("board", run).code == 0
    [row] = [row for row in board_of(read_log_file(run / "board" / "log.json")).rows if row.name == "filed"]
    assert (row.coverage.answered, row.coverage.expected) == (4, 15)
    assert set(row.coverage.missing) == {prompt.id for prompt in PROMPTS[4:]}
    assert "4 of 15" in (run / "board" / "board.md").read_text()


def test_one_prompt_alone_has_no_intervals_and_says_so(tmp_path: Path, plan_text: str, command: Command) -> None:
    (tmp_path / "one.jsonl").write_bytes(written_set([PROMPTS[0]]))
    (tmp_path / "plan.toml").write_text(plan_text.replace('"smoke-v1"', '"one.jsonl"').replace("hand-written", "filed"))
    text = (tmp_path / "plan.toml").read_text()
    filed = 'source = "answers"\npath = "answers.jsonl"\nartifact_digest = "v1"'
    (tmp_path / "plan.toml").write_text(text.replace('source = "filed"', filed))
    (tmp_path / "answers.jsonl").write_text(f'{{"prompt_id": "{PROMPTS[0].id}", "text": "I plan it."}}\n')
    run = tmp_path / "run"
    for step in (("run", "--plan", tmp_path / "plan.toml", "--out", run), ("judge", run), ("board", run)):
        done = command(*step)
        assert (done.code, done.err) == (0, "")
    page = (run / "board" / "board.md").read_text()
    assert "no interval" in page
    assert "1 prompt in 1 cluster;" in page
    assert "nan" not in page.casefold().split()


def test_scores_that_are_all_equal_separate_nobody(evaluated_once: Path) -> None:
    board = board_of(read_log_file(evaluated_once / "run" / "board" / "log.json"))
    cells = [cell for row in board.rows for cell in row.judges if cell.judge == "constant-4"]
    by_people = [cell for cell in cells if cell.void == 0]
    assert {cell.score.mean for cell in by_people} == {4.0}
    assert all(cell.score.low is None for cell in by_people)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("seed = ", "is no TOML"),
        ('set = "smoke-v1"', "model: got nothing, expected a value"),
        ('[[model]]\nid = "A b"\nsource = "composer"', "model.0.id"),
        ('[[model]]\nid = "a"\nsource = "magic"', "model.0.source"),
        ('[[model]]\nid = "a"\nsource = "gguf"', "needs path"),
        ('[[model]]\nid = "a"\nsource = "composer"\n[[model]]\nid = "a"\nsource = "bare"', "one id stands twice"),
        ('[[model]]\nid = "a"\nsource = "composer"\n[[comparison]]\na = "a"\nb = "c"', "comparisons or ceiling name c"),
        (
            '[[model]]\nid = "a"\nsource = "composer"\n[[judge]]\nid = "j"\nsource = "grading"',
            "`asked` names the model",
        ),
        (
            '[[model]]\nid = "a"\nsource = "composer"\n[[judge]]\nid = "j"\nsource = "random"\nfamily = "human"',
            "is no person",
        ),
        ('set = "none.jsonl"\n[[model]]\nid = "a"\nsource = "composer"', "none.jsonl' cannot be read"),
    ],
)
def test_a_plan_that_is_none_is_told(tmp_path: Path, command: Command, text: str, why: str) -> None:
    (tmp_path / "plan.toml").write_text(text)
    done = command("run", "--plan", tmp_path / "plan.toml", "--out", tmp_path / "run")
    assert done.code == 2
    assert why in done.err
    assert not (tmp_path / "run").exists()


def test_texts_by_hand_belong_to_the_sets_that_come_along(tmp_path: Path, command: Command) -> None:
    (tmp_path / "one.jsonl").write_bytes(written_set([PROMPTS[0]]))
    (tmp_path / "plan.toml").write_text('set = "one.jsonl"\n[[model]]\nid = "people"\nsource = "hand-written"')
    done = command("run", "--plan", tmp_path / "plan.toml", "--out", tmp_path / "run")
    assert done.code == 2
    assert "come along for held-out-v1 and smoke-v1" in done.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("run", "--out", "x", "--shard", "3/2"), "such as 2/4"),
        (("simulate", "--trials", "0"), "10 or more"),
        (("simulate", "--seed", "-1"), "0 or more"),
        (("rate", "x", "--judge", "../x"), "expected up to 60 small letters"),
        (("rate", "x", "--judge", "ann", "--port", "99999"), "0 to 65535"),
        (("claims", "none.md"), "there is no file or folder"),
        (("judge", "x", "--rubric", "none.txt"), "cannot be read"),
    ],
)
def test_an_option_that_cannot_be_used_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command, arguments: tuple[str, ...], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = command(*arguments)
    assert done.code == 2
    assert why in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_told(evaluated: Path, command: Command) -> None:
    run, file = evaluated / "run", evaluated / "plan.toml"
    assert "cannot be written" in refused(command, run, "board", run, "--out", file)
    assert "cannot be written" in refused(command, run, "run", "--out", file / "run")


def test_answers_of_another_set_are_told(run: Path, command: Command) -> None:
    path = run / "generations.jsonl"
    row = Generation.model_validate_json(path.read_text().splitlines()[0])
    strange = row.model_copy(update={"key": "0" * 64, "prompt_id": "of-another-set"})
    path.write_text(path.read_text() + strange.model_dump_json() + "\n")
    assert "belong to prompts that the set does not have, such as 'of-another-set'" in refused(
        command, run, "board", run
    )


def test_the_same_row_twice_counts_once_and_is_told(run: Path, command: Command) -> None:
    path = run / "generations.jsonl"
    path.write_text(path.read_text() + path.read_text().splitlines()[0] + "\n")
    done = command("board", run)
    assert done.code == 0
    assert "stands again in line" in done.out


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"seed": 3', '"seed": "three"', "plan.seed: got 'three', expected a valid integer."),
        ('"code_version"', '"code_versions"', "code_version: got nothing, expected a value (and 1 more)."),
        ('"plan": {', '"plan": }', "it is no JSON: "),
    ],
)
def test_a_broken_manifest_is_told_by_field_with_what_was_got(
    run: Path, command: Command, old: str, new: str, why: str
) -> None:
    path = run / "run.json"
    path.write_text(path.read_text().replace(old, new, 1))
    said = refused(command, run, "board", run)
    assert why in said
    assert "Put it back from a copy" in said
    assert "pydantic" not in said


def test_a_broken_ladder_card_is_told_by_field_with_what_was_got(run: Path, command: Command) -> None:
    path = run / "ladder" / "random.json"
    path.write_text(path.read_text().replace('"coverage": 1.0', '"coverage": "all"', 1))
    said = refused(command, run, "board", run)
    assert "random.json' cannot be read: coverage: got 'all', expected a valid number. Delete it" in said
    assert "pydantic" not in said


def test_a_comparison_named_after_the_look_is_refused(run: Path, command: Command) -> None:
    path = run / "run.json"
    path.write_text(path.read_text().replace('"margin": null', '"margin": 4.0', 1))
    for name in ("judge", "board"):
        assert "changed by hand after the run began" in refused(command, run, name, run)


def test_prompts_changed_in_the_middle_are_refused(tmp_path: Path, command: Command) -> None:
    (tmp_path / "own.jsonl").write_bytes(written_set(PROMPTS[:2]))
    (tmp_path / "plan.toml").write_text('set = "own.jsonl"\n[[model]]\nid = "template"\nsource = "composer"\n')
    run = tmp_path / "run"
    assert command("run", "--plan", tmp_path / "plan.toml", "--out", run).code == 0
    easier = PROMPTS[0].model_copy(update={"must_keep": ()})
    (tmp_path / "own.jsonl").write_bytes(written_set([easier, PROMPTS[1]]))
    for arguments in (("run", "--out", run), ("board", run)):
        assert "the file was changed in the middle" in refused(command, run, *arguments)


def test_an_answer_to_a_prompt_that_the_set_lacks_is_told_with_its_line(tmp_path: Path, command: Command) -> None:
    (tmp_path / "plan.toml").write_text(FILED)
    rows = [f'{{"prompt_id": "{name}", "text": "I plan it."}}' for name in (PROMPTS[0].id, "of-another-set")]
    (tmp_path / "answers.jsonl").write_text("\n".join(rows) + "\n")
    done = command("run", "--plan", tmp_path / "plan.toml", "--out", tmp_path / "run")
    assert done.code == 2
    assert "line 2: it answers 'of-another-set', and the set has no such prompt" in done.err


def test_what_was_said_of_an_answer_that_was_changed_since_is_left_out(run: Path, command: Command) -> None:
    path = run / "generations.jsonl"
    first, *others = path.read_text().splitlines()
    row = Generation.model_validate_json(first)
    edited = row.model_copy(update={"text": f"{row.text} One more sentence."})
    path.write_text("\n".join([edited.model_dump_json(), *others]) + "\n")
    done = command("board", run)
    assert done.code == 0
    assert "random: verdicts left out because their answer reads otherwise now: " in done.out
    log = read_log_file(run / "board" / "log.json")
    assert row.key not in {verdict.generation_key for verdict in log.verdicts}


def test_a_log_whose_comparisons_were_changed_since_is_refused(run: Path, command: Command) -> None:
    path = run / "board" / "log.json"
    path.write_text(path.read_text().replace('"margin": null', '"margin": 4.0', 1))
    said = refused(command, run, "claims", run / "board" / "board.md", "--log", path)
    assert "it was changed after the run began" in said


def test_a_board_of_another_schema_is_refused(run: Path, tmp_path: Path, command: Command) -> None:
    path = run / "board" / "log.json"
    old = path.read_text().replace('"results": {\n  "schema_version": 2', '"results": {\n  "schema_version": 1', 1)
    path.write_text(old)
    said = refused(command, run, "report", path, "--out", tmp_path / "again")
    assert "has schema version 1, and this program reads 2" in said
