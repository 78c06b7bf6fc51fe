"""The commands of `proofkit-train`, a module each: `add_arguments(parser)` and `run(parsed) -> exit code`."""
