"""Takes one piece out of the rules that are data at a time and lists the pieces that no sentence needs.

    uv run --group dev python benchmarks/rule_mutation.py [--only FILE ...] [--words N] [--seed N]

A piece is a row of `claims.toml` or `rules.toml`, an alternative of `scopes.toml`, or, of `words.toml`, a word in one
class that a scored sentence holds (a sample of N). A piece is needed if the verdict of at least one sentence of the
developed corpus or of the cases changes without it. Only the loaded data are changed, never the files.
"""

import argparse
import json
import random
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from copy import deepcopy
from functools import cache
from importlib import import_module, resources
from inspect import getsource
from pathlib import Path
from pkgutil import walk_packages
from runpy import run_path
from time import perf_counter
from typing import Any, NamedTuple
from unittest.mock import patch

import proofkit_core.integrity as rules
from proofkit_core.checking.rows import Row, row_ledger
from proofkit_core.integrity import Carrier, Disclosing, FactLedger, Verdict, review_text
from proofkit_core.integrity.claims import hits
from proofkit_core.integrity.claims.grammar import CompiledPattern, Grammar, load_grammar

TESTS = Path(__file__).parents[1] / "tests" / "integrity"
FILES = ("claims", "rules", "scopes", "words")
Data = dict[str, Any]


class Sentence(NamedTuple):
    """A text with all that its verdict depends on."""

    text: str
    facts: FactLedger
    carrier: Carrier
    disclosing: Disclosing


class Piece(NamedTuple):
    """What is taken out, and how."""

    file: str
    name: str
    drop: Callable[[Data], None]


def read_sentences() -> list[Sentence]:
    """Return the developed corpus and the cases."""
    sentences: list[Sentence] = []
    for path in sorted((TESTS / "corpus").glob("*.jsonl")):
        if not path.stem.startswith("held_out"):
            rows = map(Row.model_validate_json, path.read_text(encoding="utf-8").splitlines())
            sentences += [_sentence(row) for row in rows]
    conftest = run_path(str(TESTS / "conftest.py"))
    facts = FactLedger(
        user_facts=conftest["USER"], scenario_facts=conftest["SCENARIO"], company=conftest["COMPANY"], consent=()
    )
    for line in (TESTS / "cases" / "actions.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        sentences.append(Sentence(case["text"], facts, Carrier(case["carrier"]), Disclosing.ALWAYS))
    return sentences


def _sentence(row: Row) -> Sentence:
    disclosing = Disclosing.NEVER if row.context.doc_has_disclosure else Disclosing.WHERE_NAMED
    return Sentence(row.text, row_ledger(row.context), row.context.field, disclosing)


def read_data(name: str) -> Data:
    """Return a data file of the rules."""
    return tomllib.loads(resources.files(rules).joinpath("data", f"{name}.toml").read_text(encoding="utf-8"))


def iter_rules() -> Iterator[Piece]:
    """Yield the rows of `rules.toml`. Claims look theirs up, so it stays and counts nowhere."""
    for number, row in enumerate(read_data("rules")["rules"]):

        def silence(data: Data, number: int = number) -> None:
            data["rules"][number]["carriers"] = []

        yield Piece("rules", row["id"], silence)


def iter_alternatives() -> Iterator[Piece]:
    """Yield the alternatives of `scopes.toml`; the last of a key is changed to one that never matches."""
    for key, alternatives in read_data("scopes").items():
        for number, text in enumerate(alternatives):

            def drop(data: Data, key: str = key, number: int = number) -> None:
                data[key][number] = "(?!)"

            yield Piece("scopes", f"{key}: {text}", drop)


def iter_words(sentences: list[Sentence], count: int, seed: int) -> Iterator[Piece]:
    """Yield a sample of the words that a sentence holds, each in one class."""
    held = {word for sentence in sentences for word in re.findall(r"[a-z][a-z'-]*", sentence.text.lower())}
    raw = read_data("words")
    found = [
        (table, name, word)
        for table in ("words", "verbs")
        for name, text in raw[table].items()
        for word in dict.fromkeys(text.split())
        if held & {word, f"{word}d", f"{word}ed", f"{word}ing", f"{word}s"}
    ]
    for table, name, word in random.Random(seed).sample(found, min(count, len(found))):  # noqa: S311 - a sample

        def drop(data: Data, table: str = table, name: str = name, word: str = word) -> None:
            data[table][name] = " ".join(each for each in data[table][name].split() if each != word)

        yield Piece("words", f"{table}.{name}: {word}", drop)


@cache
def _cached_functions(file: str) -> tuple[Any, ...]:
    """Return the functions that remember what a data file says: those of its reader, and all where words change."""
    modules = [import_module(found.name) for found in walk_packages(rules.__path__, f"{rules.__name__}.")]
    readers = modules if file == "words" else [each for each in modules if f'"{file}.toml"' in getsource(each)]
    members = [member for module in readers for member in vars(module).values()]
    return tuple(member for member in members if callable(getattr(member, "cache_clear", None)))


def _forget(file: str) -> None:
    for function in _cached_functions(file):
        function.cache_clear()


def _loader(piece: Piece, loads: Callable[[str], Data]) -> Callable[[str], Data]:
    whole = read_data(piece.file)

    def load(text: str) -> Data:
        data = loads(text)
        if data == whole:
            data = deepcopy(data)
            piece.drop(data)
        return data

    return load


def review(sentence: Sentence) -> Verdict:
    """Return the verdict of a sentence."""
    text, facts, carrier, disclosing = sentence
    return review_text(text, facts=facts, carrier=carrier, disclosing=disclosing)


def is_needed(piece: Piece, sentences: list[Sentence], verdicts: list[Verdict]) -> bool:
    """Say whether a verdict changes without a piece; rules that cannot be loaded or run without it need it too."""
    _forget(piece.file)
    with patch.object(tomllib, "loads", _loader(piece, tomllib.loads)):
        try:
            return any(review(each) != before for each, before in zip(sentences, verdicts, strict=True))
        except Exception:  # noqa: BLE001 - whatever breaks, it breaks without the piece
            return True
        finally:
            _forget(piece.file)


class _Heard:
    """A pattern that remembers whether it matched."""

    def __init__(self, search: re.Pattern[str]) -> None:
        self._search = search
        self.matched = False

    def finditer(self, *place: Any) -> Iterator[re.Match[str]]:  # noqa: ANN401 - passed on as it is
        for match in self._search.finditer(*place):
            self.matched = True
            yield match


def _listened(pattern: CompiledPattern) -> tuple[_Heard, CompiledPattern]:
    heard = _Heard(pattern.search)
    return heard, pattern.model_copy(update={"search": heard})


def unneeded_claims(sentences: list[Sentence], verdicts: list[Verdict]) -> list[str]:
    """Return the rows of `claims.toml` that no sentence needs; only where a row matches can it matter."""
    grammar = load_grammar()
    heard, patterns = zip(*map(_listened, grammar.patterns), strict=True)
    places: list[list[int]] = [[] for _ in patterns]
    with _with_grammar(grammar.model_copy(update={"patterns": patterns})):
        for number, sentence in enumerate(sentences):
            for each in heard:
                each.matched = False
            review(sentence)
            for row, each in enumerate(heard):
                if each.matched:
                    places[row].append(number)
    unneeded: list[str] = []
    for row, pattern in enumerate(grammar.patterns):
        others = (*grammar.patterns[:row], *grammar.patterns[row + 1 :])
        with _with_grammar(grammar.model_copy(update={"patterns": others})):
            if all(review(sentences[number]) == verdicts[number] for number in places[row]):
                told = f"{len(places[row])} matches" if places[row] else "never matches"
                unneeded.append(f"[{row + 1}] {pattern.row.rule} ({told}): {pattern.row.pattern}")
    return unneeded


def _with_grammar(grammar: Grammar) -> AbstractContextManager[Any]:
    return patch.object(hits, "load_grammar", lambda: grammar)


def unneeded_pieces(pieces: list[Piece], sentences: list[Sentence], verdicts: list[Verdict]) -> list[str]:
    """Return the pieces that no sentence needs."""
    return [piece.name for piece in pieces if not is_needed(piece, sentences, verdicts)]


def report(name: str, count: int, unneeded: list[str], seconds: float) -> None:
    """Print the score of a data file and what no sentence needs."""
    print(f"{name:8} {count - len(unneeded)} of {count} needed ({1 - len(unneeded) / count:.1%}), {seconds:.0f} s")
    print("".join(f"  {each}\n" for each in unneeded), end="", flush=True)


def main() -> None:
    """Take each piece out and report."""
    parser = argparse.ArgumentParser(description="Lists the data of the integrity rules that no sentence needs.")
    parser.add_argument("--only", nargs="*", choices=FILES, default=FILES, help="data files to change")
    parser.add_argument("--words", type=int, default=200, help="how many words are taken out")
    parser.add_argument("--seed", type=int, default=0, help="which words")
    args = parser.parse_args()
    sentences = read_sentences()
    verdicts = [review(each) for each in sentences]
    sources: dict[str, Callable[[], Iterator[Piece]]] = {
        "rules": iter_rules,
        "scopes": iter_alternatives,
        "words": lambda: iter_words(sentences, args.words, args.seed),
    }
    for name in args.only:
        began = perf_counter()
        if name == "claims":
            count, unneeded = len(load_grammar().patterns), unneeded_claims(sentences, verdicts)
        else:
            pieces = list(sources[name]())
            count, unneeded = len(pieces), unneeded_pieces(pieces, sentences, verdicts)
        report(name, count, unneeded, perf_counter() - began)


if __name__ == "__main__":
    main()
