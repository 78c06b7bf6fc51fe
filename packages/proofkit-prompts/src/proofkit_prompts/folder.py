"""The files of a contract, read from its folder."""

from collections.abc import Mapping
from pathlib import Path

from proofkit_prompts.errors import ContractError

ContractFiles = Mapping[str, bytes]
"""Raw bytes by path inside the contract's folder, with forward slashes."""

CONTRACTS = Path(__file__).parent / "contracts"
"""The contracts that ship with this package."""

GOLDENS = "goldens/"
LOCK = "lock.json"


def versions(contracts: Path = CONTRACTS) -> tuple[str, ...]:
    """Return the versions under a folder of contracts, oldest first.

    Args:
        contracts: Folder that holds one folder a version.
    """
    names = [path.parent.name for path in contracts.glob("v*/contract.toml")]
    return tuple(sorted(names, key=lambda name: [int(part) for part in name[1:].split(".") if part.isdigit()]))


def contract_folder(path_or_version: str | Path, contracts: Path = CONTRACTS) -> Path:
    """Return the folder that a version or a path names.

    Args:
        path_or_version: A version such as `v1`, or the path of a contract's folder.
        contracts: Where versions are looked up.

    Raises:
        ContractError: Neither a version nor a folder with a contract.
    """
    for folder in (contracts / path_or_version, Path(path_or_version)):
        if (folder / "contract.toml").is_file():
            return folder
    known = ", ".join(versions(contracts)) or "none"
    raise ContractError(
        f"Got {str(path_or_version)!r} as a contract; expected a version under {contracts} ({known}) "
        "or a folder that holds contract.toml. Run `proofkit-prompts list`."
    )


def read_folder(folder: Path, *, goldens: bool = True) -> dict[str, bytes]:
    """Read a contract's folder.

    Args:
        folder: The folder of one version.
        goldens: Whether to read the goldens too; rendering does not need them.
    """
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and (goldens or not name.startswith(GOLDENS)):
            files[name] = path.read_bytes()
    return files
