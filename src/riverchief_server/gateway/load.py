"""Thousands of simulated stations at a steady pace, cheap enough to leave the machine to the gateway they speak to.

A :class:`~riverchief_server.gateway.simulation.Station` carries out commands; here a station of any protocol only sends
its next sample when it is due and the last one has been answered, and counts.
"""

from __future__ import annotations

import asyncio
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from riverchief.example.stations import sample
from riverchief.telemetry.crc import hj212_crc
from riverchief.telemetry.protocol import Heard, Row
from riverchief_server.gateway.simulation import CHINA, frame_of, percentile

ANSWER_WITHIN_S = 60.0
AGAIN_S = 1.0
DAY = timedelta(days=1)
QN, TIME = b"QN=", b"DataTime="


@dataclass
class Count:
    """What happened: messages ``sent``, ``answered`` (durable over there), ``refused``, ``lost`` (no answer within a
    minute, or the connection broke), how long each answer took [s], and what was said by those who refused."""

    sent: int = 0
    answered: int = 0
    refused: int = 0
    lost: int = 0
    waits_s: array[float] = field(default_factory=lambda: array("d"))
    reasons: Counter[str] = field(default_factory=Counter)

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


class Spoken:
    """The messages of one station of any protocol: a sample as it speaks it."""

    def __init__(self, row: Row, identity: str, password: str):
        assert row.does.speak is not None
        self._speak, self._identity, self._password = row.does.speak, identity, password

    def frame(self, at: datetime, now: datetime) -> bytes:
        """The message of the sample of ``at``."""
        return self._speak(sample(self._identity, at), self._identity, self._password)[0].payload


def _digits(local: datetime) -> bytes:
    # strftime takes five times as long
    return b"%04d%02d%02d%02d%02d%02d" % local.timetuple()[:6]


class _Sender(asyncio.Protocol):
    """One station: sends when it is due and its last frame was answered."""

    def __init__(
        self,
        row: Row,
        where: tuple[str, int],
        template: Template | Spoken,
        count: Count,
        first: datetime | None,
        every_s: float,
    ):
        assert row.does.line is not None
        self._where, self._make_line = where, row.does.line
        self._template, self._count, self._sample, self._every_s = template, count, first, every_s
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due_s = self._sent_s = self._end_s = 0.0
        self._is_waiting = self._is_over = False
        self._line = self._make_line()

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
        self._transport, self._line = cast(asyncio.Transport, transport), self._make_line()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._give_up()
        if not self._is_over:
            self._timer = self._loop.call_later(AGAIN_S, lambda: asyncio.ensure_future(self._again()))

    def data_received(self, data: bytes) -> None:
        for heard in self._line.feed(data):
            verdict = self._line.is_acknowledged(heard) if isinstance(heard, Heard) else None
            if verdict is None:
                continue
            is_good, why = verdict
            if is_good:
                self._count.answered += 1
                self._count.waits_s.append(self._loop.time() - self._sent_s)
            else:
                self._count.refused += 1
                self._count.reasons[why] += 1
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
    row: Row,
    where: tuple[str, int],
    identities: Sequence[str],
    password: str,
    *,
    frames_a_second: float,
    seconds: float,
) -> Count:
    """Let the stations ``identities`` of the protocol of ``row`` send together ``frames_a_second`` for ``seconds``,
    evenly spread, each waiting for its answer before it sends again. A frame is the sample of the moment it is sent;
    where a station sends more than one a second, of a second of its own, yesterday. Raises :class:`OSError` where
    nobody listens."""
    count, loop = Count(), asyncio.get_running_loop()
    every_s = len(identities) / frames_a_second
    is_live = every_s >= 1.0
    first = datetime.now(UTC).replace(second=0, microsecond=0) - DAY
    senders = [
        _Sender(row, where, template, count, None if is_live else first, every_s)
        for template in (_template(row, identity, password, first, place) for place, identity in enumerate(identities))
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


def _template(row: Row, identity: str, password: str, first: datetime, number: int) -> Template | Spoken:
    quick = QUICK.get(row.name)
    return quick(identity, password, first, number) if quick else Spoken(row, identity, password)


#: What would cost the machine more to say than the gateway to hear is made from a template.
QUICK = {"hj212": Template}
