"""The proofkit command."""
