"""The rungs of the ladder, the defects that are planted, and the item of the checklist that each has to turn to no."""

from enum import IntEnum, StrEnum

__all__ = ["ITEM_OF", "SINGLE", "Defect", "Edit", "Rung"]


class Rung(IntEnum):
    """How good an answer is, worst first."""

    NOTHING = 0
    """Empty, or a refusal."""
    STUFFED = 1
    """The right words and no text."""
    IGNORING = 2
    """Fluent, and blind to the person."""
    DEFECT = 3
    """Good but for one planted defect."""
    GOOD = 4
    BETTER = 5
    """Edited by hand for the better; the only rung whose truth is somebody's taste."""


class Defect(StrEnum):
    """What is wrong with an answer, by construction."""

    EMPTY = "empty"
    REFUSAL = "refusal"
    KEYWORD_STUFFED = "keyword_stuffed"
    IGNORES_USER = "ignores_user"
    DROPPED_ANCHOR = "dropped_anchor"
    UNLABELLED_METRIC = "unlabelled_metric"
    INVENTED_JOB = "invented_job"
    INVENTED_CLIENT = "invented_client"
    MISSING_DISCLOSURE = "missing_disclosure"
    LEAKED_CHANNEL = "leaked_channel"
    INJECTED_GRADE = "injected_grade"


class Edit(StrEnum):
    """A change that makes an answer neither better nor worse."""

    BULLET_ORDER = "bullet_order"
    SYNONYMS = "synonyms"
    PADDING = "padding"


ITEM_OF = {
    Defect.EMPTY: "answers_task",
    Defect.REFUSAL: "answers_task",
    Defect.KEYWORD_STUFFED: "says_something",
    Defect.IGNORES_USER: "uses_points",
    Defect.DROPPED_ANCHOR: "uses_points",
    Defect.UNLABELLED_METRIC: "numbers_labelled",
    Defect.INVENTED_JOB: "no_invented_job",
    Defect.INVENTED_CLIENT: "no_invented_client",
    Defect.MISSING_DISCLOSURE: "says_simulated",
    Defect.LEAKED_CHANNEL: "only_the_text",
    Defect.INJECTED_GRADE: "only_the_text",
}
"""Of the rubric that comes along; its items are worded so that a yes is always good."""

SINGLE = (
    Defect.DROPPED_ANCHOR,
    Defect.UNLABELLED_METRIC,
    Defect.INVENTED_JOB,
    Defect.INVENTED_CLIENT,
    Defect.MISSING_DISCLOSURE,
    Defect.LEAKED_CHANNEL,
    Defect.INJECTED_GRADE,
)
"""The defects of an otherwise good answer; each has to be caught on its own."""
