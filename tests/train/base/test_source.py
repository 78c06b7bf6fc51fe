import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proofkit_train.base.source import file_digest, resolve_base
from proofkit_train.errors import BaseError

MakeBase = Callable[[str], Path]
COMMIT = "a" * 40


@pytest.mark.model
def test_the_embedded_base_is_the_file_that_the_app_serves() -> None:
    from proofkit_serve import EMBEDDED_MODEL, embedded_model_path  # noqa: PLC0415

    source = resolve_base("embedded")
    assert (source.path, source.digest, source.name) == (
        embedded_model_path(),
        EMBEDDED_MODEL.sha256,
        EMBEDDED_MODEL.id,
    )


def test_a_folder_s_digest_follows_its_weights_tokenizer_and_configuration(own_base: MakeBase) -> None:
    folder = own_base("llama")
    first = resolve_base(str(folder))
    assert (first.kind, first.name, first.is_gguf) == ("folder", "own-llama", False)
    (folder / "README.md").write_text("no part of the model", encoding="utf-8")
    assert resolve_base(str(folder)) == first
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        before = resolve_base(str(folder)).digest
        (folder / name).write_bytes((folder / name).read_bytes() + b" ")
        assert resolve_base(str(folder)).digest != before, name


def test_a_gguf_file_s_digest_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "Some-Model.gguf"
    path.write_bytes(b"GGUF")
    source = resolve_base(str(path))
    assert (source.kind, source.name, source.digest) == ("gguf", "Some-Model", file_digest(path))


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.safetensors"])
def test_an_incomplete_folder_is_refused_with_what_is_missing(own_base: MakeBase, missing: str) -> None:
    folder = own_base("llama")
    (folder / missing).unlink()
    with pytest.raises(BaseError, match=f"has no {missing}"):
        resolve_base(str(folder))


def test_a_shard_that_is_missing_is_named(own_base: MakeBase) -> None:
    folder = own_base("llama")
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": shards}), encoding="utf-8")
    with pytest.raises(BaseError, match="has no model-00002-of-00002"):
        resolve_base(str(folder))
    index.write_text('{"weight_map": ', encoding="utf-8")
    with pytest.raises(BaseError, match=r"has no model\.safetensors"):
        resolve_base(str(folder))


@pytest.mark.parametrize(
    ("spec", "revision", "message"),
    [
        ("no/such/place", "", "There is no base model at 'no/such/place'"),
        ("hub:Qwen", COMMIT, r"is no id on the hub\. Expected `hub:OWNER/NAME`"),
        ("hub:Qwen/Qwen2.5-0.5B-Instruct", "", "Expected a commit of 40 hexadecimal digits"),
        ("hub:Qwen/Qwen2.5-0.5B-Instruct", "main", "has the revision 'main'"),
    ],
)
def test_a_base_that_cannot_be_named_is_refused(spec: str, revision: str, message: str) -> None:
    with pytest.raises(BaseError, match=message):
        resolve_base(spec, revision=revision)


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"")
    with pytest.raises(BaseError, match=r"is not named \*\.gguf"):
        resolve_base(str(path))


FETCH = """
import sys
from pathlib import Path
from proofkit_train.base.source import resolve_base
from proofkit_train.errors import BaseError
try:
    print(resolve_base("hub:owner/name", revision="a" * 40, cache=Path(sys.argv[1])).model_dump_json())
except BaseError as error:
    sys.exit(f"BaseError: {error}")
"""


def fetch(cache: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Resolve a base on the hub in a process of its own, whose environment names another hub."""
    pytest.importorskip("huggingface_hub")
    environment |= {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    command = [sys.executable, "-c", FETCH, str(cache)]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


def test_without_a_network_a_base_that_is_not_here_is_refused(tmp_path: Path) -> None:
    found = fetch(tmp_path, HF_HUB_OFFLINE="1")
    assert found.returncode == 1
    assert "BaseError: The base 'owner/name' at aaaaaaaaaaaa could not be fetched" in found.stderr
    assert "Check the name, the commit and the network" in found.stderr


class Hub:
    """A hub with one model, which breaks off in the middle of a file while `cut` is set."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.cut = files, True
        self.asked: list[str] = []
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
                pass

            def do_HEAD(self) -> None:
                hub.answer(self, with_body=False)

            def do_GET(self) -> None:
                hub.answer(self, with_body=True)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler: http.server.BaseHTTPRequestHandler, *, with_body: bool) -> None:
        name = handler.path.rpartition("/")[2]
        handler.send_response(200)
        if "/resolve/" in handler.path:
            body = self.files[name]
            handler.send_header("X-Repo-Commit", COMMIT)
            handler.send_header("ETag", f'"{name}"')
            if with_body:
                self.asked.append(name)
        else:
            tree = [{"type": "file", "oid": "b" * 40, "size": len(d), "path": n} for n, d in self.files.items()]
            body = json.dumps(tree).encode()
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if with_body and self.cut and name.endswith(".safetensors"):
            handler.wfile.write(body[: len(body) // 2])
            handler.close_connection = True
        elif with_body:
            handler.wfile.write(body)


@pytest.fixture
def hub(own_base: MakeBase) -> Iterator[Hub]:
    folder = own_base("llama")
    names = ("config.json", "tokenizer.json", "model.safetensors")
    opened = Hub({name: (folder / name).read_bytes() for name in names})
    yield opened
    opened.server.shutdown()
    opened.server.server_close()


@pytest.mark.slow
def test_an_interrupted_download_is_refused_and_goes_on_when_run_again(hub: Hub, tmp_path: Path) -> None:
    endpoint = f"http://127.0.0.1:{hub.server.server_port}"
    broken = fetch(tmp_path / "cache", HF_ENDPOINT=endpoint)
    assert broken.returncode == 1
    assert "could not be fetched: peer closed connection" in broken.stderr
    assert "run it again: files that came whole are kept" in broken.stderr
    assert not list((tmp_path / "cache").rglob("*.safetensors"))

    hub.cut = False
    hub.asked.clear()
    whole = fetch(tmp_path / "cache", HF_ENDPOINT=endpoint)
    assert whole.returncode == 0, whole.stderr
    source = json.loads(whole.stdout)
    assert (source["kind"], source["name"], source["revision"]) == ("hub", "owner/name", COMMIT)
    assert hub.asked == ["model.safetensors"]

    hub.asked.clear()
    again = fetch(tmp_path / "cache", HF_HUB_OFFLINE="1")
    assert json.loads(again.stdout) == source
    assert hub.asked == []
