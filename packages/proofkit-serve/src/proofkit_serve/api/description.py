"""The OpenAPI document: what the framework writes, made complete."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, TypeAdapter

from proofkit_serve.api.answering import problem_examples
from proofkit_serve.wire.events import GenerationEventBody
from proofkit_serve.wire.problem import Problem

API_VERSION = "1.0.0"
DESCRIPTION = (
    "Makes honest, simulated work samples: sessions, generations and exports. Every error is a problem (RFC 9457). "
    "A change names the revision that it is meant for (`If-Match`); an unsafe call can be repeated with the same "
    "`Idempotency-Key`."
)
TAGS = [
    {"name": "sessions", "description": "One person's work on one packet."},
    {"name": "generations", "description": "What takes time: drafting, with events as it happens."},
    {"name": "exports", "description": "The files of a finished packet."},
    {"name": "uploads", "description": "The text of a résumé or a job ad out of a file."},
    {"name": "catalogue", "description": "What there is to choose from."},
    {"name": "me", "description": "All of a person's data."},
    {"name": "openai", "description": "The model that comes along, for clients of OpenAI's interface."},
    {"name": "health", "description": "For those who run the server."},
]
_REFS = "#/components/schemas/{model}"
_OPEN = ("/healthz", "/readyz")
_UNSAFE = ("post", "patch", "delete")
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same key, the call is done once and answered twice. Kept for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]{1,200}$"},
    "example": "3f6d9b52-8f0e-4b1e-9a55-0d3c7f6a1b9e",
}


def described(app: FastAPI) -> None:
    """Let an app tell its complete document."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document_of(app)
        return app.openapi_schema

    app.openapi = openapi


def document_of(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an app."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        tags=TAGS,
        routes=app.routes,
        license_info={"name": "See LICENSE"},
    )
    schemas: dict[str, Any] = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _add_schemas(schemas, Problem)
    _add_schemas(schemas, GenerationEventBody, name="GenerationEventBody")
    document["components"]["examples"] = problem_examples()
    document["components"]["securitySchemes"] = {
        "apiKey": {
            "type": "http",
            "scheme": "bearer",
            "description": "`pk_…`, from the operator. Not needed where the server listens on loopback only.",
        }
    }
    document["security"] = [{"apiKey": []}, {}]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    return document


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    if path in _OPEN:
        operation["security"] = []
    if method in _UNSAFE:
        operation.setdefault("parameters", []).append(_IDEMPOTENCY)
    for response in operation["responses"].values():
        headers: dict[str, Any] = response.setdefault("headers", {})
        headers["X-Request-Id"] = {"description": "Names this request.", "schema": {"type": "string"}}


def _add_schemas(schemas: dict[str, Any], wanted: Any, *, name: str = "") -> None:  # noqa: ANN401 - a record or a union
    adapter: TypeAdapter[Any] = TypeAdapter(wanted)
    schema = adapter.json_schema(ref_template=_REFS, mode="serialization")
    for inner, definition in schema.pop("$defs", {}).items():
        schemas.setdefault(inner, definition)
    key = name or (wanted.__name__ if isinstance(wanted, type) and issubclass(wanted, BaseModel) else "")
    schemas[key] = schema
