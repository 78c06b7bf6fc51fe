"""The model in the loop: fields, calls, checks, and the fall back to the composer."""
