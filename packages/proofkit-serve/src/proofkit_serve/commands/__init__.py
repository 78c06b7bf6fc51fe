"""The commands of `proofkit-serve`, one module each."""
