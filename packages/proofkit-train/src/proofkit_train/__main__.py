"""Runs `python -m proofkit_train`."""

import sys

from proofkit_train.cli import main

if __name__ == "__main__":
    sys.exit(main())
