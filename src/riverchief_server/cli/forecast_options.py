"""What the options of ``riverchief forecast`` say: hours and days, and which station lies upstream of which."""

from __future__ import annotations

import re
from collections.abc import Sequence

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.forecast import Upstream
from riverchief.observation.series import Series

SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(h|d|w|小时|时|天|日|周)?\s*")
HOURS = {"h": 1, "小时": 1, "时": 1, "d": 24, "天": 24, "日": 24, "w": 168, "周": 168}
RELATION = re.compile(
    r"(?P<source>.+?)\s*>\s*(?P<place>.+?)\s*=\s*(?P<hours>\d+(?:\.\d+)?)(?:\s*:\s*(?P<share>[\d.]+))?"
)
HOUR_S = 3600.0


def lead_hours(text: str) -> list[float]:
    """``4h,1d,3d`` as hours, rising, each once. Raises ``BadInput`` (``out_of_range``) naming every one that is none.

    A number alone is hours.
    """
    found, faults = set(), []
    for part in re.split(r"[,，、]", text):
        match = SPAN.fullmatch(part)
        hours = float(match[1]) * HOURS[match[2] or "h"] if match else 0.0
        if hours <= 0:
            faults.append(Fault("out_of_range", "--lead", details={"given": part, "allowed": "4h、1d、3d"}))
        found.add(hours)
    if faults:
        raise BadInput(faults)
    return sorted(found)


def read_upstream(given: Sequence[str], stations: Sequence[str]) -> list[Upstream]:
    """``UP>HERE=18`` or ``UP>HERE=18:0.4``: travel time [h] and share of the water. Raises ``BadInput``."""
    found, faults = [], []
    for text in given:
        match = RELATION.fullmatch(text.strip())
        share = float(match["share"] or 1) if match else 0.0
        if match is None or float(match["hours"]) <= 0 or not 0 < share <= 1:
            faults.append(Fault("not_one_of", "--upstream", details={"given": text, "allowed": "UP>HERE=18:0.4"}))
            continue
        for name in (match["source"], match["place"]):
            if name not in stations:
                faults.append(unknown_name("unknown_station", name, stations, source="--upstream"))
        found.append(Upstream.after(match["place"], match["source"], float(match["hours"]) * HOUR_S, share))
    if faults:
        raise BadInput(faults)
    return found


def stations_of(series: Sequence[Series], asked: Sequence[str] = ()) -> list[str]:
    """The stations of ``series``. Raises ``BadInput`` (``unknown_station``) for every one ``asked`` that is none."""
    known = list(dict.fromkeys(each.station for each in series))
    faults = [unknown_name("unknown_station", name, known, source="--place") for name in asked if name not in known]
    if faults:
        raise BadInput(faults)
    return known
