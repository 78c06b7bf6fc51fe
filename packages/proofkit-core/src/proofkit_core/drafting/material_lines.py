"""What the exercise itself has to say in a section, as the short lines a model writes from instead of inventing."""

from collections.abc import Callable

from proofkit_core.samples.records import View
from proofkit_core.scenario import OptionRecord, ScenarioRecord
from proofkit_core.wording import bare

Lines = tuple[str, ...]


def material_lines(texts: ScenarioRecord, view: View) -> Lines:
    """Return the lines of an exercise that belong into one kind of section, the weightiest first.

    Args:
        texts: The scenario with its values and citations filled in.
        view: What the section shows.

    Returns:
        No lines for the situation, which the prompts hold anyway.
    """
    write = _WRITERS.get(view)
    return tuple(bare(line) for line in write(texts)) if write else ()


def _recommendation(texts: ScenarioRecord) -> Lines:
    return (texts.options[0].name, *texts.reasons, texts.condition, f"ask {texts.ask_whom} to {bare(texts.ask)}")


def _options(texts: ScenarioRecord) -> Lines:
    return (*(_option(option) for option in texts.options), f"it turns on {bare(texts.criterion)}")


def _option(option: OptionRecord) -> str:
    return f"{option.name}: {bare(option.gain)}, but {bare(option.cost)}"


def _risks(texts: ScenarioRecord) -> Lines:
    return tuple(f"{bare(row.what)}; sign: {bare(row.sign)}; first: {row.first}" for row in texts.risks)


def _people(texts: ScenarioRecord) -> Lines:
    return tuple(f"{row.who}: {bare(row.needs)}; {bare(row.channel)}; {row.rhythm}" for row in texts.people)


def _steps(texts: ScenarioRecord) -> Lines:
    return tuple(f"{bare(row.what)}; {bare(row.owner)}; {row.when}" for row in texts.steps)


def _measures(texts: ScenarioRecord) -> Lines:
    return tuple(f"{row.name}: {bare(row.today)}; target {row.target}" for row in texts.measures)


def _assumptions(texts: ScenarioRecord) -> Lines:
    return tuple(f"{bare(item.text)}; check: {item.check}" for item in texts.assumptions)


def _requirements(texts: ScenarioRecord) -> Lines:
    return tuple(f"{bare(row.need)}; {bare(row.why)}; {row.priority}" for row in texts.needs)


def _checklist(texts: ScenarioRecord) -> Lines:
    return tuple(f"{bare(row.item)}; {row.why}" for row in texts.checklist)


_WRITERS: dict[View, Callable[[ScenarioRecord], Lines]] = {
    View.RECOMMENDATION: _recommendation,
    View.OPTIONS: _options,
    View.TRADEOFF: _options,
    View.RISKS: _risks,
    View.PEOPLE: _people,
    View.STEPS: _steps,
    View.MEASURES: _measures,
    View.ASSUMPTIONS: _assumptions,
    View.REVERSAL: lambda texts: texts.reversal,
    View.QUESTIONS: lambda texts: texts.questions,
    View.REQUIREMENTS: _requirements,
    View.CHECKLIST: _checklist,
    View.SPECIMEN: lambda texts: (texts.specimen.title, *texts.specimen.lines),
}
