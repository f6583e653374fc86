"""One writer, many who wait: what arrives while a commit is under way goes into the next one, together.

A durable commit costs a millisecond or two however much it holds. A thousand callers who each committed alone would
wait for each other; here they share a commit, and each still returns only when what it brought is on disk.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from django.db import DatabaseError, InterfaceError, connections, transaction

from riverchief_server.observations.store import Columns, PutReport, joined, put_columns

log = logging.getLogger(__name__)
Item = TypeVar("Item")
Result = TypeVar("Result")
STOP = object()


class GroupCommit(Generic[Item, Result]):
    """Runs ``write`` in a thread of its own, in one transaction for all items that wait (at most ``most``).

    ``write`` takes the items and returns a result for each. Where it fails, each item is written alone, so that one bad
    item fails only itself. A database that is away is tried again for ``patience_s`` [s] before the items fail; no more
    than ``longest_queue`` wait, and :meth:`submit` blocks then, so that memory stays bounded.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Sequence[Result]],
        *,
        most: int = 1000,
        longest_queue: int = 10_000,
        patience_s: float = 10.0,
        using: str = "default",
        name: str = "group commit",
    ):
        self._write, self._most, self._patience_s, self._using = write, most, patience_s, using
        self._queue: queue.Queue[object] = queue.Queue(longest_queue)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, item: Item) -> Future[Result]:
        """Hand ``item`` in; the future is done when it is durable, or holds the reason why it is not."""
        future: Future[Result] = Future()
        self._queue.put((item, future))
        return future

    def close(self) -> None:
        """Write what waits, then end."""
        self._queue.put(STOP)
        self._thread.join()

    def _run(self) -> None:
        try:
            while True:
                waiting, is_last = self._gather()
                if waiting:
                    self._commit(waiting)
                if is_last:
                    return
        finally:
            connections[self._using].close()

    def _gather(self) -> tuple[list[tuple[Item, Future[Result]]], bool]:
        waiting = []
        entry = self._queue.get()
        while entry is not STOP:
            waiting.append(entry)
            if len(waiting) == self._most:
                break
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                break
        return waiting, entry is STOP  # type: ignore[return-value]

    def _commit(self, waiting: list[tuple[Item, Future[Result]]]) -> None:
        try:
            results = self._durably([item for item, _ in waiting])
        except Exception as failed:
            if len(waiting) == 1:
                waiting[0][1].set_exception(failed)
                return
            for one in waiting:
                self._commit([one])
            return
        for (_, future), result in zip(waiting, results, strict=True):
            future.set_result(result)

    def _durably(self, items: Sequence[Item]) -> Sequence[Result]:
        until = time.monotonic() + self._patience_s
        pause_s = 0.05
        while True:
            try:
                with transaction.atomic(using=self._using):
                    return self._write(items)
            except (DatabaseError, InterfaceError) as away:
                connections[self._using].close()
                if not _is_away(away) or time.monotonic() + pause_s > until:
                    raise
                log.warning("the database is away (%s); trying again in %.2f s", str(away).strip(), pause_s)
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, 2.0)


def _is_away(failed: Exception) -> bool:
    """Whether trying again can help: the connection is lost or refused, or SQLite is locked by somebody else."""
    text = str(failed).lower()
    signs = (
        "connection",
        "locked",
        "deadlock",
        "terminat",
        "starting up",
        "shutting down",
        "couldn't get",
        "timeout",
        "recovery",
    )
    return any(sign in text for sign in signs)


def readings_writer(*, patience_s: float = 10.0, using: str = "default") -> GroupCommit[Columns, PutReport]:
    """A writer of readings for many callers at once: ``writer.submit(columns).result()`` returns when it is durable."""

    def write(batches: Sequence[Columns]) -> list[PutReport]:
        # one report for all of them: told apart they would cost as many statements as batches
        if len(batches) == 1:
            return [put_columns(batches[0], using=using)]
        report = put_columns(joined(batches), using=using)
        if report.same == 0 and report.changed == 0:
            return [PutReport(batch.size, 0, 0) for batch in batches]
        raise _Mixed

    return GroupCommit(write, patience_s=patience_s, using=using, name="readings writer")


class _Mixed(Exception):
    """Some readings of a group were known: each batch is written alone, for its own report."""
