"""From the bytes of a message to readings and refusals, by its protocol. Pure but for what it is told of the
instrument."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief.observation.reading import Reading
from riverchief.sheet.times import is_future
from riverchief.telemetry import protocol
from riverchief.telemetry.protocol import Picture, protocols
from riverchief_server.observations.arrival import from_the_future
from riverchief_server.observations.inbox.instruments import Known

READERS_KEPT = 10_000


class Decoded(NamedTuple):
    """What a message became. ``part`` is set where it is one of several and says nothing alone: (key, number, of)."""

    readings: list[Reading]
    faults: list[Fault]
    part: tuple[tuple[str, ...], int, int] | None = None
    picture: Picture | None = None


class Decoder:
    """Decodes messages; remembers of each instrument what its keys mean."""

    def __init__(self) -> None:
        self._decoders: dict[int, tuple[Known, protocol.Decoder]] = {}

    def decode(self, kind: str, name: str, content: bytes, known: Known, arrived: datetime) -> Decoded:
        """The readings of one message of ``known``; never raises, whatever the bytes are."""
        if kind not in protocols():
            return Decoded([], [Fault("not_one_of", details={"given": kind, "allowed": ", ".join(protocols())})])
        try:
            return _arrived(self._decoder(kind, known).decode(name, content, arrived), arrived)
        except BadInput as refused:
            return Decoded([], list(refused.faults))

    def decode_parts(
        self, kind: str, contents: list[bytes], known: Known, arrived: datetime, missing: tuple[int, ...] = ()
    ) -> Decoded:
        """What came in several packets, in order of their numbers; those of ``missing`` are not among them."""
        return _arrived(self._decoder(kind, known).join(contents, arrived, missing), arrived)

    def _decoder(self, kind: str, known: Known) -> protocol.Decoder:
        kept = self._decoders.get(known.pk)
        if kept is None or kept[0] != known:
            if len(self._decoders) >= READERS_KEPT:
                self._decoders.clear()
            made = protocols()[kind].does.decoder(known.station, known.setup)
            kept = self._decoders[known.pk] = known, made
        return kept[1]


def _arrived(found: protocol.Decoded, arrived: datetime) -> Decoded:
    """``found`` without what claims to be from the future."""
    faults = [refusal.fault for refusal in found.refusals]
    picture = found.picture
    if picture is not None and is_future(picture.taken_at, arrived):
        faults = [*faults, from_the_future(picture.taken_at)]
        picture = None
    readings = found.readings
    ahead = [reading for reading in readings if is_future(reading.time, arrived)]
    if ahead:
        faults += [from_the_future(reading.time, reading.parameter) for reading in ahead]
        readings = [reading for reading in readings if not is_future(reading.time, arrived)]
    return Decoded(readings, faults, found.part, picture)
