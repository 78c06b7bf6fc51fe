"""A page on which a person rates answers blind: in the browser, by keyboard alone, served on this machine only."""

from proofkit_eval.judging.rating.desk import Desk, read_ratings
from proofkit_eval.judging.rating.server import RatingServer, open_server

__all__ = ["Desk", "RatingServer", "open_server", "read_ratings"]
