"""The registry: chains in order, states without asking anybody, and no exception for a broken model."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from proofkit_core.drafting.events import Attempt, DraftEvent, FellBack, Void
from proofkit_core.errors import FailureKind, GenerationError, InputError, ModelUnavailableError
from proofkit_core.generation import GenerationRequest, ModelIdentity, PromptKind
from proofkit_core.packet import FallbackReason
from proofkit_prompts import load_contract, render_editable
from proofkit_serve.backends.http.loop import NAME as LOOP_NAME
from proofkit_serve.faults import Scenario, fault_server
from proofkit_serve.registry import ModelStatus, Registry, open_registry
from proofkit_serve.registry.observer import observe
from proofkit_serve.settings import load_settings

CONTRACT = load_contract()
FIELDS = {"target_role": "x", "company": "y", "work_sample": "z"}
FROZEN = GenerationRequest(prompt=CONTRACT.render("linkedin_post", FIELDS), time_limit_s=10.0)
EDITABLE = GenerationRequest(prompt=render_editable("linkedin_post", FIELDS, contract=CONTRACT), time_limit_s=10.0)
STAMP = f'artifact_digest = "{"ab" * 32}"\ncontract = {{ version = "v1", digest = "{CONTRACT.digest}" }}\n'


@contextmanager
def registry_of(
    tmp_path: Path, text: str, environ: dict[str, str] | None = None, default: str = ""
) -> Generator[Registry]:
    path = tmp_path / "models.toml"
    path.write_text(text, encoding="utf-8")
    given = {"models": str(path), "data_dir": str(tmp_path), "default_model": default}
    with open_registry(load_settings(environ={}, given=given), environ=environ or {}) as registry:
        yield registry


def server(name: str, url: str, more: str = STAMP) -> str:
    return f'[[model]]\nid = "{name}"\nbackend = "openai_compatible"\nbase_urls = ["{url}"]\nmodel = "{name}"\n{more}\n'


TEMPLATE = '[[model]]\nid = "template"\nbackend = "template"\n'


def test_a_chain_is_the_model_and_its_fallbacks_in_order_and_the_template_is_no_model(tmp_path: Path) -> None:
    text = (
        server("a", "http://127.0.0.1:1/v1", STAMP + 'fallbacks = ["c", "b", "template"]')
        + server("b", "http://127.0.0.1:2/v1", STAMP + 'fallbacks = ["a"]')
        + server("c", "http://127.0.0.1:3/v1", 'prompts = "editable"\nparameters_b = 70.0')
        + TEMPLATE
    )
    with registry_of(tmp_path, text) as registry:
        chain = registry.chain("a")
        assert [candidate.generator.identity.id for candidate in chain] == ["a", "c", "b"]
        assert [candidate.prompts for candidate in chain] == [PromptKind.FROZEN, PromptKind.EDITABLE, PromptKind.FROZEN]
        assert registry.chain("template") == ()
        assert registry.chain("") == chain
        assert registry.in_process == ()
        assert registry.ids == ("a", "b", "c", "template")


def test_without_any_file_the_model_that_comes_along_is_asked_with_the_frozen_prompts_and_no_mark(
    tmp_path: Path,
) -> None:
    settings = load_settings(environ={}, given={"data_dir": str(tmp_path)})
    with open_registry(settings, environ={}) as registry:
        (candidate,) = registry.chain(registry.default_id)
        assert (candidate.prompts, candidate.mark) == (PromptKind.FROZEN, "")
        training = registry.greeting(registry.default_id).training
        assert training is not None
        assert training.contract_digest == CONTRACT.digest
        assert registry.states()[0].status is ModelStatus.NOT_OPENED


def test_an_unknown_model_is_told_with_a_suggestion(tmp_path: Path) -> None:
    text = server("student", "http://127.0.0.1:1/v1")
    with registry_of(tmp_path, text) as registry, pytest.raises(InputError, match="Did you mean 'student'"):
        registry.chain("studnet")
    with pytest.raises(InputError, match="no model 'nobody'"), registry_of(tmp_path, TEMPLATE, default="nobody"):
        pass


def test_a_broken_model_is_a_state_and_tells_why_when_it_is_asked(tmp_path: Path) -> None:
    text = '[[model]]\nid = "own"\nbackend = "llama_cpp"\nweights = "nowhere.gguf"\n' + TEMPLATE
    with registry_of(tmp_path, text) as registry:
        (candidate,) = registry.chain("own")
        assert candidate.generator.identity.id == "own"
        for told in ("was not found where it is configured", "until its configuration changes"):
            with pytest.raises(ModelUnavailableError, match=told) as caught:
                candidate.generator.generate(FROZEN)
            assert "nowhere" not in str(caught.value)
        (state,) = registry.states()
        assert state.status is ModelStatus.BROKEN
        assert state.last_failure is FailureKind.NOT_FOUND
        assert "nowhere.gguf" in state.last_error
        assert registry.in_process == ("own",)


def test_a_key_that_is_not_set_breaks_only_its_own_model(tmp_path: Path) -> None:
    with fault_server(Scenario.GOOD, key="s3cret") as running:
        text = server("a", running.base_url, STAMP + 'key_env = "A_KEY"') + server("b", running.base_url, STAMP)
        with registry_of(tmp_path, text) as registry:
            with pytest.raises(ModelUnavailableError, match="a got no key that it accepts") as caught:
                registry.chain("a")[0].generator.generate(FROZEN)
            assert caught.value.kind is FailureKind.AUTH
            assert "A_KEY, which is not set" in registry.states()[0].last_error
        with registry_of(tmp_path, text, {"A_KEY": "s3cret"}) as registry:
            registry.chain("a")[0].generator.generate(FROZEN)
            with pytest.raises(GenerationError):
                registry.chain("b")[0].generator.generate(FROZEN)
            states = {state.id: state for state in registry.states()}
            assert (states["a"].status, states["b"].status) == (ModelStatus.READY, ModelStatus.BROKEN)
            assert "s3cret" not in repr(registry.states())


def test_a_key_can_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n", encoding="utf-8")
    with fault_server(Scenario.GOOD, key="s3cret") as running:
        text = server("a", running.base_url, STAMP + 'key_file = "key"')
        with registry_of(tmp_path, text) as registry:
            registry.chain("a")[0].generator.generate(FROZEN)
        (tmp_path / "key").unlink()
        with registry_of(tmp_path, text) as registry:
            with pytest.raises(ModelUnavailableError, match="got no key"):
                registry.chain("a")[0].generator.generate(FROZEN)
            assert "cannot be read" in registry.states()[0].last_error


def test_addresses_can_stand_in_a_variable(tmp_path: Path) -> None:
    with fault_server(Scenario.GOOD) as running:
        text = server("a", "http://x/v1").replace('base_urls = ["http://x/v1"]', 'base_urls_env = "URLS"')
        with registry_of(tmp_path, text, {"URLS": f" {running.base_url} ,"}) as registry:
            assert registry.base_urls("a") == (running.base_url,)
            registry.chain("a")[0].generator.generate(FROZEN)
        for urls, said in ({}, "URLS, which is empty"), ({"URLS": "ftp://x"}, "another scheme"):
            with registry_of(tmp_path, text, urls) as registry:
                with pytest.raises(ModelUnavailableError, match="was not found"):
                    registry.chain("a")[0].generator.generate(FROZEN)
                assert said in registry.states()[0].last_error


def test_an_unknown_model_is_refused_and_an_override_marks_every_candidate(tmp_path: Path) -> None:
    with fault_server(Scenario.GOOD) as running:
        with registry_of(tmp_path, server("small", running.base_url, "")) as registry:
            (candidate,) = registry.chain("small")
            with pytest.raises(ModelUnavailableError, match="small may not be asked for this") as caught:
                candidate.generator.generate(FROZEN)
            assert "does not say what it was trained on" in registry.states()[0].last_error
            assert caught.value.kind is FailureKind.REFUSED
            assert running.seen == ()
            assert registry.states()[0].status is ModelStatus.BROKEN
        with registry_of(tmp_path, server("small", running.base_url, "allow_unknown = true")) as registry:
            (candidate,) = registry.chain("small")
            assert "small" in candidate.mark
            assert candidate.generator.generate(FROZEN).text
            assert registry.states()[0].mark == candidate.mark


def test_a_task_that_a_server_was_not_trained_on_is_refused_before_it_is_asked(tmp_path: Path) -> None:
    tasks = f'{{ scenario = "{CONTRACT.task_digest("scenario")}" }}'
    more = f'artifact_digest = "{"ab" * 32}"\ncontract = {{ version = "v1", digest = "{"0" * 64}", tasks = {tasks} }}\n'
    with fault_server(Scenario.GOOD) as running, registry_of(tmp_path, server("a", running.base_url, more)) as registry:
        (candidate,) = registry.chain("a")
        assert candidate.mark == ""
        with pytest.raises(ModelUnavailableError, match="a may not be asked for this") as caught:
            candidate.generator.generate(FROZEN)
        assert "linkedin_post" in registry.states()[0].last_error
        assert caught.value.kind is FailureKind.REFUSED
        assert running.seen == ()
        prompt = CONTRACT.render("scenario", {"target_role": "x", "background": "y", "work_sample": "z"})
        assert candidate.generator.generate(GenerationRequest(prompt=prompt, time_limit_s=10.0)).text
        assert registry.states()[0].status is ModelStatus.READY


def test_a_chat_server_has_to_show_the_contracts_template_for_frozen_prompts(tmp_path: Path) -> None:
    def right(system: str, user: str) -> str:
        del system, user
        return CONTRACT.render("linkedin_post", FIELDS).text

    more = STAMP + 'wire = "chat"\n'
    with (
        fault_server(Scenario.GOOD, template=right) as running,
        registry_of(tmp_path, server("a", running.base_url, more)) as registry,
    ):
        assert registry.chain("a")[0].generator.generate(FROZEN).text
    with (
        fault_server(Scenario.GOOD, template=lambda system, user: f"{system} {user}") as running,
        registry_of(tmp_path, server("a", running.base_url, more)) as registry,
    ):
        with pytest.raises(ModelUnavailableError, match="a may not be asked for this") as caught:
            registry.chain("a")[0].generator.generate(FROZEN)
        assert caught.value.kind is FailureKind.REFUSED
        assert "another prompt" in registry.states()[0].last_error
        assert registry.states()[0].last_failure is FailureKind.REFUSED


def test_many_threads_share_one_model_and_its_account(tmp_path: Path) -> None:
    with fault_server(Scenario.GOOD) as running, registry_of(tmp_path, server("a", running.base_url)) as registry:
        failures: list[BaseException] = []

        def work(number: int) -> None:
            try:
                for _ in range(5):
                    registry.chain("a", requester=str(number))[0].generator.generate(FROZEN)
            except BaseException as error:  # noqa: BLE001 - told by the assertion below
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        (state,) = registry.states()
        assert (state.counts.answered, state.counts.busy) == (40, 0)
        assert running.wait_idle(connections=40)


def test_closing_leaves_no_thread_and_a_late_call_is_told(tmp_path: Path) -> None:
    before = threading.active_count()
    with fault_server(Scenario.GOOD) as running:
        with registry_of(tmp_path, server("a", running.base_url)) as registry:
            (candidate,) = registry.chain("a")
            candidate.generator.generate(FROZEN)
        registry.close()
        with pytest.raises(GenerationError, match="a does not take this request"):
            candidate.generator.generate(FROZEN)
        assert "was closed" in registry.states()[0].last_error
    assert threading.active_count() == before


FIRST = ModelIdentity(id="first", name="First", artifact_digest="1")


def told(*events: DraftEvent) -> list[tuple[str, FallbackReason]]:
    counted: list[tuple[str, FallbackReason]] = []
    take = observe(lambda model, reason: counted.append((model.id, reason)))
    for event in events:
        take(event)
    return counted


def attempt(number: int) -> Attempt:
    return Attempt(number=number, model=FIRST, prompt_set="frozen v1")


def fell_back(reason: FallbackReason) -> FellBack:
    return FellBack(reason=reason, message="m", from_model="First", to="the template")


def test_each_draft_that_is_turned_down_for_its_quality_counts_once() -> None:
    echo, time_ = FallbackReason.ECHO, FallbackReason.TIME
    assert told(attempt(1), Void(attempt=1, reason=echo), fell_back(echo)) == [("first", echo)]
    assert told(attempt(1), Void(attempt=1, reason=echo), attempt(2), fell_back(echo)) == [("first", echo)] * 2
    assert told(attempt(1), fell_back(time_)) == []
    assert told(fell_back(echo)) == []


def test_editable_prompts_reach_a_large_model_and_frozen_ones_do_not(tmp_path: Path) -> None:
    more = 'prompts = "editable"\nparameters_b = 70.0\n'
    with fault_server(Scenario.GOOD) as running, registry_of(tmp_path, server("a", running.base_url, more)) as registry:
        assert registry.chain("a")[0].generator.generate(EDITABLE).text
        assert running.seen[0].is_chat


def loops() -> int:
    return sum(thread.name == LOOP_NAME for thread in threading.enumerate())


def test_servers_share_one_loop_and_the_hubs_client_has_its_own(tmp_path: Path) -> None:
    """Each call of the hub's client takes tens of milliseconds of its loop, which all other streams would wait for."""
    hosted = '[[model]]\nid = "hosted"\nbackend = "hf_inference"\nprompts = "editable"\nkey_env = "HUB_TOKEN"\n'
    hosted += 'model = "house/large"\nparameters_b = 70.0\n'
    text = server("a", "http://127.0.0.1:1/v1") + server("b", "http://127.0.0.1:2/v1") + hosted
    before = loops()
    with registry_of(tmp_path, text, {"HUB_TOKEN": "hf_0123456789"}) as registry:
        registry.open("a")
        registry.open("b")
        assert loops() == before + 1
        registry.open("hosted")
        assert loops() == before + 2
    assert loops() == before


def test_a_draft_that_was_turned_down_counts_for_its_model_under_the_name_it_had_before_it_was_open(
    tmp_path: Path,
) -> None:
    with registry_of(tmp_path, server("a", "http://127.0.0.1:1/v1")) as registry:
        observed = registry.observer()
        model = registry.chain("a")[0].generator.identity
        registry.open("a")
        observed(Attempt(number=1, model=model, prompt_set="frozen v1"))
        observed(fell_back(FallbackReason.ECHO))
        assert registry.states()[0].counts.quality == {FallbackReason.ECHO: 1}
