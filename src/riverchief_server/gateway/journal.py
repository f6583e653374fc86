"""The way into the raw inbox from the event loop: what arrives while a commit is under way shares the next one."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import InterfaceError, OperationalError, connection

from riverchief_server.observations.inbox.keeping import Raw, keep

log = logging.getLogger(__name__)
MOST_AT_ONCE, REFUSED_AT_ONCE = 2000, 500
PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
Done = Callable[[], None]


class Journal:
    """Keeps messages in order, one commit at a time, and calls each one's ``done`` once it is durable.

    While the database is away or its disk is full it tries again for ever: nothing is acknowledged meanwhile, and each
    connection stops reading at its own limit, so that memory stays bounded and stations wait or send again.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, wake: threading.Event):
        self._loop, self._wake = loop, wake
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
            kept = await self._durably([raw for raw, _ in part])
            del queue[: len(part)]
            self.kept += sum(kept)
            self._wake.set()
            for (_, done), is_kept in zip(part, kept, strict=True):
                if done is not None and is_kept:
                    done()
        self._writing = None

    async def _durably(self, messages: Sequence[Raw]) -> list[bool]:
        """Which of ``messages`` are on disk: all, unless the database will not have one of them whatever is done."""
        pause_s = PAUSE_S
        while True:
            try:
                await self._loop.run_in_executor(self._thread, keep, messages)
                return [True] * len(messages)
            except (OperationalError, InterfaceError) as away:
                log.warning("%d messages could not be kept (%s); trying again", len(messages), str(away).strip())
            except Exception:
                if len(messages) > 1:
                    return [kept for raw in messages for kept in await self._durably([raw])]
                log.exception("a message from %s cannot be kept; it is not acknowledged", messages[0].sender)
                return [False]
            self._thread.submit(connection.close)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def close(self, within_s: float = 10.0) -> None:
        """Wait until everything is on disk, at most ``within_s``."""
        writing = self._writing
        if writing is not None:
            await asyncio.wait([writing], timeout=within_s)
            writing.cancel()
        self._thread.submit(connection.close)
        self._thread.shutdown(wait=False)
