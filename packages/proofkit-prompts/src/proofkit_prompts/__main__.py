"""`python -m proofkit_prompts` runs the command `proofkit-prompts`."""

import sys

from proofkit_prompts.cli import main

if __name__ == "__main__":
    sys.exit(main())
