"""Which sentence a mark belongs to, and which words need one."""

from markdown_it import MarkdownIt

from proofkit_eval.claims import read_sentences

MARK = "<!-- claim: above a b on judges -->"


def found(markdown: str) -> list[tuple[int, str, int]]:
    return [(each.line, each.text, len(each.marks)) for each in read_sentences(markdown)]


def test_a_mark_belongs_to_the_sentence_before_it() -> None:
    text = f"A is fine. A lies above B. {MARK} C is fine too.\n"
    assert found(text) == [(1, "A lies above B.", 1)]


def test_several_marks_belong_to_one_sentence() -> None:
    assert found(f"A beats B and C. {MARK} {MARK}\n") == [(1, "A beats B and C.", 2)]


def test_a_sentence_goes_over_lines_and_a_mark_too() -> None:
    text = "Intro.\n\nThe tuned model\nbeats the base.\n<!-- claim:\n  above a b\n\n  on judges -->\n"
    (only,) = read_sentences(text)
    assert (only.line, only.text) == (3, "The tuned model beats the base.")
    assert only.marks == ("above a b on judges",)


def test_cells_entries_and_headings_end_a_sentence() -> None:
    text = f"# A beats B {MARK}\n\n- C ties D {MARK}\n- E is fine\n\n| x | y |\n|---|---|\n| q | F beats G {MARK} |\n"
    assert found(text) == [(1, "A beats B", 1), (3, "C ties D", 1), (8, "F beats G", 1)]


def test_code_holds_neither_marks_nor_words() -> None:
    text = f"```md\nA beats B {MARK}\n```\n\n~~~\nfaster\n~~~\n\nWrite `A beats B {MARK}` like this.\n"
    assert found(text) == []


def test_an_abbreviation_or_a_version_ends_no_sentence() -> None:
    assert found("It beats it, e.g. B by 0.5 points in v1.2. Fine.\n") == [
        (1, "It beats it, e.g. B by 0.5 points in v1.2.", 0)
    ]


def test_other_comments_are_no_marks() -> None:
    assert found("A is fine. <!-- a note: it beats all -->\n") == []


def test_words_that_compare_are_found() -> None:
    for text in (
        "A beats B.",
        "A outperforms B.",
        "A lies above B.",
        "A is ahead of B.",
        "A ties B.",
        "A is on par with B.",
        "A is 2 times as fast.",
        "A is FASTER.",
        "A is better than B.",
        "The scores of A are higher than those of B.",
    ):
        assert [each.text for each in read_sentences(text)] == [text], text


def test_places_on_the_page_and_knots_are_no_comparisons() -> None:
    for text in (
        "See above.",
        "As described above, A is fine.",
        "The table above is fine.",
        "Keep the above in mind.",
        "Above all, be honest.",
        "It listens on ports above 1024.",
        "A prompt is tied to weights.",
    ):
        assert read_sentences(text) == (), text


def test_a_mark_is_shown_by_no_renderer() -> None:
    html = MarkdownIt().render(f"A beats B. {MARK}\n")
    assert html.startswith("<p>A beats B. <!-- claim")
