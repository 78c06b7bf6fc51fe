"""Loads a model and its tokenizer from a folder, silent and with plain errors."""

from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from proofkit_core.errors import FailureKind, ModelUnavailableError
from proofkit_prompts import Contract
from proofkit_serve.backends.hub_library import without_telemetry
from proofkit_serve.backends.torch_model.lora import merge_adapter

__all__ = ["Loaded", "contract_stops", "import_torch", "load_folder", "resolve_source"]

_HUB_FILES = ("*.json", "*.safetensors")
"""Nothing else is downloaded: no pickled weights, which could run code, and no code."""


class Loaded(NamedTuple):
    """A model, ready to evaluate tokens."""

    torch: ModuleType
    model: Any
    """A causal language model of Transformers."""
    tokenizer: Any
    """Its `tokenizers.Tokenizer`, without padding and truncation."""
    end_tokens: frozenset[int]
    special_tokens: frozenset[int]
    dynamic_cache: Any
    """The class for keys and values."""


def contract_stops(contract: Contract) -> frozenset[str]:
    """Return the strings that end completions of a contract's tasks."""
    return frozenset(stop for task in contract.tasks for stop in contract.compiled_task(task).stop)


def import_torch() -> ModuleType:
    """Import torch.

    Raises:
        ModelUnavailableError: It is not installed or does not load here.
    """
    return _import("torch")


def resolve_source(source: Path | str, revision: str | None) -> tuple[Path, str]:
    """Return the folder of a model and its name, after downloading it where a hub id is given.

    Raises:
        ModelUnavailableError: The hub has no such model, or cannot be reached.
    """
    if isinstance(source, Path):
        return source, source.name
    hub = _import("huggingface_hub")
    without_telemetry()
    try:
        folder = hub.snapshot_download(source, revision=revision, allow_patterns=list(_HUB_FILES))
    except (OSError, ValueError, hub.errors.HfHubHTTPError) as error:
        raise ModelUnavailableError(
            f"The model {source!r} could not be fetched from the Hugging Face hub: {error}. Expected an id such as "
            f"`owner/model`, and a network. Check both, or name a folder.",
            kind=FailureKind.NOT_FOUND,
        ) from error
    return Path(folder), source


def load_folder(folder: Path, *, adapter: Path | None, stops: frozenset[str], device: str) -> Loaded:
    """Load a model.

    Args:
        folder: Where it lies.
        adapter: A LoRA adapter's folder, if any.
        stops: Strings that end a turn in the prompts it will be asked; those that are tokens end it too.
        device: Where to put it.

    Raises:
        ModelUnavailableError: Transformers is missing, or refuses the model.
    """
    torch, transformers, safetensors = _import("torch"), _import("transformers"), _import("safetensors")
    # Numbers of 16 bits are quick on graphics cards; most CPUs have to work around them.
    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    refusals = (OSError, ValueError, KeyError, RuntimeError, ImportError, AttributeError, safetensors.SafetensorError)
    try:
        with _no_progress_bars():
            tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
            model = transformers.AutoModelForCausalLM.from_pretrained(
                str(folder),
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                dtype=torch.float32 if adapter else dtype,
            )
        if adapter is not None:
            merge_adapter(model, adapter)
            for weight in model.parameters():  # and not what positions are computed with, which would lose too much
                weight.data = weight.data.to(dtype)
        model = model.eval().to(device)
    except refusals as error:
        raise ModelUnavailableError(
            f"Transformers could not load the model in {str(folder)!r}: {error}. Expected a causal language model that "
            f"this version knows, and memory for it. Save it again, or use a GGUF file with llama.cpp.",
            kind=FailureKind.REFUSED,
        ) from error
    plain = _plain_tokenizer(tokenizer)
    special = frozenset(int(token) for token, entry in plain.get_added_tokens_decoder().items() if entry.special)
    named = {token for stop in stops if (token := plain.token_to_id(stop)) in special}
    ends = named | _end_tokens(tokenizer.eos_token_id, model.generation_config.eos_token_id, model.config.eos_token_id)
    return Loaded(torch, model, plain, frozenset(ends), special, transformers.DynamicCache)


def _plain_tokenizer(tokenizer: Any) -> Any:  # noqa: ANN401 - Transformers has no types for it
    """Return the tokenizer's own copy of its fast part; texts are neither cut nor filled up."""
    plain_type = _import("tokenizers").Tokenizer
    plain = plain_type.from_str(tokenizer.backend_tokenizer.to_str())
    plain.no_padding()
    plain.no_truncation()
    return plain


def _end_tokens(*said: int | list[int] | None) -> set[int]:
    ends: set[int] = set()
    for tokens in said:
        ends |= {tokens} if isinstance(tokens, int) else set(tokens or ())
    return ends


@contextmanager
def _no_progress_bars() -> Generator[None]:
    bars = _import("transformers.utils.logging")
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()  # loading files from disk needs none
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()


def _import(name: str) -> ModuleType:
    try:
        return import_module(name)
    except (ImportError, OSError) as error:
        raise ModelUnavailableError(
            f"{name.partition('.')[0]} could not be loaded: {error}. Expected the extra 'transformers'. "
            f"Run `pip install 'proofkit-serve[transformers]'`.",
            kind=FailureKind.NOT_FOUND,
        ) from error
