"""How faithful answers are to what the person said. Each measure stands alone; none of them is a judge."""

from proofkit_eval.faithfulness.distance import KnownRuns, known_runs, template_distance
from proofkit_eval.faithfulness.measure import measure
from proofkit_eval.faithfulness.swapped import SwapReading, read_swap
from proofkit_eval.faithfulness.variety import Variety, variety, variety_at_equal_size

__all__ = [
    "KnownRuns",
    "SwapReading",
    "Variety",
    "known_runs",
    "measure",
    "read_swap",
    "template_distance",
    "variety",
    "variety_at_equal_size",
]
