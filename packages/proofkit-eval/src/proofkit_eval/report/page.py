"""Writes the report as one HTML file: nothing to load, no script, readable from disk, by keyboard and aloud."""

from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files

from proofkit_eval.board.records import Board
from proofkit_eval.records import EvalLog
from proofkit_eval.report.drawn import draw_faithfulness, draw_gates, draw_judges, draw_ladder, draw_places
from proofkit_eval.report.drill import write_answers
from proofkit_eval.report.judge_tables import judge_tables
from proofkit_eval.report.tables import Table, comparison_tables, model_tables, original_table

__all__ = ["write_html"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_PARTS = (
    ("know", "Know this first"),
    ("models", "Models"),
    ("order", "Order"),
    ("judging", "Judges"),
    ("old", "The original's figure"),
    ("answers", "Every answer"),
    ("run", "What was run"),
)


def write_html(log: EvalLog, board: Board, title: str = "Evaluation") -> str:
    """Return the report.

    Args:
        log: The evaluation, for the drill-down.
        board: The board.
        title: The heading.
    """
    head = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{escape(title)}</title>",
        f"<style>\n{files('proofkit_eval.report').joinpath('data/report.css').read_text(encoding='utf-8')}</style>",
    ]
    links = "".join(f'<li><a href="#{name}">{escape(told)}</a></li>' for name, told in _PARTS)
    body = [
        '<a class="skip" href="#know">Skip to the text</a>',
        f'<header><h1>{escape(title)}</h1><nav aria-label="Parts"><ul>{links}</ul></nav></header>',
        "<main>",
        *_notes(board),
        *_models(board),
        *_section("order", _PARTS[2][1], [draw_places(board), *map(_table, comparison_tables(board))]),
        *_section("judging", _PARTS[3][1], [draw_judges(board), draw_ladder(board), *map(_table, judge_tables(board))]),
        *_section("old", _PARTS[4][1], [_table(original_table(board))]),
        *_section("answers", _PARTS[5][1], write_answers(log)),
        *_run(log, board),
        "</main>",
    ]
    lines = ["<!DOCTYPE html>", '<html lang="en">', "<head>", *head, "</head>", "<body>"]
    return "\n".join([*lines, *body, "</body>", "</html>"]) + "\n"


def _section(name: str, title: str, content: Iterable[str]) -> Iterator[str]:
    yield f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{escape(title)}</h2>'
    yield from (part for part in content if part)
    yield "</section>"


def _notes(board: Board) -> Iterator[str]:
    notes = [f"<li>{escape(note)}</li>" for note in board.notes]
    notes += [f"<li><b>{escape(row.name)}</b>: {escape(note)}</li>" for row in board.rows for note in row.notes]
    yield from _section("know", _PARTS[0][1], [f"<ul>{''.join(notes)}</ul>"])


def _models(board: Board) -> Iterator[str]:
    coverage, gates, faithfulness, variety, judges = (_table(table) for table in model_tables(board))
    content = [coverage, draw_gates(board), gates, draw_faithfulness(board), faithfulness, variety, judges]
    yield from _section("models", _PARTS[1][1], content)


def _table(table: Table) -> str:
    if not table.rows:
        return f'<h3 id="{escape(table.id)}">{escape(table.title)}</h3><p>{escape(table.caption)}</p>'
    lines = [
        f'<h3 id="{escape(table.id)}">{escape(table.title)}</h3>',
        f'<div class="scroll" tabindex="0" role="region" aria-labelledby="{escape(table.id)}"><table>',
        f"<caption><span>{escape(table.caption)}</span></caption>",
        "<thead><tr>" + "".join(f'<th scope="col">{escape(name)}</th>' for name in table.header) + "</tr></thead>",
        "<tbody>",
    ]
    for row in table.rows:
        first, *others = row
        cells = "".join(f"<td{_class(cell.mark)}>{escape(cell.text)}</td>" for cell in others)
        lines.append(f'<tr><th scope="row"{_class(first.mark)}>{escape(first.text)}</th>{cells}</tr>')
    return "\n".join([*lines, "</tbody></table></div>"])


def _class(mark: str) -> str:
    return f' class="{mark}"' if mark else ""


def _run(log: EvalLog, board: Board) -> Iterator[str]:
    spec = log.spec
    facts = {
        "Spec": board.spec_digest,
        "Held-out set": board.set_digest,
        "Prompt contract": board.contract_digest,
        "Rubric": board.rubric_digest,
        "Code": spec.code_version,
        "Decoding": ", ".join(f"{name} {value}" for name, value in spec.decoding.items()),
        "Seeds of the answers": ", ".join(map(str, spec.seeds)),
        "Intervals": f"{board.settings.level:.0%}, {board.settings.resamples:,} resamples, seed {board.settings.seed}",
    }
    facts |= {
        f"Model {row.name}": f"{row.model.family}, {row.model.backend}, prompts {row.model.prompt_set}, weights "
        f"{row.model.artifact_digest}{f', base {row.model.base_digest}' if row.model.base_digest else ''}"
        for row in board.rows
    }
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(told)}</dd>" for name, told in facts.items())
    yield from _section("run", _PARTS[6][1], [f"<dl>{listed}</dl>"])
