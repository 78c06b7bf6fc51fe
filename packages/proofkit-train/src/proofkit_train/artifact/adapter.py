"""Reads a LoRA adapter as PEFT saves it."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from proofkit_train.base.families import gguf_name
from proofkit_train.base.safetensors_file import SafeTensor, raw_bytes, read_safetensor, read_safetensors
from proofkit_train.errors import ModelFileError

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

__all__ = ["CONFIG", "WEIGHTS", "Adapter", "Pair", "read_adapter"]

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
_DTYPES = {"F32": "torch.float32", "F16": "torch.float16", "BF16": "torch.bfloat16"}
_KEY = re.compile(r"base_model\.model\.(.+)\.lora_(A|B)\.weight")
_PLAIN: dict[str, object] = {
    "bias": "none",
    "use_dora": False,
    "modules_to_save": None,
    "rank_pattern": {},
    "alpha_pattern": {},
    "fan_in_fan_out": False,
    "trainable_token_indices": None,
    "target_parameters": None,
}
"""Settings of PEFT that change what an adapter means, at the one value that llama.cpp's adapters can express."""


class Pair(NamedTuple):
    """The two factors of one layer's change, which is `scale × up × down`."""

    down: "NDArray[float32]"
    """PEFT's A: rank by inputs."""
    up: "NDArray[float32]"
    """PEFT's B: outputs by rank."""


class Adapter(NamedTuple):
    """A LoRA adapter."""

    folder: Path
    rank: int
    scale: float
    """What the product of the factors is multiplied by."""
    pairs: Mapping[str, Pair]
    """By the GGUF name of the weight they change, such as `blk.0.attn_q.weight`; rows as in Transformers."""
    digest: str
    """SHA-256 (hex) over the factors in order of name, as a run records it: the same for the same adapter."""
    config: Mapping[str, Any]
    """The whole of adapter_config.json."""

    @property
    def alpha(self) -> float:
        """Return what llama.cpp divides by the rank to get the scale."""
        return self.scale * self.rank


def read_adapter(folder: Path) -> Adapter:
    """Read an adapter.

    Args:
        folder: A folder with adapter_config.json and adapter_model.safetensors.

    Raises:
        ModelFileError: A file is missing or damaged, or the adapter is of a kind that llama.cpp has not.
    """
    config = _read_config(folder)
    rank, scale = _rank_and_scale(folder, config)
    halves: dict[str, dict[str, SafeTensor]] = {}
    tensors = read_safetensors(folder / WEIGHTS)
    for name, tensor in tensors.items():
        found = _KEY.fullmatch(name)
        target = gguf_name(f"{found[1]}.weight") if found else None
        if found is None or target is None or not target.startswith("blk."):
            raise ModelFileError(
                f"The adapter in {str(folder)!r} has the tensor {name!r}. Expected LoRA factors of the linear layers "
                f"alone. Train it with `all-linear` targets and nothing saved beside them."
            )
        halves.setdefault(target, {})[found[2]] = tensor
    pairs = {name: _pair(folder, name, halves[name], rank) for name in sorted(halves)}
    if not pairs:
        raise ModelFileError(f"The adapter in {str(folder)!r} holds no LoRA factors. Expected some. Train it again.")
    return Adapter(folder, rank, scale, pairs, _digest(tensors), config)


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    try:
        config: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelFileError(
            f"No adapter could be read at {str(folder)!r}: {CONFIG} {error.strerror}. Expected a folder as "
            f"`proofkit-train sft` writes it. Check the path."
        ) from error
    except ValueError as error:
        raise ModelFileError(
            f"{str(path)!r} is no JSON: {error}. Expected what PEFT writes. Train it again."
        ) from error
    if not isinstance(config, dict) or cast("dict[str, Any]", config).get("peft_type") != "LORA":
        raise ModelFileError(f"{str(path)!r} describes no LoRA adapter. Expected peft_type LORA. Name another folder.")
    return cast("dict[str, Any]", config)


def _rank_and_scale(folder: Path, config: Mapping[str, Any]) -> tuple[int, float]:
    for key, plain in _PLAIN.items():
        value = config.get(key, plain)
        if value != plain and (value or plain):
            raise ModelFileError(
                f"The adapter in {str(folder)!r} has {key}={value!r}. Expected {plain!r}: adapters of llama.cpp know "
                f"nothing else. Train a plain LoRA adapter."
            )
    rank, alpha = config.get("r"), config.get("lora_alpha")
    if not isinstance(rank, int) or rank <= 0 or not isinstance(alpha, int | float):
        raise ModelFileError(
            f"The adapter in {str(folder)!r} has the rank {rank!r} and alpha {alpha!r}. Expected two numbers. "
            f"Train it again."
        )
    return rank, alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)


def _pair(folder: Path, name: str, halves: Mapping[str, SafeTensor], rank: int) -> Pair:
    if set(halves) != {"A", "B"} or halves["A"].shape[0] != rank or halves["B"].shape[-1] != rank:
        shapes = {half: tensor.shape for half, tensor in halves.items()}
        raise ModelFileError(
            f"The adapter in {str(folder)!r} has for {name!r} the factors {shapes}. Expected A and B of rank {rank}. "
            f"Train it again."
        )
    return Pair(read_safetensor(halves["A"]), read_safetensor(halves["B"]))


def _digest(tensors: Mapping[str, SafeTensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name}\0{_DTYPES[tensor.type]}\0{tensor.shape}\0".encode())
        digest.update(raw_bytes(tensor))
    return digest.hexdigest()
