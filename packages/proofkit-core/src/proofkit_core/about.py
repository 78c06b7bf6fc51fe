"""What the program itself says around a work sample: the line under its title, and what the exercise fixes."""

from typing import NamedTuple

from proofkit_core.challenge.facts import Challenge
from proofkit_core.packet import WorkSample

ABOUT = "About this exercise"
HYPOTHETICAL = (
    "Figures marked (h) are hypothetical: estimates, targets or assumptions that the writer made for this exercise."
)


class AboutLine(NamedTuple):
    """A paragraph: how it begins, in bold, and how it goes on."""

    lead: str
    rest: str


def subtitle_of(sample: WorkSample, name: str) -> str:
    """Return the line under the title: kind of work sample, its reader and, if given, its writer."""
    by = f"Written by {name}." if name else ""
    return f"{sample.sample_title}, written for {sample.reader}. {by}".strip()


def about_lines(challenge: Challenge) -> tuple[AboutLine, ...]:
    """Return the paragraphs about the exercise; its facts follow the last one."""
    return (
        AboutLine(challenge.company, f" is fictional: {challenge.business}, invented for this exercise."),
        AboutLine("The decision: ", challenge.decision),
        AboutLine("", HYPOTHETICAL),
        AboutLine("The facts of the exercise", ", as cited in the text:"),
    )


def about_text(challenge: Challenge) -> str:
    """Return what is said about the exercise, with its facts, as plain Markdown."""
    facts = "\n".join(f"- [{fact.id}] {fact.text}" for fact in challenge.facts)
    return "\n\n".join([*(line.lead + line.rest for line in about_lines(challenge)), facts])
