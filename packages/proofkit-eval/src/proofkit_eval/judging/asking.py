"""Writes what a model that judges is asked: the rubric, the exercise and one answer, every strange text in a frame."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from proofkit_eval.judging.neutral import CLOSE, OPEN, neutralise
from proofkit_eval.judging.protocol import JudgeItem
from proofkit_eval.judging.rubric import LOWEST, TOP, Item, Rubric
from proofkit_eval.records import Prompt
from proofkit_prompts.prompt import EditablePrompt, FreePrompt, OutputKind

__all__ = ["YES_NO", "Asked", "Wire", "exercise_of", "grading", "pairing", "questioning", "to_prompt"]

Wire = Literal["chat", "text"]
"""Whether a backend takes messages, or one text under the ChatML template."""

YES_NO: dict[str, object] = {
    "type": "object",
    "properties": {"answer": {"type": "string", "enum": ["yes", "no"]}},
    "required": ["answer"],
    "additionalProperties": False,
}
_PROMPT_SET = "judge-1"
_STOP = ("<|im_end|>",)
_TASKS = {
    "draft_section": "Write one section of the work sample.",
    "coauthor_section": "Write one section of the work sample from what the person says.",
    "revise_section": "Rewrite one section of the work sample as asked.",
    "linkedin_post": "Write a LinkedIn post about the work sample.",
    "resume_bullets": "Write résumé bullets about the work sample, as JSON.",
    "talking_points": "Write questions and answers for an interview about the work sample, as JSON.",
    "scenario": "Make up the exercise: a fictional company and a decision, as JSON.",
    "role_profile": "Say what somebody in this role makes and is judged by, as JSON.",
    "readiness_review": "Review the finished work sample, as JSON.",
}


class Asked(NamedTuple):
    """What a judge is asked."""

    system: str
    user: str


def exercise_of(prompt: Prompt) -> str:
    """Return what was asked, in plain lines: the task, what the answer could rest on, and what the person typed.

    It holds neither the contract's wording nor anything about who answers.
    """
    lines = [f"Task: {_TASKS.get(prompt.task, prompt.task.replace('_', ' '))}"]
    for name, value in prompt.fields.items():
        told = value if isinstance(value, str) else "; ".join(value)
        if told.strip():
            lines.append(f"{name.replace('_', ' ').capitalize()}: {told}")
    shown = "\n".join(lines)
    if prompt.company and prompt.company not in shown:
        lines.append(f"Fictional company: {prompt.company}")
    facts = [fact.text for fact in prompt.facts if fact.text not in shown]
    lines += [f"Fact of the exercise: {fact}" for fact in facts]
    if prompt.typed.strip():
        lines.append(f"All that the person typed: {'; '.join(prompt.typed.split(chr(10)))}")
    return "\n".join(lines)


def grading(rubric: Rubric, item: JudgeItem) -> Asked:
    """Ask for all axes and all items that apply at once, for a large model."""
    questions = rubric.items_of(item.prompt.task)
    system = "\n\n".join([rubric.introduction, *_axes(rubric), *_items(questions)])
    lines = [f"{axis}: 1 to 5" for axis in rubric.axis_ids] + [f"{each.id}: yes or no" for each in questions]
    ending = (
        "Think first, in a few sentences. Then end with one line for each of the following, in this form and with "
        "nothing after them:\n" + "\n".join(lines)
    )
    return Asked(system, "\n\n".join([*_shown(item, rubric), ending]))


def questioning(rubric: Rubric, question: Item, item: JudgeItem) -> Asked:
    """Ask one yes/no question, for a small model."""
    return Asked(
        f"{rubric.introduction} Answer one question about it with yes or no.",
        "\n\n".join([*_shown(item, rubric), f"Question: {question.question} Answer yes or no."]),
    )


def pairing(rubric: Rubric, first: JudgeItem, second: JudgeItem) -> Asked:
    """Ask which of two answers to the same exercise is better; the caller asks again the other way round."""
    names = _names(rubric)
    answers = [f"Answer {name}:\n{_framed(each.answer, names)}" for name, each in (("A", first), ("B", second))]
    ending = "Think first, in a few sentences. Then end with one line: `better: A`, `better: B` or `better: tie`."
    system = "\n\n".join([rubric.introduction, *_axes(rubric)])
    return Asked(system, "\n\n".join([_exercise(first, rubric), *answers, ending]))


def to_prompt(asked: Asked, wire: Wire, *, max_tokens: int, yes_no: bool = False) -> EditablePrompt | FreePrompt:
    """Return a prompt that a backend takes.

    Args:
        asked: What is asked.
        wire: How the backend is spoken to.
        max_tokens: Cap on the reply.
        yes_no: Whether the reply is held to the form of a yes or a no.
    """
    schema = YES_NO if yes_no else None
    output = OutputKind.JSON if yes_no else OutputKind.MARKDOWN
    if wire == "chat":
        return EditablePrompt(
            prompt_set=_PROMPT_SET,
            task="judge",
            system=asked.system,
            user=asked.user,
            output=output,
            output_schema=schema,
            max_tokens=max_tokens,
        )
    text = (
        f"<|im_start|>system\n{asked.system}<|im_end|>\n<|im_start|>user\n{asked.user}<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    return FreePrompt(
        text=text,
        stop=_STOP,
        output=output,
        output_schema=schema,
        max_tokens=max_tokens,
        system=asked.system,
        user=asked.user,
    )


def _shown(item: JudgeItem, rubric: Rubric) -> list[str]:
    return [_exercise(item, rubric), f"Answer {item.alias}:\n{_framed(item.answer, _names(rubric))}"]


def _exercise(item: JudgeItem, rubric: Rubric) -> str:
    return f"What was asked:\n{_framed(exercise_of(item.prompt), _names(rubric))}"


def _framed(text: str, names: Iterable[str]) -> str:
    return f"{OPEN}\n{neutralise(text, names)}\n{CLOSE}"


def _names(rubric: Rubric) -> tuple[str, ...]:
    return (*rubric.axis_ids, *rubric.item_ids)


def _axes(rubric: Rubric) -> Iterable[str]:
    for axis in rubric.axes:
        anchors = [f"{grade}: {text}" for grade, text in zip(range(LOWEST, TOP + 1), axis.anchors, strict=True)]
        yield "\n".join([f"Axis {axis.id}. {axis.question}", *anchors])


def _items(items: Iterable[Item]) -> Iterable[str]:
    lines = [f"{item.id}: {item.question}" for item in items]
    if lines:
        yield "\n".join(["Yes/no questions; a yes is good.", *lines])
