"""What one person has rated and what comes next; each rating is on the disk before the next answer is shown."""

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from proofkit_core.errors import InputError
from proofkit_eval.judging.asking import exercise_of
from proofkit_eval.judging.imported import Rating
from proofkit_eval.judging.leaks import mask
from proofkit_eval.judging.protocol import JudgeItem
from proofkit_eval.judging.rubric import LOWEST, TOP, Rubric
from proofkit_eval.logs.lines import Mistakes, iter_lines
from proofkit_eval.logs.records import fault_of

__all__ = ["Desk", "Refused", "Turn", "read_ratings"]

_SKIPPED = "skipped by the person who rates"
_YES_NO = {"yes": True, "no": False}


class Turn(NamedTuple):
    """What is shown next."""

    item: JudgeItem
    place: int
    """From 1."""
    total: int


class Refused(NamedTuple):
    """Why a form was not taken, and what was chosen in it."""

    message: str
    missing: tuple[str, ...]


class Desk:
    """The ratings of one person. Any thread may use it."""

    def __init__(
        self,
        judge_id: str,
        items: Sequence[JudgeItem],
        rubric: Rubric,
        *,
        keep: Callable[[Rating], None],
        done: Iterable[Rating] = (),
        giveaways: tuple[str, ...] = (),
    ) -> None:
        """Lay out the answers.

        Args:
            judge_id: Who rates.
            items: In the order of `plan`.
            rubric: What is asked.
            keep: Takes each rating as it comes, such as `RowLog.append`.
            done: What this person has rated before.
            giveaways: Names that the page blacks out, from `giveaways_of`.
        """
        self.judge_id, self.rubric = judge_id, rubric
        self._items = tuple(_masked(item, giveaways) for item in items)
        self._keep, self._lock = keep, threading.Lock()
        self._rated = {(each.alias, each.repeat) for each in done if each.judge == judge_id}

    @property
    def total(self) -> int:
        """Return how many answers there are, second looks included."""
        return len(self._items)

    def next_turn(self) -> Turn | None:
        """Return what is to be rated next, or None at the end."""
        with self._lock:
            return self._turn()

    def rate(self, alias: str, repeat: int, form: dict[str, str]) -> Refused | None:
        """Take a rating over.

        Args:
            alias: Of the answer that was on the page.
            repeat: Whether it was a second look.
            form: What was chosen, by id of axis or item; `skip` for no rating at all.

        Returns:
            None where it was kept, or was kept before; otherwise what is missing, and nothing was kept.
        """
        with self._lock:
            turn = self._turn()
            if turn is None or (turn.item.alias, turn.item.repeat) != (alias, repeat):
                # The same form sent twice, or an old page: the page that is due comes next.
                return None
            rating = self._read(turn.item, form)
            if isinstance(rating, Refused):
                return rating
            self._keep(rating)
            self._rated.add((alias, repeat))
        return None

    def _turn(self) -> Turn | None:
        for place, item in enumerate(self._items, start=1):
            if (item.alias, item.repeat) not in self._rated:
                return Turn(item, place, len(self._items))
        return None

    def _read(self, item: JudgeItem, form: dict[str, str]) -> Rating | Refused:
        if "skip" in form:
            return Rating(alias=item.alias, judge=self.judge_id, reason=_SKIPPED, repeat=item.repeat)
        grades = {str(grade): grade for grade in range(LOWEST, TOP + 1)}
        asked = [each.id for each in self.rubric.items_of(item.prompt.task)]
        missing = [axis for axis in self.rubric.axis_ids if form.get(axis) not in grades]
        missing += [each for each in asked if form.get(each) not in {*_YES_NO, "unclear"}]
        if missing:
            told = ", ".join(name.replace("_", " ") for name in missing)
            return Refused(f"Still open: {told}. Choose one for each, or skip this answer.", tuple(missing))
        axes = {axis: grades[form[axis]] for axis in self.rubric.axis_ids}
        items = {each: _YES_NO.get(form[each]) for each in asked}
        return Rating(alias=item.alias, judge=self.judge_id, axes=axes or None, items=items, repeat=item.repeat)


def _masked(item: JudgeItem, giveaways: tuple[str, ...]) -> JudgeItem:
    return item.model_copy(update={"answer": mask(item.answer, giveaways, told=exercise_of(item.prompt))})


def read_ratings(path: Path) -> tuple[Rating, ...]:
    """Return the ratings of a file that the page wrote, so that a person goes on where they stopped.

    Args:
        path: The file; a missing one holds none.

    Raises:
        InputError: Lines are malformed; each is told with its number.
    """
    if not path.exists():
        return ()
    mistakes, ratings = Mistakes(path), list[Rating]()
    for line in iter_lines(path):
        if not line.is_whole:
            continue  # half written by a program that was stopped; `RowLog` puts it aside
        try:
            ratings.append(Rating.model_validate_json(line.content))
        except ValidationError as error:
            mistakes.add(line.number, fault_of(error))
    mistakes.settle()
    if len({(each.alias, each.judge, each.repeat) for each in ratings}) < len(ratings):
        raise InputError(
            f"The ratings {str(path)!r} rate one answer twice under one name. Expected one rating each. Remove the "
            "line that is not meant."
        )
    return tuple(ratings)
