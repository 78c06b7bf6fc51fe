"""The look for contamination before anybody judges: channels, empty and cut answers, echoes, keys, other scripts."""

from proofkit_eval.screening.channels import Stripped, strip_channels
from proofkit_eval.screening.echo import echoed
from proofkit_eval.screening.screen import screen

__all__ = ["Stripped", "echoed", "screen", "strip_channels"]
