"""The chain of one piece of text: each candidate in turn, within one time limit, and behind them what stands in."""

from proofkit_core.drafting.attempts import Attempted, Hint, Piece, attempt
from proofkit_core.drafting.desk import TEMPLATE, Desk, Draft, StandIn
from proofkit_core.drafting.fields import Fields
from proofkit_core.drafting.reading import Reading
from proofkit_core.drafting.telling import Telling
from proofkit_core.generation import Candidate, Decoding, PromptKind
from proofkit_core.packet import Fallback, FallbackReason, Origin, Tried, Writer

LEAST_SHARE = 0.02
"""With less than this share of the time limit left, nobody else is asked: the answer would only be cut off."""


def draft(desk: Desk, task: str, fields: Fields, reading: Reading, *, behind: StandIn = TEMPLATE) -> Draft:
    """Ask the candidates for one piece of text, in turn, until a draft may be used.

    Args:
        desk: What the packet's calls share.
        task: Task of the contract.
        fields: The prompt's fields.
        reading: How to read and judge an answer.
        behind: What is used where no draft may be.

    Returns:
        The checked value with its origin, or None with the reason in the origin.

    Raises:
        GenerationCancelledError: The person stopped the run.
    """
    return _Chain(Piece(desk, task, fields, reading, Telling(desk.on_event)), behind).walk()


class _Chain:
    """The candidates' way through one piece of text."""

    def __init__(self, piece: Piece, behind: StandIn) -> None:
        self._piece = piece
        self._behind = behind
        self._tried: list[Tried] = []
        self._started = piece.desk.clock()

    def walk(self) -> Draft:
        telling, candidates = self._piece.telling, self._piece.desk.candidates
        for place, candidate in enumerate(candidates):
            made = self._ask(candidate)
            fallback = made.tried.fallback
            if fallback is None:
                telling.settle(Writer.MODEL)
                return Draft(made.value, self._origin(Writer.MODEL, edits=made.edits))
            following = candidates[place + 1] if place + 1 < len(candidates) and self._has_time() else None
            self._give_up(fallback, following)
            if following is None:
                break
        telling.settle(self._behind.writer)
        why = self._tried[-1].fallback if self._tried else self._piece.desk.why_no_model
        return Draft(None, self._origin(Writer.TEMPLATE, fallback=why))

    def _ask(self, candidate: Candidate) -> Attempted:
        """Ask one candidate, and again while it may do better and there is time."""
        first, *again = self._piece.desk.decodings(candidate.prompts)
        hint = Hint()
        made = self._try(candidate, first, hint)
        for decoding in again:
            if not (made.may_ask_again and self._has_time()):
                break
            hint = self._hint_after(made, candidate, hint)
            made = self._try(candidate, decoding, hint)
        return made

    def _try(self, candidate: Candidate, decoding: Decoding, hint: Hint) -> Attempted:
        left = self._left() if self._tried else self._piece.desk.time_limit_s
        made = attempt(self._piece, candidate, decoding, hint=hint, time_limit_s=left)
        self._tried.append(made.tried)
        return made

    def _hint_after(self, made: Attempted, candidate: Candidate, before: Hint) -> Hint:
        """Return what helps the next try: a chat model is told the fault, any other begins with the dropped points.

        Points that were dropped once are begun with from then on: a draft with another fault would drop them again.
        """
        begin, fallback = self._piece.reading.begin, made.tried.fallback
        if fallback is None:
            return Hint()
        if candidate.prompts is PromptKind.EDITABLE:
            return Hint(problem=f"{fallback.message} ({fallback.detail})" if fallback.detail else fallback.message)
        return Hint(opening=begin(made.text)) if begin and fallback.reason is FallbackReason.DROPPED_POINTS else before

    def _give_up(self, fallback: Fallback, following: Candidate | None) -> None:
        to = following.generator.identity.name if following else self._behind.name
        then = f"{to} is asked next" if following else self._behind.then
        self._piece.telling.fall_back(fallback, self._tried[-1].model, to=to, then=then)

    def _left(self) -> float:
        desk = self._piece.desk
        return desk.time_limit_s - (desk.clock() - self._started)

    def _has_time(self) -> bool:
        return self._left() > LEAST_SHARE * self._piece.desk.time_limit_s

    def _origin(self, writer: Writer, *, fallback: Fallback | None = None, edits: tuple[str, ...] = ()) -> Origin:
        last = self._tried[-1] if self._tried else None
        return Origin(
            writer=writer,
            model=last.model if last else None,
            prompt_set=last.prompt_set if last else "",
            task_digest=last.task_digest if last else "",
            fallback=fallback,
            attempts=len(self._tried),
            completion_tokens=sum(tried.completion_tokens for tried in self._tried),
            edits=edits,
            tried=tuple(self._tried),
        )
