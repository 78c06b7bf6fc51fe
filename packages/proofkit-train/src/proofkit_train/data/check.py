"""Rebuilds a data set and says where it differs: the same seed has to give the same bytes."""

from pathlib import Path

from proofkit_prompts import load_contract
from proofkit_train.data.build import BuildPlan, build_rows
from proofkit_train.data.files import read_manifest, rows_digest, split_files


def find_differences(folder: Path, *, workers: int = 1) -> list[str]:
    """Return what differs between a data set and a fresh one of the same plan; nothing where they are the same.

    Args:
        folder: The data set.
        workers: Processes to use.

    Raises:
        DataSetError: There is no data set.
    """
    manifest = read_manifest(folder)
    contract = load_contract(manifest.contract_version)
    found: list[str] = []
    if manifest.contract_digest != contract.digest:
        found.append(f"contract: built with {manifest.contract_digest[:12]}, this package has {contract.digest[:12]}")
    for task, digest in manifest.task_digests.items():
        if task not in contract.tasks:
            found.append(f"task {task}: unknown to this contract")
        elif contract.task_digest(task) != digest:
            found.append(f"task {task}: built with {digest[:12]}, now {contract.task_digest(task)[:12]}")
    fresh = split_files(build_rows(BuildPlan.model_validate(manifest.plan), workers=workers).rows)
    stored = {name: _bytes_of(folder / name) for name in fresh}
    if rows_digest(stored) != manifest.rows_digest:
        found.append(f"the files are not those of the manifest ({manifest.rows_digest[:12]})")
    for name, content in fresh.items():
        found += _first_difference(name, stored[name], content)
    return found


def matches_digest(path: Path, *, workers: int = 1) -> list[str]:
    """Return what differs between a fresh data set and a digest kept under version control; nothing if they agree.

    Args:
        path: A manifest.
        workers: Processes to use.

    Raises:
        DataSetError: The manifest cannot be read.
    """
    manifest = read_manifest(path.parent, path.name)
    fresh = split_files(build_rows(BuildPlan.model_validate(manifest.plan), workers=workers).rows)
    digest = rows_digest(fresh)
    if digest == manifest.rows_digest:
        return []
    return [f"rows digest: {path.name} says {manifest.rows_digest[:12]}, a fresh build has {digest[:12]}"]


def _bytes_of(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _first_difference(name: str, stored: bytes, fresh: bytes) -> list[str]:
    if stored == fresh:
        return []
    old, new = stored.splitlines(), fresh.splitlines()
    line = next((i for i, (a, b) in enumerate(zip(old, new, strict=False), 1) if a != b), min(len(old), len(new)) + 1)
    return [f"{name}: {len(old)} rows stored, {len(new)} rebuilt; the first difference is in line {line}"]
