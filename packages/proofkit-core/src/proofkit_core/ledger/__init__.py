"""The claim ledger: every sentence, number and skill of a packet with the source it rests on, and who wrote what.

A statement is yours, the brief's, hypothetical or unsupported. A statement about the person's life can only be carried
by what they typed; a fact of the exercise never stands in for one of theirs.
"""

from proofkit_core.ledger.carriers import CarrierText, Pieces, carrier_texts
from proofkit_core.ledger.labels import labels_of, split_sentences
from proofkit_core.ledger.meter import ALL, who_wrote
from proofkit_core.ledger.sources import source_texts
from proofkit_core.ledger.tracing import first_unsupported, trace
from proofkit_core.ledger.whole import trace_packet

__all__ = [
    "ALL",
    "CarrierText",
    "Pieces",
    "carrier_texts",
    "first_unsupported",
    "labels_of",
    "source_texts",
    "split_sentences",
    "trace",
    "trace_packet",
    "who_wrote",
]
