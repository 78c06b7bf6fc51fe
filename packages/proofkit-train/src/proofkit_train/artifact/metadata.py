"""The metadata of a whole model: copied from a base that is GGUF, or built from config.json and tokenizer.json."""

import json
from pathlib import Path
from typing import Any, cast

from proofkit_train.artifact.gguf_writing import OutType
from proofkit_train.base.families import family_of
from proofkit_train.base.gguf_file import ARRAY, STRING, Entry, read_gguf
from proofkit_train.base.source import BaseSource
from proofkit_train.base.tokenizer import END_TOKEN
from proofkit_train.base.weight_files import CONFIG, TOKENIZER
from proofkit_train.errors import BaseError

__all__ = ["model_entries"]

_UINT32, _INT32, _FLOAT32, _BOOL = 4, 5, 6, 7
_FILE_TYPES = {"F32": 0, "F16": 1, "Q8_0": 7}
_NORMAL, _CONTROL, _USER_DEFINED, _UNUSED = 1, 3, 4, 5
"""Types of tokens."""
_THETA = 10_000.0
"""Base of the rotary embedding where a configuration names none."""


def model_entries(source: BaseSource, name: str, kind: OutType) -> dict[str, Entry]:
    """Return the metadata of a model made from a base.

    Args:
        source: The base.
        name: The model's name for people.
        kind: How its matrices are stored.

    Raises:
        BaseError: The base's tokenizer or configuration is of an unknown kind.
        ModelFileError: The base is damaged.
    """
    entries = dict(read_gguf(source.path).entries) if source.is_gguf else _from_folder(source.path)
    for key in ("general.quantization_version", "general.finetune", "general.size_label"):
        entries.pop(key, None)  # of the base; the first is written anew where weights are quantised
    found = entries["tokenizer.ggml.tokens"].value if "tokenizer.ggml.tokens" in entries else []
    tokens = cast("list[object]", found) if isinstance(found, list) else []
    if END_TOKEN in tokens:
        # Whatever the base ended its turns with, a model of the contract ends them with the contract's token.
        entries["tokenizer.ggml.eos_token_id"] = Entry(tokens.index(END_TOKEN), _UINT32, None)
    return entries | {
        "general.type": Entry("model", STRING, None),
        "general.name": Entry(name, STRING, None),
        "general.file_type": Entry(_FILE_TYPES[kind], _UINT32, None),
    }


def _from_folder(folder: Path) -> dict[str, Entry]:
    config = _json(folder / CONFIG)
    family = family_of(str(config.get("model_type")), str(folder)).name
    rope = cast("dict[str, Any]", config.get("rope_parameters") or config.get("rope_scaling") or {})
    if rope.get("rope_type", rope.get("type", "default")) != "default":
        raise _unknown(folder, f"a scaled rotary embedding ({rope})")
    if config.get("use_sliding_window"):
        raise _unknown(folder, "a sliding window")
    heads = int(config["num_attention_heads"])
    width = int(config.get("head_dim") or int(config["hidden_size"]) // heads)
    counts = {
        "block_count": config["num_hidden_layers"],
        "context_length": config["max_position_embeddings"],
        "embedding_length": config["hidden_size"],
        "feed_forward_length": config["intermediate_size"],
        "attention.head_count": heads,
        "attention.head_count_kv": config.get("num_key_value_heads", heads),
        "attention.key_length": width,
        "attention.value_length": width,
        "rope.dimension_count": width,
        "vocab_size": config["vocab_size"],
    }
    theta = float(rope.get("rope_theta") or config.get("rope_theta") or _THETA)
    return {
        **{f"{family}.{key}": Entry(int(count), _UINT32, None) for key, count in counts.items()},
        f"{family}.attention.layer_norm_rms_epsilon": Entry(float(config["rms_norm_eps"]), _FLOAT32, None),
        f"{family}.rope.freq_base": Entry(theta, _FLOAT32, None),
        **_tokenizer(folder, int(config["vocab_size"]), config),
    }


def _tokenizer(folder: Path, size: int, config: dict[str, Any]) -> dict[str, Entry]:
    whole = _json(folder / TOKENIZER)
    model = whole["model"]
    if model.get("type") != "BPE" or model.get("byte_fallback"):
        raise _unknown(folder, f"a tokenizer of the kind {model.get('type')!r}")
    most = max([*model["vocab"].values(), *(added["id"] for added in whole["added_tokens"])])
    if most >= size:
        raise _unknown(folder, f"a tokenizer with the token {most} for {size} rows of the embedding")
    tokens = [f"[PAD{number}]" for number in range(size)]  # rows of the embedding that no token uses
    types = [_UNUSED] * size
    for token, number in model["vocab"].items():
        tokens[number], types[number] = token, _NORMAL
    for added in whole["added_tokens"]:
        number = added["id"]
        tokens[number], types[number] = added["content"], _CONTROL if added["special"] else _USER_DEFINED
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    ids = {"bos": _first(config.get("bos_token_id")), "padding": _first(config.get("pad_token_id"))}
    return {
        "tokenizer.ggml.model": Entry("gpt2", STRING, None),
        "tokenizer.ggml.pre": Entry(_splitting(folder, whole), STRING, None),
        "tokenizer.ggml.tokens": Entry(tokens, ARRAY, STRING),
        "tokenizer.ggml.token_type": Entry(types, ARRAY, _INT32),
        "tokenizer.ggml.merges": Entry(merges, ARRAY, STRING),
        "tokenizer.ggml.add_bos_token": Entry(value=False, type=_BOOL, item_type=None),
        "tokenizer.ggml.add_space_prefix": Entry(value=False, type=_BOOL, item_type=None),
        **{
            f"tokenizer.ggml.{key}_token_id": Entry(number, _UINT32, None)
            for key, number in ids.items()
            if number is not None
        },
    }


def _splitting(folder: Path, whole: dict[str, Any]) -> str:
    """Return llama.cpp's name for the way a tokenizer splits text."""
    splitter = cast("dict[str, Any]", whole["pre_tokenizer"] or {"type": "none"})
    steps = cast("list[dict[str, Any]]", splitter.get("pretokenizers") or [splitter])
    kinds = [str(step["type"]) for step in steps]
    if kinds == ["Digits", "ByteLevel"] and steps[0].get("individual_digits") and steps[1].get("use_regex"):
        return "smollm"
    if kinds == ["Split", "ByteLevel"] and r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*" in str(steps[0]["pattern"].get("Regex")):
        return "qwen2"
    raise _unknown(folder, f"a tokenizer that splits text by {kinds}")


def _first(value: Any) -> int | None:  # noqa: ANN401 - parsed JSON
    """Return a token id; a configuration may name several."""
    found = cast("list[int]", value) if isinstance(value, list) else [value]
    return found[0] if found else None


def _json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BaseError(
            f"{str(path)!r} could not be read: {error}. Expected a whole folder of a base model. Download it again."
        ) from error


def _unknown(folder: Path, found: str) -> BaseError:
    return BaseError(
        f"The base in {str(folder)!r} has {found}. Expected a plain model of the families llama or qwen2 with a "
        f"byte-level BPE tokenizer as SmolLM2 or Qwen2 have it. Choose another base."
    )
