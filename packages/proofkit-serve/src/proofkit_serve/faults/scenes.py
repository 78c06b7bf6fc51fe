"""What the fault server does in each scenario, one function each."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from typing import NamedTuple

from proofkit_serve.faults.answers import wrong_answer
from proofkit_serve.faults.asked import Asked
from proofkit_serve.faults.exchange import Exchange
from proofkit_serve.faults.scenarios import Pace, Scenario

__all__ = ["Answer", "Play", "play"]

Answer = Callable[[Asked], str]
"""Writes a good answer to a request."""
_TOKENS = re.compile(r"\s*\S+|\s+")


class Play(NamedTuple):
    """What a scenario plays with."""

    asked: Asked
    exchange: Exchange
    pace: Pace
    answer: Answer

    @property
    def words(self) -> list[str]:
        """Return the good answer, word by word."""
        return _TOKENS.findall(self.answer(self.asked))


async def play(scenario: Scenario, scene: Play) -> None:
    """Answer one request as a scenario has it."""
    await _SCENES[scenario](scene)


async def _good(scene: Play) -> None:
    await _speak(scene, scene.words)


async def _steady(scene: Play) -> None:
    await _speak(scene, [f"word{number} " for number in range(scene.asked.max_tokens + 1)])


async def _slow_first_token(scene: Play) -> None:
    await scene.exchange.begin()
    await asyncio.sleep(scene.pace.slow_s)
    await _speak(scene, scene.words)


async def _stall(scene: Play) -> None:
    await _some_words(scene)
    await asyncio.sleep(scene.pace.slow_s)


async def _pings(scene: Play) -> None:
    await _some_words(scene)
    for _ in range(int(scene.pace.slow_s / 0.05)):
        await scene.exchange.comment("ping")
        await asyncio.sleep(0.05)


async def _cut(scene: Play) -> None:
    await _some_words(scene)
    scene.exchange.break_off()


async def _unfinished(scene: Play) -> None:
    await _some_words(scene)
    await scene.exchange.done()


async def _dropped(scene: Play) -> None:
    scene.exchange.break_off()


async def _error_event(scene: Play) -> None:
    await _some_words(scene)
    await scene.exchange.event(
        {"error": {"code": 500, "message": _with_key("the engine died", scene), "type": "server_error"}}
    )
    await scene.exchange.done()


async def _wrong_schema(scene: Play) -> None:
    await _speak(scene, [wrong_answer(scene.asked)])


async def _truncated_json(scene: Play) -> None:
    text = scene.answer(scene.asked)
    await _speak(scene, _TOKENS.findall(text[: len(text) // 2]))


async def _channel_leak(scene: Play) -> None:
    await _speak(scene, ["analysis", "The user wants", " this.", "assistant", "final", *scene.words])


async def _endless_whitespace(scene: Play) -> None:
    await scene.exchange.text("{")
    for _ in range(scene.pace.huge_chars // 8):
        await scene.exchange.text("\n       ")
        await asyncio.sleep(scene.pace.between_s)


async def _huge_answer(scene: Play) -> None:
    for number in range(scene.pace.huge_chars // 80):
        await scene.exchange.text(f"{number:08d} " + "lorem ipsum " * 6)
        await asyncio.sleep(0)


async def _huge_line(scene: Play) -> None:
    await scene.exchange.begin()
    for number in count():
        if number * 65536 > scene.pace.huge_chars:
            break
        await scene.exchange.raw(b"data: " * (number == 0) + b"x" * 65536)


async def _reasoning(scene: Play) -> None:
    for piece in ("The user ", "wants ", "this."):
        await scene.exchange.reasoning(piece)
    await _speak(scene, scene.words)


async def _think_tags(scene: Play) -> None:
    await _speak(scene, ["<thi", "nk>", "The user wants this.", "</th", "ink>", "\n\n", *scene.words])


async def _harmony(scene: Play) -> None:
    thinking = ["<|channel|>", "analysis", "<|message|>", "The user wants this.", "<|end|>"]
    await _speak(scene, [*thinking, "<|start|>", "assistant<|channel|>fin", "al<|message|>", *scene.words])


async def _reasoning_only(scene: Play) -> None:
    for piece in ("The user ", "wants ", "this, ", "or that."):
        await scene.exchange.reasoning(piece)
    await scene.exchange.finish("length")


async def _empty(scene: Play) -> None:
    await scene.exchange.finish("stop")


async def _length(scene: Play) -> None:
    await _some_words(scene)
    await scene.exchange.finish("length")


async def _unstreamed(scene: Play) -> None:
    scene.exchange.streams = False
    await _good(scene)


async def _garbage(scene: Play) -> None:
    await scene.exchange.begin()
    await scene.exchange.raw(b"data: <html>not json</html>\n\n")


def _status(status: int, message: str, **more: str) -> Callable[[Play], Awaitable[None]]:
    async def answer(scene: Play) -> None:
        headers: Mapping[str, str] = {
            name.replace("_", "-"): value.format(retry_after=scene.pace.retry_after) for name, value in more.items()
        }
        code = "model_not_supported" if "provider" in message else str(status)
        error = {"message": _with_key(message, scene), "type": "error", "code": code}
        await scene.exchange.whole(status, json.dumps({"error": error}).encode(), headers)

    return answer


def _with_key(message: str, scene: Play) -> str:
    """Return a message that repeats the key, as careless servers do."""
    return f"{message}: {scene.asked.key}" if scene.asked.key else message


async def _speak(scene: Play, words: list[str]) -> None:
    await asyncio.sleep(scene.pace.first_token_s)
    kept = words[: scene.asked.max_tokens]
    for word in kept:
        await scene.exchange.text(word)
        if scene.pace.between_s:
            await asyncio.sleep(scene.pace.between_s)
    await scene.exchange.finish("stop" if len(kept) == len(words) else "length")


async def _some_words(scene: Play) -> None:
    await asyncio.sleep(scene.pace.first_token_s)
    for word in scene.words[:3]:
        await scene.exchange.text(word)


_SCENES: Mapping[Scenario, Callable[[Play], Awaitable[None]]] = {
    Scenario.GOOD: _good,
    Scenario.STEADY: _steady,
    Scenario.SLOW_FIRST_TOKEN: _slow_first_token,
    Scenario.STALL: _stall,
    Scenario.PINGS: _pings,
    Scenario.CUT: _cut,
    Scenario.UNFINISHED: _unfinished,
    Scenario.DROPPED: _dropped,
    Scenario.RATE_LIMITED: _status(429, "slow down", retry_after="{retry_after}"),
    Scenario.SERVER_ERROR: _status(500, "the engine died"),
    Scenario.ERROR_EVENT: _error_event,
    Scenario.WAKING: _status(503, "Loading model", retry_after="{retry_after}"),
    Scenario.WRONG_SCHEMA: _wrong_schema,
    Scenario.TRUNCATED_JSON: _truncated_json,
    Scenario.CHANNEL_LEAK: _channel_leak,
    Scenario.ENDLESS_WHITESPACE: _endless_whitespace,
    Scenario.HUGE_ANSWER: _huge_answer,
    Scenario.HUGE_LINE: _huge_line,
    Scenario.REFUSED: _dropped,  # the port of a server that listens cannot refuse; this is the nearest
    Scenario.REASONING: _reasoning,
    Scenario.THINK_TAGS: _think_tags,
    Scenario.HARMONY: _harmony,
    Scenario.REASONING_ONLY: _reasoning_only,
    Scenario.EMPTY: _empty,
    Scenario.LENGTH: _length,
    Scenario.UNSTREAMED: _unstreamed,
    Scenario.GARBAGE: _garbage,
    Scenario.UNAUTHORIZED: _status(401, "incorrect key"),
    Scenario.NOT_FOUND: _status(404, "no such model"),
    Scenario.BAD_REQUEST: _status(400, "the prompt is too long"),
    Scenario.NO_PROVIDER: _status(400, "The requested model is not supported by any provider you have enabled."),
    Scenario.REDIRECT: _status(307, "moved", location="http://127.0.0.1:9/v1/chat/completions"),
}
