"""Frames of SL 651 out of a stream of bytes.

Hexadecimal coding: ``7E7E``, addresses (up: centre 1 byte, station 5 bytes; down: the other way round), password 2,
function 1, direction and length 2 (upper four bits 0 up, 8 down; lower twelve the length of the body), ``02`` or for
one of several packets ``16`` with three bytes (total and number, twelve bits each, counted in the length), the body,
an end mark, CRC-16/MODBUS over all of it, high byte first. ASCII coding: ``01`` and the same fields as hexadecimal
digits.

The ASCII layout was taken from descriptions of the standard; no public recording of it was found to check it against.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from riverchief.telemetry.crc import modbus_crc
from riverchief.telemetry.refused import Refused

HEX_START, ASCII_START = b"\x7e\x7e", b"\x01"
STX, SYN = 0x02, 0x16
ETX, ETB, ENQ, EOT, ACK, NAK, ESC = 0x03, 0x17, 0x05, 0x04, 0x06, 0x15, 0x1B
ENDS = frozenset((ETX, ETB, ENQ, EOT, ACK, NAK, ESC))
HEAD = 14  # of a hexadecimal frame, with the mark that opens the body
TAIL = 3  # end mark and checksum
ASCII_HEAD, ASCII_TAIL = 1 + 22 + 1, 1 + 4
LONGEST = ASCII_HEAD + 0xFFF + ASCII_TAIL
KEPT = 1024


class Frame(NamedTuple):
    """One whole frame. ``station`` is the address as ten hexadecimal digits, ``function`` as two; ``total`` and
    ``number`` are set where it is one of several packets."""

    raw: bytes
    is_up: bool
    centre: int
    station: str
    password: str
    function: str
    body: bytes
    end: int
    is_ascii: bool = False
    total: int | None = None
    number: int | None = None

    @property
    def is_last(self) -> bool:
        """Whether no more frames of this report follow."""
        return self.end != ETB


Piece: TypeAlias = Frame | Refused


class FrameSplitter:
    """Cuts a stream into frames; keeps no more of it than the longest frame has.

    Where a checksum fails the bytes are searched again from the next start mark inside them, so that a damaged length
    hides no good frame. For UDP make one splitter per datagram, or :meth:`finish` after each.
    """

    def __init__(self) -> None:
        self.dropped_bytes = 0
        self._rest = b""
        self._noise = b""
        self._noise_size = 0

    def feed(self, chunk: bytes) -> list[Piece]:
        """The frames and refusals that ``chunk`` completes, in the stream's order."""
        return self._cut(self._rest + chunk if self._rest else bytes(chunk), is_last=False)

    def finish(self) -> list[Piece]:
        """What is left when the stream has ended: an unfinished frame is refused."""
        pieces = self._cut(self._rest, is_last=True)
        self._end_noise(pieces)
        return pieces

    def _cut(self, stream: bytes, is_last: bool) -> list[Piece]:
        pieces: list[Piece] = []
        size, at = len(stream), 0
        while at < size:
            start = _start(stream, at)
            if start < 0:
                start = size - (stream[-1] == HEX_START[0] and not is_last)
            self._add_noise(stream[at:start])
            at = start
            if at >= size:
                break
            length = _frame_length(stream, at)
            if length == 0:  # no frame begins here
                self._add_noise(stream[at : at + 1])
                at += 1
                continue
            if length < 0 or size < at + length:
                if not is_last:
                    break
                self._end_noise(pieces)
                end = _resume(stream, at, size)
                pieces.append(Refused("unfinished", stream[at:end], {"given": str(end - at)}, end - at))
                at = end
                continue
            piece = check(stream[at : at + length])
            end = at + length
            if isinstance(piece, Refused):
                end = _resume(stream, at, end)
                piece = piece._replace(raw=stream[at:end], size=end - at)
            self._end_noise(pieces)
            pieces.append(piece)
            at = end
        self._rest = stream[at:]
        return pieces

    def _add_noise(self, noise: bytes) -> None:
        if not self._noise_size:
            noise = noise.lstrip(b"\r\n\t \x00")
        self._noise_size += len(noise)
        self.dropped_bytes += len(noise)
        if len(self._noise) < KEPT:
            self._noise += noise[: KEPT - len(self._noise)]

    def _end_noise(self, pieces: list[Piece]) -> None:
        if self._noise_size:
            pieces.append(Refused("not_a_frame", self._noise, {"given": str(self._noise_size)}, self._noise_size))
            self._noise, self._noise_size = b"", 0


def check(raw: bytes) -> Piece:
    """``raw``, which is exactly one frame, taken apart where its checksum holds, else why not."""
    is_ascii = raw[:1] == ASCII_START
    if _frame_length(raw, 0) != len(raw):
        return Refused("not_a_frame", raw[:KEPT], {"given": str(len(raw))}, len(raw))
    covered, written = (raw[:-4], raw[-4:]) if is_ascii else (raw[:-2], raw[-2:])
    expected = modbus_crc(covered)
    try:
        checksum = int(written, 16) if is_ascii else int.from_bytes(written, "big")
    except ValueError:
        checksum = -1
    if checksum != expected:
        shown = written.decode("ascii", "backslashreplace") if is_ascii else written.hex().upper()
        return Refused("bad_crc", raw, {"given": shown, "allowed": f"{expected:04X}"}, len(raw))
    return _taken_apart(raw, is_ascii)


def _taken_apart(raw: bytes, is_ascii: bool) -> Piece:
    if is_ascii:
        digits = raw[1 : ASCII_HEAD - 1].decode("ascii")
        head = bytes.fromhex(digits[:18])
        direction, mark = int(digits[18:22], 16), raw[ASCII_HEAD - 1]
        body, end = raw[ASCII_HEAD:-ASCII_TAIL], raw[-ASCII_TAIL]
    else:
        head, direction, mark = raw[2:11], int.from_bytes(raw[11:13], "big"), raw[13]
        body, end = raw[HEAD:-TAIL], raw[-TAIL]
    is_up = direction >> 12 == 0
    centre, station = (head[0], head[1:6]) if is_up else (head[5], head[:5])
    total = number = None
    if mark == SYN:
        width = 6 if is_ascii else 3
        try:
            packed = int(body[:6], 16) if is_ascii else int.from_bytes(body[:3], "big")
        except ValueError:
            packed = 0
        total, number, body = packed >> 12, packed & 0xFFF, body[width:]
        if not 1 <= number <= total:
            return Refused("bad_part", raw, {"given": f"{number}/{total}"}, len(raw))
    password, function = head[6:8].hex().upper(), head[8:9].hex().upper()
    return Frame(raw, is_up, centre, station.hex(), password, function, body, end, is_ascii, total, number)


def _start(stream: bytes, at: int, end: int | None = None) -> int:
    """Where the next frame may begin in ``stream[at:end]``; -1 where none does."""
    end = len(stream) if end is None else end
    binary = stream.find(HEX_START, at, end)
    text = stream.find(ASCII_START, at, end if binary < 0 else binary)
    return binary if text < 0 else text


def _resume(stream: bytes, at: int, end: int) -> int:
    """Where to go on after a damaged frame in ``stream[at:end]``: at a start mark of its own coding inside it, else at
    its end. (A byte 01 stands in every other hexadecimal frame and marks nothing there.)"""
    mark = ASCII_START if stream[at : at + 1] == ASCII_START else HEX_START
    following = stream.find(mark, at + len(mark), end)
    return end if following < 0 else following


def _frame_length(stream: bytes, at: int) -> int:
    """The length that a frame beginning at ``at`` says it has; 0: none begins there, -1: it cannot be told yet."""
    size = len(stream) - at
    if stream[at : at + 1] == ASCII_START:
        digits = stream[at + 1 : at + ASCII_HEAD - 1]
        if digits.strip(b"0123456789abcdefABCDEF"):
            return 0
        if size < ASCII_HEAD:
            return -1
        length = ASCII_HEAD + (int(digits[18:22], 16) & 0xFFF) + ASCII_TAIL
        direction, mark, last = int(digits[18:19], 16), stream[at + ASCII_HEAD - 1], at + length - ASCII_TAIL
    else:
        if size >= 2 and stream[at : at + 2] != HEX_START:
            return 0
        if size < HEAD:
            return -1
        length = HEAD + (int.from_bytes(stream[at + 11 : at + 13], "big") & 0xFFF) + TAIL
        direction, mark, last = stream[at + 11] >> 4, stream[at + 13], at + length - TAIL
    if direction not in (0, 8) or mark not in (STX, SYN):
        return 0
    return 0 if size > last - at and stream[last] not in ENDS else length
