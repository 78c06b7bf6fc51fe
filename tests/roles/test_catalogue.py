import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from proofkit_core.challenge.company import name_parts
from proofkit_core.challenge.draw import draw_challenge
from proofkit_core.roles.catalog import CatalogueRole, load_catalogue
from proofkit_core.roles.generic import load_generic_role
from proofkit_core.roles.lexical import title_words
from proofkit_core.samples.catalog import load_sample_types
from proofkit_core.scenario import ScenarioRecord, check_scenario, iter_lines
from proofkit_core.wording import sentences

FORBIDDEN = re.compile(
    r"\b(?:leverag\w*|seamless\w*|robust\w*|crucial\w*|ensur\w+ that|key stakeholders?|in order to|going forward|"
    r"artifacts?|artefacts?|my team|our clients?|I led|we achieved|synerg\w*|best[- ]in[- ]class|delve\w*)\b"
    r"|[\u2013\u2014\u2018\u2019\u201c\u201d!]",
    re.IGNORECASE,
)
AMERICAN = re.compile(
    r"\b(?:organi[z]\w*|analyz\w*|behavior\w*|colors?|colored|centers?|labor|favorite|favor|catalog|fulfill|enrollment|"
    r"traveler\w*|canceled|gray|neighbor\w*|prioritiz\w*|recogniz\w*|summariz\w*|apologiz\w*|honor|"
    r"practicing|defense|offense|jewelry|skillful|pediatric\w*|anesthe\w*)\b",
    re.IGNORECASE,
)
LEFTOVER = re.compile(r"\{[a-z_]*\}|\[[a-z_]+\]")
WORD = re.compile(r"[A-Za-z]{2,}")
SENTENCE_WORDS = 6


def scenarios() -> list[tuple[str, ScenarioRecord]]:
    found = [(entry.role.title, s) for entry in load_catalogue() for s in entry.role.scenarios]
    return found + [("Luthier", s) for s in load_generic_role().scenarios]


def role_texts(entry: CatalogueRole) -> Iterator[tuple[str, str]]:
    kept = entry.role.model_dump(exclude={"id", "aliases", "work_samples", "scenarios"})
    yield from iter_lines(kept, entry.role.id)


def scenario_texts(scenario: ScenarioRecord) -> Iterator[tuple[str, str]]:
    yield from iter_lines(scenario.model_dump(exclude={"id", "facts"}), scenario.id)
    for fact in scenario.facts:
        yield f"{scenario.id}.facts.{fact.key}", fact.text


def every_text() -> Iterator[tuple[str, str]]:
    for entry in load_catalogue():
        yield from role_texts(entry)
    for _, scenario in scenarios():
        yield from scenario_texts(scenario)


def test_catalogue_covers_sixty_roles_in_fifteen_families() -> None:
    catalogue = load_catalogue()
    assert len(catalogue) >= 60
    assert len({entry.family for entry in catalogue}) >= 15


def test_every_role_names_existing_work_samples() -> None:
    known = {sample.id for sample in load_sample_types()}
    named = {e.role.id: set(e.role.work_samples) for e in load_catalogue()}
    named["generic"] = set(load_generic_role().work_samples)
    assert {role: samples - known for role, samples in named.items() if samples - known} == {}
    assert [role for role, samples in named.items() if len(samples) != 3] == []


def test_no_name_belongs_to_two_roles() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for entry in load_catalogue():
        for name in (entry.role.title, *entry.role.aliases):
            owners[" ".join(title_words(name))].add(entry.role.id)
    assert {name: sorted(roles) for name, roles in owners.items() if len(roles) > 1} == {}


def test_no_role_repeats_one_of_its_own_names() -> None:
    for entry in load_catalogue():
        names = Counter(name.casefold() for name in (entry.role.title, *entry.role.aliases))
        assert [name for name, count in names.items() if count > 1] == [], entry.role.id


def test_every_name_has_words_to_match() -> None:
    assert [n for e in load_catalogue() for n in (e.role.title, *e.role.aliases) if not title_words(n)] == []


def test_scenario_ids_are_unique() -> None:
    counts = Counter(scenario.id for _, scenario in scenarios())
    assert [name for name, count in counts.items() if count > 1] == []


def test_no_text_uses_a_forbidden_phrase_or_mark() -> None:
    assert [(where, found.group()) for where, line in every_text() if (found := FORBIDDEN.search(line))] == []


def test_texts_are_spelt_the_british_way() -> None:
    assert [(where, found.group()) for where, line in every_text() if (found := AMERICAN.search(line))] == []


def test_no_sentence_stands_in_two_scenarios() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for _, scenario in scenarios():
        for _, line in scenario_texts(scenario):
            for piece in sentences(line):
                if len(WORD.findall(piece)) >= SENTENCE_WORDS:
                    owners[piece.casefold().rstrip(".")].add(scenario.id)
    assert {line: sorted(ids) for line, ids in owners.items() if len(ids) > 1} == {}


@pytest.mark.parametrize("title_and_scenario", scenarios(), ids=lambda pair: pair[1].id)
def test_every_scenario_draws_for_any_seed(title_and_scenario: tuple[str, ScenarioRecord]) -> None:
    title, scenario = title_and_scenario
    assert check_scenario(scenario) is None
    for seed in range(20):
        drawn = draw_challenge(scenario, role_title=title, brief_digest="0" * 64, seed=seed)
        lines = list(iter_lines(drawn.model_dump(exclude={"scenario_id": True, "material": {"facts"}}), ""))
        assert [line for _, line in lines if LEFTOVER.search(line)] == []
        assert not set(drawn.company.lower().split()) & set(name_parts()["real"])
        assert drawn.company in drawn.situation
