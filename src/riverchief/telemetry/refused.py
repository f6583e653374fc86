"""What a decoder could not take, and why: a value that is returned, never an exception that ends a stream."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from riverchief.errors import Fault

NOTHING: Mapping[str, str] = MappingProxyType({})


class Refused(NamedTuple):
    """Bytes (or a part of a message) that were not taken. ``kind`` names a row of faults.csv, ``raw`` holds them
    (cut to what memory may hold; ``size`` says how many there were)."""

    kind: str
    raw: bytes
    details: Mapping[str, str] = NOTHING
    size: int = 0

    @property
    def fault(self) -> Fault:
        """The refusal as a fault, to be shown in either language."""
        return Fault(self.kind, details=self.details)

    @property
    def why(self) -> str:
        """The reason in English."""
        return self.fault.text("en")
