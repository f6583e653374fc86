"""Pictures in several packets (mode M3) put together again, kept as attachments; in bounded memory and time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from riverchief.telemetry.sl651.frame import Frame
from riverchief.telemetry.sl651.report import Report


class Attachment(NamedTuple):
    """A picture that a station sent. ``missing`` are the numbers of packets that never came (empty: it is whole);
    ``kind`` is what its first bytes say it is."""

    station: str
    time: datetime | None
    kind: str
    content: bytes
    missing: tuple[int, ...] = ()


class _Open:
    def __init__(self, since_s: float, total: int):
        self.since_s, self.total = since_s, total
        self.first: Report | None = None
        self.parts: dict[int, bytes] = {}


class Assembler:
    """Collects the packets of the pictures of one connection.

    At most ``max_open`` pictures and ``max_bytes`` [byte] wait at a time; the oldest is given up first. A packet
    waits at most ``patience_s`` [s] for its fellows.
    """

    def __init__(self, *, max_open: int = 4, max_bytes: int = 4_000_000, patience_s: float = 300.0):
        self.max_open, self.max_bytes, self.patience_s = max_open, max_bytes, patience_s
        self._open: dict[tuple[str, str], _Open] = {}
        self._bytes = 0

    def add(self, report: Report, now_s: float) -> list[Attachment]:
        """The pictures that ``report`` completes, and those given up to make room; a packet twice counts once."""
        frame = report.frame
        if not report.picture:
            return []
        if frame.total is None or frame.number is None or frame.total == 1:
            return [_attachment(report.station, report.observed_at, {1: report.picture}, 1)]
        key = (frame.station, frame.function)
        finished: list[Attachment] = []
        waiting = self._open.get(key)
        if waiting is not None and (waiting.total != frame.total or (frame.number == 1 and 1 in waiting.parts)):
            is_repeat = waiting.total == frame.total and waiting.parts.get(1) == report.picture
            if not is_repeat:  # another picture has begun
                finished.append(self._close(key))
                waiting = None
        if waiting is None:
            waiting = self._open.setdefault(key, _Open(now_s, frame.total))
        if frame.number not in waiting.parts:
            waiting.parts[frame.number] = report.picture
            self._bytes += len(report.picture)
        if frame.number == 1:
            waiting.first = report
        if len(waiting.parts) == waiting.total:
            finished.append(self._close(key))
        while len(self._open) > self.max_open or self._bytes > self.max_bytes:
            finished.append(self._close(next(iter(self._open))))
        return finished

    def missing(self, station: str, function: str = "36") -> tuple[int, ...]:
        """The numbers of the packets that a picture still waits for: what to ask for again with NAK."""
        waiting = self._open.get((station, function))
        if waiting is None:
            return ()
        return tuple(number for number in range(1, waiting.total + 1) if number not in waiting.parts)

    def expire(self, now_s: float) -> list[Attachment]:
        """The pictures whose packets have waited too long, as far as they came."""
        old = [key for key, waiting in self._open.items() if now_s - waiting.since_s >= self.patience_s]
        return [self._close(key) for key in old]

    def _close(self, key: tuple[str, str]) -> Attachment:
        waiting = self._open.pop(key)
        self._bytes -= sum(map(len, waiting.parts.values()))
        station = waiting.first.station if waiting.first else key[0]
        moment = waiting.first.observed_at if waiting.first else None
        return _attachment(station, moment, waiting.parts, waiting.total)


def joined(frames: Sequence[Frame]) -> Frame:
    """The packets ``frames`` of one report, in order of their numbers and the first among them, as one frame.

    Only the first packet's body begins as a body does; those of the others go on where the one before ended. A packet
    that is missing leaves a gap that nothing marks: of a JPEG what lies before it can be shown.
    """
    return frames[0]._replace(body=b"".join(frame.body for frame in frames), total=None, number=None)


def media_type_of(content: bytes) -> str:
    """What the first bytes of a picture say it is: ``image/jpeg``, as the standard has it, or bytes nobody knows."""
    return "image/jpeg" if content[:3] == b"\xff\xd8\xff" else "application/octet-stream"


def _attachment(station: str, moment: datetime | None, parts: dict[int, bytes], total: int) -> Attachment:
    content = b"".join(parts[number] for number in sorted(parts))
    missing = tuple(number for number in range(1, total + 1) if number not in parts)
    return Attachment(station, moment, media_type_of(content), content, missing)
