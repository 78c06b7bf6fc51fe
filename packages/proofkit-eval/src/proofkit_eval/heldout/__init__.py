"""The held-out prompts: the set as data, what it rests on, and the proof that training met none of it."""

from proofkit_eval.heldout.leaks import Leak, TrainingRow, find_leaks, read_training_rows
from proofkit_eval.heldout.reading import HeldOutSet, load_set, read_set, set_digest
from proofkit_eval.heldout.scene import challenge_of, ledger_of, material_of

__all__ = [
    "HeldOutSet",
    "Leak",
    "TrainingRow",
    "challenge_of",
    "find_leaks",
    "ledger_of",
    "load_set",
    "material_of",
    "read_set",
    "read_training_rows",
    "set_digest",
]
