"""What must hold between the settings of a model, and between models, that no single field can say."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from proofkit_core.errors import InputError
from proofkit_core.generation import PromptKind
from proofkit_serve.registry.spec import BackendName, ModelSpec
from proofkit_serve.settings.model import is_loopback
from proofkit_serve.settings.reading import suggest

__all__ = ["check_models"]

_VARIABLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,79}$")
_LOOKS_LIKE_KEY = re.compile(r"^(?:sk-|hf_|gsk_|ghp_|xai-)[A-Za-z0-9_-]{12,}$")
_BY_BACKEND = {
    BackendName.LLAMA_CPP: {"weights", "adapter", "cache", "threads"},
    BackendName.TRANSFORMERS: {"weights", "model", "adapter", "threads", "device"},
    BackendName.ZERO_GPU: set[str](),
    BackendName.HF_INFERENCE: {
        *("model", "provider", "key_env", "key_file", "token_from_caller", "base_urls", "base_urls_env")
    },
    BackendName.OPENAI_COMPATIBLE: {
        *("model", "base_urls", "base_urls_env", "wire", "dialect", "key_env", "key_file", "ca_file", "weights")
    },
    BackendName.TEMPLATE: set[str](),
}
_EXAMPLE = "one such as 'http://127.0.0.1:8001/v1'."
_OF_SOME = set[str]().union(*_BY_BACKEND.values())


def check_models(models: tuple[ModelSpec, ...], default: str, where: str) -> None:
    """Refuse models that cannot be used together or make no sense alone.

    Args:
        models: All of them.
        default: Id of the one a new session uses; empty for the first.
        where: The file, for the message.

    Raises:
        InputError: Something does not fit; the sentence says what.
    """
    if not models:
        raise InputError(
            f"{where}: there is no model. Expected at least one [[model]]. Add one, or leave the file out."
        )
    counts = Counter(spec.id for spec in models)
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice:
        raise InputError(f"{where}: two models have the id {twice!r}. Expected one each. Rename one.")
    ids = tuple(counts)
    if default and default not in counts:
        raise InputError(f"{where}: the default model {default!r} is none of the models. {suggest(default, ids)}")
    for spec in models:
        problem = next(_problems(spec, {each.id: each for each in models}), None)
        if problem:
            raise InputError(f"{where}: the model {spec.id!r} {problem}")


def _problems(spec: ModelSpec, models: dict[str, ModelSpec]) -> Iterator[str]:
    yield from _misplaced(spec)
    yield from _secrets(spec)
    yield from _addresses(spec)
    yield from _prompts(spec)
    yield from _fallbacks(spec, models)


def _misplaced(spec: ModelSpec) -> Iterator[str]:
    allowed = _BY_BACKEND[spec.backend]
    for name in sorted(spec.model_fields_set & (_OF_SOME - allowed)):
        yield f"has {name!r}, which means nothing for the backend {spec.backend.value!r}. Remove it."
    if spec.backend is BackendName.TRANSFORMERS and bool(spec.weights) == bool(spec.model):
        yield "needs either 'weights', a folder, or 'model', an id at the Hugging Face hub. Name one of them."
    if spec.backend.is_remote and not spec.model:
        yield "has no 'model'. Expected the server's own name for it. Name it."
    if spec.backend is BackendName.OPENAI_COMPATIBLE and not (spec.base_urls or spec.base_urls_env):
        yield f"has no 'base_urls'. Expected {_EXAMPLE} Name it."


def _secrets(spec: ModelSpec) -> Iterator[str]:
    for field in ("key_env", "base_urls_env"):
        name: str = getattr(spec, field)
        if name and (_LOOKS_LIKE_KEY.match(name) or not _VARIABLE.match(name)):
            # The value itself is not repeated: it may be the secret.
            yield f"has something in {field!r} that is no name of an environment variable. Put the name there only."
    if spec.key_env and spec.key_file:
        yield "has both 'key_env' and 'key_file'. Expected one of them. Remove one."
    if spec.token_from_caller:
        yield from _callers_token(spec)


def _callers_token(spec: ModelSpec) -> Iterator[str]:
    if spec.key_env or spec.key_file:
        yield "has a key of its own beside 'token_from_caller'. Expected one of them: who pays? Remove one."
    if spec.base_urls_env:
        yield "has 'base_urls_env' beside 'token_from_caller'. Expected to see here where tokens go. Use 'base_urls'."
    for url in spec.base_urls:
        if urlsplit(url).scheme != "https" and not is_loopback(urlsplit(url).hostname or ""):
            yield "would send its callers' tokens unencrypted. Expected a base URL with https. Change it."


def _addresses(spec: ModelSpec) -> Iterator[str]:
    if spec.base_urls and spec.base_urls_env:
        yield "has both 'base_urls' and 'base_urls_env'. Expected one of them. Remove one."
    for url in spec.base_urls:
        problem = url_problem(url)
        if problem:
            yield f"has a base URL that {problem}"
    if len(set(spec.base_urls)) < len(spec.base_urls):
        yield "names a base URL twice. Expected each server once. Remove one."


def url_problem(url: str) -> str:
    """Return what is wrong with a server's address; empty where nothing is. It is not repeated: it may hold a key."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return f"cannot be read. Expected {_EXAMPLE}"
    if parts.username is not None or parts.password is not None:
        return "holds a user or a password. Expected none. Put the key into 'key_env'."
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        return f"has no host or another scheme than http. Expected {_EXAMPLE}"
    if parts.query or parts.fragment:
        return f"has a query or a fragment. Expected none: {_EXAMPLE}"
    return ""


def _prompts(spec: ModelSpec) -> Iterator[str]:
    editable = spec.prompts is PromptKind.EDITABLE
    if editable and not spec.backend.is_remote:
        yield (
            "has prompts = 'editable', which are for large general models behind a server. Expected 'frozen' for the "
            f"backend {spec.backend.value!r}. Change it."
        )
    if not editable and spec.backend is BackendName.HF_INFERENCE:
        yield (
            "has prompts = 'frozen', but a provider puts its own template around a prompt. Expected 'editable' for the "
            "backend 'hf_inference', with a large model. Change it."
        )
    if spec.dialect == "ollama" and spec.spoken == "completions":
        yield (
            "has dialect = 'ollama', a server that puts its own template around a whole prompt. Expected one that "
            "takes it as it is, such as llama-server or vLLM, or editable prompts with wire = 'chat'. Change it."
        )
    if editable and spec.spoken == "completions":
        yield "has wire = 'completions' with editable prompts, which are messages. Expected 'chat'. Change it."
    if spec.contract and (editable or spec.backend is BackendName.TEMPLATE):
        yield "has a 'contract', which only says something about frozen prompts. Remove it."
    if spec.backend is BackendName.OPENAI_COMPATIBLE and spec.weights and (editable or spec.contract):
        yield "has 'weights', a copy to read the contract from, which is not needed here. Remove it."


def _fallbacks(spec: ModelSpec, models: dict[str, ModelSpec]) -> Iterator[str]:
    if spec.backend is BackendName.TEMPLATE and spec.fallbacks:
        yield "is the template, which never fails, so it needs no 'fallbacks'. Remove them."
    for number, name in enumerate(spec.fallbacks):
        if name not in models:
            yield f"falls back to {name!r}, which is none of the models. {suggest(name, tuple(models))}"
        elif name == spec.id or name in spec.fallbacks[:number]:
            yield f"falls back to {name!r} again. Expected each model once. Remove it."
        elif models[name].backend is BackendName.TEMPLATE and number < len(spec.fallbacks) - 1:
            yield f"falls back to more models after {name!r}, which is the template and never fails. Put it last."
