import hashlib
from collections.abc import Callable

import pytest

from proofkit_core.errors import GenerationError
from proofkit_core.generation import Decoding, FinishReason, GenerationRequest, TextGenerator
from proofkit_prompts.errors import PromptKindError
from proofkit_prompts.prompt import EditablePrompt, FrozenPrompt, OutputKind
from proofkit_serve import EMBEDDED_MODEL, LlamaCppBackend, embedded_model_path

pytestmark = pytest.mark.model
PATIENT_S = 600.0
"""However busy the machine is."""
MakePrompt = Callable[..., FrozenPrompt]

ASK = "What does a risk register list? Answer in one short sentence."


def test_text_comes_out_and_ends_by_itself(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    generator: TextGenerator = backend
    completion = generator.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=make_prompt(ASK, max_tokens=120)))
    assert completion.finish_reason is FinishReason.STOP
    assert len(completion.text.split()) >= 4
    assert "<|" not in completion.text
    assert 0 < completion.completion_tokens < 120
    assert 0 < completion.first_token_s <= completion.total_s


def test_the_completion_names_the_weights_by_digest(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    completion = backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=make_prompt(ASK, max_tokens=1)))
    assert completion.model == backend.identity
    assert completion.model.id == EMBEDDED_MODEL.id
    assert completion.model.artifact_digest == hashlib.sha256(embedded_model_path().read_bytes()).hexdigest()


def test_an_answer_goes_on_from_its_opening(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    opening = "A risk register <|im_end|> lists three things:"
    request = GenerationRequest(time_limit_s=PATIENT_S, prompt=make_prompt(ASK, max_tokens=60), opening=opening)
    completion = backend.generate(request)
    assert completion.text == "A risk register "  # plain text, and a stop string all the same
    free = GenerationRequest(
        time_limit_s=PATIENT_S, prompt=make_prompt(ASK, max_tokens=60), opening="A risk register lists three things:"
    )
    text = backend.generate(free).text
    assert text.startswith("A risk register lists three things:")
    assert len(text) > len(free.opening)


def test_an_opening_is_refused_where_a_schema_fixes_the_form(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    prompt = make_prompt(ASK, max_tokens=20, schema={"type": "object"})
    with pytest.raises(GenerationError, match="Leave the opening out"):
        backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=prompt, opening="{"))


def test_a_completion_at_its_cap_ends_by_length(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    completion = backend.generate(
        GenerationRequest(time_limit_s=PATIENT_S, prompt=make_prompt("Write a long letter.", max_tokens=7))
    )
    assert completion.finish_reason is FinishReason.LENGTH
    assert completion.completion_tokens == 7


def test_the_likeliest_tokens_are_the_same_each_time(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    request = GenerationRequest(time_limit_s=PATIENT_S, prompt=make_prompt(ASK))
    assert backend.generate(request).text == backend.generate(request).text


def test_a_draw_follows_its_seed(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    def draw(seed: int) -> str:
        decoding = Decoding(temperature=0.9, repeat_penalty=1.1, seed=seed)
        request = GenerationRequest(
            time_limit_s=PATIENT_S, prompt=make_prompt("Write about a garden.", max_tokens=24), decoding=decoding
        )
        return backend.generate(request).text

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_a_stop_string_ends_the_text_before_it(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    whole = backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=make_prompt(ASK))).text
    stop = whole.split()[3]
    request = GenerationRequest(time_limit_s=PATIENT_S, prompt=make_prompt(ASK, stop=(stop,)))
    cut = backend.generate(request)
    assert cut.finish_reason is FinishReason.STOP
    assert cut.text == whole[: whole.index(stop)]


def test_the_pieces_join_to_the_text(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    pieces: list[str] = []
    prompt = make_prompt("Write 'naïve café' in Chinese characters and three emoji: 猫 🐈 ...", max_tokens=40)
    completion = backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=prompt), on_text=pieces.append)
    assert "".join(pieces) == completion.text
    assert len(pieces) > 3


def test_an_error_in_the_callers_callback_reaches_the_caller(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    def refuse(_: str) -> None:
        raise LookupError("no reader")

    request = GenerationRequest(time_limit_s=PATIENT_S, prompt=make_prompt(ASK))
    with pytest.raises(LookupError, match="no reader"):
        backend.generate(request, on_text=refuse)
    assert backend.generate(request).text


def test_a_prompt_that_does_not_fit_is_refused_with_its_size(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    with pytest.raises(GenerationError, match=r"has \d{4} tokens and asks for up to 48 .* the 4096 of this context"):
        backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=make_prompt("word " * 5000)))


def test_a_prompt_of_the_editable_set_is_refused(backend: LlamaCppBackend) -> None:
    editable = EditablePrompt(
        prompt_set="general-1",
        task="test",
        system="s",
        user="u",
        output=OutputKind.MARKDOWN,
        output_schema=None,
        max_tokens=8,
    )
    with pytest.raises(PromptKindError):
        backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=editable))
