"""What published river networks call their columns: a table of conventions, and how one is recognised.

To support another data set add a row to ``conventions.csv``; to understand another word for a column, a spelling to
``column_names.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.place.rows import Rows
from riverchief.table import read_table
from riverchief.units import find_unit

BY_LINES = "@lines"  # a reach flows into the reach whose line begins where its own ends
ROLES = ("id", "down", "from", "to", "length", "fraction", "kind", "storage", "area", "divergence")
NEEDED = ("id", "down", "from", "to", "length")


@dataclass(frozen=True)
class Columns:
    """Which column of a file means what. ``names`` maps a role (one of ``ROLES``) to a column name.

    ``length_unit`` is a length unit of ``units.csv``; None: as the length column's name says (…km), metres else.
    ``convention`` is the code of a row of ``conventions.csv`` that fills the roles not named; None: recognised by
    columns. ``turn_lines`` accepts lines that are drawn against the flow and turns them.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    length_unit: str | None = None
    convention: str | None = None
    coordinates: str | None = None
    turn_lines: bool = False


@cache
def conventions() -> dict[str, dict[str, str]]:
    """The rows of ``conventions.csv`` by code."""
    return {row["code"]: row for row in read_table("riverchief.place", "conventions.csv")}


def understand(rows: Rows, asked: Columns) -> Columns:
    """``asked`` completed: columns as the file spells them, by the convention named or recognised, else by common
    names.

    Roles the caller names always win. Raises ``BadInput``: ``unknown_convention``, ``unknown_unit``, ``unit_mismatch``,
    ``unknown_column`` and ``missing_column``, all that apply.
    """
    faults: list[Fault] = []
    names: dict[str, str] = {}
    for role, name in asked.names.items():
        spelled = name if name in rows.columns else rows.spelled(name)
        if spelled is None:
            faults.append(unknown_name("unknown_column", name, rows.columns, source=rows.source, line=1, column=role))
        names[role] = spelled or name
    topology_asked = bool({"down", "from", "to"} & names.keys())
    convention = _convention(rows, asked, topology_asked, faults)
    unit = asked.length_unit
    if convention is not None:
        for role in ROLES:
            name = convention.get(role) or ""
            if role in names or (topology_asked and role in ("down", "from", "to")):
                continue
            if name == BY_LINES:
                names[role] = name
            elif spelled := rows.spelled(name):
                names[role] = spelled
                unit = convention["length_unit"] if role == "length" and unit is None else unit
    else:
        _by_common_names(rows, names, topology_asked)
    if unit is not None:
        try:
            if find_unit(unit).dimension != "length":
                faults.append(Fault("unit_mismatch", column="length_unit", details={"given": unit, "allowed": "m"}))
        except BadInput as refused:
            faults += refused.faults
    elif "length" in names:
        unit = "km" if _says_km(names["length"]) else "m"
    faults += _missing(rows, names)
    if faults:
        raise BadInput(faults)
    return replace(asked, names=names, length_unit=unit, convention=convention["code"] if convention else None)


def _convention(rows: Rows, asked: Columns, topology_asked: bool, faults: list[Fault]) -> dict[str, str] | None:
    if asked.convention is not None:
        if asked.convention not in conventions():
            faults.append(unknown_name("unknown_convention", asked.convention, list(conventions())))
        return conventions().get(asked.convention)
    if topology_asked:
        return None
    for row in conventions().values():
        needed = [row[role] for role in NEEDED if row[role]]
        if all(rows.spelled(name) or (name == BY_LINES and rows.geometry is not None) for name in needed):
            return row
    return None


def _by_common_names(rows: Rows, names: dict[str, str], topology_asked: bool) -> None:
    """Fill the roles nobody named from ``column_names.csv``; a caller who gave the topology keeps it to itself."""
    found = {}
    for row in read_table("riverchief.place", "column_names.csv"):
        spelled = next((column for word in row["spellings"].split("|") if (column := rows.spelled(word))), None)
        if spelled is not None and spelled not in names.values():
            found[row["role"]] = spelled
    nodes = "from" in found and "to" in found and found.get("down") in (None, found["to"])
    for role in ("down",) if nodes or topology_asked else ("from", "to"):
        found.pop(role, None)
    if topology_asked:
        found.pop("from", None)
        found.pop("to", None)
    for role, spelled in found.items():
        names.setdefault(role, spelled)
    if not {"down", "from", "to"} & names.keys() and rows.geometry is not None:
        names["down"] = BY_LINES


def _missing(rows: Rows, names: Mapping[str, str]) -> list[Fault]:
    lacking = []
    if "down" not in names and not ("from" in names and "to" in names):
        lacking.append("--from" if "to" in names else "--to" if "from" in names else "--down")
    if "id" not in names and "down" in names:
        lacking.append("--id")
    if "length" not in names and rows.geometry is None:
        lacking.append("--length")
    columns = "、".join(rows.columns)
    return [Fault("missing_column", rows.source, 1, details={"given": role, "allowed": columns}) for role in lacking]


def _says_km(name: str) -> bool:
    plain = name.casefold().strip(" )）")
    return plain.endswith(("km", "公里", "千米"))
