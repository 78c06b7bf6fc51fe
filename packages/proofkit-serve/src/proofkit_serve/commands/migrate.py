"""`proofkit-serve migrate`: the tables of the store, brought up to date."""

import argparse
from collections.abc import Mapping
from typing import TextIO

from proofkit_serve.settings import load_settings
from proofkit_serve.store import current_revision, migrate


def run_migrate(args: argparse.Namespace, *, environ: Mapping[str, str], out: TextIO) -> int:
    """Bring the tables up to date and say where they stand.

    Raises:
        ProofKitError: The settings or the store cannot be used.
    """
    settings = load_settings(args.config, environ=environ)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    url = settings.store_url.get_secret_value()
    migrate(url)
    print(f"The store is up to date (revision {current_revision(url)}).", file=out)
    return 0
