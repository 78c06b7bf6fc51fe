"""The skeleton of a role outside the catalogue: what holds for nearly any job, and scenarios that fit all of them."""

import json
import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ValidationError

from proofkit_core.errors import DataError
from proofkit_core.roles.records import TradeoffRecord
from proofkit_core.scenario import Line, ScenarioRecord, check_scenario


class GenericRole(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What holds for nearly any job; `{role}` stands for the role as it is spoken of."""

    family: str
    title: str
    summary: Line
    decides: tuple[Line, ...]
    constraints: tuple[Line, ...]
    tradeoffs: tuple[TradeoffRecord, ...]
    vocabulary: tuple[str, ...]
    skills: tuple[str, ...]
    work_samples: tuple[str, str, str]
    scenarios: tuple[ScenarioRecord, ...]


@cache
def load_generic_role() -> GenericRole:
    """Return the skeleton.

    Raises:
        DataError: The file breaks its schema or a scenario breaks the rules for numbers.
    """
    source = files("proofkit_core.roles").joinpath("generic.toml")
    try:
        generic = GenericRole.model_validate(tomllib.loads(source.read_text(encoding="utf-8")), strict=False)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise DataError(f"role data {source.name}: {error}") from error
    for scenario in generic.scenarios:
        problem = check_scenario(scenario)
        if problem:
            raise DataError(f"role data {source.name}: {problem}")
    return generic


def scenarios_for(spoken: str) -> tuple[ScenarioRecord, ...]:
    """Return the scenarios with the role filled in.

    Args:
        spoken: The role as it stands in the middle of a sentence; without braces, brackets and quotes.
    """
    as_json = (scenario.model_dump_json() for scenario in load_generic_role().scenarios)
    return tuple(
        ScenarioRecord.model_validate_json(text.replace("{role}", json.dumps(spoken)[1:-1])) for text in as_json
    )
