"""How a generation ends: its last events, its state, and what is kept of it."""

from typing import Literal, NamedTuple, cast

from proofkit_core.errors import ProofKitError
from proofkit_serve.jobs.job import Job
from proofkit_serve.jobs.keeping import INTERRUPTED
from proofkit_serve.jobs.running import Outcome
from proofkit_serve.store.records import GenerationStatus
from proofkit_serve.wire.events import DoneEvent, GenerationEventBody, GenerationOutcome, ProblemEvent
from proofkit_serve.wire.kinds import problem_of
from proofkit_serve.wire.problem import Problem
from proofkit_serve.wire.translating import as_problem, internal_problem


class Ending(NamedTuple):
    """The end of a generation."""

    status: GenerationStatus
    bodies: tuple[GenerationEventBody, ...]
    """Its last events."""
    result_json: str


def ending_of(job: Job, outcome: Outcome) -> Ending:
    """Return how a job ends.

    Args:
        job: The job.
        outcome: What its run led to.
    """
    status = outcome.status
    if status is GenerationStatus.CANCELLED and job.interrupted:
        status = GenerationStatus.INTERRUPTED
    problem = _problem(status, outcome)
    last = DoneEvent(
        status=cast("Literal['done', 'failed', 'cancelled', 'interrupted']", status.value), revision=outcome.revision
    )
    bodies = (ProblemEvent(problem=problem), last) if problem else (last,)
    # What the session holds need not be held twice; a text that it does not hold is kept here.
    results = tuple(each.model_copy(update={"text": ""}) if each.applied else each for each in outcome.results)
    kept = GenerationOutcome(results=results, attempts=tuple(outcome.attempts), problem=problem)
    return Ending(status, bodies, kept.model_dump_json())


def _problem(status: GenerationStatus, outcome: Outcome) -> Problem | None:
    if status is GenerationStatus.INTERRUPTED:
        return problem_of(INTERRUPTED)
    if status is not GenerationStatus.FAILED:
        return None
    error = outcome.error
    problem = as_problem(error) if isinstance(error, ProofKitError) else internal_problem()
    return problem_of(problem).model_copy(update={"attempts": tuple(outcome.attempts)})
