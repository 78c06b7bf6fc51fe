"""What leaves the computer: told item by item, and watched."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from proofkit_core.drafting import fields
from proofkit_serve.registry import ModelSpec, open_registry
from proofkit_serve.sessions import Document, material_of
from proofkit_serve.settings import load_settings
from proofkit_ui.web.views.leaves import leaves_view
from proofkit_ui.web.words import load_words

Fixture = Any
"""What a fixture gives; importlib mode lets tests share no module."""
HOOK = """
import os, sys

_LOG = os.open(os.environ["PROOFKIT_WATCH_KEY"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
_HERE = {"127.0.0.1", "::1", "localhost", "", None, "0.0.0.0"}

def _watch(event, args):
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = args[0].decode() if isinstance(args[0], bytes) else args[0]
    else:
        return
    if host not in _HERE:
        os.write(_LOG, f"{event} {host}\\n".encode())
        raise ConnectionError("the network is watched")

sys.addaudithook(_watch)
os.write(_LOG, b"watching\\n")
"""
HOSTED = """
[[model]]
id = "far"
name = "Far Away Large"
backend = "openai_compatible"
model = "large"
prompts = "editable"
parameters_b = 70.0
base_urls = ["https://models.example.org/v1"]
fallbacks = ["near"]

[[model]]
id = "near"
name = "My own server"
backend = "openai_compatible"
model = "large"
prompts = "editable"
parameters_b = 70.0
base_urls = ["http://127.0.0.1:9/v1"]

[[model]]
id = "template"
backend = "template"
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, apart: dict[str, str]) -> tuple[dict[str, str], Path]:
    """An environment in which each call to another computer is written down and refused."""
    folder = tmp_path_factory.mktemp("watch")
    (folder / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    log = folder / "calls.log"
    return {**apart, "PYTHONPATH": str(folder), "PROOFKIT_WATCH_KEY": str(log)}, log


def calls(log: Path) -> list[str]:
    return [line for line in log.read_text(encoding="utf-8").splitlines() if line != "watching"]


def test_the_watch_sees_a_call_to_another_computer(watched: tuple[dict[str, str], Path]) -> None:
    environment, log = watched
    code = "import socket; socket.create_connection(('192.0.2.7', 80), 1)"
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert ended.returncode != 0
    assert calls(log) != []
    assert "192.0.2.7" in calls(log)[-1]
    log.unlink()


@pytest.fixture(params=["template", pytest.param("embedded", marks=[pytest.mark.model, pytest.mark.slow])])
def watched_app(
    request: pytest.FixtureRequest,
    app: Fixture,
    watched: tuple[dict[str, str], Path],
    tmp_path: Path,
) -> Iterator[Any]:
    running = type(app)(tmp_path / "data", watched[0], request.param)
    running.model = request.param
    running.start()
    yield running
    running.stop()


def test_the_whole_work_calls_no_other_computer(
    watched_app: Fixture, watched: tuple[dict[str, str], Path], visit: Callable[[Any], Any]
) -> None:
    visitor = visit(watched_app)
    session = visitor.begin()
    visitor.make(session)
    names = re.findall(r'/packet/files/([a-z.-]+)"', visitor.get(f"/s/{session}/packet"))
    assert len(set(names)) > 10
    for name in set(names):
        assert visitor.http.get(f"/s/{session}/packet/files/{name}").status_code == 200
    upload = {"resume_file": ("cv.txt", b"Depot shift lead since 2019.", "text/plain")}
    visitor.http.post(f"/s/{session}/goal/file", files=upload)
    if watched_app.model == "embedded":
        visitor.http.post(f"/s/{session}/model/test", data={"model": "embedded"}, timeout=300.0)
    for path in (
        "/",
        "/data",
        "/data/backup",
        "/what-leaves",
        "/model",
        f"/s/{session}/sample",
        f"/s/{session}/review",
    ):
        page = visitor.http.get(path)
        assert page.status_code == 200
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]+"', page.text)
    time.sleep(0.2)
    log = watched[1]
    assert "watching" in log.read_text(encoding="utf-8"), "nobody watched"
    assert calls(log) == []


def test_the_page_of_the_default_install_says_that_nothing_leaves(visitor: Fixture, w: Fixture) -> None:
    page = visitor.get("/what-leaves")
    assert w("leaves.nothing") in page
    assert w("leaves.leaving_heading") not in page


def test_hosted_models_are_named_with_what_they_are_sent(tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text(HOSTED, encoding="utf-8")
    settings = load_settings(environ={}, given={"models": str(tmp_path / "models.toml"), "data_dir": str(tmp_path)})
    with open_registry(settings, environ={}) as registry:
        view = leaves_view(registry, settings)
    assert [(each.model, each.hosts, each.is_first) for each in view.leaving] == [
        ("Far Away Large", ("models.example.org",), True)
    ]
    assert [each.model for each in view.beside] == ["My own server"]
    assert view.headline == "leaves.some"
    assert all(load_words()(each.what) and load_words()(each.how) for each in view.staying)


def test_no_prompt_holds_the_name_or_the_resume(make_document: Callable[..., Document]) -> None:
    document = make_document(
        until="sections",
        name="Zyxwvut Secretname",
        resume="Qwertyuiop secretresume since 2019.",
        job_ad="Secretad here.",
    )
    material = material_of(document)
    brief, challenge, sample = material.brief, material.challenge, material.sample
    section = sample.sections[0]
    prompts = [
        fields.section_fields(brief, challenge, sample, section, material.points, ()),
        fields.carrier_fields(brief, challenge, sample, "draft"),
        fields.review_fields(brief, sample, "draft"),
        fields.setting_fields(brief, sample),
        fields.revision_fields(brief, challenge, sample, section, draft="draft", action="shorter", goal="goal"),
    ]
    profile = fields.profile_fields(brief, "office")
    for told in (*prompts, profile):
        text = str(told).casefold()
        assert "secretname" not in text
        assert "secretresume" not in text
    assert not any("secretad" in str(told).casefold() for told in prompts)
    assert "secretad" in str(profile).casefold()


def test_a_model_in_this_program_has_no_host() -> None:
    settings = load_settings(environ={}, given={})
    with open_registry(settings, environ={}) as registry:
        view = leaves_view(registry, settings)
        assert all(isinstance(spec, ModelSpec) for spec in registry.specs)
    assert (view.leaving, view.beside, view.headline) == ((), (), "leaves.nothing")
