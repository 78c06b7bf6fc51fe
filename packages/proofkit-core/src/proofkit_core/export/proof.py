"""The provenance file: what the packet was made from, without the person's private words."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from proofkit_core.errors import PacketFileError
from proofkit_core.export.document import Document
from proofkit_core.export.reading import PassageDigest, digest_passage, passages_of
from proofkit_core.generation import ModelIdentity
from proofkit_core.packet import EntryType, LedgerEntry, MadeWith, Origin, Packet, SourceKind, Support, WhoWrote
from proofkit_core.provenance import digest_bytes

PROVENANCE_SCHEMA = "proofkit.provenance/2"
STATEMENT = (
    "These digests show whether the files still agree with each other. They do not show who wrote them: "
    "nothing here is signed."
)


def _is_empty(value: object) -> bool:
    """Say whether a field that provenance gained later is left out, so that older packets stay what they were."""
    return not value


class FileDigest(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A file of the packet and its content's digest."""

    name: str
    sha256: str


class FictionalCompany(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The company of the exercise."""

    name: str
    fictional: Literal[True] = True


class TriedDigest(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One time that a model was asked for a part; what was wrong with its draft may quote the person and stays out."""

    model: ModelIdentity
    prompt_set: str
    task_digest: str
    fallback: str
    """Why the draft was not used; empty if it was."""
    mark: str = ""
    """Why this model was asked although it was not trained on these prompts."""


class PartOrigin(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Who wrote a part of the packet."""

    part: str
    writer: str
    model: ModelIdentity | None
    prompt_set: str
    task_digest: str
    fallback: str
    """Why a model's draft was not used; empty if it was, or if none was asked for."""
    edits: tuple[str, ...]
    tried: tuple[TriedDigest, ...] = Field(default=(), exclude_if=_is_empty)
    """Every attempt in turn."""


class SupportDigest(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A place that supports a statement; the person's own words stand here only as a digest."""

    kind: SourceKind
    ref: str
    start: int
    end: int
    """Place of the quote in the text that `ref` names."""
    quote: str = ""
    quote_sha256: str = ""


class StatementDigest(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A sentence, number or skill of the packet with its source."""

    id: str
    type: EntryType
    carrier: str
    start: int
    end: int
    """Place in the text of the carrier."""
    kind: SourceKind
    text_sha256: str
    support: tuple[SupportDigest, ...]


class PartShares(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Who wrote what in a part of the packet, as shares of its words; they sum to 1."""

    part: str
    typed: float
    drafted: float
    supplied: float
    model: ModelIdentity | None
    others: tuple[ModelIdentity, ...] = Field(default=(), exclude_if=_is_empty)
    """Further models, where several drafted."""


class Provenance(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The content of `provenance.json`."""

    schema_id: str = Field(default=PROVENANCE_SCHEMA, alias="schema", serialization_alias="schema")
    statement: str = STATEMENT
    disclosure: str
    page_disclosure: str
    """The line that stands on each page of the PDF."""
    company: FictionalCompany
    title: str
    files: tuple[FileDigest, ...]
    """Every file of the packet except this one and the PDF, which holds a copy of it."""
    pdf_text: tuple[PassageDigest, ...]
    made_with: MadeWith
    origins: tuple[PartOrigin, ...]
    ledger: tuple[StatementDigest, ...]
    who_wrote: tuple[PartShares, ...] = ()
    source_appendix: bool = False
    """The Markdown work sample was written with its source appendix."""


def provenance_of(
    packet: Packet, files: Mapping[str, bytes], printed: Document, *, sources: bool = False
) -> Provenance:
    """Return the provenance of a packet.

    Args:
        packet: The packet.
        files: Content of every file written besides this one and the PDF.
        printed: The document as the PDF shows it.
        sources: The Markdown work sample has its source appendix.
    """
    return Provenance(
        disclosure=packet.sample.disclosure,
        page_disclosure=printed.short_disclosure,
        company=FictionalCompany(name=packet.challenge.company),
        title=packet.sample.title,
        files=tuple(FileDigest(name=name, sha256=digest_bytes(data)) for name, data in files.items()),
        pdf_text=tuple(digest_passage(passage.title, passage.letters) for passage in passages_of(printed)),
        made_with=packet.made_with,
        origins=_origins(packet),
        ledger=tuple(_statement(entry) for entry in packet.ledger),
        who_wrote=tuple(_shares(part) for part in packet.who_wrote),
        source_appendix=sources,
    )


def write_provenance(provenance: Provenance) -> bytes:
    """Return the file's bytes."""
    return (provenance.model_dump_json(by_alias=True, indent=2) + "\n").encode()


def read_provenance(data: bytes, name: str) -> Provenance:
    """Read a provenance file back.

    Args:
        data: Its content.
        name: What to call it in an error.

    Raises:
        PacketFileError: It is broken or of another version.
    """
    schema = _schema_of(data)
    if schema not in {PROVENANCE_SCHEMA, None}:
        raise PacketFileError(
            f"{name} has the schema {schema!r}; expected {PROVENANCE_SCHEMA!r}. Use the version that wrote it."
        )
    try:
        return Provenance.model_validate_json(data)
    except ValidationError as error:
        raise PacketFileError(
            f"{name} is not a provenance file that this version reads: {error.errors()[0]['msg']}. Expected the file "
            "as ProofKit wrote it."
        ) from error


class _Schema(BaseModel, frozen=True):
    """As much of a provenance file as tells its version."""

    schema_id: str = Field(alias="schema")


def _schema_of(data: bytes) -> str | None:
    try:
        return _Schema.model_validate_json(data).schema_id
    except ValidationError:
        return None  # the whole file is read next, and what is wrong with it is told then


def _origins(packet: Packet) -> tuple[PartOrigin, ...]:
    parts = [("role", packet.role.origin)] if packet.role.origin else []
    parts += [(f"work_sample.{section.id}", section.origin) for section in packet.sample.sections]
    parts += [
        ("post", packet.post.origin),
        ("bullets", packet.bullets.origin),
        ("talking_points", packet.talking_points.origin),
        ("review", packet.review.origin),
    ]
    return tuple(_origin(part, origin) for part, origin in parts)


def _origin(part: str, origin: Origin) -> PartOrigin:
    return PartOrigin(
        part=part,
        writer=origin.writer.value,
        model=origin.model,
        prompt_set=origin.prompt_set,
        task_digest=origin.task_digest,
        fallback=origin.fallback.reason.value if origin.fallback else "",
        edits=origin.edits,
        tried=tuple(
            TriedDigest(
                model=tried.model,
                prompt_set=tried.prompt_set,
                task_digest=tried.task_digest,
                fallback=tried.fallback.reason.value if tried.fallback else "",
                mark=tried.mark,
            )
            for tried in origin.tried
        ),
    )


def _statement(entry: LedgerEntry) -> StatementDigest:
    return StatementDigest(
        id=entry.id,
        type=entry.type,
        carrier=entry.carrier,
        start=entry.start,
        end=entry.end,
        kind=entry.kind,
        text_sha256=digest_bytes(entry.text.encode()),
        support=tuple(_support(support) for support in entry.support),
    )


def _support(support: Support) -> SupportDigest:
    digest = SupportDigest(kind=support.kind, ref=support.ref, start=support.start, end=support.end)
    if support.kind is SourceKind.YOURS:
        return digest.model_copy(update={"quote_sha256": digest_bytes(support.quote.encode())})
    return digest.model_copy(update={"quote": support.quote})


def _shares(part: WhoWrote) -> PartShares:
    return PartShares(
        part=part.part,
        typed=part.typed_share,
        drafted=part.drafted_share,
        supplied=part.supplied_share,
        model=part.model,
        others=part.others,
    )
