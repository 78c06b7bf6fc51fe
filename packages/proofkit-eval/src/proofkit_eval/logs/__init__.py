"""What is kept of a run: files to which rows are only ever added, so that a run goes on where it was stopped."""

from proofkit_eval.logs.appending import RowLog
from proofkit_eval.logs.index import LogIndex, index_log
from proofkit_eval.logs.keys import generation_key, length_prefixed, sealed, verdict_key
from proofkit_eval.logs.merging import Merged, merge_logs
from proofkit_eval.logs.reading import read_log

__all__ = [
    "LogIndex",
    "Merged",
    "RowLog",
    "generation_key",
    "index_log",
    "length_prefixed",
    "merge_logs",
    "read_log",
    "sealed",
    "verdict_key",
]
