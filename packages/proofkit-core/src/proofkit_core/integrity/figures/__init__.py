"""Reads figures and says which of them need a label."""
