"""Opens a model with the backend that its spec names. Each engine is imported only when a model needs it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from proofkit_core.errors import FailureKind, InputError, ModelUnavailableError
from proofkit_core.generation import ModelIdentity
from proofkit_serve.backends.handshake import Greeting
from proofkit_serve.registry.greeting import named_adapter, named_folder
from proofkit_serve.registry.lazy import OpenBackend
from proofkit_serve.registry.rules import url_problem
from proofkit_serve.registry.spec import BackendName, ModelSpec

if TYPE_CHECKING:
    from proofkit_serve.backends.http.limits import Limits
    from proofkit_serve.backends.http.loop import LoopThread
    from proofkit_serve.backends.openai_compatible import OpenAICompatibleBackend

__all__ = ["base_urls_of", "configured_identity", "open_backend", "open_server"]


def open_backend(
    spec: ModelSpec, greeting: Greeting, *, environ: Mapping[str, str], loop: "Callable[[], LoopThread]"
) -> OpenBackend:
    """Open a model.

    Args:
        spec: What the file of models says.
        greeting: How it may be asked.
        environ: Where the variables stand that the spec names.
        loop: Returns the thread that the connections to servers share.

    Raises:
        GenerationError: It cannot be opened, or is not the weights that the spec names.
    """
    openers: dict[BackendName, Callable[[], OpenBackend]] = {
        BackendName.LLAMA_CPP: lambda: _open_llama_cpp(spec),
        BackendName.TRANSFORMERS: lambda: _open_transformers(spec, environ),
        BackendName.OPENAI_COMPATIBLE: lambda: open_server(spec, greeting, environ=environ, loop=loop()),
        BackendName.HF_INFERENCE: lambda: _open_hf(spec, environ),
    }
    try:
        backend = openers[spec.backend]()
    except ImportError as error:
        raise ModelUnavailableError(
            f"The backend {spec.backend.value!r} of {spec.shown_name} needs a package that is not installed: {error}. "
            f"Run `uv sync --extra {_EXTRAS.get(spec.backend, 'hf')}`, or choose another model.",
            kind=FailureKind.NOT_FOUND,
        ) from error
    except InputError as error:
        raise ModelUnavailableError(str(error), kind=FailureKind.REFUSED) from error
    except (OSError, RuntimeError, ValueError, MemoryError) as error:  # what engines raise that nobody foresaw
        raise ModelUnavailableError(
            f"{spec.shown_name} could not be opened by {spec.backend.value}: {type(error).__name__}: {error}. Expected "
            f"whole files and enough memory. Check both, then try it with `proofkit-serve doctor`."
        ) from error
    has_file = spec.backend.is_in_process or spec.weights is not None
    found = backend.identity.artifact_digest
    if has_file and spec.artifact_digest not in {"", found}:
        backend.close()
        raise ModelUnavailableError(
            f"{spec.shown_name} has the SHA-256 {found[:12]}; its 'artifact_digest' says {spec.artifact_digest[:12]}. "
            f"Expected the same. Name the right file, or correct the digest.",
            kind=FailureKind.REFUSED,
        )
    return backend


_EXTRAS = {BackendName.TRANSFORMERS: "transformers", BackendName.HF_INFERENCE: "hf"}


def configured_identity(spec: ModelSpec) -> ModelIdentity:
    """Return which weights a spec speaks of, as far as it tells."""
    files = spec.weights.name if spec.weights else ""
    return ModelIdentity(
        id=spec.id, name=spec.shown_name, artifact_digest=spec.artifact_digest or spec.model or files or spec.id
    )


def _identity_of_copy(spec: ModelSpec) -> ModelIdentity:
    """Return which weights a server holds, by the copy that lies here."""
    from proofkit_serve.backends.torch_model.folder import identify_folder  # noqa: PLC0415 - the same as below
    from proofkit_serve.backends.weights import check_gguf, identify  # noqa: PLC0415 - the same

    path = spec.weights
    if path is None:
        return configured_identity(spec)
    if path.is_dir():
        found = identify_folder(path, None, name=spec.shown_name)
    else:
        check_gguf(path, None)
        found = identify(path, None)
    return found.model_copy(update={"id": spec.id, "name": spec.shown_name})


def _open_llama_cpp(spec: ModelSpec) -> OpenBackend:
    from proofkit_serve.backends.llama_cpp import open_llama_cpp  # noqa: PLC0415 - each engine only where it is used

    return open_llama_cpp(
        spec.weights,
        adapter=named_adapter(spec),
        cache=spec.cache,
        any_contract=spec.allow_unknown,
        context_tokens=spec.capabilities.context_tokens,
        threads=spec.threads,
    )


def open_server(
    spec: ModelSpec,
    greeting: Greeting,
    *,
    environ: Mapping[str, str],
    loop: "LoopThread",
    base_urls: tuple[str, ...] = (),
) -> "OpenAICompatibleBackend":
    """Open a model behind servers with OpenAI's interface. Nothing is connected yet.

    Args:
        spec: What the file of models says.
        greeting: How it may be asked.
        environ: Where the variables stand that the spec names.
        loop: The thread that all connections share.
        base_urls: Only these servers; without them, all that the spec names.

    Raises:
        ModelUnavailableError: A key or an address is missing.
        InputError: The choices do not go together.
    """
    from proofkit_serve.backends.openai_compatible import open_openai_compatible  # noqa: PLC0415 - the same

    return open_openai_compatible(
        identity=_identity_of_copy(spec) if spec.weights else configured_identity(spec),
        base_urls=base_urls or base_urls_of(spec, environ),
        model=spec.model,
        key=_read_key(spec, environ),
        wire=spec.spoken,
        prompts=spec.prompts,
        json_mode=spec.capabilities.json_mode,
        dialect=spec.dialect,
        reasoning=spec.capabilities.reasoning,
        reasoning_allowance=spec.capabilities.reasoning_allowance,
        limits=_limits(spec),
        training=greeting.training,
        ca_file=spec.ca_file,
        loop=loop,
    )


def _open_hf(spec: ModelSpec, environ: Mapping[str, str]) -> OpenBackend:
    from proofkit_serve.backends.hf_inference import open_hf_inference  # noqa: PLC0415 - the same

    key = None if spec.token_from_caller else _read_key(spec, environ)
    if key is None and not spec.token_from_caller:
        raise ModelUnavailableError(
            f"{spec.shown_name} runs at a provider, which asks for a token. Expected the name of the variable that "
            f"holds it as 'key_env', or 'token_from_caller'. Name one.",
            kind=FailureKind.AUTH,
        )
    return open_hf_inference(
        identity=configured_identity(spec),
        model=spec.model,
        provider=spec.provider,
        key=key,
        from_caller=spec.token_from_caller,
        base_url=next(iter(base_urls_of(spec, environ)), ""),
        json_mode=spec.capabilities.json_mode,
        reasoning=spec.capabilities.reasoning,
        reasoning_allowance=spec.capabilities.reasoning_allowance,
        limits=_limits(spec),
        # A loop of its own: each of its calls takes some ten milliseconds of one, which others would wait for.
    )


def _open_transformers(spec: ModelSpec, environ: Mapping[str, str]) -> OpenBackend:
    from proofkit_serve.backends.transformers import open_transformers  # noqa: PLC0415 - the same

    return open_transformers(
        spec.weights or spec.model,
        adapter=named_folder(spec),
        any_contract=spec.allow_unknown,
        context_tokens=spec.capabilities.context_tokens,
        device=spec.device,
        threads=spec.threads,
        environ=environ,
    )


def _limits(spec: ModelSpec) -> "Limits":
    from proofkit_serve.backends.http.limits import Limits  # noqa: PLC0415 - the same

    own = spec.limits
    return Limits(connect_s=own.connect_s, first_token_s=own.first_token_s, idle_s=own.idle_s, total_s=own.total_s)


def base_urls_of(spec: ModelSpec, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the servers of a model.

    Raises:
        ModelUnavailableError: The variable that names them is not set, or holds something else.
    """
    if not spec.base_urls_env:
        return spec.base_urls
    urls = tuple(url.strip() for url in environ.get(spec.base_urls_env, "").split(",") if url.strip())
    problem = next((found for url in urls if (found := url_problem(url))), "") if urls else "is empty."
    if problem:
        raise ModelUnavailableError(
            f"{spec.shown_name} finds its servers in the variable {spec.base_urls_env}, which {problem} Set it to base "
            f"URLs, separated by commas.",
            kind=FailureKind.NOT_FOUND,
        )
    return urls


def _read_key(spec: ModelSpec, environ: Mapping[str, str]) -> SecretStr | None:
    if spec.key_file is not None:
        return _read_key_file(spec, spec.key_file)
    if not spec.key_env:
        return None
    key = environ.get(spec.key_env, "").strip()
    if not key:
        raise ModelUnavailableError(
            f"{spec.shown_name} needs the key in the environment variable {spec.key_env}, which is not set. Set it and "
            f"start again.",
            kind=FailureKind.AUTH,
        )
    return SecretStr(key)


def _read_key_file(spec: ModelSpec, path: Path) -> SecretStr:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelUnavailableError(
            f"{spec.shown_name} needs the key in the file {str(path)!r}, which cannot be read. Expected one line. "
            f"Check the path and who may read it.",
            kind=FailureKind.AUTH,
        ) from error
    if not key:
        raise ModelUnavailableError(
            f"{spec.shown_name} needs the key in the file {str(path)!r}, which is empty. Put the key there.",
            kind=FailureKind.AUTH,
        )
    return SecretStr(key)
