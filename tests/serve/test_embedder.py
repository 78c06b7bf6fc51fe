import math
from importlib.util import find_spec
from pathlib import Path

import pytest

from proofkit_core.errors import ModelUnavailableError
from proofkit_core.generation import Embedder
from proofkit_serve import open_sentence_transformers

installed = find_spec("sentence_transformers") is not None


@pytest.mark.skipif(installed, reason="the extra 'semantic' is installed")
def test_without_the_extra_the_command_to_install_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"uv sync --group semantic.*proofkit-serve\[semantic\]"):
        open_sentence_transformers(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="no folder"):
        open_sentence_transformers(tmp_path / "absent")


@pytest.mark.model
@pytest.mark.skipif(not installed, reason="needs the extra 'semantic'")
def test_close_meanings_get_close_vectors_of_unit_length() -> None:
    embedder: Embedder = open_sentence_transformers()
    bread, loaf, rocket = embedder.embed(["I bake bread.", "She makes loaves.", "The rocket engine failed."])
    assert math.isclose(sum(x * x for x in bread), 1.0, rel_tol=1e-4)
    near = sum(a * b for a, b in zip(bread, loaf, strict=True))
    far = sum(a * b for a, b in zip(bread, rocket, strict=True))
    assert near > far + 0.2
    assert embedder.embed([]) == []
