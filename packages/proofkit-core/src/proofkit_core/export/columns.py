"""Decides how wide the columns of a table are."""

from proofkit_core.blocks import Table, plain_text

LINE = 96
"""Letters that fit across the page in the size of a table."""
_GAP = 3
_LONGEST_WORD = 15
_DAMPING = 0.8
"""Twice the text wants less than twice the room."""


def column_widths(table: Table) -> list[float]:
    """Return the share of the page of each column: its longest word first, then room by how much it holds."""
    least: list[float] = []
    wanted: list[float] = []
    for number, title in enumerate(table.head):
        texts = [plain_text(row[number]) for row in table.rows]
        words = (len(word) for text in (*texts, plain_text(title)) for word in text.split())
        least.append(float(min(max(words, default=1), _LONGEST_WORD) + _GAP))
        longest = max((len(text) for text in texts), default=1)
        wanted.append(float(max(longest, 1)) ** _DAMPING)
    spare = max(LINE - sum(least), 0.0)
    room = [max(want - low, 0.5) for want, low in zip(wanted, least, strict=True)]
    return [round(low + spare * part / sum(room), 2) for low, part in zip(least, room, strict=True)]
