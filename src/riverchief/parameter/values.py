"""The cells of one item as arrays: numbers in canonical units, bounds, and what stands where there is no number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import Fault
from riverchief.parameter import Parameter
from riverchief.parameter.quantity import Scale, scale_or_fault
from riverchief.sheet.cells import ALLOWED, Said, read_cell, sentinels
from riverchief.sheet.page import Cell
from riverchief.sheet.words import folded, plain, words

PLAIN, BELOW, ABOVE = 0, 1, 2
PRESENT, EMPTY, NOT_MEASURED, MISSING, REFUSED = 0, 1, 2, 3, 4
_STATES = {"empty": EMPTY, "not_measured": NOT_MEASURED, "missing": MISSING}
_OPERATORS = {"": PLAIN, "<": BELOW, ">": ABOVE}


class ItemAbout(NamedTuple):
    """What a laboratory's sheet says of an item: the method as written, and the detection limit [canonical unit]."""

    method: str
    limit: float | None


class RowWords(NamedTuple):
    """What the other columns of a row say of its value: an operator, a detection condition, a limit and its unit."""

    operator: Cell = None
    detection: Cell = None
    limit: Cell = None
    limit_unit: Cell = None


@dataclass(eq=False)
class Values:
    """One item's cells, all arrays of one size; ``rows`` are numbers of the file's rows.

    ``values`` are in the parameter's canonical unit, NaN where there is no number; with ``operator`` BELOW or ABOVE
    they are the bound (NaN: a bound that nobody named). ``state`` is PRESENT, EMPTY, NOT_MEASURED, MISSING, or REFUSED
    where the cell has a fault. ``decimals`` are as printed. ``unit_stated`` says whether anything names the unit.
    """

    parameter: Parameter
    heading: str
    rows: NDArray[np.intp]
    cells: Sequence[Cell]
    values: NDArray[np.float64]
    operator: NDArray[np.uint8]
    state: NDArray[np.uint8]
    unit_stated: bool

    def decimals(self) -> NDArray[np.int8]:
        """The decimals that each number is printed with."""
        return np.array([min(read_cell(cell).decimals, 20) for cell in self.cells], np.int8)


Place = Callable[[int], tuple[str | None, int, str | None]]


def read_values(
    scale: Scale,
    heading: str,
    rows: NDArray[np.intp],
    cells: Sequence[Cell],
    place: Place,
    faults: list[Fault],
    *,
    default_limit: float | None = None,
    words_of: Callable[[int], RowWords] | None = None,
) -> Values:
    """What ``cells`` say, each fault appended to ``faults``.

    ``place`` says source, line and sheet of the cell number k; ``default_limit`` [canonical unit] is the detection
    limit of the item for cells that only say "not detected"; ``words_of`` says what else stands in the row.
    """
    raw = np.array([_number(cell) for cell in cells], np.float64)
    odd = ~np.isfinite(raw) | np.isin(raw, sentinels())
    raw[odd] = np.nan
    found = Values(
        scale.parameter,
        heading,
        rows,
        cells,
        scale.all(raw),
        np.zeros(rows.size, np.uint8),
        np.zeros(rows.size, np.uint8),
        scale.unit is not None,
    )
    column = _Column(scale, found, place, faults, default_limit)
    for k in range(rows.size) if words_of is not None else np.flatnonzero(odd).tolist():
        column.put(k, read_cell(cells[k]), words_of(k) if words_of is not None else None)
    column.check_units(odd)
    return found


class _Column:
    """Puts what the cells of one column say into arrays."""

    def __init__(
        self, scale: Scale, found: Values, place: Place, faults: list[Fault], default_limit: float | None
    ) -> None:
        self.scale, self.found, self.place, self.faults = scale, found, place, faults
        self.default_limit = default_limit
        self.glued: str | None = None  # the unit that cells of a heading without one name

    def put(self, k: int, said: Said, more: RowWords | None) -> None:
        """Set the cell number ``k``."""
        found = self.found
        if not said.understood:
            self.refuse(k, "bad_number", ALLOWED)
            return
        operator, bound = said.operator, said.value
        scale: Scale | None = self.scale
        if said.unit:
            scale = self._scale_of(k, said.unit)
            if scale is None:
                return
        value = None if bound is None or scale is None else scale.one(bound)
        if more is not None:
            operator, value = self._with_words(operator, value, bool(said.absent), more)
        if said.absent and not operator:
            found.state[k] = _STATES[said.absent]
            return
        if operator == "<" and value is None:
            value = self.default_limit
        found.operator[k] = _OPERATORS[operator]
        found.values[k] = np.nan if value is None else value

    def refuse(self, k: int, kind: str, allowed: str, given: str = "") -> None:
        """A fault of the cell number ``k``."""
        source, line, sheet = self.place(k)
        details = {"given": given or plain(self.found.cells[k])[:80], "allowed": allowed}
        self.faults.append(Fault(kind, source, line, self.found.heading, details, sheet))
        self.found.state[k] = REFUSED
        self.found.values[k] = np.nan

    def check_units(self, odd: NDArray[np.bool_]) -> None:
        """Numbers without a unit beside cells that name another than the parameter's own: nobody can tell theirs."""
        if self.glued is None or self.scale.unit is not None:
            return
        self.found.unit_stated = True
        bare = np.flatnonzero(~odd)
        if self.glued != self.scale.parameter.unit and bare.size:
            self.refuse(int(bare[0]), "mixed_units", self.glued)

    def _scale_of(self, k: int, unit: str) -> Scale | None:
        """The scale of a unit glued to a value: known, and one for the whole column; None where it is refused."""
        given = scale_or_fault(self.scale.parameter, unit, "")
        if isinstance(given, Fault):
            allowed = self.scale.unit or self.scale.parameter.unit
            unknown = given.kind == "unknown_unit"
            self.refuse(k, "bad_number" if unknown else given.kind, ALLOWED if unknown else allowed)
            return None
        wanted = self.scale.unit or self.glued or given.unit
        if given.unit != wanted:
            self.refuse(k, "mixed_units", wanted or "", unit)
            return None
        self.glued = given.unit
        return self.scale if self.scale.unit == given.unit else given

    def _with_words(
        self, operator: str, value: float | None, is_absent: bool, more: RowWords
    ) -> tuple[str, float | None]:
        """Operator and bound with what the columns for operator, detection condition and limit add to the cell."""
        mark = _mark(folded(more.operator))
        if value is not None:
            return operator or mark, value
        if not operator:
            condition = words("detection").get(folded(more.detection), "")
            operator = mark if not is_absent or mark else condition if condition in ("<", ">") else ""
        if not operator:
            return "", None
        limit = read_cell(more.limit)
        if limit.value is None:
            return operator, None
        unit = limit.unit or plain(more.limit_unit)
        own = scale_or_fault(self.scale.parameter, unit, "") if unit else self.scale
        return operator, None if isinstance(own, Fault) else own.one(limit.value)  # in no known unit it is none


@cache
def _mark(word: str) -> str:
    """``<`` or ``>`` for what a column of operators says (``L``, ``小于``, ``ND`` are below); empty for all else."""
    if word == "l" or word in words("below") or word in words("undetected"):
        return "<"
    return ">" if word in words("above") else ""


def _number(cell: Cell) -> float:
    """A cell that is nothing but a number; NaN where it says more or less."""
    if isinstance(cell, str):
        try:
            number = float(cell)
        except ValueError:
            return np.nan
        return np.nan if "_" in cell else number
    return float(cell) if isinstance(cell, (int, float)) and not isinstance(cell, bool) else np.nan
