"""Reads the hand-written cases and says at once where one breaks its form."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from proofkit_core.roles.catalog import CatalogueRole, load_catalogue
from proofkit_core.samples.catalog import load_sample_types
from proofkit_core.samples.records import SampleType
from proofkit_core.scenario import CITATION, PLACEHOLDER, ScenarioRecord
from proofkit_train.data.case import Case
from proofkit_train.errors import MaterialError

ALWAYS_KNOWN = frozenset({"company", "own"})
_MARKERS = frozenset({"@notes", "@answers", "@par"})
_IF = re.compile(r"^(?P<id>[a-z][a-z0-9_-]*)\? ")


def material_folder() -> Traversable:
    """Return where the hand-written material lies in the package."""
    return files("proofkit_train").joinpath("material")


def load_cases() -> tuple[Case, ...]:
    """Return all cases of the package, in order of family and file name.

    Raises:
        MaterialError: A case breaks its form.
    """
    families = sorted(material_folder().joinpath("cases").iterdir(), key=lambda item: item.name)
    sources = [source for family in families if family.is_dir() for source in _toml_files(family)]
    return tuple(read_case(source) for source in sources)


def _toml_files(folder: Traversable) -> list[Traversable]:
    return sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)


def read_case(source: Traversable | Path) -> Case:
    """Read one case and check it against the catalogue.

    Raises:
        MaterialError: It is no TOML, breaks its form, or names something that does not exist.
    """
    try:
        data: dict[str, Any] = tomllib.loads(source.read_text(encoding="utf-8"))
        case = Case.model_validate({"id": source.name.removesuffix(".toml"), **data}, strict=False)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise MaterialError(
            f"case {source.name}: {error}. Mend the file; the package's README shows its form."
        ) from error
    problems = list(_problems(case))
    if problems:
        raise MaterialError(f"case {source.name}: {'; '.join(problems)}. Mend the file.")
    return case


def role_of(case: Case) -> CatalogueRole:
    """Return the catalogue's role of a case."""
    found = next((entry for entry in load_catalogue() if entry.role.id == case.role), None)
    if found is None:
        raise MaterialError(
            f"case {case.id}: got the role {case.role!r}, expected an id of the catalogue. Mend `role`."
        )
    return found


def scenario_of(case: Case) -> ScenarioRecord:
    """Return the catalogue's scenario of a case."""
    scenarios = role_of(case).role.scenarios
    found = next((scenario for scenario in scenarios if scenario.id == case.scenario), None)
    if found is None:
        known = ", ".join(scenario.id for scenario in scenarios)
        raise MaterialError(f"case {case.id}: got the scenario {case.scenario!r}, expected one of {known}.")
    return found


def sample_of(case: Case) -> SampleType:
    """Return the type of work sample of a case."""
    found = next((sample for sample in load_sample_types() if sample.id == case.sample), None)
    if found is None:
        raise MaterialError(f"case {case.id}: got the work sample {case.sample!r}, expected an id of the sample types.")
    return found


def _problems(case: Case) -> Iterator[str]:
    scenario, sample = scenario_of(case), sample_of(case)
    sections = {section.id: {question.id for question in section.questions} for section in sample.sections}
    notes = {note.id for note in case.note}
    named = [*case.section, *(s for r in case.review for s in r.draft), *(r.section for r in case.revise)]
    for name in dict.fromkeys(named):
        if name not in sections:
            yield f"no section {name!r} in {sample.id}, which has {', '.join(sections)}"
    for answer in case.answer:
        if answer.question not in sections.get(answer.section, set[str]()):
            yield f"no question {answer.section}.{answer.question} in {sample.id}"
    for kept in {kept for row in case.scenario_row for kept in row.keeps} - notes:
        yield f"scenario_row keeps the note {kept!r}, which does not exist"
    yield from _misplaced(case, {fact.key for fact in scenario.facts})
    facts = {fact.key for fact in scenario.facts}
    words = facts | set(case.vary) | ALWAYS_KNOWN
    for text in iter_texts(case.model_dump(exclude={"id", "vary"})):
        yield from (f"unknown {{{key}}} in {text[:60]!r}" for key in PLACEHOLDER.findall(text) if key not in words)
        yield from (f"unknown [{key}] in {text[:60]!r}" for key in CITATION.findall(text) if key not in facts)
        wanted = _IF.match(text)
        if wanted and wanted["id"] not in notes:
            yield f"unknown note {wanted['id']!r} in {text[:60]!r}"
        if text.startswith("@") and text not in _MARKERS:
            yield f"unknown marker {text!r}; there are {', '.join(sorted(_MARKERS))}"


def _misplaced(case: Case, facts: set[str]) -> Iterator[str]:
    placed = (case.post.model_dump(), *(row.model_dump() for row in case.revise))
    if any(text in {"@notes", "@answers"} for text in iter_texts(placed)):
        yield "@notes and @answers have a place in sections only"
    for key in sorted(set(case.vary) & (facts | ALWAYS_KNOWN)):
        yield f"[vary] has the key {key!r}, which is taken by the scenario or the program"


def iter_texts(value: object) -> Iterator[str]:
    """Yield every string inside a record or its dump."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        yield from iter_texts(value.model_dump())
    elif isinstance(value, dict):
        for item in value.values():  # pyright: ignore[reportUnknownVariableType]
            yield from iter_texts(item)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, Iterable):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from iter_texts(item)  # pyright: ignore[reportUnknownArgumentType]
