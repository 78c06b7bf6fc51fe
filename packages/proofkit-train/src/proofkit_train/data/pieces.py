"""Makes every row of one world: sections, what travels, reviews, settings and revisions."""

import json
from collections.abc import Callable, Iterator
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
from proofkit_core.faithfulness import words_kept
from proofkit_core.packet import SAMPLE_DISCLOSURE, Origin, WorkSample, Writer
from proofkit_core.samples.records import SectionRecord
from proofkit_prompts import Contract, OutputParseError
from proofkit_train.data.case import Review, Revision, SettingRow
from proofkit_train.data.gate import CountTokens, Gate, Tried
from proofkit_train.data.row import Rejected, Row, make_row
from proofkit_train.data.target import passage_target, section_target
from proofkit_train.data.world import World

Piece = Row | Rejected
_OUT_OF_FORM = "bad-format"


class Workbench:
    """Makes the rows of one world."""

    def __init__(self, world: World, contract: Contract, count_tokens: CountTokens | None = None) -> None:
        """Write the sections, which the other pieces are about.

        Args:
            world: A variation of a case.
            contract: The contract that renders the prompts.
            count_tokens: Counts the tokens of a text.
        """
        self.world = world
        self.contract = contract
        self.gate = Gate(world, contract, count_tokens)
        self.sections = {
            record.id: (record, section_target(world, record))
            for record in world.material.sample.sections
            if record.id in world.case.section
        }
        self.document = self._document()
        self.present = frozenset(note.id for note in world.notes)

    def pieces(self) -> Iterator[Piece]:
        """Yield a row, or why there is none, for every piece."""
        for record, target in self.sections.values():
            yield self._section(record, target)
        yield self._post()
        yield self._bullets()
        yield self._talking_points()
        for number, review in enumerate(self.world.case.review):
            yield self._review(number, review)
        for number, setting in enumerate(self.world.case.scenario_row):
            if set(setting.keeps) <= self.present:
                yield self._setting(number, setting)
        for number, revision in enumerate(self.world.case.revise):
            yield self._revision(number, revision)

    def _document(self) -> WorkSample:
        sample, challenge = self.world.material.sample, self.world.material.challenge
        origin = Origin(writer=Writer.MODEL)
        return WorkSample(
            title=f"{sample.title}: {challenge.project} at {challenge.company}",
            sample_type=sample.id,
            sample_title=sample.title,
            reader=sample.reader,
            disclosure=SAMPLE_DISCLOSURE.format(company=challenge.company),
            sections=tuple(as_section(record, target, origin) for record, target in self.sections.values()),
        )

    def _section(self, record: SectionRecord, target: str) -> Piece:
        spoken = (*self.world.notes_in(record), *self.world.answers_in(record))
        must_keep = tuple(item.said for item in spoken if any(used.strip() for used in item.voice.used))
        tried = self.gate.try_target(
            target, partial(section_draft, self.world.material, record), texts=_text, must_keep=must_keep
        )
        return self._result(tried, target, record.id, must_keep)

    def _post(self) -> Piece:
        target = passage_target(self.world, "post", self.world.case.post.slots, present=self.present)
        tried = self.gate.try_target(
            target, lambda desk: post_draft(self.world.material, self.document, desk), texts=_text
        )
        return self._result(tried, target, "post", anchored=True)

    def _bullets(self) -> Piece:
        chosen = self.world.variation.pick("bullets", self.world.case.bullets.sets)
        value = {"bullets": [self.world.fill(text) for text in chosen]}
        return self._json(
            "resume_bullets",
            value,
            lambda desk: bullets_draft(self.world.material, self.document, desk),
            texts=lambda draft: {"bullets": list(draft.value)},
            name="bullets",
            anchored=True,
        )

    def _talking_points(self) -> Piece:
        slots = self.world.case.talking.slots
        chosen = [self.world.variation.pick(f"talking.{i}", options) for i, options in enumerate(slots)]
        points = [{"question": self.world.fill(q), "answer": self.world.fill(a)} for q, a in chosen]
        return self._json(
            "talking_points",
            {"points": points},
            lambda desk: talking_points_draft(self.world.material, self.document, desk),
            texts=lambda draft: {"points": [{"question": p.question, "answer": p.answer} for p in draft.value]},
            name="talking",
            anchored=True,
        )

    def _review(self, number: int, review: Review) -> Piece:
        fill = self.world.fill
        drafted = [self.sections[name] for name in review.draft if name in self.sections]
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
        return self._json(
            "readiness_review",
            value,
            lambda desk: remarks_draft(self.world.material, draft, desk),
            texts=lambda draft: value if draft.value == kept else {},
            name=str(number),
        )

    def _setting(self, number: int, row: SettingRow) -> Piece:
        fill = self.world.fill
        value = {part: fill(getattr(row, part)) for part in ("setting", "constraint", "decision", "stakes")}
        return self._json(
            "scenario",
            value,
            lambda desk: setting_draft(self.world.material.brief, self.world.material.sample, desk),
            texts=lambda draft: draft.value,
            name=str(number),
            anchored=bool(row.keeps),
            before_exercise=True,
        )

    def _revision(self, number: int, revision: Revision) -> Piece:
        record = self.sections[revision.section][0]
        draft = self.world.fill(revision.draft).strip()
        target = passage_target(self.world, f"revise.{number}", revision.slots, present=self.present)
        tried = self.gate.try_target(
            target,
            lambda desk: revision_draft(
                self.world.material, record, desk, draft=draft, action=revision.action, goal=revision.rubric_goal
            ),
            texts=_text,
        )
        return self._result(tried, target, str(number))

    def _json(
        self,
        task: str,
        value: dict[str, Any],
        ask: Callable[[Desk], Draft],
        *,
        texts: Callable[[Draft], dict[str, Any]],
        name: str,
        anchored: bool = False,
        before_exercise: bool = False,
    ) -> Piece:
        try:
            target = self.contract.serialize(task, value)
        except OutputParseError as error:
            return self._rejected(task, name, _OUT_OF_FORM, str(error), json.dumps(value, ensure_ascii=False))
        tried = self.gate.try_target(
            target,
            ask,
            texts=lambda draft: self.contract.serialize(task, texts(draft)),
            before_exercise=before_exercise,
        )
        return self._result(tried, target, name, anchored=anchored)

    def _result(
        self, tried: Tried, target: str, name: str, must_keep: tuple[str, ...] = (), *, anchored: bool = False
    ) -> Piece:
        task = tried.prompt.task
        if tried.reason:
            return self._rejected(task, name, tried.reason, tried.detail, target)
        anchors = self._anchors(tried.prompt.user, target)
        if anchored and not anchors and self.world.notes:
            detail = "no rare word of the person stands in it; use a {key} of [vary] or {own}"
            return self._rejected(task, name, "anchors", detail, target)
        return make_row(
            tried.prompt,
            target,
            case=self.world.case.id,
            role=self.world.case.role,
            variation=self.world.variation.number,
            name=name,
            must_keep=must_keep,
            anchors=anchors,
            contract=self.contract,
        )

    def _anchors(self, asked: str, target: str) -> tuple[str, ...]:
        rare = [self.world.words[key] for key in self.world.case.vary] + [self.world.words["own"]]
        return tuple(
            word for word in rare if word in asked and words_kept(word, target).recall == 1.0 and word in target
        )

    def _rejected(self, task: str, name: str, reason: str, detail: str, target: str) -> Rejected:
        number = self.world.variation.number
        return Rejected(
            id=f"{self.world.case.id}/{number}/{task}/{name}",
            task=task,
            source="grown" if number else "hand",
            reason=reason,
            detail=detail,
            target=target,
        )


def _text(draft: Draft) -> str:
    return str(draft.value)
