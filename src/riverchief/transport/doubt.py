"""How far what a river is taken to be may be off, and what is then said of a number: its middle and its 90 % range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from riverchief.transport.physics import Factor


@dataclass(frozen=True)
class Doubt:
    """Standard error of the natural logarithm [-] of each quantity, one number or one for each reach: 0.15 is ±15 %."""

    velocity: Factor = 0.15
    dispersion: Factor = 0.4
    decay: Factor = 0.4
    discharge: Factor = 0.1


class Range(NamedTuple):
    """Median and the ends of the 90 % range."""

    median: float
    p05: float
    p95: float
