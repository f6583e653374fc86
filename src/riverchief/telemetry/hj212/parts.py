"""Messages in several packets (PNUM, PNO) put together again, in bounded memory and time.

The caller says what time it is; a message whose other parts do not come is given back as far as it came, so that
nothing that was received is lost.
"""

from __future__ import annotations

from typing import NamedTuple

from riverchief.telemetry.hj212.message import Message

MOST_PARTS = 9999


class Whole(NamedTuple):
    """A message put together; ``missing`` are the numbers of the parts that never came (empty: it is whole)."""

    message: Message
    missing: tuple[int, ...] = ()


class _Open(NamedTuple):
    since_s: float
    parts: dict[int, Message]


class Assembler:
    """Collects the parts of the split messages of one connection.

    At most ``max_open`` messages and ``max_bytes`` [byte] of content wait at a time; the oldest is given up first. A
    part waits at most ``patience_s`` [s].
    """

    def __init__(self, *, max_open: int = 16, max_bytes: int = 1_000_000, patience_s: float = 60.0):
        self.max_open, self.max_bytes, self.patience_s = max_open, max_bytes, patience_s
        self._open: dict[tuple[str, str, str], _Open] = {}
        self._bytes = 0

    def add(self, message: Message, now_s: float) -> list[Whole]:
        """What ``message`` completes: itself if it is not a part, its whole if it was the last missing part, and what
        had to be given up to make room. The same part twice counts once."""
        if not message.is_part:
            return [Whole(message)]
        number, of = message.pno or 0, message.pnum or 0
        if not 1 <= number <= of <= MOST_PARTS:
            return [Whole(message)]
        key = (message.mn, message.cn, message.qn or message.field("DataTime") or "")
        waiting = self._open.setdefault(key, _Open(now_s, {}))
        if number not in waiting.parts:
            waiting.parts[number] = message
            self._bytes += len(message.content)
        if len(waiting.parts) >= of:
            return [self._close(key)]
        given_up: list[Whole] = []
        while len(self._open) > self.max_open or self._bytes > self.max_bytes:
            given_up.append(self._close(next(iter(self._open))))
        return given_up

    def expire(self, now_s: float) -> list[Whole]:
        """The messages whose parts have waited too long, as far as they came."""
        old = [key for key, waiting in self._open.items() if now_s - waiting.since_s >= self.patience_s]
        return [self._close(key) for key in old]

    def finish(self) -> list[Whole]:
        """Everything that still waits, as far as it came."""
        return [self._close(key) for key in list(self._open)]

    def _close(self, key: tuple[str, str, str]) -> Whole:
        parts = self._open.pop(key).parts
        self._bytes -= sum(len(part.content) for part in parts.values())
        first = parts[min(parts)]
        content = ";".join(filter(None, (parts[number].content.strip(";") for number in sorted(parts))))
        wanted = range(1, max(part.pnum or 0 for part in parts.values()) + 1)
        missing = tuple(number for number in wanted if number not in parts)
        return Whole(first._replace(content=content, pnum=None, pno=None), missing)
