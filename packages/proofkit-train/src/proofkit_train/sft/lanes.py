"""Lanes: sets of library versions that were run together. What is imported is compared with what was locked."""

import re
import tomllib
from collections.abc import Mapping
from importlib import import_module
from importlib.resources import files
from itertools import zip_longest
from typing import Any

from pydantic import BaseModel

from proofkit_train.errors import PreflightError, RecipeError

__all__ = ["Lane", "check_versions", "imported_versions", "load_lane"]

_RULE = re.compile(r"(<=|>=|<|>|==)\s*([0-9][0-9.]*)")
_NAMES_OF_RULE = {"issues", "reason"}


class ForbiddenPair(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Versions that must not meet."""

    issues: tuple[str, ...]
    reason: str
    versions: dict[str, str]
    """Rules such as `>=0.19`, by package."""


class Lane(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A set of versions."""

    name: str
    lock: dict[str, str]
    """Exact versions, by package."""
    forbidden: tuple[ForbiddenPair, ...]


def load_lane(name: str) -> Lane:
    """Return a lane.

    Raises:
        RecipeError: There is no lane of that name.
    """
    data: dict[str, Any] = tomllib.loads(files("proofkit_train.sft").joinpath("lanes.toml").read_text(encoding="utf-8"))
    forbidden = tuple(
        ForbiddenPair(
            issues=tuple(pair["issues"]),
            reason=pair["reason"],
            versions={package: rule for package, rule in pair.items() if package not in _NAMES_OF_RULE},
        )
        for pair in data.pop("forbidden")
    )
    if name not in data:
        raise RecipeError(f"Got the lane {name!r}. Expected one of {', '.join(data)}. Correct the recipe's `lane`.")
    return Lane(name=name, lock=data[name]["lock"], forbidden=forbidden)


def imported_versions(packages: Mapping[str, str]) -> dict[str, str]:
    """Import packages, in their order, and return the versions that they say they have.

    The version of the code that was imported counts, not what an installer noted beside it.

    Raises:
        PreflightError: One of them is not installed.
    """
    found: dict[str, str] = {}
    for package in packages:
        try:
            found[package] = str(import_module(package).__version__).partition("+")[0]
        except ImportError as error:
            raise PreflightError(
                f"The package {package!r} could not be imported: {error}. Expected version {packages[package]}. "
                f"Install the lane with `uv sync --package proofkit-train --extra dense`."
            ) from error
    return found


def check_versions(lane: Lane, imported: Mapping[str, str]) -> None:
    """Refuse versions other than those of the lane.

    Args:
        lane: The lane of the recipe.
        imported: Versions of the imported packages.

    Raises:
        PreflightError: A pair that must not meet was imported, or a version differs from the lane's.
    """
    for pair in lane.forbidden:
        if all(package in imported and _holds(imported[package], rule) for package, rule in pair.versions.items()):
            met = ", ".join(f"{package} {imported[package]}" for package in pair.versions)
            raise PreflightError(
                f"Got {met}, which must not meet: {pair.reason} ({', '.join(pair.issues)}). "
                f"Expected the versions of the lane {lane.name!r}. {_next_step(lane)}"
            )
    wrong = [f"{name} {imported.get(name)}" for name, locked in lane.lock.items() if imported.get(name) != locked]
    if wrong:
        expected = ", ".join(f"{name} {version}" for name, version in lane.lock.items())
        raise PreflightError(
            f"Got {', '.join(wrong)}. The lane {lane.name!r} was run with {expected}. {_next_step(lane)}"
        )


def _next_step(lane: Lane) -> str:
    return f"Install it with `uv sync --package proofkit-train --extra {lane.name}`."


def _holds(version: str, rule: str) -> bool:
    match = _RULE.fullmatch(rule.strip())
    if match is None:
        raise PreflightError(f"The rule {rule!r} of lanes.toml is none. Expected one such as '>=0.19'; correct it.")
    sign, bound = match.groups()
    order = _compare(_numbers(version), _numbers(bound))
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0, "==": order == 0}[sign]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)[:4]]


def _compare(left: list[int], right: list[int]) -> int:
    for one, other in zip_longest(left, right, fillvalue=0):
        if one != other:
            return 1 if one > other else -1
    return 0
