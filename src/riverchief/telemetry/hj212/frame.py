"""Frames of HJ 212 out of a stream of bytes, whatever the network made of it.

A frame is ``##``, four digits (the length of the data segment in bytes), the segment, four hexadecimal digits of
checksum, CR LF. What the splitter yields does not depend on how the stream was cut into chunks.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from riverchief.telemetry.crc import hj212_crc, modbus_crc
from riverchief.telemetry.refused import Refused

HEAD = 6  # "##" and four digits
TAIL = 4  # the checksum
LONGEST = HEAD + 9999 + TAIL
KEPT = 1024  # of bytes that are no frame so many are kept to look at


class Frame(NamedTuple):
    """One whole frame: ``raw`` as it came (without CR LF), its data ``segment``, whether the length field was right."""

    raw: bytes
    segment: bytes
    length_is_right: bool = True


Piece: TypeAlias = Frame | Refused


class FrameSplitter:
    """Cuts a stream into frames; keeps at most ``max_bytes`` of it (no fewer than the longest frame has).

    A frame ends where its length says, or earlier where CR LF or the next ``##`` comes before that; where the checksum
    fails there, at the next CR LF or ``##``. A wrong length with a right checksum is taken (``length_is_right`` says
    so). Bytes between frames are refused in one piece, however many they are; line ends are not worth a word.
    """

    def __init__(self, max_bytes: int = 2 * LONGEST, *, allow_modbus: bool = False):
        self.max_bytes = max(max_bytes, LONGEST)
        self.allow_modbus = allow_modbus
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
            start = stream.find(b"##", at)
            if start != at:
                end = start if start >= 0 else size - (stream[-1] == 35 and not is_last)  # 35: a "#" may become two
                self._add_noise(stream[at:end])
                at = end
                if start < 0:
                    break
            body = start + HEAD
            if size < body and not is_last:
                break
            digits = stream[start + 2 : body]
            if len(digits) < 4 or not digits.isdigit():
                # of a run of "#" only the last two can open a frame
                run = size - len(stream[start:].lstrip(b"#")) if digits[:1] == b"#" else start + 2
                at = max(start + 1, run - 2) if run > start + 2 else run
                self._add_noise(stream[start:at])
                continue
            end = body + int(digits)
            stop = _boundary(stream, body, end + TAIL)
            if stop < 0 and size >= end + TAIL:
                if _is_hex(stream, end) and int(stream[end : end + TAIL], 16) == hj212_crc(stream[body:end]):
                    self._end_noise(pieces)
                    pieces.append(Frame(stream[start : end + TAIL], stream[body:end]))
                    at = end + TAIL
                    continue
                stop = _boundary(stream, end, start + self.max_bytes)
            if stop < 0:
                if not is_last and size < start + self.max_bytes:
                    break
                stop = min(size, start + self.max_bytes)
            self._end_noise(pieces)
            pieces.append(check(stream[start:stop], allow_modbus=self.allow_modbus))
            at = stop
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


def check(raw: bytes, *, allow_modbus: bool = False) -> Piece:
    """``raw``, which is one frame with or without its CR LF, as a frame whose checksum holds, else why not.

    ``allow_modbus`` takes frames whose checksum is CRC-16/MODBUS, as some vendors write it.
    """
    raw = raw.rstrip(b"\r\n")
    if len(raw) < HEAD + TAIL or raw[:2] != b"##" or not raw[2:HEAD].isdigit():
        return Refused("not_a_frame", raw[:KEPT], {"given": str(len(raw))}, len(raw))
    segment, written = raw[HEAD:-TAIL], raw[-TAIL:]
    declared = int(raw[2:HEAD])
    checksum = int(written, 16) if _is_hex(raw, len(raw) - TAIL) else -1
    expected = hj212_crc(segment)
    is_right = declared == len(segment)
    if checksum == expected:
        return Frame(raw, segment, is_right)
    modbus = modbus_crc(segment)
    if checksum == modbus:
        if allow_modbus:
            return Frame(raw, segment, is_right)
        return Refused("modbus_crc", raw, {"given": _shown(written), "allowed": f"{expected:04X}"}, len(raw))
    details = {"given": _shown(written), "allowed": f"{expected:04X}"}
    if is_right:
        return Refused("bad_crc", raw, details, len(raw))
    return Refused("bad_length", raw, {"given": str(declared), "allowed": str(len(segment))}, len(raw))


def _boundary(stream: bytes, start: int, end: int) -> int:
    """Where CR LF or the next ``##`` begins in ``stream[start:end]``; -1 where neither is."""
    line = stream.find(b"\r\n", start, end)
    mark = stream.find(b"##", start, end if line < 0 else line)
    return line if mark < 0 else mark


def _is_hex(stream: bytes, at: int) -> bool:
    digits = stream[at : at + TAIL]
    return len(digits) == TAIL and digits.isalnum() and not digits.strip(b"0123456789abcdefABCDEF")


def _shown(written: bytes) -> str:
    return written.decode("ascii", "backslashreplace")
