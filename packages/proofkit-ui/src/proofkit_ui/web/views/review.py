"""Step 6: how ready the work sample is to be shown, with evidence and one fix for each sign."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from pydantic import BaseModel

from proofkit_core import steps
from proofkit_core.composer.material import Material
from proofkit_core.ledger import Pieces, trace_packet
from proofkit_core.packet import (
    Bullets,
    LedgerEntry,
    Origin,
    Post,
    Readiness,
    Review,
    Signal,
    TalkingPoints,
    WorkSample,
    Writer,
)
from proofkit_core.readiness import review_readiness
from proofkit_serve.sessions import Document, material_of
from proofkit_ui.web.views.places import Place, Where, at, place_of

LABELS: Mapping[Readiness, str] = MappingProxyType(
    {
        Readiness.READY: "review.label.ready",
        Readiness.NEARLY: "review.label.nearly",
        Readiness.NOT_YET: "review.label.not_yet",
    }
)
"""Keys of the words for each result."""
MEANINGS: Mapping[Readiness, str] = MappingProxyType(
    {
        Readiness.READY: "review.meaning.ready",
        Readiness.NEARLY: "review.meaning.nearly",
        Readiness.NOT_YET: "review.meaning.not_yet",
    }
)
WHY: Mapping[str, str] = MappingProxyType(
    {
        "points-kept": "review.why.points_kept",
        "decision": "review.why.decision",
        "tradeoff": "review.why.tradeoff",
        "assumptions": "review.why.assumptions",
        "owners": "review.why.owners",
        "facts-used": "review.why.facts_used",
        "own-share": "review.why.own_share",
        "supported": "review.why.supported",
        "repeats": "review.why.repeats",
        "length": "review.why.length",
        "disclosure": "review.why.disclosure",
    }
)
"""Keys of one sentence for each sign: why a reader cares."""


class SignView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One sign of readiness."""

    id: str
    title: str
    why: str
    """Key of its words; empty for a sign that this version does not know."""
    evidence: str
    """What the sign was read from."""
    fix: str
    """One thing to do; empty where nothing is."""
    place: Place | None
    """Where to do it; none where nothing is to be done."""


class WaitingSection(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A section that something is to be done about before the review means much."""

    title: str
    url: str


class ReviewView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The page of step 6."""

    label: str
    """Key of the result's words."""
    meaning: str
    """Key of the sentence that says what it means."""
    state: str
    """`ready`, `nearly` or `not-yet`: for the look, never alone."""
    passed_count: int
    total: int
    words_kept: int
    words_total: int
    words_missing: tuple[str, ...]
    to_mend: tuple[SignView, ...]
    """One fix each, most important first."""
    well_done: tuple[SignView, ...]
    remarks: tuple[str, ...]
    """What a model added; it never changes the result."""
    stale: tuple[WaitingSection, ...]
    """Sections that were written from notes, answers or a challenge that changed since."""
    undecided: tuple[WaitingSection, ...]
    """Sections with a proposed text that waits to be accepted or rejected."""


class Reviewed(NamedTuple):
    """A review with what it was made from."""

    review: Review
    sample: WorkSample
    ledger: tuple[LedgerEntry, ...]


def is_written(document: Document) -> bool:
    """Say whether each section of the work sample has a text."""
    if document.exercise is None or document.role is None or document.goal is None:
        return False
    written = {item.section.id for item in document.sections}
    return all(record.id in written for record in document.exercise.sample.sections)


def review_view(document: Document) -> ReviewView:
    """Return what step 6 shows. It asks no model, so it is there at once after each change.

    Args:
        document: A session with a text for each section; see `is_written`.

    Raises:
        InputError: A section is missing.
    """
    reviewed = reviewed_now(document)
    review = reviewed.review
    signs = tuple(_sign(document, signal, reviewed) for signal in review.signals)
    return ReviewView(
        label=LABELS[review.label],
        meaning=MEANINGS[review.label],
        state=review.label.value.replace(" ready", "").replace(" ", "-"),
        passed_count=sum(signal.passed for signal in review.signals),
        total=len(review.signals),
        words_kept=review.words_kept,
        words_total=review.words_total,
        words_missing=review.words_missing,
        to_mend=tuple(sign for sign in signs if sign.fix),
        well_done=tuple(sign for sign in signs if not sign.fix),
        remarks=document.packet.review.model_remarks if document.packet else (),
        stale=tuple(_waiting(document, item.section.id, Where.QUESTIONS) for item in document.sections if item.stale),
        undecided=tuple(
            _waiting(document, section_id, Where.TEXT)
            for section_id in dict.fromkeys(proposal.section.id for proposal in document.proposals)
        ),
    )


def reviewed_now(document: Document) -> Reviewed:
    """Review the work sample as it stands, whether or not the packet is finished.

    Raises:
        InputError: A section is missing.
    """
    material = material_of(document)
    sample = steps.assemble_sample(material, [item.section for item in document.sections])
    if document.packet is not None:
        return Reviewed(document.packet.review, sample, document.packet.ledger)
    ledger = trace_packet(_pieces(document, material, sample))
    return Reviewed(review_readiness(material, sample, ledger), sample, ledger)


def _pieces(document: Document, material: Material, sample: WorkSample) -> Pieces:
    """Return the texts so far; what is not written yet says nothing."""
    travel, nobody = document.travel, Origin(writer=Writer.TEMPLATE)
    return Pieces(
        brief=material.brief,
        challenge=material.challenge,
        sample=sample,
        post=travel.post if travel else Post(text="", origin=nobody),
        bullets=travel.bullets if travel else Bullets(items=(), origin=nobody),
        talking_points=travel.talking_points if travel else TalkingPoints(items=(), origin=nobody),
    )


def _sign(document: Document, signal: Signal, reviewed: Reviewed) -> SignView:
    place = None if signal.passed else place_of(document, reviewed.sample, signal, reviewed.ledger)
    return SignView(
        id=signal.id,
        title=signal.title,
        why=WHY.get(signal.id, ""),
        evidence=signal.evidence,
        fix=signal.fix,
        place=place,
    )


def _waiting(document: Document, section_id: str, where: Where) -> WaitingSection:
    section = next(item.section for item in document.sections if item.section.id == section_id)
    return WaitingSection(title=section.title, url=at(document, where, section).url)
