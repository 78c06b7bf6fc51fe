"""The lock of a contract: what every file and every digest must be."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from proofkit_prompts.contract import Contract, Status, build_contract
from proofkit_prompts.digest import Tokenizer, sha256, text_digest, token_digest
from proofkit_prompts.folder import GOLDENS, LOCK, ContractFiles
from proofkit_prompts.golden import read_goldens, render_goldens
from proofkit_prompts.shape import choice, mapping, read_json, record, text


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLock:
    """What one file must be."""

    sha256: str
    text: str | None = None
    """The file itself, so that a check can name the first differing byte; None for goldens, which have their render."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLock:
    """What the digests of one task must be."""

    task_digest: str
    output_digest: str
    text_digest: str
    token_digests: dict[str, str]
    """Digests of the goldens' token ids, by tokenizer name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """`lock.json`."""

    contract: str
    status: Status
    contract_digest: str
    tasks: dict[str, TaskLock]
    files: dict[str, FileLock]


_LOCK = record(
    Lock,
    contract=text(),
    status=choice(Status),
    contract_digest=text(),
    tasks=mapping(
        record(TaskLock, task_digest=text(), output_digest=text(), text_digest=text(), token_digests=mapping(text()))
    ),
    files=mapping(record(FileLock, sha256=text(), text=text())),
)


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
    return read_json(files[LOCK], LOCK, _LOCK)


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
    value = asdict(lock)
    for file in value["files"].values():
        if file["text"] is None:
            del file["text"]
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _lock_file(path: str, raw: bytes) -> FileLock:
    kept = None if path.startswith(GOLDENS) else raw.decode(errors="replace")
    return FileLock(sha256=sha256(raw), text=kept)
