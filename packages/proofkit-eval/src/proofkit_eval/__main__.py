"""Runs `python -m proofkit_eval`."""

import sys

from proofkit_eval.cli import main

if __name__ == "__main__":
    sys.exit(main())
