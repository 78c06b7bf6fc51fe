"""The original's published board, as what claims are held against."""

from proofkit_core.errors import InputError
from proofkit_eval.claims.finding import find_comparison, with_tie
from proofkit_eval.published.board import Published
from proofkit_eval.published.working import work_through
from proofkit_eval.statistics.records import Comparison

__all__ = ["PublishedEvidence"]

PUBLISHED = "final"
LEVEL = 0.95


class PublishedEvidence:
    """The original's board. Its one measure is `final`, and each judge is one observation."""

    def __init__(self, published: Published) -> None:
        """Take the board.

        Args:
            published: What was published.
        """
        worked = work_through(published)
        self._margin = published.margin
        self._means = worked.means
        self._comparisons = worked.comparisons

    def comparison(self, measure: str, a: str, b: str, *, margin: float | None = None) -> Comparison:
        """Compare two models; a tie within more points than the example's margin is refused.

        Raises:
            InputError: There is no such measure or model, or the margin is too wide.
        """
        self._check(measure)
        found = find_comparison(self._comparisons, measure, a, b)
        if margin is None:
            return found
        if margin > self._margin:
            raise InputError(f"the margin of this board is {self._margin:g} points; got {margin:g}")
        return with_tie(found, margin, LEVEL)

    def mean(self, measure: str, model: str) -> float | None:
        """Return one model's mean over the judges.

        Raises:
            InputError: There is no such measure or model.
        """
        self._check(measure)
        if model not in self._means:
            raise InputError(f"there is no model {model!r} on this board; there are: {', '.join(self._means)}")
        return self._means[model]

    def _check(self, measure: str) -> None:
        if measure != PUBLISHED:
            raise InputError(f"the published board has one measure, {PUBLISHED}; got {measure!r}")
