"""A connection that speaks HJ 212: frames in, answers out once they are durable, commands down."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from riverchief.errors import Fault
from riverchief.telemetry.hj212 import encode
from riverchief.telemetry.hj212.frame import Frame, FrameSplitter, Piece
from riverchief.telemetry.hj212.message import Message, parse
from riverchief.telemetry.refused import Refused
from riverchief_server.gateway.connection import Connection
from riverchief_server.gateway.door import wall_offset_s
from riverchief_server.observations.inbox.instruments import Known
from riverchief_server.observations.inbox.journal import Raw

WRONG_PW, WRONG_MN = 3, 4
ANSWERS = ("9011", "9012", "9013", "9014")


class Hj212Connection(Connection):
    """One station, or a concentrator that speaks for several: each frame names its MN and carries its password."""

    protocol = "hj212"

    def __init__(self, *given: object):
        super().__init__(*given)
        # Frames with CRC-16/MODBUS are sorted out here; whether a station may send them is asked when it is known.
        self._splitter = FrameSplitter(allow_modbus=True)
        self._queue: deque[tuple[Piece, Message | Refused]] = deque()
        self._is_asking = False
        self.stations: dict[str, tuple[Known, Message]] = {}

    def take(self, chunk: bytes) -> None:
        for piece in self._splitter.feed(chunk):
            self._queue.append((piece, parse(piece) if isinstance(piece, Frame) else piece))
        self._go_on()
        self.heard_noise(self._splitter.dropped_bytes)

    def ended(self) -> None:
        for piece in self._splitter.finish():
            if isinstance(piece, Refused):
                self.refuse(piece.raw, piece.fault, piece.size)

    def speaks_for(self, identity: str) -> bool:
        """Whether the station ``identity`` has shown itself here."""
        return identity in self.stations and not self.is_closed

    def send_command(self, identity: str, make: Callable[[Message], bytes]) -> bool:
        """Send a command to the station ``identity``; False where it does not speak here. ``make`` is given its last
        message: system number, password and version are those that the station itself uses."""
        found = self.stations.get(identity)
        if found is None or self.is_closed:
            return False
        self.write(make(found[1]))
        return True

    def _go_on(self) -> None:
        while self._queue and not self._is_asking and not self.is_closed:
            frame, message = self._queue[0]
            if isinstance(message, Refused) or isinstance(frame, Refused):
                self._queue.popleft()
                if isinstance(message, Refused):
                    self.refuse(message.raw, message.fault, message.size)
                continue
            known = self.door.find(self.protocol, message.mn)
            if known is None:
                self._queue.popleft()
                self._deny(frame, message, None, Fault("unknown_instrument", details={"given": message.mn}), WRONG_MN)
            elif self._is_as_before(known, message) or self.door.passwords.is_remembered(known, message.pw):
                self._queue.popleft()
                self._accept(frame, message, known)
            else:
                self._is_asking = True
                self.hold()
                asyncio.ensure_future(self._ask(known, message.pw))  # noqa: RUF006 - the flag keeps it

    def _is_as_before(self, known: Known, message: Message) -> bool:
        """Whether the same station has shown the same password on this connection just before."""
        found = self.stations.get(message.mn)
        return found is not None and found[0] is known and found[1].pw == message.pw

    async def _ask(self, known: Known, password: str) -> None:
        try:
            right = await self.door.is_right(known, password, self.address)
        finally:
            self._is_asking = False
            self.release()
        if not right and self._queue:
            frame, message = self._queue.popleft()
            if isinstance(frame, Frame) and isinstance(message, Message):
                fault = Fault("wrong_instrument_password", details={"given": message.mn})
                self._deny(frame, message, known, fault, WRONG_PW)
        self._go_on()

    def _deny(self, frame: Frame, message: Message, known: Known | None, fault: Fault, answer: int) -> None:
        if message.cn not in ANSWERS:
            self.write(encode.request_reply(message, answer))
        # the password in the frame is not kept: it may be right for another station
        shown = frame.raw.replace(b"PW=" + message.pw.encode("latin-1", "replace"), b"PW=") if message.pw else frame.raw
        self.refuse(shown, fault, len(frame.raw), known=known, name=message.mn)

    def _accept(self, frame: Frame, message: Message, known: Known) -> None:
        self.stations[message.mn] = (known, message)
        self.welcome(known)
        if not self.door.has_seen(known):
            sent_at = None if message.resent else message.sent_at
            self.door.saw(known, self.address, wall_offset_s(sent_at, known) if sent_at else None)
        if message.cn in ("9011", "9012"):
            self.answered(known, message)
            return
        reply = encode.acknowledgement(message)
        done = None if reply is None else lambda: self.write(reply)
        if message.cn == "1013":
            # it asks for the time: the notice is answered first, as the standard has it
            done = lambda: self._tell_time(message, known, reply)  # noqa: E731
        if message.cn in ("9013", "9014", "9015", "1013"):
            # says nothing that would have to be kept
            if done is not None:
                done()
            return
        self.keep(Raw(self.protocol, message.mn, self.address, datetime.now(UTC), frame.raw, known.pk), done)

    def _tell_time(self, message: Message, known: Known, reply: bytes | None) -> None:
        if reply is not None:
            self.write(reply)
        now = datetime.now(UTC).astimezone(known.zone)
        self.write(encode.set_clock(message.mn, now, st=message.st, pw=message.pw))
