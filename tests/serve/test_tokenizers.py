from collections.abc import Callable

import pytest

from proofkit_core.generation import GenerationRequest
from proofkit_prompts import FrozenPrompt, Tokenizer, load_contract
from proofkit_prompts.digest import token_digest
from proofkit_prompts.folder import CONTRACTS, read_folder
from proofkit_prompts.golden import read_goldens, render_goldens
from proofkit_prompts.lock import read_lock
from proofkit_serve import EMBEDDED_MODEL, LlamaCppBackend
from proofkit_serve.tokenizers import embedded_tokenizer

pytestmark = pytest.mark.model
MakePrompt = Callable[..., FrozenPrompt]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return embedded_tokenizer()


def test_the_lock_records_the_token_digests_of_the_embedded_model(tokenizer: Tokenizer) -> None:
    files = read_folder(CONTRACTS / "v1")
    lock = read_lock(files)
    assert lock is not None
    rendered = render_goldens(load_contract("v1"), read_goldens(files))
    assert {task: locked.token_digests[tokenizer.name] for task, locked in lock.tasks.items()} == {
        task: token_digest(rendered[task], tokenizer) for task in rendered
    }


def test_the_name_follows_the_weights(tokenizer: Tokenizer) -> None:
    assert tokenizer.name == f"{EMBEDDED_MODEL.id}-{EMBEDDED_MODEL.sha256[:12]}"


def test_chat_tokens_are_one_token_each_and_none_is_added(tokenizer: Tokenizer) -> None:
    start, end = tokenizer.encode("<|im_start|>"), tokenizer.encode("<|im_end|>")
    assert (len(start), len(end)) == (1, 1)
    assert list(tokenizer.encode("<|im_start|><|im_end|>")) == [*start, *end]
    assert list(tokenizer.encode("")) == []


def test_the_backend_reads_prompts_as_the_same_tokens(
    tokenizer: Tokenizer, backend: LlamaCppBackend, make_prompt: MakePrompt
) -> None:
    prompt = make_prompt("naïve café 猫 🐈 \u200d  x\n\n| a / b", max_tokens=1)
    assert backend.generate(GenerationRequest(prompt=prompt)).prompt_tokens == len(tokenizer.encode(prompt.text))
