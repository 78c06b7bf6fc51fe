"""Step 7: what the person takes along, with copy buttons, downloads and a rehearsal."""

from typing import NamedTuple

from pydantic import BaseModel

from proofkit_core.packet import Packet, TalkingPoint, WhoWrote, Writer
from proofkit_core.steps.posting import POST_CAP
from proofkit_serve.api.rendering import ZIP_FILE, Files
from proofkit_serve.sessions import Document, post_of
from proofkit_ui.web.views.drafts import DraftView
from proofkit_ui.web.views.fallbacks import FallbackNotice, fallbacks_of
from proofkit_ui.web.views.file_names import saved_name
from proofkit_ui.web.views.texts import mark_of, typed_text

__all__ = [
    "POST_PLACE",
    "DownloadsView",
    "PacketView",
    "PostView",
    "RehearsalView",
    "download_names",
    "downloads_view",
    "packet_view",
    "post_view",
]

POST_PLACE = "packet.post"
"""Where the post is kept while the person types it."""


class _File(NamedTuple):
    """One file of a packet, and what to say about it."""

    name: str
    title: str
    help: str


_TO_SEND = (
    _File("work-sample.pdf", "packet.file.pdf", "packet.file_help.pdf"),
    _File("work-sample.docx", "packet.file.docx", "packet.file_help.docx"),
    _File("work-sample.md", "packet.file.md", "packet.file_help.md"),
    _File("linkedin-post.txt", "packet.file.post", "packet.file_help.post"),
    _File("resume-bullets.txt", "packet.file.bullets", "packet.file_help.bullets"),
    _File("resume.json", "packet.file.resume", "packet.file_help.resume"),
    _File("provenance.json", "packet.file.proof", "packet.file_help.proof"),
)
_FOR_YOU = (
    _File("work-sample.html", "packet.file.html", "packet.file_help.html"),
    _File("talking-points.md", "packet.file.talking_points", "packet.file_help.talking_points"),
    _File("readiness.md", "packet.file.readiness", "packet.file_help.readiness"),
    _File("your-inputs.md", "packet.file.inputs", "packet.file_help.inputs"),
    _File("packet.json", "packet.file.packet", "packet.file_help.packet"),
)
"""They hold what the person typed, pasted or feels unsure about: nothing to send on without a look."""


class DownloadView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One file to download."""

    title: str
    """Key of its words."""
    help: str
    """Key of what it is good for."""
    url: str
    saved_as: str
    size: str = ""
    """Such as `84 kB`; empty where it is not known yet."""


class DownloadsView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """All files of a packet."""

    to_send: tuple[DownloadView, ...]
    for_you: tuple[DownloadView, ...]
    everything: DownloadView
    notices: tuple[str, ...] = ()
    """What differs between the formats."""
    refused: str = ""
    """Why no file may leave; empty where they may."""
    details_url: str = ""
    """Where sizes and notices are found out; empty where they are known."""


class MeterView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Who wrote how much of a packet."""

    words: int
    typed: int
    drafted: int
    supplied: int
    """Shares, in whole hundredths that sum to 100."""


class PostView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The post, and the field that it is changed in."""

    text: str
    length: int
    room: int = POST_CAP
    url: str
    """Where a changed text goes to."""
    mark: str
    """Tells this text from any other; see `mark_of`."""
    writer: Writer
    is_own: bool
    """Whether the person changed it: it is kept whatever is written anew."""
    is_stale: bool
    """Whether the work sample, an answer, a point or the challenge changed since they did."""
    edit: str
    """What stands in the field."""
    edit_error: str
    """Why it could not be put in; empty as a rule."""
    has_typed: bool
    """Whether the field holds a wording that was typed and is not put in."""
    is_open: bool


class CardView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A question that somebody may ask, with an honest answer."""

    number: int
    question: str
    answer: str
    is_about_reality: bool
    """Whether it asks if the company was real: the one that always comes."""


class RehearsalView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One question at a time."""

    card: CardView
    total: int
    back_url: str
    """The question before; empty at the first."""
    next_url: str
    """The question after; empty at the last."""
    packet_url: str


class PacketView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The page of step 7."""

    session_id: str
    is_finished: bool
    """Whether there is a packet; without it, only the button that finishes it is shown."""
    is_busy: bool = False
    """Whether something is being written just now."""
    is_late: bool = False
    """Whether post, bullets and talking points are there, and only the last look is missing."""
    post: PostView | None = None
    """None before there is one; a post of the person's own is there before the packet is finished, too."""
    bullets_heading: str = ""
    bullets: tuple[str, ...] = ()
    bullets_text: str = ""
    """Heading and bullets as they are copied."""
    cards: tuple[CardView, ...] = ()
    rehearsal_url: str = ""
    meter: MeterView | None = None
    notices: tuple[str, ...] = ()
    fallbacks: FallbackNotice
    draft: DraftView | None = None
    """What is being written, or just was."""
    downloads: DownloadsView | None = None


def post_view(document: Document, *, edit: str | None = None, edit_error: str = "") -> PostView | None:
    """Return the post as step 7 shows it, or None before there is one.

    Args:
        document: The session.
        edit: A text that could not be put in.
        edit_error: Why not.
    """
    post, own = post_of(document), document.own_post
    if post is None:
        return None
    typed = typed_text(document, POST_PLACE)
    return PostView(
        text=post.text,
        length=len(post.text),
        url=f"/s/{document.id}/packet/post",
        mark=mark_of(post.text),
        writer=post.origin.writer,
        is_own=own is not None,
        is_stale=own is not None and own.stale,
        edit=edit if edit is not None else typed or post.text,
        edit_error=edit_error,
        has_typed=bool(typed),
        is_open=edit is not None or bool(typed),
    )


def packet_view(document: Document, draft: DraftView | None = None, post: PostView | None = None) -> PacketView:
    """Return what step 7 shows; no file is rendered for it.

    Args:
        document: A session with a text for each section.
        draft: What is being written, or just was.
        post: The post, where its text could not be put in; else it is as the session holds it.
    """
    post = post or post_view(document)
    base = f"/s/{document.id}/packet"
    fallbacks = fallbacks_of(document, back=base)
    packet = document.packet
    if packet is None:
        return PacketView(
            session_id=document.id,
            is_finished=False,
            is_busy=draft is not None and not draft.ended,
            is_late=document.travel is not None,
            post=post if document.own_post else None,
            fallbacks=fallbacks,
            draft=draft,
        )
    items = "\n".join(f"- {item}" for item in packet.bullets.items)
    return PacketView(
        session_id=document.id,
        is_finished=True,
        draft=draft,
        post=post,
        bullets_heading=packet.bullets.heading,
        bullets=packet.bullets.items,
        bullets_text=f"{packet.bullets.heading}\n{items}",
        cards=cards_of(packet),
        rehearsal_url=f"{base}/rehearsal/1",
        meter=_meter(packet.who_wrote),
        notices=packet.notices,
        fallbacks=fallbacks,
        downloads=downloads_view(document.id, packet),
    )


def cards_of(packet: Packet) -> tuple[CardView, ...]:
    """Return the questions to rehearse; the honest answer about the company always closes them."""
    points: tuple[TalkingPoint, ...] = packet.talking_points.items
    return tuple(
        CardView(number=number, question=point.question, answer=point.answer, is_about_reality=number == len(points))
        for number, point in enumerate(points, start=1)
    )


def rehearsal_view(document: Document, packet: Packet, number: int) -> RehearsalView | None:
    """Return one question; None where there is none of that number.

    Args:
        document: The session.
        packet: Its packet.
        number: From 1.
    """
    cards = cards_of(packet)
    card = next((each for each in cards if each.number == number), None)
    if card is None:
        return None
    base = f"/s/{document.id}/packet"
    return RehearsalView(
        card=card,
        total=len(cards),
        back_url=f"{base}/rehearsal/{number - 1}" if number > 1 else "",
        next_url=f"{base}/rehearsal/{number + 1}" if number < len(cards) else "",
        packet_url=base,
    )


def download_names() -> tuple[str, ...]:
    """Return the names of all files that can be downloaded."""
    return (*(file.name for file in (*_TO_SEND, *_FOR_YOU)), ZIP_FILE)


def downloads_view(session_id: str, packet: Packet, files: Files | None = None, refused: str = "") -> DownloadsView:
    """Return the files of a packet.

    Args:
        session_id: The session's id.
        packet: The packet.
        files: The rendered files, where they were: they tell sizes and notices.
        refused: Why they could not be rendered, where they were refused.
    """
    base = f"/s/{session_id}/packet"

    def shown(file: _File) -> DownloadView:
        return DownloadView(
            title=file.title,
            help=file.help,
            url=f"{base}/files/{file.name}",
            saved_as=saved_name(packet, file.name),
            size=_size(len(files.files[file.name])) if files else "",
        )

    return DownloadsView(
        to_send=tuple(shown(file) for file in _TO_SEND),
        for_you=tuple(shown(file) for file in _FOR_YOU),
        everything=shown(_File(ZIP_FILE, "packet.file.zip", "packet.file_help.zip")),
        notices=files.notices if files else (),
        refused=refused,
        details_url="" if files or refused else f"{base}/files",
    )


def _meter(parts: tuple[WhoWrote, ...]) -> MeterView | None:
    """Return the shares of the whole packet; the largest takes what rounding leaves over."""
    if not parts or not parts[-1].words:
        return None
    whole = parts[-1]
    shares = [round(share * 100) for share in (whole.typed_share, whole.drafted_share, whole.supplied_share)]
    shares[shares.index(max(shares))] += 100 - sum(shares)
    return MeterView(words=whole.words, typed=shares[0], drafted=shares[1], supplied=shares[2])


def _size(count: int) -> str:
    return f"{max(1, round(count / 1000))} kB"
