"""The data set builder: from hand-written cases to rows that a model is trained on.

    material/cases/*.toml ─► case ─► variation ─► world ─► target ─► gate ─► row ─► files
                             (as written)  (what is chosen)  (the app's own brief and challenge)  (the app's own checks)

A row is a function of its inputs, in this order: a person, what they say, then a target written from that and from the
facts of the exercise. The gate is the very code by which the app accepts or refuses a model's draft.
"""
