"""The original's published board as data, and what can be said from it: a worked example.

Reading it costs nothing; `work_through` brings numpy with it when it is first used.
"""

from typing import TYPE_CHECKING, Any

from proofkit_eval.published.board import Published, Sentence, load_published

if TYPE_CHECKING:
    from proofkit_eval.published.working import Judged, Worked, work_through

__all__ = ["Judged", "Published", "Sentence", "Worked", "load_published", "work_through"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what it returns depends on the name
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from proofkit_eval.published import working  # noqa: PLC0415 - brings numpy

    return getattr(working, name)
