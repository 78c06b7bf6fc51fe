import json
import shutil
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest

from proofkit_prompts.folder import CONTRACTS

if find_spec("tokenizers") is None:
    # What reads and trains models comes with the group `train`; the data set is built without it.
    collect_ignore_glob = ["artifact/*", "base/*", "sft/*"]

MakeBase = Callable[[str], Path]
QWEN2_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
VOCABULARY, ROWS = 480, 512
"""Tokens, and rows of the embedding: like the real models, the tiny ones have rows that no token uses."""


@contextmanager
def _full_disk(most_bytes: int) -> Generator[None]:
    """Let no file grow over a size, as a full disk would."""
    if sys.platform == "win32":
        pytest.skip("no such limit there")
    from resource import RLIMIT_FSIZE, getrlimit, setrlimit  # noqa: PLC0415 - not everywhere

    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, before)


@pytest.fixture(scope="session")
def full_disk() -> Callable[[int], AbstractContextManager[None]]:
    """Makes blocks in which no file grows over a size."""
    return _full_disk


@pytest.fixture(scope="session")
def golden_prompts() -> dict[str, str]:
    """Every golden prompt of the contract, by its path."""
    goldens = sorted((CONTRACTS / "v1" / "goldens").rglob("*.prompt.txt"))
    return {f"{path.parent.name}/{path.name}": path.read_bytes().decode() for path in goldens}


def _save_tokenizer(folder: Path, family: str, texts: list[str]) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: PLC0415

    tokenizer = Tokenizer(models.BPE())
    if family == "llama":
        steps = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    else:
        split = pre_tokenizers.Split(Regex(QWEN2_SPLIT), behavior="isolated")
        steps = [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    made = cast("Any", tokenizer)
    made.pre_tokenizer = pre_tokenizers.Sequence(cast("Any", steps))
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        show_progress=False,
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    made.train_from_iterator(texts, trainer)
    tokenizer.save(str(folder / "tokenizer.json"))


def _save_model(folder: Path, family: str) -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

    shape: dict[str, Any] = {
        "vocab_size": ROWS,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 2048,
        "initializer_range": 0.2,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
    }
    with cast("Any", torch.random).fork_rng(devices=[]):
        torch.manual_seed(7)  # pyright: ignore[reportUnknownMemberType]
        model: Any
        if family == "llama":
            model = LlamaForCausalLM(LlamaConfig(tie_word_embeddings=True, **shape))
        else:
            model = Qwen2ForCausalLM(Qwen2Config(tie_word_embeddings=False, **shape))
        for name, parameter in model.named_parameters():
            if name.endswith("bias") or "norm" in name:  # zeros and ones would hide a tensor in the wrong place
                parameter.data.uniform_(0.5, 1.5)
    model.save_pretrained(folder)


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory, golden_prompts: dict[str, str]) -> MakeBase:
    """Makes folders of tiny random models, as the hub has them, by family: `llama` or `qwen2`."""
    pytest.importorskip("torch")
    made: dict[str, Path] = {}

    def make(family: str) -> Path:
        if family not in made:
            folder = tmp_path_factory.mktemp(f"tiny-{family}")
            _save_tokenizer(folder, family, list(golden_prompts.values()))
            _save_model(folder, family)
            made[family] = folder
        return made[family]

    return make


@pytest.fixture
def own_base(tiny_base: MakeBase, tmp_path: Path) -> MakeBase:
    """The same, as copies that a test may damage."""

    def copy(family: str) -> Path:
        return Path(shutil.copytree(tiny_base(family), tmp_path / f"own-{family}"))

    return copy


@pytest.fixture(scope="session")
def tiny_adapter(tiny_base: MakeBase, tmp_path_factory: pytest.TempPathFactory) -> MakeBase:
    """Makes folders of random adapters of the tiny models, as PEFT saves them, by family."""
    pytest.importorskip("peft")
    made: dict[str, Path] = {}

    def make(family: str) -> Path:
        if family not in made:
            made[family] = tmp_path_factory.mktemp(f"adapter-{family}")
            _save_adapter(made[family], tiny_base(family))
        return made[family]

    return make


def _save_adapter(folder: Path, base: Path) -> None:
    import torch
    from peft import LoraConfig, get_peft_model  # noqa: PLC0415
    from transformers import AutoModelForCausalLM

    model = cast("Any", AutoModelForCausalLM).from_pretrained(base, dtype=torch.float32)
    with cast("Any", torch.random).fork_rng(devices=[]):
        torch.manual_seed(11)  # pyright: ignore[reportUnknownMemberType]
        tuned: Any = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules="all-linear"))
        for name, parameter in tuned.named_parameters():
            if "lora_B" in name:  # PEFT starts with zeros there, which change nothing
                parameter.data.normal_(0.0, 0.1)
    tuned.save_pretrained(folder)
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = base.name
    (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
