import threading
from collections.abc import Callable

import pytest

from proofkit_core.generation import GenerationRequest
from proofkit_prompts.prompt import FrozenPrompt
from proofkit_serve import LlamaCppBackend

pytestmark = pytest.mark.model
PATIENT_S = 600.0
"""However busy the machine is."""
MakePrompt = Callable[..., FrozenPrompt]


def test_calls_from_two_threads_each_get_their_own_answer(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    requests = [
        GenerationRequest(time_limit_s=PATIENT_S, prompt=make_prompt(user, max_tokens=16))
        for user in ("Name three colours.", "Name three tools of a carpenter.")
    ]
    alone = [backend.generate(request).text for request in requests]
    together: dict[int, list[str]] = {0: [], 1: []}

    def ask(which: int) -> None:
        together[which].extend(backend.generate(requests[which]).text for _ in range(3))

    threads = [threading.Thread(target=ask, args=(which,)) for which in together]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == {0: [alone[0]] * 3, 1: [alone[1]] * 3}
