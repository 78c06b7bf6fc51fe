"""A backend of the service is asked with the exact bytes, and its answers stand under its weights."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from proofkit_core.errors import FailureKind, GenerationError, InputError
from proofkit_core.generation import Decoding, FinishReason, GenerationRequest, PromptKind
from proofkit_eval.generating import from_generator, from_registry, generate, open_local
from proofkit_eval.logs import read_log
from proofkit_eval.records import Generation, Prompt
from proofkit_prompts import Contract
from proofkit_prompts.prompt import EditablePrompt, FrozenPrompt
from proofkit_serve.faults import FaultServer, fault_server
from proofkit_serve.registry import Registry, open_registry
from proofkit_serve.settings import load_settings

Now = Callable[[], datetime]
Scripting = Callable[..., Any]


def echo(request: GenerationRequest) -> str:
    return f"About {request.prompt.task}."


def test_a_trained_model_is_asked_with_the_bytes_of_the_contract(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, scripted: Scripting
) -> None:
    backend, log = scripted(echo), tmp_path / "log.jsonl"
    generate(prompts, [from_generator(backend, contract=contract, backend="any")], log, contract=contract, now=now)
    asked = [prompt.text for prompt in backend.prompts if isinstance(prompt, FrozenPrompt)]
    assert asked[0] == contract.render(prompts[0].task, prompts[0].fields).text
    rows = list(read_log(log, Generation).values())
    assert len(rows) == len(asked) == len(backend.prompts)
    assert {row.model.artifact_digest for row in rows} == {"0" * 64}
    assert rows[0].decoding == {"temperature": 0.0, "repeat_penalty": 1.1}


def test_a_large_model_is_asked_with_editable_prompts(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, scripted: Scripting
) -> None:
    backend = scripted(echo)
    contestant = from_generator(backend, contract=contract, backend="any", kind=PromptKind.EDITABLE)
    generate(prompts[:1], [contestant], tmp_path / "log.jsonl", contract=contract, now=now)
    assert isinstance(backend.prompts[0], EditablePrompt)
    assert contestant.ref.prompt_set == backend.prompts[0].prompt_set


@pytest.mark.parametrize("finish", [FinishReason.STOP, FinishReason.LENGTH])
def test_how_an_answer_ended_is_written_down(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, scripted: Scripting, finish: FinishReason
) -> None:
    contestant = from_generator(scripted(echo, finish), contract=contract, backend="any")
    generate(prompts[:1], [contestant], tmp_path / "log.jsonl", contract=contract, now=now)
    assert {row.finish_reason for row in read_log(tmp_path / "log.jsonl", Generation).values()} == {finish.value}


def test_an_empty_answer_is_an_answer(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, scripted: Scripting
) -> None:
    def nothing(_request: GenerationRequest) -> str:
        raise GenerationError("It wrote nothing.", kind=FailureKind.EMPTY)

    contestant = from_generator(scripted(nothing), contract=contract, backend="any")
    generate(prompts[:1], [contestant], tmp_path / "log.jsonl", contract=contract, now=now)
    assert {(row.text, row.finish_reason) for row in read_log(tmp_path / "log.jsonl", Generation).values()} == {
        ("", "empty")
    }


def test_an_answer_that_ran_out_of_time_does_not_count_against_the_model(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, scripted: Scripting
) -> None:
    contestant = from_generator(scripted(echo, FinishReason.DEADLINE), contract=contract, backend="any")
    report = generate(prompts[:1], [contestant], tmp_path / "log.jsonl", contract=contract, now=now)
    assert report.made == 0
    assert "No whole answer within" in report.failures[0].why


def test_weights_that_change_in_the_middle_of_a_run_are_noticed(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, scripted: Scripting
) -> None:
    backend = scripted(echo)
    contestant = from_generator(backend, contract=contract, backend="any")
    backend.identity = backend.identity.model_copy(update={"artifact_digest": "9" * 64})
    report = generate(prompts[:1], [contestant], tmp_path / "log.jsonl", contract=contract, now=now)
    assert report.made == 0
    assert "one model from the first answer to the last" in report.failures[0].why


def test_decoding_and_seed_of_the_run_reach_the_backend(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, scripted: Scripting
) -> None:
    seen: list[Decoding] = []

    def note(request: GenerationRequest) -> str:
        seen.append(request.decoding)
        return "An answer."

    decoding = Decoding(temperature=0.6, seed=3)
    contestant = from_generator(scripted(note), contract=contract, backend="any", decoding=decoding)
    generate(prompts[:1], [contestant], tmp_path / "log.jsonl", contract=contract, now=now)
    assert set(seen) == {decoding}
    assert {row.seed for row in read_log(tmp_path / "log.jsonl", Generation).values()} == {3}


@pytest.mark.parametrize(("name", "family"), [("SmolLM2-135M", "smollm"), ("Qwen3-4B", "qwen"), ("Own", "own")])
def test_the_family_is_read_from_the_name_as_far_as_it_tells(
    contract: Contract, scripted: Scripting, name: str, family: str
) -> None:
    assert from_generator(scripted(echo, name=name), contract=contract, backend="any").ref.family == family


MODELS = """
default = "large"

[[model]]
id = "template"
backend = "template"

[[model]]
id = "large"
name = "Large"
backend = "openai_compatible"
prompts = "editable"
model = "qwen-large"
base_urls = ["{url}"]
parameters_b = 30.0
"""


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """Run a server that answers well until it is told otherwise."""
    with fault_server() as running:
        yield running


@pytest.fixture
def registry(tmp_path: Path, server: FaultServer) -> Iterator[Registry]:
    """Open the registry of a file of models that names the template and the model of that server."""
    models = tmp_path / "models.toml"
    models.write_text(MODELS.format(url=server.base_url), encoding="utf-8")
    settings = load_settings(environ={}, given={"data_dir": str(tmp_path), "models": str(models)})
    with open_registry(settings, environ={}) as opened:
        yield opened


def test_a_model_of_a_file_of_models_answers_every_prompt(
    tmp_path: Path, registry: Registry, prompts: tuple[Prompt, ...], contract: Contract, now: Now
) -> None:
    contestant = from_registry(registry, "large", contract=contract)
    report = generate(prompts, [contestant], tmp_path / "log.jsonl", contract=contract, now=now)
    assert report.failures == ()
    rows = list(read_log(tmp_path / "log.jsonl", Generation).values())
    assert {row.prompt_id for row in rows} == {prompt.id for prompt in prompts}
    assert (contestant.ref.id, contestant.ref.family, contestant.ref.size_b) == ("large", "qwen", 30.0)
    assert contestant.ref.prompt_set.startswith("general-")


def test_a_server_that_breaks_off_is_no_answer_and_is_asked_again(
    tmp_path: Path, server: FaultServer, registry: Registry, prompts: tuple[Prompt, ...], contract: Contract, now: Now
) -> None:
    contestant, log = from_registry(registry, "large", contract=contract), tmp_path / "log.jsonl"
    server.then("cut")
    first = generate(prompts[:2], [contestant], log, contract=contract, now=now)
    assert first.made == 0
    assert first.failures
    server.then("good")
    registry.retry("large")
    again = from_registry(registry, "large", contract=contract)
    second = generate(prompts[:2], [again], log, contract=contract, now=now)
    assert (second.failures, second.already_there) == ((), 0)
    assert second.made == len(first.failures) + first.left


def test_a_model_that_the_registry_lacks_is_told(registry: Registry, contract: Contract) -> None:
    with pytest.raises(InputError, match="no model 'unknown'"):
        from_registry(registry, "unknown", contract=contract)


def test_the_template_of_the_registry_has_nothing_to_open(registry: Registry, contract: Contract) -> None:
    with pytest.raises(InputError, match="template"):
        from_registry(registry, "template", contract=contract)


@pytest.mark.model
def test_the_bare_and_the_tuned_model_answer_under_keys_of_their_own(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now
) -> None:
    log = tmp_path / "log.jsonl"
    for adapter in (None, "embedded"):
        with open_local(adapter=adapter) as backend:
            contestant = from_generator(backend, contract=contract, backend="llama_cpp")
            report = generate(prompts[:1], [contestant], log, contract=contract, now=now)
            assert (report.already_there, report.failures) == (0, ())
    rows = list(read_log(log, Generation).values())
    assert len({(row.model.artifact_digest, row.model.base_digest) for row in rows}) == 2
    assert {row.model.family for row in rows} == {"smollm"}
