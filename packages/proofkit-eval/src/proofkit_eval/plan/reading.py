"""Reads a plan from a TOML file, or the one that comes along."""

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from proofkit_core.errors import InputError
from proofkit_eval.logs.records import fault_of
from proofkit_eval.plan.records import Plan

__all__ = ["LoadedPlan", "load_plan"]


class LoadedPlan(NamedTuple):
    """A plan and where its paths begin."""

    plan: Plan
    folder: Path


def load_plan(path: Path | None = None) -> LoadedPlan:
    """Return a plan.

    Args:
        path: A TOML file; None for the plan that comes along, whose models and judges run anywhere.

    Raises:
        InputError: It cannot be read, or is no plan.
    """
    if path is None:
        text = files("proofkit_eval.plan").joinpath("data", "shipped.toml").read_text(encoding="utf-8")
        return LoadedPlan(_plan(text, "the plan that comes along"), Path())
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The plan {str(path)!r} cannot be read: {error}. Name a TOML file.") from error
    return LoadedPlan(_plan(text, repr(path.name)), path.parent)


def _plan(text: str, name: str) -> Plan:
    try:
        # By way of JSON, whose arrays become tuples and whose strings become sources without a looser reading.
        return Plan.model_validate_json(json.dumps(tomllib.loads(text), default=str))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} is no TOML: {error}. Mend that line.") from error
    except ValidationError as error:
        raise InputError(f"{name} is no plan: {fault_of(error)}. See the guide for its fields.") from error
