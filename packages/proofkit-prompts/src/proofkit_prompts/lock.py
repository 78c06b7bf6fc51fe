"""The lock of a contract: what every file and every digest must be."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import BaseModel, ValidationError

from proofkit_prompts.contract import Contract, Status, build_contract
from proofkit_prompts.digest import Tokenizer, sha256, text_digest, token_digest
from proofkit_prompts.errors import ContractError
from proofkit_prompts.folder import GOLDENS, LOCK, ContractFiles
from proofkit_prompts.golden import read_goldens, render_goldens


class FileLock(BaseModel, frozen=True, strict=True, extra="forbid", defer_build=True):
    """What one file must be."""

    sha256: str
    text: str | None = None
    """The file itself, so that a check can name the first differing byte; None for goldens, which have their render."""


class TaskLock(BaseModel, frozen=True, strict=True, extra="forbid", defer_build=True):
    """What the digests of one task must be."""

    task_digest: str
    output_digest: str
    text_digest: str
    token_digests: dict[str, str]
    """Digests of the goldens' token ids, by tokenizer name."""


class Lock(BaseModel, frozen=True, strict=True, extra="forbid", defer_build=True):
    """`lock.json`."""

    contract: str
    status: Status
    contract_digest: str
    tasks: dict[str, TaskLock]
    files: dict[str, FileLock]


class Locked(NamedTuple):
    """A contract with its rendered goldens and the lock that would fit them."""

    contract: Contract
    rendered: dict[str, dict[str, str]]
    lock: Lock


def read_lock(files: ContractFiles) -> Lock | None:
    """Return the lock of a contract, or None where there is none.

    Args:
        files: The contract's files.

    Raises:
        ContractError: The lock is not valid.
    """
    if LOCK not in files:
        return None
    try:
        return Lock.model_validate_json(files[LOCK])
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the top"
        raise ContractError(f"Got a wrong value at {place} in {LOCK}: {first['msg']}. Restore the file.") from error


def make_lock(
    files: ContractFiles, status: Status, *, tokenizers: Sequence[Tokenizer] = (), previous: Lock | None = None
) -> Locked:
    """Return the lock that fits a contract as it is.

    Args:
        files: The contract's files.
        status: The status to write.
        tokenizers: Tokenizers to record token digests for.
        previous: An earlier lock; its token digests stay where the rendered bytes did.

    Raises:
        ContractError: The contract cannot be built or refuses one of its goldens.
    """
    contract = build_contract(files, trust_lock=False)
    rendered = render_goldens(contract, read_goldens(files))
    tasks: dict[str, TaskLock] = {}
    for task in contract.tasks:
        texts = text_digest(rendered[task])
        before = previous.tasks.get(task) if previous else None
        kept = before.token_digests if before and before.text_digest == texts else {}
        tasks[task] = TaskLock(
            task_digest=contract.task_digest(task),
            output_digest=contract.output_digest(task),
            text_digest=texts,
            token_digests=kept | {tokenizer.name: token_digest(rendered[task], tokenizer) for tokenizer in tokenizers},
        )
    lock = Lock(
        contract=contract.version,
        status=status,
        contract_digest=contract.digest,
        tasks=tasks,
        files={path: _lock_file(path, raw) for path, raw in files.items() if path != LOCK},
    )
    return Locked(contract, rendered, lock)


def dump_lock(lock: Lock) -> bytes:
    """Return the bytes of a lock file."""
    value = lock.model_dump(mode="json", exclude_none=True)
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _lock_file(path: str, raw: bytes) -> FileLock:
    text = None if path.startswith(GOLDENS) else raw.decode(errors="replace")
    return FileLock(sha256=sha256(raw), text=text)
