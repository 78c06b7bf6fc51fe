"""What the second step says of the job ad: what it was used for, and which words of the role stand in it."""

from pydantic import BaseModel

from proofkit_core.packet import RoleChoice
from proofkit_core.roles.job_ad import read_job_ad
from proofkit_core.roles.match import RoleMatch
from proofkit_serve.sessions import Document, brief_of

__all__ = ["CHOSEN", "AdView", "ad_view"]

CHOSEN = "You chose this role."
"""What the service writes down for a role that the person chose."""


class AdView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What came of the job ad."""

    did: str
    """Key of the sentence that says what it was used for."""
    role_name: str
    """The name of the role that stands in it; empty where none does."""
    yours: tuple[str, ...]
    """What stands in it and in what the person typed."""
    new: tuple[str, ...]
    """What stands in it alone."""
    reads_as_english: bool

    @property
    def is_silent(self) -> bool:
        """Say whether nothing of it was recognised."""
        return not (self.role_name or self.yours or self.new)


def ad_view(document: Document, match: RoleMatch, without_ad: RoleMatch) -> AdView | None:
    """Return what came of the job ad; None where there is none, or no role to compare it with.

    Args:
        document: The session.
        match: What the catalogue has for the goal.
        without_ad: What it would have if the goal held no ad.
    """
    if document.role is None or document.goal is None or not document.goal.job_ad:
        return None
    choice = document.role.choice
    read = read_job_ad(brief_of(document), document.role.entry.role, vocabulary=choice.covered)
    return AdView(
        did=f"match.ad.{_did(choice, match, without_ad)}",
        role_name=read.role_name,
        yours=tuple(each.term for each in read.terms if each.is_yours),
        new=tuple(each.term for each in read.terms if not each.is_yours),
        reads_as_english=read.reads_as_english,
    )


def _did(choice: RoleChoice, match: RoleMatch, without_ad: RoleMatch) -> str:
    if not choice.covered:
        return "described"
    if choice.why == CHOSEN:
        return "chosen"
    return "decided" if match.role != without_ad.role else "not_needed"
