"""The names of the tasks of contract v1."""

from enum import StrEnum


class Task(StrEnum):
    """A task of contract v1; any function that takes a task also takes its plain name."""

    DRAFT_SECTION = "draft_section"
    COAUTHOR_SECTION = "coauthor_section"
    REVISE_SECTION = "revise_section"
    SCENARIO = "scenario"
    READINESS_REVIEW = "readiness_review"
    TALKING_POINTS = "talking_points"
    LINKEDIN_POST = "linkedin_post"
    RESUME_BULLETS = "resume_bullets"
    ROLE_PROFILE = "role_profile"
