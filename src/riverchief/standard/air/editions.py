"""Which edition holds on a day: HJ 633 (AQI) and GB 3095 (limits) both changed on 2026-03-01."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table


@dataclass(frozen=True)
class Edition:
    """A row of ``editions.csv``; ``short`` is how it is asked for: ``2012``, ``2026``, ``2031`` (the final limits)."""

    family: str
    name: str
    short: str
    valid_from: dt.date
    valid_to: dt.date | None
    verification: str
    note: str


@cache
def editions(family: str) -> tuple[Edition, ...]:
    """The editions of ``aqi``, ``limits`` or ``statistics``, oldest first."""
    return tuple(
        Edition(
            row["family"],
            row["edition"],
            row["short"],
            dt.date.fromisoformat(row["valid_from"]),
            dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            row["verification"],
            row["note"],
        )
        for row in read_table("riverchief.standard.air", "editions.csv")
        if row["family"] == family
    )


def edition_on(family: str, day: dt.date) -> Edition:
    """The edition that holds on ``day`` (Beijing date); the oldest one also for days before it was issued."""
    known = editions(family)
    return next((e for e in reversed(known) if e.valid_from <= day), known[0])


def edition_named(family: str, short: str) -> Edition:
    """The edition asked for as ``2012`` or ``2026``. Raises :class:`~riverchief.errors.BadInput`."""
    known = {edition.short: edition for edition in editions(family)}
    if short not in known:
        raise BadInput([unknown_name("unknown_rule", short, list(known))])
    return known[short]
