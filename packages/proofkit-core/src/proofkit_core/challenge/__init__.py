"""The challenge: a fictional company with a problem, drawn by seed from a scenario."""
