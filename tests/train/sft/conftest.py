import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from proofkit_prompts import load_contract
from proofkit_train.data.files import Manifest, rows_digest, split_files, template_digest, write_data_set
from proofkit_train.data.row import Row, make_row
from proofkit_train.sft.recipe import Recipe, load_recipe

WORDS = "harbour ledger rota van porter linen invoice shift window crane badge supplier".split()  # noqa: SIM905
SECTIONS = ("Goal", "Risks", "Schedule")
RECIPE = """
name = "tiny"
base = "{base}"
rank = 4
alpha = 8
dropout = 0.1
learning_rate = 5e-3
max_steps = 6
batch_rows = 3
batch_tokens = 1600
gradient_accumulation = 2
max_length = 1200
validation_rows = 3
device = "cpu"
threads = 1
dtype = "fp32"
save_every = 2
eval_every = 2
keep = 2
hand_weight = 2
"""


MakeRows = Callable[..., list[Row]]
WriteData = Callable[[Path, Sequence[Row]], Path]


def make_rows(people: int, *, seed: int = 0, split: str = "train") -> list[Row]:
    """Rows of a few people; the sections of one share most of their prompt."""
    contract = load_contract()
    draw = random.Random(seed)  # noqa: S311 - filler, not a secret

    def text(words: int) -> str:
        return " ".join(draw.choice(WORDS) for _ in range(words))

    rows: list[Row] = []
    for person in range(people):
        fields = {
            "target_role": text(2),
            "background": text(8),
            "company": text(2),
            "setting": text(8),
            "facts": [f"[S1] {text(4)}", f"[S2] {text(4)}"],
            "decision": text(6),
            "work_sample": text(2),
            "notes": [text(5)],
        }
        for section in SECTIONS:
            prompt = contract.render("draft_section", {**fields, "section": section, "section_goal": text(5)})
            row = make_row(
                prompt,
                text(draw.randint(5, 20)),
                case=f"{split}{seed}-{person}",
                role="clerk",
                variation=person % 3,
                name=section,
                must_keep=(),
                anchors=(),
                contract=contract,
            )
            rows.append(row.model_copy(update={"split": split}))
    return rows


def write_rows(folder: Path, rows: Sequence[Row]) -> Path:
    contract = load_contract()
    contents = split_files(rows)
    manifest = Manifest(
        rows_digest=rows_digest(contents),
        contract_version=contract.version,
        contract_digest=contract.digest,
        task_digests={task: contract.task_digest(task) for task in contract.tasks},
        template_digest=template_digest(contract),
        plan={},
        plan_digest="",
        counts={},
        refused={},
    )
    write_data_set(folder, contents, manifest)
    return folder


@pytest.fixture
def said() -> list[str]:
    """What a run printed: hand `said.append` to it."""
    return []


@pytest.fixture(scope="session")
def rows_of() -> MakeRows:
    return make_rows


@pytest.fixture(scope="session")
def write_data() -> WriteData:
    return write_rows


@pytest.fixture(scope="session")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [*make_rows(8), *make_rows(2, seed=1, split="validation")]
    return write_rows(tmp_path_factory.mktemp("sft") / "data", rows)


@pytest.fixture(scope="session")
def recipe_file(tiny_base: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "tiny.toml"
    path.write_text(RECIPE.format(base=tiny_base("llama").as_posix()), encoding="utf-8")
    return path


@pytest.fixture
def recipe(recipe_file: Path) -> Recipe:
    return load_recipe(recipe_file)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, recipe_file: Path, data_set: Path) -> tuple[Path, list[str]]:
    """The runs folder of one finished run, and what it said."""
    pytest.importorskip("trl")
    from proofkit_train.sft.run import Places, train_run  # noqa: PLC0415

    runs = tmp_path_factory.mktemp("runs")
    said: list[str] = []
    recipe = load_recipe(recipe_file)
    assert train_run(recipe, Places(data=data_set, runs=runs), preflight_only=False, say=said.append) == 0
    return runs, said
