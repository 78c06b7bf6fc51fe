"""Reads figures: numbers in digits or words, with what they measure."""
