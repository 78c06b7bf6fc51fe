"""The parts of the Transformers backend. Importing them loads neither torch nor transformers."""
