"""The export guard: every carrier is read back, and nothing is written while one of them lacks its disclosure."""

import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping

from pydantic import BaseModel

from proofkit_core.errors import ExportRefusedError
from proofkit_core.export.archive import DAMAGED_ZIP, read_up_to

_POST_WORDS = re.compile(
    r"\bfictional\b|\bfictitious\b|\bsimulated\b|\bpractice piece\b|\bdoes not exist\b|\binvented (?:company|case)\b",
    re.IGNORECASE,
)
_STRANGE_JSON = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""How reading a file fails that is no JSON, or JSON of another shape."""
_BULLET_WORD = re.compile(r"\bsimulated\b", re.IGNORECASE)
_REAL_QUESTION = re.compile(r"\breal\b|\bexist|\bfictional\b|\bactual\b", re.IGNORECASE)
_TAG = re.compile(r"<style\b[^<>]*>[^<]*</style>|<[^<>]+>")
"""Every part of it ends at the next `<`, so that a page of nothing but `<` is read in linear time."""
_MARKDOWN_ESCAPE = re.compile(r"\\([\\`*_\[\]<>|~#+.\-()&=])")
_MAX_WORD_TEXT = 20_000_000
_WORD_TEXT = re.compile(r"(</w:p>|<w:(?:tab|br)\b[^>]*>|<w:t(?:\s[^>]*)?>([^<]*)</w:t>)")


class Expected(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The words that must be found."""

    sentence: str
    """The whole disclosure, in every document."""
    page_line: str
    """The short one, on every page."""
    company: str


def require_disclosures(files: Mapping[str, bytes], expected: Expected) -> None:
    """Read each carrier back and refuse the export if one lacks its disclosure.

    Args:
        files: The rendered carriers by file name; the PDF is given as the text handed to its writer.
        expected: The words to find.

    Raises:
        ExportRefusedError: Names the first carrier that lacks its disclosure.
    """
    for name, data in files.items():
        missing = missing_disclosure(name, data, expected)
        if missing:
            raise ExportRefusedError(
                f"{name} lacks its disclosure: {missing}. Expected every carrier to say that {expected.company} is "
                "fictional and the work simulated. Nothing was written; put the disclosure back and export again."
            )


def missing_disclosure(name: str, data: bytes, expected: Expected) -> str:
    """Return what a carrier lacks, in words; empty when nothing.

    Args:
        name: The carrier's file name.
        data: Its content.
        expected: The words to find.
    """
    check = _CHECKS.get(name)
    return check(data, expected) if check else ""


def flat(text: str) -> str:
    """Return text with single spaces, for searching."""
    return " ".join(text.split())


def html_text(page: str) -> str:
    """Return what a reader sees of an HTML page."""
    head, _, body = page.partition("</head>")
    return html.unescape(_TAG.sub(" ", body or head))


def word_text(data: bytes, part: str) -> str:
    """Return the text of one part of a Word file, such as `word/document.xml`; empty if none can be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.startswith(part)]
            parts: list[bytes] = []
            for entry in entries:
                parts.append(read_up_to(archive, entry, _MAX_WORD_TEXT + 1))
                if sum(map(len, parts)) > _MAX_WORD_TEXT:
                    return ""
            xml = b"\n".join(parts).decode()
    except DAMAGED_ZIP:
        return ""
    pieces = ("\n" if found.startswith("</w:p>") else words or " " for found, words in _WORD_TEXT.findall(xml))
    return html.unescape("".join(pieces))


def _has(text: str, sentence: str) -> bool:
    return flat(sentence) in flat(text)


def _sentence_in(text: str, expected: Expected) -> str:
    return "" if _has(text, expected.sentence) else "the sentence “Simulated work sample. …” is not in its text"


def _document_markdown(data: bytes, expected: Expected) -> str:
    return _sentence_in(_MARKDOWN_ESCAPE.sub(r"\1", data.decode()), expected)


def _page(data: bytes, expected: Expected) -> str:
    return _sentence_in(html_text(data.decode()), expected)


def _word(data: bytes, expected: Expected) -> str:
    if not _has(word_text(data, "word/document.xml"), expected.sentence):
        return "the sentence “Simulated work sample. …” is not in its text"
    return "" if _has(word_text(data, "word/footer"), expected.page_line) else "its footer does not carry it"


def _pdf_input(data: bytes, expected: Expected) -> str:
    try:
        page = json.loads(data)
    except ValueError:
        return "its text could not be read"
    body = "".join(run["text"] for run in page["disclosure"]["runs"])
    if not _has(body, expected.sentence):
        return "the sentence “Simulated work sample. …” is not in its text"
    return "" if _has(page["footer"], expected.page_line) else "its footer does not carry it"


def _post(data: bytes, _: Expected) -> str:
    found = _POST_WORDS.search(data.decode())
    return "" if found else "it does not say that the company is fictional or the work simulated"


def _bullets(data: bytes, _: Expected) -> str:
    heading, _blank, rest = data.decode().partition("\n\n")
    if not _BULLET_WORD.search(heading):
        return "its heading does not say “simulated”"
    bare = [line for line in rest.splitlines() if line.strip() and not _BULLET_WORD.search(line)]
    return f"the bullet “{bare[0].removeprefix('- ')[:60]}” does not say “Simulated”" if bare else ""


def _talking_points(data: bytes, expected: Expected) -> str:
    text = _MARKDOWN_ESCAPE.sub(r"\1", data.decode())
    missing = _sentence_in(text, expected)
    if missing:
        return missing
    for piece in text.split("\n## ")[1:]:
        question, _, answer = piece.partition("\n")
        if _REAL_QUESTION.search(question) and expected.company in answer and _POST_WORDS.search(answer):
            return ""
    return "no answer says that the company is not real"


def _resume(data: bytes, expected: Expected) -> str:
    try:
        resume = json.loads(data)
        projects = resume["projects"]
        if "work" in resume:
            return "it lists the sample as work"
        for project in projects:
            if project["type"] != "simulated work sample" or not _has(project["description"], expected.sentence):
                return "a project is not labelled as simulated"
            if not all(_BULLET_WORD.search(line) for line in project["highlights"]):
                return "a highlight does not say “Simulated”"
    except _STRANGE_JSON:
        return "its projects could not be read"
    return "" if projects else "it holds no project"


def _packet(data: bytes, expected: Expected) -> str:
    try:
        found = json.loads(data)["sample"]["disclosure"]
    except _STRANGE_JSON:
        return "its disclosure could not be read"
    return _sentence_in(str(found), expected)


def _provenance(data: bytes, expected: Expected) -> str:
    try:
        found = json.loads(data)
        disclosed = _has(found["disclosure"], expected.sentence) and found["company"]["fictional"] is True
    except _STRANGE_JSON:
        return "its disclosure could not be read"
    return "" if disclosed else "it does not say that the company is fictional"


_CHECKS: dict[str, Callable[[bytes, Expected], str]] = {
    "packet.json": _packet,
    "work-sample.md": _document_markdown,
    "work-sample.html": _page,
    "work-sample.docx": _word,
    "work-sample.pdf": _pdf_input,
    "linkedin-post.txt": _post,
    "resume-bullets.txt": _bullets,
    "talking-points.md": _talking_points,
    "resume.json": _resume,
    "provenance.json": _provenance,
}
