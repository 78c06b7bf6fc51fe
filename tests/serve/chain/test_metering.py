"""What a model writes is counted as it comes, so that an answer that is broken off counts as far as it came."""

from collections.abc import Callable
from typing import Protocol

import pytest

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import CancelSignal, Completion, FinishReason, GenerationRequest, ModelIdentity
from proofkit_prompts import load_contract
from proofkit_serve.chain import Breaker, TryLimits, guard
from proofkit_serve.chain.metering import Metered

IDENTITY = ModelIdentity(id="scripted", name="Scripted", artifact_digest="0" * 64)
PROMPT = load_contract().render("linkedin_post", {"target_role": "x", "company": "y", "work_sample": "z"})
REQUEST = GenerationRequest(prompt=PROMPT)


class Clock(Protocol):
    def __call__(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class Writes:
    """A backend that writes pieces, and then ends or fails as often as it is told to."""

    def __init__(self, *pieces: str, fails: int = 0, tokens: int = 0, reasoning: int = 0) -> None:
        self._pieces, self._fails = pieces, fails
        self._tokens, self._reasoning = tokens, reasoning
        self.identity = IDENTITY

    def generate(
        self,
        request: GenerationRequest,  # noqa: ARG002 - the protocol's
        *,
        cancel: CancelSignal | None = None,  # noqa: ARG002 - the same
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,  # noqa: ARG002 - the same
    ) -> Completion:
        assert on_text is not None
        for piece in self._pieces:
            on_text(piece)
        if self._fails:
            self._fails -= 1
            raise GenerationError("It broke off. Expected an end. Ask again.", kind=FailureKind.SERVER)
        return Completion(
            text="".join(self._pieces),
            finish_reason=FinishReason.STOP,
            model=IDENTITY,
            prompt_tokens=7,
            reused_tokens=0,
            completion_tokens=self._tokens,
            reasoning_tokens=self._reasoning,
            first_token_s=0.0,
            total_s=0.0,
        )


@pytest.mark.parametrize(("tokens", "reasoning"), [(9, 0), (2, 0), (3, 4)])
def test_an_answer_counts_its_tokens_and_no_more(tokens: int, reasoning: int) -> None:
    counted: list[int] = []
    heard: list[str] = []
    model = Metered(Writes("I ", "", "would ", "start", tokens=tokens, reasoning=reasoning), counted.append)
    model.generate(REQUEST, on_text=heard.append)
    assert sum(counted) == tokens + reasoning
    assert counted[:3] == [1, 1, 1]  # as they came
    assert heard == ["I ", "", "would ", "start"]
    assert model.identity == IDENTITY


def test_what_is_broken_off_counts_as_far_as_it_came_though_nobody_listened() -> None:
    counted: list[int] = []
    with pytest.raises(GenerationError):
        Metered(Writes("I ", "would ", fails=1), counted.append).generate(REQUEST)
    assert sum(counted) == 2


def test_behind_a_guard_both_tries_count_and_the_second_is_still_made(clock: Clock) -> None:
    counted: list[int] = []
    breaker = Breaker(None, clock=clock)
    model = guard(Writes("{", fails=1, tokens=5), TryLimits(), breaker, clock=clock, sleep=clock.sleep)
    model.for_requester("session", on_tokens=counted.append).generate(REQUEST)
    assert sum(counted) == 1 + 5
