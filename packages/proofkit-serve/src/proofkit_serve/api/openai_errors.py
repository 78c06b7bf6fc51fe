"""Errors in the shape that OpenAI-compatible clients read, at the addresses that they ask."""

from proofkit_serve.wire.problem import PROBLEM_TYPE, OpenAIError, Problem

PATHS = ("/v1/chat/", "/v1/completions", "/v1/models")
_UNAUTHORIZED = 401
_RATE_LIMITED = 429
_SERVER = 500


def with_openai_part(problem: Problem, path: str) -> Problem:
    """Return a problem with the member `error` that OpenAI-compatible clients read, at their addresses.

    Args:
        problem: What is wrong.
        path: The address that was asked.
    """
    if not path.startswith(PATHS):
        return problem
    code = problem.type.removeprefix(PROBLEM_TYPE)
    field = problem.errors[0].field.removeprefix("body.") if problem.errors else None
    error = OpenAIError(message=problem.detail, type=_type_of(problem.status), code=code, param=field)
    return problem.model_copy(update={"error": error})


def _type_of(status: int) -> str:
    if status == _UNAUTHORIZED:
        return "authentication_error"
    if status == _RATE_LIMITED:
        return "rate_limit_error"
    return "server_error" if status >= _SERVER else "invalid_request_error"
