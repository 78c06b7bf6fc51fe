"""Reads a set of held-out prompts and says at once where it is not the one that its digest names."""

import hashlib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from proofkit_core.errors import DataError, InputError
from proofkit_eval.logs.records import fault_of
from proofkit_eval.records import Prompt

__all__ = ["SETS", "HeldOutSet", "SetName", "load_set", "read_set", "set_digest", "written_set"]

SetName = Literal["held-out-v1", "smoke-v1"]
SETS: tuple[SetName, ...] = ("held-out-v1", "smoke-v1")
"""The sets that come along: the one that is reported, and one of 15 prompts to see that everything works."""


class HeldOutSet(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A set of prompts under its digest."""

    name: str
    digest: str
    """SHA-256 (hex) of the file's bytes."""
    prompts: tuple[Prompt, ...]

    @property
    def clusters(self) -> tuple[str, ...]:
        """Return the cluster of each prompt, in order."""
        return tuple(prompt.cluster for prompt in self.prompts)


def load_set(name: SetName = "held-out-v1") -> HeldOutSet:
    """Return a set that comes along.

    Args:
        name: Which one.

    Raises:
        DataError: Its file is not the one that was published under this name.
    """
    folder = files("proofkit_eval.heldout").joinpath("data")
    content = _content(folder.joinpath(f"{name}.jsonl"))
    published = folder.joinpath(f"{name}.sha256").read_text(encoding="utf-8").strip()
    if set_digest(content) != published:
        raise DataError(
            f"The held-out set {name} comes to {set_digest(content)[:12]}, and {published[:12]} was published. A set "
            "never changes under its name: install the package again, or publish the new prompts under another one."
        )
    return _parsed(name, content)


def read_set(path: Path) -> HeldOutSet:
    """Return a set from a file of one's own, one prompt a line.

    Args:
        path: The file.

    Raises:
        InputError: It cannot be read, holds no prompts, or a line is no prompt.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The prompts {str(path)!r} cannot be read: {error.strerror}. Expected a file with one prompt a line; "
            f"or one of the sets that come along: {', '.join(SETS)}."
        ) from error
    try:
        return _parsed(path.stem, content)
    except DataError as error:
        raise InputError(str(error)) from error


def set_digest(content: bytes) -> str:
    """Return the digest of a set's file.

    Args:
        content: Its bytes.
    """
    return hashlib.sha256(content).hexdigest()


def written_set(prompts: Iterable[Prompt]) -> bytes:
    """Return the bytes of a set's file.

    Args:
        prompts: In order.
    """
    return b"".join(prompt.model_dump_json().encode() + b"\n" for prompt in prompts)


def _content(source: Traversable) -> bytes:
    # A checkout with other line ends would have another digest.
    return source.read_bytes().replace(b"\r\n", b"\n")


def _parsed(name: str, content: bytes) -> HeldOutSet:
    prompts: list[Prompt] = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            prompts.append(Prompt.model_validate_json(line))
        except ValidationError as error:
            raise DataError(f"{name}, line {number} is no prompt: {fault_of(error)}. Mend that line.") from error
    _check(name, prompts)
    return HeldOutSet(name=name, digest=set_digest(content), prompts=tuple(prompts))


def _check(name: str, prompts: Sequence[Prompt]) -> None:
    if not prompts:
        raise DataError(f"{name} holds no prompts; expected one or more, one a line.")
    seen: set[str] = set()
    for prompt in prompts:
        if prompt.id in seen:
            raise DataError(f"{name}: the prompt {prompt.id!r} stands twice. Give each its own id.")
        seen.add(prompt.id)
