"""Starts a server of one's own as a process on loopback, for programs and tests that need a real one for a while.

with start_server(Path("service"), settings={"port": 0}) as server, Client(server.url) as client:
print(client.ready().models)
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from proofkit_core.errors import ProofKitError

READY = "ProofKit listens on "
TEMPLATE_ONLY = '[[model]]\nid = "template"\nbackend = "template"\n'
"""A file of models without any: the template writes."""
_STOPS_WITHIN_S = 60.0
_NOTHING: Mapping[str, object] = MappingProxyType({})
_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


class ServerNotStartedError(ProofKitError):
    """A server process ended before it listened."""


class ServerProcess:
    """A server that runs."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, folder: Path) -> None:
        """Take over a process that listens.

        Args:
            process: The process.
            url: Where it listens.
            folder: Where its settings, its store and its log are.
        """
        self.process = process
        self.url = url
        self.folder = folder

    @property
    def log(self) -> str:
        """Return what it wrote to its log so far."""
        return (self.folder / "server.log").read_text(encoding="utf-8")

    def stop(self, timeout_s: float = _STOPS_WITHIN_S) -> int:
        """Ask it to stop, wait until it has, and return its exit code."""
        self.process.terminate()
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        """End it in the middle of whatever it does, as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(_STOPS_WITHIN_S)


@contextmanager
def start_server(
    folder: Path,
    *,
    models: str = TEMPLATE_ONLY,
    settings: Mapping[str, object] = _NOTHING,
    limits: Mapping[str, object] = _NOTHING,
    environ: Mapping[str, str] = _NO_VARIABLES,
) -> Generator[ServerProcess]:
    """Start `proofkit-serve run` on a free port, and stop it at the end.

    Args:
        folder: For its settings, its store and its log; kept, so that it can be started there again.
        models: The file of models, as TOML.
        settings: Further settings.
        limits: The table `limits` of the settings.
        environ: What its environment holds besides this process's own.

    Raises:
        ServerNotStartedError: It ended before it listened; the message holds its log.
    """
    folder = folder.resolve()  # the settings are read from within it
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "models.toml").write_text(models, encoding="utf-8")
    values = {"data_dir": str(folder / "data"), "models": str(folder / "models.toml"), "port": 0, **settings}
    config = folder / "config.toml"
    config.write_text(f"{_toml(values)}\n[limits]\n{_toml(limits)}", encoding="utf-8")
    call = [sys.executable, "-m", "proofkit_serve", "run", "--config", str(config)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PROOFKIT_")}
    with (
        (folder / "server.log").open("a", encoding="utf-8") as log,
        subprocess.Popen(  # noqa: S603 - this very program
            call, stdout=subprocess.PIPE, stderr=log, text=True, env={**kept, **environ}
        ) as process,
    ):
        try:
            yield ServerProcess(process, _url(process, folder), folder)
        finally:
            _end(process)


def _url(process: "subprocess.Popen[str]", folder: Path) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if line.startswith(READY):
        return line.removeprefix(READY).strip()
    process.wait(_STOPS_WITHIN_S)
    told = (folder / "server.log").read_text(encoding="utf-8")
    raise ServerNotStartedError(f"The server ended with {process.returncode} before it listened. Its log: {told}")


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _toml(values: Mapping[str, object]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
