import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import proofkit_ui.web
from proofkit_core.errors import DataError
from proofkit_ui.web.words import Words, load_words

WEB = Path(proofkit_ui.web.__file__).parent
_QUOTED = re.compile(r"""["']([a-z_]+(?:\.[a-z0-9_{}-]+)*\.?)["'{]""")
_BANNED = re.compile(r"\b(artifacts?|LLMs?|prompts?|tokens?|backend|API)\b", re.IGNORECASE)


def _sources() -> Iterator[str]:
    for path in (*WEB.rglob("*.py"), *WEB.rglob("*.j2"), *WEB.rglob("*.js")):
        yield path.read_text(encoding="utf-8")


def test_no_words_are_left_over(w: Words) -> None:
    quoted = {found for text in _sources() for found in _QUOTED.findall(text)}
    prefixes = tuple(each for each in quoted if each.endswith((".", "_")))
    dynamic = {each.partition("{")[0] for each in quoted if "{" in each}
    prefixes += tuple(each for each in dynamic if each.endswith("."))
    assert [key for key in w.keys if key not in quoted and not key.startswith(prefixes)] == []


def test_every_key_that_a_template_names_is_there(w: Words) -> None:
    named = {
        key
        for path in WEB.rglob("*.j2")
        for key in re.findall(r"""\bw\(\s*["']([a-z_.0-9-]+)["']\s*[,)]""", path.read_text(encoding="utf-8"))
    }
    assert named
    assert sorted(key for key in named if key not in w) == []


def test_a_missing_key_and_a_missing_value_are_errors(w: Words) -> None:
    with pytest.raises(DataError, match=r"no words 'goal\.nothing'"):
        w("goal.nothing")
    with pytest.raises(DataError, match="most"):
        w("goal.too_long", got=1)


def test_one_and_many_are_told_apart(w: Words) -> None:
    assert w("goal.problems", n=1).startswith("One thing")
    assert w("goal.problems", n=3).startswith("3 things")


def test_values_are_never_taken_for_words() -> None:
    assert Words("en", {"a.b": "Hello {name}"})("a.b", name="{other}") == "Hello {other}"


def test_no_jargon_is_shown() -> None:
    words = load_words()
    texts = {key: text for key in words.keys for text in words.forms(key)}
    assert {key: text for key, text in texts.items() if _BANNED.search(text)} == {}
