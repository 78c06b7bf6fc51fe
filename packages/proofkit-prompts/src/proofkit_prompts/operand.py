"""What a command line names: a contract by version, folder or git commit, a tokenizer by its import path."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from proofkit_prompts.commit import read_commit
from proofkit_prompts.digest import Tokenizer
from proofkit_prompts.errors import ContractError
from proofkit_prompts.folder import contract_folder, read_folder, versions


def read_operands(first: str, second: str, contracts: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the files of two contracts.

    Args:
        first: A version, a folder, `REF:VERSION`, or `REF` for the version that the other operand names.
        second: The same.
        contracts: Where versions are looked up.

    Raises:
        ContractError: One of them names no contract.
    """
    return _read(first, second, contracts), _read(second, first, contracts)


def load_tokenizer(path: str) -> Tokenizer:
    """Return the tokenizer that a function without arguments makes.

    Args:
        path: `MODULE:FUNCTION`.

    Raises:
        ContractError: No such module or function.
    """
    module, _, name = path.partition(":")
    try:
        return cast("Tokenizer", getattr(importlib.import_module(module), name)())
    except (ImportError, AttributeError, ValueError) as error:
        raise ContractError(f"Got the tokenizer {path!r} ({error}); expected MODULE:FUNCTION. Correct it.") from error


def _read(operand: str, other: str, contracts: Path) -> dict[str, bytes]:
    if _is_contract(operand, contracts):
        return read_folder(contract_folder(operand, contracts))
    ref, _, version = operand.partition(":")
    version = version or _version_of(other, contracts)
    found: Mapping[str, dict[str, bytes]] = read_commit(ref, contracts)
    if version not in found:
        raise ContractError(
            f"Got {operand!r}; expected a version ({', '.join(versions(contracts)) or 'none here'}), a contract's "
            f"folder, or a git commit that holds {version}. Run `proofkit-prompts list`."
        )
    return found[version]


def _is_contract(operand: str, contracts: Path) -> bool:
    return any((folder / "contract.toml").is_file() for folder in (contracts / operand, Path(operand)))


def _version_of(operand: str, contracts: Path) -> str:
    if _is_contract(operand, contracts):
        return contract_folder(operand, contracts).name
    _, _, version = operand.partition(":")
    return version or (versions(contracts) or ("v1",))[-1]
