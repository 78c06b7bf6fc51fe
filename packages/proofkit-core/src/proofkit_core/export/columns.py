"""Decides how wide the columns of a table are."""

from proofkit_core.blocks import Table, plain_text

_NARROWEST, _WIDEST, _LONGEST_WORD = 7, 42, 14
_DAMPING = 0.72
"""Twice the text wants less than twice the width."""


def column_widths(table: Table) -> list[float]:
    """Return the share of the page that each column needs, by its longest word and by how much it holds."""
    widths: list[float] = []
    for number, title in enumerate(table.head):
        texts = [plain_text(row[number]) for row in table.rows]
        longest = max((len(word) for text in (*texts, plain_text(title)) for word in text.split()), default=1)
        total = max((len(text) for text in texts), default=1)
        wanted = max(min(longest, _LONGEST_WORD), min(total**_DAMPING, _WIDEST), _NARROWEST)
        widths.append(round(float(wanted), 2))
    return widths
