"""The page itself: one answer, the questions, and keys for all of them. It works without a script, too."""

from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files

from proofkit_eval.judging.asking import exercise_of
from proofkit_eval.judging.rating.desk import Refused, Turn
from proofkit_eval.judging.rubric import LOWEST, TOP, Axis, Item, Rubric

__all__ = ["finished_page", "rating_page"]

_CHOICES = (("yes", "y"), ("no", "n"), ("unclear", "u"))


def rating_page(
    turn: Turn,
    rubric: Rubric,
    *,
    action: str,
    nonce: str,
    refused: Refused | None = None,
    chosen: Mapping[str, str] | None = None,
) -> str:
    """Return the page for one answer.

    Args:
        turn: What is shown.
        rubric: What is asked.
        action: Where the form goes.
        nonce: Lets the page's own style and script run, and no others.
        refused: Why the form came back.
        chosen: What was chosen before it came back.
    """
    item, chosen = turn.item, chosen or {}
    missing = frozenset(refused.missing if refused else ())
    alert = f'<p class="alert" role="alert" id="alert">{escape(refused.message)}</p>' if refused else ""
    again = " (you see it a second time, on purpose)" if item.repeat else ""
    body = [
        f"<h1>Answer {escape(item.alias)}</h1>",
        f'<p class="place">{turn.place} of {turn.total}{again}. Who wrote it is not told.</p>',
        f'<details class="keys"><summary>Keys</summary>{_KEYS}</details>',
        '<div class="sides"><section aria-labelledby="asked"><h2 id="asked">What was asked</h2>',
        f'<pre dir="auto">{escape(exercise_of(item.prompt))}</pre></section>',
        '<section aria-labelledby="answer"><h2 id="answer">The answer</h2>',
        f'<pre dir="auto" tabindex="0" aria-labelledby="answer">{escape(item.answer)}</pre></section></div>',
        f'<form method="post" action="{escape(action)}">',
        f'<input type="hidden" name="alias" value="{escape(item.alias)}">',
        f'<input type="hidden" name="repeat" value="{item.repeat}">',
        alert,
        *(_axis(axis, chosen.get(axis.id), is_open=axis.id in missing) for axis in rubric.axes),
        *(_item(each, chosen.get(each.id), is_open=each.id in missing) for each in rubric.items_of(item.prompt.task)),
        _ACTIONS,
    ]
    return _page(f"Answer {turn.place} of {turn.total}", body, nonce, script=True)


def finished_page(rated: int, nonce: str) -> str:
    """Return the page at the end.

    Args:
        rated: How many answers there were.
        nonce: As for the other page.
    """
    body = ["<h1>All rated</h1>", f"<p>{rated} answers are rated and kept. You can close this page.</p>"]
    return _page("All rated", body, nonce, script=False)


def _axis(axis: Axis, chosen: str | None, *, is_open: bool) -> str:
    grades = [(str(grade), str(grade), text) for grade, text in zip(range(LOWEST, TOP + 1), axis.anchors, strict=True)]
    return _question(axis.id, axis.question, grades, chosen, is_open=is_open)


def _item(item: Item, chosen: str | None, *, is_open: bool) -> str:
    choices = [(value, key, value) for value, key in _CHOICES]
    return _question(item.id, item.question, choices, chosen, is_open=is_open, is_short=True)


def _question(
    name: str,
    question: str,
    choices: Iterable[tuple[str, str, str]],
    chosen: str | None,
    *,
    is_open: bool,
    is_short: bool = False,
) -> str:
    classes = " ".join(each for each in ("open" if is_open else "", "short" if is_short else "") if each)
    lines = [f'<fieldset id="{escape(name)}" class="{classes}">']
    lines.append(f"<legend><b>{escape(name.replace('_', ' '))}</b> {escape(question)}</legend>")
    for value, key, label in choices:
        checked = " checked" if value == chosen else ""
        lines.append(
            f'<label><input type="radio" name="{escape(name)}" value="{escape(value)}" data-key="{escape(key)}" '
            f"required{checked}> <kbd>{escape(key)}</kbd> {escape(label)}</label>"
        )
    return "\n".join([*lines, "</fieldset>"])


def _page(title: str, body: Iterable[str], nonce: str, *, script: bool) -> str:
    head = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title)} (blind rating)</title>",
        f'<style nonce="{nonce}">\n{_data("rating.css")}</style>',
    ]
    ending = [f'<script nonce="{nonce}">\n{_data("rating.js")}</script>'] if script else []
    lines = ["<!DOCTYPE html>", '<html lang="en">', "<head>", *head, "</head>", "<body><main>"]
    return "\n".join([*lines, *body, "</main>", *ending, "</body>", "</html>"]) + "\n"


def _data(name: str) -> str:
    return files("proofkit_eval.judging").joinpath("data", name).read_text(encoding="utf-8")


_KEYS = (
    "<p><kbd>1</kbd> to <kbd>5</kbd>, or <kbd>y</kbd> <kbd>n</kbd> <kbd>u</kbd>, answer the question that is marked "
    "and go on to the next. <kbd>j</kbd> and <kbd>k</kbd> go down and up without answering. <kbd>Enter</kbd> keeps the "
    "rating. <kbd>Tab</kbd> and the arrows work as everywhere.</p>"
)

_ACTIONS = (
    '<p class="actions"><button type="submit">Keep and go on <kbd>Enter</kbd></button>'
    '<button type="submit" name="skip" value="1" formnovalidate>I cannot rate this one</button></p></form>'
)
