"""Migrations of the store's tables, run by `proofkit_serve.store.migrating`."""
