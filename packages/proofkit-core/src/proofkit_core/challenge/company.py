"""Invents company names: pronounceable, unlike any firm we know of, the same for the same seed."""

import random
import tomllib
from functools import cache
from importlib.resources import files


@cache
def name_parts() -> dict[str, tuple[str, ...]]:
    """Return the `first` and `second` parts of stems, and the `real` stems that are never used."""
    text = files("proofkit_core.challenge").joinpath("names.toml").read_text(encoding="utf-8")
    return {key: tuple(parts) for key, parts in tomllib.loads(text).items()}


def invent_company(words: tuple[str, ...], rng: random.Random) -> str:
    """Return a fictional company name whose second word suits the trade.

    Args:
        words: Second words of the scenario, such as `Supply`.
        rng: The stream to draw from.
    """
    parts = name_parts()
    while True:
        stem = rng.choice(parts["first"]) + rng.choice(parts["second"])
        if stem.lower() not in parts["real"]:
            return f"{stem} {rng.choice(words)}"
