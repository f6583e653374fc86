"""Thresholds: a table by parameter, sampling interval and station; what a row leaves empty the more general row
says.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.parameter import find_parameter
from riverchief.table import read_table

OFF = "none"  # in a cell: switches off what the more general row says


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of one series, in the parameter's canonical unit; None is not set, and the check is not made.

    ``hard_*`` fail and ``soft_*`` are suspect (range); ``spike_*`` [unit], ``spike_*_share`` [1] of the value expected,
    the larger counts; ``rate_*_per_h`` [unit/h]; ``stuck_*_h`` [h] with ``stuck_tolerance`` [unit]; ``floor`` [unit] is
    the detection limit, below which a value may stand still; ``max_gap_h`` [h] how far apart neighbours may stand;
    ``attenuated_h`` [h] the window whose standard deviation must reach ``attenuated_suspect`` [unit]; ``ice_below``
    [°C] the temperature of the water beside at or below which ice is to be expected; ``restless_*`` and ``step_*`` the
    factors [1] over what is usual and the least sizes [unit] of trembling and of steps.
    """

    hard_low: float | None = None
    hard_high: float | None = None
    soft_low: float | None = None
    soft_high: float | None = None
    spike_suspect: float | None = None
    spike_fail: float | None = None
    spike_suspect_share: float | None = None
    spike_fail_share: float | None = None
    rate_suspect_per_h: float | None = None
    rate_fail_per_h: float | None = None
    stuck_suspect_h: float | None = None
    stuck_fail_h: float | None = None
    stuck_tolerance: float | None = None
    floor: float | None = None
    max_gap_h: float | None = None
    attenuated_h: float | None = None
    attenuated_suspect: float | None = None
    ice_below: float | None = None
    restless_factor: float | None = None
    restless_floor: float | None = None
    step_least: float | None = None
    step_factor: float | None = None


NAMES = tuple(field.name for field in fields(Thresholds))
KEYS = ("parameter", "interval_s", "station")


@dataclass(frozen=True)
class Row:
    """One row: where it holds, and what it sets (NaN: switched off)."""

    parameter: str
    interval_s: float | None
    station: str
    sets: Mapping[str, float]


def thresholds_for(
    parameter: str, *, interval_s: float | None = None, station: str = "", extra: Sequence[Row] = ()
) -> Thresholds:
    """The thresholds of ``parameter`` at ``station`` sampled every ``interval_s`` [s].

    The shipped rows and then ``extra`` are laid over each other, general before special: any interval before one; of
    rows with an interval the one of the smallest that is not below ``interval_s``; any station before this one.
    """
    code = find_parameter(parameter).code
    found = Thresholds()
    for rows in (shipped_rows(), extra):
        mine = [row for row in rows if row.parameter == code and row.station in ("", station)]
        for place in ("", station) if station else ("",):
            for row in _chosen([row for row in mine if row.station == place], interval_s):
                changes = {name: None if math.isnan(number) else number for name, number in row.sets.items()}
                found = replace(found, **changes)
    return found


def read_thresholds(text: str, source: str | None = None) -> list[Row]:
    """Rows out of a CSV with the columns of ``thresholds.csv`` (all but ``parameter`` may be left out).

    Raises :class:`~riverchief.errors.BadInput` with every fault: ``unknown_column``, ``missing_column``,
    ``unknown_parameter``, ``bad_number``.
    """
    return _rows(csv.DictReader(io.StringIO(text, newline="")), source)


@cache
def shipped_rows() -> tuple[Row, ...]:
    """The rows of ``thresholds.csv``."""
    return tuple(_rows(read_table("riverchief.observation.checks", "thresholds.csv"), "thresholds.csv"))


def _chosen(rows: Sequence[Row], interval_s: float | None) -> list[Row]:
    general = [row for row in rows if row.interval_s is None]
    fitting = [row for row in rows if row.interval_s is not None and interval_s is not None]
    fitting = [row for row in fitting if (row.interval_s or 0.0) >= (interval_s or 0.0)]
    smallest = min((row.interval_s or 0.0 for row in fitting), default=None)
    return general + [row for row in fitting if row.interval_s == smallest]


def _rows(table: Iterable[Mapping[str, str]], source: str | None) -> list[Row]:
    rows: list[Row] = []
    faults: list[Fault] = []
    for line, cells in enumerate(table, start=2):
        if line == 2:
            allowed = [*KEYS, *NAMES, "why"]
            names = [name for name in cells if name is not None]
            strange = [name for name in names if name not in allowed]
            faults += [unknown_name("unknown_column", name, allowed, source=source) for name in strange]
            if "parameter" not in cells:
                details = {"given": "parameter", "allowed": "、".join(names)}
                raise BadInput([*faults, Fault("missing_column", source, 1, None, details)])
        try:
            code = find_parameter(cells["parameter"]).code
        except BadInput as refused:
            faults += [fault.at(source, line, "parameter") for fault in refused.faults]
            continue
        numbers: dict[str, float] = {}
        for name in ("interval_s", *NAMES):
            written = (cells.get(name) or "").strip()
            if written:
                number = _number(written)
                if number is None:
                    details = {"given": written, "allowed": f"12.5、{OFF}"}
                    faults.append(Fault("bad_number", source, line, name, details))
                else:
                    numbers[name] = number
        interval_s = numbers.pop("interval_s", None)
        rows.append(Row(code, interval_s, (cells.get("station") or "").strip(), numbers))
    if faults:
        raise BadInput(faults)
    return rows


def _number(written: str) -> float | None:
    if written.casefold() == OFF:
        return math.nan
    try:
        number = float(written)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
