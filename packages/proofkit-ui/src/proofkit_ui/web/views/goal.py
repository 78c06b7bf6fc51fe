"""What the first step shows, and what is wrong with a goal as it was typed."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from proofkit_core.brief import FIELD_CAPS, LIST_CAP, Brief
from proofkit_core.cleaning import names_no_job
from proofkit_serve.api.demo_briefs import Demo
from proofkit_serve.sessions import Document
from proofkit_ui.web.views.typing import Field, typed_texts
from proofkit_ui.web.words import Words

__all__ = [
    "FIELDS",
    "FORM",
    "Asked",
    "GoalView",
    "OneDemo",
    "as_brief_data",
    "goal_problems",
    "goal_texts",
    "goal_view",
    "one_demo",
]

FORM = "goal"
FIELDS = ("target_role", "background", "skills", "weak_spots", "job_ad", "resume", "name")
_LISTS = ("skills", "weak_spots")
_OPTIONAL = ("job_ad", "resume", "name")
_NEEDED = {"target_role": 2, "background": 3}
_CAPS = {name: FIELD_CAPS[name] for name in ("target_role", "background", "name")}


class OneDemo(BaseModel, frozen=True, strict=True, extra="forbid"):
    """An example person to try ProofKit with."""

    id: str
    role: str
    """The role aimed for."""
    person: str
    """Who it is, in a few words."""


class Asked(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What would be lost, so that it is asked before."""

    sections: int
    """How many sections have a text."""


class GoalView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The first step."""

    session_id: str
    target_role: Field
    background: Field
    skills: Field
    weak_spots: Field
    job_ad: Field
    resume: Field
    name: Field
    problems: tuple[str, ...]
    """The fields that something is wrong with, for a list above the form."""
    file_problem: str
    """What is wrong with a file that was uploaded; empty where nothing is."""
    file_field: str
    """The field that the file was meant for."""
    demos: tuple[OneDemo, ...]
    is_demo: bool
    is_new: bool
    """Whether there is nothing to lose yet."""
    asked: Asked | None
    is_unsaved: bool
    """Whether something was typed that the rest does not follow yet."""
    opens_more: bool
    """Whether the optional part is open: something stands in it, or is wrong with it."""


def goal_texts(document: Document) -> dict[str, str]:
    """Return the fields of the goal as the session holds them, lists with a line for each entry."""
    goal = document.goal
    if goal is None:
        return dict.fromkeys(FIELDS, "")
    return {name: _as_text(getattr(goal, name)) for name in FIELDS}


def goal_view(
    document: Document,
    demos: tuple[OneDemo, ...],
    *,
    problems: Mapping[str, str] | None = None,
    file_problem: tuple[str, str] = ("", ""),
    asked: Asked | None = None,
) -> GoalView:
    """Return what the first step shows.

    Args:
        document: The session; what was typed and not sent off is shown as it was typed.
        demos: The example people.
        problems: What is wrong, by field.
        file_problem: Field and sentence for a file that could not be read.
        asked: What would be lost, if that is to be asked.
    """
    typed = typed_texts(document, FORM)
    texts = goal_texts(document) | typed
    found = problems or {}
    fields: dict[str, Any] = {name: Field(value=texts[name], error=found.get(name, "")) for name in FIELDS}
    return GoalView(
        session_id=document.id,
        problems=tuple(name for name in FIELDS if name in found),
        file_field=file_problem[0],
        file_problem=file_problem[1],
        demos=demos,
        is_demo=bool(document.demo),
        is_new=document.goal is None,
        asked=asked,
        is_unsaved=bool(typed) and document.goal is not None,
        opens_more=any(texts[name] or name in found for name in _OPTIONAL) or bool(file_problem[1]),
        **fields,
    )


def one_demo(demo: Demo, words: Words) -> OneDemo:
    """Return a demo as a person sees it."""
    return OneDemo(id=demo.id, role=demo.brief.target_role, person=words(f"demos.{demo.id}"))


def goal_problems(texts: Mapping[str, str], words: Words) -> dict[str, str]:
    """Return what is wrong with a goal, by field, in words for the person who typed it.

    Args:
        texts: The fields as they were typed.
        words: The words of the page.
    """
    found: dict[str, str] = {}
    for name, least in _NEEDED.items():
        if len(texts[name]) < least:
            found[name] = words(f"goal.{name}.missing")
    for name, most in _CAPS.items():
        if len(texts[name]) > most:
            found[name] = words("goal.too_long", got=f"{len(texts[name]):,}", most=f"{most:,}")
    if "target_role" not in found and names_no_job(texts["target_role"]):
        found["target_role"] = words("goal.target_role.no_job")
    for name in _LISTS:
        lines = Field(value=texts[name]).lines
        longest = max((len(line) for line in lines), default=0)
        if len(lines) > LIST_CAP:
            found[name] = words("goal.too_many", got=len(lines), most=LIST_CAP)
        elif longest > FIELD_CAPS["note"]:
            found[name] = words("goal.line_too_long", got=f"{longest:,}", most=FIELD_CAPS["note"])
    return found


def as_brief_data(texts: Mapping[str, str], before: Brief | None) -> dict[str, Any]:
    """Return the fields for core's reader of briefs; what this form does not show stays.

    Args:
        texts: The fields as they were typed.
        before: The goal so far.
    """
    data: dict[str, Any] = {name: text for name, text in texts.items() if text or name in _NEEDED}
    for name in _LISTS:
        data[name] = list(Field(value=texts[name]).lines)
    if before is not None:
        data |= {"notes": list(before.notes), "answers": dict(before.answers)}
        data["preferred_sample"] = before.preferred_sample
    return data


def _as_text(value: object) -> str:
    return "\n".join(value) if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
