"""A tiny model with random weights, made by Transformers itself, and its real tokenizer."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from proofkit_prompts import FrozenPrompt, OutputKind, load_contract
from proofkit_serve.backends.local import LocalBackend
from proofkit_serve.backends.transformers import open_transformers

CONTRACT = load_contract()
STAMP = {
    "proofkit.contract.version": CONTRACT.version,
    "proofkit.contract.digest": CONTRACT.digest,
    **{f"proofkit.task.{task}": CONTRACT.task_digest(task) for task in CONTRACT.tasks},
}
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CORPUS = [
    "I ran the volunteer rota of a food bank for three years and counted stock each week.",
    'You write short, honest work samples. {"title": "Plan", "ready": true, "hours": 12, "kind": "memo"}',
    "Write this one section of the work sample in Markdown, from its material. Name the risks in the order of work.",
]
ENDLESS: dict[str, Any] = {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 5000}}
"""A schema that no answer here comes to the end of, however quick the machine and whatever the model draws."""
HIDDEN, LAYERS, HEADS, SHARED = 48, 2, 4, 2


def make_tokenizer(folder: Path) -> int:
    """Save a byte-level tokenizer, and return how many tokens it has."""
    tokenizers = pytest.importorskip("tokenizers", reason="needs the extra 'transformers'")
    transformers = pytest.importorskip("transformers", reason="needs the extra 'transformers'")
    plain = tokenizers.Tokenizer(tokenizers.models.BPE())
    plain.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=SPECIAL,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    plain.train_from_iterator(CORPUS, trainer)
    transformers.PreTrainedTokenizerFast(tokenizer_object=plain, eos_token=SPECIAL[0]).save_pretrained(folder)
    return int(plain.get_vocab_size())


def make_model(folder: Path, *, seed: int = 0, stamp: dict[str, str] | None = None) -> Path:
    """Save a model of the family llama with random weights; its scores have room for seven tokens too many."""
    torch = pytest.importorskip("torch", reason="needs the extra 'transformers'")
    transformers = pytest.importorskip("transformers", reason="needs the extra 'transformers'")
    folder.mkdir(parents=True, exist_ok=True)
    size = make_tokenizer(folder)
    config = transformers.LlamaConfig(
        vocab_size=size + 7,
        hidden_size=HIDDEN,
        intermediate_size=96,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=SHARED,
        max_position_embeddings=1024,
        bos_token_id=None,
        eos_token_id=0,
        initializer_range=0.4,  # far apart, so that the best token is the best by much
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = transformers.LlamaForCausalLM(config)
    model.save_pretrained(folder)
    if stamp:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | stamp), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("tiny") / "tiny-llama")


@pytest.fixture(scope="session")
def tiny(folder: Path) -> Iterator[LocalBackend]:
    with open_transformers(folder, context_tokens=900) as backend:
        yield backend


@pytest.fixture(scope="session")
def endless() -> dict[str, Any]:
    return ENDLESS


PromptMaker = Callable[..., FrozenPrompt]


@pytest.fixture(scope="session")
def ask() -> PromptMaker:
    def make(
        user: str,
        *,
        schema: dict[str, Any] | None = None,
        max_tokens: int = 24,
        stop: tuple[str, ...] = ("<|im_end|>",),
    ) -> FrozenPrompt:
        return FrozenPrompt(
            contract="test",
            contract_digest="0" * 64,
            task="test",
            task_digest="0" * 64,
            system="",
            user=user,
            text=f"<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n",
            stop=stop,
            output=OutputKind.MARKDOWN if schema is None else OutputKind.JSON,
            output_schema=schema,
            max_tokens=max_tokens,
        )

    return make
