"""Drops what a model thinks aloud before it answers.

Models mark it in different ways: `<think>…</think>`, the channels of the harmony format
(`<|channel|>analysis<|message|>…<|end|>`), or, where a server swallowed those marks, the bare names of the channels
run together with the text (`analysisWe need…assistantfinal{`).
"""

import re
from enum import StrEnum
from typing import Literal

from proofkit_core.errors import FailureKind, GenerationError

__all__ = ["ChannelFilter", "Reasoning"]

Reasoning = Literal["auto", "open", "none"]
"""`auto` knows all marks; `open` is for a template that opens the thinking itself, so that only its end is written;
`none` takes everything as the answer."""

_PAIRS = {"<think>": "</think>", "<thinking>": "</thinking>", "[THINK]": "[/THINK]"}
_CLOSINGS = frozenset(_PAIRS.values())
_HEADERS = frozenset({"<|start|>", "<|channel|>"})
_MESSAGE = "<|message|>"
_ENDS = frozenset({"<|end|>", "<|return|>", "<|call|>"})
_HARMONY = (*_HEADERS, _MESSAGE, *_ENDS)
_BARE = re.compile(r"\s*(?:assistant)?(analysis|commentary|final)(?=\s*\{|[A-Z\[#*\"])")
_BARE_NAMES = tuple(f"{before}{name}" for before in ("", "assistant") for name in ("analysis", "commentary", "final"))
_BARE_ANSWER = "assistantfinal"


class _State(StrEnum):
    START = "start"
    ANSWER = "answer"
    HEADER = "header"
    HIDDEN = "hidden"


class ChannelFilter:
    """Takes an answer as it is written and returns what a person may see of it."""

    def __init__(self, reasoning: Reasoning = "auto", *, goes_on: bool = False) -> None:
        """Start before the first word.

        Args:
            reasoning: How the model thinks aloud.
            goes_on: Whether the answer goes on from an opening, so that its first words are no channel's name.
        """
        self._plain = reasoning == "none"
        self._held = ""
        self._header = ""
        self._said = goes_on
        self._closings: tuple[str, ...] = ()
        self._state = _State.ANSWER if goes_on or self._plain else _State.START
        if reasoning == "open":
            self._hide(tuple(_CLOSINGS))

    @property
    def hiding(self) -> bool:
        """Return whether what was written last is dropped."""
        return self._state in {_State.HIDDEN, _State.HEADER}

    def push(self, text: str) -> str:
        """Add text and return what of it is the answer.

        Raises:
            GenerationError: A thinking channel ended that was never seen to begin, so it was taken for the answer.
        """
        if self._plain:
            return text
        self._held += text
        shown: list[str] = []
        while (piece := self._step()) is not None:
            shown.append(piece)
        return "".join(shown)

    def finish(self) -> str:
        """Return what was held back, now that nothing follows."""
        rest, self._held = ("" if self.hiding else self._held), ""
        return rest

    def _step(self) -> str | None:
        """Return the next piece of the answer; None where more has to be known first."""
        if self._state is _State.START:
            return self._begin()
        if self._state is _State.ANSWER:
            return self._answer()
        return self._drop()

    def _begin(self) -> str | None:
        """Look for the bare name of a channel, which only ever stands first."""
        found = _BARE.match(self._held)
        if found is None:
            start = self._held.lstrip()
            if not start or any(name.startswith(start.rstrip()) for name in _BARE_NAMES):
                return None
            self._state = _State.ANSWER
            return ""
        self._held = self._held[found.end() :]
        if found.group(1) == "final":
            self._state = _State.ANSWER
        else:
            self._hide((_BARE_ANSWER,))
        return ""

    def _answer(self) -> str | None:
        before, mark = self._cut((*_PAIRS, *_CLOSINGS, *_HARMONY))
        if not self._said:
            before = before.lstrip()  # the blanks that part the thinking from the answer are neither
        self._said = self._said or bool(before.strip())
        if mark in _PAIRS:
            self._hide((_PAIRS[mark],))
        elif mark in _CLOSINGS:
            if self._said:
                raise _leaked(mark)
        elif mark in _HEADERS:
            self._state, self._header = _State.HEADER, ""
        return before if before or mark else None

    def _drop(self) -> str | None:
        before, mark = self._cut(_HARMONY if self._state is _State.HEADER else self._closings)
        if self._state is _State.HEADER:
            self._header += before
        if not mark:
            return None
        if mark == _MESSAGE and "final" not in self._header:
            self._hide(_HARMONY)
        elif mark in _HEADERS:
            self._state, self._header = _State.HEADER, ""
        else:
            self._state = _State.ANSWER
        return ""

    def _hide(self, closings: tuple[str, ...]) -> None:
        self._state, self._closings = _State.HIDDEN, closings

    def _cut(self, marks: tuple[str, ...]) -> tuple[str, str]:
        """Take what stands before the first of some marks, and the mark; without one, what is certainly no mark."""
        places = {place: mark for mark in marks if (place := self._held.find(mark)) >= 0}
        if places:
            place = min(places)
            before, mark = self._held[:place], places[place]
            self._held = self._held[place + len(mark) :]
            return before, mark
        cut = len(self._held) - max(_overlap(self._held, mark) for mark in marks)
        before, self._held = self._held[:cut], self._held[cut:]
        return before, ""


def _overlap(text: str, mark: str) -> int:
    """Return how many characters at the end of a text are the start of a mark."""
    return next((size for size in range(min(len(text), len(mark) - 1), 0, -1) if text.endswith(mark[:size])), 0)


def _leaked(mark: str) -> GenerationError:
    return GenerationError(
        f"Got {mark!r} in the middle of an answer: what stood before it was the model thinking aloud. Expected the "
        f"thinking to begin with its own mark. Set `reasoning` to `open` for this model.",
        kind=FailureKind.BAD_ANSWER,
    )
