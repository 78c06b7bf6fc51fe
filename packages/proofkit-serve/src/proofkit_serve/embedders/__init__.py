"""Sentence encoders, each fulfilling `proofkit_core.generation.Embedder`."""
