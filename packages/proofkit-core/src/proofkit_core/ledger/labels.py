"""Finds what a packet shows besides its statements, and cuts any text into sentences as the ledger does."""

from proofkit_core.ledger.carriers import Texts, carrier_texts
from proofkit_core.ledger.reading import read_lines, read_statements


def labels_of(packet: Texts) -> tuple[str, ...]:
    """Return the headings and column heads inside the texts of a packet."""
    return tuple(
        text[slice(*statement.span)]
        for _, text in carrier_texts(packet)
        for statement in read_statements(text)
        if statement.is_title
    )


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a plain text as they stand there."""
    return [text[slice(*line.span)] for line in read_lines(text)]
