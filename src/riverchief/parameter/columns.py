"""What a column means: by its heading (``roles.csv``, parameters), or by the layout of a source.

Layouts are data, not code: shipped as tables (``layouts.csv``, ``layout_columns.csv``), or kept per source as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.parameter import find_parameter
from riverchief.parameter.heading import heading_or_none, read_unit
from riverchief.sheet.words import folded, plain
from riverchief.table import read_table
from riverchief.units import find_unit

SHAPES = ("wide", "long")
PACKAGE = "riverchief.parameter"
# 浓度(mg/L) · Concentration [mg/L] after NFKC
WITH_UNIT = re.compile(r"(?P<name>.+?)\s*[(\[](?P<unit>[^()\[\]]*(?:\([^()]*\))?[^()\[\]]*)[)\]]")


@cache
def all_roles() -> tuple[str, ...]:
    """What a column may be: the roles of ``roles.csv`` and those that only layouts of one source use."""
    roles = dict.fromkeys(row["role"] for row in read_table(PACKAGE, "roles.csv"))
    roles |= dict.fromkeys(row["role"] for row in read_table(PACKAGE, "layout_columns.csv"))
    return (*roles, "basis")


@dataclass(frozen=True)
class Column:
    """What one column means: a ``role`` of :func:`all_roles`, or with role ``value`` and a ``parameter`` its values.

    ``unit`` is what the values are written in (None: the parameter's canonical unit), ``basis`` the substance that a
    concentration is counted as (``NH4`` for ammonium written as NH₄), see ``bases.csv``.
    """

    role: str
    parameter: str | None = None
    unit: str | None = None
    basis: str | None = None


@dataclass(frozen=True)
class Layout:
    """How the files of one source are laid out.

    ``columns`` maps headers to their meaning; headers that it does not name are understood by ``roles.csv``, or as
    a parameter with its unit. ``timezone`` holds where the file's times carry none. ``requires`` are the headers by
    which a file is recognised.
    """

    name: str
    shape: str
    timezone: str | None = None
    day_first: bool | None = None
    requires: tuple[str, ...] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)


def layout_from(mapping: Mapping[str, Any]) -> Layout:
    """A layout from the JSON form in which a source's mapping is kept.

    ``{"name": …, "shape": "wide"|"long", "timezone": …, "day_first": …, "columns": {header: {"role": …, "parameter": …,
    "unit": …, "basis": …}}}``. Raises :class:`~riverchief.errors.BadInput` with every fault of the mapping.
    """
    faults: list[Fault] = []
    shape = str(mapping.get("shape", "wide"))
    if shape not in SHAPES:
        faults.append(Fault("not_one_of", column="shape", details={"given": shape, "allowed": "、".join(SHAPES)}))
    columns: dict[str, Column] = {}
    for header, given in dict(mapping.get("columns", {})).items():
        column = Column(str(given.get("role", "value")), given.get("parameter"), given.get("unit"), given.get("basis"))
        if column.role not in all_roles():
            faults.append(unknown_name("unknown_role", column.role, all_roles(), column=header))
        for spelling, find in ((column.parameter, find_parameter), (column.unit, find_unit)):
            try:
                if spelling is not None:
                    find(spelling)
            except BadInput as refused:
                faults.extend(fault.at(column=header) for fault in refused.faults)
        columns[_plain_header(header)] = column
    if faults:
        raise BadInput(faults)
    return Layout(
        str(mapping.get("name", "own")), shape, mapping.get("timezone"), mapping.get("day_first"), (), columns
    )


def find_layout(name: str) -> Layout:
    """The shipped layout called ``name``; raises :class:`~riverchief.errors.BadInput` (``unknown_layout``)."""
    found = all_layouts().get(name)
    if found is None:
        raise BadInput([unknown_name("unknown_layout", name, list(all_layouts()))])
    return found


def recognise(header: Sequence[str]) -> Layout | None:
    """The shipped layout whose required headers all stand in ``header`` (the one that requires most), else None.

    Without such a layout a file with a column for the parameter and one for the value is ``tidy``, and one with at
    least one column that is a parameter is ``wide``.
    """
    present = {_plain_header(name) for name in header}
    fitting = [
        layout
        for layout in all_layouts().values()
        if layout.requires and present.issuperset(map(_plain_header, layout.requires))
    ]
    if fitting:
        return max(fitting, key=lambda layout: len(layout.requires))
    meant = [meaning(name, find_layout("wide")) for name in header]
    roles = {column.role for column in meant if column is not None and column.parameter is None}
    if {"parameter", "value"} <= roles:
        return find_layout("tidy")
    if any(column is not None and column.parameter for column in meant):
        return find_layout("wide")
    return None


def meaning(header: str, layout: Layout) -> Column | None:
    """What the column ``header`` means in ``layout``; None where nobody knows.

    A unit that nobody knows, or that does not fit, stays as the header spells it.
    """
    name = _plain_header(header)
    return layout.columns[name] if name in layout.columns else _by_heading(header)


@lru_cache(maxsize=4096)
def _by_heading(header: str) -> Column | None:
    role = role_of(header)
    if role is not None:
        return Column(role)
    split = heading_or_none(header)
    if split is None:
        # "Concentration (mg/L)" of a long file: a heading with a unit
        with_unit = WITH_UNIT.fullmatch(plain(header))
        role = role_of(with_unit["name"]) if with_unit else None
        return None if role is None or with_unit is None else Column(role, unit=with_unit["unit"].strip())
    parameter, inside = split
    try:
        read = read_unit(parameter, inside)
    except BadInput:
        return Column("value", parameter.code, inside)
    return Column("value", parameter.code, read.unit, read.basis or None)


def role_of(header: str) -> str | None:
    """The role of a column by its heading alone (``station``, ``time`` …); None if it is none of ``roles.csv``."""
    name = _plain_header(header)
    return _headings().get(name) or _headings().get(name.replace(" ", "_"))


@cache
def characteristics(layout: str) -> dict[str, list[tuple[tuple[str, ...], str, str]]]:
    """The names that ``layout`` gives parameters: name → (fractions it holds for, our code, unit if fixed)."""
    found: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for row in read_table(PACKAGE, "characteristics.csv"):
        if row["layout"] == layout:
            fractions = tuple(part.casefold() for part in row["fraction"].split("|")) if row["fraction"] else ()
            found.setdefault(row["name"].casefold(), []).append((fractions, row["parameter"], row["unit"]))
    return found


@cache
def all_layouts() -> dict[str, Layout]:
    """The shipped layouts by name."""
    columns: dict[str, dict[str, Column]] = {}
    for row in read_table(PACKAGE, "layout_columns.csv"):
        column = Column(row["role"], row["parameter"] or None, row["unit"] or None)
        columns.setdefault(row["layout"], {})[_plain_header(row["header"])] = column
    return {
        row["layout"]: Layout(
            row["layout"],
            row["shape"],
            row["timezone"] or None,
            {"1": True, "0": False}.get(row["day_first"]),
            tuple(filter(None, row["requires"].split("|"))),
            columns.get(row["layout"], {}),
        )
        for row in read_table(PACKAGE, "layouts.csv")
    }


@cache
def _headings() -> dict[str, str]:
    return {
        _plain_header(heading): row["role"]
        for row in read_table(PACKAGE, "roles.csv")
        for heading in row["headings"].split("|")
    }


def _plain_header(header: str) -> str:
    return folded(header)
