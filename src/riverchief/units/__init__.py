"""Units: one table, read once; everything inside is in canonical units and is converted only at the door.

Canonical are m, s, m³/s, °C and, for what is dissolved in water, g/m³, which is mg/L, the law's unit. ``docs/units.md``
shows the table for readers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.table import read_table

Numbers = TypeVar("Numbers", float, NDArray[np.float64])


@dataclass(frozen=True)
class Unit:
    """One row of ``units.csv``: canonical value = value x ``factor`` + ``offset``."""

    symbol: str
    dimension: str
    factor: float
    offset: float
    name_zh: str
    name_en: str


@cache
def all_units() -> tuple[Unit, ...]:
    """Every unit of the table, in its order."""
    return tuple(dict.fromkeys(_by_spelling().values()))


def find_unit(spelling: str) -> Unit:
    """The unit that ``spelling`` means: a symbol or alias of the table; blanks around it are ignored.

    Raises :class:`~riverchief.errors.BadInput` (``unknown_unit``) with the nearest spellings.
    """
    units = _by_spelling()
    found = units.get(spelling.strip())
    if found is None:
        raise BadInput([unknown_name("unknown_unit", spelling, list(units))])
    return found


def convert(values: Numbers, from_unit: str, to_unit: str) -> Numbers:
    """``values`` given in ``from_unit``, in ``to_unit``.

    Parameters
    ----------
    values
        A number or an array of any shape; NaN stays NaN.
    from_unit, to_unit
        Symbols or aliases of ``units.csv``.

    Raises :class:`~riverchief.errors.BadInput`: ``unknown_unit``, or ``unit_mismatch`` where the dimensions differ.
    """
    source, target = find_unit(from_unit), find_unit(to_unit)
    if source.dimension != target.dimension:
        raise BadInput([Fault("unit_mismatch", details={"given": from_unit, "allowed": to_unit})])
    if source == target:
        return values
    return (values * source.factor + source.offset - target.offset) / target.factor


def converter(from_unit: str, to_unit: str, share: float = 1.0) -> Callable[[float], float] | None:
    """A function that converts single written numbers, for the door; None where there is nothing to convert.

    It rounds to 15 significant digits, which every decimal number of so many survives: 66.09 L/s is 0.06609 m³/s and
    not 0.06609000000000001. ``share`` multiplies the result (the part of a mass that counts). Raises what
    :func:`convert` raises.
    """
    source, target = find_unit(from_unit), find_unit(to_unit)
    if source.dimension != target.dimension:
        raise BadInput([Fault("unit_mismatch", details={"given": from_unit, "allowed": to_unit})])
    if source == target and share == 1.0:
        return None
    return lambda value: float(f"{share * convert(value, from_unit, to_unit):.15g}")


@cache
def _by_spelling() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for row in read_table(__name__, "units.csv"):
        unit = Unit(
            row["symbol"],
            row["dimension"],
            float(row["factor"]),
            float(row["offset"]),
            row["name_zh"],
            row["name_en"],
        )
        for spelling in (row["symbol"], *filter(None, row["aliases"].split("|"))):
            if spelling in units:
                raise ValueError(f"units.csv: {spelling!r} means both {units[spelling].symbol} and {unit.symbol}")
            units[spelling] = unit
    return units
