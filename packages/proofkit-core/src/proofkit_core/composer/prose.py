"""Writes the sections that are paragraphs: recommendation, situation, tradeoff, reversal, specimen."""

from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import Material
from proofkit_core.composer.points import FRAMED, Point
from proofkit_core.samples.records import View
from proofkit_core.wording import bare, capitalised, escaped, lowered, prose


def point_paragraphs(points: tuple[Point, ...], deck: FrameDeck) -> list[str]:
    """Return the person's points as paragraphs, each with what follows from it; those beyond the first ones as a list.

    The words around a point go by its number and kind, so that they stay when another point changes.
    """
    framed = [point for point in points if point.number < FRAMED]
    paragraphs = [
        " ".join(
            filter(
                None,
                (
                    deck.at("point.prose", point.number, point=prose(escaped(point.text))),
                    deck.once(f"consequence.{point.kind.value}", point.number),
                ),
            )
        )
        for point in framed
    ]
    return paragraphs + point_list(points[len(framed) :], deck)


def point_list(points: tuple[Point, ...], deck: FrameDeck) -> list[str]:
    """Return points as a list under a short lead, or nothing."""
    if not points:
        return []
    lead = deck.deal("more_points.lead") if deck.left("more_points.lead") else "Also noted:"
    return [f"{lead}\n\n" + "\n".join(f"- {prose(escaped(point.text))}" for point in points)]


def write_recommendation(material: Material, deck: FrameDeck) -> list[str]:
    """Return the decision, why, and the one thing somebody else must decide."""
    texts, company = material.challenge.material, material.challenge.company
    name = texts.options[0].name
    opening = deck.deal("recommendation.open", company=company, name=name, condition=texts.condition)
    ask = deck.deal("recommendation.ask", company=company, whom=texts.ask_whom, ask=texts.ask)
    return [" ".join([capitalised(opening), *texts.reasons]), ask]


def write_situation(material: Material, deck: FrameDeck) -> list[str]:
    """Return what is going on, and the facts of the exercise that the text does not cite yet."""
    challenge = material.challenge
    left = [fact for fact in challenge.facts if f"[{fact.id}]" not in challenge.situation]
    paragraphs = [challenge.situation]
    if left:
        lead = deck.deal("situation.given", company=challenge.company)
        paragraphs.append(f"{lead}\n\n" + "\n".join(f"- {capitalised(fact.text)} [{fact.id}]" for fact in left))
    return paragraphs


def write_tradeoff(material: Material, deck: FrameDeck) -> list[str]:
    """Return both options with their price, the criterion and the choice.

    Where another section shows the options side by side, the first one is not spelt out again.
    """
    texts, company = material.challenge.material, material.challenge.company
    first, second = texts.options
    other = {"name": second.name, "gain": bare(second.gain), "cost": bare(second.cost)}
    options = [deck.deal("tradeoff.second", **other)]
    if all(section.view is not View.OPTIONS for section in material.sample.sections):
        options.insert(0, deck.deal("tradeoff.first", name=first.name, gain=bare(first.gain), cost=bare(first.cost)))
    turns = deck.deal("tradeoff.turns", company=company, criterion=bare(texts.criterion))
    return [" ".join([*options, turns, deck.deal("tradeoff.choice")])]


def write_reversal(material: Material, deck: FrameDeck) -> list[str]:
    """Return what would change the decision, and to what."""
    lead = deck.deal("reversal.lead", company=material.challenge.company)
    return [" ".join([lead, *material.challenge.material.reversal])]


def write_questions(material: Material, deck: FrameDeck) -> list[str]:
    """Return what is still open, each with whom to ask."""
    lead = deck.deal("questions.lead", company=material.challenge.company)
    return [f"{lead}\n\n" + "\n".join(f"- {question}" for question in material.challenge.material.questions)]


def write_specimen(material: Material, deck: FrameDeck) -> list[str]:
    """Return a short piece of the real thing, set as a quotation."""
    challenge = material.challenge
    specimen = challenge.material.specimen
    lines = [f"**{specimen.title}** ({challenge.company}, fictional)", *specimen.lines]
    return [deck.deal("specimen.lead", company=challenge.company), "\n".join(f"> {line}  " for line in lines).rstrip()]


def write_assumptions(material: Material, deck: FrameDeck) -> list[str]:
    """Return what was taken as given, each with its check."""
    challenge = material.challenge
    items = [
        "- " + deck.deal("assumptions.item", text=capitalised(bare(item.text)), check=lowered(bare(item.check)))
        for item in challenge.material.assumptions
    ]
    return [deck.deal("assumptions.lead", company=challenge.company) + "\n\n" + "\n".join(items)]
