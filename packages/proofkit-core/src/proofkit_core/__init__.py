"""ProofKit's product rules."""
