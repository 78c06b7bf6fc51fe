import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from proofkit_prompts import ContractError, load_contract, render_editable
from proofkit_prompts.editable_set import GENERAL
from proofkit_prompts.folder import read_folder
from proofkit_prompts.lock import read_lock
from proofkit_prompts.manifest import MANIFEST
from proofkit_prompts.shape import read_json


class Wrong(NamedTuple):
    """One edit of a data file, and where and why it is refused."""

    path: str
    old: str
    new: str
    said: str


@pytest.mark.parametrize(
    "made",
    [
        Wrong(
            "contract.toml", 'version = "v1"', "version = 1", "version in contract.toml: Input should be a valid str"
        ),
        Wrong("contract.toml", 'version = "v1"', 'version = "1"', r"version in contract.toml: .*match pattern '\^v"),
        Wrong("contract.toml", 'version = "v1"', 'version = "v1\\n"', "version in contract.toml: .*match pattern"),
        Wrong("contract.toml", "interpreter = 1", "interpreter = true", "interpreter in .*: .* a valid integer"),
        Wrong("contract.toml", "interpreter = 1", "interpreter = 1.0", "interpreter in .*: .* a valid integer"),
        Wrong("contract.toml", "interpreter = 1\n", "", "interpreter in contract.toml: Field required"),
        Wrong("contract.toml", "interpreter = 1", "interpreter = 1\nspeed = 2", "speed in .*: Extra inputs are not"),
        Wrong("contract.toml", '["<|im_end|>"]', "[]", "stop in .*: Tuple should have at least 1 item after .*, not 0"),
        Wrong(
            "contract.toml", '["<|im_end|>"]', '"<|im_end|>"', "stop in contract.toml: Input should be a valid array"
        ),
        Wrong("contract.toml", "max_tokens = 200", "max_tokens = 0", r"task\.0\.max_tokens in .*greater than 0"),
        Wrong("contract.toml", 'output = "markdown"', 'output = "text"', "should be 'markdown' or 'json'. Correct the"),
        Wrong("contract.toml", "draft = 6000", 'draft = "6000"', r"task\.4\.caps\.draft in .* a valid integer"),
        Wrong("contract.toml", "{ draft = 6000 }", "6000", r"task\.4\.caps in .*: Input should be an object"),
        Wrong("contract.toml", 'version = "v1"', "version = 2020-01-01", "version in .* a valid string"),
        Wrong("contract.toml", 'version = "v1"', "version = ", "no valid TOML in contract.toml"),
        Wrong("labels.toml", 'kind = "text"', 'kind = "texts"', r"label\.0\.kind in labels.toml: .*'text' or 'list'"),
        Wrong("escape.toml", 'ellipsis = "…"', "ellipsis = []", "ellipsis in escape.toml: .* a valid string"),
    ],
)
def test_a_wrong_value_in_a_data_file_is_named_with_its_place(contracts: Path, made: Wrong) -> None:
    path = contracts / "v1" / made.path
    text = path.read_text(encoding="utf-8")
    assert made.old in text
    path.write_text(text.replace(made.old, made.new, 1), encoding="utf-8")
    with pytest.raises(ContractError, match=made.said):
        load_contract(contracts / "v1")


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (["status"], "thawed", "status in lock.json: Input should be 'draft' or 'frozen'. Restore the file."),
        (["tasks", "scenario"], [], "tasks.scenario in lock.json: Input should be an object"),
        (["tasks", "scenario", "token_digests"], {"a": 1}, "token_digests.a in lock.json: Input should be a valid str"),
        (["files", "system.txt", "size"], 1, "files.system.txt.size in lock.json: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_value_in_a_lock_is_named_with_its_place(
    contracts: Path, place: list[str], value: object, said: str
) -> None:
    files = read_folder(contracts / "v1")
    lock: Any = json.loads(files["lock.json"])
    *outer, last = place
    node = lock
    for name in outer:
        node = node[name]
    node[last] = value
    with pytest.raises(ContractError) as caught:
        read_lock(files | {"lock.json": json.dumps(lock).encode()})
    assert said in str(caught.value)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(ContractError, match=r"at the top in lock\.json: Invalid JSON"):
        read_json(raw, "lock.json", MANIFEST)


def test_a_wrong_value_in_an_editable_set_is_named_with_its_place(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(GENERAL, tmp_path / "general"))
    settings = folder / "set.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("scenario = 700", "scenario = 0"), encoding="utf-8"
    )
    with pytest.raises(ContractError, match=r"max_tokens\.scenario in .*set\.toml: .* greater than 0"):
        render_editable("scenario", {}, folder=folder)
