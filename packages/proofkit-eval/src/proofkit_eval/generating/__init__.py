"""From prompts to answers: asks backends of the service, the composer, or a file, and goes on where it was stopped."""

from proofkit_eval.generating.asking import Asked, Shard, asks_of, shard_path
from proofkit_eval.generating.backends import from_generator, from_registry, open_local
from proofkit_eval.generating.batch import write_batch
from proofkit_eval.generating.completions import from_file, hand_written
from proofkit_eval.generating.composer import composer, template_text
from proofkit_eval.generating.contestant import Answer, Contestant
from proofkit_eval.generating.running import Coverage, Failure, RunReport, coverage, generate

__all__ = [
    "Answer",
    "Asked",
    "Contestant",
    "Coverage",
    "Failure",
    "RunReport",
    "Shard",
    "asks_of",
    "composer",
    "coverage",
    "from_file",
    "from_generator",
    "from_registry",
    "generate",
    "hand_written",
    "open_local",
    "shard_path",
    "template_text",
    "write_batch",
]
