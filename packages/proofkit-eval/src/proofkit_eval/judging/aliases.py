"""Blinding: each answer gets an alias; what is behind it lies in a file of its own, from which no prompt is made."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ValidationError

from proofkit_core.errors import InputError
from proofkit_core.seeds import stream

__all__ = ["BlindEntry", "alias_of", "blind", "read_blind_map", "write_blind_map"]

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
"""Without vowels, so that no alias is a word."""
_LENGTH = 6


class BlindEntry(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What is behind one alias."""

    alias: str
    generation_key: str


def alias_of(key: str, seed: int, attempt: int = 0) -> str:
    """Return the alias of one answer: drawn from key and seed alone, whatever else is judged."""
    draw = stream("alias", seed, key, attempt)
    return "R-" + "".join(draw.choice(_LETTERS) for _place in range(_LENGTH))


def blind(keys: Iterable[str], seed: int) -> dict[str, str]:
    """Return an alias for each generation key, no two alike.

    Args:
        keys: Keys of the generations to judge.
        seed: The run's seed.
    """
    aliases: dict[str, str] = {}
    taken: set[str] = set()
    for key in sorted(set(keys)):
        attempt = 0
        while (alias := alias_of(key, seed, attempt)) in taken:
            attempt += 1
        aliases[key] = alias
        taken.add(alias)
    return aliases


def write_blind_map(path: Path, aliases: dict[str, str]) -> None:
    """Write what is behind each alias, in the order of the aliases, which tells nothing.

    Args:
        path: The file; only who reads the results opens it.
        aliases: Alias by generation key.
    """
    entries = sorted((BlindEntry(alias=alias, generation_key=key) for key, alias in aliases.items()), key=_by_alias)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{entry.model_dump_json()}\n" for entry in entries), encoding="utf-8")


def read_blind_map(path: Path) -> dict[str, str]:
    """Return the generation key behind each alias.

    Raises:
        InputError: The file is missing, a line is malformed, or an alias stands for two answers.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The blind map {str(path)!r} cannot be read: {error}. Expected the file that the run wrote beside its "
            "verdicts; without it no verdict can be told to an answer."
        ) from error
    keys: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        try:
            entry = BlindEntry.model_validate_json(line)
        except ValidationError as error:
            raise InputError(
                f"The blind map {str(path)!r}, line {number}: got {line[:80]!r}, expected an alias and a generation "
                f"key as JSON ({error.errors()[0]['msg']}). Take the file from the run again."
            ) from error
        if keys.setdefault(entry.alias, entry.generation_key) != entry.generation_key:
            raise InputError(
                f"The blind map {str(path)!r}, line {number}: the alias {entry.alias!r} stands for two answers. "
                "Expected one; take the file from the run again."
            )
    return keys


def _by_alias(entry: BlindEntry) -> str:
    return entry.alias
