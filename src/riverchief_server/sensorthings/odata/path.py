"""Reads the address of what is asked for: ``Things(3)/Datastreams(5)/unitOfMeasurement/name/$value``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from riverchief.errors import BadInput, Fault

SEGMENT = re.compile(r"([^()/']+)(?:\((?:(-?\d+)|'((?:[^']|'')*)')\))?(?:/|$)")
DEEPEST = 12
Identity = int | str


@dataclass(frozen=True)
class Segment:
    """One step of an address, with the identity of the entity where one is given."""

    name: str
    identity: Identity | None = None


def parse_path(text: str) -> tuple[Segment, ...]:
    """The steps of ``text`` (without the service root), none for an empty one. Raises ``not_found`` for no address."""
    text = text.strip("/")
    segments: list[Segment] = []
    at = 0
    while at < len(text):
        match = SEGMENT.match(text, at)
        if match is None or len(segments) >= DEEPEST:
            raise not_there(text)
        name, number, quoted = match.groups()
        identity: Identity | None = None
        if number is not None:
            identity = int(number)
        elif quoted is not None:
            identity = quoted.replace("''", "'")
        segments.append(Segment(name, identity))
        at = match.end()
    return tuple(segments)


def not_there(given: str) -> BadInput:
    """The refusal of an address at which nothing is."""
    return BadInput([Fault("not_found", details={"given": given[:120]})])


def written(identity: Identity) -> str:
    """``identity`` as it stands in an address."""
    return str(identity) if isinstance(identity, int) else "'" + identity.replace("'", "''") + "'"
