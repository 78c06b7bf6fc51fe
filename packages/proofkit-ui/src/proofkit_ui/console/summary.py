"""The summary at the end: what was made, by what, in how long, and where to look next."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from proofkit_core.export import WrittenPacket
from proofkit_core.ledger import ALL
from proofkit_core.packet import Origin, Packet, Writer
from proofkit_ui.console.streams import takes_unicode

_MOST_REASONS = 4
_PRIVATE = "Keep for yourself: your-inputs.md, packet.json and readiness.md hold what you typed."


def print_summary(packet: Packet, out: Path, written: WrittenPacket, *, seconds: float, as_json: bool) -> None:
    """Print the summary to standard output, for a person or as JSON."""
    if as_json:
        data = summary_data(packet, out, written, seconds)
        print(json.dumps(data, ensure_ascii=not takes_unicode(sys.stdout), indent=2))
    else:
        print(_told(packet, out, written, seconds))


def _origins(packet: Packet) -> list[tuple[str, Origin]]:
    named = [(section.title, section.origin) for section in packet.sample.sections]
    return [
        *named,
        ("LinkedIn post", packet.post.origin),
        ("Résumé bullets", packet.bullets.origin),
        ("Talking points", packet.talking_points.origin),
    ]


def summary_data(packet: Packet, out: Path, written: WrittenPacket, seconds: float) -> dict[str, Any]:
    """Return the summary as plain data."""
    return {
        "out": str(out),
        "files": [path.name for path in written.files],
        "role": packet.role.model_dump(mode="json"),
        "work_sample": packet.sample.title,
        "company": packet.challenge.company,
        "pieces": [
            {"title": title, "writer": origin.writer.value}
            | ({"reason": origin.fallback.reason.value, "message": origin.fallback.message} if origin.fallback else {})
            for title, origin in _origins(packet)
        ],
        "model": packet.made_with.model.model_dump(mode="json") if packet.made_with.model else None,
        "who_wrote": [part.model_dump(mode="json") for part in packet.who_wrote],
        "words_kept": packet.review.words_kept,
        "words_total": packet.review.words_total,
        "words_missing": list(packet.review.words_missing),
        "readiness": packet.review.label.value,
        "notices": [*packet.notices, *written.notices],
        "seconds": round(seconds, 2),
    }


def _told(packet: Packet, out: Path, written: WrittenPacket, seconds: float) -> str:
    lines = [packet.sample.title, f"  {packet.role.why}", f"  {packet.challenge.company} is fictional.", ""]
    lines += _who_wrote(packet)
    lines += _shares(packet)
    lines += _own_words(packet)
    lines += _readiness(packet)
    lines += [f"Note: {notice}" for notice in (*packet.notices, *written.notices)]
    lines += ["", f"Made in {seconds:.1f} s. Look first at {out / 'work-sample.pdf'},"]
    lines.append(f"then at {_names(out, 'linkedin-post.txt', 'resume-bullets.txt', 'talking-points.md')}.")
    lines.append(_PRIVATE)
    if not packet.brief.answers:
        lines.append("Your own answers make it stronger: `proofkit questions BRIEF` shows what you can add.")
    return "\n".join(lines)


def _names(folder: Path, *names: str) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]} in {folder}"


def _who_wrote(packet: Packet) -> list[str]:
    origins = _origins(packet)
    by_model = [title for title, origin in origins if origin.writer is Writer.MODEL]
    by_template = [origin for _, origin in origins if origin.writer is Writer.TEMPLATE]
    model = packet.made_with.model
    if model is None:
        why = next((o.fallback for o in by_template if o.fallback), None)
        told = f": {why.message}. {why.detail}".rstrip() if why and why.detail else ""
        return [f"Written by the template, all {len(origins)} pieces{told}"]
    lines = [f"Written: {len(by_model)} of {len(origins)} pieces by {model.name}, {len(by_template)} by the template."]
    if by_model:
        lines.append(f"  By the model: {', '.join(by_model)}.")
    reasons = Counter(o.fallback.message for o in by_template if o.fallback)
    lines += [f"  Why the template, {count} ×: {message}." for message, count in reasons.most_common(_MOST_REASONS)]
    return lines


def _shares(packet: Packet) -> list[str]:
    """Return the line that says who wrote how much of all the words."""
    whole = next((part for part in packet.who_wrote if part.part == ALL), None)
    if whole is None:
        return []
    drafted = f"{whole.drafted_share:.0%} drafted by {whole.model.name}, " if whole.model else ""
    told = f"{whole.typed_share:.0%} typed by you, {drafted}{whole.supplied_share:.0%} from the template"
    return [f"Of {whole.words:,} words: {told}."]


def _own_words(packet: Packet) -> list[str]:
    review = packet.review
    if not review.words_total:
        return ["You gave no points of your own; add `notes` to the brief to make it yours."]
    missing = f" (missing: {', '.join(review.words_missing)})" if review.words_missing else ""
    return [f"Your words kept: {review.words_kept} of {review.words_total}{missing}"]


def _readiness(packet: Packet) -> list[str]:
    fixes = [signal.fix for signal in packet.review.signals if not signal.passed]
    return [f"Readiness: {packet.review.label.value}", *(f"  To do: {fix}" for fix in fixes)]
