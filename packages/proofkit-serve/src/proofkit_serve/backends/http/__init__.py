"""What the backends share that reach a model over HTTP.

Only `transport` knows the HTTP library, so that another one can take its place.
"""
