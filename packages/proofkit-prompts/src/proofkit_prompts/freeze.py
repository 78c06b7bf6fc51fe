"""Write the lock of a contract: as often as wanted while it is a draft, and one last time to freeze it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from proofkit_prompts.commit import read_commit
from proofkit_prompts.contract import Status
from proofkit_prompts.digest import Tokenizer
from proofkit_prompts.drift import find_drift
from proofkit_prompts.errors import ContractDriftError, ContractError
from proofkit_prompts.folder import LOCK, read_folder
from proofkit_prompts.golden import read_goldens
from proofkit_prompts.lock import Lock, dump_lock, make_lock, read_lock


def lock_draft(folder: Path, tokenizers: Sequence[Tokenizer] = ()) -> list[str]:
    """Rewrite the expected bytes of the goldens and the lock of a draft.

    Args:
        folder: The contract's folder.
        tokenizers: Tokenizers to record token digests for.

    Returns:
        The paths that changed, inside the folder.

    Raises:
        ContractError: The contract is frozen, or cannot be built.
    """
    files = read_folder(folder)
    previous = _refuse_frozen(folder, read_lock(files))
    rendered = make_lock(files, Status.DRAFT).rendered
    changed: list[str] = []
    for golden in read_goldens(files):
        raw = rendered[golden.task][golden.name].encode()
        if files.get(golden.prompt_path) != raw:
            (folder / golden.prompt_path).write_bytes(raw)
            files[golden.prompt_path] = raw
            changed.append(golden.prompt_path)
    locked = dump_lock(make_lock(files, Status.DRAFT, tokenizers=tokenizers, previous=previous).lock)
    if files.get(LOCK) != locked:
        (folder / LOCK).write_bytes(locked)
        changed.append(LOCK)
    return changed


def freeze_contract(folder: Path) -> None:
    """Freeze a draft that matches its lock; nothing but the lock's status changes.

    Args:
        folder: The contract's folder.

    Raises:
        ContractDriftError: The draft does not match its lock.
        ContractError: The contract is frozen already, or was never locked.
    """
    files = read_folder(folder)
    lock = _refuse_frozen(folder, read_lock(files))
    drift = find_drift(folder.name, files)
    if lock is None or drift:
        raise ContractDriftError(
            f"{drift[0]} Before {folder.name} can be frozen, run `proofkit-prompts freeze {folder.name} --draft` and "
            "review what it changes."
        )
    (folder / LOCK).write_bytes(dump_lock(replace(lock, status=Status.FROZEN)))


def _refuse_frozen(folder: Path, lock: Lock | None) -> Lock | None:
    """Refuse a contract that is frozen here, or in the last commit whatever the file here says."""
    committed = None
    try:
        committed = read_lock(read_commit("HEAD", folder.parent).get(folder.name, {}))
    except ContractError:
        # Outside a repository, or before its first commit, there is nothing older to go by.
        committed = None
    if any(known is not None and known.status is Status.FROZEN for known in (lock, committed)):
        raise ContractError(
            f"Contract {folder.name} is frozen; its files never change again. Copy the folder to a new version and "
            "change that."
        )
    return lock
