"""`proofkit-serve retry`: has a running service try a model again that it gave up."""

import argparse
from collections.abc import Mapping
from typing import TextIO

from proofkit_serve.client import Client

KEY_VARIABLE = "PROOFKIT_API_KEY"
"""Holds the key, where the service needs one: on the command line others could read it."""


def run_retry(args: argparse.Namespace, *, environ: Mapping[str, str], out: TextIO) -> int:
    """Have one model tried again, and say how it stands.

    Raises:
        ProofKitError: The service cannot be reached, has no such model, or refuses.
    """
    with Client(args.url, key=environ.get(KEY_VARIABLE) or None) as client:
        state = client.retry_backend(args.model)
    print(f"{state.id} is {state.status}. The next generation asks it again.", file=out)
    return 0
