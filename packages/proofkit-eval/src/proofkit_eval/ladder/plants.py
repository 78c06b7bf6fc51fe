"""What is planted, as data, and the draws from it."""

import tomllib
from functools import cache
from importlib.resources import files
from random import Random

from pydantic import BaseModel, ValidationError

from proofkit_core.errors import DataError
from proofkit_core.faithfulness import numbers_told
from proofkit_eval.records import Prompt

__all__ = ["Claim", "Plants", "filled", "load_plants"]


class Claim(BaseModel, frozen=True, extra="forbid"):
    """One kind of false claim, in the three forms that fit the kinds of text."""

    sentences: tuple[str, ...]
    clauses: tuple[str, ...]
    """Behind a résumé bullet."""
    question: str
    answers: tuple[str, ...]


class _Ignoring(BaseModel, frozen=True, extra="forbid"):
    section: tuple[str, ...]
    post: tuple[str, ...]
    bullet: tuple[str, ...]
    talking_point: tuple[str, ...]


class _Before(BaseModel, frozen=True, extra="forbid"):
    before: tuple[str, ...]


class _After(BaseModel, frozen=True, extra="forbid"):
    after: tuple[str, ...]


class _Pairs(BaseModel, frozen=True, extra="forbid"):
    pairs: tuple[tuple[str, str], ...]


class _Padding(BaseModel, frozen=True, extra="forbid"):
    sentences: tuple[str, ...]
    clauses: tuple[str, ...]
    answers: tuple[str, ...]


class Plants(BaseModel, frozen=True, extra="forbid"):
    """The data file."""

    refusals: tuple[str, ...]
    keywords: tuple[str, ...]
    ignoring: _Ignoring
    unlabelled_metric: Claim
    invented_job: Claim
    invented_client: Claim
    leaked_channel: _Before
    injected_grade: _After
    synonyms: _Pairs
    padding: _Padding


@cache
def load_plants() -> Plants:
    """Return what is planted.

    Raises:
        DataError: The file breaks its form.
    """
    source = files("proofkit_eval.ladder").joinpath("data", "plants.toml")
    try:
        return Plants.model_validate(tomllib.loads(source.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"The ladder's plants cannot be read: {error}. Restore plants.toml.") from error


def filled(line: str, prompt: Prompt, draw: Random) -> str:
    """Return a planted line with the exercise's names, and a number that nobody gave.

    Args:
        line: With `{company}`, `{role}`, `{decision}` or `{number}`.
        prompt: What was asked.
        draw: For the number.
    """
    told = "\n".join([prompt.typed, *(fact.text for fact in prompt.facts), *map(str, prompt.fields.values())])
    known = {key for number in numbers_told(told) for key in number.keys}
    number = next(n for n in draw.sample(range(13, 88), 75) if f"#{n}" not in known and f"#{n}%" not in known)
    decision = str(prompt.fields.get("decision", "the choice")).rstrip("?")
    return line.strip("\n").format(
        company=prompt.company,
        role=prompt.role.lower(),
        decision=decision[:1].lower() + decision[1:],
        number=number,
    )
