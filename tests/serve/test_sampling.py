import numpy as np  # noqa: TID253 - scores are NumPy arrays
from numpy.typing import NDArray  # noqa: TID253 - the same

from proofkit_core.generation import Decoding
from proofkit_serve.backends.decoding.sampling import Sampler

SIZE = 8


class OnlyTokens:
    """A constraint that allows some tokens and counts how often its mask was needed."""

    finished = False

    def __init__(self, *allowed: int) -> None:
        self.mask = np.isin(np.arange(SIZE), allowed)
        self.masks = 0

    def accept(self, token: int) -> bool:
        return bool(self.mask[token])

    def allowed(self) -> NDArray[np.bool_]:
        self.masks += 1
        return self.mask

    def forced(self) -> list[int]:
        return []


def _scores(*values: float) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


RISING = _scores(0, 1, 2, 3, 4, 5, 6, 7)


def test_the_likeliest_allowed_token_is_taken() -> None:
    assert Sampler(Decoding()).choose(RISING, [], OnlyTokens(1, 4, 2)) == 4


def test_no_mask_is_computed_while_the_likeliest_token_is_allowed() -> None:
    constraint = OnlyTokens(7, 1)
    assert Sampler(Decoding()).choose(RISING, [], constraint) == 7
    assert constraint.masks == 0


def test_the_engines_scores_are_left_as_they_are() -> None:
    scores = RISING.copy()
    Sampler(Decoding(repeat_penalty=1.5, temperature=1.0)).choose(scores, [7, 6], OnlyTokens(0, 1))
    assert np.array_equal(scores, RISING)


def test_a_token_already_written_loses_to_one_that_was_not() -> None:
    every = OnlyTokens(*range(SIZE))
    assert Sampler(Decoding(repeat_penalty=2.0)).choose(RISING, [7, 7], every) == 6
    falling = -RISING - 1
    assert Sampler(Decoding(repeat_penalty=2.5)).choose(falling, [0], every) == 1


def test_refused_draws_leave_the_chances_of_the_allowed_tokens_in_proportion() -> None:
    sampler, constraint = Sampler(Decoding(temperature=1.0, seed=7)), OnlyTokens(0, 1)
    scores = np.log(_scores(3, 1, 4, 1, 1, 1, 1, 1))
    drawn = [sampler.choose(scores, [], constraint) for _ in range(4000)]
    assert set(drawn) == {0, 1}
    assert abs(drawn.count(0) / len(drawn) - 0.75) < 0.03
