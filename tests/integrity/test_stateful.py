"""Whatever is done to a packet, in whatever order: what leaves the program keeps the rules."""

import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from proofkit_core.brief_file import load_brief
from proofkit_core.checking import Asked, check_opened, open_file
from proofkit_core.checking.carriers import PACKET_CARRIERS
from proofkit_core.checking.rows import Row
from proofkit_core.errors import ExportRefusedError
from proofkit_core.export import write_packet
from proofkit_core.export.document import document_of
from proofkit_core.export.guard import missing_disclosure
from proofkit_core.export.html import write_html
from proofkit_core.export.markdown import write_markdown
from proofkit_core.export.packet_file import write_packet_json
from proofkit_core.export.render import expected_of
from proofkit_core.integrity import Action, Carrier, Outcome, fact_ledger, review_text
from proofkit_core.ledger import trace_packet, who_wrote
from proofkit_core.making import Workshop, make_packet
from proofkit_core.packet import Packet, SourceKind
from proofkit_core.policing import police_carriers, police_sample
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_prompts import load_contract

PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
EXAMPLES = {path.stem: path for path in (Path(__file__).parents[2] / "examples").glob("*.toml")}
PLAIN = (Path(__file__).parent / "corpus" / "plain.jsonl").read_text(encoding="utf-8")
_REAL_LIFE = {Action.REWRITE_EMPLOYMENT, Action.REWRITE_CLIENT, Action.FLAG, Action.LABEL_HYPOTHETICAL}
_NAMED = re.compile("“(.*?)”", re.DOTALL)


def _loose() -> list[str]:
    """Return sentences that no fact of an example carries; `{company}` stands for the fictional company."""
    told: list[str] = []
    for line in PLAIN.splitlines():
        row, expected = Row.model_validate_json(line), json.loads(line)["expect"]
        if Action(expected) in _REAL_LIFE and re.fullmatch(r"[A-Z][^|\n{}`>#]+[.!]", row.text):
            told.append(row.text.replace(row.context.fictional_company, "{company}"))
    return told


LOOSE = _loose()
HONEST = (
    "I would ask the shift leads before I decide.",
    "I would not promise a date before that.",
    "If the answer is no, I would stop there and say so.",
    "{company} is fictional.",
    "That would take about 3 weeks (h).",
)
FRAMES: dict[str, Callable[[str], str]] = {
    "a paragraph": lambda told: told,
    "an item": lambda told: f"- {told}",
    "a quotation": lambda told: f"> {told}",
    "a table": lambda told: f"| Part | Detail |\n| --- | --- |\n| next | {told} |",
    "two lines": lambda told: told.replace(" ", "\n", 1),
}


@cache
def _workshop() -> Workshop:
    return Workshop(contract=load_contract("v1"), index=build_index(load_catalogue()), product_version="0.1.0")


@cache
def _made(name: str, seed: int) -> Packet:
    return make_packet(load_brief(EXAMPLES[name]).brief, _workshop(), seed=seed)


def _texts(packet: Packet) -> list[tuple[Carrier, str]]:
    texts = [(Carrier.SECTION, section.markdown) for section in packet.sample.sections]
    texts += [(Carrier.POST, packet.post.text), *((Carrier.BULLET, item) for item in packet.bullets.items)]
    points = packet.talking_points.items
    return texts + [(Carrier.TALKING_POINT, text) for point in points for text in (point.question, point.answer)]


def _digits(packet: Packet) -> Counter[str]:
    return Counter(char for _, text in _texts(packet) for char in text if char.isdigit())


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


class Desk(RuleBasedStateMachine):
    """A person who revises a packet, has it checked, and exports it."""

    packet: Packet
    checked: Packet
    """As the rules left it last."""

    def __init__(self) -> None:
        super().__init__()
        self.planted: list[str] = []
        """Sentences without a source that the rules have not seen yet."""
        self.is_policed = self.is_traced = True
        self.digits: Counter[str] = Counter()

    @initialize(name=st.sampled_from(sorted(EXAMPLES)), seed=st.integers(0, 1))
    def make(self, name: str, seed: int) -> None:
        self.packet = self.checked = _made(name, seed)
        self.digits = _digits(self.packet)

    def _write(self, packet: Packet, told: str) -> None:
        self.packet = packet
        self.digits += Counter(char for char in told if char.isdigit())
        self.is_policed = self.is_traced = False

    def _told(self, sentence: str) -> str:
        told = sentence.format(company=self.packet.challenge.company)
        if sentence in LOOSE:
            self.planted.append(told)
        return told

    @rule(sentence=st.sampled_from([*LOOSE, *HONEST]), frame=st.sampled_from(sorted(FRAMES)), at=st.integers(0, 99))
    def revise_a_section(self, sentence: str, frame: str, at: int) -> None:
        told = self._told(sentence)
        sections = list(self.packet.sample.sections)
        section = sections[at % len(sections)]
        blocks = section.markdown.split("\n\n")
        blocks.insert(at % (len(blocks) + 1), FRAMES[frame](told))
        sections[at % len(sections)] = section.model_copy(update={"markdown": "\n\n".join(blocks)})
        sample = self.packet.sample.model_copy(update={"sections": tuple(sections)})
        self._write(self.packet.model_copy(update={"sample": sample}), told)

    @rule(sentence=st.sampled_from([*LOOSE, *HONEST]), first=st.booleans())
    def revise_the_post(self, sentence: str, first: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        told = self._told(sentence)
        parts = (told, self.packet.post.text) if first else (self.packet.post.text, told)
        post = self.packet.post.model_copy(update={"text": "\n\n".join(parts)})
        self._write(self.packet.model_copy(update={"post": post}), told)

    @rule(sentence=st.sampled_from([*LOOSE, *HONEST]))
    def add_a_bullet(self, sentence: str) -> None:
        told = self._told(sentence)
        bullets = self.packet.bullets
        self._write(
            self.packet.model_copy(update={"bullets": bullets.model_copy(update={"items": (*bullets.items, told)})}),
            told,
        )

    @rule(sentence=st.sampled_from([*LOOSE, *HONEST]))
    def revise_an_answer(self, sentence: str) -> None:
        told = self._told(sentence)
        points = self.packet.talking_points
        first = points.items[0].model_copy(update={"answer": f"{points.items[0].answer} {told}"})
        points = points.model_copy(update={"items": (first, *points.items[1:])})
        self._write(self.packet.model_copy(update={"talking_points": points}), told)

    @rule()
    def police(self) -> None:
        facts = fact_ledger(self.packet.brief, self.packet.challenge)
        packet = self.packet
        try:
            sample = police_sample(packet.sample, facts)
            carriers = police_carriers(packet.post, packet.bullets, packet.talking_points, facts)
        except ExportRefusedError as error:
            self._is_named(error)
            self._take_back()
            return
        travelling = dict(zip(("post", "bullets", "talking_points"), carriers, strict=True))
        self.packet = packet.model_copy(update={"sample": sample, **travelling})
        self.is_policed, self.planted = True, []
        self._trace()
        self.checked = self.packet

    def _take_back(self) -> None:
        """Take out what was written since the last check, as the message asks."""
        self.packet = self.checked
        self.planted = []
        self.digits = _digits(self.packet)
        self.is_policed = self.is_traced = True

    def _is_rightly_refused(self, error: ExportRefusedError, out: Path) -> None:
        assert not out.exists()
        assert not (self.is_policed and self.is_traced), error
        if self.planted and self.is_traced:
            self._is_named(error)

    def _is_named(self, error: ExportRefusedError) -> None:
        named = [_letters(words) for words in _NAMED.findall(str(error))]
        assert any(words and words in _letters(told) for words in named for told in self.planted), (error, self.planted)

    def _trace(self) -> None:
        ledger = trace_packet(self.packet)
        self.packet = self.packet.model_copy(update={"ledger": ledger, "who_wrote": who_wrote(self.packet)})
        self.is_traced = True

    @rule(
        is_traced=st.booleans(),
        sources=st.booleans(),
        names=st.sets(st.sampled_from(PACKET_CARRIERS), min_size=1, max_size=2),
    )
    def export_all(self, is_traced: bool, sources: bool, names: set[str]) -> None:  # noqa: FBT001 - drawn by hypothesis
        if is_traced:
            self._trace()
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "packet"
            try:
                write_packet(self.packet, out, sources=sources)
            except ExportRefusedError as error:
                self._is_rightly_refused(error, out)
                return
            assert self.is_traced
            assert not self.planted
            for name in names:
                report = check_opened(open_file(out / name, Asked())).report
                assert report.outcome is Outcome.CLEAN, (name, report.findings)

    @precondition(lambda self: self.is_policed and self.is_traced)
    @rule(formats=st.permutations(("work-sample.md", "work-sample.html", "packet.json")))
    def export_one_after_the_other(self, formats: list[str]) -> None:
        packet = self.packet
        document = document_of(packet)
        writers: dict[str, Callable[[], str]] = {
            "work-sample.md": lambda: write_markdown(document),
            "work-sample.html": lambda: write_html(document, packet),
            "packet.json": lambda: write_packet_json(packet),
        }
        for name in formats:
            data = writers[name]().encode()
            assert missing_disclosure(name, data, expected_of(packet, document)) == ""
            assert writers[name]().encode() == data

    @invariant()
    def what_was_policed_is_clean(self) -> None:
        if not self.is_policed:
            return
        facts = fact_ledger(self.packet.brief, self.packet.challenge)
        for carrier, text in _texts(self.packet):
            verdict = review_text(text, facts=facts, carrier=carrier)
            assert verdict.outcome is Outcome.CLEAN, (text, verdict.findings)

    @invariant()
    def no_figure_is_lost(self) -> None:
        missing = self.digits - _digits(self.packet)
        assert not missing

    @invariant()
    def what_was_policed_and_traced_has_a_source(self) -> None:
        if self.is_policed and self.is_traced:
            loose = [entry.text for entry in self.packet.ledger if entry.kind is SourceKind.UNSUPPORTED]
            assert not loose


def test_what_is_exported_keeps_the_rules_whatever_was_done_before() -> None:
    run_state_machine_as_test(Desk, settings=settings(PROFILE, max_examples=max(8, PROFILE.max_examples // 4)))


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_what_the_composer_writes_needs_no_edit(name: str) -> None:
    for packet in (_made(name, seed) for seed in range(4)):
        for part in (*packet.sample.sections, packet.post, packet.bullets, packet.talking_points):
            assert not part.origin.edits, part
