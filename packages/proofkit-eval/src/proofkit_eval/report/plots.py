"""Plots as inline SVG: every one has a title and a text of what it shows, and takes its colours from the page."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

__all__ = ["Dot", "Line", "Scale", "dot_plot", "line_plot"]

_WIDTH, _LABEL, _RIGHT, _ROW, _TOP, _BOTTOM = 720, 210, 30, 30, 32, 38
_SHAPES = 4


class Dot(NamedTuple):
    """One line of a dot plot."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    is_grey: bool = False


class Scale(NamedTuple):
    """The ends of a scale, and where it is marked."""

    low: float
    high: float
    ticks: tuple[float, ...]
    digits: int = 0


class Line(NamedTuple):
    """One line of a line plot."""

    label: str
    values: tuple[float | None, ...]


def dot_plot(name: str, title: str, dots: Sequence[Dot], scale: Scale, told: str) -> str:
    """Return means with their intervals, one a line.

    Args:
        name: Id of the plot on its page.
        title: What it shows, in a few words.
        dots: The lines, from the top.
        scale: The scale.
        told: What it shows, in a sentence, for who does not see it.
    """
    height = _TOP + _ROW * len(dots) + _BOTTOM
    span = (scale.high - scale.low) or 1.0

    def at(value: float) -> float:
        place = min(max((value - scale.low) / span, 0.0), 1.0)
        return round(_LABEL + place * (_WIDTH - _LABEL - _RIGHT), 1)

    parts = [*_opening(name, title, told, height)]
    for value in scale.ticks:
        x = at(value)
        parts.append(f'<line class="grid" x1="{x}" y1="{_TOP}" x2="{x}" y2="{height - _BOTTOM}"/>')
        parts.append(f'<text class="tick" x="{x}" y="{height - _BOTTOM + 18}">{value:.{scale.digits}f}</text>')
    for row, dot in enumerate(dots):
        y = _TOP + _ROW * row + _ROW / 2
        parts.append('<g class="grey">' if dot.is_grey else "<g>")
        parts.append(f'<text class="label" x="{_LABEL - 12}" y="{y + 4}">{escape(_short(dot.label))}</text>')
        if dot.value is None:
            parts.append(f'<text class="none" x="{_LABEL + 6}" y="{y + 4}">not scored</text>')
        else:
            if dot.low is not None and dot.high is not None:
                parts.append(f'<line class="range" x1="{at(dot.low)}" y1="{y}" x2="{at(dot.high)}" y2="{y}"/>')
            parts.append(f'<circle class="dot" cx="{at(dot.value)}" cy="{y}" r="5"/>')
        parts.append("</g>")
    return "\n".join([*parts, "</svg>"])


def line_plot(name: str, title: str, lines: Sequence[Line], steps: Sequence[str], scale: Scale, told: str) -> str:
    """Return values over steps, such as grades over the rungs of a ladder; lines differ by dash and shape too.

    Args:
        name: Id of the plot on its page.
        title: What it shows, in a few words.
        lines: The lines.
        steps: Names of the steps, from the left.
        scale: The scale.
        told: What it shows, in a sentence, for who does not see it.
    """
    base, legend = 220, 22 * len(lines)
    height = base + 70 + legend
    gap = (_WIDTH - 60 - _RIGHT) / max(1, len(steps) - 1)

    def at(step: int, value: float) -> tuple[float, float]:
        share = min(max((value - scale.low) / ((scale.high - scale.low) or 1.0), 0.0), 1.0)
        return round(60 + gap * step, 1), round(base - share * (base - _TOP), 1)

    parts = [*_opening(name, title, told, height)]
    for value in scale.ticks:
        _x, y = at(0, value)
        parts.append(f'<line class="grid" x1="60" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}"/>')
        parts.append(f'<text class="label" x="50" y="{y + 4}">{value:.{scale.digits}f}</text>')
    for step, label in enumerate(steps):
        x, _y = at(step, scale.low)
        parts.append(
            f'<text class="step" transform="translate({x} {base + 16}) rotate(20)">{escape(_short(label, 18))}</text>'
        )
    for place, line in enumerate(lines):
        shape = f"shape-{place % _SHAPES}"
        points = [at(step, value) for step, value in enumerate(line.values) if value is not None]
        parts.append(f'<polyline class="run {shape}" points="{" ".join(f"{x},{y}" for x, y in points)}"/>')
        parts += [_mark(x, y, place) for x, y in points]
        y = base + 66 + 22 * place
        parts.append(f'<line class="run {shape}" x1="60" y1="{y}" x2="110" y2="{y}"/>{_mark(85, y, place)}')
        parts.append(f'<text class="legend" x="120" y="{y + 4}">{escape(line.label)}</text>')
    return "\n".join([*parts, "</svg>"])


def _opening(name: str, title: str, told: str, height: float) -> list[str]:
    names = f"{escape(name)}-t {escape(name)}-d"
    size = f"0 0 {_WIDTH} {height:g}"
    return [
        f'<svg class="plot" role="img" aria-labelledby="{names}" viewBox="{size}" xmlns="http://www.w3.org/2000/svg">',
        f'<title id="{escape(name)}-t">{escape(title)}</title><desc id="{escape(name)}-d">{escape(told)}</desc>',
        f'<text class="head" x="0" y="16">{escape(title)}</text>',
    ]


def _mark(x: float, y: float, place: int) -> str:
    match place % _SHAPES:
        case 0:
            return f'<circle class="mark" cx="{x}" cy="{y}" r="4"/>'
        case 1:
            return f'<rect class="mark" x="{x - 4}" y="{y - 4}" width="8" height="8"/>'
        case 2:
            return f'<path class="mark" d="M{x} {y - 5}L{x + 5} {y + 4}L{x - 5} {y + 4}Z"/>'
        case _:
            return f'<path class="mark" d="M{x} {y - 5}L{x + 5} {y}L{x} {y + 5}L{x - 5} {y}Z"/>'


def _short(text: str, most: int = 28) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
