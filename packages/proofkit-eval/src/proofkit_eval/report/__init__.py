"""The report: one HTML file, Markdown, CSV, the JSON log, and logs that Inspect's viewer opens."""

from proofkit_eval.report.csv_file import write_csv
from proofkit_eval.report.inspect_log import inspect_logs, write_inspect_logs
from proofkit_eval.report.log_file import board_of, read_log_file, with_board, write_log_file, write_text
from proofkit_eval.report.markdown import write_markdown
from proofkit_eval.report.page import write_html

__all__ = [
    "board_of",
    "inspect_logs",
    "read_log_file",
    "with_board",
    "write_csv",
    "write_html",
    "write_inspect_logs",
    "write_log_file",
    "write_markdown",
    "write_text",
]
