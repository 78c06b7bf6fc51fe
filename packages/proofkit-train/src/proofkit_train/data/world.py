"""The world of a row: the brief that a person would have typed, and the challenge that the app would have set."""

from typing import NamedTuple

from proofkit_core.brief import Brief
from proofkit_core.challenge.draw import draw_challenge
from proofkit_core.cleaning import says_nothing
from proofkit_core.composer.material import Material, gather_material
from proofkit_core.samples.records import SectionRecord
from proofkit_core.scenario import CITATION, PLACEHOLDER
from proofkit_core.seeds import draw_digest
from proofkit_train.data.case import Answer, Case, Note, Voice
from proofkit_train.data.reading import role_of, sample_of, scenario_of
from proofkit_train.data.variation import Variation

NOTES_KEPT = 0.8
"""Share of a case's notes that a grown person has made."""
ANSWERS_KEPT = 0.65
"""Share of its questions that they have answered."""


class Spoken(NamedTuple):
    """A point as somebody made it."""

    id: str
    voice: Voice
    said: str


class World(NamedTuple):
    """What a variation's rows are about."""

    case: Case
    variation: Variation
    material: Material
    words: dict[str, str]
    """What stands for each `{key}`."""
    citations: dict[str, str]
    """What stands for each `[key]`."""
    notes: tuple[Spoken, ...]
    """In the order of the brief."""
    answers: dict[str, Spoken]
    """By `section.question`."""

    def fill(self, text: str) -> str:
        """Return a text with its words and citations filled in."""
        return _fill(text, self.words, self.citations)

    def notes_in(self, section: SectionRecord) -> tuple[Spoken, ...]:
        """Return the notes that the app places in a section."""
        points = self.material.points_by_view.get(section.view, ())
        by_ref = {f"notes[{number}]": spoken for number, spoken in enumerate(self.notes)}
        return tuple(by_ref[point.ref] for point in points if point.ref in by_ref)

    def answers_in(self, section: SectionRecord) -> tuple[Spoken, ...]:
        """Return the answers that belong to a section."""
        found = (self.answers.get(f"{section.id}.{question.id}") for question in section.questions)
        return tuple(spoken for spoken in found if spoken is not None)


def open_world(case: Case, variation: Variation) -> World:
    """Return the world of one variation of a case, made by the app's own functions.

    Args:
        case: The hand-written case.
        variation: What is chosen in it.
    """
    words = {key: variation.turn(f"vary.{key}", options) for key, options in case.vary.items()} | dict(variation.forced)
    person = variation.turn("person", case.person)
    background = _fill(person.background, words, {})
    notes = tuple(_speak(note, variation, words) for note in _kept_notes(case, variation))
    spoken = {_ref(item): _speak(item, variation, words) for item in case.answer if _is_answered(item, variation)}
    # The app leaves out answers that only fill a place.
    answers = {ref: answer for ref, answer in spoken.items() if not says_nothing(answer.said)}
    sample = sample_of(case)
    brief = Brief(
        target_role=variation.pick("target_role", case.target_roles),
        background=background,
        skills=tuple(_fill(skill, words, {}) for skill in person.skills),
        weak_spots=tuple(_fill(spot, words, {}) for spot in person.weak_spots),
        notes=tuple(note.said for note in notes),
        preferred_sample=sample.title,
        answers={ref: answer.said for ref, answer in answers.items()},
    )
    role = role_of(case).role
    digest = draw_digest(brief)
    challenge = draw_challenge(
        scenario_of(case), role_title=role.title, brief_digest=digest, seed=variation.seed + variation.number
    )
    material = gather_material(
        brief, brief_digest=digest, seed=variation.number, role=role, sample=sample, challenge=challenge
    )
    facts = {fact.key: fact.value for fact in challenge.facts}
    own = _fill(person.own, words, {})
    return World(
        case=case,
        variation=variation,
        material=material,
        words=words | facts | {"company": challenge.company, "own": own},
        citations={fact.key: f"[{fact.id}]" for fact in challenge.facts},
        notes=notes,
        answers=answers,
    )


def _kept_notes(case: Case, variation: Variation) -> tuple[Note, ...]:
    kept = [note for note in case.note if variation.keep(f"note.{note.id}", NOTES_KEPT)]
    return variation.order("notes", kept)


def _is_answered(answer: Answer, variation: Variation) -> bool:
    return variation.keep(f"answer.{_ref(answer)}", ANSWERS_KEPT)


def _speak(item: Note | Answer, variation: Variation, words: dict[str, str]) -> Spoken:
    name = item.id if isinstance(item, Note) else _ref(item)
    voice = variation.turn(f"voice.{name}", item.voice)
    return Spoken(name, voice, _fill(voice.said, words, {}))


def _ref(answer: Answer) -> str:
    return f"{answer.section}.{answer.question}"


def _fill(text: str, words: dict[str, str], citations: dict[str, str]) -> str:
    cited = CITATION.sub(lambda found: citations.get(found[1], found[0]), text)
    return PLACEHOLDER.sub(lambda found: words.get(found[1], found[0]), cited)
