"""Makes a loaded base model ready to train: which weights are kept in what type, and where the adapter sits."""

from typing import TYPE_CHECKING, Any, cast

from proofkit_train.errors import PreflightError
from proofkit_train.sft.recipe import Recipe

if TYPE_CHECKING:
    import torch

__all__ = ["adapter_settings", "declared_modules", "freeze_base", "has_cuda", "trained_modules", "use_device"]


def has_cuda() -> bool:
    """Return whether torch finds a CUDA card."""
    import torch

    return torch.cuda.is_available()


def use_device(recipe: Recipe) -> "torch.device":
    """Return the device that a recipe asks for.

    Raises:
        PreflightError: There is no such device, or it cannot calculate in the recipe's type.
    """
    import torch

    if recipe.device == "cpu":
        return torch.device("cpu")
    if not has_cuda():
        raise PreflightError(
            "The recipe asks for the device 'cuda', and torch finds none. Expected a CUDA card and a torch build for "
            "it. Set `device` to 'cpu' or 'auto'."
        )
    # The emulated type would run, some ten times slower, so only the card's own support counts.
    if recipe.dtype.startswith("bf16") and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise PreflightError(
            f"The recipe asks for {recipe.dtype!r}, which {torch.cuda.get_device_name()} does not calculate in. "
            f"Expected a card from compute capability 8.0 on. Set `dtype` to 'fp32'."
        )
    return torch.device("cuda")


def freeze_base(model: Any, recipe: Recipe) -> None:  # noqa: ANN401 - a Transformers model
    """Freeze a base model and bring its weights into the recipe's type.

    Under `bf16-autocast` the matrices are rounded once, here, which is what autocast would do anew in every pass;
    embeddings, norms and the sums between the layers stay in full precision.
    """
    import torch

    model.requires_grad_(requires_grad=False)
    model.config.use_cache = False
    if recipe.dtype == "bf16-weights":
        model.to(torch.bfloat16)
    if recipe.dtype == "bf16-autocast":
        for module in model.modules():
            if isinstance(module, torch.nn.Linear):
                rounded = module.weight.detach().to(torch.bfloat16)
                module.weight = torch.nn.Parameter(rounded, requires_grad=False)


def declared_modules(model: Any, recipe: Recipe) -> list[str]:  # noqa: ANN401 - a Transformers model
    """Return the names of the layers that a recipe declares to be trained."""
    import torch

    head = model.get_output_embeddings()
    linear = [
        name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear) and module is not head
    ]
    if recipe.targets == "all-linear":
        return sorted(linear)
    chosen = [name for name in linear if any(name == end or name.endswith(f".{end}") for end in recipe.targets)]
    if not chosen:
        ends = sorted({name.rpartition(".")[2] for name in linear})
        raise PreflightError(
            f"No layer of the base ends in {' or '.join(recipe.targets)}. Expected some of {', '.join(ends)}. "
            f"Correct `targets`, or set it to 'all-linear'."
        )
    return sorted(chosen)


def adapter_settings(recipe: Recipe) -> Any:  # noqa: ANN401 - PEFT has no types
    """Return PEFT's configuration of the adapter."""
    from peft import LoraConfig  # noqa: PLC0415 - loads torch

    return LoraConfig(
        r=recipe.rank,
        lora_alpha=cast("Any", recipe.alpha),
        lora_dropout=recipe.dropout,
        target_modules=list(recipe.targets) if isinstance(recipe.targets, tuple) else recipe.targets,
        bias="none",
        task_type="CAUSAL_LM",
    )


def trained_modules(model: Any) -> list[str]:  # noqa: ANN401 - a PEFT model
    """Return the names of the layers with weights that really learn, under the base model's names."""
    names = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    return sorted({name.removeprefix("base_model.model.").partition(".lora_")[0] for name in names})
