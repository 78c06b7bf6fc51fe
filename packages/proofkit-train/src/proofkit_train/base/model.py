"""Loads a base model into Transformers: from a folder as it is, from a GGUF file by turning its weights back."""

from typing import TYPE_CHECKING, Any, Literal, cast

from proofkit_train.base.families import Family, family_of, transformers_name, unpermute
from proofkit_train.base.gguf_file import GgufFile, Tensor, read_gguf, read_tensor
from proofkit_train.base.source import BaseSource
from proofkit_train.base.weight_files import CONFIG
from proofkit_train.errors import BaseError

if TYPE_CHECKING:
    import torch
    from transformers import PretrainedConfig, PreTrainedModel

__all__ = ["DType", "load_model", "model_config"]

DType = Literal["float32", "bfloat16", "float16"]


def load_model(source: BaseSource, dtype: DType = "float32") -> "PreTrainedModel":
    """Load a base model, ready to train or to read.

    Args:
        source: The base, as `resolve_base` found it.
        dtype: How its weights are kept in memory.

    Raises:
        BaseError: The model is of an unknown family, or its weights do not fit its configuration.
        ModelFileError: The GGUF file is damaged.
    """
    import torch

    kept = cast("torch.dtype", getattr(torch, dtype))
    if source.is_gguf:
        return _from_gguf(read_gguf(source.path), kept)
    return _from_folder(source, kept)


def model_config(source: BaseSource) -> "PretrainedConfig":
    """Return the configuration of a base model, without its weights.

    Raises:
        BaseError: The model is of an unknown family, or its configuration cannot be read.
        ModelFileError: The GGUF file is damaged.
    """
    if source.is_gguf:
        file = read_gguf(source.path)
        return _config(file, family_of(file.text("general.architecture"), str(file.path)))
    from transformers import AutoConfig

    try:
        config = cast("Any", AutoConfig).from_pretrained(source.path, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise BaseError(
            f"The configuration {str(source.path / CONFIG)!r} could not be read: {error}. Expected a model of the "
            f"families llama or qwen2. Download the base model again, or choose another."
        ) from error
    family_of(str(config.model_type), str(source.path))
    return cast("PretrainedConfig", config)


def _from_folder(source: BaseSource, dtype: "torch.dtype") -> "PreTrainedModel":
    from transformers import AutoModelForCausalLM

    config = model_config(source)
    try:
        return cast("Any", AutoModelForCausalLM).from_pretrained(
            source.path, config=config, dtype=dtype, local_files_only=True, attn_implementation="sdpa"
        )
    except Exception as error:  # safetensors, Transformers and torch each raise their own
        raise BaseError(
            f"The weights in {str(source.path)!r} could not be loaded: {error}. Expected whole safetensors that fit "
            f"config.json. Download the base model again."
        ) from error


def _from_gguf(file: GgufFile, dtype: "torch.dtype") -> "PreTrainedModel":
    import torch
    from transformers import LlamaForCausalLM, Qwen2ForCausalLM

    family = family_of(file.text("general.architecture"), str(file.path))
    config = cast("Any", _config(file, family))
    classes = {"llama": LlamaForCausalLM, "qwen2": Qwen2ForCausalLM}
    with cast("Any", torch.random).fork_rng(
        devices=[]
    ):  # the random weights, replaced below, leave no trace in later draws
        model = cast("Any", classes[family.name])(config)
    missing = set(cast("dict[str, Any]", model.state_dict()))
    if config.tie_word_embeddings:
        missing.discard("lm_head.weight")
    with torch.no_grad():
        for tensor in file.tensors:
            name = transformers_name(tensor.name)
            if name not in missing:
                raise _unfit(file, f"a tensor {tensor.name!r} that this family does not have")
            target = cast("torch.Tensor", model.get_parameter(name))
            if tuple(target.shape) != tensor.shape:
                raise _unfit(file, f"{tensor.name!r} in the shape {tensor.shape} instead of {tuple(target.shape)}")
            target.copy_(torch.from_numpy(_rows(file, tensor, family, config)))  # pyright: ignore[reportUnknownMemberType]
            missing.discard(name)
    if missing:
        raise _unfit(file, f"no tensor for {min(missing)!r}")
    return cast("PreTrainedModel", model.to(dtype).eval())


def _rows(file: GgufFile, tensor: Tensor, family: Family, config: Any) -> Any:  # noqa: ANN401 - a NumPy array
    rows = read_tensor(file, tensor)
    if family.permuted and ".attn_q." in tensor.name:
        return unpermute(rows, config.num_attention_heads).copy()
    if family.permuted and ".attn_k." in tensor.name:
        return unpermute(rows, config.num_key_value_heads).copy()
    return rows


def _config(file: GgufFile, family: Family) -> "PretrainedConfig":
    from transformers import LlamaConfig, Qwen2Config

    scaling = f"{family.name}.rope.scaling."
    if any(key.startswith(scaling) for key in file.entries) and file.text(f"{scaling}type", "none") != "none":
        raise _unfit(file, f"a scaled rotary embedding ({file.text(f'{scaling}type')!r})")
    tensors = {tensor.name: tensor for tensor in file.tensors}
    if "token_embd.weight" not in tensors:
        raise _unfit(file, "no tensor 'token_embd.weight'")

    def count(key: str) -> int:
        return int(file.number(f"{family.name}.{key}"))

    heads, width = count("attention.head_count"), count("embedding_length")
    head = f"{family.name}.attention.key_length"
    kwargs: dict[str, Any] = {
        "vocab_size": tensors["token_embd.weight"].shape[0],
        "hidden_size": width,
        "intermediate_size": count("feed_forward_length"),
        "num_hidden_layers": count("block_count"),
        "num_attention_heads": heads,
        "num_key_value_heads": count("attention.head_count_kv"),
        "head_dim": int(file.number(head)) if head in file.entries else width // heads,
        "max_position_embeddings": count("context_length"),
        "rms_norm_eps": float(file.number(f"{family.name}.attention.layer_norm_rms_epsilon")),
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": float(file.number(f"{family.name}.rope.freq_base")),
        },
        "tie_word_embeddings": "output.weight" not in tensors,
        **{
            f"{name}_token_id": int(file.number(key))
            for name in ("bos", "eos")
            if (key := f"tokenizer.ggml.{name}_token_id") in file.entries
        },
    }
    if family.name == "llama":
        return LlamaConfig(attention_bias="blk.0.attn_q.bias" in tensors, **kwargs)
    return Qwen2Config(**kwargs)


def _unfit(file: GgufFile, found: str) -> BaseError:
    return BaseError(
        f"The GGUF file {str(file.path)!r} has {found}. Expected a plain model of the families llama or qwen2. "
        f"Choose another base, or convert it again."
    )
