"""One call to a model, from fields to a usable draft or a fall back with its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from proofkit_core.brief import Brief
from proofkit_core.drafting import checks
from proofkit_core.drafting.fields import Fields
from proofkit_core.errors import GenerationCancelledError, GenerationError, ModelUnavailableError
from proofkit_core.generation import CancelSignal, Completion, Decoding, FinishReason, GenerationRequest, TextGenerator
from proofkit_core.integrity import Carrier, FactLedger, Outcome, reviewed
from proofkit_core.ledger import first_unsupported
from proofkit_core.packet import Fallback, FallbackReason, Origin, Writer
from proofkit_prompts import Contract, OutputParseError

DECODING = Decoding(repeat_penalty=1.1)
"""Greedy, with a light brake on repetition: the same prompt gives the same draft."""

RETRIES = tuple(Decoding(temperature=0.6, repeat_penalty=1.1, seed=seed) for seed in (1, 2))
"""How a draft is asked for again where the first one may not be used: with a little chance, but always the same one."""
_FINAL = frozenset({FallbackReason.NO_MODEL, FallbackReason.MODEL_UNAVAILABLE, FallbackReason.TIME})
"""Reasons that another try would only meet again."""

Check = Callable[[str], Fallback | None]
Begin = Callable[[str], str]
"""Takes a draft that dropped points, and returns how the next one has to begin so that they stand in it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every call of one packet shares."""

    contract: Contract
    generator: TextGenerator | None
    facts: FactLedger
    typed: str
    """Everything the person typed, to tell their alphabets from strange ones."""
    why_no_model: Fallback
    """The reason given where `generator` is None."""
    time_limit_s: float = 45.0
    decoding: Decoding = DECODING
    retries: tuple[Decoding, ...] = RETRIES
    """How to ask again, in turn, while a draft may not be used; empty to ask once."""
    cancel: CancelSignal | None = None


def typed_text(brief: Brief) -> str:
    """Return everything that the person typed, one entry a line."""
    typed = [brief.target_role, brief.background, *brief.skills, *brief.weak_spots, *brief.notes]
    return "\n".join([*typed, *brief.answers.values()])


class Draft(NamedTuple):
    """A model's answer, checked; `value` is None where the composer has to step in."""

    value: Any
    origin: Origin


class _Reading(NamedTuple):
    """How the answer for one piece is read and judged."""

    carrier: Carrier
    texts_of: Callable[[Any], list[str]]
    rebuild: Callable[[list[str]], Any]
    chain: tuple[Check, ...]
    begin: Begin | None = None


def draft_text(
    desk: Desk,
    task: str,
    fields: Fields,
    *,
    carrier: Carrier,
    extra: tuple[Check, ...] = (),
    begin: Begin | None = None,
) -> Draft:
    """Ask for one Markdown task and check the answer.

    Args:
        desk: What the packet's calls share.
        task: Task of the contract.
        fields: The prompt's fields.
        carrier: What kind of text it is, for the integrity rules.
        extra: Further checks on the text.
        begin: How to begin after a draft that dropped points; without it the model begins as it likes.

    Returns:
        The edited text, or None with the reason in the origin.

    Raises:
        GenerationCancelledError: The person stopped the run.
    """
    chain = (checks.check_length, *_common(desk), *extra)
    return _draft(desk, task, fields, _Reading(carrier, _alone, _only, chain, begin))


def _alone(value: object) -> list[str]:
    return [str(value)]


def _only(texts: list[str]) -> str:
    return texts[0]


def draft_json(  # noqa: PLR0913 - each piece has its own shape, and all are named by the caller
    desk: Desk,
    task: str,
    fields: Fields,
    *,
    carrier: Carrier,
    texts_of: Callable[[dict[str, Any]], list[str]],
    rebuild: Callable[[list[str]], Any],
    extra: tuple[Check, ...] = (),
    sentences: bool = True,
) -> Draft:
    """Ask for one JSON task and check every text in it.

    Args:
        desk: What the packet's calls share.
        task: Task of the contract.
        fields: The prompt's fields.
        carrier: What kind of text it holds, for the integrity rules.
        texts_of: Takes the texts out of the parsed object.
        rebuild: Makes the result from the texts after the integrity rules edited them.
        extra: Further checks on all texts together.
        sentences: Whether the texts are sentences; remarks may be phrases without a full stop.

    Returns:
        What `rebuild` returns, or None with the reason in the origin.

    Raises:
        GenerationCancelledError: The person stopped the run.
    """
    chain = (*_common(desk, whole=checks.check_whole if sentences else checks.check_brackets), *extra)
    return _draft(desk, task, fields, _Reading(carrier, texts_of, rebuild, chain))


def _common(desk: Desk, whole: Check = checks.check_whole) -> tuple[Check, ...]:
    return (lambda text: checks.check_script(text, desk.typed), whole, checks.check_repetition)


def _draft(desk: Desk, task: str, fields: Fields, reading: _Reading) -> Draft:
    drafts: list[Draft] = []
    opening = ""
    for decoding in (desk.decoding, *desk.retries):
        asked = _ask(desk, task, fields, decoding, opening)
        drafts.append(_judged(desk, task, asked, reading))
        fallback = drafts[-1].origin.fallback
        if fallback is None or fallback.reason in _FINAL:
            break
        dropped = fallback.reason is FallbackReason.DROPPED_POINTS
        if dropped and reading.begin and not isinstance(asked, _TurnedDown):
            opening = reading.begin(asked[0].text)
    tokens = sum(draft.origin.completion_tokens for draft in drafts)
    cost = {"attempts": len(drafts) if desk.generator else 0, "completion_tokens": tokens}
    return Draft(drafts[-1].value, drafts[-1].origin.model_copy(update=cost))


def _judged(desk: Desk, task: str, asked: "tuple[Completion, Any] | _TurnedDown", reading: _Reading) -> Draft:
    if isinstance(asked, _TurnedDown):
        return Draft(None, fallen_back(desk, task, asked.problem, asked.completion))
    completion, value = asked
    texts = reading.texts_of(value)
    whole = "\n".join(texts)
    problem = next((found for check in reading.chain if (found := check(whole))), None)
    if problem:
        return Draft(None, fallen_back(desk, task, problem, completion))
    return _review(desk, task, texts, completion, reading)


def fallen_back(desk: Desk, task: str, fallback: Fallback, completion: Completion | None = None) -> Origin:
    """Return the origin of a text that the composer wrote instead of the model."""
    return Origin(
        writer=Writer.TEMPLATE,
        model=desk.generator.identity if desk.generator else None,
        prompt_set=f"frozen {desk.contract.version}" if desk.generator else "",
        task_digest=desk.contract.task_digest(task) if desk.generator else "",
        fallback=fallback,
        completion_tokens=completion.completion_tokens if completion else 0,
    )


class _TurnedDown(NamedTuple):
    """Why a call gave nothing to use."""

    problem: Fallback
    completion: Completion | None = None
    """None where no model answered."""


def _ask(
    desk: Desk, task: str, fields: Fields, decoding: Decoding, opening: str
) -> tuple[Completion, Any] | _TurnedDown:
    if desk.generator is None:
        return _TurnedDown(desk.why_no_model)
    prompt = desk.contract.render(task, fields)
    request = GenerationRequest(prompt=prompt, opening=opening, decoding=decoding, time_limit_s=desk.time_limit_s)
    try:
        completion = desk.generator.generate(request, cancel=desk.cancel)
    except GenerationCancelledError:
        raise
    except GenerationError as error:
        return _TurnedDown(_no_answer(error))
    if completion.finish_reason is FinishReason.CANCELLED:
        raise GenerationCancelledError("Stopped while a section was being drafted; nothing was written.")
    problem = checks.check_finish(completion)
    if problem:
        return _TurnedDown(problem, completion)
    try:
        return completion, desk.contract.parse(task, completion.text)
    except OutputParseError as error:
        message = "the draft did not have the form that was asked for"
        problem = Fallback(reason=_parse_reason(str(error)), message=message, detail=str(error))
        return _TurnedDown(problem, completion)


def _no_answer(error: GenerationError) -> Fallback:
    if isinstance(error, ModelUnavailableError):
        reason, message = FallbackReason.MODEL_UNAVAILABLE, "the model could not be used"
    else:
        reason, message = FallbackReason.BAD_FORMAT, "the model gave no answer"
    return Fallback(reason=reason, message=message, detail=str(error))


def _parse_reason(message: str) -> FallbackReason:
    if "repeats the" in message:
        return FallbackReason.ECHO
    return FallbackReason.EMPTY if "is empty" in message else FallbackReason.BAD_FORMAT


def _review(desk: Desk, task: str, texts: list[str], completion: Completion, reading: _Reading) -> Draft:
    verdicts = [reviewed(text, desk.facts, reading.carrier) for text in texts]
    blocked = next((v for v in verdicts if v.outcome is Outcome.BLOCKED), None)
    if blocked:
        finding = blocked.findings[0]
        problem = Fallback(
            reason=FallbackReason.INTEGRITY,
            message="the draft claimed something that is not among your facts",
            detail=f"{finding.rule}: {finding.quote!r}",
        )
        return Draft(None, fallen_back(desk, task, problem, completion))
    loose = first_unsupported([verdict.text for verdict in verdicts], desk.facts)
    if loose:
        message = "the draft said something that neither you nor the exercise says"
        problem = Fallback(reason=FallbackReason.INTEGRITY, message=message, detail=f"{loose!r}")
        return Draft(None, fallen_back(desk, task, problem, completion))
    identity = desk.generator.identity if desk.generator else None
    origin = Origin(
        writer=Writer.MODEL,
        model=identity,
        prompt_set=f"frozen {desk.contract.version}",
        task_digest=desk.contract.task_digest(task),
        completion_tokens=completion.completion_tokens,
        edits=tuple(dict.fromkeys(edit.rule for v in verdicts for edit in v.edits)),
    )
    return Draft(reading.rebuild([v.text for v in verdicts]), origin)
