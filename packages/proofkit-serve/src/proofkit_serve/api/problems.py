"""Writes problems into answers."""

from starlette.responses import Response

from proofkit_serve.wire.kinds import Kind, ProblemError, problem_json, problem_of
from proofkit_serve.wire.problem import Problem

MEDIA_TYPE = "application/problem+json"


def problem_response(error: ProblemError, instance: str = "", *, problem: Problem | None = None) -> Response:
    """Return the answer for a problem.

    Args:
        error: What is wrong.
        instance: Id of the request.
        problem: What to write instead of the plain problem, such as one with an OpenAI-compatible part.
    """
    written = problem or problem_of(error, instance)
    headers = dict(error.headers)
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    if error.kind is Kind.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(problem_json(written), status_code=written.status, headers=headers, media_type=MEDIA_TYPE)
