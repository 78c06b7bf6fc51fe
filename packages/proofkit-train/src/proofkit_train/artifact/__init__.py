"""What leaves the training: GGUF files with their provenance, read back, described and verified."""
