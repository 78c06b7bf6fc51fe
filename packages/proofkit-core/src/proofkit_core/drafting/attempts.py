"""One attempt: a model is asked once, and its answer is parsed and judged."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from proofkit_core.drafting import checks
from proofkit_core.drafting.desk import Desk
from proofkit_core.drafting.failures import may_ask_again, no_answer
from proofkit_core.drafting.fields import Fields
from proofkit_core.drafting.reading import Judged, Reading, judge
from proofkit_core.drafting.telling import Telling
from proofkit_core.errors import GenerationCancelledError, GenerationError
from proofkit_core.generation import Candidate, Completion, Decoding, FinishReason, GenerationRequest, PromptKind
from proofkit_core.packet import Fallback, FallbackReason, Tried
from proofkit_prompts import EditablePrompt, FrozenPrompt, OutputParseError, render_editable
from proofkit_prompts.prompt import OutputKind

_STOPPED = "Stopped while a text was being drafted; nothing was written."


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of text to be written."""

    desk: Desk
    task: str
    fields: Fields
    reading: Reading
    telling: Telling


class Hint(NamedTuple):
    """What a model is given after a draft that could not be used."""

    opening: str = ""
    """Words that the answer begins with, for a model with frozen prompts."""
    problem: str = ""
    """What was wrong, for one with editable prompts."""


class Attempted(NamedTuple):
    """What came of one attempt."""

    tried: Tried
    value: Any = None
    edits: tuple[str, ...] = ()
    text: str = ""
    """The whole answer, where there was one of the right form."""
    may_ask_again: bool = False
    """The same model may do better when it is asked once more."""


def attempt(piece: Piece, candidate: Candidate, decoding: Decoding, *, hint: Hint, time_limit_s: float) -> Attempted:
    """Ask a model once.

    Args:
        piece: What to write.
        candidate: The model.
        decoding: How its tokens are chosen.
        hint: What came of the draft before.
        time_limit_s: Seconds it may take.

    Raises:
        GenerationCancelledError: The person stopped the run.
    """
    cancel = piece.desk.cancel
    if cancel is not None and cancel.is_set():
        raise GenerationCancelledError(_STOPPED)
    prompt = _prompt(piece, candidate, hint.problem)
    request = GenerationRequest(prompt=prompt, opening=hint.opening, decoding=decoding, time_limit_s=time_limit_s)
    identity, prompt_set = candidate.generator.identity, _set_of(prompt)
    digest = prompt.task_digest if isinstance(prompt, FrozenPrompt) else ""
    asked = Tried(model=identity, prompt_set=prompt_set, task_digest=digest, mark=candidate.mark)
    piece.telling.begin(identity, prompt_set, candidate.mark)
    try:
        completion = _complete(piece, candidate, request)
    except GenerationCancelledError:
        piece.telling.turn_down(FallbackReason.CANCELLED)
        raise
    except GenerationError as error:
        problem = no_answer(error)
        piece.telling.turn_down(problem.reason)
        # A model that was opened for this request is known by its weights only now.
        told = {"model": candidate.generator.identity, "fallback": problem}
        return Attempted(asked.model_copy(update=told), may_ask_again=may_ask_again(error))
    cost = {"model": completion.model, "completion_tokens": completion.completion_tokens}
    return _told(piece, _judged(piece, completion, asked.model_copy(update=cost)))


def _complete(piece: Piece, candidate: Candidate, request: GenerationRequest) -> Completion:
    telling, generate, cancel = piece.telling, candidate.generator.generate, piece.desk.cancel
    try:
        if telling.has_listener:
            is_prose = request.prompt.output is OutputKind.MARKDOWN
            on_text = telling.text_listener() if is_prose else None
            completion = generate(request, cancel=cancel, on_text=on_text, on_place=telling.place_listener())
        else:
            completion = generate(request, cancel=cancel)
    finally:
        telling.end()
    if completion.finish_reason is FinishReason.CANCELLED:
        raise GenerationCancelledError(_STOPPED)
    return completion


def _prompt(piece: Piece, candidate: Candidate, problem: str) -> FrozenPrompt | EditablePrompt:
    contract = piece.desk.contract
    if candidate.prompts is PromptKind.FROZEN:
        return contract.render(piece.task, piece.fields)
    return render_editable(piece.task, piece.fields, problem=problem, contract=contract)


def _set_of(prompt: FrozenPrompt | EditablePrompt) -> str:
    return f"frozen {prompt.contract}" if isinstance(prompt, FrozenPrompt) else prompt.prompt_set


def _judged(piece: Piece, completion: Completion, asked: Tried) -> Attempted:
    problem = checks.check_finish(completion)
    if problem:
        again = problem.reason is not FallbackReason.TIME
        return Attempted(asked.model_copy(update={"fallback": problem}), may_ask_again=again)
    try:
        value = piece.desk.contract.parse(piece.task, completion.text)
    except OutputParseError as error:
        message = "the draft did not have the form that was asked for"
        problem = Fallback(reason=_parse_reason(str(error)), message=message, detail=str(error))
        return Attempted(asked.model_copy(update={"fallback": problem}), may_ask_again=True)
    judged: Judged = judge(value, piece.reading, piece.desk)
    tried = asked.model_copy(update={"fallback": judged.fallback})
    return Attempted(tried, judged.value, judged.edits, completion.text, judged.fallback is not None)


def _told(piece: Piece, attempted: Attempted) -> Attempted:
    if attempted.tried.fallback:
        piece.telling.turn_down(attempted.tried.fallback.reason)
    return attempted


def _parse_reason(message: str) -> FallbackReason:
    if "repeats the" in message:
        return FallbackReason.ECHO
    return FallbackReason.EMPTY if "is empty" in message else FallbackReason.BAD_FORMAT
