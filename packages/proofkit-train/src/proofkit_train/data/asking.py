"""Everything that the app would ask a model for one world, each with the target that was written for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from proofkit_core.drafting.carriers import (
    bullets_draft,
    document_text,
    post_draft,
    remarks_draft,
    talking_points_draft,
)
from proofkit_core.drafting.desk import Desk, Draft
from proofkit_core.drafting.revising import revision_draft
from proofkit_core.drafting.sections import as_section, section_draft
from proofkit_core.drafting.setting import setting_draft
from proofkit_core.packet import SAMPLE_DISCLOSURE, Origin, WorkSample, Writer
from proofkit_core.samples.records import SectionRecord
from proofkit_train.data.case import Review, Revision, SettingRow
from proofkit_train.data.target import passage_target, section_target
from proofkit_train.data.world import World

Target = str | dict[str, Any]
"""Markdown, or the value of a JSON task."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that a model is asked."""

    task: str
    name: str
    """What of the task it is: a section's id, or the number of a review."""
    target: Target
    ask: Callable[[Desk], Draft]
    """The app's own function for this piece."""
    used: Callable[[Draft], Target]
    """Takes the text that the app would use out of what `ask` returned, in the form of the target."""
    must_keep: tuple[str, ...] = ()
    """What the person said that has to stand in it, with every distinctive word."""
    anchored: bool = False
    """Whether it needs a rare word of the person."""
    before_exercise: bool = False
    """Whether it comes before there are facts of an exercise."""


class Workbench:
    """Asks for every piece of one world."""

    def __init__(self, world: World) -> None:
        """Write the sections, which the other pieces are about.

        Args:
            world: A variation of a case.
        """
        self.world = world
        self._material = world.material
        self._sections = {
            record.id: (record, section_target(world, record))
            for record in world.material.sample.sections
            if record.id in world.case.section
        }
        self._document = self._write_document()
        self._present = frozenset(note.id for note in world.notes)

    def asks(self) -> Iterator[Ask]:
        """Yield what is asked, in the order of a packet."""
        for record, target in self._sections.values():
            yield self._section(record, target)
        yield self._post()
        yield self._bullets()
        yield self._talking_points()
        for number, review in enumerate(self.world.case.review):
            yield self._review(number, review)
        for number, setting in enumerate(self.world.case.scenario_row):
            if set(setting.keeps) <= self._present:
                yield self._setting(number, setting)
        for number, revision in enumerate(self.world.case.revise):
            yield self._revision(number, revision)

    def _write_document(self) -> WorkSample:
        sample, challenge = self._material.sample, self._material.challenge
        origin = Origin(writer=Writer.MODEL)
        return WorkSample(
            title=f"{sample.title}: {challenge.project} at {challenge.company}",
            sample_type=sample.id,
            sample_title=sample.title,
            reader=sample.reader,
            disclosure=SAMPLE_DISCLOSURE.format(company=challenge.company),
            sections=tuple(as_section(record, target, origin) for record, target in self._sections.values()),
        )

    def _section(self, record: SectionRecord, target: str) -> Ask:
        answers = self.world.answers_in(record)
        spoken = (*self.world.notes_in(record), *answers)
        return Ask(
            "coauthor_section" if answers else "draft_section",
            record.id,
            target,
            partial(section_draft, self._material, record),
            _text,
            must_keep=tuple(item.said for item in spoken if any(used.strip() for used in item.voice.used)),
        )

    def _post(self) -> Ask:
        target = passage_target(self.world, "post", self.world.case.post.slots, present=self._present)
        return Ask(
            "linkedin_post",
            "post",
            target,
            lambda desk: post_draft(self._material, self._document, desk),
            _text,
            anchored=True,
        )

    def _bullets(self) -> Ask:
        chosen = self.world.variation.pick("bullets", self.world.case.bullets.sets)
        return Ask(
            "resume_bullets",
            "bullets",
            {"bullets": [self.world.fill(text) for text in chosen]},
            lambda desk: bullets_draft(self._material, self._document, desk),
            lambda draft: {"bullets": list(draft.value)},
            anchored=True,
        )

    def _talking_points(self) -> Ask:
        slots, fill = self.world.case.talking.slots, self.world.fill
        chosen = [self.world.variation.pick(f"talking.{i}", options) for i, options in enumerate(slots)]
        return Ask(
            "talking_points",
            "talking",
            {"points": [{"question": fill(q), "answer": fill(a)} for q, a in chosen]},
            lambda desk: talking_points_draft(self._material, self._document, desk),
            lambda draft: {"points": [{"question": p.question, "answer": p.answer} for p in draft.value]},
            anchored=True,
        )

    def _review(self, number: int, review: Review) -> Ask:
        fill = self.world.fill
        drafted = [self._sections[name] for name in review.draft if name in self._sections]
        draft = fill(review.draft_text) or document_text((record.title, target) for record, target in drafted)
        value: dict[str, Any] = {
            "strengths": [fill(text) for text in review.strengths],
            "gaps": [
                {"section": gap.section, "problem": fill(gap.problem), "fix": fill(gap.fix)} for gap in review.gaps
            ],
            "reasoning": fill(self.world.variation.pick(f"review.{number}", review.reasonings)),
            "label": review.label,
        }
        kept: tuple[str, ...] = (*value["strengths"], *(f"{gap['section']}: {gap['fix']}" for gap in value["gaps"]))
        return Ask(
            "readiness_review",
            str(number),
            value,
            lambda desk: remarks_draft(self._material, draft, desk),
            # Of a review the app uses its remarks alone.
            lambda used: value if used.value == kept else {},
        )

    def _setting(self, number: int, row: SettingRow) -> Ask:
        fill = self.world.fill
        return Ask(
            "scenario",
            str(number),
            {part: fill(getattr(row, part)) for part in ("setting", "constraint", "decision", "stakes")},
            lambda desk: setting_draft(self._material.brief, self._material.sample, desk),
            lambda draft: draft.value,
            anchored=bool(row.keeps),
            before_exercise=True,
        )

    def _revision(self, number: int, revision: Revision) -> Ask:
        record = self._sections[revision.section][0]
        draft = self.world.fill(revision.draft).strip()
        target = passage_target(self.world, f"revise.{number}", revision.slots, present=self._present)
        return Ask(
            "revise_section",
            str(number),
            target,
            lambda desk: revision_draft(
                self._material, record, desk, draft=draft, action=revision.action, goal=revision.rubric_goal
            ),
            _text,
        )


def _text(draft: Draft) -> str:
    return str(draft.value)
