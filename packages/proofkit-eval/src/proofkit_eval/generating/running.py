"""Asks contestants for what is not in the log yet, and writes each answer down before the next one is asked."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from proofkit_core.errors import GenerationCancelledError, GenerationError
from proofkit_eval.generating.asking import Asked, Shard, asks_of
from proofkit_eval.generating.contestant import Answer, Contestant
from proofkit_eval.logs.appending import RowLog
from proofkit_eval.logs.index import index_log
from proofkit_eval.records import Generation, ModelRef, Prompt
from proofkit_prompts import Contract

__all__ = ["GIVE_UP_AFTER", "Coverage", "Failure", "RunReport", "coverage", "generate"]

GIVE_UP_AFTER = 5
"""After so many failures in a row a contestant is left alone until the run goes on."""


class Failure(NamedTuple):
    """An answer that did not come; it is asked again when the run goes on."""

    model_id: str
    prompt_id: str
    swap: bool
    why: str


class RunReport(NamedTuple):
    """What a run came to."""

    made: int
    already_there: int
    not_written: int
    """Prompts for which a contestant writes nothing, such as the composer for a review."""
    failures: tuple[Failure, ...]
    left: int
    """Prompts that were not asked, because a contestant failed too often."""


class Coverage(NamedTuple):
    """How much of what was to be asked a model has answered."""

    model_id: str
    answered: int
    asked: int
    missing: tuple[str, ...]
    """Ids of the prompts without an answer; twins apart."""


def generate(  # noqa: PLR0913 - who is asked what, where it goes, and what tells of it
    prompts: Sequence[Prompt],
    contestants: Sequence[Contestant],
    log: Path,
    *,
    contract: Contract,
    now: Callable[[], datetime],
    shard: Shard = Shard(),  # noqa: B008 - a frozen value
    beside: Sequence[Path] = (),
    told: Callable[[str], None] = lambda _: None,
) -> RunReport:
    """Make every answer that the log does not hold yet. A run that is stopped goes on where it was.

    Args:
        prompts: The held-out prompts, all of them.
        contestants: Who answers, one after another, so that no two models share the memory.
        log: Where the answers go.
        contract: The contract that renders.
        now: Tells the time.
        shard: The part of the prompts to ask.
        beside: Logs of other shards; what they hold is not asked again.
        told: Told of each answer and each failure in a sentence.

    Raises:
        GenerationCancelledError: The person stopped the run; what was made is kept.
        InputError: The log has broken lines, another program writes to it, or a file answers other prompts.
        OutputPathError: The log cannot be written.
    """
    with RowLog(log, told=told) as rows:
        there = index_log(log, told=told)
        elsewhere = [index_log(path).places for path in beside]
        run = _Run(rows, frozenset(there.places).union(*elsewhere), contract, now, told)
        for contestant in contestants:
            run.ask_all(contestant, shard.part(prompts))
        return run.report()


def coverage(
    prompts: Sequence[Prompt], contestants: Sequence[tuple[ModelRef, Sequence[Generation]]]
) -> tuple[Coverage, ...]:
    """Return how much of a set each model answered, whatever its answers are worth; twins are not counted.

    Args:
        prompts: The held-out prompts.
        contestants: Models with their answers.
    """
    return tuple(_coverage(prompts, model, answers) for model, answers in contestants)


def _coverage(prompts: Sequence[Prompt], model: ModelRef, answers: Sequence[Generation]) -> Coverage:
    there = {answer.prompt_id for answer in answers if not answer.swap}
    missing = tuple(prompt.id for prompt in prompts if prompt.id not in there)
    return Coverage(model.id, len(prompts) - len(missing), len(prompts), missing)


class _Run:
    """One go at the work that is left."""

    def __init__(
        self,
        rows: RowLog,
        there: frozenset[str],
        contract: Contract,
        now: Callable[[], datetime],
        told: Callable[[str], None],
    ) -> None:
        self._rows, self._contract, self._now, self._told = rows, contract, now, told
        self._there = set(there)
        self._made = self._already = self._not_written = self._left = 0
        self._failures: list[Failure] = []

    def ask_all(self, contestant: Contestant, prompts: Sequence[Prompt]) -> None:
        asks = list(self._open(contestant, prompts))
        in_a_row = 0
        for done, asked in enumerate(asks):
            if in_a_row == GIVE_UP_AFTER:
                self._left += len(asks) - done
                self._told(
                    f"{contestant.ref.name} failed {GIVE_UP_AFTER} times in a row; its last {len(asks) - done} prompts "
                    "are left. Mend what the failures say and give the same command again."
                )
                return
            in_a_row = 0 if self._ask(contestant, asked) else in_a_row + 1
            self._told(f"{contestant.ref.name}: {done + 1} of {len(asks)}")

    def report(self) -> RunReport:
        return RunReport(self._made, self._already, self._not_written, tuple(self._failures), self._left)

    def _open(self, contestant: Contestant, prompts: Sequence[Prompt]) -> Iterator[Asked]:
        asks = asks_of(
            prompts,
            model=contestant.ref,
            kind=contestant.kind,
            decoding=contestant.decoding,
            seed=contestant.seed,
            contract=self._contract,
        )
        for asked in asks:
            if asked.key in self._there:
                self._already += 1
            else:
                yield asked

    def _ask(self, contestant: Contestant, asked: Asked) -> bool:
        try:
            answer = contestant.answer(asked)
        except GenerationCancelledError:
            raise
        except GenerationError as error:
            self._failures.append(Failure(contestant.ref.id, asked.prompt.id, asked.swap, str(error)))
            self._told(f"{contestant.ref.name}, {asked.prompt.id}: {error}")
            return False
        if answer is None:
            self._not_written += 1
            return True
        self._rows.append(self._row(contestant, asked, answer))
        self._there.add(asked.key)
        self._made += 1
        return True

    def _row(self, contestant: Contestant, asked: Asked, answer: Answer) -> Generation:
        return Generation(
            key=asked.key,
            prompt_id=asked.prompt.id,
            prompt_digest=asked.digest,
            contract_digest=self._contract.digest,
            task_digest=self._contract.task_digest(asked.prompt.task),
            model=contestant.ref,
            decoding=contestant.decoding,
            seed=contestant.seed,
            text=answer.text,
            finish_reason=answer.finish_reason,
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            seconds=answer.seconds,
            swap=asked.swap,
            made_at=self._now(),
        )
