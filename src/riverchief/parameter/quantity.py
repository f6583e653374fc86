"""How written values become canonical: from unit and basis to the parameter's own unit, exactly in either direction."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.parameter import Parameter, find_parameter
from riverchief.parameter.columns import characteristics
from riverchief.parameter.heading import factor_of, read_unit, split_heading
from riverchief.units import convert


class Scale(NamedTuple):
    """From values in ``unit`` (None: not stated, so the parameter's own) to the parameter's canonical unit.

    ``share`` is the part of the mass that counts: 0.776 of ammonium written as NH₄.
    """

    parameter: Parameter
    unit: str | None = None
    share: float = 1.0

    @property
    def is_plain(self) -> bool:
        """Whether values stay as they are written."""
        return self.share == 1.0 and self.unit in (None, self.parameter.unit)

    def one(self, value: float) -> float:
        """One value. It is rounded to 15 significant digits, which every decimal number of so many survives: 66.09 L/s
        is 0.06609 m³/s and not 0.06609000000000001."""
        if self.is_plain:
            return value
        return float(f"{self.share * convert(value, self.unit or self.parameter.unit, self.parameter.unit):.15g}")

    def all(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Every one of ``values`` as :meth:`one` does; NaN stays NaN."""
        return values if self.is_plain else np.array([self.one(value) for value in values.tolist()], np.float64)


def scale_of(parameter: Parameter, unit: str = "", basis: str = "") -> Scale:
    """The scale of values written in ``unit`` (empty: not stated), counted as ``basis``.

    Raises :class:`~riverchief.errors.BadInput`: ``unknown_unit`` or ``unit_mismatch``.
    """
    read = read_unit(parameter, unit)
    share = read.factor
    if basis and not read.basis:
        share = factor_of(parameter, basis, f"{unit} {basis}".strip())
    return Scale(parameter, read.unit, share)


@cache
def scale_or_fault(parameter: Parameter, unit: str, basis: str) -> Scale | Fault:
    """:func:`scale_of`, or the fault for which there is none."""
    try:
        return scale_of(parameter, unit, basis)
    except BadInput as refused:
        return refused.faults[0]


@cache
def meant_by(layout: str, written: str, fraction: str, unit: str, basis: str) -> Scale | Fault:
    """The parameter that a layout calls ``written`` (in that ``fraction`` and ``unit``), with the way to its unit.

    One name may mean two parameters that differ in their unit: "Oxygen" in mg/L and in % of saturation.
    """
    named = _called(layout, written, fraction)
    if isinstance(named, Fault):
        return named
    faults: list[Fault] = []
    for parameter, inside in named:
        stated = "" if unit.casefold() == "none" else unit
        counted = "" if basis.casefold() == "none" else basis.removeprefix("as ").strip()
        found = scale_or_fault(parameter, stated or inside, counted)
        if not isinstance(found, Fault):
            return found
        faults.append(found)
    return faults[0]


def _called(layout: str, written: str, fraction: str) -> list[tuple[Parameter, str]] | Fault:
    """The parameters that a layout calls ``written``, each with the unit that the name fixes (empty: none)."""
    known = characteristics(layout)
    if known:
        found = [
            (find_parameter(code), unit)
            for fractions, code, unit in known.get(written.casefold(), [])
            if not fractions or fraction.casefold() in fractions
        ]
        given = f"{written} ({fraction})" if fraction else written
        return found or unknown_name("unknown_parameter", given, list(known))
    try:
        return [split_heading(written)]
    except BadInput as refused:
        return refused.faults[0]
