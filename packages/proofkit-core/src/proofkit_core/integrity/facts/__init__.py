"""Knows what a statement may rest on, and looks statements and numbers up."""
