"""The journal: what arrives is appended to a file and flushed to the disk before anybody is answered.

A folder holds segments ``000000000001.journal``, ``000000000002.journal`` …; a segment is a run of records, a record
is a mark, its length, its CRC-32 and one message. One process writes (at the end of the newest segment, always a new
one after a start), one reads. A record that was cut short when the writer died was never acknowledged: it is passed
over. What has been taken into the database is forgotten a whole segment at a time.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import struct
import time
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from riverchief.errors import Fault

MARK = b"RCj\x01"
HEAD = struct.Struct("<4sII")  # mark, length of the body, its checksum
BODY = struct.Struct("<qqHHHI")  # received [µs since 1970], instrument, lengths of kind, name, sender and fault
SEGMENT_BYTES = 32 * 1024 * 1024
MOST_WAITING = 4 * 1024**3  # so much may wait for a database that is away
LEAST_FREE = 256 * 1024 * 1024  # the database needs room to take over what waits here
READ_BYTES = 2 * 1024 * 1024
LOOK_AT_ROOM_S = 2.0
LONGEST = {"kind": 16, "name": 255, "sender": 120}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Raw(NamedTuple):
    """Bytes as they arrived: ``instrument`` is the number of who sent them (None: nobody we know). With ``fault`` they
    are refused from the first and only kept to be looked at."""

    kind: str
    name: str
    sender: str
    received_at: datetime
    content: bytes
    instrument: int | None = None
    fault: Fault | None = None


class Position(NamedTuple):
    """How far a journal has been read: a segment, and a byte in it."""

    segment: int = 0
    at: int = 0


class Batch(NamedTuple):
    """Messages in the order they came, where they begin and where the next ones do, and how many bytes before them were
    passed over as unreadable."""

    messages: list[Raw]
    begin: Position
    position: Position
    passed_over: int = 0


class InUse(OSError):
    """Another process writes (or reads) this journal."""


class Writer:
    """Appends to the journal in ``folder``; only one may, the second is told so (:class:`InUse`)."""

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES, most_waiting: int = MOST_WAITING):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._segment_bytes, self._most_waiting = folder, segment_bytes, most_waiting
        self._lock = locked(folder / "writer.lock")
        name_of(folder)
        self._file = -1
        self._size = 0
        self._looked_s = -LOOK_AT_ROOM_S

    def append(self, records: Sequence[bytes]) -> None:
        """Append ``records`` (see :func:`encode`); when this returns they are on the disk.

        Raises :class:`OSError` where they could not be written; none of them counts then, and it can be tried again.
        """
        self._check_room()
        if self._file < 0 or self._size >= self._segment_bytes:
            self._begin()
        whole = memoryview(b"".join(records))
        written = 0
        try:
            while written < len(whole):
                written += os.write(self._file, whole[written:])
            os.fdatasync(self._file)
        except OSError:
            # What this file holds now is uncertain: the reader passes over its end, and the next try has a new one.
            self._end()
            raise
        self._size += written

    def close(self) -> None:
        """Let go of the journal."""
        self._end()
        os.close(self._lock)

    def _begin(self) -> None:
        self._end()
        number = max(segments(self._folder), default=0)
        self._file = os.open(_path(self._folder, number + 1), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._size = 0
        flush_folder(self._folder)

    def _end(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _check_room(self) -> None:
        now = time.monotonic()
        if now - self._looked_s < LOOK_AT_ROOM_S:
            return
        waiting = waiting_bytes(self._folder)
        space = os.statvfs(self._folder)
        if waiting > self._most_waiting or space.f_bavail * space.f_frsize < LEAST_FREE:
            raise OSError(errno.ENOSPC, f"{waiting} bytes wait for the database, or the disk is nearly full")
        self._looked_s = now


def encode(raw: Raw) -> bytes:
    """``raw`` as a record."""
    kind, name, sender = (
        text[: LONGEST[which]].encode("utf-8", "replace")
        for which, text in (("kind", raw.kind), ("name", raw.name), ("sender", raw.sender))
    )
    fault = b"" if raw.fault is None else _written(raw.fault)
    received = (raw.received_at - EPOCH) // MICROSECOND
    lengths = len(kind), len(name), len(sender), len(fault)
    body = BODY.pack(received, raw.instrument or 0, *lengths) + kind + name + sender + fault + raw.content
    return HEAD.pack(MARK, len(body), zlib.crc32(body)) + body


def read(folder: Path, position: Position, most_bytes: int = READ_BYTES) -> Batch:
    """The messages from ``position`` on, of one segment and not much over ``most_bytes``; none where all is read."""
    passed_over = 0
    numbers = segments(folder)
    for number in (one for one in numbers if one >= position.segment):
        at = position.at if number == position.segment else 0
        with _path(folder, number).open("rb") as file:
            while True:
                file.seek(at)
                data = file.read(most_bytes)
                if len(data) >= HEAD.size and (longer := _missing(data)) > 0:
                    data += file.read(longer)
                messages, used = _decode(data)
                if messages:
                    return Batch(messages, Position(number, at), Position(number, at + used), passed_over)
                if number == numbers[-1]:
                    # the writer is at work here, or died here: what is no record yet may become one
                    return Batch([], Position(number, at), Position(number, at), passed_over)
                if not data:
                    break
                # nothing is written here any more: look for the next record behind what is damaged
                mark = data.find(MARK, 1)
                step = mark if mark > 0 else max(1, len(data) - len(MARK) + 1)
                at, passed_over = at + step, passed_over + step
    return Batch([], position, position, passed_over)


def forget(folder: Path, position: Position) -> None:
    """Delete the segments before the one of ``position``; the newest stays, for its number must not come again."""
    for number in segments(folder)[:-1]:
        if number < position.segment:
            _path(folder, number).unlink(missing_ok=True)


def begin_after(folder: Path, segment: int) -> None:
    """See to it that the next segment's number is higher than ``segment``, which a database has read from already.

    After a restore the folder may be older than the database: a writer that began such a segment anew would write
    where nobody reads any more.
    """
    if segment and segment > max(segments(folder), default=0):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _path(folder, segment).touch(mode=0o600)
        flush_folder(folder)


def segments(folder: Path) -> list[int]:
    """The numbers of the segments of ``folder``, in order."""
    return sorted(int(path.stem) for path in folder.glob("*.journal") if path.stem.isdecimal())


def waiting_bytes(folder: Path, position: Position = Position()) -> int:  # noqa: B008 - it is a constant
    """How many bytes lie in ``folder`` from ``position`` on."""
    found = 0
    for number in segments(folder):
        with contextlib.suppress(FileNotFoundError):
            size = _path(folder, number).stat().st_size
            found += (
                size if number > position.segment else max(0, size - position.at) if number == position.segment else 0
            )
    return found


def name_of(folder: Path) -> str:
    """What this journal is called in the database: made once, and gone with the folder."""
    path = folder / "name"
    with contextlib.suppress(FileNotFoundError):
        if name := path.read_text(encoding="ascii").strip():
            return name
    partial = folder / f"name.{os.getpid()}"
    partial.write_text(uuid4().hex, encoding="ascii")
    with contextlib.suppress(FileExistsError):
        os.link(partial, path)
    partial.unlink()
    flush_folder(folder)
    return path.read_text(encoding="ascii").strip()


def locked(path: Path, *, wait: bool = False) -> int:
    """A lock on ``path`` that ends with this process, as an open file; raises :class:`InUse` where somebody has it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(file)
        raise InUse(errno.EAGAIN, "another gateway uses this journal", str(path)) from None
    return file


def flush_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:012d}.journal"


def _missing(data: bytes) -> int:
    """How many bytes of the first record of ``data`` are not there; 0 where it is whole, or no record."""
    mark, length, _ = HEAD.unpack_from(data)
    return max(0, HEAD.size + length - len(data)) if mark == MARK else 0


def _decode(data: bytes) -> tuple[list[Raw], int]:
    """The whole records at the beginning of ``data``, and how many bytes they are."""
    messages: list[Raw] = []
    at, size = 0, len(data)
    while at + HEAD.size <= size:
        mark, length, checksum = HEAD.unpack_from(data, at)
        begin, end = at + HEAD.size, at + HEAD.size + length
        if mark != MARK or end > size or length < BODY.size or zlib.crc32(data[begin:end]) != checksum:
            break
        received, instrument, *lengths = BODY.unpack_from(data, begin)
        parts = []
        place = begin + BODY.size
        for one in lengths:
            parts.append(data[place : place + one])
            place += one
        kind, name, sender, fault = parts
        messages.append(
            Raw(
                kind.decode(),
                name.decode(),
                sender.decode(),
                EPOCH + timedelta(microseconds=received),
                data[place:end],
                instrument or None,
                _fault(fault) if fault else None,
            )
        )
        at = end
    return messages, at


def _written(fault: Fault) -> bytes:
    fields = [fault.kind, fault.source, fault.line, fault.column, dict(fault.details)]
    return json.dumps(fields, ensure_ascii=True).encode()


def _fault(written: bytes) -> Fault:
    kind, source, line, column, details = json.loads(written)
    return Fault(kind, source, line, column, details)
