"""Weather out of a file: CSV or XLSX with a column ``time``, or JSON as weather services send it.

Beside ``time`` (what the value is for) a table may have ``issued`` (when it was forecast) and a column for the place;
every other column is a quantity, whatever it is called. JSON has ``hourly`` or ``daily`` with a list ``time`` and one
list a quantity, and may say ``issued``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

import numpy as np

from riverchief.errors import BadInput, Fault
from riverchief.forecast.weather import Weather
from riverchief.sheet import Cell, read_bytes, rows_of
from riverchief.sheet.times import NoTime, read_time
from riverchief.sheet.words import plain

TIME = ("time", "valid", "valid_time", "datetime", "date", "时间", "时刻", "日期")
ISSUED = ("issued", "issue_time", "reference_time", "起报时间", "发布时间")
PLACE = ("place", "station", "site_id", "站点", "断面")
MISSING = ("", "na", "nan", "null", "--")
MOST_FAULTS = 20


def read_weather(content: bytes, name: str, zone: tzinfo) -> Weather:
    """The weather in ``content``; times without a zone are in ``zone``.

    Raises :class:`~riverchief.errors.BadInput` with every fault: ``unreadable``, ``missing_column``, ``bad_time``,
    ``bad_number`` (the first twenty).
    """
    raw = read_bytes(content, name)
    if raw.lstrip()[:1] == b"{":
        return _read_json(raw, name, zone)
    rows = list(rows_of(raw, name))
    header = [plain(cell).casefold() for cell in rows[0][1]] if rows else []
    at = {role: _find(header, spelled) for role, spelled in (("time", TIME), ("issued", ISSUED), ("place", PLACE))}
    quantities = [k for k, title in enumerate(header) if title and k not in at.values()]
    if at["time"] is None or not quantities:
        details = {"given": "time" if at["time"] is None else "temperature …", "allowed": "、".join(header) or "—"}
        raise BadInput([Fault("missing_column", name, 1, None, details)])
    faults: list[Fault] = []
    valid: list[float] = []
    issued: list[float] = []
    places: list[str] = []
    values: list[list[float]] = [[] for _ in quantities]
    for line, row in rows[1:]:
        cells = [*row, *([None] * (len(header) - len(row)))]
        valid.append(_time(cells[at["time"]], name, line, "time", zone, faults))
        issued.append(
            math.nan if at["issued"] is None else _time(cells[at["issued"]], name, line, "issued", zone, faults)
        )
        places.append("" if at["place"] is None else plain(cells[at["place"]]))
        for column, k in zip(values, quantities, strict=True):
            column.append(_number(cells[k], name, line, header[k], faults))
    if faults:
        raise BadInput(faults[:MOST_FAULTS])
    columns = {header[k]: np.array(column) for k, column in zip(quantities, values, strict=True)}
    columns = {title: column for title, column in columns.items() if not np.isnan(column).all()}
    return Weather(np.array(places, dtype=object), np.array(valid), np.array(issued), columns)


def _read_json(raw: bytes, name: str, zone: tzinfo) -> Weather:
    try:
        said: Mapping[str, Any] = json.loads(raw)
    except ValueError as broken:
        raise BadInput([Fault("unreadable", name, details={"given": str(broken), "allowed": "JSON"})]) from broken
    block = said.get("hourly") or said.get("daily") or {}
    if not isinstance(block, Mapping) or not isinstance(block.get("time"), list):
        details = {"given": "hourly.time", "allowed": "、".join(map(str, said))}
        raise BadInput([Fault("missing_column", name, details=details)])
    faults: list[Fault] = []
    valid = np.array([_time(cell, name, None, "time", zone, faults) for cell in block["time"]])
    issue = _time(said["issued"], name, None, "issued", zone, faults) if said.get("issued") else math.nan
    columns = {}
    for title, cells in block.items():
        if title == "time" or not isinstance(cells, list):
            continue
        if len(cells) != len(valid):
            details = {"given": f"{title}: {len(cells)}, time: {len(valid)}"}
            faults.append(Fault("uneven_columns", name, details=details))
            continue
        columns[str(title)] = np.array([_number(cell, name, None, title, faults) for cell in cells])
    if faults:
        raise BadInput(faults[:MOST_FAULTS])
    return Weather(np.array([""] * len(valid), dtype=object), valid, np.full(len(valid), issue), columns)


def _find(header: list[str], spelled: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in spelled if name in header), None)


def _time(cell: Cell, name: str, line: int | None, column: str, zone: tzinfo, faults: list[Fault]) -> float:
    try:
        return read_time(cell, year=None, zone=zone).timestamp()
    except NoTime as wrong:
        details = {"given": plain(cell), "allowed": "2026-04-01T08:00"}
        faults.append(Fault(wrong.kind, name, line, column, details))
        return math.nan


def _number(cell: Cell, name: str, line: int | None, column: str, faults: list[Fault]) -> float:
    text = plain(cell)
    if text.casefold() in MISSING:
        return math.nan
    try:
        return float(text)
    except ValueError:
        faults.append(Fault("bad_number", name, line, column, {"given": text, "allowed": "12.5"}))
        return math.nan
