"""Stations that live on beside a gateway until they are told to stop: HJ 212 with a clock of its own, SL 651 with a
camera. What they say comes from outside; here is only how it gets there: connect, send, wait for the answer, send
again what was asked for again, carry out commands.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from riverchief.telemetry.hj212.message import Message
from riverchief.telemetry.sl651.frame import ESC, NAK, Frame, FrameSplitter
from riverchief_server.gateway.simulation import CHINA, Station

log = logging.getLogger(__name__)
SET_CLOCK, NO_DATA = "1012", 100
AGAIN_S = 10.0


class ClockedStation(Station):
    """A station of HJ 212 whose clock is ``offset_s`` [s] off until it is set; it keeps no history to send again."""

    offset_s = 0.0

    def now(self) -> datetime:
        """What its own clock says."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_s)

    async def idle(self, for_s: float) -> None:
        """Wait, and answer the commands that come down meanwhile."""
        if self._writer is None:
            await asyncio.sleep(for_s)
            return
        try:
            await self.listen(for_s)
        except (OSError, asyncio.IncompleteReadError):
            self.close()

    def carry_out(self, command: Message) -> int:
        """Set the clock; of a period it has no data."""
        if command.cn != SET_CLOCK:
            return NO_DATA
        told = datetime.strptime(command.field("SystemTime") or "", "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
        self.offset_s = (told - datetime.now(UTC)).total_seconds()
        return 1


class Logger:
    """A telemetry unit of SL 651 on one connection: it sends frames and, when asked, a packet of them again."""

    def __init__(self, host: str, port: int):
        self.host, self.port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._splitter = FrameSplitter()

    async def send(self, frames: Sequence[bytes], within_s: float = 20.0) -> bool:
        """Send the ``frames`` of one report, and again what is asked for again; whether it was confirmed as a whole."""
        if self._writer is None or self._writer.is_closing():
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
            self._splitter = FrameSplitter()
        self._writer.write(b"".join(frames))
        try:
            return await asyncio.wait_for(self._confirmed(frames), within_s)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            self.close()
            return False

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _confirmed(self, frames: Sequence[bytes]) -> bool:
        assert self._reader is not None and self._writer is not None
        while True:
            chunk = await self._reader.read(4096)
            if not chunk:
                raise asyncio.IncompleteReadError(b"", None)
            for piece in self._splitter.feed(chunk):
                if not isinstance(piece, Frame):
                    continue
                if piece.end == ESC:
                    return True
                if piece.end == NAK and 0 < (piece.number or 1) <= len(frames):
                    self._writer.write(frames[(piece.number or 1) - 1])


@dataclass
class Life:
    """One thing that a station does again and again: the first time ``first_s`` [s] after the start, then every
    ``every_s`` [s]. ``do`` returns whether it was acknowledged; ``idle`` is what it does while it waits so long [s]."""

    name: str
    first_s: float
    every_s: float
    do: Callable[[], Awaitable[bool]]
    idle: Callable[[float], Awaitable[None]] | None = None


async def live(lives: Sequence[Life], stop: asyncio.Event) -> None:
    """Let ``lives`` go on until ``stop`` is set; what fails is tried again, and nobody else waits for it."""
    tasks = [asyncio.create_task(_go_on(one), name=one.name) for one in lives]
    for task in tasks:
        task.add_done_callback(_log_failure)
    await stop.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _go_on(one: Life) -> None:
    loop = asyncio.get_running_loop()
    due_s = loop.time() + one.first_s
    while True:
        await _wait(one, due_s - loop.time())
        is_done = False
        with suppress(OSError, RuntimeError):  # paho says so where a connection broke while it waited
            is_done = bool(await one.do())
        if not is_done:
            log.info("%s was not acknowledged", one.name)
        due_s = max(due_s + one.every_s, loop.time()) if is_done else loop.time() + min(AGAIN_S, one.every_s)


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("%s has ended", task.get_name(), exc_info=task.exception())


async def _wait(one: Life, seconds: float) -> None:
    end_s = asyncio.get_running_loop().time() + seconds
    while (left_s := end_s - asyncio.get_running_loop().time()) > 0:
        if one.idle is None:
            await asyncio.sleep(left_s)
            continue
        await one.idle(left_s)
