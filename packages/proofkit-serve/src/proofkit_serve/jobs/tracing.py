"""Spans for generations, where OpenTelemetry is installed and configured; nothing at all elsewhere.

The names of the `gen_ai` conventions are still in development, so they stand in this one module.
"""

from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def generation_span(kind: str, model: str) -> Generator[None]:
    """Open a span around one generation. It holds no text.

    Args:
        kind: What is made, such as `section`.
        model: Id of the model that is asked first; empty for the template.
    """
    try:
        from opentelemetry import trace  # noqa: PLC0415 - optional
        from opentelemetry.trace import StatusCode  # noqa: PLC0415 - the same
    except ImportError:
        yield
        return
    attributes = {
        "gen_ai.operation.name": "generate_content",
        "gen_ai.provider.name": "proofkit",
        "gen_ai.request.model": model or "template",
        "proofkit.generation.kind": kind,
    }
    with trace.get_tracer("proofkit_serve").start_as_current_span(
        f"generate {kind}",
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,  # it would write the error's text down, which can hold the person's words
    ) as span:
        try:
            yield
        except Exception as error:
            span.set_status(StatusCode.ERROR, type(error).__name__)
            raise
