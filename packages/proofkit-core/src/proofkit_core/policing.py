"""The last pass of the integrity rules over the texts of a packet, whoever wrote them.

A model's draft was checked when it came in. This pass covers the composer's text too, which holds the person's own
words: what the rules can put right is put right, and what they cannot is refused with the sentence that must change.
"""

from proofkit_core.errors import ExportRefusedError
from proofkit_core.integrity import Carrier, FactLedger, Outcome, review_text
from proofkit_core.packet import Bullets, Origin, Post, Section, TalkingPoint, TalkingPoints, WorkSample, Writer


def police_sample(sample: WorkSample, facts: FactLedger) -> WorkSample:
    """Return the sample with every section as the rules leave it.

    Raises:
        ExportRefusedError: A section holds a claim that the rules can neither support nor put right.
    """
    sections = tuple(police_section(section, facts) for section in sample.sections)
    return sample.model_copy(update={"sections": sections})


def police_section(section: Section, facts: FactLedger) -> Section:
    """Return a section as the rules leave it.

    Raises:
        ExportRefusedError: It holds a claim that the rules can neither support nor put right.
    """
    own = section.origin.writer is Writer.PERSON
    text, rules = _policed(section.markdown, facts, Carrier.SECTION, f"section “{section.title}”", own=own)
    return section.model_copy(update={"markdown": text, "origin": _with(section.origin, rules)})


def police_post(post: Post, facts: FactLedger) -> Post:
    """Return the post as the rules leave it.

    Raises:
        ExportRefusedError: It holds a claim that the rules can neither support nor put right.
    """
    own = post.origin.writer is Writer.PERSON
    text, rules = _policed(post.text, facts, Carrier.POST, "LinkedIn post", own=own)
    return post.model_copy(update={"text": text, "origin": _with(post.origin, rules)})


def police_carriers(
    post: Post, bullets: Bullets, talking_points: TalkingPoints, facts: FactLedger
) -> tuple[Post, Bullets, TalkingPoints]:
    """Return post, bullets and talking points as the rules leave them.

    Raises:
        ExportRefusedError: One holds a claim that the rules can neither support nor put right.
    """
    post = police_post(post, facts)
    edited = [_policed(item, facts, Carrier.BULLET, "résumé bullets") for item in bullets.items]
    all_rules = tuple(rule for _, found in edited for rule in found)
    bullets = bullets.model_copy(
        update={"items": tuple(t for t, _ in edited), "origin": _with(bullets.origin, all_rules)}
    )
    spoken = [
        [_policed(text, facts, Carrier.TALKING_POINT, "talking points") for text in (item.question, item.answer)]
        for item in talking_points.items
    ]
    items = tuple(TalkingPoint(question=question[0], answer=answer[0]) for question, answer in spoken)
    found = tuple(rule for pair in spoken for _, rules in pair for rule in rules)
    origin = _with(talking_points.origin, found)
    return post, bullets, talking_points.model_copy(update={"items": items, "origin": origin})


def _policed(
    text: str, facts: FactLedger, carrier: Carrier, place: str, *, own: bool = False
) -> tuple[str, tuple[str, ...]]:
    verdict = review_text(text, facts=facts, carrier=carrier)
    if verdict.outcome is Outcome.BLOCKED:
        finding = verdict.findings[0]
        where = "" if own else " in your brief and run again"
        raise ExportRefusedError(
            f"The {place} would say “{finding.quote}”: {finding.reason}. Expected only facts from your brief, facts of "
            f"the exercise, or labelled assumptions. Change that sentence{where}."
        )
    return verdict.text, tuple(edit.rule for edit in verdict.edits)


def _with(origin: Origin, rules: tuple[str, ...]) -> Origin:
    return origin.model_copy(update={"edits": tuple(dict.fromkeys((*origin.edits, *rules)))})
