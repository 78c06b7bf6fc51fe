"""Asks a model to rewrite one section."""

from proofkit_core.composer.material import Material
from proofkit_core.drafting import checks
from proofkit_core.drafting.asking import draft_text
from proofkit_core.drafting.citations import check_cited
from proofkit_core.drafting.desk import TEMPLATE, Desk, Draft, StandIn
from proofkit_core.drafting.fields import revision_fields
from proofkit_core.drafting.invented import check_cited_numbers
from proofkit_core.drafting.reading import Check
from proofkit_core.drafting.sections import scenario_text
from proofkit_core.integrity import Carrier
from proofkit_core.samples.records import SectionRecord
from proofkit_core.wording import sentences

_MOST_OF_IT = 0.5
"""Share of a text from which an opening would leave too little to rewrite."""


def revision_draft(  # noqa: PLR0913 - the fields of the task, each under its name
    material: Material,
    record: SectionRecord,
    desk: Desk,
    *,
    draft: str,
    action: str,
    goal: str,
    keep: str = "",
    wished: tuple[Check, ...] = (),
    behind: StandIn = TEMPLATE,
) -> Draft:
    """Ask the model to rewrite a section and check its answer.

    Args:
        material: What the section was written from.
        record: The section.
        desk: The model's desk.
        draft: Its text so far.
        action: What to do, such as `Make it shorter`.
        goal: What the new text has to reach.
        keep: What the person said that the new text may not drop.
        wished: What tells whether the text is what the person wished for.
        behind: What is used where no draft may be.
    """
    known = f"{draft}\n{scenario_text(material.challenge)}\n" + "\n".join(material.brief.notes)
    return draft_text(
        desk,
        "revise_section",
        revision_fields(
            material.brief, material.challenge, material.sample, record, draft=draft, action=action, goal=goal
        ),
        carrier=Carrier.SECTION,
        extra=(
            lambda text: checks.check_figures_kept(text, draft),
            lambda text: check_cited(text, material.challenge.facts),
            lambda text: check_cited_numbers(text, f"{known}\n{material.brief.background}"),
            lambda text: checks.check_grounded(text, known),
            lambda text: checks.check_points(text, keep, checks.NOTE_RECALL),
            *wished,
        ),
        begin=lambda text: _opening(text, draft),
        behind=behind,
    )


def _opening(text: str, draft: str) -> str:
    """Return the sentences or list items whose figures got lost, as they stood, for the next text to begin with."""
    lost = frozenset(checks.figures_lost(text, draft))
    listed = draft.startswith("- ")
    parts = draft.splitlines() if listed else sentences(draft)
    kept = [part for part in parts if lost.intersection(checks.figures_lost("", part))]
    opening = ("\n" if listed else " ").join(kept)
    return opening if len(opening) <= _MOST_OF_IT * len(draft) and "|" not in draft else ""
