"""The published prompts are those that the script draws, byte for byte."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from proofkit_eval.heldout import HeldOutSet

SCRIPT = Path(__file__).parents[3] / "scripts" / "held_out.py"
CASES = {"credit-controller--account-plan"}


@pytest.fixture(scope="module")
def script() -> Any:  # noqa: ANN401 - a module
    """Load the script as a module."""
    pytest.importorskip("proofkit_train")
    spec = importlib.util.spec_from_file_location("held_out_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_a_case_is_drawn_again_to_the_same_prompts(script: Any, held_out: HeldOutSet) -> None:  # noqa: ANN401 - a module
    from proofkit_train.data.reading import load_cases  # noqa: PLC0415 - only where it is installed

    cases = load_cases()
    drawn = {
        each.prompt.id: each.prompt
        for each in script.draw_all([case for case in cases if case.id in CASES], script.Known(cases))
    }
    published = [prompt for prompt in held_out.prompts if prompt.persona.partition("/")[0] in CASES]
    assert len(published) > 5
    assert [drawn[prompt.id] for prompt in published] == published


@pytest.mark.slow
def test_the_files_are_up_to_date(script: Any) -> None:  # noqa: ANN401 - a module
    late = [
        path.name
        for name, drawn in script.draw_sets().items()
        for path, content in script.files_of(name, drawn).items()
        if path.read_bytes() != content
    ]
    assert late == []
