"""The making of ProofKit's models. Nothing works here yet; the package's README says what will."""
