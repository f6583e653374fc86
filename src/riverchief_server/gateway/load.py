"""Thousands of simulated stations at a steady pace, cheap enough to leave the machine to the gateway they speak to.

A :class:`~riverchief_server.gateway.simulation.Station` takes each answer apart and carries out commands; here a
station only sends its next sample when it is due and the last one has been answered, and counts.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from riverchief.telemetry.crc import hj212_crc
from riverchief_server.gateway.simulation import CHINA, frame_of, percentile

ANSWER_WITHIN_S = 60.0
AGAIN_S = 1.0
DAY = timedelta(days=1)
QN, TIME = b"QN=", b"DataTime="


@dataclass
class Count:
    """What happened: frames ``sent``, ``answered`` (9014: durable over there), ``refused`` (9011), ``lost`` (no answer
    within a minute, or the connection broke), and how long each answer took [s]."""

    sent: int = 0
    answered: int = 0
    refused: int = 0
    lost: int = 0
    waits_s: array[float] = field(default_factory=lambda: array("d"))

    def percentile(self, share: float) -> float:
        """The answer time [s] that ``share`` of the answers did not exceed; NaN where there was none."""
        return percentile(self.waits_s, share)


class Template:
    """The frames of one station, made from one frame by writing other times into it: twenty times quicker."""

    def __init__(self, identity: str, password: str, at: datetime, number: int):
        segment = frame_of(identity, password, at, number)[6:-6]
        _, _, rest = segment.partition(b";")
        self._before, _, rest = rest.partition(TIME)
        self._after = rest[14:]

    def frame(self, at: datetime, now: datetime) -> bytes:
        """The frame of the sample of ``at``, sent ``now``."""
        local, sent = at.astimezone(CHINA), now.astimezone(CHINA)
        segment = b"QN=%b%03d;%bDataTime=%b%b" % (
            _digits(sent),
            sent.microsecond // 1000,
            self._before,
            _digits(local),
            self._after,
        )
        return b"##%04d%b%04X\r\n" % (len(segment), segment, hj212_crc(segment))


def _digits(local: datetime) -> bytes:
    # strftime takes five times as long
    return b"%04d%02d%02d%02d%02d%02d" % local.timetuple()[:6]


class _Sender(asyncio.Protocol):
    """One station: sends when it is due and its last frame was answered."""

    def __init__(self, host: str, port: int, template: Template, count: Count, first: datetime | None, every_s: float):
        self._where = host, port
        self._template, self._count, self._sample, self._every_s = template, count, first, every_s
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due_s = self._sent_s = self._end_s = 0.0
        self._is_waiting = self._is_over = False
        self._rest = b""

    async def connect(self) -> None:
        """Open the connection."""
        await self._loop.create_connection(lambda: self, *self._where)

    def start(self, first_s: float, end_s: float) -> None:
        """Send from ``first_s`` on (the loop's time), nothing any more after ``end_s``."""
        self._due_s, self._end_s = first_s, end_s
        self._timer = self._loop.call_at(first_s, self._send)

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._is_waiting

    def stop(self) -> None:
        """Hang up; what was not answered is lost."""
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        self._give_up()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._rest = cast(asyncio.Transport, transport), b""

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._give_up()
        if not self._is_over:
            self._timer = self._loop.call_later(AGAIN_S, lambda: asyncio.ensure_future(self._again()))

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        for line in lines:
            if b";CN=9014;" in line:
                self._count.answered += 1
                self._count.waits_s.append(self._loop.time() - self._sent_s)
            elif b";CN=9011;" in line:
                self._count.refused += 1
            else:
                continue
            self._is_waiting = False
            self._next()

    def _send(self) -> None:
        if self._transport is None or self._loop.time() > self._end_s:
            return
        now = datetime.now(UTC)
        self._transport.write(self._template.frame(self._sample or now, now))
        if self._sample is not None:
            self._sample += timedelta(seconds=1)
        self._count.sent += 1
        self._is_waiting, self._sent_s = True, self._loop.time()
        self._timer = self._loop.call_later(ANSWER_WITHIN_S, self._late)

    def _next(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due_s = max(self._due_s + self._every_s, self._loop.time())
        if self._due_s < self._end_s:
            self._timer = self._loop.call_at(self._due_s, self._send)

    def _late(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _give_up(self) -> None:
        self._count.lost += self._is_waiting
        self._is_waiting = False

    async def _again(self) -> None:
        try:
            await self.connect()
        except OSError:
            self._timer = self._loop.call_later(AGAIN_S, lambda: asyncio.ensure_future(self._again()))
        else:
            self._next()


async def run(
    host: str, port: int, identities: Sequence[str], password: str, *, frames_a_second: float, seconds: float
) -> Count:
    """Let the stations ``identities`` send together ``frames_a_second`` for ``seconds``, evenly spread, each waiting
    for its answer before it sends again. A frame is the sample of the moment it is sent; where a station sends more
    than one a second, of a second of its own, yesterday. Raises :class:`OSError` where nobody listens."""
    count, loop = Count(), asyncio.get_running_loop()
    every_s = len(identities) / frames_a_second
    is_live = every_s >= 1.0
    first = datetime.now(UTC).replace(second=0, microsecond=0) - DAY
    senders = [
        _Sender(host, port, Template(identity, password, first, place), count, None if is_live else first, every_s)
        for place, identity in enumerate(identities)
    ]
    for start in range(0, len(senders), 100):
        await asyncio.gather(*(sender.connect() for sender in senders[start : start + 100]))
    begin = loop.time()
    for place, sender in enumerate(senders):
        sender.start(begin + place * every_s / len(senders), begin + seconds)
    await asyncio.sleep(seconds)
    until = loop.time() + ANSWER_WITHIN_S
    while loop.time() < until and any(sender.is_waiting for sender in senders):
        await asyncio.sleep(0.05)
    for sender in senders:
        sender.stop()
    return count
