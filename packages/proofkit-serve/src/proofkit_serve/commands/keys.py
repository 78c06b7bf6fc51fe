"""`proofkit-serve keys`: API keys, made, listed and revoked."""

import argparse
import asyncio
from collections.abc import Mapping
from typing import TextIO

from proofkit_serve.api.keys import new_key
from proofkit_serve.sessions import new_id
from proofkit_serve.settings import load_settings
from proofkit_serve.store import ApiKey, Store, open_store


def run_keys(args: argparse.Namespace, *, environ: Mapping[str, str], out: TextIO) -> int:
    """Make, list or revoke keys.

    Raises:
        ProofKitError: The settings, the store or the key cannot be used.
    """
    settings = load_settings(args.config, environ=environ)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(_run(args, settings.store_url.get_secret_value(), out))
    return 0


async def _run(args: argparse.Namespace, url: str, out: TextIO) -> None:
    store = await open_store(url)
    try:
        if args.action == "add":
            await _add(store, args.name, args.owner, out)
        elif args.action == "list":
            for key in await store.keys():
                print(_line(key), file=out)
        else:
            print(f"{(await store.revoke_key(args.id)).id} is revoked.", file=out)
    finally:
        await store.close()


async def _add(store: Store, name: str, owner: str, out: TextIO) -> None:
    made = new_key()
    key_id = new_id("key")
    await store.add_key(name, made.digest, key_id=key_id, owner=owner or key_id)
    print(f"{key_id}: this is the only time that the key is shown. Keep it where secrets are kept.", file=out)
    print(made.key, file=out)


def _line(key: ApiKey) -> str:
    state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "valid"
    return f"{key.id}  {key.created_at:%Y-%m-%d}  {state}  owner {key.owner}  {key.name}".rstrip()
