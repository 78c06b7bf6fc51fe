import logging
import traceback
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from proofkit_core.errors import FailureKind, GenerationError, ModelUnavailableError
from proofkit_core.generation import GenerationRequest, ModelIdentity
from proofkit_prompts import EditablePrompt
from proofkit_serve.backends.hf_inference import open_hf_inference
from proofkit_serve.faults import Scenario, fault_server

pytest.importorskip("huggingface_hub", reason="needs the extra 'hf'")
TOKEN = "hf_users-own-token"  # noqa: S105 - nobody's
EditableMaker = Callable[..., EditablePrompt]


@pytest.mark.parametrize("key", [None, SecretStr("")])
def test_without_the_users_own_token_nothing_is_opened(
    identity: ModelIdentity, key: SecretStr | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of-this-machine")
    with pytest.raises(ModelUnavailableError, match="the user's own") as caught:
        open_hf_inference(identity=identity, model="org/model", key=key)
    assert caught.value.kind is FailureKind.AUTH


def test_the_users_token_is_sent_and_shows_nowhere(
    identity: ModelIdentity, editable: EditableMaker, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of-this-machine")
    caplog.set_level(logging.DEBUG)
    request = GenerationRequest(prompt=editable("x"))
    with (
        fault_server(Scenario.GOOD, Scenario.BAD_REQUEST, Scenario.NOT_FOUND) as server,
        open_hf_inference(
            identity=identity, model="org/model", key=SecretStr(TOKEN), base_url=server.base_url
        ) as backend,
    ):
        backend.generate(request)
        assert server.seen[0].headers["authorization"] == f"Bearer {TOKEN}"
        for _ in range(2):
            with pytest.raises(GenerationError) as caught:
                backend.generate(request)
            assert TOKEN not in "".join(traceback.format_exception(caught.value)) + repr(vars(backend))
        assert f"org/model answered through {server.base_url}" in caplog.text
    assert TOKEN not in caplog.text


def test_the_chat_and_its_schema_arrive(identity: ModelIdentity, editable: EditableMaker) -> None:
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string", "minLength": 1, "maxLength": 60}},
        "required": ["title"],
        "additionalProperties": False,
    }
    prompt = editable("Mark: tok-77aa.", schema=schema, max_tokens=90)
    with (
        fault_server() as server,
        open_hf_inference(
            identity=identity,
            model="org/model",
            key=SecretStr(TOKEN),
            base_url=server.url,
            reasoning_allowance=10,
        ) as backend,
    ):
        completion = backend.generate(GenerationRequest(prompt=prompt))
        asked = server.seen[0]
    assert asked.path == "/v1/chat/completions"
    assert asked.body["model"] == "org/model"
    assert asked.max_tokens == 100
    assert asked.schema == schema
    assert asked.prompt == f"{prompt.system}\n{prompt.user}"
    assert completion.text.startswith('{"title":"tok-77aa')
    assert completion.prompt_tokens > 0


@pytest.mark.parametrize("scenario", [Scenario.NO_PROVIDER, Scenario.NOT_FOUND], ids=str)
def test_a_model_that_nobody_serves_is_told_plainly(
    identity: ModelIdentity, editable: EditableMaker, scenario: Scenario
) -> None:
    with (
        fault_server(scenario) as server,
        open_hf_inference(
            identity=identity, model="org/tuned", key=SecretStr(TOKEN), base_url=server.base_url
        ) as backend,
        pytest.raises(ModelUnavailableError, match="it is not an endpoint that answers") as caught,
    ):
        backend.generate(GenerationRequest(prompt=editable("x")))
    assert caught.value.kind is FailureKind.NOT_FOUND
    assert "org/tuned" in str(caught.value)


def test_a_key_of_another_service_is_not_sent_to_the_router(identity: ModelIdentity) -> None:
    with pytest.raises(ModelUnavailableError, match="begins with `hf_`") as caught:
        open_hf_inference(identity=identity, model="org/model", key=SecretStr("sk-of-a-provider"))
    assert caught.value.kind is FailureKind.AUTH
    assert "sk-of-a-provider" not in str(caught.value)
