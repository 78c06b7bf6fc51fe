"""The composer: the deterministic writer that stands behind every model."""
