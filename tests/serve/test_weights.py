from pathlib import Path

import pytest

from proofkit_core.errors import ModelUnavailableError
from proofkit_serve import EMBEDDED_MODEL, embedded_model_path, open_llama_cpp
from proofkit_serve.backends.weights import check_gguf, identify
from proofkit_serve.models import EmbedderSpec, embedder_folder


def test_the_embedded_weights_are_found() -> None:
    assert embedded_model_path().stat().st_size == EMBEDDED_MODEL.size_bytes


def test_a_package_that_is_not_installed_is_named() -> None:
    spec = EMBEDDED_MODEL.model_copy(update={"package": "no_such_weights", "distribution": "no-such-weights"})
    with pytest.raises(ModelUnavailableError, match="'no-such-weights' is not installed"):
        embedded_model_path(spec)


def test_an_encoder_that_is_not_installed_is_named_with_the_command() -> None:
    spec = EmbedderSpec(id="x", name="X", distribution="no-such-encoder", package="no_such_encoder", folder="model")
    with pytest.raises(ModelUnavailableError, match="uv sync --group semantic"):
        embedder_folder(spec)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"absent\.gguf'.*No such file"):
        open_llama_cpp(tmp_path / "absent.gguf")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="Expected a GGUF file"):
        open_llama_cpp(tmp_path)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.gguf"
    path.write_text("<!doctype html><title>Not found</title>", encoding="utf-8")
    with pytest.raises(ModelUnavailableError, match=r"starting with b'<!do'.*starting with b'GGUF'"):
        open_llama_cpp(path)


@pytest.mark.model
@pytest.mark.parametrize("size", [64, 1_000_000, 50_000_000])
def test_a_file_cut_off_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "cut.gguf"
    with embedded_model_path().open("rb") as whole:
        path.write_bytes(whole.read(size))
    with pytest.raises(ModelUnavailableError, match=rf"refused the weights .*\({size} bytes\).*cut off"):
        open_llama_cpp(path)


def test_embedded_weights_of_another_size_or_digest_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "changed.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelUnavailableError, match="98362432 bytes"):
        check_gguf(path, EMBEDDED_MODEL)
    with pytest.raises(ModelUnavailableError, match=EMBEDDED_MODEL.sha256):
        identify(path, EMBEDDED_MODEL)


@pytest.mark.model
def test_more_context_than_the_model_was_trained_for_is_refused() -> None:
    with pytest.raises(ModelUnavailableError, match="Expected 1 to 8192"):
        open_llama_cpp(adapter=None, context_tokens=9000)


@pytest.mark.model
def test_weights_at_a_path_are_named_after_the_file() -> None:
    with open_llama_cpp(embedded_model_path(), context_tokens=256) as backend:
        assert backend.identity.id == "smollm2-135m-instruct.q4_1"
        assert backend.identity.artifact_digest == EMBEDDED_MODEL.sha256
