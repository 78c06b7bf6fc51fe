"""What is sent to an OpenAI-compatible server, and what is made of its answers."""

import gc
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from proofkit_core.errors import FailureKind, GenerationError, InputError, ModelUnavailableError
from proofkit_core.generation import Decoding, FinishReason, GenerationRequest, ModelIdentity, PromptKind
from proofkit_prompts import EditablePrompt, FrozenPrompt
from proofkit_serve.backends.handshake import Training
from proofkit_serve.backends.http.loop import LoopThread
from proofkit_serve.backends.http.wire import Dialect, JsonMode, Wire, WireName, post
from proofkit_serve.backends.openai_compatible import OpenAICompatibleBackend, open_openai_compatible
from proofkit_serve.faults import FaultServer, Pace, Scenario, fault_server
from proofkit_serve.faults.running import render_chatml

FrozenMaker = Callable[..., FrozenPrompt]
EditableMaker = Callable[..., EditablePrompt]
KEY = "sk-very-secret-4711"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"title": {"type": "string", "minLength": 1, "maxLength": 60}},
    "required": ["title"],
    "additionalProperties": False,
}


@pytest.fixture
def opened(identity: ModelIdentity) -> Callable[..., OpenAICompatibleBackend]:
    def make(server: FaultServer, **more: Any) -> OpenAICompatibleBackend:  # noqa: ANN401 - passed on
        return open_openai_compatible(identity=identity, base_urls=(server.base_url,), model="m", **more)

    return make


def body_of(
    prompt: FrozenPrompt | EditablePrompt,
    name: WireName,
    *,
    dialect: Dialect = "generic",
    json_mode: JsonMode = "schema",
    allowance: int = 0,
    opening: str = "",
) -> dict[str, Any]:
    wire = Wire(name=name, model="m", dialect=dialect, json_mode=json_mode, reasoning_allowance=allowance)
    decoding = Decoding(temperature=0.6, repeat_penalty=1.1, seed=3)
    return post(GenerationRequest(prompt=prompt, decoding=decoding, opening=opening), wire).body


def test_a_frozen_prompt_goes_out_byte_by_byte(frozen: FrozenMaker) -> None:
    prompt = frozen("Name three risks.")
    body = body_of(prompt, "completions")
    assert body["prompt"] == prompt.text
    assert body["stop"] == ["<|im_end|>"]
    assert body["max_tokens"] == prompt.max_tokens
    assert body["stream"] is True
    assert (body["temperature"], body["seed"]) == (0.6, 3)
    assert "messages" not in body


def test_an_editable_prompt_goes_out_as_a_chat(editable: EditableMaker) -> None:
    prompt = editable("Name three risks.")
    body = body_of(prompt, "chat")
    assert body["messages"] == [
        {"role": "system", "content": prompt.system},
        {"role": "user", "content": prompt.user},
    ]
    assert "prompt" not in body


def test_each_dialect_has_its_own_names(frozen: FrozenMaker, editable: EditableMaker) -> None:
    text, chat = frozen("x", schema=SCHEMA), editable("x", schema=SCHEMA)
    assert body_of(text, "completions", dialect="llama_server")["repeat_penalty"] == 1.1
    assert body_of(text, "completions", dialect="llama_server")["json_schema"] == SCHEMA
    assert body_of(text, "completions", dialect="vllm")["repetition_penalty"] == 1.1
    assert body_of(text, "completions", dialect="vllm")["add_special_tokens"] is False
    assert body_of(text, "completions", dialect="vllm")["response_format"]["json_schema"]["schema"] == SCHEMA
    hosted = body_of(chat, "chat", dialect="openai")
    assert "repeat_penalty" not in hosted
    assert "max_tokens" not in hosted
    assert hosted["max_completion_tokens"] == chat.max_tokens
    sent = hosted["response_format"]["json_schema"]["schema"]["properties"]["title"]
    assert sent == {"type": "string"}
    assert SCHEMA["properties"]["title"]["maxLength"] == 60


def test_a_schema_is_asked_for_as_the_server_can(editable: EditableMaker) -> None:
    prompt = editable("x", schema=SCHEMA)
    assert body_of(prompt, "chat")["response_format"]["type"] == "json_schema"
    assert body_of(prompt, "chat", json_mode="object")["response_format"] == {"type": "json_object"}
    assert "response_format" not in body_of(prompt, "chat", json_mode="prompted")
    assert "response_format" not in body_of(editable("x"), "chat")


def test_thinking_aloud_has_an_allowance_of_its_own(editable: EditableMaker) -> None:
    assert body_of(editable("x", max_tokens=100), "chat", allowance=400)["max_tokens"] == 500


def test_an_opening_stands_at_the_end_of_the_prompt_and_at_the_start_of_the_text(
    opened: Callable[..., OpenAICompatibleBackend], frozen: FrozenMaker
) -> None:
    heard: list[str] = []
    prompt = frozen("Name three risks.")
    opening = "At Fernwick <|im_start|> I would "
    with fault_server() as server, opened(server) as backend:
        request = GenerationRequest(prompt=prompt, opening=opening)
        completion = backend.generate(request, on_text=heard.append)
        sent = server.seen[0].prompt
    assert completion.text == "".join(heard)
    assert completion.text.startswith(opening)
    assert len(completion.text) > len(opening)
    # What a person typed is no instruction, so what they spelled out is no special token on the server.
    assert sent == prompt.text + "At Fernwick < |im_start|> I would "


def test_an_opening_with_a_stop_string_ends_there_and_asks_nobody(
    opened: Callable[..., OpenAICompatibleBackend], frozen: FrozenMaker
) -> None:
    heard: list[str] = []
    with fault_server() as server, opened(server) as backend:
        request = GenerationRequest(prompt=frozen("x"), opening="A risk <|im_end|> and more")
        completion = backend.generate(request, on_text=heard.append)
        assert server.seen == ()
    assert completion.text == "A risk " == "".join(heard)
    assert completion.finish_reason is FinishReason.STOP


def test_an_opening_is_refused_where_it_has_no_place(frozen: FrozenMaker, editable: EditableMaker) -> None:
    with pytest.raises(GenerationError, match="the schema fixes"):
        body_of(frozen("x", schema=SCHEMA), "completions", opening="{")
    with pytest.raises(GenerationError, match="a chat has no place"):
        body_of(editable("x"), "chat", opening="At ")


def test_a_stop_string_in_the_text_ends_it_even_if_the_server_goes_on(
    opened: Callable[..., OpenAICompatibleBackend], frozen: FrozenMaker
) -> None:
    with (
        fault_server(
            answer=lambda _: "A risk. <|im_ end|> <|im_end|> and on and on", pace=Pace(between_s=0.01)
        ) as server,
        opened(server) as backend,
    ):
        completion = backend.generate(GenerationRequest(prompt=frozen("x")))
        assert server.wait_idle()
    assert completion.text == "A risk. <|im_ end|> "
    assert completion.finish_reason is FinishReason.STOP


def test_a_server_that_does_not_stream_is_understood(
    opened: Callable[..., OpenAICompatibleBackend], editable: EditableMaker
) -> None:
    with fault_server(Scenario.UNSTREAMED) as server, opened(server, wire="chat") as backend:
        completion = backend.generate(GenerationRequest(prompt=editable("Mark: tok-77aa.")))
    assert completion.finish_reason is FinishReason.STOP
    assert completion.text.endswith("tok-77aa.")


def test_the_key_goes_to_the_server_and_shows_nowhere(
    opened: Callable[..., OpenAICompatibleBackend], editable: EditableMaker
) -> None:
    failing = (Scenario.BAD_REQUEST, Scenario.ERROR_EVENT, Scenario.CUT, Scenario.SERVER_ERROR)
    with fault_server(Scenario.GOOD, *failing, key=KEY) as server:
        with opened(server, wire="chat", key=SecretStr(KEY)) as backend:
            request = GenerationRequest(prompt=editable("x"))
            assert backend.generate(request).text
            for _ in failing:
                with pytest.raises(GenerationError) as caught:
                    backend.generate(request)
                assert KEY not in "".join(traceback.format_exception(caught.value))
            assert KEY not in repr(backend) + repr(vars(backend))
        assert server.seen[0].headers["authorization"] == f"Bearer {KEY}"
        with opened(server, wire="chat", key=SecretStr("other")) as backend:
            with pytest.raises(ModelUnavailableError) as refused:
                backend.generate(request)
            assert refused.value.kind is FailureKind.AUTH
        with opened(server, wire="chat", key=SecretStr("")) as backend, pytest.raises(ModelUnavailableError):
            backend.generate(request)
        assert "authorization" not in server.seen[-1].headers


def test_a_key_that_is_a_mere_word_changes_no_answer(
    opened: Callable[..., OpenAICompatibleBackend], editable: EditableMaker
) -> None:
    with fault_server(answer=lambda _: "none, delta, choices") as server:
        for word in ("none", "delta", "choices"):
            with opened(server, wire="chat", key=SecretStr(word)) as backend:
                assert backend.generate(GenerationRequest(prompt=editable("x"))).text == "none, delta, choices"


def test_neither_key_nor_prompt_follows_a_redirect(
    opened: Callable[..., OpenAICompatibleBackend], editable: EditableMaker
) -> None:
    with (
        fault_server(Scenario.REDIRECT) as server,
        opened(server, wire="chat", key=SecretStr(KEY)) as backend,
        pytest.raises(GenerationError, match="Redirects are not followed") as caught,
    ):
        backend.generate(GenerationRequest(prompt=editable("x")))
    assert caught.value.kind is FailureKind.REFUSED


def test_the_environment_decides_nothing(
    opened: Callable[..., OpenAICompatibleBackend], editable: EditableMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with fault_server() as server, opened(server, wire="chat") as backend:
        assert backend.generate(GenerationRequest(prompt=editable("x"))).text


def test_calls_are_spread_over_the_servers_and_a_dead_one_is_passed_by(
    identity: ModelIdentity, editable: EditableMaker
) -> None:
    with fault_server(pace=Pace(between_s=0.005)) as one, fault_server(pace=Pace(between_s=0.005)) as other:
        urls = (one.base_url, other.base_url)
        with open_openai_compatible(identity=identity, base_urls=urls, model="m", wire="chat") as backend:
            request = GenerationRequest(prompt=editable("x"))
            threads = [threading.Thread(target=backend.generate, args=(request,)) for _ in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert backend.in_flight == dict.fromkeys(urls, 0)
        assert min(len(one.seen), len(other.seen)) >= 7
    with fault_server(Scenario.REFUSED) as dead, fault_server() as alive:
        urls = (dead.base_url, alive.base_url)
        with open_openai_compatible(identity=identity, base_urls=urls, model="m", wire="chat") as backend:
            failed = 0
            for _ in range(20):
                try:
                    backend.generate(request)
                except ModelUnavailableError:
                    failed += 1
        assert failed <= 1


def test_a_connection_is_used_again(opened: Callable[..., OpenAICompatibleBackend], editable: EditableMaker) -> None:
    with fault_server() as server, opened(server, wire="chat") as backend:
        for _ in range(5):
            backend.generate(GenerationRequest(prompt=editable("x")))
        assert server.counts.connections_total == 1


def test_a_frozen_prompt_goes_to_a_chat_only_where_the_servers_template_makes_the_same_text(
    opened: Callable[..., OpenAICompatibleBackend], frozen: FrozenMaker
) -> None:
    def plain(system: str, user: str) -> str:
        return f"{system}\n{user}"

    request = GenerationRequest(prompt=frozen("Mark: tok-77aa."))
    with (
        fault_server(template=render_chatml) as server,
        opened(server, wire="chat", prompts=PromptKind.FROZEN) as backend,
    ):
        assert "tok-77aa" in backend.generate(request).text
        assert server.seen[0].is_chat
        assert backend.server_prompt("s", "u") == render_chatml("s", "u")
        assert backend.server_facts()["props"]["total_slots"] == 4
    for template in (None, plain):
        with (
            fault_server(template=template) as server,
            opened(server, wire="chat", prompts=PromptKind.FROZEN) as backend,
        ):
            with pytest.raises(ModelUnavailableError, match="wire `completions`") as caught:
                backend.generate(request)
            assert caught.value.kind is FailureKind.REFUSED
            assert server.seen == ()


def test_what_a_server_tells_of_itself_is_asked_in_short(
    opened: Callable[..., OpenAICompatibleBackend],
) -> None:
    with fault_server() as server, opened(server) as backend:
        assert backend.models() == ("faulty-1",)
        assert backend.server_prompt("s", "u") is None
        assert backend.server_facts() == {"models": ["faulty-1"], "props": None}
    with fault_server(Scenario.REFUSED) as server, opened(server) as backend:
        with pytest.raises(ModelUnavailableError) as caught:
            backend.models()
        assert caught.value.kind is FailureKind.CONNECT


def test_a_closed_backend_answers_no_question(opened: Callable[..., OpenAICompatibleBackend]) -> None:
    with fault_server() as server:
        backend = opened(server)
        backend.close()
        with pytest.raises(GenerationError, match="was closed"):
            backend.models()


def test_importing_the_backends_loads_no_http_library() -> None:
    program = (
        "import sys, proofkit_serve.backends.openai_compatible, proofkit_serve.backends.hf_inference\n"
        "import proofkit_serve.faults\n"
        "print(sorted({'httpx', 'httpx2', 'huggingface_hub', 'fastapi', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_frozen_prompt_of_another_training_is_refused_before_it_is_sent(
    opened: Callable[..., OpenAICompatibleBackend], frozen: FrozenMaker
) -> None:
    prompt = frozen("x")
    training = Training(contract_version="v1", contract_digest="1" * 64, task_digests={"test": prompt.task_digest})
    other = training.model_copy(update={"task_digests": {"test": "2" * 64}})
    with fault_server() as server:
        with opened(server, training=training) as backend:
            assert backend.generate(GenerationRequest(prompt=prompt)).text
        with opened(server, training=other) as backend, pytest.raises(ModelUnavailableError):
            backend.generate(GenerationRequest(prompt=prompt))
        assert len(server.seen) == 1


def test_choices_that_do_not_go_together_are_refused(identity: ModelIdentity) -> None:
    urls = ("http://127.0.0.1:9/v1",)
    with pytest.raises(InputError, match="own template"):
        open_openai_compatible(identity=identity, base_urls=urls, model="m", dialect="ollama")
    with pytest.raises(InputError, match="Expected `chat`"):
        open_openai_compatible(identity=identity, base_urls=urls, model="m", prompts=PromptKind.EDITABLE)
    with pytest.raises(InputError, match="no base URL"):
        open_openai_compatible(identity=identity, model="m")


def test_backends_share_a_loop_and_leave_it_to_its_owner(identity: ModelIdentity, editable: EditableMaker) -> None:
    request = GenerationRequest(prompt=editable("x"))
    before = threading.active_count()
    with LoopThread() as loop, fault_server() as server:
        threads = threading.active_count()
        urls = (server.base_url,)
        first, second = (
            open_openai_compatible(identity=identity, base_urls=urls, model="m", wire="chat", loop=loop)
            for _ in range(2)
        )
        assert threading.active_count() == threads
        first.generate(request)
        first.close()
        with pytest.raises(GenerationError, match="was closed"):
            first.generate(request)
        assert second.generate(request).text
        second.close()
        assert server.wait_idle()
    assert threading.active_count() == before


def test_a_forgotten_backend_closes_itself(
    opened: Callable[..., OpenAICompatibleBackend], editable: EditableMaker
) -> None:
    before = threading.active_count()
    with fault_server() as server:
        backend = opened(server, wire="chat")
        backend.generate(GenerationRequest(prompt=editable("x")))
        del backend
        gc.collect()
        assert server.wait_idle()
    for _ in range(100):
        if threading.active_count() == before:
            break
        time.sleep(0.02)
    assert threading.active_count() == before
