"""What a protocol of stations is: one row of ``protocols.csv``, and the folder that its ``module`` names.

The row holds what people read and set (names, transport, port); the module's ``PROTOCOL`` holds what it can do. The
gateway listens, the inbox decodes, the commands and the desk show by these two alone: nobody else knows a protocol by
name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, NamedTuple

from riverchief.observation.reading import Reading
from riverchief.table import read_table
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sent import Sent

TCP, TCP_UDP, BROKER = "tcp", "tcp+udp", "broker"
UNKNOWN, WRONG_PASSWORD = "unknown", "password"
SET_CLOCK, HISTORY = "set-clock", "history"


class Heard(NamedTuple):
    """One message of a station, as far as a door must know it. ``raw`` is what is kept, ``identity`` and ``password``
    are who says so, ``said`` is the message in the protocol's own type."""

    raw: bytes
    identity: str
    password: str
    said: Any = None


class Order(NamedTuple):
    """Something asked of a station: ``set-clock``, or ``history`` from ``begin`` to ``end`` (its own zone) ``of`` each
    real time, minute, hour or day."""

    command: str
    begin: datetime | None = None
    end: datetime | None = None
    of: str = "hour"


class Reply(NamedTuple):
    """What a station answers to the order numbered ``number``, in words, and whether that is its last word."""

    number: str
    words: str
    is_final: bool


class Picture(NamedTuple):
    """A picture that a station sent; ``missing`` are the numbers of the packets that never came."""

    taken_at: datetime
    media_type: str
    content: bytes
    missing: tuple[int, ...] = ()


class Decoded(NamedTuple):
    """What a message became: readings, and the parts of it that did not become any. ``part`` is set where it is one of
    several and says nothing alone: what they share, its number, how many there are."""

    readings: list[Reading]
    refusals: list[Refused]
    part: tuple[tuple[str, ...], int, int] | None = None
    picture: Picture | None = None


class Example(NamedTuple):
    """A whole message, kept under ``name``, of a station with ``setup``, and the values in it by parameter."""

    content: bytes
    values: Mapping[str, float]
    name: str = ""
    setup: Mapping[str, Any] = MappingProxyType({})


class Line:
    """The talk over one connection: bytes in, messages out, answers back. Made anew for each; knows no socket and no
    clock. A protocol overrides :meth:`splitter` and :meth:`heard`, and of the rest what it can."""

    def __init__(self, *, is_lenient: bool = True) -> None:
        self._splitter = self.splitter(is_lenient)

    def splitter(self, is_lenient: bool) -> Any:
        """What cuts the stream: ``feed(chunk)`` and ``finish()`` return its frames and refusals, ``dropped_bytes`` says
        how much of it was no part of any frame. Lenient, it takes what only some stations may send: whether this one
        may is asked when it is known."""
        raise NotImplementedError

    def heard(self, frame: Any) -> Heard | Refused:
        """A frame of the splitter as a message of somebody, or why it is none."""
        raise NotImplementedError

    def feed(self, chunk: bytes) -> list[Heard | Refused]:
        """What ``chunk`` completes, in the stream's order."""
        return self._all(self._splitter.feed(chunk))

    def finish(self) -> list[Heard | Refused]:
        """What is left when the stream has ended."""
        return self._all(self._splitter.finish())

    @property
    def dropped_bytes(self) -> int:
        """How many bytes were no part of any frame, whether refused yet or not."""
        return int(self._splitter.dropped_bytes)

    def sent_at(self, heard: Heard) -> datetime | None:
        """When ``heard`` was sent by the station's own clock, without zone; None where it does not say."""
        return None

    def is_kept(self, heard: Heard) -> bool:
        """Whether ``heard`` says something that must be kept: a heart-beat does not."""
        return True

    def answers(self, heard: Heard, now_s: float) -> Callable[[datetime], list[bytes]] | None:
        """What is to be answered once ``heard`` is durable, given the station's local time then; None: nothing.

        ``now_s`` [s] is a steady clock, for protocols that ask again for what has not come.
        """
        return None

    def denial(self, heard: Heard, why: str) -> bytes | None:
        """What is answered to one who is not let in: :data:`UNKNOWN` or with a :data:`WRONG_PASSWORD`."""
        return None

    def without_password(self, heard: Heard) -> bytes:
        """``heard.raw`` as it may be kept when it was refused: the password may be right for another station."""
        return heard.raw

    def overdue(self, now_s: float) -> list[tuple[str, Callable[[datetime], bytes]]]:
        """What to ask for again by now, each for one identity and made with its local time."""
        return []

    def order(self, order: Order, last: Heard, now: datetime, number: str) -> bytes | None:
        """``order`` as it goes down to the station whose last message was ``last``; None: the protocol cannot."""
        return None

    def reply(self, heard: Heard) -> Reply | None:
        """What ``heard`` answers to an order; None where it is no such answer."""
        return None

    def is_acknowledged(self, heard: Heard) -> tuple[bool, str] | None:
        """On the station's side: whether ``heard`` acknowledges what was sent, and why not; None: it does neither."""
        return None

    def _all(self, pieces: Sequence[Any]) -> list[Heard | Refused]:
        return [piece if isinstance(piece, Refused) else self.heard(piece) for piece in pieces]


class Decoder:
    """Understands what one station sends; remembers what its keys mean."""

    def __init__(self, station: str, setup: Mapping[str, Any]):
        self.station, self.settings = station, setup

    def decode(self, name: str, content: bytes, arrived_at: datetime) -> Decoded:
        """One message that was kept under ``name``; never raises but for :class:`~riverchief.errors.BadInput` in the
        setup."""
        raise NotImplementedError

    def join(self, contents: Sequence[bytes], arrived_at: datetime, missing: tuple[int, ...] = ()) -> Decoded:
        """What came in several packets, in the order of their numbers; those of ``missing`` are not among them."""
        raise NotImplementedError


def setup_names(kind: type) -> set[str]:
    """What may be said of a station whose setup is a ``kind``; its name is not the setup's to say."""
    return {one.name for one in fields(kind)} - {"station"}


def chosen(kind: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``given`` that a setup of ``kind`` takes."""
    names = setup_names(kind)
    return {name: value for name, value in given.items() if name in names}


@dataclass(frozen=True)
class Protocol:
    """What a protocol can do. ``setup`` is the dataclass of what is said of one station (None: anything); ``speak``
    makes messages of readings for an address and a password, ``describe`` a message as the keys of ``riverchief
    decode`` in a language; ``orders`` are those a station can be given; ``explains`` whether a station may say what its
    own codes mean; ``examples`` are what every protocol is tried with."""

    decoder: Callable[[str, Mapping[str, Any]], Decoder]
    examples: tuple[Example, ...]
    line: Callable[..., Line] | None = None
    setup: type | None = None
    speak: Callable[[Sequence[Reading], str, str], list[Sent]] | None = None
    describe: Callable[[Heard, str], dict[str, Any]] | None = None
    orders: tuple[str, ...] = ()
    explains: bool = False


@dataclass(frozen=True)
class Row:
    """One row of ``protocols.csv``. ``port`` is the usual one (0: it listens on none); a protocol that ``is_binary`` is
    shown and read as hexadecimal digits."""

    name: str
    zh: str
    en: str
    transport: str
    port: int
    is_binary: bool
    module: str

    @property
    def listens(self) -> bool:
        """Whether stations of it connect to a port of ours."""
        return self.transport != BROKER

    @property
    def does(self) -> Protocol:
        """What it can do; its module is read when it is first asked for."""
        found: Protocol = import_module(self.module).PROTOCOL
        return found


@cache
def protocols() -> dict[str, Row]:
    """The protocols by their name."""
    return {
        row["name"]: Row(
            row["name"],
            row["zh"],
            row["en"],
            row["transport"],
            int(row["port"] or 0),
            row["is_binary"] == "yes",
            row["module"],
        )
        for row in read_table("riverchief.telemetry", "protocols.csv")
    }


def listening() -> Iterator[Row]:
    """The protocols that listen on a port."""
    return (row for row in protocols().values() if row.listens)
