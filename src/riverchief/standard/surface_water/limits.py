"""Where a limit of GB 3838-2002 table 1 lives: ``limits.csv``, one row per item, a clause in each.

A value meets class c when ``low[c] <= value <= high[c]``: a maximum has ``low`` = −∞, a minimum (DO) ``high`` = +∞, a
range (pH) both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief.standard.classes import CODES
from riverchief.table import read_table

STANDARD = "GB 3838-2002"
GROUND = 4  # the number that limits of groundwater have beside tables 1 to 3 of surface water
WATERS = ("river", "lake")
LIMIT_CLASSES: tuple[str, ...] = CODES[:-1]


@dataclass(frozen=True)
class ItemLimits(Mapping[str, float]):
    """The limits of one item: a mapping from class to the limit that the value must not cross [``unit``].

    That is the upper limit, and for DO the lower. ``low`` and ``high`` hold both ends, in the order I to V. ``use`` is
    ``class`` (decides the class), ``apart`` (judged on its own) or ``none`` (no class limits). ``core`` marks the items
    that an automatic station must deliver before a class is given.
    """

    parameter: str
    water: str
    unit: str
    direction: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    use: str
    core: bool
    first_when_over: bool
    clause: str
    edition: str
    valid_from: str
    valid_to: str
    verification: str
    note: str

    def __getitem__(self, water_class: str) -> float:
        if not self.low or water_class not in LIMIT_CLASSES:
            raise KeyError(water_class)
        ends = self.low if self.direction == "min" else self.high
        return ends[LIMIT_CLASSES.index(water_class)]

    def __iter__(self) -> Iterator[str]:
        return iter(LIMIT_CLASSES if self.low else ())

    def __len__(self) -> int:
        return len(self.low)


@cache
def table_of_limits() -> tuple[ItemLimits, ...]:
    """Every row of table 1 (24 items; total phosphorus has a river and a lake row)."""
    return tuple(_item(row) for row in read_table(__package__ or "", "limits.csv"))


@cache
def limits_for(water: str) -> Mapping[str, ItemLimits]:
    """The limits that hold for ``water`` (``"river"`` or ``"lake"``) by parameter code, in the order of the law."""
    if water not in WATERS:
        raise BadInput([Fault("not_one_of", details={"given": water, "allowed": "、".join(WATERS)})])
    return {item.parameter: item for item in table_of_limits() if item.water in ("any", water)}


def limits_of(parameter: str, water: str = "river") -> ItemLimits:
    """The limits of one item [its unit], e.g. ``limits_of("TP", "lake")["III"] == 0.05``, with clause and edition.

    ``parameter`` is any spelling of :func:`riverchief.parameter.find_parameter`. Raises
    :class:`~riverchief.errors.BadInput`: ``unknown_parameter``, or ``not_one_of`` for an item that has no limit there.
    """
    found = limits_for(water)
    code = find_parameter(parameter).code
    if code not in found:
        raise BadInput([Fault("not_one_of", details={"given": code, "allowed": "、".join(found)})])
    return found[code]


def class_items(water: str) -> tuple[str, ...]:
    """The items that decide the class (21 of them), in the order of the law."""
    return tuple(code for code, item in limits_for(water).items() if item.use == "class")


@cache
def core_items() -> frozenset[str]:
    """The items that every section must have: what an automatic station measures, and decides the class."""
    return frozenset(item.parameter for item in table_of_limits() if item.core)


@dataclass(frozen=True)
class SingleLimit:
    """A row of table 2 or 3 (of groundwater: 4): one upper limit [``unit``] for central drinking-water sources.

    ``low`` is the lower end of a range (pH of groundwater), else −∞.
    """

    parameter: str
    unit: str
    limit: float
    table: int
    clause: str
    edition: str
    valid_from: str
    valid_to: str
    verification: str
    note: str
    low: float = -math.inf


@cache
def ground_limits() -> Mapping[str, SingleLimit]:
    """The limits of groundwater of class III (GB/T 14848) by parameter code; from memory, see their verification."""
    found = {}
    for row in read_table(__package__ or "", "ground_limits.csv"):
        low, _, high = row["limit"].rpartition("-")
        found[row["parameter"]] = SingleLimit(
            row["parameter"],
            row["unit"],
            float(high),
            GROUND,
            row["clause"],
            row["edition"],
            row["valid_from"],
            row["valid_to"],
            row["verification"],
            row["note"],
            float(low) if low else -math.inf,
        )
    return found


@cache
def source_limits(table: int | None = None) -> Mapping[str, SingleLimit]:
    """The limits of table 2 (5 items, manganese among them) and table 3 (80 items) by parameter code.

    ``table`` 2 or 3 for one of them.
    """
    found = {}
    for row in read_table(__package__ or "", "drinking_limits.csv"):
        limit = SingleLimit(
            row["parameter"],
            row["unit"],
            float(row["limit"]),
            int(row["table"]),
            row["clause"],
            row["edition"],
            row["valid_from"],
            row["valid_to"],
            row["verification"],
            row["note"],
        )
        if table in (None, limit.table):
            found[limit.parameter] = limit
    return found


def _item(row: dict[str, str]) -> ItemLimits:
    cells = [row[c] for c in LIMIT_CLASSES if row[c]]
    if row["direction"] == "range":
        low = tuple(float(cell.split("-")[0]) for cell in cells)
        high = tuple(float(cell.split("-")[1]) for cell in cells)
    elif row["direction"] == "min":
        low, high = tuple(map(float, cells)), (math.inf,) * len(cells)
    else:
        low, high = (-math.inf,) * len(cells), tuple(map(float, cells))
    return ItemLimits(
        row["parameter"],
        row["water"],
        row["unit"],
        row["direction"],
        low,
        high,
        row["use"],
        row["core"] == "1",
        row["first_when_over"] == "1",
        row["clause"],
        row["edition"],
        row["valid_from"],
        row["valid_to"],
        row["verification"],
        row["note"],
    )
