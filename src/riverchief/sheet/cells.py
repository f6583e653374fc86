"""What one cell says: a number with its unit, a bound, or nothing, and which kind of nothing.

Every door asks here, so that a spelling means the same wherever a sheet comes in.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import NamedTuple

from riverchief.sheet.censored import read_bound
from riverchief.sheet.numbers import number_and_unit, printed_decimals, with_plain_signs
from riverchief.sheet.page import Cell
from riverchief.sheet.words import plain, words

#: What a fault of a cell says is allowed.
ALLOWED = "0.25、1,234、2.4×10^-2、<0.01、0.01L、未检出(0.01)、>24000、ND、*、--"


class Said(NamedTuple):
    """What a cell says.

    ``value`` is the number, or with ``operator`` ``<`` or ``>`` the bound (None: a bound that is not named). ``unit``
    is the unit glued to it, as written. ``absent`` is ``"empty"``, ``"not_measured"`` or ``"missing"`` where the cell
    says that there is nothing. ``understood`` is False where nobody can tell.
    """

    value: float | None = None
    operator: str = ""
    unit: str = ""
    decimals: int = 0
    absent: str = ""
    understood: bool = True


NOT_UNDERSTOOD = Said(understood=False)


def read_cell(cell: Cell) -> Said:
    """What ``cell`` says: ``0.25``, ``1,234``, ``<0.01``, ``0.01L``, ``ND``, ``*``, ``--``, ``500 µg/L`` …

    Raises nothing: a cell that nobody understands is :data:`NOT_UNDERSTOOD`.
    """
    if isinstance(cell, str):
        return _read_text(cell)
    if cell is None:
        return Said(absent="empty")
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _read_number(float(cell), str(cell))
    return NOT_UNDERSTOOD


@lru_cache(maxsize=8192)
def _read_text(cell: str) -> Said:
    text = plain(with_plain_signs(cell))
    nothing = words("absent").get(text.casefold())
    if nothing is not None:
        return Said(absent=nothing)
    found = number_and_unit(text)
    if found is not None:
        if found.value in sentinels() and not found.unit:
            return Said(absent="missing")
        bound = None if not found.unit else read_bound(text)  # "0.01L" and "0.01 ND" look like a number with a unit
        if bound is None:
            return Said(found.value, "", found.unit, found.decimals)
    else:
        bound = read_bound(text)
    if bound is None:
        return NOT_UNDERSTOOD
    return Said(bound.limit, bound.operator, bound.unit, bound.decimals)


def _read_number(number: float, written: str) -> Said:
    if math.isnan(number) or number in sentinels():
        return Said(absent="missing")
    return Said(number, decimals=printed_decimals(written)) if math.isfinite(number) else NOT_UNDERSTOOD


@cache
def sentinels() -> tuple[float, ...]:
    """The numbers that instruments write for "no value"."""
    found = (number_and_unit(word) for word in words("absent"))
    return tuple(one.value for one in found if one is not None)
