"""Reads the file of models; without one, there is the model that comes along, and the template."""

from pathlib import Path
from typing import cast

from pydantic import BaseModel

from proofkit_serve.chain.limits import TryLimits
from proofkit_serve.models import EMBEDDED_ADAPTER, EMBEDDED_MODEL
from proofkit_serve.registry.rules import check_models
from proofkit_serve.registry.spec import BackendName, ModelSpec
from proofkit_serve.settings.reading import read_toml, validated

__all__ = ["DEFAULT_MODELS", "ModelFile", "read_models"]


class ModelFile(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a file of models says."""

    default: str = ""
    """Id of the model that a new session uses; the first one where it is empty."""
    model: tuple[ModelSpec, ...]
    """One `[[model]]` each."""

    @property
    def default_id(self) -> str:
        """Return the id of the model that a new session uses."""
        return self.default or self.model[0].id


DEFAULT_MODELS = ModelFile(
    model=(
        ModelSpec(
            id="embedded",
            name=(EMBEDDED_ADAPTER or EMBEDDED_MODEL).name,
            backend=BackendName.LLAMA_CPP,
            # On two slow cores a long prompt alone takes longer than a server would.
            limits=TryLimits(first_token_s=30.0),
        ),
        ModelSpec(id="template", name="No model, the template writes", backend=BackendName.TEMPLATE),
    )
)


def read_models(path: Path | None) -> ModelFile:
    """Return the models of a file, checked as far as a file can be.

    Args:
        path: A TOML file, with paths meant from its own folder; None for the models without one.

    Raises:
        InputError: It cannot be read, or a model in it makes no sense.
    """
    if path is None:
        return DEFAULT_MODELS
    data = read_toml(path, "The file of models")
    where = f"models in {str(path)!r}"
    found = data.get("model")
    for entry in cast("list[object]", found) if isinstance(found, list) else []:
        if isinstance(entry, dict):
            _place_paths(cast("dict[str, object]", entry), path.parent)
    data.setdefault("model", [])
    models = validated(ModelFile, data, where)
    check_models(models.model, models.default, where)
    return models


def _place_paths(entry: dict[str, object], folder: Path) -> None:
    for key in ("weights", "cache", "key_file", "ca_file", "adapter"):
        value = entry.get(key)
        if isinstance(value, str) and value and not (key == "adapter" and value in {"embedded", "none"}):
            entry[key] = str(folder / Path(value).expanduser())
