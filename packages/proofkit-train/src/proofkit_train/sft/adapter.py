"""The trained adapter on disk: PEFT's folder, with its configuration in one fixed order."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from proofkit_train.writing import write_bytes

if TYPE_CHECKING:
    import torch

__all__ = ["ADAPTER_CONFIG", "ADAPTER_WEIGHTS", "adapter_digest", "write_adapter"]

ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"


def write_adapter(model: Any, folder: Path, *, base: str) -> None:  # noqa: ANN401 - PEFT has no types
    """Write the adapter of a PEFT model into a folder that exists.

    Args:
        model: The PEFT model.
        folder: Where to.
        base: The base model's name, for the configuration.
    """
    from peft import get_peft_model_state_dict  # noqa: PLC0415  # pyright: ignore[reportUnknownVariableType]
    from safetensors.torch import save  # noqa: PLC0415 - the same

    tensors: dict[str, torch.Tensor] = cast("Any", get_peft_model_state_dict)(model)
    kept = {name: tensors[name].detach().cpu().contiguous() for name in sorted(tensors)}
    write_bytes(folder / ADAPTER_WEIGHTS, save(kept, metadata={"format": "pt"}))
    write_bytes(folder / ADAPTER_CONFIG, _canonical(model.peft_config["default"].to_dict(), base))


def _canonical(config: Mapping[str, Any], base: str) -> bytes:
    """Return a configuration that is the same for the same adapter; PEFT writes its sets in any order."""
    plain: dict[str, Any] = {
        key: sorted(cast("set[str]", value)) if isinstance(value, set) else value for key, value in config.items()
    }
    plain |= {"base_model_name_or_path": base, "inference_mode": True}
    return (json.dumps(plain, indent=2, sort_keys=True, default=str) + "\n").encode()


def _read(folder: Path) -> "dict[str, torch.Tensor]":
    """Return the tensors of an adapter."""
    from safetensors.torch import load_file  # noqa: PLC0415  # pyright: ignore[reportUnknownVariableType]

    return cast("Any", load_file)(str(folder / ADAPTER_WEIGHTS))


def adapter_digest(folder: Path) -> str:
    """Return the digest over an adapter's tensors, sorted by name: the same for the same weights."""
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(_read(folder).items()):
        digest.update(f"{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        digest.update(tensor.contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
