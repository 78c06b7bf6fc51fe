"""Finds the prompt in the answer: its labelled lines, and its instructions."""

import re

__all__ = ["echoed"]

_LABELLED = re.compile(r"[A-Z][A-Za-z ]{2,40}: \S")
_LEAST_WORDS = 4
"""A labelled line of fewer words may stand in good prose."""
_INSTRUCTION_WORDS = 6
_WORD = re.compile(r"\w+")


def echoed(text: str, asked: str) -> str:
    """Return the first piece of the prompt that an answer repeats as the prompt has it; empty where it repeats none.

    What the person typed and what the exercise says are meant to come back, so only whole lines with their label count,
    and the first words of each sentence that asks for something.

    Args:
        text: The answer.
        asked: The text of the prompt.
    """
    lines = [line.strip() for line in asked.splitlines()]
    labelled = {line for line in lines if _LABELLED.match(line) and len(line.split()) >= _LEAST_WORDS}
    for line in text.splitlines():
        if line.strip() in labelled:
            return line.strip()
    said = _plain(text)
    orders = [line for line in lines if line and line not in labelled and len(line.split()) >= _INSTRUCTION_WORDS]
    for order in orders:
        opening = " ".join(_plain(order).split()[:_INSTRUCTION_WORDS])
        if f" {opening} " in f" {said} ":
            return order
    return ""


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
