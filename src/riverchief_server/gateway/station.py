"""Stations on a port, whatever they speak: messages in, answers out once they are durable, orders down."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime
from typing import Any

from riverchief.errors import Fault
from riverchief.telemetry.protocol import UNKNOWN, WRONG_PASSWORD, Heard, Line, Order, Row
from riverchief.telemetry.refused import Refused
from riverchief_server.gateway.connection import Connection
from riverchief_server.gateway.door import Door, wall_offset_s
from riverchief_server.observations.inbox.instruments import Known
from riverchief_server.observations.inbox.journal import Raw

DATAGRAMS_WAITING = 1000
STATIONS = 10_000


class StationConnection(Connection):
    """One station, or a concentrator that speaks for several: each message names who says it and carries a password."""

    def __init__(self, row: Row, *given: Any):
        super().__init__(*given)
        assert row.does.line is not None
        self.protocol = row.name
        self._line: Line = row.does.line()
        self._queue: deque[Heard | Refused] = deque()
        self._asking: asyncio.Future[None] | None = None
        self.stations: dict[str, tuple[Known, Heard]] = {}

    def take(self, chunk: bytes) -> None:
        self._queue.extend(self._line.feed(chunk))
        self._go_on()
        self.heard_noise(self._line.dropped_bytes)

    def close(self) -> None:
        super().close()
        if self._asking is not None:
            self._asking.cancel()  # nobody waits in a line that he has left

    def ended(self) -> None:
        for piece in self._line.finish():
            if isinstance(piece, Refused):
                self.refuse(piece.raw, piece.fault, piece.size)

    def speaks_for(self, identity: str) -> bool:
        """Whether the station ``identity`` has shown itself here."""
        return identity in self.stations and not self.is_closed

    def send_order(self, identity: str, order: Order, number: str) -> bool:
        """Send ``order`` to the station ``identity``, as its last message tells how; False where that cannot be."""
        found = self.stations.get(identity)
        if found is None or self.is_closed:
            return False
        known, last = found
        made = self._line.order(order, last, datetime.now(UTC).astimezone(known.zone), number)
        if made is not None:
            self.write(made)
        return made is not None

    def nudge(self, now_s: float) -> None:
        """Ask again for what has not come for a while."""
        for identity, make in self._line.overdue(now_s):
            found = self.stations.get(identity)
            if found is not None:
                self.write(make(datetime.now(UTC).astimezone(found[0].zone)))

    def _go_on(self) -> None:
        while self._queue and self._asking is None and not self.is_closed:
            heard = self._queue[0]
            if isinstance(heard, Refused):
                self._queue.popleft()
                self.refuse(heard.raw, heard.fault, heard.size)
                continue
            known = self.door.find(self.protocol, heard.identity)
            if known is None:
                self._queue.popleft()
                self._deny(heard, UNKNOWN)
            elif self._is_as_before(known, heard) or self.door.passwords.is_remembered(known, heard.password):
                self._queue.popleft()
                self._accept(heard, known)
            else:
                self.hold()
                self._asking = asyncio.ensure_future(self._ask(known, heard.password))

    def _is_as_before(self, known: Known, heard: Heard) -> bool:
        """Whether the same station has shown the same password on this connection just before."""
        found = self.stations.get(heard.identity)
        return found is not None and found[0] is known and found[1].password == heard.password

    async def _ask(self, known: Known, password: str) -> None:
        try:
            right = await self.door.is_right(known, password, self.address)
        finally:
            self._asking = None
            self.release()
        if not right and self._queue:
            heard = self._queue.popleft()
            if isinstance(heard, Heard):
                self._deny(heard, WRONG_PASSWORD)
        self._go_on()

    def _deny(self, heard: Heard, why: str) -> None:
        answer = self._line.denial(heard, why)
        if answer is not None:
            self.write(answer)
        # the true station has no part in what is said in its name
        shown = self._line.without_password(heard)
        self.refuse_stranger(shown, _fault(heard, why), len(heard.raw), name=heard.identity)

    def _accept(self, heard: Heard, known: Known) -> None:
        is_new = heard.identity not in self.stations
        self.stations[heard.identity] = (known, heard)
        self.welcome(known)
        if is_new:
            self.door.speaks(known, self)
        if not self.door.has_seen(known):
            sent_at = self._line.sent_at(heard)
            self.door.saw(known, self.address, wall_offset_s(sent_at, known) if sent_at else None)
        reply = self._line.reply(heard)
        if reply is not None:
            self.answered(known, reply)
            return
        answers = self._line.answers(heard, self.door.loop.time())
        if not self._line.is_kept(heard):
            if answers is not None:
                self._answer(answers, known)
            return
        done = None if answers is None else lambda: self._answer(answers, known)
        self.keep(Raw(self.protocol, heard.identity, self.address, datetime.now(UTC), heard.raw, known.pk), done)

    def _answer(self, answers: Any, known: Known) -> None:
        for answer in answers(datetime.now(UTC).astimezone(known.zone)):
            self.write(answer)


class StationDatagrams(asyncio.DatagramProtocol):
    """Stations over UDP: each datagram holds whole frames."""

    def __init__(self, row: Row, door: Door):
        assert row.does.line is not None
        self._name, self._make_line, self._door = row.name, row.does.line, door
        self._transport: asyncio.DatagramTransport | None = None
        self._waiting = 0
        self._lines: dict[str, Line] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        line = self._make_line()
        address = f"{addr[0]}:{addr[1]}"
        if not self._door.may_come(address):
            return
        for piece in [*line.feed(data), *line.finish()]:
            if isinstance(piece, Refused):
                self._door.refuse(self._name, piece.raw, piece.fault, address, None)
            elif self._waiting < DATAGRAMS_WAITING:
                self._waiting += 1
                asyncio.ensure_future(self._take(piece, addr, address))  # noqa: RUF006 - counted instead of kept

    async def _take(self, heard: Heard, addr: tuple[str | Any, int], address: str) -> None:
        door = self._door
        try:
            known = door.find(self._name, heard.identity)
            line = self._line_of(heard.identity)
            right = known is not None and door.passwords.is_remembered(known, heard.password)
            if known is None or not (right or await door.is_right(known, heard.password, address)):
                fault = _fault(heard, UNKNOWN if known is None else WRONG_PASSWORD)
                door.refuse(self._name, line.without_password(heard), fault, address, None, heard.identity)
                return
            sent_at = line.sent_at(heard)
            door.saw(known, address, wall_offset_s(sent_at, known) if sent_at else None)
            answers = line.answers(heard, door.loop.time())
            if not line.is_kept(heard):
                return

            def done() -> None:
                for answer in answers(datetime.now(UTC).astimezone(known.zone)) if answers else ():
                    self._send(answer, addr)

            door.journal.keep(Raw(self._name, heard.identity, address, datetime.now(UTC), heard.raw, known.pk), done)
        finally:
            self._waiting -= 1

    def _line_of(self, station: str) -> Line:
        if station not in self._lines:
            if len(self._lines) >= STATIONS:
                del self._lines[next(iter(self._lines))]
            self._lines[station] = self._make_line()
        return self._lines[station]

    def _send(self, raw: bytes, addr: tuple[str | Any, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(raw, addr)


def _fault(heard: Heard, why: str) -> Fault:
    kind = "unknown_instrument" if why == UNKNOWN else "wrong_instrument_password"
    return Fault(kind, details={"given": heard.identity})
