"""Who makes observations durable: alone in the caller's transaction, or many callers together in one commit."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

from django.db import transaction

from riverchief_server.observations.group_commit import GroupCommit
from riverchief_server.sensorthings.write.arrivals import Arrivals, keep


class Committer(Protocol):
    """Keeps observations; when :meth:`commit` returns they are on disk."""

    def commit(self, arrivals: Sequence[Arrivals]) -> None:
        """Keep ``arrivals``, all or none."""

    def submit(self, arrivals: Sequence[Arrivals]) -> Future[None]:
        """The same without waiting: the future is done when they are on disk."""

    def close(self) -> None:
        """End."""


class Alone:
    """Each caller commits for itself, or within its own transaction."""

    def commit(self, arrivals: Sequence[Arrivals]) -> None:
        """Keep ``arrivals``, all or none."""
        with transaction.atomic():
            keep(arrivals)

    def submit(self, arrivals: Sequence[Arrivals]) -> Future[None]:
        """Keep ``arrivals`` now."""
        future: Future[None] = Future()
        self.commit(arrivals)
        future.set_result(None)
        return future

    def close(self) -> None:
        """Nothing has to end."""


class Together:
    """Callers who come while a commit is under way share the next one; the thread begins with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._group: GroupCommit[Sequence[Arrivals], None] | None = None

    def commit(self, arrivals: Sequence[Arrivals]) -> None:
        """Keep ``arrivals``, all or none."""
        self.submit(arrivals).result()

    def submit(self, arrivals: Sequence[Arrivals]) -> Future[None]:
        """Hand ``arrivals`` to the thread that writes."""
        with self._lock:
            if self._group is None:
                self._group = GroupCommit(_write, name="sensorthings writer")
        return self._group.submit(arrivals)

    def close(self) -> None:
        """Write what waits, then end."""
        with self._lock:
            if self._group is not None:
                self._group.close()
                self._group = None


def _write(items: Sequence[Sequence[Arrivals]]) -> list[None]:
    keep([one for item in items for one in item])
    return [None] * len(items)
