"""What the app knows about its own addresses, from its OpenAPI document: their queries and their methods."""

import difflib

from fastapi import Request
from starlette.routing import compile_path

from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_serve.wire.problem import FieldProblem

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})


async def known_query(request: Request) -> None:
    """Refuse queries that the address does not know, and leave its name for the figures and the audit log.

    Raises:
        ProblemError: There is an unknown one.
    """
    route = request.scope["route"]
    request.state.route = route.path_format
    request.state.route_name = route.name
    if not request.url.query or "visitor" in request.scope["state"]:  # pages are not in the document
        return
    operation = request.app.openapi()["paths"][route.path_format][request.method.lower()]
    known = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
    for name in request.query_params:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            expected = f"Did you mean {near[0]!r}?" if near else f"Expected {', '.join(known) or 'none'}."
            told = f"The address has a query that is not known here. {expected}"
            raise ProblemError(Kind.INVALID_REQUEST, told, errors=(FieldProblem(field="query", message=told),))


def methods_of(request: Request) -> tuple[str, ...]:
    """Return the methods that the address of a request takes."""
    paths = request.app.openapi()["paths"]
    found = (paths[path] for path in paths if compile_path(path)[0].match(request.url.path))
    return tuple(sorted({method.upper() for operations in found for method in operations if method in _METHODS}))
