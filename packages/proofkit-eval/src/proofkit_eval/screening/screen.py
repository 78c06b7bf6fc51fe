"""Screens one answer: ok, repaired with the change kept, or void. A void row counts against its model and is shown."""

import difflib
import json
import re
from typing import Any, cast

from proofkit_core.drafting.checks import check_script
from proofkit_eval.records import Generation, Prompt, Screening
from proofkit_eval.screening.channels import strip_channels
from proofkit_eval.screening.echo import echoed
from proofkit_prompts import Contract, OutputKind

__all__ = ["screen"]

_KEY = re.compile(r"\"\w+\"\s*:")
_WHOLE = "stop"
"""The only reason to end that makes an answer whole."""
_MANY_TOKENS = 32
"""An empty answer after so many tokens spent them where nobody reads."""


def screen(generation: Generation, prompt: Prompt, contract: Contract) -> Screening:
    """Return what the look for contamination found in an answer.

    Args:
        generation: The answer, as it came.
        prompt: What was asked.
        contract: The contract that rendered it.
    """
    reason = _not_whole(generation)
    if reason:
        return _void(generation, reason)
    stripped = strip_channels(generation.text)
    if not stripped.is_answer:
        return _void(generation, stripped.reason)
    text, reasons = stripped.text, [stripped.reason] if stripped.reason else []
    if contract.spec(prompt.task).output is OutputKind.MARKDOWN:
        text, told, is_prose = _without_keys(text)
        reasons += [told] if told else []
        if not is_prose:
            return _void(generation, *reasons)
    swapped = prompt.swap if generation.swap else None
    problem = _strange(text, prompt, swapped.typed if swapped else prompt.typed, _asked(prompt, generation, contract))
    if problem:
        return _void(generation, *reasons, problem)
    if not reasons:
        return Screening(key=generation.key, status="ok", reasons=(), text=text, diff="")
    return Screening(
        key=generation.key,
        status="repaired",
        reasons=tuple(reasons),
        text=text,
        diff=_diff(generation.text, text),
    )


def _not_whole(generation: Generation) -> str:
    if not generation.text.strip():
        spent = generation.completion_tokens
        return f"empty after {spent} tokens" if spent >= _MANY_TOKENS else "empty"
    if generation.finish_reason != _WHOLE:
        return f"cut: it ended by {generation.finish_reason!r}, not by itself"
    return ""


def _asked(prompt: Prompt, generation: Generation, contract: Contract) -> str:
    fields = prompt.swap.fields if generation.swap and prompt.swap else prompt.fields
    return contract.render(prompt.task, fields).text


def _strange(text: str, prompt: Prompt, typed: str, asked: str) -> str:
    echo = echoed(text, asked)
    if echo:
        return f"it repeats the prompt: {echo[:60]!r}"
    script = check_script(text, f"{typed}\n{prompt.company}")
    return f"foreign script: {script.detail}" if script else ""


def _without_keys(text: str) -> tuple[str, str, bool]:
    """Return prose without a JSON object around it, what was done, and whether it is prose at all."""
    found = _KEY.search(text)
    if found is None:
        return text, "", True
    held = _only_string(text)
    if held and not _KEY.search(held):
        return held, "a JSON object around the answer", True
    return text, f"the JSON key {found.group()!r} where prose is expected", False


def _only_string(text: str) -> str:
    """Return the one text that a JSON object holds; empty where it is anything else."""
    bare = re.sub(r"\A```\w*\n|\n```\Z", "", text.strip())
    try:
        value: Any = json.loads(bare)
    except ValueError:
        return ""
    if not isinstance(value, dict):
        return ""
    held = list(cast("dict[str, object]", value).values())
    return held[0].strip() if len(held) == 1 and isinstance(held[0], str) else ""


def _void(generation: Generation, *reasons: str) -> Screening:
    return Screening(key=generation.key, status="void", reasons=reasons, text="", diff="")


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), "as it came", "after repair", lineterm="", n=1
    )
    return "\n".join(lines)
