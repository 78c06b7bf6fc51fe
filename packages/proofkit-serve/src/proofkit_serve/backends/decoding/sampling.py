"""Choosing a token from the model's scores."""

import math
from collections.abc import Sequence

import numpy as np  # noqa: TID253 - imported only when a model is opened
from numpy.typing import NDArray  # noqa: TID253 - the same

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import Decoding
from proofkit_serve.backends.decoding.masks import Constraint

__all__ = ["Sampler"]


class Sampler:
    """Chooses tokens as one request's `Decoding` says; the same seed and scores give the same tokens."""

    def __init__(self, decoding: Decoding) -> None:
        """Seed the draw."""
        self._decoding = decoding
        self._random = np.random.default_rng(decoding.seed)

    def choose(self, logits: NDArray[np.float32], written: Sequence[int], constraint: Constraint) -> int:
        """Return the next token, taken by the constraint already.

        The best token of all is the best of the allowed ones if it is allowed itself. For a draw the same holds:
        drawing again among the allowed after a refused draw gives each allowed token its renormalised chance.

        Raises:
            GenerationError: The constraint let no token follow.
        """
        scores = self._penalised(logits, written)
        token = self._pick(scores)
        if constraint.accept(token):
            return token
        token = self._pick(np.where(constraint.allowed(), scores, np.float32(-np.inf)))
        if not constraint.accept(token):
            raise GenerationError(
                f"The constraint refused token {token} that its own mask allowed. Expected the two to agree. "
                f"Report this with the task's schema.",
                kind=FailureKind.BAD_ANSWER,
            )
        return token

    def _penalised(self, logits: NDArray[np.float32], written: Sequence[int]) -> NDArray[np.float32]:
        penalty = self._decoding.repeat_penalty
        if penalty == 1.0 or not written:
            return logits
        scores = logits.copy()  # the original is the engine's own memory
        repeated = np.unique(np.asarray(written, dtype=np.intp))
        values = scores[repeated]
        scores[repeated] = np.where(values > 0, values / penalty, values * penalty)
        return scores

    def _pick(self, scores: NDArray[np.float32]) -> int:
        if self._decoding.temperature == 0.0:
            return int(scores.argmax())
        weights = np.exp((scores.astype(np.float64) - scores.max()) / self._decoding.temperature)
        edges = np.cumsum(weights)
        total = float(edges[-1])
        draw = min(self._random.random() * total, math.nextafter(total, 0.0))  # rounding must not pass the end
        return int(np.searchsorted(edges, draw, side="right"))
