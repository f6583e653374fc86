"""Reports of SL 651 in several packets (mode M3): which have come, and what is to be asked for again.

After the last packet, or when none has come for a while, each missing one is asked for with NAK, a few at a time and a
few times; what never comes is left out, and the rest is kept. Nothing is put together here: every packet lies in the
journal, and the inbox does that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from riverchief.telemetry.sl651.frame import ETX, Frame
from riverchief.telemetry.sl651.report import Report

MOST_OPEN = 8  # reports of one connection whose packets are still to come
MOST_ROUNDS, AT_ONCE = 3, 16
QUIET_S = 15.0


class Wanted(NamedTuple):
    """A packet to be asked for: the last frame that came of its report, the report's serial, its number."""

    frame: Frame
    serial: int
    number: int


@dataclass
class _Open:
    frame: Frame
    heard_s: float
    serial: int = 0
    numbers: set[int] = field(default_factory=set)
    rounds: int = 0
    asked: set[int] = field(default_factory=set)


class Packets:
    """The packets of one connection."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], _Open] = {}

    def came(self, frame: Frame, told: Report, now_s: float) -> tuple[bool, list[Wanted]]:
        """Whether the report of ``frame`` is whole with it, and which of its packets are to be asked for now."""
        if frame.total is None or frame.number is None or frame.total == 1:
            return True, []
        key = frame.station, frame.function
        waiting = self._open.get(key)
        is_new = waiting is None or waiting.frame.total != frame.total
        if is_new or (waiting is not None and frame.number == 1 and waiting.serial not in (0, told.serial)):
            self._make_room(key)
            waiting = self._open[key] = _Open(frame, now_s)
        assert waiting is not None
        waiting.frame, waiting.heard_s = frame, now_s
        waiting.serial = told.serial or waiting.serial
        waiting.numbers.add(frame.number)
        waiting.asked.discard(frame.number)
        if len(waiting.numbers) == frame.total:
            del self._open[key]
            return True, []
        is_end = frame.end == ETX or frame.number == frame.total
        answered = waiting.rounds > 0 and not waiting.asked
        return False, self._ask(waiting) if is_end or answered else []

    def overdue(self, now_s: float) -> list[Wanted]:
        """The packets to be asked for because nothing has come for a while."""
        wanted = []
        for key, waiting in list(self._open.items()):
            if now_s - waiting.heard_s < QUIET_S:
                continue
            if waiting.rounds >= MOST_ROUNDS:
                del self._open[key]
                continue
            waiting.heard_s = now_s
            wanted += self._ask(waiting)
        return wanted

    def _ask(self, waiting: _Open) -> list[Wanted]:
        if waiting.rounds >= MOST_ROUNDS:
            return []
        waiting.rounds += 1
        total = waiting.frame.total or 0
        missing = [number for number in range(1, total + 1) if number not in waiting.numbers][:AT_ONCE]
        waiting.asked = set(missing)
        return [Wanted(waiting.frame, waiting.serial, number) for number in missing]

    def _make_room(self, key: tuple[str, str]) -> None:
        self._open.pop(key, None)
        while len(self._open) >= MOST_OPEN:
            del self._open[next(iter(self._open))]
