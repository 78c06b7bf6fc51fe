"""From a completion to what the program may use, or a plain reason why not."""

import json
import re
from typing import Any, NoReturn

from proofkit_prompts.errors import OutputParseError
from proofkit_prompts.prompt import OutputKind
from proofkit_prompts.render import CompiledTask
from proofkit_prompts.schema import find_mismatch, in_schema_order

_FENCE = re.compile(r"\A(`{3,}|~{3,})[^\n`]*\n(.*?)\n?\1\Z", re.DOTALL)
_TOKEN = re.compile(r"<[|\uff5c][^\n>]*>|</?think>", re.IGNORECASE)
_CHANNEL = re.compile(r"\A(?:assistant)?(?:analysis|commentary|final)(?=\Z|\s*[A-Z:\n*#\"{\[-])|\Aassistant\s*[:\n]")
_JSON_KEY = re.compile(r"\"\w+\"\s*:")
_HEADING = re.compile(r"\A#{1,6} [^\n]*(?:\n+|\Z)")
_ECHOED_WORDS = 6


def parse_completion(task: CompiledTask, labels: dict[str, bool], completion: str) -> str | dict[str, Any]:
    """Parse one completion.

    Args:
        task: The task that the prompt was rendered for.
        labels: Every label of the grammar, and whether good prose may start a line with it.
        completion: What the model wrote.

    Returns:
        Cleaned text for a Markdown task; for a JSON task the validated object, its properties in schema order.

    Raises:
        OutputParseError: The completion does not have the shape that the task promises.
    """
    text = completion
    for stop in task.stop:
        text = text.partition(stop)[0]
    text = text.replace("\r\n", "\n").strip()
    if not text:
        _refuse(task, "the completion is empty")
    text = _unfence(text)
    if task.spec.output is OutputKind.JSON:
        return _parse_json(task, text)
    return _parse_markdown(task, labels, text)


def serialize_value(task: CompiledTask, value: Any) -> str:  # noqa: ANN401
    """Return the exact completion text of a JSON task, for training rows.

    Args:
        task: A task with JSON output.
        value: The object.

    Raises:
        OutputParseError: The object breaks the task's schema, or the task's output is not JSON.
    """
    if task.schema is None:
        _refuse(task, "its completions are Markdown, not JSON")
    return json.dumps(_validated(task, value), ensure_ascii=False)


def _parse_markdown(task: CompiledTask, labels: dict[str, bool], text: str) -> str:
    if marker := _TOKEN.search(text) or _CHANNEL.search(text):
        _refuse(task, f"the completion holds the channel marker {marker.group().strip()!r}")
    if key := _JSON_KEY.search(text):
        _refuse(task, f"the completion holds the JSON key {key.group()!r} where prose is expected")
    _refuse_echo(task, labels, text)
    cleaned = _HEADING.sub("", text).strip()
    if not cleaned:
        _refuse(task, "the completion is empty")
    return cleaned


def _refuse_echo(task: CompiledTask, labels: dict[str, bool], text: str) -> None:
    starts = [line.partition(": ")[0] for line in text.split("\n")]
    echoed = [start for start in starts if start in labels]
    telling = [start for start in echoed if not labels[start]]
    if telling or len(set(echoed)) > 1:
        _refuse(task, f"the completion repeats the prompt's line {(telling or echoed)[0]!r}")
    said = " ".join(text.split()).casefold()
    for fixed in (task.template.before, task.template.after, task.system):
        words = fixed.split()
        if len(words) >= _ECHOED_WORDS and " ".join(words[:_ECHOED_WORDS]).casefold() in said:
            _refuse(task, f"the completion repeats the instruction {' '.join(words[:_ECHOED_WORDS])!r}")


def _parse_json(task: CompiledTask, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constant)
    except RecursionError as error:
        raise OutputParseError(f"Task {task.spec.name}: the completion is nested too deeply.") from error
    except ValueError as error:
        raise OutputParseError(
            f"Task {task.spec.name}: the completion is not one JSON object ({error}). Generate it again, "
            "constrained by the prompt's output_schema."
        ) from error
    return _validated(task, value)


def _validated(task: CompiledTask, value: Any) -> dict[str, Any]:  # noqa: ANN401
    schema = json.loads(task.schema or "{}")
    if mismatch := find_mismatch(value, schema):
        _refuse(task, f"at {mismatch.path or 'the top'} {mismatch.reason}")
    return in_schema_order(value, schema)


def _unfence(text: str) -> str:
    fenced = _FENCE.match(text)
    # A fence that closes and opens again inside is several blocks, not one around everything.
    if fenced is None or f"\n{fenced.group(1)}" in fenced.group(2):
        return text
    return fenced.group(2).strip()


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a property comes twice")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _refuse(task: CompiledTask, reason: str) -> NoReturn:
    raise OutputParseError(f"Task {task.spec.name}: {reason}. Generate it again, or fall back.")
