"""Goldens: inputs kept beside the exact bytes that they must render to."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from proofkit_prompts.contract import Contract
from proofkit_prompts.errors import ContractError, FieldError
from proofkit_prompts.folder import GOLDENS, ContractFiles
from proofkit_prompts.render import FieldValue

_FIELDS = ".fields.json"
_PROMPT = ".prompt.txt"


class Golden(NamedTuple):
    """One input of one task."""

    task: str
    name: str
    fields: Mapping[str, FieldValue]

    @property
    def fields_path(self) -> str:
        """Return where the input is inside its contract."""
        return f"{GOLDENS}{self.task}/{self.name}{_FIELDS}"

    @property
    def prompt_path(self) -> str:
        """Return where the expected bytes are inside their contract."""
        return f"{GOLDENS}{self.task}/{self.name}{_PROMPT}"


def read_goldens(files: ContractFiles) -> tuple[Golden, ...]:
    """Return the goldens of a contract, in the order of their paths.

    Args:
        files: The contract's files.

    Raises:
        ContractError: An input is not a JSON object, or its path names no task.
    """
    goldens: list[Golden] = []
    for path in sorted(files):
        if path.startswith(GOLDENS) and path.endswith(_FIELDS):
            task, _, name = path.removeprefix(GOLDENS).removesuffix(_FIELDS).partition("/")
            try:
                fields = json.loads(files[path])
            except ValueError as error:
                raise ContractError(f"Got no valid JSON in {path} ({error}). Restore the file.") from error
            if not isinstance(fields, dict) or not name:
                raise ContractError(
                    f"Got no object of fields in {path}; expected goldens/TASK/NAME{_FIELDS}. Correct it."
                )
            goldens.append(Golden(task, name, fields))  # pyright: ignore[reportUnknownArgumentType]
    return tuple(goldens)


def render_goldens(contract: Contract, goldens: tuple[Golden, ...]) -> dict[str, dict[str, str]]:
    """Return whole prompts by task and golden name.

    Args:
        contract: The contract that renders.
        goldens: The inputs, of this contract or of another.

    Raises:
        ContractError: The contract refuses an input.
    """
    rendered: dict[str, dict[str, str]] = {task: {} for task in contract.tasks}
    for golden in goldens:
        try:
            rendered.setdefault(golden.task, {})[golden.name] = contract.render(golden.task, golden.fields).text
        except FieldError as error:
            raise FieldError(f"{golden.fields_path}: {error}") from error
    return rendered
