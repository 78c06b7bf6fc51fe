"""Nothing leaves without a source, and the page can be asked where each sentence comes from."""

import json
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofkit_core.blocks import BulletList, Paragraph, Run, parse_markdown, plain_text
from proofkit_core.errors import ExportRefusedError, PacketFileError
from proofkit_core.export import Outcome, verify_packet, write_packet
from proofkit_core.export.document import Document, document_of
from proofkit_core.export.html import write_html
from proofkit_core.export.letters import letters_in
from proofkit_core.export.markdown import write_markdown
from proofkit_core.export.pdf import page_data, prepare_print
from proofkit_core.export.proof import read_provenance
from proofkit_core.export.render import render_packet
from proofkit_core.export.sourced import require_sources, require_traced
from proofkit_core.export.word import write_word
from proofkit_core.ledger import trace_packet
from proofkit_core.packet import EntryType, Packet, SourceKind, TalkingPoint

PLANTED = "I ran the night depot at Pennagill Stores for nine years."
LOOSE = "The new desk has cut the waiting time to 17 minutes."
DISCLOSED = "Simulated project: it has cut the waiting time to 17 minutes."


# The guard: in the packet


def in_section(packet: Packet, text: str) -> Packet:
    first = packet.sample.sections[0]
    changed = first.model_copy(update={"markdown": f"{first.markdown}\n\n{text}"})
    sections = (changed, *packet.sample.sections[1:])
    return packet.model_copy(update={"sample": packet.sample.model_copy(update={"sections": sections})})


def in_heading(packet: Packet, text: str) -> Packet:
    return in_section(packet, f"### {text}")


def in_cell(packet: Packet, text: str) -> Packet:
    return in_section(packet, f"| Risk | Sign |\n| --- | --- |\n| {text} | queues |")


def in_post(packet: Packet, text: str) -> Packet:
    return packet.model_copy(update={"post": packet.post.model_copy(update={"text": f"{packet.post.text}\n\n{text}"})})


def in_bullets(packet: Packet, text: str) -> Packet:
    items = (*packet.bullets.items, f"Simulated project: {text}")
    return packet.model_copy(update={"bullets": packet.bullets.model_copy(update={"items": items})})


def in_talking_points(packet: Packet, text: str) -> Packet:
    items = (TalkingPoint(question="And before that?", answer=text), *packet.talking_points.items)
    return packet.model_copy(update={"talking_points": packet.talking_points.model_copy(update={"items": items})})


CARRIERS = (
    (in_section, "section “Recommendation”"),
    (in_heading, "section “Recommendation”"),
    (in_cell, "section “Recommendation”"),
    (in_post, "LinkedIn post"),
    (in_bullets, "résumé bullets"),
    (in_talking_points, "talking points"),
)


@pytest.mark.parametrize(("plant", "named"), CARRIERS)
def test_a_sentence_without_an_entry_is_refused_and_named(
    plant: Callable[[Packet, str], Packet], named: str, packet: Packet, tmp_path: Path
) -> None:
    with pytest.raises(ExportRefusedError, match=named) as refused:
        write_packet(plant(packet, PLANTED), tmp_path / "out", zip_file=True)
    assert "night depot at Pennagill Stores" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("plant", "named"), CARRIERS)
def test_an_unsupported_entry_is_refused_and_named(
    plant: Callable[[Packet, str], Packet], named: str, packet: Packet, tmp_path: Path
) -> None:
    planted = plant(packet, LOOSE)
    traced = planted.model_copy(update={"ledger": trace_packet(planted)})
    assert SourceKind.UNSUPPORTED in {entry.kind for entry in traced.ledger}
    with pytest.raises(ExportRefusedError, match=named) as refused:
        write_packet(traced, tmp_path / "out")
    assert "17 minutes" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_says_more_than_the_texts_do_is_refused(packet: Packet) -> None:
    first = next(entry for entry in packet.ledger if entry.kind is SourceKind.HYPOTHETICAL)
    mine = first.model_copy(update={"kind": SourceKind.YOURS})
    ledger = tuple(mine if entry is first else entry for entry in packet.ledger)
    with pytest.raises(ExportRefusedError, match="does not hold with this source"):
        require_sources(packet.model_copy(update={"ledger": ledger}))


# The guard: in the rendered files


@pytest.fixture(scope="module")
def files(packet: Packet) -> dict[str, bytes]:
    files = dict(render_packet(packet).files)
    return {**files, "work-sample.pdf": page_data(prepare_print(document_of(packet)).document)}


def with_paragraph(packet: Packet, text: str) -> Document:
    document = document_of(packet)
    part = document.parts[0]
    more = part.model_copy(update={"blocks": (*part.blocks, Paragraph(runs=(Run(text=text),)))})
    return document.model_copy(update={"parts": (more, *document.parts[1:])})


def planted_in(name: str, data: bytes, packet: Packet) -> bytes:
    if name == "work-sample.docx":
        return write_word(with_paragraph(packet, PLANTED))
    if name == "work-sample.pdf":
        return page_data(prepare_print(with_paragraph(packet, PLANTED)).document)
    if name == "resume.json":
        resume = json.loads(data)
        resume["projects"][0]["highlights"].append(f"Simulated project: {PLANTED}")
        return json.dumps(resume).encode()
    if name == "work-sample.html":
        return data.replace(b"</article>", f"<p>{PLANTED}</p></article>".encode())
    return data + f"\n{PLANTED}\n".encode()


RENDERED = (
    "work-sample.md",
    "work-sample.html",
    "work-sample.docx",
    "work-sample.pdf",
    "linkedin-post.txt",
    "resume-bullets.txt",
    "talking-points.md",
    "resume.json",
)


def test_the_rendered_files_pass_as_they_are(files: dict[str, bytes], packet: Packet) -> None:
    require_traced(files, packet)


@pytest.mark.parametrize("name", RENDERED)
def test_a_sentence_planted_in_a_file_is_refused_and_named(name: str, files: dict[str, bytes], packet: Packet) -> None:
    changed = {name: planted_in(name, files[name], packet)}
    with pytest.raises(ExportRefusedError, match=f"^{name} says “.*night depot at Pennagill Stores"):
        require_traced(changed, packet)


# The page


class Asked(HTMLParser):
    """Collects the marked sentences, the links behind them, and the list that they lead to."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: dict[str, str] = {}
        self.asks: list[dict[str, str | None]] = []
        self.sources: dict[str, str] = {}
        self.backs: list[str] = []
        self.ids: Counter[str] = Counter()
        self._stack: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("id") or ""
        self.ids[name] += bool(name)
        if tag in {"meta", "br", "input"}:
            return
        self._stack.append((tag, name))
        if found.get("class") == "ask":
            self.asks.append(found)
        if found.get("class") == "back":
            self.backs.append(str(found["href"]))

    def handle_endtag(self, tag: str) -> None:
        while self._stack and self._stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for _, name in self._stack:
            if name.startswith("said-"):
                self.said[name] = self.said.get(name, "") + data
            if name.startswith("from-"):
                self.sources[name] = self.sources.get(name, "") + data
        assert ("a", "") not in self._stack[-1:] or data.strip(), "a link has words or a label"


@pytest.fixture(scope="module")
def asked(written: Path) -> Asked:
    asked = Asked()
    asked.feed((written / "work-sample.html").read_text(encoding="utf-8"))
    return asked


def shown_sentences(packet: Packet) -> dict[str, str]:
    wanted = [e for e in packet.ledger if e.type is EntryType.SENTENCE and not e.carrier.startswith("resume")]
    return {entry.id.removeprefix("L"): entry.text for entry in wanted}


def test_each_sentence_has_exactly_one_source_that_can_be_reached(asked: Asked, packet: Packet) -> None:
    sentences = shown_sentences(packet)
    assert [ask["href"] for ask in asked.asks] == [f"#from-{number}" for number in sentences]
    assert set(asked.sources) == {f"from-{number}" for number in sentences}
    assert asked.backs == [f"#said-{number}" for number in sentences]
    assert max(asked.ids.values()) == 1
    assert {target[1:] for target in asked.backs} <= set(asked.ids)


def test_a_marked_sentence_holds_the_words_of_its_entry(asked: Asked, packet: Packet) -> None:
    for number, text in shown_sentences(packet).items():
        assert letters_in(asked.said[f"said-{number}"]).endswith(letters_in(text)[-12:])
        assert letters_in(text)[:12] in letters_in(asked.said[f"said-{number}"])


def test_each_link_says_where_it_leads_and_puts_no_word_into_the_text(asked: Asked) -> None:
    for ask in asked.asks:
        assert re.fullmatch(r"Source \d+: (The writer’s own|The brief’s|Hypothetical)", str(ask["aria-label"]))
    text = " ".join(asked.said.values())
    assert "Source" not in text


def test_the_switch_is_a_labelled_checkbox_before_the_text(written: Path) -> None:
    page = (written / "work-sample.html").read_text(encoding="utf-8")
    assert page.index('<input type="checkbox" id="show-sources"') < page.index("<main>")
    assert '<label for="show-sources"' in page
    style = page[page.index("<style>") : page.index("</style>")]
    assert ".switch:checked ~ main .ask" in style
    assert "user-select: none" in style


def test_the_page_holds_of_the_persons_words_only_those_of_the_text(written: Path, packet: Packet) -> None:
    page = (written / "work-sample.html").read_text(encoding="utf-8")
    sources = page[page.index('id="sources"') :]
    assert packet.brief.background.splitlines()[0] not in sources
    assert PRIVATE_HALF not in sources


PRIVATE_HALF = "stopped two deliveries"
"""The half of the note that the section tells in other words."""


def test_the_page_says_who_wrote_what(written: Path, packet: Packet) -> None:
    page = (written / "work-sample.html").read_text(encoding="utf-8")
    table = page[page.index('id="who-wrote-what"') : page.index('id="sources"')]
    assert table.count('<th scope="row"') == len(packet.who_wrote)
    assert "<caption>" in table
    assert f"{packet.who_wrote[-1].typed_share:.1%}" in table


# The appendix


def test_the_appendix_is_written_on_request_only(packet: Packet, tmp_path: Path) -> None:
    write_packet(packet, tmp_path / "plain")
    write_packet(packet, tmp_path / "told", sources=True)
    plain = (tmp_path / "plain" / "work-sample.md").read_text(encoding="utf-8")
    told = (tmp_path / "told" / "work-sample.md").read_text(encoding="utf-8")
    assert told.startswith(plain)
    assert "## Where each sentence comes from" in told
    assert "Where each sentence" not in plain
    assert verify_packet(tmp_path / "told").outcome is Outcome.UNCHANGED
    assert verify_packet(tmp_path / "plain").outcome is Outcome.UNCHANGED


def test_the_appendix_reads_back_as_the_ledger(packet: Packet, tmp_path: Path) -> None:
    write_packet(packet, tmp_path / "out", sources=True)
    text = (tmp_path / "out" / "work-sample.md").read_text(encoding="utf-8").partition("\n## Where each sentence")[2]
    found: dict[str, str] = {}
    for block in parse_markdown(text):
        if isinstance(block, BulletList):
            _collect(block, found)
    wanted = [entry for entry in packet.ledger if not entry.carrier.startswith("resume")]
    assert list(found) == [entry.id for entry in wanted]
    for entry in wanted:
        assert letters_in(entry.text)[:40] in letters_in(found[entry.id]) or entry.start == 0
        kind = {"yours": "The writer’s own", "the brief's": "The brief’s", "hypothetical": "Hypothetical"}[entry.kind]
        assert kind in found[entry.id]


def _collect(block: BulletList, found: dict[str, str]) -> None:
    for item in block.items:
        for inner in item:
            if isinstance(inner, Paragraph):
                entry = re.match(r"(L[\d.]+) ", plain_text(inner.runs))
                if entry:
                    found[entry[1]] = plain_text(inner.runs)
            elif isinstance(inner, BulletList):
                _collect(inner, found)


def test_a_provenance_of_another_version_is_told_by_its_schema() -> None:
    with pytest.raises(PacketFileError, match=r"has the schema 'proofkit.provenance/1'; expected"):
        read_provenance(b'{"schema": "proofkit.provenance/1"}', "provenance.json")


MARKDOWN = (
    'I would ask the lead. **Bold lead.** Then _more_ words: see [a link](https://e.org/é?x=1 "a title").',
    "![a picture](img/p.png) and ![](x.png) here.",
    "- item one\n- item two\n  - deeper *one*\n\n    with a second paragraph",
    "> quoted line\n> goes on  \n> and breaks",
    "```python\nx = do(this)\n```",
    "### A longer heading that says what comes next here",
    "| A | B |\n|---|---|\n| one cell. Two sentences. | `code` \\| pipe |",
    "Entities &amp; &lt;b&gt; and <em>tags</em>.",
    "A line\\\nbroken hard. E.g. this, i.e. that … and so on.",
    "Setext heading\n===",
    "(In brackets, e.g. so.) “Quoted.” ‘Also.’",
    "Emoji 🎉 café naïve ①②.",
    "word_with_under_scores and 2\\*3",
    "[S1] starts so. It goes on [S2], ends [S3].",
    "Auto <https://e.org/x> and www.e.org/y.",
    "* star item\n+ plus item",
    "a|b without table",
    "line one\nline two. Line three\nends",
)


@settings(max_examples=25, deadline=None)
@given(blocks=st.lists(st.sampled_from(MARKDOWN), min_size=1, max_size=5, unique=True), post=st.sampled_from(MARKDOWN))
def test_whatever_markdown_a_section_holds_each_sentence_is_found_again(
    given_packet: Callable[[], Packet], blocks: list[str], post: str
) -> None:
    packet = in_post(in_section(given_packet(), "\n\n".join(blocks)), post)
    packet = packet.model_copy(update={"ledger": trace_packet(packet)})
    document = document_of(packet)
    page = write_html(document, packet)
    markdown = write_markdown(document)
    require_traced({"work-sample.html": page.encode(), "work-sample.md": markdown.encode()}, packet)
    assert [number for number in shown_sentences(packet) if f'id="said-{number}"' not in page] == []
