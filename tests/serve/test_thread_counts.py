from collections.abc import Callable

import pytest

from proofkit_core.generation import GenerationRequest
from proofkit_prompts import FrozenPrompt
from proofkit_serve import LlamaCppBackend, open_llama_cpp

pytestmark = pytest.mark.model
PATIENT_S = 600.0
"""However busy the machine is."""


def test_one_thread_writes_the_same_text_as_all_of_them(
    backend: LlamaCppBackend, make_prompt: Callable[..., FrozenPrompt]
) -> None:
    request = GenerationRequest(
        time_limit_s=PATIENT_S, prompt=make_prompt("Tell a story about a lighthouse.", max_tokens=60)
    )
    with open_llama_cpp(adapter=None, context_tokens=1024, threads=1) as single:
        assert single.generate(request).text == backend.generate(request).text
