import ctypes
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofkit_prompts import load_contract
from proofkit_prompts.digest import token_digest
from proofkit_prompts.folder import CONTRACTS, read_folder
from proofkit_prompts.golden import read_goldens, render_goldens
from proofkit_prompts.lock import read_lock
from proofkit_train.artifact.merging import write_model
from proofkit_train.artifact.weights import open_weights
from proofkit_train.base.source import resolve_base
from proofkit_train.base.tokenizer import END_TOKEN, BaseTokenizer, open_tokenizer
from proofkit_train.errors import BaseError

pytest.importorskip("llama_cpp")
MakeBase = Callable[[str], Path]
TokenizeAsLlama = Callable[[str], list[int]]
FAMILIES = ("llama", "qwen2")


@pytest.fixture(scope="module")
def tiny_gguf(tiny_base: MakeBase, tmp_path_factory: pytest.TempPathFactory) -> MakeBase:
    """Makes GGUF files of the tiny models, by family."""

    def make(family: str) -> Path:
        source = resolve_base(str(tiny_base(family)))
        path = tmp_path_factory.mktemp("gguf") / f"{family}.gguf"
        write_model(path, source, open_weights(source), None, None, name=family)
        return path

    return make


def llama_tokens(path: Path) -> tuple[TokenizeAsLlama, Callable[[], None]]:
    """Return llama.cpp's own tokenizer of a file, and what frees it."""
    import llama_cpp as untyped

    library: Any = untyped
    params = library.llama_model_default_params()
    params.vocab_only = True
    model = library.llama_model_load_from_file(str(path).encode(), params)
    vocabulary = library.llama_model_get_vocab(model)

    def tokenize(text: str) -> list[int]:
        data = text.encode()
        room = (ctypes.c_int32 * (len(data) + 1))()
        count = library.llama_tokenize(vocabulary, data, len(data), room, len(data) + 1, False, True)  # noqa: FBT003
        return room[:count]

    return tokenize, lambda: library.llama_model_free(model)


@pytest.fixture(scope="module")
def embedded() -> BaseTokenizer:
    return open_tokenizer(resolve_base("embedded"))


@pytest.fixture(scope="module")
def embedded_llama() -> Iterator[TokenizeAsLlama]:
    tokenize, free = llama_tokens(resolve_base("embedded").path)
    yield tokenize
    free()


@pytest.mark.model
def test_the_embedded_base_reads_every_golden_as_the_contract_s_lock_records(embedded: BaseTokenizer) -> None:
    files = read_folder(CONTRACTS / "v1")
    lock = read_lock(files)
    assert lock is not None
    rendered = render_goldens(load_contract("v1"), read_goldens(files))
    assert {task: locked.token_digests[embedded.name] for task, locked in lock.tasks.items()} == {
        task: token_digest(rendered[task], embedded) for task in rendered
    }


def _is_promptable(text: str) -> bool:
    # The contract deletes control characters; the vocabulary has no token for some of them.
    return all(c >= " " and c != "\x7f" and not 0x80 <= ord(c) < 0xA0 for c in text.replace("\n", ""))


TYPED = st.text(st.characters(max_codepoint=0x24F, exclude_categories=["Cs", "Cc"]), max_size=40)
RARE = st.sampled_from([" don't", "’s", "£1,200", "²", "½", "猫", "🐈", "…", "—", "\n\n", "  ", "<|im_end|>", "<|im_"])


@pytest.mark.model
@settings(max_examples=400, deadline=None)
@given(parts=st.lists(TYPED | RARE, max_size=6))
def test_the_embedded_base_reads_any_text_as_llama_cpp_does(
    embedded: BaseTokenizer, embedded_llama: TokenizeAsLlama, parts: list[str]
) -> None:
    text = "".join(parts)
    if _is_promptable(text):
        assert embedded.encode(text) == embedded_llama(text)


@pytest.mark.parametrize("family", FAMILIES)
def test_all_three_readings_of_a_tokenizer_agree_on_every_golden(
    family: str, tiny_base: MakeBase, tiny_gguf: MakeBase, golden_prompts: dict[str, str]
) -> None:
    path = tiny_gguf(family)
    from_json = open_tokenizer(resolve_base(str(tiny_base(family))))
    from_gguf = open_tokenizer(resolve_base(str(path)))
    tokenize, free = llama_tokens(path)
    for name, prompt in golden_prompts.items():
        assert from_json.encode(prompt) == from_gguf.encode(prompt) == tokenize(prompt), name
        assert from_gguf.decode(from_gguf.encode(prompt)) == prompt, name
    free()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_end_token_is_the_contract_s_stop_and_padding_is_another(family: str, tiny_base: MakeBase) -> None:
    contract = load_contract()
    assert {contract.compiled_task(task).stop for task in contract.tasks} == {(END_TOKEN,)}
    tokenizer = open_tokenizer(resolve_base(str(tiny_base(family))))
    assert tokenizer.encode(END_TOKEN) == [tokenizer.end_token_id]
    assert tokenizer.pad_token_id != tokenizer.end_token_id
    assert tokenizer.vocabulary_size == 480


def test_another_tokenizer_has_another_digest(tiny_base: MakeBase) -> None:
    digests = {open_tokenizer(resolve_base(str(tiny_base(family)))).digest for family in FAMILIES}
    assert len(digests) == 2


def _with_tokenizer(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    path = folder / "tokenizer.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    change(whole)
    path.write_text(json.dumps(whole), encoding="utf-8")
    return folder


def test_a_base_without_the_chat_tokens_is_refused(own_base: MakeBase) -> None:
    def drop(whole: dict[str, Any]) -> None:
        whole["added_tokens"] = whole["added_tokens"][:1]
        for token in ("<|im_start|>", "<|im_end|>"):
            whole["model"]["vocab"][f"other-{token}"] = whole["model"]["vocab"].pop(token)

    source = resolve_base(str(_with_tokenizer(own_base("llama"), drop)))
    with pytest.raises(BaseError, match=r"reads '<\|im_start\|>' as \d+ tokens\. Expected one"):
        open_tokenizer(source)


def test_a_damaged_tokenizer_file_is_refused(own_base: MakeBase) -> None:
    folder = own_base("llama")
    (folder / "tokenizer.json").write_text('{"version": "1.0", "model":', encoding="utf-8")
    with pytest.raises(BaseError, match=r"tokenizer\.json.*could not be read"):
        open_tokenizer(resolve_base(str(folder)))


def _gguf_with(path: Path, metadata: dict[str, Any]) -> Path:
    import numpy as np
    from gguf import GGUFWriter  # noqa: PLC0415

    writer = GGUFWriter(path, "llama")
    for key, value in metadata.items():
        if isinstance(value, str):
            writer.add_string(key, value)
        else:
            writer.add_array(key, value)
    writer.add_tensor("token_embd.weight", np.zeros((4, 32), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


KNOWN: dict[str, Any] = {
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "smollm",
    "tokenizer.ggml.tokens": ["a", "b", "ab", "<|im_end|>"],
    "tokenizer.ggml.token_type": [1, 1, 1, 3],
    "tokenizer.ggml.merges": ["a b"],
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tokenizer.ggml.model": "llama"}, "of the kind 'llama'. Expected byte-level BPE"),
        ({"tokenizer.ggml.pre": "deepseek-llm"}, "in the way 'deepseek-llm'. Expected 'smollm' or 'qwen2'"),
        ({"tokenizer.ggml.token_type": [1, 1]}, "4 tokens, 2 token types"),
        ({"tokenizer.ggml.merges": ["a z"]}, "do not fit its tokens"),
    ],
)
def test_a_gguf_vocabulary_of_an_unknown_kind_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    source = resolve_base(str(_gguf_with(tmp_path / "base.gguf", KNOWN | change)))
    with pytest.raises(BaseError) as caught:
        open_tokenizer(source)
    assert message in str(caught.value)
