"""Finds in a judge's prompt what would tell it who wrote an answer."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from proofkit_eval.records import ModelRef

__all__ = ["GIVEAWAYS", "Leak", "find_leaks", "giveaways_of", "mask"]

GIVEAWAYS = (
    "anthropic", "chatgpt", "claude", "deepseek", "gemini", "gemma", "gpt", "gpt-oss", "granite", "huggingface",
    "llama", "llama.cpp", "mistral", "mixtral", "openai", "phi-2", "phi-3", "phi-4", "proofkit", "qwen", "smollm",
    "smollm2", "vicuna",
)  # fmt: skip
"""Names by which models speak of themselves; the families of a run's own models come on top."""

_MASK = "[name]"
_PATHS = re.compile(
    r"(?<![\w.:/])(?:[A-Za-z]:\\|~?/)(?:[\w.+-]+[\\/])+[\w.+-]*|\b[\w.+-]+\.(?:gguf|safetensors|jsonl|ckpt|bin)\b"
)
_DIGEST = re.compile(r"\b[0-9a-f]{12,64}\b")
_ORDINARY = frozenset(
    """
    adapter answer base baseline ceiling composer direct distilled expert experts final first general hosted human large
    local model none old rule rules second small student teacher template the tuned unknown untuned
    """.split()  # noqa: SIM905 - a word list reads best as words
)
_SHORTEST = 3
_DIGEST_SHOWN = 12


class Leak(NamedTuple):
    """One giveaway in a text."""

    kind: str
    """`name`, `path` or `digest`."""
    found: str


def giveaways_of(models: Iterable[ModelRef], further: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names that no judge may read.

    Words such as `template`, which stand in honest answers too, are no giveaway by themselves.

    Args:
        models: The models of the run.
        further: More names, such as ids of contracts and prompt sets.
    """
    names = {*GIVEAWAYS, *further}
    for model in models:
        names |= {model.id, model.name, model.family, model.prompt_set}
        names |= {digest[:_DIGEST_SHOWN] for digest in (model.artifact_digest, model.base_digest or "")}
    kept = {name.casefold().strip() for name in names}
    return tuple(sorted(name for name in kept if _tells(name)))


def find_leaks(text: str, names: Iterable[str], *, told: str = "") -> tuple[Leak, ...]:
    """Return what in a text gives its writer away.

    Args:
        text: A judge's whole prompt.
        names: What `giveaways_of` returned.
        told: The exercise, which is the same for every writer: what stands there gives nobody away.
    """
    harmless = {leak.found.casefold() for leak in _leaks(told, _pattern(names))} if told else set[str]()
    return tuple(leak for leak in _leaks(text, _pattern(names)) if leak.found.casefold() not in harmless)


def mask(text: str, names: Iterable[str], *, told: str = "") -> str:
    """Return an answer with every giveaway blacked out, so that a model that says its own name gains nothing.

    Args:
        text: The answer.
        names: What `giveaways_of` returned.
        told: The exercise; what stands there stays.
    """
    names = tuple(names)
    for leak in sorted(set(find_leaks(text, names, told=told)), key=lambda leak: (-len(leak.found), leak.found)):
        text = text.replace(leak.found, _MASK)
    return text


def _leaks(text: str, named: re.Pattern[str] | None) -> Iterator[Leak]:
    if named is not None:
        yield from (Leak("name", found.group()) for found in named.finditer(text))
    yield from (Leak("path", found.group()) for found in _PATHS.finditer(text))
    yield from (Leak("digest", found.group()) for found in _DIGEST.finditer(text) if _is_digest(found.group()))


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(set(names), key=lambda name: (-len(name), name))
    if not longest_first:
        return None
    either = "|".join(re.escape(name).replace(r"\ ", r"[\s_-]+") for name in longest_first)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{either})(?:[-_.]?\d[\w.-]*)?(?![A-Za-z])", re.IGNORECASE)


def _tells(name: str) -> bool:
    words = re.findall(r"[a-z0-9]+", name)
    return len(name) >= _SHORTEST and any(word not in _ORDINARY for word in words)


def _is_digest(text: str) -> bool:
    """Say whether a run of hexadecimal digits is no plain number and no word."""
    return any(char.isdigit() for char in text) and any(char.isalpha() for char in text)
