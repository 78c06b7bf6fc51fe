"""The doctor says of each model what it really does, writes it down, and ends with 1 where one cannot be used."""

import argparse
import hashlib
import io
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from proofkit_core.errors import InputError
from proofkit_prompts import load_contract
from proofkit_serve.commands.doctor import add_arguments, run_doctor
from proofkit_serve.faults import Asked, Pace, Scenario, fault_server, good_answer
from proofkit_ui.cli import build_parser

CONTRACT = load_contract()
STAMP = f'artifact_digest = "{"ab" * 32}"\ncontract = {{ version = "v1", digest = "{CONTRACT.digest}" }}\n'
TEMPLATE = '[[model]]\nid = "template"\nbackend = "template"\n'


class Run(NamedTuple):
    code: int
    printed: str
    report: dict[str, Any]

    def model(self, name: str) -> dict[str, Any]:
        return next(model for model in self.report["models"] if model["id"] == name)

    def check(self, model: str, name: str) -> tuple[str, str]:
        found = next(check for check in self.model(model)["checks"] if check["name"] == name)
        return found["outcome"], found["told"]


def server(name: str, *urls: str, more: str = STAMP) -> str:
    return (
        f'[[model]]\nid = "{name}"\nbackend = "openai_compatible"\nbase_urls = {json.dumps(urls)}\nmodel = "{name}"\n'
        f"{more}\n"
    )


def doctor(tmp_path: Path, models: str, *options: str) -> Run:
    (tmp_path / "models.toml").write_text(models, encoding="utf-8")
    config = tmp_path / "service.toml"
    config.write_text('models = "models.toml"\ndata_dir = "data"\n', encoding="utf-8")
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    out = io.StringIO()
    code = run_doctor(parser.parse_args(["--config", str(config), *options]), environ={}, out=out)
    path = tmp_path / "data" / "capabilities.json"
    return Run(code, out.getvalue(), json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {})


@contextmanager
def steady_server(**more: Any) -> Generator[str]:  # noqa: ANN401 - the fault server's own
    """Run a server that writes on and on, slowly enough to be stopped in the middle, and keeps to schemas."""

    def answer(asked: Asked) -> str:
        schema = asked.schema
        if schema is None:
            return "word " * 400
        return json.dumps({name: part["enum"][0] for name, part in schema["properties"].items()})

    with fault_server(Scenario.GOOD, pace=Pace(between_s=0.005), answer=answer, **more) as running:
        yield running.base_url


def test_a_good_server_passes_all_checks(tmp_path: Path) -> None:
    before = threading.active_count()
    with steady_server() as url:
        run = doctor(tmp_path, server("student", url) + TEMPLATE)
    assert run.code == 0, run.printed
    outcomes = {check["name"]: check["outcome"] for check in run.model("student")["checks"]}
    assert set(outcomes.values()) == {"ok"}
    assert run.model("student")["schema_enforced"] is True
    assert 0 <= run.model("student")["cancel_s"] <= 0.2  # in whole milliseconds, and a quick one takes none
    assert run.model("student")["tokens_per_s"] > 0
    assert run.model("template")["usable"] is True
    assert "student" in run.printed
    assert "Written to" in run.printed
    assert threading.active_count() == before


def test_the_report_carries_its_schema_and_a_digest_of_all_the_rest(tmp_path: Path) -> None:
    report = doctor(tmp_path, TEMPLATE).report
    digest = report.pop("digest")
    canonical = json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(canonical.encode()).hexdigest() == digest
    assert report["schema"] == "proofkit.capabilities/1"
    assert report["contract_digest"] == CONTRACT.digest


def test_a_dead_server_is_named_and_ends_with_1_and_the_others_are_still_tried(tmp_path: Path) -> None:
    with fault_server(Scenario.REFUSED) as dead, steady_server() as url:
        run = doctor(tmp_path, server("dead", dead.base_url) + server("alive", url))
    assert run.code == 1
    assert run.model("dead")["usable"] is False
    outcome, told = run.check("dead", "reachable")
    assert outcome == "failed"
    assert dead.url in told
    assert run.check("dead", "answer")[0] == "skipped"
    assert run.model("alive")["usable"] is True
    assert "dead" in run.printed
    assert "NO" in run.printed


def test_where_only_some_servers_of_a_model_answer_it_can_be_used_and_that_is_told(tmp_path: Path) -> None:
    with fault_server(Scenario.REFUSED) as dead, steady_server() as url:
        run = doctor(tmp_path, server("pool", dead.base_url, url))
    outcome, told = run.check("pool", "reachable")
    assert outcome == "partly"
    assert told.startswith("1 of 2 servers did not answer")
    assert told in run.printed
    assert run.code == 0


def test_a_schema_that_is_taken_and_not_kept_to_is_found_out(tmp_path: Path) -> None:
    def careless(asked: Asked) -> str:
        return "word " * 400 if asked.schema is None else '{"answer": "what I like"}'

    with fault_server(Scenario.GOOD, pace=Pace(between_s=0.005), answer=careless) as running:
        run = doctor(tmp_path, server("careless", running.base_url))
    assert run.model("careless")["schema_enforced"] is False
    assert run.check("careless", "schema")[0] == "failed"
    assert run.model("careless")["usable"] is True
    assert run.code == 0
    assert "json_mode" in run.printed


def test_a_server_that_gives_no_answer_cannot_be_used(tmp_path: Path) -> None:
    with fault_server(Scenario.SERVER_ERROR) as running:
        run = doctor(tmp_path, server("broken", running.base_url))
    assert run.code == 1
    assert run.check("broken", "answer")[0] == "failed"
    assert "500" in run.check("broken", "answer")[1]


def test_a_first_token_that_a_service_would_not_wait_for_is_told(tmp_path: Path) -> None:
    with fault_server(Scenario.GOOD, pace=Pace(first_token_s=0.3)) as running:
        slow = server("slow", running.base_url, more=STAMP + "limits = { first_token_s = 5.0 }\n")
        quick = server("quick", running.base_url, more=STAMP + "limits = { first_token_s = 0.001 }\n")
        run = doctor(tmp_path, slow)
        assert run.check("slow", "answer")[0] == "ok"
        assert run.code == 0
        # The backend keeps the same limit, so nothing comes at all.
        assert doctor(tmp_path, quick).check("quick", "answer")[0] == "failed"


def test_a_chat_server_with_another_template_is_found_out(tmp_path: Path) -> None:
    chat = STAMP + 'wire = "chat"\n'

    def other(system: str, user: str) -> str:
        return f"<s>{system} {user}"

    with steady_server(template=other) as url:
        run = doctor(tmp_path, server("chat", url, more=chat) + server("whole", url))
    assert run.check("chat", "template")[0] == "failed"
    assert run.check("whole", "template")[0] == "ok"
    assert "sent whole" in run.check("whole", "template")[1]
    assert run.code == 1


def test_a_model_that_may_not_be_asked_is_not_asked(tmp_path: Path) -> None:
    with fault_server(Scenario.GOOD) as running:
        run = doctor(tmp_path, server("small", running.base_url, more=""))
        assert running.seen == ()
    assert run.code == 1
    assert run.check("small", "contract")[0] == "failed"


def test_a_model_that_each_caller_pays_for_is_opened_and_asked_nothing(tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub", reason="needs the extra 'hf'")
    with fault_server() as there:
        hosted = (
            '[[model]]\nid = "hosted"\nbackend = "hf_inference"\nmodel = "org/large-70b"\nprompts = "editable"\n'
            f'base_urls = ["{there.base_url}"]\ntoken_from_caller = true\n'
        )
        run = doctor(tmp_path, hosted)
        assert there.seen == ()
    assert (run.code, run.model("hosted")["usable"]) == (0, True)
    for name in ("answer", "schema", "cancel"):
        assert run.check("hosted", name) == (
            "skipped",
            "Asked with each caller's own token, and there is no caller here.",
        )


def test_an_override_is_told(tmp_path: Path) -> None:
    with steady_server() as url:
        run = doctor(tmp_path, server("small", url, more="allow_unknown = true\n"))
    assert run.code == 0
    assert "marked in every answer" in run.printed


def test_one_model_can_be_examined_alone_and_an_unknown_one_is_told(tmp_path: Path) -> None:
    with steady_server() as url:
        models = server("a", url) + server("b", "http://127.0.0.1:1/v1")
        assert [model["id"] for model in doctor(tmp_path, models, "--model", "a").report["models"]] == ["a"]
    with pytest.raises(InputError, match="no model 'c'"):
        doctor(tmp_path, models, "--model", "c")


def test_the_report_can_go_elsewhere_or_be_printed(tmp_path: Path) -> None:
    assert doctor(tmp_path, TEMPLATE, "--json", str(tmp_path / "deep" / "report.json")).report == {}
    assert (tmp_path / "deep" / "report.json").is_file()
    assert json.loads(doctor(tmp_path, TEMPLATE, "--json", "-").printed)["models"][0]["id"] == "template"
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="could not be written"):
        doctor(tmp_path, TEMPLATE, "--json", str(tmp_path / "file" / "report.json"))


def test_a_server_that_only_makes_up_answers_still_passes_as_what_it_is(tmp_path: Path) -> None:
    with fault_server(Scenario.GOOD, answer=good_answer, pace=Pace(between_s=0.005)) as running:
        run = doctor(tmp_path, server("plain", running.base_url))
    assert run.model("plain")["usable"] is True


def test_both_commands_take_the_same() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    words = ["--config", "a.toml", "--json", "-", "--model", "x", "--model", "y"]
    own, other = vars(parser.parse_args(words)), vars(build_parser().parse_args(["doctor", *words]))
    assert {name: value for name, value in other.items() if name != "command"} == own


@pytest.mark.model
def test_the_model_that_comes_along_can_be_used(tmp_path: Path, embedded: str) -> None:
    run = doctor(tmp_path, embedded + TEMPLATE)
    assert run.code == 0, run.printed
    found = run.model("embedded")
    assert found["mark"] == ""
    assert run.check("embedded", "contract") == ("ok", f"Trained on contract {CONTRACT.version}, by its digests.")
    assert found["schema_enforced"] is True
    assert found["cancel_s"] is not None
    assert found["memory"]["model"] > 0
