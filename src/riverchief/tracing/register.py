"""From a county's own sheets to a trace: its register of stations and outfalls, and the readings of its stations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import numpy as np

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.observation.reading import Reading
from riverchief.parameter import find_parameter
from riverchief.place import Location, Network
from riverchief.place.centreline import Centrelines
from riverchief.place.listed import Listed, read_listed, read_number
from riverchief.tracing.candidate import Candidate, candidate_odds
from riverchief.tracing.samples import ABOVE, BELOW, MEASURED, StationSamples
from riverchief.transport.physics import Floats
from riverchief.units import convert, find_unit

RAIN, FLOW = "RAIN", "FLOW"
STATION_KINDS = ("station", "section", "intake", "border", "")
OUTFALL_KINDS = ("outfall",)
COLUMNS = {
    "subkind": ("subkind", "outfall_kind", "细类", "排口类型"),
    "permit": ("permit", "许可", "许可证"),
    "history": ("past_cases", "近两年案件", "违规次数"),
    "prior": ("prior", "先验"),
}


class Sites(NamedTuple):
    """Where is measured, by id, and who may have done it."""

    stations: dict[str, Location]
    candidates: tuple[Candidate, ...]


def read_sites(
    data: bytes, source: str, network: Network, *, centrelines: Centrelines | None = None, parameter: str = ""
) -> Sites:
    """Stations and candidates of a sheet (CSV or XLSX) of places.

    Columns (English or Chinese, any order): ``id``; ``reach`` and ``chainage_m`` [m], or ``lon`` and ``lat`` [°] where
    the network has lines; ``kind``: ``station``, ``section``, ``intake`` are places of measurement; ``outfall`` (with
    ``subkind``) or a kind of ``candidate_odds.csv`` is a candidate; rows of other kinds are left out. For candidates
    ``permit`` (``valid``, ``expired``, ``none``, or the permit's number), ``past_cases`` of the last two years, or
    ``prior`` [-] in place of all that. ``parameter`` is what was measured: what a slurry pit holds and a mine does not
    speaks for the one and against the other.

    Raises ``BadInput`` with every fault: those of :func:`~riverchief.place.listed.read_listed`, ``unknown_kind``,
    ``out_of_range``, ``duplicate``.
    """
    suspects = OUTFALL_KINDS + tuple(code for factor, code in candidate_odds() if factor == "kind" and code)
    rows, _ = read_listed(data, source, network, centrelines=centrelines, kinds=STATION_KINDS + suspects, more=COLUMNS)
    stations: dict[str, Location] = {}
    candidates: list[Candidate] = []
    seen: dict[str, int] = {}
    faults: list[Fault] = []
    for row in rows:
        name = row.cells["id"]
        if name in seen:
            details = {"given": name, "allowed": f"#{seen[name]}"}
            faults.append(Fault("duplicate", source, row.line, "id", details))
            continue
        seen[name] = row.line
        if row.cells["kind"] in STATION_KINDS:
            stations[name] = row.location
            continue
        try:
            candidates.append(_candidate(row, parameter))
        except BadInput as refused:
            faults += [fault.at(source, row.line) for fault in refused.faults]
    if faults:
        raise BadInput(faults)
    return Sites(stations, tuple(candidates))


def samples_of(
    readings: Iterable[Reading],
    parameter: str,
    stations: Mapping[str, Location],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[StationSamples]:
    """The usable readings of ``parameter`` as one series for each station, in mg/L.

    Of two readings of one station and time the later in order holds, as a correction does. A reading below or above a
    limit stays so; one that says no limit is left out, for nothing can be concluded from it.

    Raises ``BadInput`` with every fault: ``unknown_station`` for each station that ``stations`` does not place,
    ``unit_mismatch`` for a parameter that is no concentration, ``out_of_range`` for negative values.
    """
    chosen = find_parameter(parameter)
    if find_unit(chosen.unit).dimension != "concentration":
        details = {"given": chosen.unit, "allowed": "mg/L"}
        raise BadInput([Fault("unit_mismatch", column=chosen.code, details=details)])
    kept: dict[str, dict[datetime, Reading]] = {}
    for reading in readings:
        if reading.parameter != chosen.code or not reading.is_usable:
            continue
        if (since is not None and reading.time < since) or (until is not None and reading.time > until):
            continue
        if reading.value is None and (reading.censored is None or reading.censored.limit is None):
            continue
        kept.setdefault(reading.station, {})[reading.time] = reading
    faults = [
        unknown_name("unknown_station", name, list(stations), column="station") for name in kept if name not in stations
    ]
    found = []
    for name in sorted(kept.keys() & stations.keys()):
        try:
            found.append(_series(name, stations[name], kept[name]))
        except BadInput as refused:
            faults += refused.faults
    if faults:
        raise BadInput(faults)
    return found


def rain_of(readings: Iterable[Reading]) -> tuple[Floats, Floats] | None:
    """Times [s since 1970 UTC] and depths [mm] of the usable readings of rain, the mean of all stations at each time;
    None where there is none."""
    depths: dict[float, list[float]] = {}
    for reading in readings:
        if reading.parameter == RAIN and reading.is_usable and reading.value is not None:
            depth = float(convert(reading.value, reading.unit, "mm"))
            depths.setdefault(reading.time.timestamp(), []).append(max(depth, 0.0))
    if not depths:
        return None
    times = np.array(sorted(depths))
    return times, np.array([float(np.mean(depths[time])) for time in times.tolist()])


def _series(name: str, location: Location, readings: Mapping[datetime, Reading]) -> StationSamples:
    values = np.empty(len(readings))
    marks = []
    for j, reading in enumerate(readings.values()):
        operator, limit = reading.censored or ("", None)
        value = reading.value if reading.value is not None else limit
        values[j] = np.nan if value is None else convert(value, reading.unit, "mg/L")
        marks.append(MEASURED if reading.value is not None else BELOW if operator == "<" else ABOVE)
    return StationSamples.of(name, location, list(readings), values, censor=marks)


def _candidate(row: Listed, parameter: str) -> Candidate:
    cells = row.cells
    kind = cells["subkind"] if cells["kind"] in OUTFALL_KINDS else cells["kind"]
    if cells["prior"]:
        return Candidate(cells["id"], row.location, read_number(cells["prior"], "prior"), kind, cells["name"])
    states = [code for factor, code in candidate_odds() if factor == "permit"]
    permit = cells["permit"] if cells["permit"] in states else "valid"
    past = int(read_number(cells["history"], "past_cases")) if cells["history"] else 0
    return Candidate.of(
        cells["id"],
        row.location,
        kind=kind,
        permit=permit,
        past_cases=past,
        name=cells["name"],
        parameter=find_parameter(parameter).code if parameter else "",
    )
