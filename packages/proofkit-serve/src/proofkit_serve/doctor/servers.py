"""What the doctor asks of servers alone: whether each is there, and whether its template is the contract's."""

from typing import NamedTuple

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_prompts.prompt import FrozenPrompt
from proofkit_serve.backends.openai_compatible import OpenAICompatibleBackend
from proofkit_serve.doctor.report import Outcome
from proofkit_serve.registry import ModelSpec, Registry
from proofkit_serve.registry.lazy import OpenBackend

__all__ = ["Told", "check_servers", "check_template"]

_NO_LIST = frozenset({FailureKind.NOT_FOUND, FailureKind.BAD_ANSWER, FailureKind.REFUSED})
"""A server without a list of models is there all the same."""


class Told(NamedTuple):
    """What was found."""

    told: str
    outcome: Outcome
    there: str = ""
    """A server that is there, where not all are."""


def check_servers(registry: Registry, spec: ModelSpec) -> Told:
    """Ask each server of a model for its list of models.

    Returns:
        Failed where none answers; where only some do, they are named and the model can be used.

    Raises:
        GenerationError: It is not known which servers there are.
    """
    urls = registry.base_urls(spec.id)
    away: list[str] = []
    there: list[str] = []
    for url in urls:
        try:
            _ask(registry, spec, url)
            there.append(url)
        except GenerationError as error:
            away.append(str(error))
    if len(away) == len(urls):
        return Told(away[0], Outcome.FAILED)
    if away:
        return Told(f"{len(away)} of {len(urls)} servers did not answer. {away[0]}", Outcome.PARTLY, there[0])
    return Told(f"{len(urls)} of {len(urls)} servers answered.", Outcome.OK)


def _ask(registry: Registry, spec: ModelSpec, url: str) -> None:
    backend = registry.open_server(spec.id, url)
    try:
        backend.models(timeout_s=spec.limits.connect_s)
    except GenerationError as error:
        if error.kind not in _NO_LIST:
            raise
    finally:
        backend.close()


def check_template(backend: OpenBackend, spec: ModelSpec, prompt: FrozenPrompt) -> Told:
    """Compare the server's own template with the contract's, where it can be asked for.

    Args:
        backend: The open model.
        spec: What the file of models says.
        prompt: A frozen prompt.

    Raises:
        GenerationError: The server does not answer.
    """
    if not isinstance(backend, OpenAICompatibleBackend):
        return Told("No server's template comes between.", Outcome.SKIPPED)
    made = backend.server_prompt(prompt.system, prompt.user, timeout_s=spec.limits.connect_s)
    if made == prompt.text:
        return Told("The server's own template makes the contract's prompt, byte for byte.", Outcome.OK)
    if spec.spoken == "completions":
        told = "does not tell its template" if made is None else "has another template than the contract"
        return Told(f"The server {told}; prompts are sent whole, so it is not used.", Outcome.OK)
    told = "does not tell its template" if made is None else f"makes {made[:80]!r}… of the same messages"
    return Told(
        f"The server {told}, so the model would not get the bytes it was trained on. Expected the contract's template. "
        f"Use wire = 'completions', or give the server that template.",
        Outcome.FAILED,
    )
