"""Which parameter a name, fraction and unit mean, and how its values become canonical."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.parameter import Parameter, find_parameter
from riverchief.telemetry.csv.layout import all_bases, characteristics, element_of, unit_and_basis
from riverchief.units import converter


def scaler(unit: str, parameter: Parameter, basis: str | None = None) -> Callable[[float], float]:
    """A function from values in ``unit``, counted as ``basis``, to the parameter's canonical unit and element.

    Raises :class:`~riverchief.errors.BadInput`: ``unknown_unit`` or ``unit_mismatch``.
    """
    share = 1.0
    if basis is not None:
        element, share = all_bases()[basis]
        if element != element_of().get(parameter.code):
            raise BadInput([Fault("unit_mismatch", details={"given": f"{unit} {basis}", "allowed": parameter.unit})])
    return converter(unit, parameter.unit, share) or _unchanged


@cache
def scaler_or_fault(unit: str, parameter: Parameter, basis: str | None) -> Callable[[float], float] | Fault:
    """:func:`scaler`, or the fault for which there is none."""
    try:
        return scaler(unit, parameter, basis)
    except BadInput as refused:
        return refused.faults[0]


@cache
def meant_by(
    layout: str, written: str, fraction: str, unit: str, basis: str
) -> tuple[Parameter, Callable[[float], float]] | Fault:
    """The parameter that a layout calls ``written`` (in that ``fraction`` and ``unit``), with the way to its unit.

    One name may mean two parameters that differ in their unit: "Oxygen" in mg/L and in % of saturation.
    """
    named = _parameters_called(layout, written, fraction)
    if isinstance(named, Fault):
        return named
    faults: list[Fault] = []
    for parameter, fixed in named:
        symbol, counted_as = unit_and_basis(fixed or unit)
        symbol = "" if symbol.casefold() == "none" else symbol
        scale = scaler_or_fault(symbol or parameter.unit, parameter, counted_as or basis_of(basis))
        if not isinstance(scale, Fault):
            return parameter, scale
        faults.append(scale)
    return faults[0]


@cache
def _parameters_called(layout: str, written: str, fraction: str) -> list[tuple[Parameter, str]] | Fault:
    """The parameters that a layout calls ``written``, each with its unit where the name fixes it."""
    known = characteristics(layout)
    found = [
        (find_parameter(code), unit)
        for fractions, code, unit in known.get(written.casefold(), [])
        if not fractions or fraction.casefold() in fractions
    ]
    if found:
        return found
    if known:
        given = f"{written} ({fraction})" if fraction else written
        return unknown_name("unknown_parameter", given, list(known))
    try:
        return [(find_parameter(written), "")]
    except BadInput as refused:
        return refused.faults[0]


@cache
def basis_of(written: str) -> str | None:
    """The basis that a column of its own names: ``"as N"`` is ``"N"``; None where it names none that we count."""
    spelling = written.removeprefix("as ").strip()
    return spelling if spelling in all_bases() else None


def _unchanged(value: float) -> float:
    return value
