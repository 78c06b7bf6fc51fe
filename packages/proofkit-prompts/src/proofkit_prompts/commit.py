"""The files of contracts as they were at a git commit."""

import io
import subprocess
import tarfile
from pathlib import Path

from proofkit_prompts.errors import ContractError
from proofkit_prompts.folder import CONTRACTS


def read_commit(ref: str, contracts: Path = CONTRACTS) -> dict[str, dict[str, bytes]]:
    """Read every contract of a git commit.

    Args:
        ref: A commit, branch or tag of the repository that holds `contracts`.
        contracts: The folder whose earlier state is wanted.

    Returns:
        Files by version; empty where the commit has no such folder.

    Raises:
        ContractError: Not in a git repository, or no such commit.
    """
    root = Path(_git(contracts, "rev-parse", "--show-toplevel").decode().strip())
    inside = contracts.resolve().relative_to(root.resolve()).as_posix()
    prefix = "" if inside == "." else f"{inside}/"
    commit = _git(contracts, "rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}").decode().strip()
    if not _git(root, "ls-tree", "-r", "--name-only", commit, "--", prefix or "."):
        return {}
    found: dict[str, dict[str, bytes]] = {}
    with tarfile.open(
        fileobj=io.BytesIO(_git(root, "archive", "--format=tar", commit, "--", prefix or "."))
    ) as archive:
        for member in archive:
            version, _, name = member.name.removeprefix(prefix).partition("/")
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None and name:
                found.setdefault(version, {})[name] = content.read()
    return found


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)  # noqa: S603, S607
    except FileNotFoundError as error:
        raise ContractError("Comparing with a git commit needs the program `git` on the PATH.") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ContractError(
            f"git {' '.join(arguments[:2])} failed in {folder}: {said[0] if said else 'no reason given'}"
        )
    return done.stdout
