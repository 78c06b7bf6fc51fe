"""The demos: briefs that come along, to try ProofKit with."""
