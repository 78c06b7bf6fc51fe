"""Takes over what a model says of a role, item by item: each is used only if it passes, the rest is left out."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from proofkit_core.cleaning import reads_as_instruction, script_of
from proofkit_core.samples.match import find_sample
from proofkit_core.samples.records import SampleType

_SUMMARY_CAP = 160
_LINE_CAP = 110
_WORD_CAP = 40
_LEAST = 3
_DECIDES = re.compile(r"^(?:whether|which|when|how|who|whom|what|where)\b", re.IGNORECASE)
_MARKUP = re.compile(r"[{}\[\]<>|`*_#\\]|https?:|www\.|\n")
_CLAIM = re.compile(
    r"\b(?:I|I'\w+|me|my|mine|we|our|ours|us)\b|\b(?:certified|accredited|award\w*|licensed|testimonial\w*|guarantee\w*|"
    r"world-class|leading|proven|best)\b",
    re.IGNORECASE,
)


class RoleProfile(NamedTuple):
    """The items of a profile that passed."""

    summary: str
    decides: tuple[str, ...]
    constraints: tuple[str, ...]
    vocabulary: tuple[str, ...]
    work_samples: tuple[str, ...]
    """Ids."""

    @property
    def is_empty(self) -> bool:
        """Return True where nothing passed."""
        return not any(self)


def read_profile(profile: Mapping[str, object], types: tuple[SampleType, ...], *, typed: str) -> RoleProfile:
    """Return what may be used of a model's profile.

    Args:
        profile: The parsed answer: summary, decisions, constraints, vocabulary and work_samples.
        types: All types of work sample, to recognise their names.
        typed: What the person typed; its alphabets are allowed.
    """
    scripts = {"LATIN"} | {script_of(c) for c in typed if c.isalpha()}
    summary = next(iter(_usable([profile.get("summary")], _SUMMARY_CAP, scripts)), "")
    decisions = _usable(_items(profile.get("decisions")), _LINE_CAP, scripts)
    constraints = _usable(_items(profile.get("constraints")), _LINE_CAP, scripts)
    named = (find_sample(name, types) for name in _usable(_items(profile.get("work_samples")), _LINE_CAP, scripts))
    return RoleProfile(
        summary=_as_sentence(summary),
        decides=tuple(line[:1].lower() + line[1:] for line in decisions if _DECIDES.match(line)),
        constraints=tuple(_as_sentence(line) for line in constraints),
        vocabulary=_usable(_items(profile.get("vocabulary")), _WORD_CAP, scripts),
        work_samples=tuple(dict.fromkeys(found.sample.id for found in named if found)),
    )


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple) else ()  # pyright: ignore[reportUnknownVariableType]


def _usable(items: Iterable[object], cap: int, scripts: set[str]) -> tuple[str, ...]:
    texts = (
        " ".join(item.split()).rstrip(" .;,?") if isinstance(item, str) and "\n" not in item else "" for item in items
    )
    return tuple(dict.fromkeys(text for text in texts if _is_usable(text, cap, scripts)))


def _is_usable(text: str, cap: int, scripts: set[str]) -> bool:
    if not _LEAST <= len(text) <= cap or any(unicodedata.category(c) in {"Nd", "Nl", "No", "Cc", "Cf"} for c in text):
        return False
    if _MARKUP.search(text) or _CLAIM.search(text) or reads_as_instruction(text):
        return False
    return all(script_of(c) in scripts for c in text if c.isalpha())


def _as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
