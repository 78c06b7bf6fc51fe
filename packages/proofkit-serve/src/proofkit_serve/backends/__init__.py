"""Engines that complete prompts, each fulfilling `proofkit_core.generation.TextGenerator`."""
