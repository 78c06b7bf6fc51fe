"""Writes the companions of the work sample: post, bullets, talking points, inputs and readiness."""

from collections.abc import Iterator, Sequence

from proofkit_core.export.markdown import escape
from proofkit_core.packet import Packet, Signal, Tried

_FIELDS = (("name", "Name"), ("target_role", "Target role"), ("preferred_sample", "Preferred work sample"))
_LISTS = (("skills", "Skills to demonstrate"), ("weak_spots", "Weak spots"), ("notes", "Notes"))
_LONG = (("background", "Background"), ("resume", "Résumé"), ("job_ad", "Job advertisement"))


def write_post(packet: Packet) -> str:
    """Return the LinkedIn post as plain text, ready to paste."""
    return packet.post.text.strip() + "\n"


def write_bullets(packet: Packet) -> str:
    """Return the résumé bullets under the heading they belong to."""
    items = "".join(f"- {' '.join(item.split())}\n" for item in packet.bullets.items)
    return f"{packet.bullets.heading}\n\n{items}"


def write_talking_points(packet: Packet) -> str:
    """Return questions and answers to rehearse, with the disclosure on top."""
    pieces = ["# Talking points", f"*{escape(packet.sample.disclosure)}*"]
    for item in packet.talking_points.items:
        pieces += [f"## {escape(' '.join(item.question.split()))}", escape(item.answer.strip())]
    return "\n\n".join(pieces) + "\n"


def write_inputs(packet: Packet) -> str:
    """Return the sheet of everything the person typed, and what was changed in it."""
    return "\n\n".join(_inputs(packet)) + "\n"


def _inputs(packet: Packet) -> Iterator[str]:
    brief = packet.brief
    yield "# Your inputs and answers"
    yield "Everything you typed, as it was used. This sheet is for you; it is not part of the work sample."
    for field, title in _FIELDS:
        if getattr(brief, field):
            yield f"**{title}:** {escape(getattr(brief, field))}"
    for field, title in _LISTS:
        lines: tuple[str, ...] = getattr(brief, field)
        yield f"## {title}"
        yield _numbered(lines) if lines else "Nothing typed."
    yield "## Answers"
    yield from _answers(packet)
    for field, title in _LONG:
        if getattr(brief, field):
            yield f"## {title}"
            yield _quoted(getattr(brief, field))
    yield "## What was changed or cut"
    yield _bulleted(packet.notices) if packet.notices else "Nothing."


def _answers(packet: Packet) -> Iterator[str]:
    answers = {ref: text for ref, text in packet.brief.answers.items() if text}
    if not answers:
        yield "No guided question was answered."
    titles = {section.id: section.title for section in packet.sample.sections}
    for ref, answer in answers.items():
        section, _, question = ref.partition(".")
        place = f"{titles[section]}: " if section in titles else ""
        yield f"### {escape(place + (question or ref))} ({escape(ref)})"
        yield _quoted(answer)


def _numbered(lines: Sequence[str]) -> str:
    return "\n".join(f"{n}. {escape(' '.join(line.split()))}" for n, line in enumerate(lines, 1))


def _bulleted(lines: Sequence[str]) -> str:
    return "\n".join(f"- {escape(' '.join(line.split()))}" for line in lines)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in escape(text).split("\n"))


def write_readiness(packet: Packet) -> str:
    """Return the readiness review."""
    return "\n\n".join(_readiness(packet)) + "\n"


def _readiness(packet: Packet) -> Iterator[str]:
    review = packet.review
    yield f"# Readiness: {review.label.value}"
    yield f"Your words kept: {review.words_kept} of {review.words_total}."
    if review.words_missing:
        yield "Not found in the work sample: " + ", ".join(escape(word) for word in review.words_missing) + "."
    yield "\n".join(
        ["| Sign | Value | Expected | Passed | Evidence | What to do |", "| --- | --- | --- | --- | --- | --- |"]
        + [_signal_row(signal) for signal in review.signals]
    )
    if review.model_remarks:
        yield "## Remarks from the model"
        yield "They never change the label."
        yield _bulleted(review.model_remarks)
    asked = list(_asked(packet))
    if asked:
        yield "## Models that were asked"
        yield _bulleted(asked)


def _asked(packet: Packet) -> Iterator[str]:
    """Yield what became of each part for which a model was asked."""
    named = [("Description of the role", packet.role.origin)] if packet.role.origin else []
    named += [(section.title, section.origin) for section in packet.sample.sections]
    named += [("LinkedIn post", packet.post.origin), ("Résumé bullets", packet.bullets.origin)]
    named += [("Talking points", packet.talking_points.origin), ("Remarks", packet.review.origin)]
    for title, origin in named:
        if origin.tried:
            yield f"{title}: {'; then '.join(_told(tried) for tried in origin.tried)}."


def _told(tried: Tried) -> str:
    marked = f", {tried.mark}" if tried.mark else ""
    outcome = f"not used because {tried.fallback.message}" if tried.fallback else "used"
    return f"{tried.model.name} ({tried.prompt_set}{marked}), {outcome}"


def _signal_row(signal: Signal) -> str:
    passed = "yes" if signal.passed else "no"
    cells = (signal.title, f"{signal.value:g}", f"{signal.threshold:g}", passed, signal.evidence, signal.fix)
    return "| " + " | ".join(escape(" ".join(cell.split())) for cell in cells) + " |"
