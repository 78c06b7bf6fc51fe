"""Asks each model of a service what it really does, and writes it down."""

from proofkit_serve.doctor.examine import examine
from proofkit_serve.doctor.report import CapabilityReport, Check, ModelReport, Outcome, report_json, report_table

__all__ = [
    "CapabilityReport",
    "Check",
    "ModelReport",
    "Outcome",
    "examine",
    "report_json",
    "report_table",
]
