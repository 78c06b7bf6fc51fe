"""Writes the OpenAPI document of the service to `docs/reference/openapi.json`.

Run it after changing an address, a record or a problem: `python scripts/openapi.py`. With `--check` it writes nothing
and fails when the file is out of date.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_core.workshop import Workshop
from proofkit_prompts import load_contract
from proofkit_serve.api.app import create_app
from proofkit_serve.registry import open_registry
from proofkit_serve.settings import load_settings
from proofkit_serve.store import open_store

FILE = Path(__file__).parents[1] / "docs" / "reference" / "openapi.json"


async def written() -> str:
    """Return the document as the file holds it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(environ={}, given={"data_dir": folder})
        store = await open_store(settings.store_url.get_secret_value())
        try:
            with open_registry(settings, environ={}) as registry:
                contract = load_contract()
                workshop = Workshop(contract=contract, index=build_index(load_catalogue()), product_version="any")
                app = create_app(settings, store=store, registry=registry, workshop=workshop)
                return json.dumps(app.openapi(), ensure_ascii=False, indent=1) + "\n"
        finally:
            await store.close()


def main() -> int:
    """Write the file, or say whether it is up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 if the file is out of date")
    args = parser.parse_args()
    text = asyncio.run(written())
    if args.check:
        if not FILE.is_file() or FILE.read_text(encoding="utf-8") != text:
            print(f"{FILE.name} is out of date; run `python scripts/openapi.py`.", file=sys.stderr)
            return 1
        return 0
    FILE.write_text(text, encoding="utf-8")
    print(f"{FILE}: {len(text):,} characters")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
