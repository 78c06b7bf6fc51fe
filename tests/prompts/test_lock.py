import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from proofkit_prompts import ContractDriftError, ContractError, Status, load_contract
from proofkit_prompts.cli import main
from proofkit_prompts.digest import text_digest, token_digest
from proofkit_prompts.folder import read_folder
from proofkit_prompts.freeze import lock_draft
from proofkit_prompts.lock import read_lock


class ByteTokenizer:
    """One token a byte, moved by an offset."""

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset

    @property
    def name(self) -> str:
        return "bytes"

    def encode(self, text: str) -> Sequence[int]:
        return [byte + self.offset for byte in text.encode()]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def check(contracts: Path, *more: str) -> int:
    return main(["--contracts", str(contracts), "check", *more])


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.autocrlf=false"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def commit(contracts: Path) -> None:
    git(contracts, "init", "-q")
    git(contracts, "add", ".")
    git(contracts, "commit", "-q", "-m", "contracts")


def test_the_shipped_contracts_are_as_locked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert "as locked" in capsys.readouterr().out


class Edit(NamedTuple):
    """One edit of a contract, and what a check says about it."""

    path: str
    old: str
    new: str
    said: str


@pytest.mark.parametrize(
    "made",
    [
        Edit(
            "templates/scenario.txt",
            "Invent a",
            "Invent one",
            "task scenario: templates/scenario.txt differs at byte 15",
        ),
        Edit("templates/scenario.txt", "Invent a", "Invent one", "got b'one scenario', expected b'a scenario f'"),
        Edit("templates/scenario.txt", "Invent a", "Invent one", "task scenario: golden plain renders other bytes, at"),
        Edit("schemas/scenario.json", "140", "141", "task scenario: schemas/scenario.json differs at byte"),
        Edit("chat_template.txt", "{user}", "{user} ", "every task: chat_template.txt differs at byte 61: got b' <|"),
        Edit("system.txt", "You write", "You wrote", "every task: system.txt differs at byte 6: got b'o"),
        Edit("labels.toml", '"User points"', '"Your points"', "every task: labels.toml differs at byte"),
        Edit("escape.toml", '" / "', '" // "', "every task: escape.toml differs at byte"),
        Edit("contract.toml", "max_tokens = 220", "max_tokens = 221", "every task: contract.toml differs at byte"),
        Edit("goldens/scenario/plain.prompt.txt", "Rollout", "Fallout", "plain.prompt.txt differs at byte"),
        Edit("goldens/scenario/plain.fields.json", "harbour", "airport", "golden plain renders other bytes, at byte"),
    ],
)
def test_check_names_the_task_and_the_first_differing_byte(
    contracts: Path, capsys: pytest.CaptureFixture[str], made: Edit
) -> None:
    edit(contracts / "v1" / made.path, made.old, made.new)
    assert check(contracts) == 1
    assert made.said in capsys.readouterr().err


def test_check_names_missing_and_added_files(contracts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (contracts / "v1/goldens/scenario/minimal.prompt.txt").unlink()
    (contracts / "v1/notes.txt").write_text("x")
    assert check(contracts) == 1
    said = capsys.readouterr().err
    assert "goldens/scenario/minimal.prompt.txt is gone" in said
    assert "notes.txt is not in the lock" in said


def test_check_notices_an_edited_lock(contracts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = contracts / "v1/lock.json"
    lock.write_bytes(lock.read_bytes() + b"\n")
    assert check(contracts) == 1
    assert "lock.json differs at byte" in capsys.readouterr().err


def test_check_notices_a_missing_lock(contracts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (contracts / "v1/lock.json").unlink()
    assert check(contracts) == 1
    assert "freeze v1 --draft" in capsys.readouterr().err


def test_a_contract_that_cannot_be_read_is_drift(contracts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(contracts / "v1/labels.toml", 'kind = "text"', 'kind = "texts"')
    assert check(contracts) == 1
    assert "labels.toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("templates/scenario.txt", "Invent", "invent"),
        ("schemas/scenario.json", "140", "141"),
        ("chat_template.txt", "user\n", "user \n"),
        ("system.txt", "You", "you"),
        ("escape.toml", '"…"', '"..."'),
        ("contract.toml", '"<|im_end|>"', '"<|im_end|>", "x"'),
    ],
)
def test_one_changed_byte_changes_task_and_contract_digest(contracts: Path, path: str, old: str, new: str) -> None:
    before = load_contract(contracts / "v1")
    edit(contracts / "v1" / path, old, new)
    after = load_contract(contracts / "v1")
    assert before.task_digest("scenario") != after.task_digest("scenario")
    assert before.digest != after.digest


def test_a_change_of_one_task_leaves_the_digests_of_the_others(contracts: Path) -> None:
    before = load_contract(contracts / "v1")
    edit(contracts / "v1/templates/scenario.txt", "Invent", "invent")
    after = load_contract(contracts / "v1")
    assert [task for task in before.tasks if before.task_digest(task) != after.task_digest(task)] == ["scenario"]


def test_descriptions_and_comments_change_no_digest(contracts: Path) -> None:
    before = load_contract(contracts / "v1").digest
    edit(contracts / "v1/contract.toml", 'description = "', 'description = "New: ')
    edit(contracts / "v1/labels.toml", "# The label grammar", "# Grammar")
    assert load_contract(contracts / "v1").digest == before


def test_text_and_token_digests_follow_every_byte() -> None:
    assert text_digest({"a": "x"}) != text_digest({"a": "y"})
    assert token_digest({"a": "x"}, ByteTokenizer()) != token_digest({"a": "x"}, ByteTokenizer(1))


def test_token_digests_stay_in_the_lock_until_the_bytes_change(contracts: Path) -> None:
    folder = contracts / "v1"
    lock_draft(folder, [ByteTokenizer()])
    assert lock_draft(folder) == []
    edit(folder / "templates/scenario.txt", "Invent", "Imagine")
    lock_draft(folder)
    lock = read_lock(read_folder(folder))
    assert lock is not None
    assert not lock.tasks["scenario"].token_digests
    assert "bytes" in lock.tasks["draft_section"].token_digests


def test_a_draft_can_be_locked_again_and_then_checks(contracts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(contracts / "v1/system.txt", "No preamble.", "No preface.")
    assert check(contracts) == 1
    assert main(["--contracts", str(contracts), "freeze", "v1", "--draft"]) == 0
    assert "wrote goldens/scenario/plain.prompt.txt" in capsys.readouterr().out
    assert check(contracts) == 0


def test_freezing_changes_the_status_only(contracts: Path) -> None:
    before = read_folder(contracts / "v1")
    assert main(["--contracts", str(contracts), "freeze", "v1"]) == 0
    after = read_folder(contracts / "v1")
    assert [path for path in after if after[path] != before[path]] == ["lock.json"]
    assert load_contract(contracts / "v1").status is Status.FROZEN
    assert check(contracts) == 0


def test_a_draft_that_drifted_cannot_be_frozen(contracts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(contracts / "v1/system.txt", "You", "you")
    assert main(["--contracts", str(contracts), "freeze", "v1"]) == 1
    assert "freeze v1 --draft" in capsys.readouterr().err


@pytest.mark.parametrize("flags", [[], ["--draft"]])
def test_nothing_rewrites_a_frozen_contract(
    contracts: Path, capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    main(["--contracts", str(contracts), "freeze", "v1"])
    edit(contracts / "v1/system.txt", "You", "you")
    before = read_folder(contracts / "v1")
    assert main(["--contracts", str(contracts), "freeze", "v1", *flags]) == 2
    assert "is frozen" in capsys.readouterr().err
    assert read_folder(contracts / "v1") == before


def test_a_frozen_contract_that_drifted_does_not_load(contracts: Path) -> None:
    main(["--contracts", str(contracts), "freeze", "v1"])
    edit(contracts / "v1/system.txt", "You", "you")
    with pytest.raises(ContractDriftError, match="lock froze"):
        load_contract(contracts / "v1")


def test_what_was_frozen_at_a_commit_must_stay_byte_identical(
    contracts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--contracts", str(contracts), "freeze", "v1"])
    commit(contracts)
    assert check(contracts, "--against", "HEAD") == 0
    lock = contracts / "v1/lock.json"
    edit(lock, '"status": "frozen"', '"status": "draft"')
    # Thawing by hand fools neither the rewriting command nor the comparison with the commit.
    with pytest.raises(ContractError, match="is frozen"):
        lock_draft(contracts / "v1")
    assert check(contracts) == 0
    assert check(contracts, "--against", "HEAD") == 1
    assert "lock.json differs at byte" in capsys.readouterr().err


def test_a_draft_at_a_commit_may_change(contracts: Path) -> None:
    commit(contracts)
    edit(contracts / "v1/system.txt", "You", "you")
    lock_draft(contracts / "v1")
    assert check(contracts, "--against", "HEAD") == 0


def test_a_frozen_folder_that_is_gone_is_drift(contracts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--contracts", str(contracts), "freeze", "v1"])
    commit(contracts)
    (contracts / "v1").rename(contracts / "v2")
    assert check(contracts, "--against", "HEAD") == 1
    assert "v1: the folder is gone" in capsys.readouterr().err


@pytest.mark.parametrize("against", ["no-such-commit", "--help"])
def test_an_unknown_commit_is_a_usage_error(contracts: Path, capsys: pytest.CaptureFixture[str], against: str) -> None:
    commit(contracts)
    assert check(contracts, f"--against={against}") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_lock_names_every_digest(contracts: Path) -> None:
    contract = load_contract(contracts / "v1")
    lock = json.loads((contracts / "v1/lock.json").read_bytes())
    assert lock["contract_digest"] == contract.digest
    assert {task: lock["tasks"][task]["task_digest"] for task in contract.tasks} == {
        task: contract.task_digest(task) for task in contract.tasks
    }
