"""Composes what makes the sample travel: the post, the résumé bullets and the talking points."""

import re

from proofkit_core.cleaning import looks_private
from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import Material, true_rest, true_result
from proofkit_core.composer.points import Point, PointKind
from proofkit_core.composer.skills import skills_shown
from proofkit_core.packet import TalkingPoint
from proofkit_core.samples.records import View
from proofkit_core.seeds import stream
from proofkit_core.wording import bare, capitalised, listed, lowered, prose, sentence, with_article

SHORT_POINT = 110
"""Characters; a longer note is not put into a résumé bullet."""
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
    challenge, texts = material.challenge, material.challenge.material
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
    return "\n\n".join([hook, f"{what} {call} {why}", own, deck.deal("post.ask", **words)])


def compose_bullets(material: Material, deck: FrameDeck, sections: dict[str, str]) -> tuple[str, ...]:
    """Return two or three résumé bullets; counts are read from the sections as they stand."""
    challenge, sample = material.challenge, material.sample
    decision = deck.deal(
        "bullet.decision", did=sample.did, project=challenge.project, name=spoken(challenge.material.options[0].name)
    )
    bullets = [decision]
    rows = _rows_phrase(material, sections)
    shown = [skill for skill, _ in _skills_shown(material)][:3]
    skills = f" ({listed(shown)})" if shown else ""
    if rows:
        bullets.append(deck.deal("bullet.rows", rows=rows, skills=skills))
    own = [point.text for point in material.points if _may_travel(point)]
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
            question=deck.deal("talk.own_q"),
            answer=deck.deal("talk.own_a", point=prose(true_result(material)), company=material.challenge.company),
        ),
    ]
    rest = true_rest(material)
    if rest:
        items.append(TalkingPoint(question=deck.deal("talk.past_q"), answer=prose(rest)))
    for spot in brief.weak_spots[:2]:
        question = deck.deal("talk.weak_q", weak=bare(spot))
        items.append(TalkingPoint(question=question, answer=deck.deal("talk.weak_a")))
    shown = _skills_shown(material)
    if shown:
        places = listed([f"{skill} in the section “{title}”" for skill, title in shown])
        items.append(TalkingPoint(question=deck.deal("talk.skills_q"), answer=f"{capitalised(places)}."))
    items.append(
        TalkingPoint(question=deck.deal("talk.real_q"), answer=deck.deal("talk.real_a", company=challenge.company))
    )
    return tuple(items)


def _skills_shown(material: Material) -> list[tuple[str, str]]:
    """Return the skills that a section of this sample really shows, each with the title of one such section."""
    skills = material.brief.skills
    return [(bare(skills[n]), section.title) for n, section in skills_shown(skills, material.sample.sections)]


def _may_travel(point: Point) -> bool:
    """Say whether a note is fit for a résumé: short, a statement, and without what looks like somebody's data."""
    return (
        len(point.text) <= SHORT_POINT
        and point.kind not in {PointKind.QUESTION, PointKind.FEELING}
        and not looks_private(point.text)
    )
