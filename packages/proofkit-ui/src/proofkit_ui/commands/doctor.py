"""`proofkit doctor`: what `proofkit-serve doctor` does, for those who know only this command."""

import argparse
import os
import sys

from proofkit_serve.commands import doctor


def run_doctor(args: argparse.Namespace) -> int:
    """Examine the models of a service; 0 where each can be used, 1 where one cannot.

    Raises:
        ProofKitError: The settings or the file of models cannot be used, or the report cannot be written.
    """
    return doctor.run_doctor(args, environ=os.environ, out=sys.stdout)
