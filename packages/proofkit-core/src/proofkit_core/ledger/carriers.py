"""The texts of a packet that carry statements, each under the name that the ledger uses."""

from typing import NamedTuple, Protocol

from proofkit_core.about import about_text, subtitle_of
from proofkit_core.brief import Brief
from proofkit_core.challenge.facts import Challenge
from proofkit_core.packet import Bullets, Post, TalkingPoints, WorkSample

ABOUT_CARRIER = "about"
POST_CARRIER = "post"
FIXED_CARRIERS = frozenset({"title", "disclosure", "subtitle", ABOUT_CARRIER})
"""Texts that the program sets from the exercise; they speak of nobody's life."""
DRAFT_CARRIER = "draft"
"""A text that is not part of a packet yet."""


class Texts(Protocol):
    """A packet, or what is to become one."""

    @property
    def brief(self) -> Brief:
        """Return what the person typed."""
        ...

    @property
    def challenge(self) -> Challenge:
        """Return the exercise."""
        ...

    @property
    def sample(self) -> WorkSample:
        """Return the document."""
        ...

    @property
    def post(self) -> Post:
        """Return the post."""
        ...

    @property
    def bullets(self) -> Bullets:
        """Return the résumé bullets."""
        ...

    @property
    def talking_points(self) -> TalkingPoints:
        """Return the talking points."""
        ...


class Pieces(NamedTuple):
    """The finished texts with what they were made from."""

    brief: Brief
    challenge: Challenge
    sample: WorkSample
    post: Post
    bullets: Bullets
    talking_points: TalkingPoints


class CarrierText(NamedTuple):
    """A text under the name of its carrier."""

    carrier: str
    text: str


def section_carrier(section_id: str) -> str:
    """Return the name of a section's carrier."""
    return f"work_sample.{section_id}"


def is_markdown(carrier: str) -> bool:
    """Say whether a carrier's text is Markdown; the others are shown as they are."""
    return carrier.startswith("work_sample.") or carrier in {ABOUT_CARRIER, DRAFT_CARRIER}


def bullet_carrier(number: int) -> str:
    """Return the name of a bullet's carrier."""
    return f"bullets[{number}]"


def point_carriers(number: int) -> tuple[str, str]:
    """Return the names of the carriers of a talking point: of its question and of its answer."""
    return f"talking_points[{number}].question", f"talking_points[{number}].answer"


def keyword_carrier(number: int) -> str:
    """Return the name of the carrier of a skill in the résumé's project."""
    return f"resume.keywords[{number}]"


def carrier_texts(packet: Texts) -> tuple[CarrierText, ...]:
    """Return every text of a packet that carries statements, as it is rendered, in reading order."""
    sample = packet.sample
    texts = [
        CarrierText("title", sample.title),
        CarrierText("disclosure", sample.disclosure),
        CarrierText("subtitle", subtitle_of(sample, packet.brief.name)),
        *(CarrierText(section_carrier(section.id), section.markdown) for section in sample.sections),
        CarrierText(ABOUT_CARRIER, about_text(packet.challenge)),
        CarrierText(POST_CARRIER, packet.post.text),
        *(CarrierText(bullet_carrier(n), item) for n, item in enumerate(packet.bullets.items)),
    ]
    for number, point in enumerate(packet.talking_points.items):
        texts += map(CarrierText, point_carriers(number), (point.question, point.answer))
    return tuple(texts) + tuple(CarrierText(keyword_carrier(n), skill) for n, skill in enumerate(packet.brief.skills))
