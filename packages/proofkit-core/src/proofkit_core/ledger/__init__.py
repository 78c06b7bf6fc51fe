"""The claim ledger: every sentence, number and skill of a packet with the source it rests on, and who wrote what.

A statement is yours, the brief's, hypothetical or unsupported. A statement about the person's life can only be carried
by what they typed; a fact of the exercise never stands in for one of theirs.
"""

from proofkit_core.ledger.carriers import CarrierText, Pieces, carrier_texts
from proofkit_core.ledger.meter import who_wrote
from proofkit_core.ledger.sources import source_texts
from proofkit_core.ledger.tracing import trace, trace_packet

__all__ = ["CarrierText", "Pieces", "carrier_texts", "source_texts", "trace", "trace_packet", "who_wrote"]
