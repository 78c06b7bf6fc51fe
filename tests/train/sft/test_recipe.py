"""Recipes: what is in them, what is refused, and what counts for a run's identity."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_train.errors import RecipeError
from proofkit_train.sft.recipe import Recipe, load_recipe, recipe_digest, settle

RECIPES = sorted((Path(__file__).parents[3] / "recipes").glob("*.toml"))


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "recipe.toml"
        path.write_text(f'name = "one"\nbase = "embedded"\n{text}', encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_each_recipe_that_comes_along_is_one(path: Path) -> None:
    recipe = load_recipe(path)
    assert recipe.name == path.stem
    assert set(tomllib.loads(path.read_text(encoding="utf-8"))) <= set(Recipe.model_fields)


def test_there_are_two_recipes() -> None:
    assert [path.stem for path in RECIPES] == ["qwen2.5-0.5b", "smollm2-135m"]


@pytest.mark.parametrize(
    ("key", "near"), [("lerning_rate", "learning_rate"), ("epoch", "epochs"), ("max_len", "max_length")]
)
def test_an_unknown_key_is_refused_with_the_nearest_one(key: str, near: str, written: Callable[[str], Path]) -> None:
    with pytest.raises(RecipeError, match=rf"has the key '{key}'.*Did you mean '{near}'\?"):
        load_recipe(written(f"{key} = 1\n"))


@pytest.mark.parametrize(
    "line",
    ["rank = 0", "rank = 2.5", 'rank = "16"', "dropout = 1.0", 'dtype = "fp8"', 'name = "A b"', "targets = 3"],
)
def test_a_value_that_cannot_be_is_refused(line: str, written: Callable[[str], Path]) -> None:
    path = written(line)
    if line.startswith("name"):
        path.write_text(f'base = "embedded"\n{line}\n', encoding="utf-8")
    with pytest.raises(RecipeError, match=f"as '{line.split(maxsplit=1)[0]}"):
        load_recipe(path)


def test_the_base_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text('name = "one"\n', encoding="utf-8")
    with pytest.raises(RecipeError, match="'base'"):
        load_recipe(path)


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_bytes(content)
    with pytest.raises(RecipeError, match="is no TOML"):
        load_recipe(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="could not be read"):
        load_recipe(tmp_path / "none.toml")


def test_changes_win_over_the_file(written: Callable[[str], Path]) -> None:
    changes = ["rank=4", "learning_rate=3e-4", "dtype=fp32", "task_rows.draft_section=7", 'targets=["q_proj"]']
    recipe = load_recipe(written("rank = 8\n"), changes)
    assert recipe.rank == 4
    assert recipe.learning_rate == 3e-4
    assert recipe.dtype == "fp32"
    assert recipe.task_rows == {"draft_section": 7}
    assert recipe.targets == ("q_proj",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("rank", "Expected key=value"),
        ("=4", "Expected key=value"),
        ("rank.x=4", "'rank' is no table"),
        ("rnk=4", "Did you mean 'rank'"),
    ],
)
def test_a_change_that_is_none_is_refused(change: str, said: str, written: Callable[[str], Path]) -> None:
    with pytest.raises(RecipeError, match=said):
        load_recipe(written("rank = 8\n"), [change])


def test_validation_and_saving_must_fit(written: Callable[[str], Path]) -> None:
    with pytest.raises(RecipeError, match="multiple of `save_every`"):
        load_recipe(written("save_every = 10\neval_every = 25\n"))


def test_a_row_must_fit_into_a_batch(written: Callable[[str], Path]) -> None:
    with pytest.raises(RecipeError, match="at least `max_length`"):
        load_recipe(written("max_length = 2000\nbatch_tokens = 1000\n"))


@pytest.mark.parametrize("key", ["save_every", "keep", "log_every"])
def test_the_pace_of_writing_is_no_part_of_the_identity(key: str, recipe_plain: Recipe) -> None:
    assert recipe_digest(recipe_plain.model_copy(update={key: 7})) == recipe_digest(recipe_plain)


@pytest.mark.parametrize("key", ["rank", "seed", "eval_every", "hand_weight", "threads"])
def test_what_shapes_the_weights_is(key: str, recipe_plain: Recipe) -> None:
    assert recipe_digest(recipe_plain.model_copy(update={key: 7})) != recipe_digest(recipe_plain)


@pytest.fixture
def recipe_plain() -> Recipe:
    return Recipe(name="one", base="embedded")


def test_a_settled_recipe_leaves_nothing_open(recipe_plain: Recipe) -> None:
    on_cpu, on_cuda = settle(recipe_plain, has_cuda=False), settle(recipe_plain, has_cuda=True)
    assert (on_cpu.device, on_cpu.layout) == ("cpu", "tree")
    assert (on_cuda.device, on_cuda.layout) == ("cuda", "padded")
    assert settle(on_cpu, has_cuda=True) == on_cpu
