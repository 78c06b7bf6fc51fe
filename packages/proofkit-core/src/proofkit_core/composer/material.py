"""What the composer writes from: one value that holds the brief, the challenge and where each point belongs."""

from pydantic import BaseModel

from proofkit_core.brief import Brief
from proofkit_core.challenge.facts import Challenge
from proofkit_core.cleaning import looks_private, reads_as_instruction
from proofkit_core.composer.points import Point, PointKind, place_points, read_point
from proofkit_core.roles.records import RoleRecord
from proofkit_core.samples.records import QuestionRecord, SampleType, SectionRecord, View
from proofkit_core.wording import sentences

_WHOLE_SENTENCE = 5
"""Words from which a line of a background reads as a sentence."""


class AnsweredQuestion(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A guided question with the person's answer."""

    ref: str
    """`answers.<section>.<question>`"""
    question: QuestionRecord
    answer: str


class Material(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Everything that a packet is composed from."""

    brief: Brief
    brief_digest: str
    """What the draws follow in the brief; see `proofkit_core.seeds.draw_digest`."""
    seed: int
    role: RoleRecord
    sample: SampleType
    challenge: Challenge
    points: tuple[Point, ...]
    points_by_view: dict[View, tuple[Point, ...]]
    answers_by_section: dict[str, tuple[AnsweredQuestion, ...]]


def gather_material(
    brief: Brief, *, brief_digest: str, seed: int, role: RoleRecord, sample: SampleType, challenge: Challenge
) -> Material:
    """Read the notes, match the answers to their questions and give each point its section.

    An answer to a question that the chosen sample does not ask is treated as a note, so that nothing typed is lost.
    """
    asked = {f"{s.id}.{q.id}": (s, q) for s in sample.sections for q in s.questions}
    answers = {ref: text for ref, text in brief.answers.items() if text.strip()}
    typed = [(f"notes[{i}]", note) for i, note in enumerate(brief.notes)]
    typed += [(f"answers.{ref}", text) for ref, text in answers.items() if ref not in asked]
    points = [read_point(text, ref, number) for number, (ref, text) in enumerate(typed)]
    views = tuple(section.view for section in sample.sections)
    return Material(
        brief=brief,
        brief_digest=brief_digest,
        seed=seed,
        role=role,
        sample=sample,
        challenge=challenge,
        points=tuple(points),
        points_by_view=place_points(tuple(points), views),
        answers_by_section={section.id: _answers_of(section, answers) for section in sample.sections},
    )


def _answers_of(section: SectionRecord, answers: dict[str, str]) -> tuple[AnsweredQuestion, ...]:
    found = ((q, f"{section.id}.{q.id}") for q in section.questions)
    return tuple(
        AnsweredQuestion(ref=f"answers.{ref}", question=q, answer=answers[ref]) for q, ref in found if ref in answers
    )


def true_result(material: Material) -> str:
    """Return what the person can truly tell, in their words: the best sentence of their background.

    A sentence with a figure or a result wins over the first one; a fragment such as `Retail.` is joined by what follows
    it. Sentences with somebody's data are passed over where there is another.
    """
    return " ".join(_best(material.brief.background))


def true_rest(material: Material) -> str:
    """Return what else the person tells about themselves, so that no fact of theirs goes unused.

    Sentences with somebody's data, and those that talk to the program, stay out.
    """
    told = _best(material.brief.background)
    rest = [line for line in sentences(material.brief.background) if line not in told]
    return " ".join(line for line in rest if not looks_private(line) and not reads_as_instruction(line))


def _best(background: str) -> list[str]:
    lines = [line for line in sentences(background) if not looks_private(line)]
    whole = [line for line in lines if len(line.split()) >= _WHOLE_SENTENCE]
    tells = [line for line in whole if read_point(line, "").kind is PointKind.RESULT]
    with_figure = [line for line in whole if any(c.isdigit() for c in line)]
    both = [line for line in tells if line in with_figure]
    best = both or tells or [line for line in with_figure if line.startswith(("I ", "We ", "My "))] or whole
    return best[:1] or sentences(background)[:3]
