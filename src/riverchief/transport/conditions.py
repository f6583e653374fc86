"""The state of a river from what its file says, what the user says, and priors for the rest, each with its source.

A quantity is given as a number for the whole river, or as a column of the network's file; columns of the usual names
(``columns.csv``) are found by themselves. Blank cells are filled by the estimates of
:mod:`riverchief.transport.hydraulics`; a discharge that nothing can tell stays unknown, and whoever needs it refuses.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.place import Network
from riverchief.place.reading import RiverFile
from riverchief.table import read_table
from riverchief.transport.doubt import Doubt
from riverchief.transport.estimate import Estimate, Method, first_known
from riverchief.transport.hydraulics import (
    discharge_by_area,
    dispersion_by_fischer,
    dispersion_by_jobson,
    velocity_by_jobson,
    velocity_by_manning,
    velocity_by_regime,
)
from riverchief.transport.physics import Floats, Physics

DEFAULT_ROUGHNESS = 0.04
MOST_FAULTS = 20


@dataclass(frozen=True)
class Conditions:
    """``physics`` may hold NaN where nothing is known; ``estimates`` says for each quantity where its values come
    from."""

    physics: Physics
    doubt: Doubt
    estimates: Mapping[str, Estimate]

    def basis(self, reaches: NDArray[np.int64]) -> list[tuple[str, Method, int]]:
        """For some reaches: quantity, method, and for how many of them it was used."""
        return [
            (quantity, method, count)
            for quantity, whole in self.estimates.items()
            for method, count in Estimate(whole.values[reaches], whole.log_sd[reaches], whole.method[reaches]).methods()
        ]


def read_conditions(
    river: RiverFile,
    given: Mapping[str, str] | None = None,
    *,
    gauges: Mapping[str, float] | None = None,
    errors: Mapping[str, float] | None = None,
) -> Conditions:
    """The state of ``river`` for the solvers.

    Parameters
    ----------
    river
        The network as read, with its columns.
    given
        Quantity of ``columns.csv`` → a number for the whole river (decay in 1/d, area in km²), or the name of a column.
    gauges
        Reach id → discharge there now [m³/s]: fills reaches without discharge by the ratio of drainage areas.
    errors
        ``velocity``, ``dispersion``, ``decay``, ``discharge`` → standard error of the logarithm [-] in place of the
        methods' own.

    Raises
    ------
    BadInput
        ``unknown_quantity``, ``unknown_column``, ``bad_number`` for a cell that is no number, ``out_of_range`` for a
        number below 0, ``unknown_reach`` for a gauge; all of them.
    """
    faults: list[Fault] = []
    n = river.network.n
    known: dict[str, Floats] = {}
    rows = _columns()
    for quantity in given or {}:
        if quantity not in {row["quantity"] for row in rows}:
            faults.append(unknown_name("unknown_quantity", quantity, sorted({row["quantity"] for row in rows})))
    for quantity in dict.fromkeys(row["quantity"] for row in rows):
        asked = (given or {}).get(quantity)
        values = _constant(quantity, asked, n, faults)
        if values is None:
            values = _column(river, quantity, asked, faults)
        if values is not None:
            known[quantity] = values
    gauged: dict[int, float] = {}
    for reach, flow in (gauges or {}).items():
        try:
            gauged[river.network.index_of(reach)] = flow
        except BadInput as refused:
            faults += refused.faults
    if faults:
        raise BadInput(faults)
    return estimate_conditions(river.network, known, gauged=gauged, errors=errors)


def estimate_conditions(
    network: Network,
    known: Mapping[str, Floats],
    *,
    gauged: Mapping[int, float] | None = None,
    errors: Mapping[str, float] | None = None,
    methods: Mapping[str, str] | None = None,
) -> Conditions:
    """The state of ``network`` from what is ``known`` of its reaches, and estimates for the rest.

    ``known`` quantity of ``columns.csv`` → values in canonical units, NaN where unknown, in post-order, shape
    (reaches,). ``gauged`` position → discharge there now [m³/s]. ``errors`` as in :func:`read_conditions`. ``methods``
    quantity → code of ``methods.csv`` where the known values were not simply given. What nothing can tell stays NaN.
    """
    n = network.n
    gauged, errors = gauged or {}, errors or {}
    by = {name: f"{name}_given" for name in ("discharge", "velocity", "dispersion", "decay")} | dict(methods or {})
    unknown = np.full(n, np.nan)

    def of(quantity: str) -> Floats:
        return known.get(quantity, unknown)

    discharge = Estimate.of(of("discharge"), by["discharge"])
    if gauged:
        measured = np.array(list(gauged.values()))
        by_area = discharge_by_area(of("area"), list(gauged), measured, network.outlet, network.size)
        discharge = discharge.filled(by_area)
    flow = discharge.values
    roughness = np.where(np.isnan(of("roughness")), DEFAULT_ROUGHNESS, of("roughness"))
    manning, depth = velocity_by_manning(flow, of("width"), of("slope"), roughness)
    velocity = first_known(
        [
            Estimate.of(of("velocity"), by["velocity"]),
            manning,
            velocity_by_jobson(flow, of("area"), of("mean_discharge"), of("slope")),
            velocity_by_regime(flow),
        ]
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        by_continuity = flow / (of("width") * velocity.values)
    deep = np.where(np.isnan(of("depth")), np.where(np.isnan(by_continuity), depth, by_continuity), of("depth"))
    dispersion = first_known(
        [
            Estimate.of(of("dispersion"), by["dispersion"]),
            dispersion_by_fischer(velocity.values, of("width"), deep, of("slope")),
            dispersion_by_jobson(velocity.values),
        ]
    )
    decay = np.nan_to_num(of("decay"), nan=0.0)
    lake = network.kind > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        residence = np.where(lake, network.storage_m3 / flow, np.nan)
    physics = Physics(
        network.length_m,
        velocity.values,
        dispersion.values,
        flow,
        decay,
        np.nan_to_num(of("storage_ratio"), nan=0.0),
        np.nan_to_num(of("exchange"), nan=0.0),
        # a lake whose volume nobody knows: infinite stands for it until somebody needs it
        np.where(lake & ~np.isfinite(residence), np.inf, residence),
    )
    estimates = {
        "discharge": discharge,
        "velocity": velocity,
        "dispersion": dispersion,
        "decay": Estimate.of(decay, by["decay"]),
    }
    spread = {
        name: np.full(n, errors[name]) if name in errors else np.nan_to_num(estimate.log_sd, nan=0.0)
        for name, estimate in estimates.items()
    }
    return Conditions(physics, Doubt(**spread), estimates)


def _constant(quantity: str, asked: str | None, n: int, faults: list[Fault]) -> Floats | None:
    """A number given for the whole river, in canonical units; None where a column was named, or nothing."""
    if asked is None:
        return None
    try:
        number = float(asked)
    except ValueError:
        return None
    least = _allowed(quantity)
    if not math.isfinite(number) or number < 0 or (number == 0 and least == "> 0"):
        unit = next(row["unit"] for row in _columns() if row["quantity"] == quantity)
        faults.append(Fault("out_of_range", column=quantity, details={"given": asked, "allowed": f"{least} {unit}"}))
        return np.full(n, np.nan)
    factor = next(float(row["to_canonical"]) for row in _columns() if row["quantity"] == quantity)
    return np.full(n, number * factor)


def _column(river: RiverFile, quantity: str, asked: str | None, faults: list[Fault]) -> Floats | None:
    """A column of the file in post-order and canonical units, NaN where blank; None where there is none."""
    found, factor = None, 1.0
    for row in _columns():
        if row["quantity"] != quantity:
            continue
        spellings = row["spellings"].split("|")
        names = [asked] if asked is not None else spellings
        found = next((spelled for name in names if (spelled := river.rows.spelled(name))), None)
        factor = float(row["to_canonical"])
        if found and (asked is None or found.casefold() in spellings):
            break
    if found is None:
        if asked is not None:
            faults.append(unknown_name("unknown_column", asked, river.rows.columns, source=river.rows.source))
        return None
    values = np.full(river.network.n, np.nan)
    lines = river.rows.lines[river.network.row_of_position]
    wrong = []
    for position, cell in enumerate(river.column(found)):
        if cell is None or str(cell).strip() == "":
            continue
        line = int(lines[position])
        try:
            values[position] = float(cell)
        except (TypeError, ValueError):
            wrong.append(Fault("bad_number", river.rows.source, line, found, {"given": str(cell), "allowed": "12.5"}))
            continue
        if not values[position] >= 0 or math.isinf(values[position]):
            details = {"given": str(cell), "allowed": _allowed(quantity)}
            wrong.append(Fault("out_of_range", river.rows.source, line, found, details))
    faults += wrong[:MOST_FAULTS]
    if len(wrong) > MOST_FAULTS:
        details = {"count": str(len(wrong)), "given": f"{wrong[0].line} …", "allowed": _allowed(quantity)}
        faults.append(Fault("bad_reach_values", river.rows.source, column=found, details=details))
    return values * factor


def _allowed(quantity: str) -> str:
    return ">= 0" if quantity in ("decay", "storage_ratio", "exchange") else "> 0"


@cache
def _columns() -> tuple[dict[str, str], ...]:
    return tuple(read_table("riverchief.transport", "columns.csv"))
