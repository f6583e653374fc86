"""What every connection does: bounded memory, one pace for reading and keeping, time limits, and an end to rubbish."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from riverchief.errors import Fault
from riverchief_server.gateway.door import Door, host_of
from riverchief_server.observations.inbox.instruments import Known
from riverchief_server.observations.inbox.journal import Raw

IN_FLIGHT = 64  # messages of one connection that wait for the disk before it is read no further
UNREAD_ANSWERS = 256 * 1024  # bytes of answers that the other side may leave unread
STRANGER_RUBBISH, RUBBISH = 64 * 1024, 4 * 1024 * 1024  # bytes without a good frame until the connection is closed
STRANGER_WRONGS = 10


class Crowd:
    """Everybody who is connected, and who may still come: strangers never keep those out who have shown who they are.

    Of one host ``strangers_of_a_host`` may be connected that have not shown who they are, and ``most`` altogether. One
    more is let in for the stranger that has been there longest, of that host or of the host that has most of them;
    where all are known, it is sent away.
    """

    def __init__(self, door: Door, most: int, strangers_of_a_host: int):
        self._door, self._most, self._of_a_host = door, most, strangers_of_a_host
        self.connections: set[Connection] = set()
        self._strangers: dict[str, dict[Connection, None]] = {}

    def lets_in(self, connection: Connection) -> bool:
        """Whether ``connection``, which has just been made, may stay."""
        host = host_of(connection.address)
        if not self._door.may_come(connection.address):
            return False
        if len(self._strangers.get(host, ())) >= self._of_a_host:
            self._hang_up_on_one(host)
        if len(self.connections) >= self._most:
            crowded = max(self._strangers, key=lambda one: len(self._strangers[one]), default=None)
            if crowded is None:
                return False
            self._hang_up_on_one(crowded)
        self.connections.add(connection)
        self._strangers.setdefault(host, {})[connection] = None
        return True

    def knows(self, connection: Connection) -> None:
        """``connection`` has shown who it is."""
        host = host_of(connection.address)
        strangers = self._strangers.get(host, {})
        strangers.pop(connection, None)
        if not strangers:
            self._strangers.pop(host, None)

    def left(self, connection: Connection) -> None:
        """``connection`` is no more."""
        self.connections.discard(connection)
        self.knows(connection)

    def _hang_up_on_one(self, host: str) -> None:
        oldest = next(iter(self._strangers[host]))
        oldest.close()
        self.left(oldest)


class Connection(asyncio.Protocol):
    """One TCP connection. A protocol's class takes chunks and calls :meth:`keep`, :meth:`refuse`, :meth:`welcome`."""

    protocol = ""

    def __init__(self, *given: Any):
        self.door: Door = given[0]
        self.crowd: Crowd = given[1]
        self.on_answer: Callable[[Known, Any], None] = given[2]
        self.transport: asyncio.Transport | None = None
        self.address = ""
        self.heard_s = self.opened_s = self.door.loop.time()
        self.is_known = self.is_closed = False
        self._heard: Known | None = None  # whose frame was the last good one: what is damaged after it is likely theirs
        self._in_flight = self._holds = self._rubbish = self._wrongs = 0
        self._noise = self._noise_before = 0

    def take(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        raise NotImplementedError

    def ended(self) -> None:
        """The other side has closed: refuse what is left unfinished."""

    def answered(self, known: Known, message: Any) -> None:
        """An instrument has answered a command."""
        self.on_answer(known, message)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are none by class
        peer = transport.get_extra_info("peername") or ("?", 0)
        self.address = f"{peer[0]}:{peer[1]}"
        if not self.crowd.lets_in(self):
            self.is_closed = True
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.is_closed:
            self.is_closed = True
            self.ended()
        self.crowd.left(self)
        self.door.left(self)

    def data_received(self, data: bytes) -> None:
        self.heard_s = self.door.loop.time()
        if not self.is_closed:
            self.take(data)

    def keep(self, raw: Raw, done: Callable[[], None] | None = None) -> None:
        """Keep ``raw``; when it is on disk ``done`` is called. Reading stops while too much is on its way there."""
        self._rubbish, self._noise_before = 0, self._noise
        self._in_flight += 1
        if self._in_flight == IN_FLIGHT:
            self.hold()
        self.door.journal.keep(raw, lambda: self._kept(done))

    def refuse(self, content: bytes, fault: Fault, size: int, *, known: Known | None = None, name: str = "") -> None:
        """Keep what was refused with its reason; a side that sends nothing else is hung up on."""
        self.door.refuse(self.protocol, content, fault, self.address, known or self._heard, name)
        self._spoilt(size)

    def _spoilt(self, size: int) -> None:
        self._rubbish += size
        self._wrongs += not self.is_known
        if self._rubbish > self._patience or self._wrongs >= STRANGER_WRONGS:
            self.close()

    def refuse_stranger(self, content: bytes, fault: Fault, size: int, *, name: str) -> None:
        """Refuse what somebody said in another's ``name``: it is counted against the address, never the instrument."""
        self.door.refuse(self.protocol, content, fault, self.address, None, name)
        self._spoilt(size)

    def heard_noise(self, dropped_bytes: int) -> None:
        """So many bytes of this stream were no part of any frame, whether they have been refused yet or not."""
        self._noise = dropped_bytes
        if self._noise - self._noise_before > self._patience and not self.is_closed:
            self.ended()
            self.close()

    @property
    def _patience(self) -> int:
        return RUBBISH if self.is_known else STRANGER_RUBBISH

    def welcome(self, known: Known) -> None:
        """The other side has shown that it is ``known``."""
        if not self.is_known:
            self.crowd.knows(self)
        self.is_known, self._heard = True, known

    def write(self, answer: bytes) -> None:
        """Send ``answer`` if there is still somebody to send it to; who never reads is hung up on."""
        if self.transport is None or self.is_closed:
            return
        if self.transport.get_write_buffer_size() > UNREAD_ANSWERS:
            self.close()
            return
        self.transport.write(answer)

    def hold(self) -> None:
        """Read no further until :meth:`release` has been called as often."""
        self._holds += 1
        if self._holds == 1 and self.transport is not None and not self.is_closed:
            self.transport.pause_reading()

    def release(self) -> None:
        """Undo one :meth:`hold`."""
        self._holds -= 1
        if self._holds == 0 and self.transport is not None and not self.is_closed:
            self.transport.resume_reading()

    def close(self) -> None:
        """Hang up."""
        if not self.is_closed and self.transport is not None:
            self.is_closed = True
            self.transport.abort()

    def _kept(self, done: Callable[[], None] | None) -> None:
        self._in_flight -= 1
        if self._in_flight == IN_FLIGHT - 1:
            self.release()
        if done is not None:
            done()
