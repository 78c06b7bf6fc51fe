"""What is refused before a run, and what the command says for itself."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from proofkit_train.cli import main
from proofkit_train.errors import PreflightError
from proofkit_train.sft.recipe import Recipe

HEAVY = ["torch", "transformers", "trl", "peft", "datasets", "matplotlib"]


@pytest.fixture
def tiny(tiny_base: Callable[[str], Path]) -> Any:  # noqa: ANN401 - a Transformers model
    from proofkit_train.base.model import load_model  # noqa: PLC0415
    from proofkit_train.base.source import resolve_base  # noqa: PLC0415

    return load_model(resolve_base(str(tiny_base("llama"))))


def adapted(model: Any, recipe: Recipe) -> Any:  # noqa: ANN401
    from peft import get_peft_model  # noqa: PLC0415

    from proofkit_train.sft.model import adapter_settings, freeze_base  # noqa: PLC0415

    freeze_base(model, recipe)
    return cast("Any", get_peft_model)(model, adapter_settings(recipe))


@pytest.mark.parametrize(
    ("targets", "ends"),
    [
        ("all-linear", {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}),
        (("q_proj", "v_proj"), {"q_proj", "v_proj"}),
    ],
)
def test_the_layers_that_learn_are_those_declared(targets: Any, ends: set[str], tiny: Any) -> None:  # noqa: ANN401
    from proofkit_train.sft.model import declared_modules  # noqa: PLC0415
    from proofkit_train.sft.preflight import check_modules  # noqa: PLC0415

    recipe = Recipe(name="one", base="tiny", targets=targets)
    declared = declared_modules(tiny, recipe)
    trained = check_modules(adapted(tiny, recipe), declared)
    assert {name.rpartition(".")[2] for name in trained} == ends
    assert len(trained) == 2 * len(ends)
    assert not any("lm_head" in name for name in trained)


def test_a_layer_that_does_not_learn_is_refused(tiny: Any) -> None:  # noqa: ANN401
    from proofkit_train.sft.model import declared_modules  # noqa: PLC0415
    from proofkit_train.sft.preflight import check_modules  # noqa: PLC0415

    recipe = Recipe(name="one", base="tiny")
    declared = declared_modules(tiny, recipe)
    model = adapted(tiny, recipe)
    for name, weight in model.named_parameters():
        if "layers.1.mlp.up_proj" in name:
            weight.requires_grad_(requires_grad=False)
    with pytest.raises(PreflightError, match=r"13 layers would learn.*model\.layers\.1\.mlp\.up_proj"):
        check_modules(model, declared)


def test_a_weight_without_values_is_refused(tiny: Any) -> None:  # noqa: ANN401
    from proofkit_train.sft.model import declared_modules  # noqa: PLC0415
    from proofkit_train.sft.preflight import check_modules  # noqa: PLC0415

    recipe = Recipe(name="one", base="tiny")
    declared = declared_modules(tiny, recipe)
    model = adapted(tiny, recipe)
    model.get_base_model().model.norm.to("meta")
    with pytest.raises(PreflightError, match=r"1 weights have no values, such as .*norm\.weight"):
        check_modules(model, declared)


def test_targets_that_no_layer_has_are_refused(tiny: Any) -> None:  # noqa: ANN401
    from proofkit_train.sft.model import declared_modules  # noqa: PLC0415

    with pytest.raises(PreflightError, match="Expected some of down_proj, gate_proj"):
        declared_modules(tiny, Recipe(name="one", base="tiny", targets=("query",)))


def test_rounding_once_is_what_autocast_does_in_each_pass(tiny_base: Callable[[str], Path]) -> None:
    torch = pytest.importorskip("torch")
    from proofkit_train.base.model import load_model  # noqa: PLC0415
    from proofkit_train.base.source import resolve_base  # noqa: PLC0415
    from proofkit_train.sft.model import freeze_base  # noqa: PLC0415

    source = resolve_base(str(tiny_base("llama")))
    whole, rounded = (cast("Any", load_model(source)) for _ in range(2))
    freeze_base(rounded, Recipe(name="one", base="tiny", dtype="bf16-autocast"))
    ids = torch.arange(3, 40)[None]
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(whole(ids).logits, rounded(ids).logits)


def test_a_card_that_is_not_there_is_refused() -> None:
    torch = pytest.importorskip("torch")
    from proofkit_train.sft.model import use_device  # noqa: PLC0415

    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(PreflightError, match="'cuda', and torch finds none"):
        use_device(Recipe(name="one", base="tiny", device="cuda"))


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import contextlib, json, sys\n"
        "from proofkit_train.cli import main\n"
        "with contextlib.suppress(SystemExit): main(['sft', '--help'])\n"
        f"print(json.dumps(sorted(set({HEAVY!r}) & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=600, check=True)
    *text, heavy = done.stdout.splitlines()
    assert json.loads(heavy) == []
    assert "--preflight-only" in "\n".join(text)


def test_bad_input_ends_with_2_and_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text('name = "one"\nbase = "embedded"\nlerning_rate = 1.0\n', encoding="utf-8")
    assert main(["sft", str(path), "--data", str(tmp_path)]) == 2
    assert "Did you mean 'learning_rate'?" in capsys.readouterr().err
    assert main(["sft", str(path), "--set", "lerning_rate"]) == 2


def test_a_run_needs_a_data_set(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text('name = "one"\nbase = "embedded"\n', encoding="utf-8")
    assert main(["sft", str(path)]) == 2
    assert "--data DIR" in capsys.readouterr().err
    assert main(["sft", str(path), "--data", str(tmp_path / "none")]) == 2
    assert "proofkit-train data build" in capsys.readouterr().err
