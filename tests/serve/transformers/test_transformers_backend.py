"""The same promises as llama.cpp's backend, kept with a Transformers model."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import Decoding, FinishReason, GenerationRequest, TextGenerator
from proofkit_prompts import EditablePrompt, FrozenPrompt, OutputKind
from proofkit_prompts.errors import PromptKindError
from proofkit_serve.backends.local import LocalBackend
from proofkit_serve.backends.transformers import open_transformers

MakePrompt = Callable[..., FrozenPrompt]
ASK = "Name the risks in the order of work, each with a sign and an owner."
LONG = "I counted stock each week. " * 36
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 2, "maxLength": 12},
        "kind": {"enum": ["plan", "memo"]},
        "points": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "string", "maxLength": 8}},
        "ready": {"type": "boolean"},
    },
    "required": ["title", "kind", "points", "ready"],
    "additionalProperties": False,
}


def test_it_writes_what_transformers_own_loop_writes(tiny: LocalBackend, ask: MakePrompt, folder: Path) -> None:
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    generator: TextGenerator = tiny
    prompt = ask(ASK, max_tokens=20)
    completion = generator.generate(GenerationRequest(prompt=prompt))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    given = tokenizer(prompt.text, add_special_tokens=False, return_tensors="pt")
    banned = [[token] for token in range(model.config.vocab_size) if token in (1, 2) or token >= len(tokenizer)]
    with torch.inference_mode():
        out = model.generate(**given, do_sample=False, max_new_tokens=20, bad_words_ids=banned, pad_token_id=0)
    new = out[0, given["input_ids"].shape[1] :]
    assert completion.prompt_tokens == given["input_ids"].shape[1]
    assert completion.text == tokenizer.decode(new, skip_special_tokens=True)
    assert completion.finish_reason in (FinishReason.LENGTH, FinishReason.STOP)
    assert 0 < completion.first_token_s <= completion.total_s


@pytest.mark.parametrize("decoding", [Decoding(), Decoding(temperature=1.3, seed=5)], ids=["likeliest", "drawn"])
def test_json_keeps_to_its_schema(tiny: LocalBackend, ask: MakePrompt, decoding: Decoding) -> None:
    request = GenerationRequest(prompt=ask(ASK, schema=SCHEMA, max_tokens=120), decoding=decoding)
    completion = tiny.generate(request)
    assert completion.finish_reason is FinishReason.STOP
    value = json.loads(completion.text)
    validate(value, SCHEMA)
    assert list(value) == SCHEMA["required"]
    assert json.dumps(value, ensure_ascii=False) == completion.text


def test_a_schema_that_cannot_be_enforced_is_refused(tiny: LocalBackend, ask: MakePrompt) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "(?=a)b"}}}
    with pytest.raises(GenerationError, match="cannot be enforced") as caught:
        tiny.generate(GenerationRequest(prompt=ask("x", schema=schema)))
    assert caught.value.kind is FailureKind.REFUSED


def test_warm_and_cold_prefixes_give_the_same_text(tiny: LocalBackend, ask: MakePrompt, folder: Path) -> None:
    prompts = [ask(f"{LONG}Section: {name}") for name in ("Goal", "Method", "Result")]
    other = ask("Something else. " * 36)
    warm = [tiny.generate(GenerationRequest(prompt=prompt)) for prompt in prompts]
    tiny.generate(GenerationRequest(prompt=other))
    back = tiny.generate(GenerationRequest(prompt=prompts[2]))
    assert warm[2].reused_tokens > 0.6 * warm[2].prompt_tokens
    assert back.reused_tokens > 0.6 * back.prompt_tokens
    with open_transformers(folder, context_tokens=900, prefix_mb=0) as fresh:
        cold = fresh.generate(GenerationRequest(prompt=prompts[2]))
    assert cold.reused_tokens == 0
    assert warm[2].text == back.text == cold.text


def test_a_stop_string_ends_the_text_before_it(tiny: LocalBackend, ask: MakePrompt) -> None:
    whole = tiny.generate(GenerationRequest(prompt=ask(ASK))).text
    stop = whole[6:9]
    cut = tiny.generate(GenerationRequest(prompt=ask(ASK, stop=(stop,))))
    assert cut.finish_reason is FinishReason.STOP
    assert cut.text == whole[: whole.index(stop)]


def test_an_answer_goes_on_from_its_opening_and_typed_marks_are_plain_text(tiny: LocalBackend, ask: MakePrompt) -> None:
    opening = "A risk register <|im_start|> lists"
    completion = tiny.generate(GenerationRequest(prompt=ask(ASK, max_tokens=40), opening=opening))
    assert completion.text.startswith(opening)
    assert len(completion.text) > len(opening)


def test_the_pieces_join_to_the_text_and_hold_no_special_token(tiny: LocalBackend, ask: MakePrompt) -> None:
    pieces: list[str] = []
    request = GenerationRequest(prompt=ask(ASK, max_tokens=60), decoding=Decoding(temperature=2.0, seed=3))
    completion = tiny.generate(request, on_text=pieces.append)
    assert "".join(pieces) == completion.text
    assert len(pieces) > 3
    assert "<|" not in completion.text


def test_a_cancelled_completion_ends_at_once(tiny: LocalBackend, ask: MakePrompt) -> None:
    cancel, seen = threading.Event(), list[str]()
    at: list[float] = []

    def stop(piece: str) -> None:
        seen.append(piece)
        if len(seen) == 3:
            at.append(time.perf_counter())
            cancel.set()

    request = GenerationRequest(prompt=ask(ASK, max_tokens=700), decoding=Decoding(temperature=1.0))
    completion = tiny.generate(request, cancel=cancel, on_text=stop)
    assert time.perf_counter() - at[0] < 0.5  # 0.2 is promised; the machine may be busy
    assert completion.finish_reason is FinishReason.CANCELLED
    assert completion.text == "".join(seen)


def test_the_deadline_is_kept(tiny: LocalBackend, ask: MakePrompt, endless: dict[str, Any]) -> None:
    prompt = ask(ASK, schema=endless, max_tokens=800)
    request = GenerationRequest(prompt=prompt, decoding=Decoding(temperature=1.0), time_limit_s=0.2)
    completion = tiny.generate(request)
    assert completion.finish_reason is FinishReason.DEADLINE
    assert completion.total_s < 0.7


def test_calls_of_several_threads_each_get_their_own_answer(tiny: LocalBackend, ask: MakePrompt) -> None:
    requests = [GenerationRequest(prompt=ask(f"{LONG}Question {number}?", max_tokens=12)) for number in range(4)]
    alone = [tiny.generate(request).text for request in requests]
    together: dict[int, str] = {}

    def call(which: int) -> None:
        together[which] = tiny.generate(requests[which]).text

    threads = [threading.Thread(target=call, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[which] for which in range(4)] == alone


def test_a_prompt_that_does_not_fit_is_refused(tiny: LocalBackend, ask: MakePrompt) -> None:
    with pytest.raises(GenerationError, match="the 900 of this context") as caught:
        tiny.generate(GenerationRequest(prompt=ask("word " * 900)))
    assert caught.value.kind is FailureKind.REFUSED


def test_a_prompt_of_the_editable_set_is_refused(tiny: LocalBackend) -> None:
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
        tiny.generate(GenerationRequest(prompt=editable))


def test_memory_is_told(tiny: LocalBackend, ask: MakePrompt) -> None:
    tiny.generate(GenerationRequest(prompt=ask(LONG)))
    tiny.generate(GenerationRequest(prompt=ask("Another session. " * 36)))
    memory = tiny.memory()
    assert memory.model > 100_000
    assert memory.context == 900 * 2 * 2 * 2 * 12 * 4  # keys and values, layers, shared heads, width, bytes
    assert 0 < memory.prefixes <= 128 * 1024 * 1024
    assert memory.process is None or memory.process > memory.model


def test_a_warm_up_reads_the_contract_ahead(folder: Path, ask: MakePrompt) -> None:
    with open_transformers(folder, context_tokens=900) as backend:
        assert backend.warm_up().wait(20)
        assert backend.reuse().copies >= 1
        assert backend.generate(GenerationRequest(prompt=ask("x"))).text


def test_nothing_is_printed_but_what_the_program_prints(folder: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom proofkit_core.generation import GenerationRequest\n"
        "from proofkit_prompts import FrozenPrompt, OutputKind\n"
        "from proofkit_serve.backends.transformers import open_transformers\n"
        "prompt = FrozenPrompt(contract='t', contract_digest='0', task='t', task_digest='0', system='', user='',\n"
        "    text='<|im_start|>hello', stop=(), output=OutputKind.MARKDOWN, output_schema=None, max_tokens=6)\n"
        "with open_transformers(Path(sys.argv[1]), context_tokens=100) as backend:\n"
        "    print(len(backend.generate(GenerationRequest(prompt=prompt)).text) > 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("True\n", "", 0)


def test_importing_the_backend_loads_no_engine() -> None:
    heavy = ["torch", "transformers", "numpy", "llguidance", "spaces"]
    code = (
        "import sys, proofkit_serve.backends.transformers, proofkit_serve.backends.zero_gpu\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "[]\n", done.stderr


def test_without_the_extra_the_command_is_named(folder: Path) -> None:
    code = (
        "import sys\nsys.modules['torch'] = None\nfrom pathlib import Path\n"
        "from proofkit_core.errors import ModelUnavailableError\n"
        "from proofkit_serve.backends.transformers import open_transformers\n"
        "try: open_transformers(Path(sys.argv[1]))\n"
        "except ModelUnavailableError as error: print(error.kind.value, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.startswith("not_found torch could not be loaded"), done.stderr
    assert "proofkit-serve[transformers]" in done.stdout
