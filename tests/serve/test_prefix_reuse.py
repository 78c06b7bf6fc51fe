from collections.abc import Callable, Iterator

import pytest

from proofkit_core.generation import Completion, GenerationRequest
from proofkit_prompts.prompt import FrozenPrompt
from proofkit_serve import LlamaCppBackend, open_llama_cpp

pytestmark = pytest.mark.model
PATIENT_S = 600.0
"""However busy the machine is."""
MakePrompt = Callable[..., FrozenPrompt]

BRIEF = "Facts: I ran the volunteer rota of a food bank for three years. I counted stock each week. " * 6
OTHER = "You judge whether a text keeps to its facts. Answer with yes or no, and give one reason. " * 6


@pytest.fixture
def fresh() -> Iterator[LlamaCppBackend]:
    with open_llama_cpp(adapter=None, context_tokens=2048) as opened:
        yield opened


def _write(backend: LlamaCppBackend, prompt: FrozenPrompt) -> Completion:
    return backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=prompt))


def test_a_second_section_reuses_the_first_ones_prefix(fresh: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    first = _write(fresh, make_prompt(BRIEF + "Section: Goal"))
    second = _write(fresh, make_prompt(BRIEF + "Section: Method"))
    assert first.reused_tokens == 0
    assert second.reused_tokens > 0.8 * second.prompt_tokens
    assert second.first_token_s < first.first_token_s


def test_warm_and_cold_prefixes_give_the_same_text(fresh: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    prompts = [make_prompt(BRIEF + f"Section: {name}") for name in ("Goal", "Method", "Result")]
    warm = [_write(fresh, prompt) for prompt in prompts]
    assert warm[2].reused_tokens
    with open_llama_cpp(adapter=None, context_tokens=2048) as other:
        cold = _write(other, prompts[2])
    assert cold.reused_tokens == 0
    assert warm[2].text == cold.text


def test_another_task_in_between_leaves_the_prefix_warm(fresh: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    draft, judge = make_prompt(BRIEF + "Section: Goal"), make_prompt("Text: I ran a rota.", system=OTHER)
    first = _write(fresh, draft)
    _write(fresh, judge)
    back = _write(fresh, draft)
    judged_again = _write(fresh, judge)
    assert back.reused_tokens > 0.9 * back.prompt_tokens
    assert judged_again.reused_tokens > 0.8 * judged_again.prompt_tokens
    assert back.text == first.text


def test_without_memory_for_copies_another_task_costs_the_prefix(make_prompt: MakePrompt) -> None:
    with open_llama_cpp(adapter=None, context_tokens=2048, prefix_mb=0) as backend:
        draft, judge = make_prompt(BRIEF + "Section: Goal"), make_prompt("Text: I ran a rota.", system=OTHER)
        first = _write(backend, draft)
        _write(backend, judge)
        back = _write(backend, draft)
        assert back.reused_tokens < 0.2 * back.prompt_tokens
        assert back.text == first.text
