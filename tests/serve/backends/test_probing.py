from collections.abc import Callable

from proofkit_core.generation import ModelIdentity
from proofkit_prompts import EditablePrompt
from proofkit_serve.backends.http.probing import probe_cancel, probe_schema, probe_speed
from proofkit_serve.backends.openai_compatible import open_openai_compatible
from proofkit_serve.faults import Asked, Pace, Scenario, fault_server, good_answer

EditableMaker = Callable[..., EditablePrompt]


def test_an_enforced_schema_is_told_from_one_that_is_only_taken_in(
    identity: ModelIdentity, editable: EditableMaker
) -> None:
    def ignore(_: Asked) -> str:
        return '{"answer": "hello"}'

    def chat(_: Asked) -> str:
        return "Hello."

    for answer, enforced in ((good_answer, True), (ignore, False), (chat, False)):
        with (
            fault_server(answer=answer) as server,
            open_openai_compatible(identity=identity, base_urls=(server.base_url,), model="m", wire="chat") as backend,
        ):
            assert probe_schema(backend, editable("Say hello.")).enforced is enforced


def test_cancel_and_speed_are_measured(identity: ModelIdentity, editable: EditableMaker) -> None:
    with (
        fault_server(Scenario.STEADY, pace=Pace(between_s=0.01)) as server,
        open_openai_compatible(identity=identity, base_urls=(server.base_url,), model="m", wire="chat") as backend,
    ):
        cancelled = probe_cancel(backend, editable("Say hello."))
        speed = probe_speed(backend, editable("Say hello."), tokens=20)
    assert cancelled.works
    assert 0 <= cancelled.seconds < 0.2
    assert speed.completion_tokens == 20
    assert 10 < speed.tokens_per_s < 120
    assert 0 < speed.first_token_s < 1
