"""What is asked of every reading at whichever door it comes in: that it is not from the future.

A reading from the future would stay "the latest" until that day came, and a month that has not begun would be judged.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from riverchief.errors import Fault

#: Clocks of stations are minutes off; an hour is a wrong zone or a wrong year.
FURTHEST_AHEAD = timedelta(hours=1)


def is_ahead(time: datetime, now: datetime) -> bool:
    """Whether ``time`` (aware) lies further ahead of ``now`` than a clock may be off."""
    return time > now + FURTHEST_AHEAD


def from_the_future(time: datetime, parameter: str = "", *, line: int | None = None) -> Fault:
    """What is said of a reading (of ``parameter``, in ``line`` of a file) that is ahead."""
    return Fault("from_the_future", line=line, details={"given": f"{parameter} {time:%Y-%m-%d %H:%M} UTC".strip()})
