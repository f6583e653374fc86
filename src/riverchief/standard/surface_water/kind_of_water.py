"""River or lake: declared, or else asked for. Their limits differ; a lake judged as a river looks better than it is.

The words by which a sheet or a register declares the kind are in the table of words; ``water_signs.csv`` has the signs
of a lake (a name, transparency, chlorophyll) at which it must be declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import cast

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief.sheet.words import folded, words
from riverchief.standard.censored import Censored, Reported
from riverchief.standard.surface_water.item import Water
from riverchief.table import read_table

UNSAID = "unsaid"


@lru_cache(maxsize=1024)
def read_water(text: str) -> Water | None:
    """The kind of water that a word declares; ``None`` where it is empty or speaks of something else (国控).

    Raises :class:`~riverchief.errors.BadInput` (``unknown_water``) for a word that nobody knows.
    """
    said, known = folded(text), words("water")
    if not said:
        return None
    kind = known.get(said)
    if kind is None:
        allowed = "、".join(spelling for spelling, kind in known.items() if kind != UNSAID)
        raise BadInput([Fault("unknown_water", details={"given": text, "allowed": allowed})])
    return None if kind == UNSAID else cast(Water, kind)


@lru_cache(maxsize=4096)
def water_by_name(name: str) -> Water | None:
    """What the name of a place looks like; a lake goes before a river (太湖流域…河 must be declared)."""
    signs = {row["water"] for row in _signs("name") if re.search(row["pattern"], name, re.IGNORECASE)}
    return "lake" if "lake" in signs else "river" if signs else None


def lake_items(items: Iterable[str]) -> list[str]:
    """Those of ``items`` (parameter codes, or spellings such as ``TP_LAKE``) that are signs of a lake."""
    signs = {folded(row["pattern"]) for sign in ("item", "spelling") for row in _signs(sign)}
    return [item for item in items if folded(item) in signs]


def known_water(declared: Water | None, values: Mapping[str, Reported]) -> Water:
    """The declared kind; without one a river, unless ``values`` (by any spelling) look like those of a lake.

    Raises :class:`~riverchief.errors.BadInput` (``kind_of_water_needed``).
    """
    if declared is not None:
        return declared
    measured = [
        name for name, value in values.items() if isinstance(value, Censored) or (value is not None and value == value)
    ]
    signs = [name for name in measured if lake_items([name, find_parameter(name).code])]
    if signs:
        raise BadInput([Fault("kind_of_water_needed", details={"given": "、".join(signs)})])
    return "river"


@cache
def _signs(sign: str) -> tuple[dict[str, str], ...]:
    rows = read_table("riverchief.standard.surface_water", "water_signs.csv")
    return tuple(row for row in rows if row["sign"] == sign)
