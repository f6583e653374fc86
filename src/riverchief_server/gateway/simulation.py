"""Stations that are not there: they connect, send, wait for the answer and count. For tests, demonstrations, load."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from riverchief.telemetry.hj212 import encode
from riverchief.telemetry.hj212.encode import Group
from riverchief.telemetry.hj212.frame import Frame, FrameSplitter
from riverchief.telemetry.hj212.message import Message, parse

CHINA = timezone(timedelta(hours=8))
# factor of HJ 212, its mean and how far it swings in a day: clean water of a mountain river
FACTORS = (
    ("w01001", 7.9, 0.2),
    ("w01009", 8.4, 0.6),
    ("w01019", 1.8, 0.3),
    ("w21003", 0.09, 0.03),
    ("w21011", 0.03, 0.01),
)
ANSWER_WITHIN_S = 60.0


@dataclass
class Tally:
    """What happened: frames ``sent``, ``answered`` (9014: durable over there), ``refused`` (9011), connections lost,
    and how long each answer took [s]; ``commands`` are the CNs that came down."""

    sent: int = 0
    answered: int = 0
    refused: int = 0
    lost: int = 0
    waits_s: list[float] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    acknowledged: list[tuple[str, datetime]] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """The answer time [s] that ``share`` of the answers did not exceed; NaN where there was none."""
        return percentile(self.waits_s, share)


def percentile(waits_s: Iterable[float], share: float) -> float:
    """The value that ``share`` of ``waits_s`` did not exceed; NaN where there is none."""
    ordered = sorted(waits_s)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else math.nan


def frame_of(identity: str, password: str, at: datetime, number: int, *, wants_answer: bool = True) -> bytes:
    """The real-time frame (CN 2011) of a surface-water station at ``at``; ``number`` makes its QN its own."""
    local = at.astimezone(CHINA)
    hour = local.hour + local.minute / 60 + number % 7
    groups = [
        Group(code, {"Rtd": f"{mean + swing * math.sin(hour / 24 * 2 * math.pi):.3f}"}) for code, mean, swing in FACTORS
    ]
    qn = encode.qn_of(datetime.now(UTC).astimezone(CHINA))
    frames = encode.upload(
        "2011", mn=identity, st="21", time=local, groups=groups, qn=qn, pw=password, wants_answer=wants_answer
    )
    return frames[0]


class Station:
    """One station over one connection: it sends a frame, waits for the answer to it, and keeps the time between."""

    def __init__(self, host: str, port: int, identity: str, password: str, tally: Tally):
        self.host, self.port, self.identity, self.password, self.tally = host, port, identity, password, tally
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._splitter = FrameSplitter()

    async def connect(self) -> None:
        """Open the connection."""
        self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        self._splitter = FrameSplitter()

    async def send(self, at: datetime, number: int = 0) -> bool:
        """Send the sample of ``at``; whether it was acknowledged. A lost connection is opened again next time."""
        is_acknowledged = await self.send_frame(frame_of(self.identity, self.password, at, number))
        if is_acknowledged:
            self.tally.acknowledged.append((self.identity, at))
        return is_acknowledged

    async def send_frame(self, frame: bytes) -> bool:
        """Send ``frame``; whether it was acknowledged."""
        if self._writer is None or self._writer.is_closing():
            await self.connect()
        assert self._writer is not None
        began = time.perf_counter()
        self.tally.sent += 1
        try:
            self._writer.write(frame)
            message = await asyncio.wait_for(self._answer(), ANSWER_WITHIN_S)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            self.tally.lost += 1
            self.close()
            return False
        if message.cn != "9014":
            self.tally.refused += 1
            return False
        self.tally.answered += 1
        self.tally.waits_s.append(time.perf_counter() - began)
        return True

    def carry_out(self, command: Message) -> int:
        """Do what ``command`` asks; the ExeRtn that says how it went."""
        return 1

    async def listen(self, for_s: float) -> None:
        """Answer the commands that come down for a while."""
        try:
            await asyncio.wait_for(self._answer(until=""), for_s)
        except TimeoutError:
            return

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _answer(self, until: str = "9014") -> Message:
        """The next acknowledgement or refusal; commands that come before it are carried out."""
        assert self._reader is not None and self._writer is not None
        while True:
            chunk = await self._reader.read(4096)
            if not chunk:
                raise asyncio.IncompleteReadError(b"", None)
            for piece in self._splitter.feed(chunk):
                message = parse(piece) if isinstance(piece, Frame) else piece
                if not isinstance(message, Message):
                    continue
                if message.cn in (until, "9011"):
                    return message
                if message.cn not in ("9012", "9013", "9014"):
                    self.tally.commands.append(message.cn)
                    self._writer.write(encode.request_reply(message, 1))
                    self._writer.write(encode.execution_reply(message, self.carry_out(message)))
