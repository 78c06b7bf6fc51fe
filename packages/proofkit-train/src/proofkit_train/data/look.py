"""Shows rows as a person reads them: what is asked, what is masked, and what a model should write."""

from collections.abc import Sequence

from proofkit_core.seeds import stream
from proofkit_train.data.row import Row

RULE = "─" * 100


def draw_rows(rows: Sequence[Row], *, count: int, seed: int) -> tuple[Row, ...]:
    """Return some rows by chance.

    Args:
        rows: To draw from.
        count: How many at most.
        seed: Another one draws other rows.
    """
    return tuple(stream("look", seed).sample(list(rows), min(count, len(rows))))


def show_row(row: Row) -> str:
    """Return a row as text; what stands behind a bar is masked, so that no loss is counted there."""
    masked = "\n".join(f"  │ {line}" for line in row.prompt.splitlines())
    kept = f"\nmust keep: {' | '.join(row.must_keep)}" if row.must_keep else ""
    anchors = f"\nrare words: {' | '.join(row.anchors)}" if row.anchors else ""
    head = f"{row.id}  [{row.split}, {row.source}, weight {row.weight:g}]"
    return f"{RULE}\n{head}{kept}{anchors}\nmasked:\n{masked}\ntrained:\n{row.completion}\n"
