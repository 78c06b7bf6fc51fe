"""Whose turn it is, for any order of coming, leaving and being answered."""

from collections import Counter
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from proofkit_serve.backends.decoding.fair_line import FairLine

REQUESTERS = st.sampled_from("abcd")


class Item(NamedTuple):
    requester: str
    number: int


class Watched:
    """A line, and beside it who was answered since each waiting item was the first of its requester."""

    def __init__(self) -> None:
        self.line: FairLine[Item] = FairLine()
        self.waiting: list[Item] = []
        self.answered: Item | None = None
        self.since: dict[Item, Counter[str]] = {}
        self.came = 0

    def put(self, requester: str) -> None:
        item = Item(requester, self.came)
        self.came += 1
        self.waiting.append(item)
        self.line.put(requester, item)
        self._watch()

    def take(self) -> None:
        if self.answered is not None:
            return
        item = self.line.take()
        if item is None:
            assert not self.waiting
            return
        own = [other for other in self.waiting if other.requester == item.requester]
        assert item == own[0]
        assert max(self.since.pop(item).values(), default=0) <= 1
        self.waiting.remove(item)
        self.answered = item
        for counts in self.since.values():
            counts[item.requester] += 1
        self._watch()

    def finish(self) -> None:
        self.line.finish()
        self.answered = None

    def drop(self, number: int) -> None:
        gone = next((item for item in self.waiting if item.number == number), None)
        assert self.line.drop(gone or Item("a", number)) == (gone is not None)
        if gone:
            self.waiting.remove(gone)
            self.since.pop(gone, None)
            self._watch()

    def _watch(self) -> None:
        """Start to count for those who just became the first of their requester."""
        for requester in {item.requester for item in self.waiting}:
            first = next(item for item in self.waiting if item.requester == requester)
            busy = self.answered is not None and self.answered.requester != requester
            self.since.setdefault(first, Counter([self.answered.requester] if busy and self.answered else []))


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), REQUESTERS),
        st.tuples(st.just("take"), st.just("")),
        st.tuples(st.just("finish"), st.just("")),
        st.tuples(st.just("drop"), st.integers(0, 12).map(str)),
    ),
    max_size=60,
)


def _play(actions: list[tuple[str, str]]) -> Watched:
    watched = Watched()
    for action, argument in actions:
        match action:
            case "put":
                watched.put(argument)
            case "take":
                watched.take()
            case "finish":
                watched.finish()
            case _:
                watched.drop(int(argument))
    return watched


@given(ACTIONS)
def test_nobody_waits_for_more_than_one_answer_of_every_other_and_nothing_is_lost(
    actions: list[tuple[str, str]],
) -> None:
    watched = _play(actions)  # checks each turn
    assert len(watched.line) == len(watched.waiting)
    while watched.waiting:
        watched.finish()
        watched.take()
    assert len(watched.line) == 0


@given(ACTIONS)
def test_the_place_that_is_told_is_the_number_of_answers_before(actions: list[tuple[str, str]]) -> None:
    watched = _play(actions)
    places = {item: watched.line.place(item) for item in watched.waiting}
    served = int(watched.answered is not None)
    for item, place in sorted(places.items(), key=lambda pair: pair[1] or 0):
        watched.finish()
        assert place == served
        assert watched.line.take() == item
        served += 1
    assert watched.line.place(Item("a", 99)) is None


@given(ACTIONS)
def test_what_is_drained_is_all_that_waits(actions: list[tuple[str, str]]) -> None:
    watched = _play(actions)
    assert sorted(watched.line.drain()) == sorted(watched.waiting)
    assert len(watched.line) == 0


def test_one_who_asks_for_much_does_not_hold_up_one_who_asks_for_little() -> None:
    line: FairLine[str] = FairLine()
    for number in range(4):
        line.put("much", f"much {number}")
    order = [line.take()]
    line.put("little", "little")
    for _ in range(4):
        line.finish()
        order.append(line.take())
    assert order == ["much 0", "little", "much 1", "much 2", "much 3"]
