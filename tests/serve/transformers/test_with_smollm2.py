"""The real embedded model, unpacked from its GGUF file, in Transformers."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from proofkit_core.generation import FinishReason, GenerationRequest
from proofkit_prompts import FrozenPrompt, load_contract
from proofkit_serve import LlamaCppBackend, embedded_model_path
from proofkit_serve.backends.local import LocalBackend
from proofkit_serve.backends.transformers import open_transformers
from proofkit_train.base.model import load_model
from proofkit_train.base.source import resolve_base

pytestmark = [pytest.mark.model, pytest.mark.slow]
MakePrompt = Callable[..., FrozenPrompt]
CONTRACT = load_contract()


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBackend]:
    pytest.importorskip("torch", reason="needs the extra 'transformers'")
    transformers = pytest.importorskip("transformers", reason="needs the extra 'transformers'")
    packed = embedded_model_path()
    folder = tmp_path_factory.mktemp("models") / "smollm2"
    transformers.AutoTokenizer.from_pretrained(str(packed.parent), gguf_file=packed.name).save_pretrained(folder)
    cast("Any", load_model(resolve_base("embedded"))).save_pretrained(folder)
    with open_transformers(folder, context_tokens=1024) as backend:
        yield backend


def test_it_reads_the_same_tokens_and_begins_with_the_same_words(
    unpacked: LocalBackend, backend: LlamaCppBackend, make_prompt: MakePrompt
) -> None:
    same = 0
    for user in ("What does a risk register list?", "Name three tools of a carpenter.", "naïve café 猫 🐈 | a / b"):
        request = GenerationRequest(prompt=make_prompt(user, max_tokens=12), time_limit_s=120)
        here, there = unpacked.generate(request), backend.generate(request)
        assert here.prompt_tokens == there.prompt_tokens
        same += here.text[:8] == there.text[:8]
    assert same >= 2  # llama.cpp rounds what it multiplies, so now and then another word is the likeliest


def test_a_task_of_the_contract_comes_out_as_the_contract_writes_it(unpacked: LocalBackend) -> None:
    prompt = CONTRACT.render(
        "scenario",
        {
            "target_role": "Project manager (entry level)",
            "background": "Night porter in a harbour hotel, five years.",
            "work_sample": "Rollout plan",
        },
    )
    completion = unpacked.generate(GenerationRequest(prompt=prompt, time_limit_s=300))
    assert completion.finish_reason is FinishReason.STOP
    value = CONTRACT.parse("scenario", completion.text)
    assert isinstance(value, dict)
    assert CONTRACT.serialize("scenario", value) == completion.text
