"""Checking files against a brief and a packet, and writing the safe changes."""

import json
import shutil
from pathlib import Path
from typing import Any

import docx  # noqa: TID253 - the reader under test loads it anyway
import pytest

from proofkit_core.brief_file import load_brief
from proofkit_core.checking import Asked, CheckReport, Row, check_opened, check_row, fix_file, open_file, open_text
from proofkit_core.checking.fixing import write_fixed
from proofkit_core.checking.grounds import drawn_challenge
from proofkit_core.errors import InputError, OutputPathError, PacketFileError
from proofkit_core.export import read_packet, write_packet
from proofkit_core.integrity import Action, Carrier, Outcome
from proofkit_core.making import Workshop, make_packet
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_prompts import load_contract

BRIEF = """target_role = "Project manager"
background = "Shift lead in a warehouse, six years. I cut our Saturday stock count from five hours to three."
notes = ["I trained 12 new starters"]
"""
TRUE = "I cut our Saturday stock count from five hours to three."
LOOSE = "Costs would fall by 37%."
LABELLED = check_row(Row(id="", text=LOOSE)).text
BLOCKED = "I am PMP certified."


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a brief, and a packet that was made from it with another seed than the default."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "brief.toml").write_text(BRIEF, encoding="utf-8")
    workshop = Workshop(contract=load_contract("v1"), index=build_index(load_catalogue()), product_version="0")
    write_packet(make_packet(load_brief(folder / "brief.toml").brief, workshop, seed=3), folder / "packet")
    return folder


@pytest.fixture
def desk(written: Path, tmp_path: Path) -> Path:
    shutil.copytree(written, tmp_path / "desk")
    return tmp_path / "desk"


def asked(desk: Path) -> Asked:
    return Asked(brief=desk / "brief.toml")


def check(path: Path, how: Asked | None = None, carrier: Carrier | None = None) -> CheckReport:
    return check_opened(open_file(path, how or Asked(), carrier=carrier)).report


def put(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def test_a_packet_is_clean_in_every_file(desk: Path) -> None:
    report = check(desk / "packet")
    assert (report.outcome, report.findings) == (Outcome.CLEAN, ())
    assert len(report.checked_files) == 9
    assert report.counts.found > 9


FILES = ("work-sample.md", "linkedin-post.txt", "resume-bullets.txt", "talking-points.md")


@pytest.mark.parametrize("name", FILES)
def test_a_claim_put_into_a_file_of_a_packet_is_found_at_its_place(desk: Path, name: str) -> None:
    path = desk / "packet" / name
    text = path.read_text(encoding="utf-8")
    put(path, f"{text}\nÄ 🙂. {BLOCKED}\n")
    (finding,) = check(path).findings
    assert (finding.line, finding.column) == (text.count("\n") + 2, len("Ä 🙂. ") + 1)
    assert finding.action is Action.FLAG
    assert finding.suggestion is None
    assert [each.file for each in check(desk / "packet").findings] == [str(path)]


def test_a_claim_put_into_packet_json_is_found_at_its_path_and_fixed_in_place(desk: Path) -> None:
    path = desk / "packet" / "packet.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["post"]["text"] += f' He said "yes".\n{LOOSE}'
    put(path, json.dumps(data, ensure_ascii=False, indent=2))
    (finding,) = check(path).findings
    assert finding.where == "post.text"
    line = path.read_text(encoding="utf-8").split("\n")[finding.line - 1]
    assert line[finding.column - 1 :].startswith("37%")
    _, fixed = fix_file(open_file(path, Asked()), path)
    data["post"]["text"] = data["post"]["text"].replace(LOOSE, LABELLED)
    assert json.loads(path.read_text(encoding="utf-8")) == data
    assert fixed.left.findings == ()


def test_a_claim_put_into_the_word_and_html_files_is_found(desk: Path) -> None:
    word = desk / "packet" / "work-sample.docx"
    document: Any = docx.Document(str(word))
    document.add_paragraph(BLOCKED)
    document.save(str(word))
    page = desk / "packet" / "work-sample.html"
    put(page, page.read_text(encoding="utf-8").replace("</article>", "<p>I am <b>PMP</b>\ncertified.</p></article>"))
    found = {Path(each.file).name: each for each in check(desk / "packet").findings}
    assert set(found) == {"work-sample.docx", "work-sample.html"}
    assert found["work-sample.docx"].where.startswith("paragraph ")
    text = page.read_text(encoding="utf-8")
    place = found["work-sample.html"]
    assert text.split("\n")[place.line - 1][place.column - 1 :].startswith("I am <b>PMP</b>")


def test_the_pdf_of_a_packet_is_read_as_the_packet_says_and_another_one_by_its_layout(desk: Path) -> None:
    sample = desk / "packet" / "work-sample.pdf"
    title = read_packet(desk / "packet").sample.title
    (known,) = open_file(sample, Asked()).sources
    assert known.text.startswith(f"# {title}\n")
    shutil.copy(sample, desk / "packet" / "copy.pdf")
    (guessed,) = open_file(desk / "packet" / "copy.pdf", Asked()).sources
    assert guessed.text.startswith(f"# {title}\n")
    assert guessed.marks[0].label == "page 1"
    paragraph = read_packet(desk / "packet").sample.sections[0].markdown.split("\n\n")[0]
    assert " ".join(paragraph.split())[:80] in " ".join(guessed.text.split())


def test_the_facts_of_the_packet_that_a_file_lies_in_count(desk: Path) -> None:
    packet = read_packet(desk / "packet")
    draft = f"{packet.challenge.company} is fictional. {packet.challenge.situation}\n"
    assert check(put(desk / "packet" / "draft.md", draft)).findings == ()
    assert check(put(desk / "draft.md", draft), Asked(packet=desk / "packet")).findings == ()
    assert check(put(desk / "draft.md", draft), Asked(brief=desk / "brief.toml", seed=3)).findings == ()
    other = check(put(desk / "draft.md", draft), asked(desk))
    assert [notice for notice in other.notices if "does not name" in notice]


def test_without_a_packet_the_exercise_of_the_brief_counts_where_its_company_is_named(desk: Path) -> None:
    challenge = drawn_challenge(load_brief(desk / "brief.toml").brief, 0)
    about = put(desk / "about.md", f"A simulated sample. {challenge.company.upper()} is fictional. {TRUE}")
    assert check(about, asked(desk)).notices == ()
    own = put(desk / "own.md", TRUE)
    assert len(check(own, asked(desk)).notices) == 1
    assert check(own, Asked(brief=desk / "brief.toml", seed=0)).notices == ()


def test_a_newer_brief_speaks_for_the_person_and_the_packet_for_the_exercise(desk: Path) -> None:
    newer = put(desk / "newer.toml", f'{BRIEF}weak_spots = ["budgets"]\nresume = "I am PMP certified."\n')
    post = desk / "packet" / "linkedin-post.txt"
    put(post, f"{post.read_text(encoding='utf-8')}\n{BLOCKED}\n")
    assert not check(post).is_supported
    report = check(post, Asked(brief=newer))
    assert report.is_supported
    assert "not the one that the packet was made from" in " ".join(report.notices)


def test_a_text_without_any_facts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no facts to check the text against"):
        open_file(put(tmp_path / "own.md", TRUE), Asked())


def test_a_folder_that_is_no_packet_is_refused(desk: Path) -> None:
    with pytest.raises(PacketFileError):
        open_file(desk, asked(desk))


def test_a_packet_of_another_version_is_told(desk: Path) -> None:
    lone = put(desk / "lone.json", '{"schema": "proofkit.packet/0"}')
    with pytest.raises(PacketFileError, match=r"proofkit\.packet/0"):
        open_file(lone, asked(desk))


def test_a_sentence_that_blocks_does_not_hide_what_can_be_done_about_the_others(desk: Path) -> None:
    text = f"{TRUE} {LOOSE} {BLOCKED}\n\n- {LOOSE}\n- {BLOCKED}\n"
    report = check(put(desk / "own.md", text), asked(desk), Carrier.SECTION)
    assert report.outcome is Outcome.BLOCKED
    assert [each.suggestion and each.suggestion.after for each in report.findings] == [LABELLED, None, LABELLED, None]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
def test_a_fix_changes_the_words_alone_and_keeps_the_text_as_it_was(desk: Path, end: str, bom: bytes) -> None:
    before = bom + end.join(["\t🙂 A post.", "", f"**{LOOSE}**", "", BLOCKED, ""]).encode()
    path = desk / "own.txt"
    path.write_bytes(before)
    path.chmod(0o640)
    found, fixed = fix_file(open_file(path, asked(desk)), path)
    assert path.read_bytes() == before.replace(LOOSE.encode(), LABELLED.encode())
    assert Path(fixed.kept_as) == desk / "own.txt.bak"
    assert (desk / "own.txt.bak").read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o640
    assert [(each.line, each.column) for each in found.findings] == [(3, 23), (5, 1)]
    assert [each.quote for each in fixed.left.findings] == ["I am PMP certified"]
    assert sorted(each.name for each in desk.iterdir() if each.name.startswith(".")) == []


def test_a_second_fix_keeps_the_first_copy(desk: Path) -> None:
    path = put(desk / "own.md", LOOSE)
    fix_file(open_file(path, asked(desk)), path)
    put(path, f"{LABELLED} {LOOSE}")
    _, fixed = fix_file(open_file(path, asked(desk)), path)
    assert Path(fixed.kept_as).name == "own.md.2.bak"
    assert (desk / "own.md.bak").read_text(encoding="utf-8") == LOOSE


def test_a_fix_with_nothing_to_change_writes_nothing(desk: Path) -> None:
    path = put(desk / "own.md", BLOCKED)
    _, fixed = fix_file(open_file(path, asked(desk)), path)
    assert (fixed.changes, fixed.kept_as) == (0, "")
    assert not (desk / "own.md.bak").exists()


def test_a_fix_follows_a_link(desk: Path) -> None:
    target = put(desk / "real.md", LOOSE)
    link = desk / "link.md"
    link.symlink_to(target)
    fix_file(open_file(link, asked(desk)), link)
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == LABELLED


def test_a_file_that_was_changed_meanwhile_is_left_alone(desk: Path) -> None:
    path = put(desk / "own.md", "newer")
    with pytest.raises(OutputPathError, match="was changed while it was checked"):
        write_fixed(path, b"older", "fixed")
    assert path.read_text(encoding="utf-8") == "newer"


@pytest.mark.parametrize("name", ["work-sample.docx", "work-sample.pdf", "work-sample.html", ""])
def test_what_cannot_be_changed_in_place_is_refused(desk: Path, name: str) -> None:
    path = desk / "packet" / name
    opened = open_file(path, Asked())
    before = {each: each.read_bytes() for each in (desk / "packet").iterdir()}
    with pytest.raises(InputError, match="--fix changes"):
        fix_file(opened, path)
    assert {each: each.read_bytes() for each in (desk / "packet").iterdir()} == before


def test_a_post_gets_its_disclosure_with_the_line_ends_of_its_file(desk: Path) -> None:
    company = read_packet(desk / "packet").challenge.company
    path = desk / "packet" / "linkedin-post.txt"
    path.write_bytes(f"I wrote a plan for {company}.\r\nAsk me about it.\r\n".encode())
    found, fixed = fix_file(open_file(path, Asked()), path)
    assert [each.action for each in found.findings] == [Action.DISCLOSE]
    assert fixed.left.is_supported
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")


def test_standard_input_is_checked_as_a_section(desk: Path) -> None:
    report = check_opened(open_text(f"x\n{LOOSE}".encode(), asked(desk))).report
    assert [(each.file, each.line, each.column) for each in report.findings] == [("standard input", 2, 21)]


def test_what_the_person_says_a_text_is_wins_over_its_name(desk: Path) -> None:
    company = read_packet(desk / "packet").challenge.company
    path = put(desk / "own.md", f"I wrote a plan for {company}.")
    how = Asked(packet=desk / "packet")
    assert [each.action for each in check(path, how).findings] == [Action.DISCLOSE]
    assert check(path, how, Carrier.SECTION).findings == ()
