"""Reads the demos that come along."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from proofkit_core.brief import Brief
from proofkit_core.brief_file import brief_from_data


class Demo(NamedTuple):
    """A demo, ready to be imported."""

    id: str
    brief: Brief
    notices: tuple[str, ...]


@cache
def load_demos() -> dict[str, Demo]:
    """Return the demos by id, in order of their ids."""
    folder = files("proofkit_serve.api.demos")
    sources = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda each: each.name)
    loaded = {
        source.name.removesuffix(".toml"): brief_from_data(tomllib.loads(source.read_text(encoding="utf-8")))
        for source in sources
    }
    return {name: Demo(name, each.brief, each.notices) for name, each in loaded.items()}
