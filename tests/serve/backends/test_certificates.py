"""A model's server has to show a certificate for its own name, from those who are trusted."""

import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.errors import FailureKind, ModelUnavailableError
from proofkit_core.generation import GenerationRequest, ModelIdentity
from proofkit_prompts import EditablePrompt
from proofkit_serve.backends.openai_compatible import open_openai_compatible
from proofkit_serve.faults import fault_server


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for `localhost`, with its key in the file beside it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the program openssl")
    path = tmp_path / "certificate.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(path)]
    subprocess.run([openssl, *kind, *names, *files], check=True, capture_output=True)
    return path


@pytest.mark.parametrize(("host", "trusted"), [("localhost", True), ("127.0.0.1", True), ("localhost", False)])
def test_only_a_trusted_certificate_of_the_servers_own_name_will_do(
    certificate: Path, editable: Callable[..., EditablePrompt], identity: ModelIdentity, host: str, *, trusted: bool
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, certificate.with_name("key.pem"))
    request = GenerationRequest(prompt=editable("Name a tool."))
    with (
        fault_server(tls=tls) as server,
        open_openai_compatible(
            identity=identity,
            base_urls=(f"https://{host}:{server.port}/v1",),
            model="m",
            wire="chat",
            ca_file=certificate if trusted else None,
        ) as backend,
    ):
        if host == "localhost" and trusted:
            assert backend.generate(request).text
            return
        with pytest.raises(ModelUnavailableError) as caught:
            backend.generate(request)
        assert caught.value.kind is FailureKind.CONNECT
        assert server.seen == ()
