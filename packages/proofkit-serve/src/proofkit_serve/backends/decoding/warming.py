"""What can be got ready before anybody asks: how every prompt of a contract begins, and the schemas of its tasks."""

from typing import Any, NamedTuple

from proofkit_prompts import Contract

__all__ = ["WarmUp", "plan_warm_up"]


class WarmUp(NamedTuple):
    """What to get ready."""

    beginnings: tuple[str, ...]
    """Texts that prompts begin with."""
    schemas: tuple[dict[str, Any], ...]
    """Schemas that answers keep to."""
    prompts: tuple[str, ...] = ()
    """Whole prompts that somebody is likely to ask with next."""


def plan_warm_up(contract: Contract) -> WarmUp:
    """Return what is the same in every prompt of each task: all before the first value."""
    beginnings: dict[str, None] = {}
    schemas: list[dict[str, Any]] = []
    for task in contract.tasks:
        compiled = contract.compiled_task(task)
        fixed = f"{compiled.chat.before}{compiled.system}{compiled.chat.between}{compiled.template.before}"
        first = compiled.labels[0] if compiled.labels else None
        beginnings[f"{fixed}{first.label}: " if first and first.required else fixed] = None
        schema = contract.schema(task)
        if schema is not None:
            schemas.append(schema)
    return WarmUp(tuple(beginnings), tuple(schemas))
