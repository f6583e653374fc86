"""SL 651 over TCP and UDP: reports confirmed once they are durable."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from riverchief.errors import Fault
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sl651 import encode, report
from riverchief.telemetry.sl651.frame import Frame, FrameSplitter, Piece
from riverchief_server.gateway.connection import Connection
from riverchief_server.gateway.door import Door, wall_offset_s
from riverchief_server.gateway.packets import Packets
from riverchief_server.observations.inbox.instruments import Known
from riverchief_server.observations.inbox.journal import Raw

KEEP_ALIVE = "2F"
DATAGRAMS_WAITING = 1000
STATIONS = 10_000


class Sl651Connection(Connection):
    """One station over TCP; its address and password stand in each frame."""

    protocol = "sl651"

    def __init__(self, *given: Any):
        super().__init__(*given)
        self._splitter = FrameSplitter()
        self._queue: deque[Piece] = deque()
        self._is_asking = False
        self._packets = Packets()
        self.stations: dict[str, tuple[Known, Frame]] = {}

    def take(self, chunk: bytes) -> None:
        for piece in self._splitter.feed(chunk):
            self._queue.append(piece)
        self._go_on()
        self.heard_noise(self._splitter.dropped_bytes)

    def ended(self) -> None:
        for piece in self._splitter.finish():
            if isinstance(piece, Refused):
                self.refuse(piece.raw, piece.fault, piece.size)

    def speaks_for(self, identity: str) -> bool:
        """Whether the station ``identity`` has shown itself here."""
        return identity in self.stations and not self.is_closed

    def send_command(self, identity: str, make: Callable[[Frame], bytes]) -> bool:
        """Send a command to the station ``identity``; False where it does not speak here."""
        found = self.stations.get(identity)
        if found is None or self.is_closed:
            return False
        self.write(make(found[1]))
        return True

    def _go_on(self) -> None:
        while self._queue and not self._is_asking and not self.is_closed:
            frame = self._queue[0]
            if isinstance(frame, Refused):
                self._queue.popleft()
                self.refuse(frame.raw, frame.fault, frame.size)
                continue
            known = self.door.find(self.protocol, frame.station)
            if known is None:
                self._queue.popleft()
                fault = Fault("unknown_instrument", details={"given": frame.station})
                self.refuse(frame.raw, fault, len(frame.raw), name=frame.station)
            elif self.door.passwords.is_remembered(known, frame.password):
                self._queue.popleft()
                self._accept(frame, known)
            else:
                self._is_asking = True
                self.hold()
                asyncio.ensure_future(self._ask(known, frame.password))  # noqa: RUF006 - the flag keeps it

    async def _ask(self, known: Known, password: str) -> None:
        try:
            right = await self.door.is_right(known, password, self.address)
        finally:
            self._is_asking = False
            self.release()
        if not right and self._queue:
            frame = self._queue.popleft()
            if isinstance(frame, Frame):
                fault = Fault("wrong_instrument_password", details={"given": frame.station})
                self.refuse(frame.raw, fault, len(frame.raw), known=known, name=frame.station)
        self._go_on()

    def _accept(self, frame: Frame, known: Known) -> None:
        self.stations[frame.station] = (known, frame)
        self.welcome(known)
        accept(self.door, frame, known, self.address, self._packets, self.keep, self.write)

    def nudge(self, now_s: float) -> None:
        """Ask again for packets that have not come for a while."""
        for wanted in self._packets.overdue(now_s):
            found = self.stations.get(wanted.frame.station)
            if found is not None:
                self.write(encode.repeat(*wanted, datetime.now(UTC).astimezone(found[0].zone)))


class Sl651Datagrams(asyncio.DatagramProtocol):
    """Stations over UDP: each datagram holds whole frames."""

    def __init__(self, door: Door):
        self._door = door
        self._transport: asyncio.DatagramTransport | None = None
        self._waiting = 0
        self._packets: dict[str, Packets] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        splitter = FrameSplitter()
        address = f"{addr[0]}:{addr[1]}"
        for piece in [*splitter.feed(data), *splitter.finish()]:
            if isinstance(piece, Refused):
                self._door.refuse("sl651", piece.raw, piece.fault, address, None)
            elif self._waiting < DATAGRAMS_WAITING:
                self._waiting += 1
                asyncio.ensure_future(self._take(piece, addr, address))  # noqa: RUF006 - counted instead of kept

    async def _take(self, frame: Frame, addr: tuple[str | Any, int], address: str) -> None:
        try:
            known = self._door.find("sl651", frame.station)
            if known is None:
                fault = Fault("unknown_instrument", details={"given": frame.station})
                self._door.refuse("sl651", frame.raw, fault, address, None, frame.station)
                return
            right = self._door.passwords.is_remembered(known, frame.password)
            if not right and not await self._door.is_right(known, frame.password, address):
                fault = Fault("wrong_instrument_password", details={"given": frame.station})
                self._door.refuse("sl651", frame.raw, fault, address, known, frame.station)
                return
            packets = self._packets_of(frame.station)
            accept(
                self._door, frame, known, address, packets, self._door.journal.keep, lambda raw: self._send(raw, addr)
            )
        finally:
            self._waiting -= 1

    def _packets_of(self, station: str) -> Packets:
        if len(self._packets) >= STATIONS:
            del self._packets[next(iter(self._packets))]
        return self._packets.setdefault(station, Packets())

    def _send(self, raw: bytes, addr: tuple[str | Any, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(raw, addr)


def accept(
    door: Door,
    frame: Frame,
    known: Known,
    address: str,
    packets: Packets,
    keep: Callable[[Raw, Callable[[], None] | None], None],
    write: Callable[[bytes], None],
) -> None:
    """Keep a frame of ``known`` and confirm it once it is durable; a keep-alive says nothing that must be kept."""
    told = report.parse(frame)
    door.saw(known, address, wall_offset_s(told.sent_at, known) if told.sent_at else None)
    if frame.function == KEEP_ALIVE or not frame.is_up:
        return

    is_whole, wanted = packets.came(frame, told, door.loop.time())

    def confirm() -> None:
        now = datetime.now(UTC).astimezone(known.zone)
        for one in wanted:
            write(encode.repeat(*one, now))
        answer = encode.confirmation(frame, told, now, encode.STAY if is_whole else encode.GO_ON)
        if answer is not None and not wanted:
            write(answer)

    keep(Raw("sl651", frame.station, address, datetime.now(UTC), frame.raw, known.pk), confirm)
