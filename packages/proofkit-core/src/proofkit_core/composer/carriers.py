"""Composes what makes the sample travel: the post, the résumé bullets and the talking points."""

import re

from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import Material, true_result
from proofkit_core.composer.wording import bare, capitalised, listed, lowered, prose, sentence, with_article
from proofkit_core.packet import TalkingPoint
from proofkit_core.samples.records import View
from proofkit_core.seeds import stream

SHORT_POINT = 110
"""Characters; a longer note is not put into a résumé bullet."""
_WEAK_IN_POST = 160
_CITATION = re.compile(r"\s*\[S\d+\]")
_NUMBER_WORDS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_ROW_NAMES = {
    View.RISKS: ("risks", "risk", "with a first action and an owner each"),
    View.REQUIREMENTS: ("requirements", "requirement", "with a reason and a test each"),
    View.STEPS: ("steps", "step", "with an owner and a time each"),
    View.CHECKLIST: ("points to look for", "point to look for", "with the reason for each"),
    View.PEOPLE: ("groups of people", "group of people", "with what each needs to hear and where"),
    View.MEASURES: ("measures", "measure", "with a labelled target each"),
}


def spoken(text: str) -> str:
    """Return text without its citations: nobody says them aloud, and a post has no fact list to look them up in."""
    return _CITATION.sub("", text)


def number_word(count: int) -> str:
    """Return a small number in words, a larger one in digits."""
    return _NUMBER_WORDS[count] if count < len(_NUMBER_WORDS) else str(count)


def compose_post(material: Material, deck: FrameDeck) -> str:
    """Return the LinkedIn post: the choice, that it is an exercise, the call, what is real, a question."""
    challenge, brief = material.challenge, material.brief
    texts = challenge.material
    facts = stream(material.brief_digest, material.seed, "post-facts").sample(challenge.facts, 2)
    hook = deck.deal(
        "post.hook",
        fact_one=capitalised(facts[0].text),
        fact_one_low=lowered(facts[0].text),
        fact_two=capitalised(facts[1].text),
        fact_two_low=lowered(facts[1].text),
        decision=spoken(challenge.decision),
    )
    what = deck.deal("post.what", sample=with_article(lowered(material.sample.title)), company=challenge.company)
    call = deck.deal("post.call", name=spoken(texts.options[0].name), condition=spoken(texts.condition))
    why = deck.deal("post.why", criterion=bare(spoken(texts.criterion)))
    own = deck.deal("post.own", point=prose(true_result(material)))
    tension = material.role.tradeoffs[0]
    words = {"between": tension.between, "between_cap": capitalised(tension.between), "and": tension.and_}
    closing = [deck.deal("post.ask", **words)]
    if brief.weak_spots and len(brief.weak_spots[0]) <= _WEAK_IN_POST:
        closing.insert(0, deck.deal("post.hard", weak=f"{lowered(bare(brief.weak_spots[0]))}."))
    return "\n\n".join([hook, f"{what} {call} {why}", own, " ".join(closing)])


def compose_bullets(material: Material, deck: FrameDeck, sections: dict[str, str]) -> tuple[str, ...]:
    """Return two or three résumé bullets; counts are read from the sections as they stand."""
    challenge, sample = material.challenge, material.sample
    decision = deck.deal(
        "bullet.decision", did=sample.did, project=challenge.project, name=spoken(challenge.material.options[0].name)
    )
    bullets = [decision]
    rows = _rows_phrase(material, sections)
    skills = f" ({listed([lowered(bare(s)) for s in material.brief.skills[:3]])})" if material.brief.skills else ""
    if rows:
        bullets.append(deck.deal("bullet.rows", rows=rows, skills=skills))
    own = [point.text for point in material.points if len(point.text) <= SHORT_POINT]
    if own:
        bullets.append(deck.deal("bullet.own", point=sentence(own[0])))
    else:
        count = number_word(len(challenge.material.assumptions))
        bullets.append(deck.deal("bullet.assumptions", count=count))
    return tuple(bullets)


def _rows_phrase(material: Material, sections: dict[str, str]) -> str:
    for section in material.sample.sections:
        if section.view in _ROW_NAMES:
            lines = [line for line in sections[section.id].splitlines() if line.startswith("| ")]
            count = max(len(lines) - 2, 0)
            many, one, tail = _ROW_NAMES[section.view]
            if count:
                return f"{number_word(count)} {one if count == 1 else many} {tail}"
    return ""


def compose_talking_points(material: Material, deck: FrameDeck) -> tuple[TalkingPoint, ...]:
    """Return questions an interviewer may ask with honest answers, ending in whether the company is real."""
    challenge, brief = material.challenge, material.brief
    texts = challenge.material
    assumption = texts.assumptions[0]
    name = spoken(texts.options[0].name)
    items = [
        TalkingPoint(
            question=deck.deal("talk.why_q", name=name),
            answer=deck.deal("talk.why_a", reason=spoken(texts.reasons[0]), criterion=bare(spoken(texts.criterion))),
        ),
        TalkingPoint(
            question=deck.deal("talk.unsure_q"),
            answer=deck.deal(
                "talk.unsure_a",
                assumption=lowered(bare(spoken(assumption.text))),
                check=lowered(bare(spoken(assumption.check))),
            ),
        ),
        TalkingPoint(question=deck.deal("talk.mind_q"), answer=spoken(" ".join(texts.reversal))),
        TalkingPoint(
            question=deck.deal("talk.own_q"), answer=deck.deal("talk.own_a", point=prose(true_result(material)))
        ),
    ]
    for spot, first_move in zip(brief.weak_spots[:2], texts.steps, strict=False):
        step = lowered(bare(spoken(first_move.what)))
        words = deck.deal("talk.weak_a", step=step)
        items.append(TalkingPoint(question=deck.deal("talk.weak_q", weak=lowered(bare(spot))), answer=words))
    if brief.skills:
        items.append(TalkingPoint(question=deck.deal("talk.skills_q"), answer=_skills_answer(material)))
    items.append(
        TalkingPoint(question=deck.deal("talk.real_q"), answer=deck.deal("talk.real_a", company=challenge.company))
    )
    return tuple(items)


_SKILL_VIEWS: tuple[tuple[tuple[str, ...], tuple[View, ...]], ...] = (
    (("risk", "safety", "safe"), (View.RISKS, View.CHECKLIST)),
    (("communicat", "stakeholder", "people", "relation", "listen", "present"), (View.PEOPLE, View.SPECIMEN)),
    (("plan", "organi", "schedul", "coordinat", "project", "time"), (View.STEPS, View.MEASURES)),
    (("data", "analy", "number", "measur", "report", "excel"), (View.MEASURES, View.REQUIREMENTS)),
    (("writ", "document", "content", "teach", "coach", "train", "explain"), (View.SPECIMEN, View.CHECKLIST)),
    (("requirement", "quality", "test", "detail"), (View.REQUIREMENTS, View.CHECKLIST)),
    (("budget", "cost", "financ", "negotiat"), (View.TRADEOFF, View.OPTIONS, View.ASSUMPTIONS)),
)


def _skills_answer(material: Material) -> str:
    """Say for each skill in which section it shows; each skill gets one section."""
    parts: list[str] = []
    taken: set[str] = set()
    for skill in material.brief.skills[:5]:
        wanted = [view for cues, views in _SKILL_VIEWS if any(c in skill.lower() for c in cues) for view in views]
        order = [*wanted, View.RECOMMENDATION, View.TRADEOFF, View.OPTIONS, View.ASSUMPTIONS, View.REVERSAL]
        found = [s for view in order for s in material.sample.sections if s.view is view]
        section = next((s for s in found if s.id not in taken), found[0])
        taken.add(section.id)
        parts.append(f"{lowered(bare(skill))} in the section “{section.title}”")
    return f"{capitalised(listed(parts))}."
