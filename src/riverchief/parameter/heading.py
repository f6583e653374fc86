"""Column headings as people write them: ``氨氮(mg/L)``, ``NH3-N, µg/L``, ``Total phosphorus (ug l-1-P)``, ``tp_mg_l``.

A heading is a parameter, perhaps a unit, perhaps the substance the figure is counted as (``bases.csv``: 1 mg/L of
ammonium as NH4 is 0.776 mg/L as N, which is what the law limits).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.parameter import Parameter, find_parameter, parameter_or_none
from riverchief.sheet.words import plain
from riverchief.table import read_table
from riverchief.units import Unit, convert, find_unit

Numbers = TypeVar("Numbers", float, NDArray[np.float64])

_BRACKETS = re.compile(r"^(?P<name>.*\S)\s*[(（\[【](?P<inside>[^()（）\[\]【】]*)[)）\]】]$")
_COMMA = re.compile(r"^(?P<name>.*\S)\s*[,，;；]\s*(?P<inside>[^,，]+)$")
_SPACE = re.compile(r"^(?P<name>.*\S)\s+(?P<inside>\S+)$")
_SUFFIX = re.compile(r"^(?P<name>.+?)_(?P<inside>(?:mg|ug|ng|g)_?(?:l|m3)|degc|c|ntu|us_cm|ms_cm|pct|cm|m|m3_s)$", re.I)
_SUFFIX_UNITS = {"degc": "degC", "c": "degC", "ntu": "NTU", "pct": "%", "m3_s": "m3/s"}
_NAMED_BASIS = re.compile(r"^(?:as\s+|以)\s*(?P<basis>[A-Za-z0-9]+)[+\-−^2]*\s*(?:计)?$", re.I)

# In a water table "mg/m3" is mass per volume of water, which is not the unit of the same spelling for air.
_OF_WATER = {"mg/m3": "ug/L", "ug/m3": "ng/L"}


@dataclass(frozen=True)
class Heading:
    """What a heading says: ``unit`` is ``None`` where it names none; ``factor`` brings the ``basis`` to the law's."""

    parameter: Parameter
    unit: str | None = None
    factor: float = 1.0
    basis: str = ""

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
    parameter, inside = split_heading(text)
    return read_unit(parameter, inside)


def split_heading(text: str) -> tuple[Parameter, str]:
    """The parameter that ``text`` names and what it says of the unit, as written (empty: nothing).

    Raises :class:`~riverchief.errors.BadInput` (``unknown_parameter``).
    """
    found = heading_or_none(text)
    if found is None:
        narrow = plain(text)
        near = re.sub(r"[(\[【].*", "", narrow).strip() or narrow
        find_parameter(near)
        raise BadInput([unknown_name("unknown_parameter", narrow, [near])])
    return found


def heading_or_none(text: str) -> tuple[Parameter, str] | None:
    """:func:`split_heading`, or None where nobody knows the parameter."""
    return _split(plain(re.sub(r"<[^>]*>", " ", text) if "<" in text else text))


@lru_cache(maxsize=4096)
def _split(narrow: str) -> tuple[Parameter, str] | None:
    parameter = _find(narrow)
    if parameter:
        return parameter, ""
    for pattern in (_BRACKETS, _COMMA, _SUFFIX, _SPACE):
        found = pattern.match(narrow)
        if not found:
            continue
        inside = found["inside"].strip()
        if pattern is _SUFFIX:
            inside = _SUFFIX_UNITS.get(inside.lower(), inside.replace("_", "/"))
            inside = re.sub(r"^(mg|ug|ng|g)/?(l|m3)$", lambda m: f"{m[1]}/{m[2].replace('l', 'L')}", inside.lower())
            inside = _SUFFIX_UNITS.get(inside, inside)
        parameter = _find(found["name"]) or _without_basis(found["name"])
        if parameter:
            return parameter, "" if _find(inside) == parameter else inside
    return None


def read_unit(parameter: Parameter, text: str) -> Heading:
    """The heading of ``parameter`` whose unit is written ``text``, perhaps with a basis (``mg l-1-NH4``, ``as N``)."""
    if not text:
        return Heading(parameter)
    named = _NAMED_BASIS.match(text)
    if named:
        return Heading(parameter, None, factor_of(parameter, named["basis"], text), named["basis"].upper())
    unit, basis = text.strip(), ""
    if not _is_unit(unit):
        split = _basis().match(unit)
        if split and _is_unit(split["unit"]):
            unit, basis = split["unit"].strip(), split["basis"].upper()
    symbol = _unit(unit).symbol
    if parameter.medium == "water" and symbol in _OF_WATER:
        symbol = _OF_WATER[symbol]
    convert(1.0, symbol, parameter.unit)
    return Heading(parameter, symbol, factor_of(parameter, basis, text) if basis else 1.0, basis)


def _find(name: str) -> Parameter | None:
    """The parameter, also where its words are joined by underscores or two of its names stand side by side."""
    if len(name) == 1 and name.islower():
        return None  # B is boron, but b is anybody's column
    for spelling in dict.fromkeys((name, name.replace("_", " "), name.replace("_", "."), name.replace("_", "-"))):
        found = parameter_or_none(spelling)
        if found is not None:
            return found
    parts = re.split(r"[\s()（）/]+", name.strip(" ()（）"))
    named = {_find(part) for part in parts} if len(parts) > 1 else set()
    return named.pop() if len(named) == 1 else None


def _without_basis(name: str) -> Parameter | None:
    """``氨氮（以N计）`` is ammonia."""
    found = _BRACKETS.match(name)
    return _find(found["name"]) if found and _NAMED_BASIS.match(found["inside"].strip()) else None


def _unit(text: str) -> Unit:
    try:
        return find_unit(text)
    except BadInput:
        return find_unit(plain(text))


def _is_unit(text: str) -> bool:
    try:
        _unit(text)
    except BadInput:
        return False
    return True


def factor_of(parameter: Parameter, basis: str, text: str) -> float:
    """What brings a figure counted as ``basis`` (``NH4``) to what the law counts ``parameter`` as (``N``).

    Raises :class:`~riverchief.errors.BadInput` (``unit_mismatch``), which shows ``text``.
    """
    known = _bases().get(parameter.code, {})
    if basis.upper() not in known:
        allowed = "、".join(known) or parameter.unit
        raise BadInput([Fault("unit_mismatch", details={"given": text, "allowed": allowed})])
    return known[basis.upper()]


@cache
def _bases() -> dict[str, dict[str, float]]:
    bases: dict[str, dict[str, float]] = {}
    for row in read_table("riverchief.parameter", "bases.csv"):
        bases.setdefault(row["parameter"], {})[row["basis"].upper()] = float(row["factor"])
    return bases


@cache
def all_bases() -> frozenset[str]:
    """Every substance that a figure may be counted as, in capitals."""
    return frozenset(basis for known in _bases().values() for basis in known)


@cache
def _basis() -> re.Pattern[str]:
    """A unit with the substance behind it: ``mg l-1-NH4``, ``mg/L as N``, ``mg/L以N计``."""
    substances = "|".join(sorted(all_bases(), key=len, reverse=True))
    return re.compile(rf"^(?P<unit>.+?)(?:\s+as\s+|\s+as|\s*-\s*|\s+|\s*以)(?P<basis>{substances})\+?(?:计)?$", re.I)
