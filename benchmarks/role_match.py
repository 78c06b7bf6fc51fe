"""How well a typed role is matched: by words, by meaning, and by both, on `tests/roles/queries.jsonl`.

Run it as `python benchmarks/role_match.py`. The rows by meaning need the extra `semantic`; without it they are left out
and the reason is printed. A covered query counts if its role comes first and is taken; an uncovered one counts if no
role is taken. Thresholds were set on the tuned part only.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from proofkit_core.errors import ModelUnavailableError
from proofkit_core.generation import Embedder, ModelIdentity
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import RoleIndex, add_vectors, build_index
from proofkit_core.roles.match import MEANING_THRESHOLD, RoleQuery, match_role
from proofkit_core.roles.ranking import rank_by_meaning
from proofkit_serve.embedders.sentence_transformers import open_sentence_transformers

QUERIES = Path(__file__).parents[1] / "tests" / "roles" / "queries.jsonl"
KINDS = ("exact", "synonym", "seniority", "misspelling", "ad-title", "covered", "uncovered")
Matcher = Callable[[str], str | None]


class Case(NamedTuple):
    """One labelled query."""

    query: str
    expect: str | None
    kind: str
    split: str


class RememberingEmbedder:
    """Encodes all queries at once and looks them up later, so that the encoder's own time stays out of the figures."""

    def __init__(self, inner: Embedder, texts: Sequence[str]) -> None:
        """Encode the texts."""
        self._inner = inner
        self._known = dict(zip(texts, inner.embed(texts), strict=True))

    @property
    def identity(self) -> ModelIdentity:
        """Return which weights encode."""
        return self._inner.identity

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector a text, in order."""
        return [self._known[text] if text in self._known else self._inner.embed([text])[0] for text in texts]


def read_cases() -> list[Case]:
    """Return the labelled queries."""
    return [Case(**json.loads(line)) for line in QUERIES.read_text(encoding="utf-8").splitlines()]


def by_match(index: RoleIndex, embedder: Embedder | None) -> Matcher:
    """Return the matcher that the program uses."""

    def matched(query: str) -> str | None:
        found = match_role(RoleQuery(target_role=query), index, embedder=embedder).role
        return found.role.id if found else None

    return matched


def by_meaning(index: RoleIndex, embedder: Embedder) -> Matcher:
    """Return a matcher that looks at vectors alone."""

    def matched(query: str) -> str | None:
        scores = rank_by_meaning(query, index, embedder)
        best = max(range(len(scores)), key=lambda position: scores[position].score)
        return index.entries[best].role.id if scores[best].score >= MEANING_THRESHOLD else None

    return matched


def show(name: str, matcher: Matcher, cases: list[Case]) -> None:
    """Print one row for each split."""
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    times: list[float] = []
    for case in cases:
        start = perf_counter()
        got = matcher(case.query)
        times.append(perf_counter() - start)
        right[case.split, case.kind].append(got == case.expect)
        if case.expect is not None:
            right[case.split, "covered"].append(got == case.expect)
    for split in ("tuned", "held-out"):
        cells = (right[split, kind] for kind in KINDS)
        figures = "".join(f"{sum(cell) / len(cell):>12.1%}" for cell in cells)
        print(f"{name:<10}{split:<10}{figures}{median(times) * 1000:>10.1f}{max(times) * 1000:>10.1f}")


def main() -> None:
    """Measure and print."""
    cases = read_cases()
    start = perf_counter()
    index = build_index(load_catalogue())
    print(
        f"{len(index.entries)} roles, {len(cases)} queries; data and index in {(perf_counter() - start) * 1000:.0f} ms"
    )
    print(f"{'':<20}{''.join(f'{kind:>12}' for kind in KINDS)}{'median ms':>10}{'max ms':>10}")
    show("words", by_match(index, None), cases)
    try:
        encoder = open_sentence_transformers()
    except ModelUnavailableError as error:
        print(f"meaning and both are left out: {error}")
        return
    embedder = RememberingEmbedder(encoder, [case.query for case in cases])
    full = add_vectors(index, encoder)
    show("meaning", by_meaning(full, embedder), cases)
    show("both", by_match(full, embedder), cases)


if __name__ == "__main__":
    main()
