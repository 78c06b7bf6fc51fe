"""Each format, read back from the written file by a reader that is not ours."""

# ruff: noqa: ANN401, TID253 - a test reads Word files with docx, which is untyped

import itertools
import json
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import jsonschema
import pypdf
import pytest
from pypdf.generic import ArrayObject, DictionaryObject

from proofkit_core.export import read_packet
from proofkit_core.packet import Packet

NAMES = {
    "linkedin-post.txt",
    "packet.json",
    "provenance.json",
    "readiness.md",
    "resume-bullets.txt",
    "resume.json",
    "talking-points.md",
    "work-sample.docx",
    "work-sample.html",
    "work-sample.md",
    "work-sample.pdf",
    "your-inputs.md",
}
VOID = {"meta", "br", "input"}


def flat(text: str) -> str:
    return " ".join(text.split())


class Page(HTMLParser):
    """Collects tags and text, and checks that tags close in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text.append(" " if tag == "br" else "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    page = Page()
    page.feed((written / "work-sample.html").read_text(encoding="utf-8"))
    assert page.open == []
    return page


@pytest.fixture(scope="module")
def pdf(written: Path) -> pypdf.PdfReader:
    return pypdf.PdfReader(written / "work-sample.pdf")


@pytest.fixture(scope="module")
def word(written: Path) -> Any:
    return docx.Document(str(written / "work-sample.docx"))


def pdftotext(path: Path) -> str:
    program = shutil.which("pdftotext")
    if program is None:
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    done = subprocess.run([program, "-layout", path, "-"], capture_output=True, check=True, timeout=30)
    return done.stdout.decode()


def test_all_files_are_there_and_nothing_else(written: Path) -> None:
    assert {entry.name for entry in written.iterdir()} == NAMES
    assert {entry.name for entry in written.parent.iterdir()} == {"packet", "packet.zip"}


def test_the_zip_names_itself_a_simulated_work_sample(written: Path) -> None:
    with zipfile.ZipFile(written.parent / "packet.zip") as archive:
        folders = {Path(name).parent.as_posix() for name in archive.namelist()}
        assert folders == {"simulated-work-sample-risk-plan-pennagill-stores"}
        assert {Path(name).name for name in archive.namelist()} == NAMES
        assert all(archive.read(name) == (written / Path(name).name).read_bytes() for name in archive.namelist())


def test_the_packet_reads_back_as_it_was(written: Path, packet: Packet) -> None:
    assert read_packet(written) == packet
    assert read_packet(written / "packet.json") == packet
    assert json.loads((written / "packet.json").read_text(encoding="utf-8"))["schema"] == "proofkit.packet/2"


# HTML


def test_the_page_loads_nothing_and_runs_nothing(page: Page) -> None:
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "form"} == set()
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert all((attrs.get("href") or "#").startswith("#") for _, attrs in page.tags)


def test_the_page_has_landmarks_and_one_title(page: Page) -> None:
    names = [tag for tag, _ in page.tags]
    assert names.count("main") == names.count("h1") == 1
    assert ("html", {"lang": "en"}) in page.tags
    levels = [int(name[1]) for name in names if re.fullmatch(r"h[1-6]", name)]
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


def test_each_citation_leads_to_its_fact(page: Page) -> None:
    targets = {attrs["href"] for tag, attrs in page.tags if tag == "a"}
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert {"#fact-S1", "#fact-S2", "#fact-S3"} <= targets
    assert {str(target)[1:] for target in targets} <= set(ids)
    assert len(ids) == len(set(ids))


def test_header_cells_say_what_they_head(page: Page) -> None:
    scopes = [attrs.get("scope") for tag, attrs in page.tags if tag == "th" and "role" in attrs]
    assert scopes.count("col") == 6
    assert scopes.count("row") == 25


def test_markup_in_the_text_is_shown_in_the_page(page: Page) -> None:
    text = flat("".join(page.text))
    assert 'stays text: <script>alert("x")</script>, *not bold*, # no heading, a | b, 2 * 3' in text
    assert "bay booking <v2> at Pennagill Stores" in text
    assert "猫が好き" in text


def test_the_page_carries_the_disclosure_and_the_companions(page: Page, packet: Packet) -> None:
    text = flat("".join(page.text))
    assert text.count(packet.sample.disclosure) == 2
    assert all(item in text for item in packet.bullets.items)
    assert flat(packet.post.text) in text
    assert packet.talking_points.items[1].answer in text
    assert "rabbits in the loading bay stop two" in text


# Markdown and text


def test_the_markdown_carries_the_disclosure_under_its_title(written: Path, packet: Packet) -> None:
    lines = (written / "work-sample.md").read_text(encoding="utf-8").split("\n\n")
    assert lines[0] == r"# Risk plan: bay booking \<v2\> at Pennagill Stores"
    assert lines[1].strip("*") == packet.sample.disclosure.replace("…", "…")


def test_the_post_is_ready_to_paste(written: Path, packet: Packet) -> None:
    text = (written / "linkedin-post.txt").read_text(encoding="utf-8")
    assert text == packet.post.text + "\n"
    assert "a fictional company" in text


def test_the_bullets_stand_under_projects(written: Path, packet: Packet) -> None:
    lines = (written / "resume-bullets.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "Projects (simulated work samples)"
    assert [line[2:] for line in lines[2:]] == list(packet.bullets.items)
    assert all(line.startswith("- Simulated project") for line in lines[2:])


def test_the_talking_points_say_that_the_company_is_not_real(written: Path) -> None:
    text = (written / "talking-points.md").read_text(encoding="utf-8")
    assert "## Was this a real company?\n\nNo. Pennagill Stores is fictional." in text


def test_the_input_sheet_holds_everything_typed(written: Path, packet: Packet) -> None:
    text = (written / "your-inputs.md").read_text(encoding="utf-8")
    brief = packet.brief
    for typed in (brief.name, *brief.notes, "Shift lead, six years.", "I would rather go live late", "Ad text 猫"):
        assert typed in text
    assert r"\# Not a heading" in text
    assert "only the first 20,000 were used" in text
    assert "Recommendation: go (call.go)" in text


def test_the_readiness_sheet_tells_each_signal(written: Path) -> None:
    text = (written / "readiness.md").read_text(encoding="utf-8")
    assert text.startswith("# Readiness: nearly ready")
    assert "14 of 15" in text
    assert "spring" in text
    assert r"| Owners | 2 | 3 | no | a \| b | Name one. |" in text


# JSON


def test_the_resume_fits_the_json_resume_schema(written: Path) -> None:
    schema = json.loads((Path(__file__).parent / "data" / "json-resume.schema.json").read_text(encoding="utf-8"))
    resume = json.loads((written / "resume.json").read_text(encoding="utf-8"))
    jsonschema.validate(resume, schema)
    assert set(resume) == {"basics", "projects"}
    (project,) = resume["projects"]
    assert project["type"] == "simulated work sample"
    assert project["entity"] == "Fictional company"
    assert "is fictional" in project["description"]
    assert all("Simulated" in line for line in project["highlights"])
    assert project["x-proofkit"]["simulated"] is True


def test_the_provenance_holds_none_of_the_persons_words(written: Path, packet: Packet) -> None:
    text = (written / "provenance.json").read_text(encoding="utf-8")
    private = [packet.brief.background, packet.brief.name, *packet.brief.notes, *packet.brief.answers.values()]
    assert not any(words in text for words in private)
    assert "rabbits" not in text
    assert "secret detail" not in text
    data = json.loads(text)
    assert data["company"] == {"name": "Pennagill Stores", "fictional": True}
    assert data["disclosure"] == packet.sample.disclosure
    assert {file["name"] for file in data["files"]} == NAMES - {"provenance.json", "work-sample.pdf"}
    assert next(origin for origin in data["origins"] if origin["part"] == "post")["fallback"] == "echo"
    given = next(entry for entry in data["ledger"] if entry["kind"] == "the brief's" and entry["type"] == "number")
    assert re.search(r"\d", given["support"][0]["quote"])
    own = next(entry for entry in data["ledger"] if entry["kind"] == "yours")
    assert own["support"][0]["quote"] == ""
    assert re.fullmatch(r"[0-9a-f]{64}", own["support"][0]["quote_sha256"])


# PDF


def test_the_pdf_carries_the_disclosure_on_each_page(written: Path, pdf: pypdf.PdfReader, packet: Packet) -> None:
    pages = pdftotext(written / "work-sample.pdf").rstrip("\f").split("\f")
    assert len(pages) == len(pdf.pages) > 1
    assert all("Simulated work sample. Pennagill Stores is fictional" in flat(page) for page in pages)
    assert packet.sample.disclosure in flat(pages[0])


def test_the_pdf_says_what_it_is_in_its_properties(pdf: pypdf.PdfReader, packet: Packet) -> None:
    assert pdf.metadata is not None
    assert pdf.metadata.title == packet.sample.title
    assert pdf.metadata.author == packet.brief.name
    assert "simulated work sample" in str(pdf.metadata.keywords)
    assert pdf.xmp_metadata is not None
    assert "fictional" in str(pdf.xmp_metadata.dc_description)


def test_the_pdf_is_tagged_and_targets_pdf_ua(pdf: pypdf.PdfReader, written: Path) -> None:
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value
    assert root["/Lang"] == "en-GB"
    assert b"pdfuaid:part>1<" in (written / "work-sample.pdf").read_bytes()
    kinds = _kinds(root["/StructTreeRoot"])
    assert {"/H1", "/H2", "/H3", "/P", "/L", "/Table", "/TH", "/TD", "/BlockQuote", "/Link"} <= kinds


def _kinds(node: Any) -> set[str]:
    """The tags of a structure tree."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, ArrayObject):
        return set[str]().union(*(_kinds(node[i]) for i in range(len(node))))
    if not isinstance(node, DictionaryObject):
        return set()
    return {str(node["/S"]) if "/S" in node else ""} | (_kinds(node["/K"]) if "/K" in node else set())


def test_the_provenance_is_attached_to_the_pdf(pdf: pypdf.PdfReader, written: Path) -> None:
    assert pdf.attachments["provenance.json"] == [(written / "provenance.json").read_bytes()]


def test_markup_in_the_text_is_shown_in_the_pdf(written: Path) -> None:
    text = flat(pdftotext(written / "work-sample.pdf"))
    assert "<script>alert(" in text
    assert "#let x = 1, $x^2$, @label" in text
    assert "Привет" in text
    assert "שלום" in text or "םולש" in text


def test_header_rows_repeat_on_the_next_page(written: Path) -> None:
    pages = pdftotext(written / "work-sample.pdf").split("\f")
    assert "How it would" in pages[0]
    assert "How it would" in pages[1]


# Word


def test_the_word_file_has_real_headings_lists_and_tables(word: Any) -> None:
    styles = [paragraph.style.name for paragraph in word.paragraphs]
    assert styles[0] == "Title"
    assert styles.count("Heading 1") == 4
    assert styles.count("Heading 2") == 1
    assert styles.count("List Number") == 3
    assert styles.count("List Bullet 2") == 2
    assert "Quote" in styles
    (table,) = word.tables
    assert len(table.rows) == 26
    assert len(table.columns) == 6
    assert "tblHeader" in table.rows[0]._tr.xml
    assert all("cantSplit" in row._tr.xml for row in table.rows)


def test_the_word_file_carries_the_disclosure(word: Any, packet: Packet) -> None:
    texts = [paragraph.text for paragraph in word.paragraphs]
    assert packet.sample.disclosure in texts[1]
    assert "Pennagill Stores is fictional" in word.sections[0].footer.paragraphs[0].text
    properties = word.core_properties
    assert properties.title == packet.sample.title
    assert properties.subject == "Simulated work sample"
    assert "Pennagill Stores is fictional" in properties.comments
    assert "simulated work sample" in properties.keywords
    assert properties.language == "en-GB"
    assert properties.author == packet.brief.name


def test_markup_in_the_text_is_shown_in_word(word: Any) -> None:
    text = flat(" ".join(paragraph.text for paragraph in word.paragraphs))
    assert 'stays text: <script>alert("x")</script>, *not bold*, # no heading' in text
    assert "猫が好き" in text
    assert word.tables[0].rows[1].cells[2].text == "a bay is closed | nobody calls"


def test_word_links_each_citation_to_a_bookmark(word: Any) -> None:
    xml = word.element.xml
    anchors = set(re.findall(r'w:anchor="(fact_S\d+)"', xml))
    marks = re.findall(r'<w:bookmarkStart w:id="(\d+)" w:name="(fact_S\d+)"', xml)
    assert {"fact_S2", "fact_S3"} <= anchors <= {name for _, name in marks}
    assert len({number for number, _ in marks}) == len(marks)


def test_right_to_left_text_is_marked_in_word(word: Any) -> None:
    arabic = next(paragraph for paragraph in word.paragraphs if paragraph.text.startswith("مرحبا"))
    assert "<w:bidi/>" in arabic._p.xml
    assert "<w:rtl/>" in arabic._p.xml
