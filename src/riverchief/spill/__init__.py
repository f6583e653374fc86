"""A spill and what to do about it: who is reached when, how high, for how long, how sure that is, and what to say.

The physics is :mod:`riverchief.transport`; here are the question and answer as data (``question``), the places to warn
(``watches``), the concentration along the river (``front``), the neighbour's notice (``notice``), a drawing
(``figure``).
"""

from riverchief.spill.forecast import (
    Spill,
    SpillForecast,
    Watch,
    WatchForecast,
    forecast_spill,
    spill_front,
    spill_profile,
)
from riverchief.spill.front import Front, Profile

__all__ = [
    "Front",
    "Profile",
    "Spill",
    "SpillForecast",
    "Watch",
    "WatchForecast",
    "forecast_spill",
    "spill_front",
    "spill_profile",
]
