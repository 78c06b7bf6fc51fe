"""Writes the sections that are tables: risks, options, steps, people, measures, requirements, checklist.

A point of the person becomes a row of its own, first in the table, with the cells beside it derived from what the point
is about.
"""

from collections.abc import Callable, Sequence

from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import Material
from proofkit_core.composer.points import FRAMED, Point
from proofkit_core.composer.prose import point_list, point_paragraphs
from proofkit_core.samples.records import SectionRecord, View
from proofkit_core.seeds import stream
from proofkit_core.wording import bare, cell, escaped

ROWS = {"risks": 4, "checklist": 5, "requirements": 4, "people": 3}
"""How many of the scenario's rows a table shows; the rest gives room for the person's own and for variety."""

OWN_MARK = "(my point)"
"""Stands behind the person's words in a table cell."""

RowWriter = Callable[[Point, FrameDeck], tuple[str, ...]]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; every cell stays on one line."""
    lines = [columns, ["---"] * len(columns), *[[cell(text) for text in row] for row in rows]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _pick(material: Material, view: str, rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Return some of the rows in their order, chosen by brief and seed."""
    keep = min(ROWS.get(view, len(rows)), len(rows))
    chosen = stream(material.brief_digest, material.seed, "rows", view).sample(range(len(rows)), keep)
    return [rows[i] for i in sorted(chosen)]


def _own(point: Point) -> str:
    """Return the person's words for a cell, marked as theirs: a true thing must not read as a fact of the fiction."""
    return f"{escaped(bare(point.text))} {OWN_MARK}"


def _cell(deck: FrameDeck, slot: str, number: int, turn: int = 0) -> str:
    """Return a cell by the point's number; with another turn each, the cells of a row never all come again together."""
    return deck.at(slot, number + number // 2**turn if turn else number)


def _risk_row(point: Point, deck: FrameDeck) -> tuple[str, ...]:
    slot = f"risk_row.{point.kind.value}"
    parts = ("sign", "first", "owner", "review")
    return (_own(point), *(_cell(deck, f"{slot}.{part}", point.number, turn) for turn, part in enumerate(parts)))


def _person_row(point: Point, deck: FrameDeck) -> tuple[str, ...]:
    who = escaped(point.audience) or _cell(deck, "people_row.who_other", point.number, 2)
    needs, rhythm = _cell(deck, "people_row.needs", point.number), _cell(deck, "people_row.rhythm", point.number, 1)
    return (who, needs, _own(point), rhythm)


def _step_row(point: Point, deck: FrameDeck) -> tuple[str, ...]:
    what = deck.at(f"step_row.what.{point.kind.value}", point.number, point=escaped(bare(point.text)))
    return (what, _cell(deck, "step_row.owner", point.number), _cell(deck, "step_row.when", point.number, 1))


def _need_row(point: Point, deck: FrameDeck) -> tuple[str, ...]:
    why, proof = _cell(deck, "need_row.why", point.number), _cell(deck, "need_row.proof", point.number, 1)
    return (_own(point), why, "must", proof)


def _check_row(point: Point, deck: FrameDeck) -> tuple[str, ...]:
    return (_own(point), _cell(deck, "check_row.why", point.number))


def _with_points(
    section: SectionRecord,
    points: tuple[Point, ...],
    own: RowWriter,
    rows: Sequence[Sequence[str]],
    deck: FrameDeck,
) -> list[str]:
    """Return the table with the person's rows on top; points beyond the first ones follow as a list."""
    own_rows = [own(point, deck) for point in points if point.number < FRAMED]
    # Steps follow the clock, so the person's own come after the plan; elsewhere theirs lead.
    ordered = [*rows, *own_rows] if section.view is View.STEPS else [*own_rows, *rows]
    body = table(section.columns, ordered)
    return [body, *point_list(points[len(own_rows) :], deck)]


def write_risks(material: Material, section: SectionRecord, points: tuple[Point, ...], deck: FrameDeck) -> list[str]:
    """Return what can go wrong, how it shows, what comes first, who and when."""
    rows = [(r.what, r.sign, r.first, r.owner, r.review) for r in material.challenge.material.risks]
    return _with_points(section, points, _risk_row, _pick(material, "risks", rows), deck)


def write_people(material: Material, section: SectionRecord, points: tuple[Point, ...], deck: FrameDeck) -> list[str]:
    """Return who has to know what, by which channel and how often."""
    rows = [(p.who, p.needs, p.channel, p.rhythm) for p in material.challenge.material.people]
    told = [p.audience for p in points if p.audience]
    # A row about people whom the person knows better is replaced by theirs.
    picked = _pick(material, "people", rows)
    others = [row for row in picked if not any(who in row[0].lower() or row[0].lower() in who for who in told)]
    return _with_points(section, points, _person_row, others, deck)


def write_steps(material: Material, section: SectionRecord, points: tuple[Point, ...], deck: FrameDeck) -> list[str]:
    """Return what is done, by whom and when."""
    rows = [(s.what, s.owner, s.when) for s in material.challenge.material.steps]
    return _with_points(section, points, _step_row, rows, deck)


def write_measures(material: Material, section: SectionRecord, points: tuple[Point, ...], deck: FrameDeck) -> list[str]:
    """Return what is counted, where it stands, the hypothetical target and how it is counted.

    A point of the person never becomes a row here: something true must not stand beside an invented target.
    """
    rows = [(m.name, m.today, m.target, m.how) for m in material.challenge.material.measures]
    return [table(section.columns, rows), *point_paragraphs(points, deck)]


def write_requirements(
    material: Material, section: SectionRecord, points: tuple[Point, ...], deck: FrameDeck
) -> list[str]:
    """Return what is needed, why, how urgent and how one would see that it is there."""
    rows = [(n.need, n.why, n.priority, n.proof) for n in material.challenge.material.needs]
    return _with_points(section, points, _need_row, _pick(material, "requirements", rows), deck)


def write_checklist(
    material: Material, section: SectionRecord, points: tuple[Point, ...], deck: FrameDeck
) -> list[str]:
    """Return what to look for and why."""
    rows = [(c.item, c.why) for c in material.challenge.material.checklist]
    return _with_points(section, points, _check_row, _pick(material, "checklist", rows), deck)


def write_options(material: Material, section: SectionRecord, deck: FrameDeck) -> list[str]:
    """Return both options side by side and what decides between them."""
    texts = material.challenge.material
    first, second = texts.options
    columns = (section.columns[0], cell(first.name), cell(second.name))
    rows = [("What it brings", first.gain, second.gain), ("What it costs", first.cost, second.cost)]
    after = deck.deal("options.after", company=material.challenge.company, criterion=texts.criterion, name=first.name)
    return [table(columns, rows), after]
