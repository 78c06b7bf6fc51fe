"""Renders messages into the contract's chat template, so that the model sees the frame it was trained in.

What stands in a message is text: a special token in it is taken apart, so nobody can fake a turn.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from proofkit_core.cleaning import clean_text
from proofkit_prompts import Contract
from proofkit_prompts.escape import Escaper
from proofkit_prompts.prompt import FreePrompt, FrozenPrompt, OutputKind
from proofkit_prompts.render import CompiledTask
from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_serve.wire.openai import (
    ChatInput,
    ChatMessage,
    CompletionInput,
    ContractTask,
    Sampling,
    stops_of,
    text_of,
)

DEFAULT_TOKENS = 256
_FRAME_TASK = "revise_section"
"""Whose frame is used: all tasks share one. A conversation is none of the tasks, and counts as a free prompt."""


def chat_prompt(wanted: ChatInput, contract: Contract) -> FrozenPrompt | FreePrompt:
    """Return the free prompt for a conversation, or the frozen one for a task of the contract.

    Args:
        wanted: What the caller sent.
        contract: The prompt contract.

    Raises:
        ProblemError: There are neither messages nor a task, or both, or no question to answer.
        ContractError: The contract has no such task or field.
    """
    if (wanted.proofkit is None) == (not wanted.messages):
        told = "Expected either messages, or `proofkit` with a task of the contract. Send one of them."
        raise ProblemError(Kind.INVALID_REQUEST, told)
    most = wanted.max_completion_tokens or wanted.max_tokens
    if wanted.proofkit is not None:
        return _task_prompt(wanted.proofkit, most, contract)
    frame = contract.compiled_task(_FRAME_TASK)
    system, turns = _turns(wanted.messages, frame.escaper)
    system = system or frame.system
    text = f"{frame.chat.before}{system}"
    for number, turn in enumerate(turns):
        text += f"{frame.chat.after if number % 2 else frame.chat.between}{turn}"
    prompt = _prompt(frame, text + frame.chat.after, wanted, most, contract)
    return replace(prompt, system=system, user=turns[-1])


def completion_prompt(wanted: CompletionInput, contract: Contract) -> FreePrompt:
    """Return the free prompt for a text that the caller rendered.

    Args:
        wanted: What the caller sent.
        contract: The prompt contract.

    Raises:
        ProblemError: The wanted form is none of the contract's.
    """
    frame = contract.compiled_task(_FRAME_TASK)
    return _prompt(frame, wanted.prompt, wanted, wanted.max_tokens, contract)


def _task_prompt(wanted: ContractTask, most: int | None, contract: Contract) -> FrozenPrompt:
    prompt = contract.render(wanted.task, wanted.fields)
    if most is None or most >= prompt.max_tokens:
        return prompt
    return replace(prompt, max_tokens=most)


def _prompt(frame: CompiledTask, text: str, wanted: Sampling, most: int | None, contract: Contract) -> FreePrompt:
    schema = _schema(wanted, contract)
    return FreePrompt(
        text=text,
        stop=(*frame.stop, *stops_of(wanted)),
        output=OutputKind.MARKDOWN if schema is None else OutputKind.JSON,
        output_schema=schema,
        max_tokens=most or DEFAULT_TOKENS,
    )


def _schema(wanted: Sampling, contract: Contract) -> dict[str, object] | None:
    """Return the schema to follow. Only the contract's own are compiled: a strange one can take hours."""
    form = wanted.response_format
    if form is None or form.type == "text" or form.json_schema is None:
        return None
    asked = json.dumps(form.json_schema.schema_, sort_keys=True)
    for task in contract.tasks:
        schema = contract.schema(task)
        if schema is not None and json.dumps(schema, sort_keys=True) == asked:
            return schema
    told = "The schema is none of the contract's, and others are not used here. Ask for text, or for a task's schema."
    raise ProblemError(Kind.INVALID_REQUEST, told)


def _turns(messages: Sequence[ChatMessage], escaper: Escaper) -> tuple[str, list[str]]:
    """Return the system's text, and what was said in turn, by the user first and last."""
    system: list[str] = []
    turns: list[str] = []
    for message in messages:
        text = escaped(text_of(message), escaper)
        if message.role in {"system", "developer"}:
            system.append(text)
            continue
        place = 0 if message.role == "user" else 1
        if turns and (len(turns) - 1) % 2 == place:
            turns[-1] += f"\n\n{text}"
            continue
        if len(turns) % 2 != place:
            turns.append("")
        turns.append(text)
    if len(turns) % 2 == 0:
        raise ProblemError(Kind.INVALID_REQUEST, "The last message is not the user's. Expected a question to answer.")
    return "\n\n".join(system), turns


def escaped(text: str, escaper: Escaper) -> str:
    """Return a text in which no special token is left.

    Args:
        text: What somebody wrote.
        escaper: The contract's rules.
    """
    text = escaper.deleted.sub("", clean_text(text).text)
    while True:  # taking one apart can bring another together
        apart = escaper.special.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
        if apart == text:
            return text
        text = apart
