"""The way into the journal from the event loop: what arrives while a flush is under way shares the next one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from riverchief_server.observations.inbox.journal import Raw, Writer, encode

log = logging.getLogger(__name__)
MOST_AT_ONCE, REFUSED_AT_ONCE = 4000, 500
PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
Done = Callable[[], None]


class Journal:
    """Keeps messages in order, one flush at a time, and calls each one's ``done`` once it is durable.

    ``wake`` is called when there is something to take into the database.

    The database may be away or slow meanwhile: nothing waits for it. While the disk is full it tries again for ever:
    nothing is acknowledged then, and each connection stops reading at its own limit, so that memory stays bounded and
    stations wait or send again.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, folder: Path, wake: Callable[[], None]):
        self._loop, self._wake = loop, wake
        self._writer = Writer(folder)
        self._waiting: list[tuple[Raw, Done | None]] = []
        self._refused: list[tuple[Raw, Done | None]] = []
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self.kept = 0

    def keep(self, raw: Raw, done: Done | None = None) -> None:
        """Take ``raw`` in; ``done`` is called in the loop when it is on disk. What is refused waits behind the rest."""
        (self._waiting if raw.fault is None else self._refused).append((raw, done))
        if self._writing is None:
            self._writing = self._loop.create_task(self._write())

    @property
    def refused_waiting(self) -> int:
        """How many refused messages are not on disk yet."""
        return len(self._refused)

    async def _write(self) -> None:
        # let the other connections that have something just now come along
        await asyncio.sleep(0)
        while queue := self._waiting or self._refused:
            part = queue[: MOST_AT_ONCE if queue is self._waiting else REFUSED_AT_ONCE]
            await self._durably([raw for raw, _ in part])
            del queue[: len(part)]
            self.kept += len(part)
            self._wake()
            for _, done in part:
                if done is not None:
                    _tell(done)
        self._writing = None

    async def _durably(self, messages: Sequence[Raw]) -> None:
        pause_s = PAUSE_S
        while True:
            try:
                await self._loop.run_in_executor(self._thread, self._append, messages)
                return
            except OSError as failed:
                log.warning("%d messages could not be kept (%s); trying again", len(messages), failed)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _append(self, messages: Sequence[Raw]) -> None:
        self._writer.append([encode(raw) for raw in messages])

    async def close(self, within_s: float = 10.0) -> None:
        """Wait until everything is on disk, at most ``within_s``."""
        writing = self._writing
        if writing is not None:
            await asyncio.wait([writing], timeout=within_s)
            writing.cancel()
        self._thread.shutdown(wait=True)
        self._writer.close()


def _tell(done: Done) -> None:
    try:
        done()
    except Exception:
        # one connection that fails must not keep the others from their answers
        log.exception("an answer could not be given")
