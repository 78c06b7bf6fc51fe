"""Adds a LoRA adapter, as PEFT saves it, to the weights of a loaded model. Merged, it costs no time at all."""

import math
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from proofkit_core.errors import FailureKind, ModelUnavailableError
from proofkit_serve.backends.torch_model.folder import ADAPTER_CONFIG, ADAPTER_WEIGHTS, read_json

__all__ = ["merge_adapter"]

_KEY = re.compile(r"base_model\.model\.(.+)\.lora_(A|B)\.weight")
_PLAIN: dict[str, object] = {
    "peft_type": "LORA",
    "bias": "none",
    "use_dora": False,
    "modules_to_save": None,
    "rank_pattern": {},
    "alpha_pattern": {},
    "fan_in_fan_out": False,
    "trainable_token_indices": None,
    "target_parameters": None,
}
"""Settings that change what an adapter means, at the one value that is understood here."""


def merge_adapter(model: Any, folder: Path) -> None:  # noqa: ANN401 - Transformers has no types for it
    """Change a model's weights as an adapter says.

    Args:
        model: The model, on the CPU.
        folder: The adapter's folder.

    Raises:
        ModelUnavailableError: The adapter is damaged, of another kind, or not for this model.
    """
    torch, safetensors = import_module("torch"), import_module("safetensors")
    scale = _scale(folder)
    weights = dict(model.named_parameters())
    try:
        with safetensors.safe_open(str(folder / ADAPTER_WEIGHTS), "pt") as file:
            factors: dict[str, Any] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (safetensors.SafetensorError, OSError) as error:
        raise _misfit(folder, f"could not be read: {error}") from error
    downs = {found[1]: name for name in factors if (found := _KEY.fullmatch(name)) and found[2] == "A"}
    if not downs or len(factors) != 2 * len(downs):
        raise _misfit(folder, f"holds {len(factors)} tensors, of which {2 * len(downs)} are factors of linear layers")
    with torch.no_grad():
        for module, name in sorted(downs.items()):
            weight = weights.get(f"{module}.weight")
            up = factors.get(name.replace(".lora_A.", ".lora_B."))
            down = factors[name]
            if weight is None or up is None or (up.shape[0], down.shape[1]) != tuple(weight.shape):
                raise _misfit(folder, f"changes {module}, which this model has not or has in another shape")
            weight += (scale * (up.float() @ down.float())).to(weight.dtype)


def _scale(folder: Path) -> float:
    config = read_json(folder / ADAPTER_CONFIG)
    for key, plain in _PLAIN.items():
        value = config.get(key, None if key == "peft_type" else plain)
        if value != plain and (value or plain):
            raise _misfit(folder, f"says {key}={value!r}, not {plain!r}")
    rank, alpha = config.get("r"), config.get("lora_alpha")
    if not isinstance(rank, int) or rank < 1 or not isinstance(alpha, int | float):
        raise _misfit(folder, f"says r={rank!r} and lora_alpha={alpha!r}")
    return alpha / math.sqrt(rank) if config.get("use_rslora") else alpha / rank


def _misfit(folder: Path, what: str) -> ModelUnavailableError:
    return ModelUnavailableError(
        f"The adapter in {str(folder)!r} {what}. Expected a plain LoRA adapter, made for these very weights. Check the "
        f"path, or open the model without it.",
        kind=FailureKind.REFUSED,
    )
