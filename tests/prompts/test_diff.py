import shutil
import subprocess
from pathlib import Path

import pytest

from proofkit_prompts import ContractError, load_contract
from proofkit_prompts.cli import main
from proofkit_prompts.diff import ChangeClass, diff_contracts
from proofkit_prompts.folder import read_folder
from proofkit_prompts.freeze import lock_draft

NEW_TASK = """
[[task]]
name = "email"
description = "A short e-mail"
output = "markdown"
max_tokens = 100
required = ["target_role"]
"""


@pytest.fixture
def two(contracts: Path) -> Path:
    """A folder `v2` that starts as a copy of v1."""
    folder = Path(shutil.copytree(contracts / "v1", contracts / "v2"))
    edit(folder / "contract.toml", 'version = "v1"', 'version = "v2"')
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def classes(two: Path) -> set[tuple[ChangeClass, str | None]]:
    changes = diff_contracts(read_folder(two.parent / "v1"), read_folder(two))
    return {(change.kind, change.task) for change in changes}


def test_two_versions_render_side_by_side(two: Path) -> None:
    edit(two / "system.txt", "You write", "Please write")
    fields = {"target_role": "Analyst"}
    first, second = load_contract(two.parent / "v1"), load_contract(two)
    shipped = load_contract("v1").render("role_profile", fields)
    one, other = first.render("role_profile", fields), second.render("role_profile", fields)
    assert (one.contract, other.contract) == ("v1", "v2")
    assert one.text == shipped.text != other.text
    assert one.task_digest == shipped.task_digest != other.task_digest


def test_the_same_folder_has_no_difference(contracts: Path) -> None:
    files = read_folder(contracts / "v1")
    assert diff_contracts(files, files) == ()


def test_a_changed_template_is_bytes(two: Path) -> None:
    edit(two / "templates/scenario.txt", "Invent", "Imagine")
    assert classes(two) == {(ChangeClass.BYTES, "scenario")}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("chat_template.txt", "{user}", "{user} "),
        ("system.txt", "You", "you"),
        ("escape.toml", "FDD0-FDEF", "FDD0-FDEE"),
        ("labels.toml", '"Work sample"', '"Sample"'),
    ],
)
def test_a_changed_shared_part_is_bytes_for_the_tasks_that_use_it(two: Path, path: str, old: str, new: str) -> None:
    edit(two / path, old, new)
    found = classes(two)
    assert {kind for kind, _ in found} == {ChangeClass.BYTES}
    assert (ChangeClass.BYTES, "scenario") in found


def test_a_changed_cap_is_bytes_even_where_no_golden_reaches_it(two: Path) -> None:
    edit(
        two / "labels.toml",
        'key = "role_family"\nlabel = "Role family"\nkind = "text"\ncap = 80',
        'key = "role_family"\nlabel = "Role family"\nkind = "text"\ncap = 81',
    )
    assert classes(two) == {(ChangeClass.BYTES, "role_profile")}


def test_a_required_label_or_a_missing_task_is_bytes(two: Path) -> None:
    edit(two / "contract.toml", 'required = ["target_role"]', 'required = ["target_role", "company"]')
    edit(two / "contract.toml", 'name = "scenario"', 'name = "scene"')
    (two / "templates/scenario.txt").rename(two / "templates/scene.txt")
    (two / "schemas/scenario.json").rename(two / "schemas/scene.json")
    shutil.rmtree(two / "goldens/scenario")
    assert classes(two) == {
        (ChangeClass.BYTES, "role_profile"),
        (ChangeClass.BYTES, "scenario"),
        (ChangeClass.ADDITIVE, "scene"),
    }


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("schemas/scenario.json", "240", "200"),
        ("contract.toml", "max_tokens = 220", "max_tokens = 230"),
    ],
)
def test_a_changed_schema_or_token_cap_is_output(two: Path, path: str, old: str, new: str) -> None:
    edit(two / path, old, new)
    assert classes(two) == {(ChangeClass.OUTPUT, "scenario")}


def test_changed_stop_strings_are_output(two: Path) -> None:
    edit(two / "contract.toml", 'stop = ["<|im_end|>"]', 'stop = ["<|im_end|>", "<|endoftext|>"]')
    assert {kind for kind, _ in classes(two)} == {ChangeClass.OUTPUT}


def test_a_new_task_and_a_new_optional_label_are_additive(two: Path) -> None:
    with (two / "contract.toml").open("a") as contract:
        contract.write(NEW_TASK)
    (two / "templates/email.txt").write_text("Write an e-mail.\n{lines}\n")
    edit(
        two / "contract.toml",
        'optional = ["background", "skills", "job_ad", "role_family"]',
        'optional = ["background", "skills", "job_ad", "role_family", "region"]',
    )
    with (two / "labels.toml").open("a") as labels:
        labels.write('\n[[label]]\nkey = "region"\nlabel = "Region"\nkind = "text"\ncap = 60\n')
    assert classes(two) == {(ChangeClass.ADDITIVE, "email"), (ChangeClass.ADDITIVE, "role_profile")}


def test_other_token_ids_for_the_same_bytes_are_tokens(two: Path) -> None:
    class Tokenizer:
        name = "letters"

        def __init__(self, offset: int) -> None:
            self.offset = offset

        def encode(self, text: str) -> list[int]:
            return [ord(letter) + self.offset for letter in text]

    lock_draft(two.parent / "v1", [Tokenizer(0)])
    lock_draft(two, [Tokenizer(1)])
    assert {kind for kind, _ in classes(two)} == {ChangeClass.TOKENS}


def test_wording_about_a_contract_is_meta(two: Path) -> None:
    edit(two / "contract.toml", 'description = "', 'description = "New: ')
    edit(two / "labels.toml", "# The label", "# A label")
    assert classes(two) == {(ChangeClass.META, None)}


def test_the_command_prints_classes_and_what_follows(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(two / "templates/scenario.txt", "Invent", "Imagine")
    assert main(["--contracts", str(two.parent), "diff", "v1", str(two)]) == 0
    assert "BYTES  scenario: the template differs (breaking: new major version and retrain)" in capsys.readouterr().out


@pytest.mark.parametrize("operands", [("HEAD", "v1"), ("HEAD:v1", "v1"), ("v1", "HEAD")])
def test_an_operand_can_be_a_commit(
    contracts: Path, capsys: pytest.CaptureFixture[str], operands: tuple[str, str]
) -> None:
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "contracts"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", "-C", str(contracts), *identity, *words], check=True)
    edit(contracts / "v1/templates/scenario.txt", "Invent", "Imagine")
    assert main(["--contracts", str(contracts), "diff", *operands]) == 0
    assert "BYTES  scenario" in capsys.readouterr().out


def test_an_operand_that_names_nothing_is_refused_in_one_sentence(
    contracts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--contracts", str(contracts), "diff", "v1", "v9"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("path", "old", "new", "word"),
    [
        ("contract.toml", "interpreter = 1", "interpreter = 2", "interpreter 2"),
        ("contract.toml", 'optional = ["background"', 'optional = ["horoscope"', "'horoscope'"),
        ("contract.toml", "[[task]]", "[[tusk]]", "tusk"),
        ("contract.toml", 'version = "v1"', "version = v1", "TOML"),
        ("labels.toml", 'key = "skills"', 'key = "notes"', "'notes' twice"),
        ("escape.toml", "NFC-3.2", "NFKC", "NFKC"),
        ("escape.toml", "'</?[a-z0-9]+", "'(</?[a-z0-9]+", "escape.toml"),
        ("templates/scenario.txt", "{lines}", "lines", "templates/scenario.txt"),
        ("chat_template.txt", "{system}", "{user}", "chat_template.txt"),
        ("system.txt", "\n", "\r\n", "carriage return"),
        ("schemas/scenario.json", "{", "[", "schemas/scenario.json"),
        ("lock.json", '"draft"', '"soft"', "lock.json"),
    ],
)
def test_a_broken_contract_is_refused_with_the_file(contracts: Path, path: str, old: str, new: str, word: str) -> None:
    edit(contracts / "v1" / path, old, new)
    with pytest.raises(ContractError) as caught:
        load_contract(contracts / "v1")
    assert word in str(caught.value)
