"""The gate: a target is a good one if the app would use it, word for word, as a model's draft."""

from collections.abc import Callable
from typing import NamedTuple

from proofkit_core.drafting.desk import Desk, Draft, typed_text
from proofkit_core.faithfulness import words_kept
from proofkit_core.generation import (
    CancelSignal,
    Candidate,
    Completion,
    FinishReason,
    GenerationRequest,
    ModelIdentity,
    TextGenerator,
)
from proofkit_core.integrity import FactLedger, fact_ledger
from proofkit_core.making import NO_MODEL
from proofkit_prompts import Contract, require_frozen
from proofkit_prompts.prompt import FrozenPrompt, OutputKind
from proofkit_train.data.asking import Ask
from proofkit_train.data.world import World

TARGET = ModelIdentity(id="target", name="hand-written target", artifact_digest="")
NOTHING = FactLedger(user_facts=(), scenario_facts=(), company="", consent=())
"""What is known before there is an exercise."""
CountTokens = Callable[[str], int]
MOST_WORDS = 120
"""What the prompts of Markdown tasks ask for."""


class Recited:
    """A generator that recites one text and remembers the prompt it was asked with."""

    def __init__(self, text: str) -> None:
        """Take the text to recite."""
        self._text = text
        self.prompt: FrozenPrompt | None = None

    @property
    def identity(self) -> ModelIdentity:
        """Say that no weights answer."""
        return TARGET

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,  # noqa: ARG002 - part of the protocol
        on_text: Callable[[str], None] | None = None,  # noqa: ARG002 - part of the protocol
        on_place: Callable[[int], None] | None = None,  # noqa: ARG002 - part of the protocol
    ) -> Completion:
        """Recite the text."""
        self.prompt = require_frozen(request.prompt)
        return Completion(
            text=self._text,
            finish_reason=FinishReason.STOP,
            model=TARGET,
            prompt_tokens=0,
            reused_tokens=0,
            completion_tokens=0,
            first_token_s=0.0,
            total_s=0.0,
        )


class Tried(NamedTuple):
    """What became of a target."""

    prompt: FrozenPrompt
    reason: str = ""
    """Empty where the app would use it."""
    detail: str = ""


class Gate:
    """Tries the targets of one world."""

    def __init__(self, world: World, contract: Contract, count_tokens: CountTokens | None = None) -> None:
        """Gather what the targets may rest on.

        Args:
            world: What the targets are about.
            contract: The contract that renders the prompts.
            count_tokens: Counts the tokens of a text; without it nothing is said about length.
        """
        self._world = world
        self._contract = contract
        self._count = count_tokens
        self._facts = fact_ledger(world.material.brief, world.material.challenge)

    def desk(self, ask: Ask, generator: TextGenerator) -> Desk:
        """Return the desk that the app would open for a piece, but for its second and third try.

        Args:
            ask: The piece.
            generator: What answers.
        """
        facts = NOTHING if ask.before_exercise else self._facts
        typed = typed_text(self._world.material.brief)
        return Desk(
            contract=self._contract,
            candidates=(Candidate(generator),),
            facts=facts,
            typed=typed,
            why_no_model=NO_MODEL,
            retries=(),
        )

    def try_target(self, ask: Ask, target: str, used: Callable[[Draft], str]) -> Tried:
        """Say whether the app would use a target.

        Args:
            ask: What is asked.
            target: The text of a completion.
            used: Takes the text that would be used out of a draft.
        """
        generator = Recited(target)
        draft = ask.ask(self.desk(ask, generator))
        if generator.prompt is None:
            raise AssertionError("the app did not ask its model")  # cannot happen: the desk has a generator
        reason, detail = self._problem(generator.prompt, target, draft, used, ask.must_keep)
        return Tried(generator.prompt, reason, detail)

    def _problem(
        self,
        prompt: FrozenPrompt,
        target: str,
        draft: Draft,
        used: Callable[[Draft], str],
        must_keep: tuple[str, ...],
    ) -> tuple[str, str]:
        fallback = draft.origin.fallback
        if fallback is not None:
            return fallback.reason.value, f"{fallback.message}: {fallback.detail}"
        if draft.origin.edits or used(draft) != target:
            return "edited", f"the integrity rules would change it: {', '.join(draft.origin.edits) or used(draft)!r}"
        for said in must_keep:
            kept = words_kept(said, target)
            if kept.missing:
                return "anchors", f"lost {', '.join(kept.missing)} of {said!r}"
        words = len(target.split())
        if prompt.output is OutputKind.MARKDOWN and words > MOST_WORDS:
            return "length", f"{words} words, the prompt asks for at most {MOST_WORDS}"
        tokens = self._count(target) + 1 if self._count else 0
        if tokens > prompt.max_tokens:
            return "length", f"{tokens} tokens, the task allows {prompt.max_tokens}"
        return "", ""
