"""Loads the words of a language."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from proofkit_core.errors import DataError

__all__ = ["LANGUAGES", "Words", "load_words"]

LANGUAGES = ("en",)
"""Languages of the pages; what a work sample is written in is another matter."""
_ONE = {"one", "other"}


class Words:
    """The words of one language. Call it with a key, and with what goes into the sentence."""

    def __init__(self, language: str, entries: Mapping[str, str | Mapping[str, str]]) -> None:
        """Take the words as they were read.

        Args:
            language: Tag of the language, for the page.
            entries: By key: a sentence, or `one` and `other` for a sentence that counts.
        """
        self.language = language
        self._entries = entries

    @property
    def keys(self) -> tuple[str, ...]:
        """Return all keys, for a test that finds the unused."""
        return tuple(self._entries)

    def forms(self, key: str) -> tuple[str, ...]:
        """Return the sentences of a key as they were written, all forms of one that counts."""
        entry = self._entries[key]
        return (entry,) if isinstance(entry, str) else tuple(entry.values())

    def __contains__(self, key: str) -> bool:
        """Say whether there is such a key."""
        return key in self._entries

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence with its values filled in; `n` chooses between `one` and `other`.

        Args:
            key: File and name, such as `goal.heading`.
            **values: What stands in braces.

        Raises:
            DataError: There is no such key, or a value is missing.
        """
        entry = self._entries.get(key)
        if entry is None:
            raise DataError(f"There are no words {key!r} in {self.language!r}. Add them to words/{self.language}/.")
        if not isinstance(entry, str):
            entry = entry["one" if values.get("n") == 1 else "other"]
        try:
            return entry.format_map(values)
        except (KeyError, IndexError, ValueError) as error:
            raise DataError(f"The words {key!r} need {error}; got {', '.join(values) or 'nothing'}.") from error


@cache
def load_words(language: str = "en") -> Words:
    """Return the words of a language.

    Args:
        language: One of `LANGUAGES`.

    Raises:
        DataError: A file holds something else than words.
    """
    folder = files("proofkit_ui.web.words").joinpath(language)
    entries: dict[str, str | Mapping[str, str]] = {}
    for source in sorted(
        (each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name
    ):
        name = source.name.removesuffix(".toml")
        try:
            data = tomllib.loads(source.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise DataError(f"words/{language}/{source.name} is no TOML: {error}. Correct that line.") from error
        entries.update(_flat(name, data))
    return Words(language, entries)


def _flat(prefix: str, data: Mapping[str, object]) -> Iterator[tuple[str, str | Mapping[str, str]]]:
    for name, value in data.items():
        key = f"{prefix}.{name}"
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, dict) and set(cast("dict[str, object]", value)) == _ONE:
            yield key, cast("dict[str, str]", value)
        elif isinstance(value, dict):
            yield from _flat(key, cast("dict[str, object]", value))
        else:
            raise DataError(f"The words {key!r} are a {type(value).__name__}; expected a text, or `one` and `other`.")
