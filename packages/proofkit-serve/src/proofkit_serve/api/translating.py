"""Turns what the framework refuses by itself into problems."""

import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_serve.wire.problem import FieldProblem
from proofkit_serve.wire.translating import internal_problem

_MOST_ERRORS = 20
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")


def framework_problem(error: HTTPException, methods: tuple[str, ...] = ()) -> ProblemError:
    """Return the problem for what the framework refuses by itself.

    Args:
        error: What it says.
        methods: By which the address can be asked.
    """
    if error.status_code == HTTPStatus.NOT_FOUND:
        return ProblemError(Kind.NOT_FOUND, "There is nothing at this address. See /openapi.json for those that exist.")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(methods)
        told = f"This address takes {allowed or 'other methods'}. Use one of these."
        return ProblemError(Kind.METHOD_NOT_ALLOWED, told, headers={"Allow": allowed})
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return ProblemError(Kind.TOO_LARGE, "The body is larger than this address takes. Send a smaller one.")
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return ProblemError(
            Kind.MALFORMED_JSON, "The body cannot be read. Expected it in the form that /openapi.json tells."
        )
    return internal_problem()


def validation_problem(error: RequestValidationError) -> ProblemError:
    """Return the problem for a request whose fields cannot be used; what stood in them is not repeated."""
    found: Sequence[Any] = error.errors()
    if any(item["loc"] and item["loc"][0] == "path" for item in found):
        told = "There is nothing at this address: an id in it has another form. Check the id."
        return ProblemError(Kind.NOT_FOUND, told)
    if any(item["type"] == "json_invalid" for item in found):
        return ProblemError(Kind.MALFORMED_JSON, "The body is not valid JSON. Expected one JSON object, as UTF-8.")
    fields = tuple(FieldProblem(field=_place(item), message=_message(item)) for item in found[:_MOST_ERRORS])
    first = fields[0]
    more = f" {len(found) - 1} more stand in `errors`." if len(found) > 1 else ""
    if all(item["loc"] and item["loc"][0] == "header" for item in found):
        return ProblemError(Kind.MALFORMED_HEADER, f"{first.field}: {first.message}.{more}", errors=fields)
    return ProblemError(Kind.INVALID_REQUEST, f"{first.field}: {first.message}.{more}", errors=fields)


def _place(item: Mapping[str, Any]) -> str:
    """Return where a field stands; a name that the caller made up is only told where it is a plain one."""
    parts = [str(part) for part in item["loc"]]
    shown = [part if _PLAIN_NAME.fullmatch(part) else "…" for part in parts]
    return ".".join(shown) or "body"


_MESSAGES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "is missing",
    "extra_forbidden": lambda _: "is not known here",
    "string_type": lambda _: "must be a text",
    "string_unicode": lambda _: "holds half of a character",
    "int_type": lambda _: "must be a whole number",
    "bool_type": lambda _: "must be true or false",
    "tuple_type": lambda _: "must be a list",
    "model_type": lambda _: "must be an object",
    "model_attributes_type": lambda _: "must be an object",
    "dict_type": lambda _: "must be an object",
    "union_tag_invalid": lambda item: f"must be one of {item['ctx']['expected_tags']}",
    "union_tag_not_found": lambda item: f"needs {item['ctx']['discriminator']}",
    "string_pattern_mismatch": lambda item: f"must match {item['ctx']['pattern']}",
    "value_error": lambda _: "cannot be used",
}


def _message(item: Mapping[str, Any]) -> str:
    """Return what is wrong in words that hold nothing of the input."""
    known = _MESSAGES.get(item["type"])
    if known:
        return known(item)
    message = str(item["msg"])
    return message[:1].lower() + message[1:]
