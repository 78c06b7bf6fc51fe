"""Reads an answer as the program would: parsed under the contract, and its texts taken out."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, cast

from proofkit_core.samples.catalog import load_sample_types
from proofkit_core.samples.records import View
from proofkit_eval.records import Prompt
from proofkit_prompts import Contract, OutputParseError

__all__ = ["Answer", "read_answer", "view_of"]

_UNREAD = "label"
"""Key whose value is one of fixed words, no text of the model's own."""


class Answer(NamedTuple):
    """An answer as the program reads it."""

    texts: tuple[str, ...]
    """The text of a Markdown task, every text of a JSON task; the raw answer where it has the wrong form."""
    problem: str = ""
    """Why it does not have the form that was asked for; empty where it has."""

    @property
    def whole(self) -> str:
        """Return the texts as one, a line each."""
        return "\n".join(self.texts)


def read_answer(prompt: Prompt, text: str, contract: Contract) -> Answer:
    """Return the texts of an answer.

    Args:
        prompt: What was asked.
        text: The answer after screening.
        contract: The contract that rendered the prompt.
    """
    try:
        value = contract.parse(prompt.task, text)
    except OutputParseError as error:
        return Answer(_loosely(text), str(error))
    return Answer(tuple(_texts(value)))


def _loosely(text: str) -> tuple[str, ...]:
    """Return the texts of an answer of the wrong form, so that what it claims is still looked at."""
    try:
        value: object = json.loads(text)
    except ValueError:
        value = None
    found = tuple(_texts(cast("dict[str, object]", value))) if isinstance(value, dict) else ()
    return found or ((text,) if text.strip() else ())


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            if key != _UNREAD:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _texts(inner)


def view_of(prompt: Prompt) -> View | None:
    """Return what the section that was asked for shows; None for what is no section of a known work sample."""
    return _views().get((prompt.artifact, prompt.scene.piece))


@lru_cache(maxsize=1)
def _views() -> dict[tuple[str, str], View]:
    return {(sample.id, section.id): section.view for sample in load_sample_types() for section in sample.sections}
