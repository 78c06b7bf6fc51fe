"""Fine-tuning: a recipe, the rows it uses, the checks before a run, the run and its checkpoints."""
