"""A marked sentence stands or falls with what is worked out again."""

from pathlib import Path

import pytest

from proofkit_core.errors import InputError
from proofkit_eval.claims import ClaimReport, PublishedEvidence, check_claims, claims_markdown
from proofkit_eval.published import load_published

EVIDENCE = {"log": PublishedEvidence(load_published())}


def check(tmp_path: Path, sentence: str, *marks: str) -> ClaimReport:
    path = tmp_path / "page.md"
    path.write_text(sentence + "".join(f" <!-- claim: {mark} -->" for mark in marks) + "\n", encoding="utf-8")
    return check_claims([path], EVIDENCE)


@pytest.mark.parametrize(
    ("sentence", "mark", "verdict"),
    [
        ("The student lies above its base.", "above distilled base-0.5b on final", "supported"),
        ("The base lies below the student.", "below base-0.5b distilled on final", "supported"),
        ("The student beats the 3B.", "above distilled base-3b on final", "unsupported"),
        ("The student ties its teacher.", "ties distilled teacher on final within 3", "unsupported"),
        ("Nobody knows whether the student beats the 3B.", "open distilled base-3b on final", "supported"),
        ("Nobody knows whether one lies above the other.", "open distilled base-0.5b on final", "unsupported"),
        ("The teacher reaches 76.7.", "value teacher on final is 76.7", "supported"),
        ("The teacher reaches 76.8.", "value teacher on final is 76.8", "unsupported"),
        ("They wrote that it ties.", "quoted", "quoted"),
        ("A pool of water above the ground.", "none", "quoted"),
        ("The student ties its teacher.", "ties distilled teacher on final within 30", "unreadable"),
        ("The student beats x.", "above distilled x on final", "unreadable"),
        ("The student beats x.", "above distilled teacher on words", "unreadable"),
        ("The student beats x.", "above distilled teacher on final from nowhere", "unreadable"),
        ("The student beats x.", "better distilled teacher", "unreadable"),
    ],
)
def test_what_a_mark_comes_to(tmp_path: Path, sentence: str, mark: str, verdict: str) -> None:
    report = check(tmp_path, sentence, mark)
    assert [each.verdict for each in report.checked] == [verdict]
    assert report.ok is (verdict in {"supported", "quoted"})
    assert report.checked[0].why


def test_a_sentence_may_not_say_more_than_its_mark(tmp_path: Path) -> None:
    report = check(tmp_path, "The student is faster than the base.", "above distilled base-0.5b on final")
    assert [each.verdict for each in report.checked] == ["supported", "unsupported"]
    assert "says 'faster', and none of its marks is about that" in report.checked[1].why


def test_an_open_question_may_not_be_told_as_a_result(tmp_path: Path) -> None:
    report = check(tmp_path, "The student beats the 3B.", "open distilled base-3b on final")
    assert not report.ok


def test_a_sentence_without_a_mark_is_listed_and_fails_nothing(tmp_path: Path) -> None:
    report = check(tmp_path, "The student beats the 3B.")
    assert report.ok
    assert [(each.line, each.why) for each in report.unmarked] == [(1, "says 'beats' and has no mark")]
    assert "## Without a mark (1)" in claims_markdown(report)


def test_the_reason_carries_the_figures(tmp_path: Path) -> None:
    (found,) = check(tmp_path, "It ties.", "ties teacher distilled on final within 3").checked
    assert found.why == (
        "teacher less distilled on final: +0.133, 90% from -9.65 to +9.92, margin 3, p 0.31, n 3, not planned"
    )


def test_folders_are_read_and_a_path_to_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.md").write_text("A beats B.\n", encoding="utf-8")
    assert len(check_claims([tmp_path], EVIDENCE).unmarked) == 1
    with pytest.raises(InputError, match="there is no file or folder"):
        check_claims([tmp_path / "nowhere"], EVIDENCE)
    (tmp_path / "odd.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read as UTF-8"):
        check_claims([tmp_path], EVIDENCE)


def test_without_any_comparison_the_report_says_so(tmp_path: Path) -> None:
    assert claims_markdown(check(tmp_path, "All is well.")) == "No sentence compares models.\n"
