"""What kind of text an answer is, and everything that it was told."""

import re

from proofkit_core.integrity import Carrier
from proofkit_core.scenario import iter_lines
from proofkit_eval.heldout.scene import challenge_of
from proofkit_eval.records import Prompt

__all__ = ["carrier_of", "figures_of_exercise", "quoted_in", "sources_of"]

_FIGURE = re.compile(r"\d|\b(?:year|month|decade)s?\b", re.IGNORECASE)

_CARRIERS = {"bullet": Carrier.BULLET, "post": Carrier.POST, "talking_point": Carrier.TALKING_POINT}
"""Sections, reviews and settings stay inside the document, whose first page discloses for them."""


def carrier_of(prompt: Prompt) -> Carrier:
    """Return the kind of text that the answer is, as the integrity rules know it."""
    return _CARRIERS.get(prompt.carrier, Carrier.SECTION)


def quoted_in(prompt: Prompt) -> str:
    """Return the text that an answer speaks about, as a review of a draft does; empty for any other answer."""
    return str(prompt.fields.get("draft", "")) if prompt.carrier == "review" else ""


def sources_of(prompt: Prompt, *, swap: bool = False) -> str:
    """Return everything that an answer was told, one thing a line.

    Args:
        prompt: What was asked.
        swap: Whether its counterfactual twin was.
    """
    twin = prompt.swap if swap else None
    fields, typed = (twin.fields, twin.typed) if twin else (prompt.fields, prompt.typed)
    lines = [typed, prompt.company, *(fact.text for fact in prompt.facts)]
    for value in fields.values():
        lines += [value] if isinstance(value, str) else value
    return "\n".join(line for line in lines if line.strip())


def figures_of_exercise(prompt: Prompt) -> str:
    """Return the lines of the whole exercise that hold figures or lengths of time.

    A section may take up what another section of the same exercise was told.

    Args:
        prompt: What was asked.
    """
    if not prompt.company:
        return ""
    told = iter_lines(challenge_of(prompt).material.model_dump(exclude={"facts"}), "")
    return "\n".join(dict.fromkeys(line for _, line in told if _FIGURE.search(line)))
