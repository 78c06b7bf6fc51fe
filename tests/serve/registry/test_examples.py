"""Each configuration in `examples/serve` is one that the real loader takes, and the guides show exactly these files."""

import ast
import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel

from proofkit_prompts import load_contract
from proofkit_serve.chain import TryLimits
from proofkit_serve.registry import BackendName, Capabilities, ContractStamp, ModelSpec, open_registry, read_models
from proofkit_serve.settings import ServiceLimits, Settings, load_settings

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "examples" / "serve"
GUIDES = [ROOT / "docs" / "guides" / name for name in ("serve-models.md", "scale-out.md")]
ENVIRON = {"DATABASE_URL": "postgresql://me:secret@db/proofkit", "STUDENT_URLS": "https://x.modal.run/v1"}
MODELS = sorted(FOLDER.glob("models*.toml"))
SETTINGS = sorted(set(FOLDER.glob("*.toml")) - set(MODELS))
FENCE = re.compile(r'^```\w+ title="(examples/serve/[^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def test_there_are_examples_of_both_kinds() -> None:
    assert len(MODELS) >= 4
    assert len(SETTINGS) >= 2


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_each_file_of_models_is_taken_and_ends_with_the_template(path: Path) -> None:
    models = read_models(path)
    assert models.model[-1].backend is BackendName.TEMPLATE
    stamps = {spec.contract.digest for spec in models.model if spec.contract}
    assert stamps <= {load_contract().digest}, "copy the digest of the contract into the example"


@pytest.mark.parametrize("path", SETTINGS, ids=lambda path: path.stem)
def test_each_settings_file_is_taken_with_its_models(path: Path) -> None:
    settings = load_settings(path, environ=ENVIRON)
    with open_registry(settings, environ=ENVIRON) as registry:
        assert registry.chain(registry.default_id)
        assert settings.workers == 1 or registry.in_process == ()
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_each_program_for_another_server_is_python(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= {"modal", "ray", "subprocess"}
    assert "proofkit-student" in path.read_text(encoding="utf-8")


def test_the_command_for_vllm_serves_what_the_example_asks_for() -> None:
    words = shlex.split((FOLDER / "vllm_data_parallel.sh").read_text(encoding="utf-8"), comments=True)
    assert words[:3] == ["exec", "vllm", "serve"]
    options = dict(pairwise(words))
    spec = read_models(FOLDER / "models-vllm.toml").model[0]
    assert options["--served-model-name"] == spec.model
    assert int(options["--max-model-len"]) == spec.capabilities.context_tokens
    assert all(f":{options['--port']}/" in url for url in spec.base_urls)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_a_guide_shows_the_files_as_they_are(guide: Path) -> None:
    shown = FENCE.findall(guide.read_text(encoding="utf-8"))
    assert shown
    for name, text in shown:
        assert (ROOT / name).read_text(encoding="utf-8") == text, name


def test_each_example_is_shown_in_a_guide() -> None:
    text = "".join(guide.read_text(encoding="utf-8") for guide in GUIDES)
    assert [path.name for path in FOLDER.iterdir() if f"examples/serve/{path.name}" not in text] == []


@pytest.mark.parametrize("record", [Settings, ServiceLimits, ModelSpec, Capabilities, ContractStamp, TryLimits])
def test_the_reference_names_every_key_and_no_other(record: type[BaseModel]) -> None:
    page = (ROOT / "docs" / "reference" / "models-toml.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b[a-z_]+\b", " ".join(re.findall(r"`([^`]+)`", page))))
    assert set(record.model_fields) - named == set()
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE))
    records: list[type[BaseModel]] = [Settings, ServiceLimits, ModelSpec, Capabilities]
    assert rows <= {name for each in records for name in each.model_fields}
