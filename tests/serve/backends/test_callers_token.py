"""A model that each caller pays for: their own token, used for their call and kept nowhere."""

import logging
import traceback
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from proofkit_core.errors import FailureKind, GenerationError, ModelUnavailableError
from proofkit_core.generation import GenerationRequest, ModelIdentity
from proofkit_prompts import EditablePrompt
from proofkit_serve.backends.hf_inference import HfInferenceBackend, open_hf_inference
from proofkit_serve.faults import Scenario, fault_server

pytest.importorskip("huggingface_hub", reason="needs the extra 'hf'")
ANN, BEN = SecretStr("hf_anns-own-token"), SecretStr("hf_bens-own-token")
EditableMaker = Callable[..., EditablePrompt]


def opened(identity: ModelIdentity, base_url: str = "") -> HfInferenceBackend:
    return open_hf_inference(identity=identity, model="org/model", key=None, from_caller=True, base_url=base_url)


def test_each_call_is_made_with_its_callers_token(identity: ModelIdentity, editable: EditableMaker) -> None:
    request = GenerationRequest(prompt=editable("x"))
    with fault_server(Scenario.GOOD) as server, opened(identity, server.base_url) as backend:
        for token in (ANN, BEN, ANN):
            assert backend.for_token(token).generate(request).text
        sent = [each.headers["authorization"] for each in server.seen]
    assert sent == [f"Bearer {token.get_secret_value()}" for token in (ANN, BEN, ANN)]


@pytest.mark.parametrize("token", [None, SecretStr("")])
def test_without_a_token_nothing_is_sent(
    identity: ModelIdentity, editable: EditableMaker, token: SecretStr | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of-this-machine")
    request = GenerationRequest(prompt=editable("x"))
    with fault_server(Scenario.GOOD) as server, opened(identity, server.base_url) as backend:
        for asked in (backend, backend.for_token(token)):
            with pytest.raises(ModelUnavailableError, match="X-Model-Token") as caught:
                asked.generate(request)
            assert caught.value.kind is FailureKind.AUTH
        assert server.seen == ()


def test_a_key_of_another_service_is_not_sent_to_the_router(identity: ModelIdentity, editable: EditableMaker) -> None:
    with opened(identity) as backend, pytest.raises(ModelUnavailableError, match="begins with `hf_`") as caught:
        backend.for_token(SecretStr("sk-of-a-provider")).generate(GenerationRequest(prompt=editable("x")))
    assert caught.value.kind is FailureKind.AUTH
    assert "sk-of-a-provider" not in str(caught.value)


def test_the_token_shows_nowhere(
    identity: ModelIdentity, editable: EditableMaker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = ANN.get_secret_value()
    with (
        fault_server(Scenario.BAD_REQUEST, Scenario.NOT_FOUND, Scenario.UNAUTHORIZED) as server,
        opened(identity, server.base_url) as backend,
    ):
        asked = backend.for_token(ANN)
        for _ in range(3):
            with pytest.raises(GenerationError) as caught:
                asked.generate(GenerationRequest(prompt=editable("x")))
            assert token not in "".join(traceback.format_exception(caught.value))
        assert token not in repr(vars(asked)) + repr(vars(backend))
    assert token not in caplog.text
