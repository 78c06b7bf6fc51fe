"""Takes a model's hidden channels out of its answer: marked, left as bare words by decoding, or thinking aloud.

A channel that was opened and never ended leaves no answer. What stands before the final channel is never taken for
one, and neither is what follows a second turn.
"""

import re
from typing import NamedTuple

__all__ = ["Stripped", "strip_channels"]

_CHANNELS = "analysis|commentary|final"
_MESSAGE = re.compile(
    rf"<\|channel\|>\s*(?P<channel>{_CHANNELS})\b[^<]*<\|message\|>(?P<body>.*?)"
    r"(?P<end><\|(?:end|return|call)\|>|(?=<\|start\|>)|\Z)",
    re.DOTALL,
)
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL | re.IGNORECASE)
_HEADLESS_THOUGHT = re.compile(r"\A(?:(?!<think>).)*?</think>\s*", re.DOTALL | re.IGNORECASE)
"""Some servers swallow the opening mark, which stands at the end of the prompt."""
_STOP = re.compile(r"<\|(?:im_end|endoftext|eot_id|return|end)\|>|</s>|<end_of_turn>")
_MARKUP = re.compile(r"<[|\uff5c][^\n<>]{0,80}[|\uff5c]>|</?think>", re.IGNORECASE)
_GLUED = re.compile(r"assistant\s*final(?=\Z|\s*[A-Z:\n*#\"{\[|-])")
_BARE = re.compile(rf"\A\W*(?:assistant)?(?P<channel>{_CHANNELS})(?=\Z|\s*[A-Z:\n*#\"{{\[|]|\s*-\s)")
_SPEAKER = re.compile(r"\A\s*assistant\s*[:\n]\s*")
_ALONE = re.compile(rf"^\s*(?:assistant)?(?:{_CHANNELS})\s*:?\s*$", re.MULTILINE)


class Stripped(NamedTuple):
    """An answer without its hidden channels."""

    text: str
    """Empty where nothing of it was meant to be read."""
    reason: str = ""
    """What was found; empty where the text is as it came."""
    is_answer: bool = True
    """Whether what is left can be taken for the answer."""


def strip_channels(text: str) -> Stripped:
    """Return the final channel of an answer.

    Args:
        text: As the model wrote it.
    """
    for read in (_marked, _thinking, _after_stop, _glued, _bare):
        found = read(text)
        if found is not None:
            return found
    if marker := _MARKUP.search(text) or _ALONE.search(text):
        return Stripped("", f"channel markup {marker.group().strip()!r} in the middle of the answer", is_answer=False)
    return Stripped(text)


def _marked(text: str) -> Stripped | None:
    messages = list(_MESSAGE.finditer(text))
    if not messages:
        return None
    finals = [found for found in messages if found["channel"] == "final"]
    if len(finals) != 1:
        told = "no final channel" if not finals else f"{len(finals)} final channels"
        return Stripped("", f"channel markers and {told}", is_answer=False)
    return _rest(finals[0]["body"], "channel markers around the answer")


def _thinking(text: str) -> Stripped | None:
    for pattern in (_THOUGHT, _HEADLESS_THOUGHT):
        if found := pattern.match(text):
            return _rest(text[found.end() :], "thinking before the answer")
    if re.match(r"\s*<think>", text, re.IGNORECASE):
        return Stripped("", "thinking that never ended", is_answer=False)
    return None


def _after_stop(text: str) -> Stripped | None:
    found = _STOP.search(text)
    return _rest(text[: found.start()], f"text after the stop mark {found.group()!r}") if found else None


def _glued(text: str) -> Stripped | None:
    found = [*_GLUED.finditer(text)]
    if not found:
        return None
    return _rest(text[found[-1].end() :].lstrip(" \t:\n"), "bare channel words before the answer")


def _bare(text: str) -> Stripped | None:
    if found := _SPEAKER.match(text):
        return _rest(text[found.end() :], "the bare word 'assistant' before the answer")
    found = _BARE.match(text)
    if found is None:
        return None
    if found["channel"] == "final":
        return _rest(text[found.end() :].lstrip(" \t:\n"), "the bare channel word 'final' before the answer")
    return Stripped("", f"the bare channel word {found['channel']!r} and no final channel", is_answer=False)


def _rest(text: str, reason: str) -> Stripped:
    """Return what is left, unless it is empty or still holds markup."""
    if left := _after_stop(text):
        text = left.text
    if not text.strip():
        return Stripped("", f"{reason}, and nothing else", is_answer=False)
    if marker := _MARKUP.search(text) or _GLUED.search(text) or _ALONE.search(text):
        return Stripped("", f"{reason}, and more of it inside: {marker.group().strip()!r}", is_answer=False)
    return Stripped(text.strip(), reason)
