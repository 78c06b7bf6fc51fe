"""A contract: load it, render its prompts, parse its completions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from proofkit_prompts.errors import ContractDriftError, ContractError, UnknownTaskError
from proofkit_prompts.folder import LOCK, ContractFiles, contract_folder, read_folder
from proofkit_prompts.parse import parse_completion, serialize_value
from proofkit_prompts.prompt import FrozenPrompt
from proofkit_prompts.render import CompiledTask, FieldValue, TaskLabel, render_lines, render_prompt
from proofkit_prompts.spec import TaskSpec


class Status(StrEnum):
    """Whether a contract's bytes may still change."""

    DRAFT = "draft"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class Contract:
    """One version of the prompt contract, ready to use. Make one with `load_contract`."""

    version: str
    description: str
    status: Status
    digest: str
    """SHA-256 (hex) of the canonical manifest."""
    compiled: Mapping[str, CompiledTask]
    grammar: Mapping[str, bool]
    """Every label of the tasks, and whether good prose may start a line with it."""

    @property
    def tasks(self) -> tuple[str, ...]:
        """Return the names of the tasks, in the contract's order."""
        return tuple(self.compiled)

    def render(self, task: str, fields: Mapping[str, FieldValue]) -> FrozenPrompt:
        """Render the prompt of one task.

        Args:
            task: Task name.
            fields: Values by field key: a text, or for list labels a list of texts. Empty optional ones make no line.

        Raises:
            UnknownTaskError: The contract has no such task.
            FieldError: A field is unknown, of the wrong kind, or required and empty.
        """
        return render_prompt(self.compiled_task(task), fields)

    def cut_fields(self, task: str, fields: Mapping[str, FieldValue]) -> tuple[str, ...]:
        """Return the keys of the fields that are over their cap, so that a caller can say what was left out.

        Raises:
            UnknownTaskError: The contract has no such task.
            FieldError: A field is unknown, of the wrong kind, or required and empty.
        """
        return tuple(line.key for line in render_lines(self.compiled_task(task), fields) if line.cut)

    def parse(self, task: str, completion: str) -> str | dict[str, Any]:
        """Return the cleaned text of a Markdown task, or the validated object of a JSON task.

        Raises:
            UnknownTaskError: The contract has no such task.
            OutputParseError: The completion does not have the shape that the task promises.
        """
        return parse_completion(self.compiled_task(task), dict(self.grammar), completion)

    def serialize(self, task: str, value: Mapping[str, Any]) -> str:
        """Return the exact completion text of a JSON task, for training rows.

        Raises:
            UnknownTaskError: The contract has no such task.
            OutputParseError: The value breaks the task's schema.
        """
        return serialize_value(self.compiled_task(task), value)

    def labels(self, task: str) -> tuple[TaskLabel, ...]:
        """Return the labels of a task in the order of rendering, with their kinds and caps.

        Raises:
            UnknownTaskError: The contract has no such task.
        """
        return self.compiled_task(task).labels

    def spec(self, task: str) -> TaskSpec:
        """Return what the contract says about a task.

        Raises:
            UnknownTaskError: The contract has no such task.
        """
        return self.compiled_task(task).spec

    def schema(self, task: str) -> dict[str, Any] | None:
        """Return a copy of the output schema of a JSON task, or None for a Markdown task.

        Raises:
            UnknownTaskError: The contract has no such task.
        """
        schema = self.compiled_task(task).schema
        return None if schema is None else json.loads(schema)

    def task_digest(self, task: str) -> str:
        """Return the SHA-256 (hex) over everything that shapes a task's bytes and output.

        Raises:
            UnknownTaskError: The contract has no such task.
        """
        return self.compiled_task(task).digest

    def output_digest(self, task: str) -> str:
        """Return the SHA-256 (hex) over output kind, schema, stop strings and token cap of a task.

        Raises:
            UnknownTaskError: The contract has no such task.
        """
        return self.compiled_task(task).output_digest

    def compiled_task(self, task: str) -> CompiledTask:
        """Return one task, ready to render.

        Raises:
            UnknownTaskError: The contract has no such task.
        """
        try:
            return self.compiled[task]
        except KeyError:
            raise UnknownTaskError(
                f"Got the task {str(task)!r}; contract {self.version} has {', '.join(self.compiled)}. Use one of these."
            ) from None


def load_contract(path_or_version: str | Path = "v1") -> Contract:
    """Load a contract.

    Args:
        path_or_version: A version that ships with this package, such as `v1`, or the path of a contract's folder.

    Raises:
        ContractDriftError: The contract is frozen and no longer matches its lock.
        ContractError: No such contract, or one that this package cannot read.
    """
    return build_contract(read_folder(contract_folder(path_or_version), goldens=False))


def build_contract(files: ContractFiles, *, trust_lock: bool = True) -> Contract:
    """Build a contract from its files.

    Args:
        files: Raw bytes by path; goldens are not needed.
        trust_lock: Whether a frozen contract must match its lock; `check` looks closer on its own.

    Raises:
        ContractDriftError: The contract is frozen and no longer matches its lock.
        ContractError: A file is missing or says something that this package does not know.
    """
    # What reads data files is a fifth of the import time, and only loading needs it.
    from proofkit_prompts.compile import compile_contract  # noqa: PLC0415

    manifest, tasks, grammar, digest = compile_contract(files)
    status, locked = _read_lock_head(files)
    if trust_lock and status is Status.FROZEN and locked != digest:
        raise ContractDriftError(
            f"Got contract {manifest.version} with digest {digest[:12]}; its lock froze {locked[:12]}. Restore the "
            f"folder from version control; `proofkit-prompts check` names the difference."
        )
    return Contract(
        version=manifest.version,
        description=manifest.description,
        status=status,
        digest=digest,
        compiled=tasks,
        grammar=grammar,
    )


def _read_lock_head(files: ContractFiles) -> tuple[Status, str]:
    if LOCK not in files:
        return Status.DRAFT, ""
    try:
        lock = json.loads(files[LOCK])
        return Status(lock["status"]), str(lock["contract_digest"])
    except (ValueError, KeyError, TypeError) as error:
        raise ContractError(
            f"Got no valid {LOCK} ({error}). Restore it; for a draft, delete it and run "
            "`proofkit-prompts freeze VERSION --draft`."
        ) from error
