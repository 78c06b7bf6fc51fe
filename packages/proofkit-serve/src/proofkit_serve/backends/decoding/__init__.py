"""Decoding inside this process, whatever engine holds the weights: line of calls, masks, sampling, prefix copies."""
