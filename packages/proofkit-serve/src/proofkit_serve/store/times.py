"""Clocks of the store, and how it keeps their times."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the time with its zone."""

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def system_clock() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def as_microseconds(time: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return (time - _START) // _MICROSECOND


def as_time(microseconds: int) -> datetime:
    """Return the time in UTC of so many microseconds since 1970."""
    return _START + timedelta(microseconds=microseconds)
