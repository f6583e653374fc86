"""From the journal into the database: each message exactly once, understood on the way, in few large transactions."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from riverchief_server.observations.inbox import journal
from riverchief_server.observations.inbox.journal import Position, Raw
from riverchief_server.observations.inbox.parsing import NOTHING, Parsed, Parser, not_understood
from riverchief_server.observations.models import JournalPosition

log = logging.getLogger(__name__)
GATHER_S = 0.05  # a little patience makes one transaction of many small ones
SET_ASIDE = "set-aside"


class Taker:
    """Takes the journal in ``folder`` into the database. One at a time may run; the position in the database, changed
    in the transaction that takes the messages, makes sure of it."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._name = folder, journal.name_of(folder)
        self._parser = Parser()

    def run_once(self, now: datetime) -> Parsed:
        """Take everything that has come, and understand what lies in the inbox."""
        total = NOTHING
        position = self._position()
        while True:
            batch = journal.read(self._folder, position)
            if batch.passed_over:
                log.warning("%d bytes of the journal are no messages and were passed over", batch.passed_over)
            if not batch.messages:
                break
            total = total.plus(self._take(batch.messages, position, batch.position))
            position = batch.position
        journal.forget(self._folder, position)
        return total.plus(self._parser.run_once(now))

    def run_for_ever(self, stop: threading.Event, wake: threading.Event, every_s: float = 1.0) -> None:
        """Take whenever ``wake`` is set, or ``every_s``, until ``stop`` is set and everything is taken. Nothing that
        fails ends it."""
        lock = self._lock(stop)
        while lock is not None:
            wake.wait(every_s)
            wake.clear()
            is_last = stop.is_set()
            if not is_last:
                time.sleep(GATHER_S)
            try:
                self.run_once(datetime.now(UTC))
            except (OperationalError, InterfaceError) as away:
                log.warning("the database is away (%s); what came is kept until it is back", str(away).strip())
                connection.close()
                self._parser.forget()
                stop.wait(every_s)
            except Exception:
                log.exception("a message could not be understood; the others go on")
                self._parser.forget()
                try:
                    self._one_by_one(datetime.now(UTC))
                except (DatabaseError, InterfaceError) as away:
                    log.warning("the inbox could not be read (%s); it will be tried again", str(away).strip())
                    connection.close()
            if is_last:
                break
        connection.close()
        if lock is not None:
            os.close(lock)

    def _lock(self, stop: threading.Event) -> int | None:
        """The right to take: another process may be at its last messages. None where we are to stop before that."""
        while True:
            try:
                return journal.locked(self._folder / "reader.lock")
            except journal.InUse:
                if stop.wait(0.2):
                    return None

    def _position(self) -> Position:
        row, _ = JournalPosition.objects.get_or_create(journal=self._name)
        return Position(row.segment, row.at)

    def _take(self, messages: Sequence[Raw], before: Position, after: Position) -> Parsed:
        def move() -> None:
            found = JournalPosition.objects.filter(journal=self._name, segment=before.segment, at=before.at)
            if not found.update(segment=after.segment, at=after.at):
                raise OperationalError("another process has taken from this journal meanwhile")

        return self._parser.take(messages, move)

    def _one_by_one(self, now: datetime) -> None:
        """After a message brought down the whole lot: each alone. One that does it again is kept as refused; one that
        the database will not have at all is set aside in a file, and never dropped."""
        position = self._position()
        batch = journal.read(self._folder, position)
        at = batch.begin.at
        for raw in batch.messages:
            at += len(journal.encode(raw))
            after = Position(batch.begin.segment, at)
            try:
                self._take([raw], position, after)
            except (OperationalError, InterfaceError):
                raise
            except Exception as broken:
                log.exception("a message of %s could not be understood", raw.name)
                self._parser.forget()
                self._refuse(raw._replace(fault=raw.fault or not_understood(broken)), position, after)
            position = after
        self._parser.one_by_one(now)

    def _refuse(self, raw: Raw, before: Position, after: Position) -> None:
        try:
            self._take([raw], before, after)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("a message of %s cannot be kept in the database; it is set aside", raw.name)
            aside = journal.Writer(self._folder / SET_ASIDE)
            aside.append([journal.encode(raw)])
            aside.close()
            with transaction.atomic():
                JournalPosition.objects.filter(journal=self._name).update(segment=after.segment, at=after.at)
