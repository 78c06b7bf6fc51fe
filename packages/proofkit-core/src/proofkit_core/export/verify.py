"""Says offline whether a packet is unchanged, altered, or without its disclosure.

A folder or a zip holds a digest of every file. A lone PDF holds a digest of its words. Neither is signed: the check
shows that the files still agree with what ProofKit wrote beside them, not who made them.
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel

from proofkit_core.errors import ExportRefusedError, PacketFileError
from proofkit_core.export.differences import Reference, first_difference
from proofkit_core.export.guard import Expected, missing_disclosure
from proofkit_core.export.loading import PACKET_FOLDER_ONLY, load_files
from proofkit_core.export.names import PACKET_FILE, PDF_FILE, PROVENANCE_FILE
from proofkit_core.export.packet_file import packet_from_bytes
from proofkit_core.export.pdf_check import check_pdf
from proofkit_core.export.pdf_text import read_pdf
from proofkit_core.export.proof import STATEMENT, Provenance, read_provenance
from proofkit_core.export.render import Rendered, render_packet
from proofkit_core.provenance import digest_bytes


class Outcome(StrEnum):
    """What the check found, the worst first."""

    DISCLOSURE_MISSING = "disclosure missing"
    ALTERED = "altered"
    UNCHANGED = "unchanged"


class Finding(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Something that is not as ProofKit wrote it."""

    file: str
    outcome: Outcome
    problem: str
    """One plain clause, such as `was changed`."""
    where: str = ""
    """The first line or section that differs, where it can be told."""


class Verification(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the check found."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    """Files that were looked at."""
    title: str
    company: str
    """The fictional company; empty where no provenance could be read."""
    proves: str
    """What an unchanged result means, and what it does not."""


def verify_packet(path: Path) -> Verification:
    """Check a packet without any network.

    Args:
        path: A packet folder, a packet zip, or a work sample PDF.

    Raises:
        PacketFileError: There is nothing that could be checked.
    """
    files = load_files(path)
    if set(files) == {PDF_FILE} and path.is_file():
        return _verify_lone_pdf(files[PDF_FILE])
    return _verify_files(files)


def _verify_lone_pdf(data: bytes) -> Verification:
    content = read_pdf(data)
    if content.provenance is None:
        problem = "holds no provenance file, so it is not a ProofKit PDF any more, or never was"
        return _verification([Finding(file=PDF_FILE, outcome=Outcome.ALTERED, problem=problem)], [PDF_FILE], None)
    provenance = read_provenance(content.provenance, f"The {PROVENANCE_FILE} in the PDF")
    findings = [*_hollow(provenance), *_pdf_findings(data, provenance)]
    return _verification(findings, [PDF_FILE], provenance, lone=True)


def _verify_files(files: Mapping[str, bytes]) -> Verification:
    if PROVENANCE_FILE not in files:
        found = Finding(file=PROVENANCE_FILE, outcome=Outcome.DISCLOSURE_MISSING, problem="is missing")
        return _verification([found], sorted(files), None)
    try:
        provenance = read_provenance(files[PROVENANCE_FILE], PROVENANCE_FILE)
    except PacketFileError as error:
        found = Finding(file=PROVENANCE_FILE, outcome=Outcome.ALTERED, problem=f"cannot be read ({error})")
        return _verification([found], sorted(files), None)
    rendered = _render_again(files, provenance)
    findings = [
        *_missing_or_added(files, provenance),
        *_changed(files, provenance, rendered),
        *_undisclosed(files, provenance),
    ]
    if PDF_FILE in files:
        findings += _pdf_in_folder(files, provenance, rendered)
    return _verification(findings, sorted(files), provenance)


def _verification(
    findings: list[Finding], checked: list[str], provenance: Provenance | None, *, lone: bool = False
) -> Verification:
    outcomes = {finding.outcome for finding in findings}
    outcome = next((outcome for outcome in Outcome if outcome in outcomes), Outcome.UNCHANGED)
    return Verification(
        outcome=outcome,
        findings=tuple(findings),
        checked=tuple(checked),
        title=provenance.title if provenance else "",
        company=provenance.company.name if provenance else "",
        proves=f"{PACKET_FOLDER_ONLY} {STATEMENT}" if lone else STATEMENT,
    )


def _render_again(files: Mapping[str, bytes], provenance: Provenance) -> Rendered | None:
    """Render the packet anew where `packet.json` is untouched and this version still writes the same bytes."""
    data = files.get(PACKET_FILE, b"")
    wanted = {file.name: file.sha256 for file in provenance.files}
    if digest_bytes(data) != wanted.get(PACKET_FILE):
        return None
    try:
        rendered = render_packet(packet_from_bytes(data, PACKET_FILE), sources=provenance.source_appendix)
    except (PacketFileError, ExportRefusedError):
        return None  # the places of changes cannot be told then; the digests still decide
    same = all(
        digest_bytes(rendered.files[name]) == digest for name, digest in wanted.items() if name in rendered.files
    )
    return rendered if same else None


def _missing_or_added(files: Mapping[str, bytes], provenance: Provenance) -> list[Finding]:
    wanted = {PROVENANCE_FILE, PDF_FILE, *(file.name for file in provenance.files)}
    missing = [Finding(file=n, outcome=Outcome.ALTERED, problem="is missing") for n in sorted(wanted - set(files))]
    added = sorted(set(files) - wanted)
    return missing + [
        Finding(file=name, outcome=Outcome.ALTERED, problem="was added; ProofKit did not write it") for name in added
    ]


def _changed(files: Mapping[str, bytes], provenance: Provenance, rendered: Rendered | None) -> list[Finding]:
    findings: list[Finding] = []
    for file in provenance.files:
        data = files.get(file.name)
        if data is None or digest_bytes(data) == file.sha256:
            continue
        where = first_difference(Reference(name=file.name, written=rendered.files[file.name]), data) if rendered else ""
        findings.append(Finding(file=file.name, outcome=Outcome.ALTERED, problem="was changed", where=where))
    if rendered and files[PROVENANCE_FILE] != rendered.files[PROVENANCE_FILE]:
        written = Reference(name=PROVENANCE_FILE, written=rendered.files[PROVENANCE_FILE])
        where = first_difference(written, files[PROVENANCE_FILE])
        findings.append(Finding(file=PROVENANCE_FILE, outcome=Outcome.ALTERED, problem="was changed", where=where))
    return findings


def _undisclosed(files: Mapping[str, bytes], provenance: Provenance) -> list[Finding]:
    expected = Expected(
        sentence=provenance.disclosure, page_line=provenance.page_disclosure, company=provenance.company.name
    )
    findings = _hollow(provenance)
    for name, data in files.items():
        if name == PDF_FILE:
            continue
        try:
            missing = missing_disclosure(name, data, expected)
        except UnicodeDecodeError:
            missing = "it is not text any more"
        if missing:
            findings.append(Finding(file=name, outcome=Outcome.DISCLOSURE_MISSING, problem=missing))
    return findings


def _hollow(provenance: Provenance) -> list[Finding]:
    """Refuse a provenance whose own disclosure was emptied, since everything else is compared with it."""
    lines = (provenance.disclosure, provenance.page_disclosure)
    words = ("simulated", "fictional", provenance.company.name.lower())
    if provenance.company.name and all(word in line.lower() for line in lines for word in words):
        return []
    problem = "its disclosure does not say that the work is simulated and the company fictional"
    return [Finding(file=PROVENANCE_FILE, outcome=Outcome.DISCLOSURE_MISSING, problem=problem)]


def _pdf_in_folder(files: Mapping[str, bytes], provenance: Provenance, rendered: Rendered | None) -> list[Finding]:
    data = files[PDF_FILE]
    if rendered and rendered.files[PDF_FILE] == data:
        return []
    findings = _pdf_findings(data, provenance)
    try:
        attached = read_pdf(data).provenance
    except PacketFileError:
        return findings
    if attached != files[PROVENANCE_FILE]:
        problem = f"holds another {PROVENANCE_FILE} than the one beside it"
        findings.append(Finding(file=PDF_FILE, outcome=Outcome.ALTERED, problem=problem))
    if not findings and rendered:
        problem = "was changed, though its words are the same"
        findings.append(Finding(file=PDF_FILE, outcome=Outcome.ALTERED, problem=problem))
    return findings


def _pdf_findings(data: bytes, provenance: Provenance) -> list[Finding]:
    return [
        Finding(
            file=PDF_FILE,
            outcome=Outcome.DISCLOSURE_MISSING if fault.undisclosed else Outcome.ALTERED,
            problem=fault.problem,
            where=fault.where,
        )
        for fault in check_pdf(data, provenance)
    ]
