"""Column headings as people write them: ``氨氮(mg/L)``, ``NH3-N, µg/L``, ``Total phosphorus (ug l-1-P)``, ``tp_mg_l``.

A heading is a parameter, perhaps a unit, perhaps the substance the figure is counted as (``bases.csv``: 1 mg/L of
ammonium as NH4 is 0.776 mg/L as N, which is what the law limits).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.parameter import Parameter, find_parameter
from riverchief.table import read_table
from riverchief.units import convert, find_unit

Numbers = TypeVar("Numbers", float, NDArray[np.float64])

_BRACKETS = re.compile(r"^(?P<name>.*\S)\s*[(（\[【](?P<inside>[^()（）\[\]【】]*)[)）\]】]$")
_COMMA = re.compile(r"^(?P<name>.*\S)\s*[,，;；]\s*(?P<inside>[^,，]+)$")
_SPACE = re.compile(r"^(?P<name>.*\S)\s+(?P<inside>\S+)$")
_SUFFIX = re.compile(r"^(?P<name>.+?)_(?P<inside>(?:mg|ug|ng|g)_?(?:l|m3)|degc|c|ntu|us_cm|ms_cm|pct|cm|m|m3_s)$", re.I)
_SUFFIX_UNITS = {"degc": "degC", "c": "degC", "ntu": "NTU", "pct": "%", "m3_s": "m3/s"}
_BASIS = re.compile(
    r"^(?P<unit>.+?)(?:\s+as\s+|\s*-\s*|\s+|\s*以)(?P<basis>N|P|NH4|NH3|NO3|PO4|SO4|Cl|F)(?:计)?$", re.I
)
_NAMED_BASIS = re.compile(r"^(?:as\s+|以)\s*(?P<basis>[A-Za-z0-9]+)[+\-−^2]*\s*(?:计)?$", re.I)

# In a water table "mg/m3" is mass per volume of water, which is not the unit of the same spelling for air.
_OF_WATER = {"mg/m3": "ug/L", "ug/m3": "ng/L"}


@dataclass(frozen=True)
class Heading:
    """What a heading says: ``unit`` is ``None`` where it names none; ``factor`` brings the basis to the law's."""

    parameter: Parameter
    unit: str | None = None
    factor: float = 1.0

    def canonical(self, values: Numbers, unit: str | None = None) -> Numbers:
        """``values`` in the parameter's own unit; ``unit`` (of the cell) goes before the heading's.

        Without any unit the values are taken to be in the parameter's own unit. NaN stays NaN.
        """
        given = unit or self.unit
        scaled = values if self.factor == 1.0 else values * self.factor
        return scaled if given is None else convert(scaled, given, self.parameter.unit)


def read_heading(text: str) -> Heading:
    """The parameter, unit and basis that ``text`` names.

    Raises :class:`~riverchief.errors.BadInput`: ``unknown_parameter``; ``unknown_unit`` or ``unit_mismatch`` where the
    parameter is known and its unit is not.
    """
    plain = re.sub(r"<[^>]*>", " ", text).replace("\ufeff", "").strip()
    parameter = _find(plain)
    if parameter:
        return Heading(parameter)
    for pattern in (_BRACKETS, _COMMA, _SUFFIX, _SPACE):
        found = pattern.match(plain)
        if not found:
            continue
        inside = found["inside"].strip()
        if pattern is _SUFFIX:
            inside = _SUFFIX_UNITS.get(inside.lower(), inside.replace("_", "/"))
            inside = re.sub(r"^(mg|ug|ng|g)/?(l|m3)$", lambda m: f"{m[1]}/{m[2].replace('l', 'L')}", inside.lower())
            inside = _SUFFIX_UNITS.get(inside, inside)
        parameter = _find(found["name"]) or _without_basis(found["name"])
        if parameter and _find(inside) == parameter:
            return Heading(parameter)
        if parameter:
            return read_unit(parameter, inside)
    near = re.sub(r"[(（\[【].*", "", plain).strip() or plain
    find_parameter(near)
    raise BadInput([unknown_name("unknown_parameter", plain, [near])])


def read_unit(parameter: Parameter, text: str) -> Heading:
    """The heading of ``parameter`` whose unit is written ``text``, perhaps with a basis (``mg l-1-NH4``, ``as N``)."""
    if not text:
        return Heading(parameter)
    named = _NAMED_BASIS.match(text)
    if named:
        return Heading(parameter, None, _factor(parameter, named["basis"], text))
    unit, basis = text, ""
    if not _is_unit(text):
        split = _BASIS.match(text)
        if split and _is_unit(split["unit"]):
            unit, basis = split["unit"].strip(), split["basis"]
    symbol = find_unit(unit).symbol
    if parameter.medium == "water" and symbol in _OF_WATER:
        symbol = _OF_WATER[symbol]
    convert(1.0, symbol, parameter.unit)
    return Heading(parameter, symbol, _factor(parameter, basis, text) if basis else 1.0)


def _find(name: str) -> Parameter | None:
    """The parameter, also where its words are joined by underscores or two of its names stand side by side."""
    if len(name) == 1 and name.islower():
        return None  # B is boron, but b is anybody's column
    for spelling in dict.fromkeys((name, name.replace("_", " "), name.replace("_", "."), name.replace("_", "-"))):
        try:
            return find_parameter(spelling)
        except BadInput:
            continue
    parts = re.split(r"[\s()（）/]+", name.strip(" ()（）"))
    found = {_find(part) for part in parts} if len(parts) > 1 else set()
    return found.pop() if len(found) == 1 else None


def _without_basis(name: str) -> Parameter | None:
    """``氨氮（以N计）`` is ammonia."""
    found = _BRACKETS.match(name)
    return _find(found["name"]) if found and _NAMED_BASIS.match(found["inside"].strip()) else None


def _is_unit(text: str) -> bool:
    try:
        find_unit(text)
    except BadInput:
        return False
    return True


def _factor(parameter: Parameter, basis: str, text: str) -> float:
    known = _bases().get(parameter.code, {})
    if basis.upper() not in known:
        allowed = "、".join(known) or parameter.unit
        raise BadInput([Fault("unit_mismatch", details={"given": text, "allowed": allowed})])
    return known[basis.upper()]


@cache
def _bases() -> dict[str, dict[str, float]]:
    bases: dict[str, dict[str, float]] = {}
    for row in read_table("riverchief.parameter", "bases.csv"):
        bases.setdefault(row["parameter"], {})[row["basis"]] = float(row["factor"])
    return bases
