"""The front of a spill over time, for the map: stretches with a level and a concentration for each step, and words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from riverchief.spill.kept import KeptAnswer, KeptPassage
from riverchief.spill.question import DRUNK_FROM
from riverchief_server.api.desk.figures import clock_text, figure_text
from riverchief_server.api.desk.spills.schema import FrontLevel, SpillFront
from riverchief_server.api.words import number_text, say
from riverchief_server.places.lines import part_of_line
from riverchief_server.places.models import Reach
from riverchief_server.runs.models import Run
from riverchief_server.runs.spills import SpillInputs, inputs_of, told_of

#: A stretch is reached where it is above this share of the lowest peak that any place will see.
REACHED = 0.01
#: Far above the limit: this many times.
FAR_ABOVE = 10.0
Floats = NDArray[np.float64]


def show_front(run: Run, answer: KeptAnswer, now: datetime, language: str) -> SpillFront:
    """The front; empty where nobody is reached."""
    question, front = inputs_of(run), answer["front"]
    if front is None or not front["reach"]:
        return SpillFront(features=[], times=[], labels=[], captions=[], legend=[], bounds=None, first=0)
    mg_l = np.asarray(front["mg_l"], np.float64)
    bounds_of_levels, legend = _levels(question, answer, mg_l, language)
    level = np.searchsorted(bounds_of_levels, mg_l, side="right")
    start = datetime.fromisoformat(told_of(run)["start"])
    edges = np.asarray(front["time_s"], np.float64)
    middles = 0.5 * (edges[1:] + edges[:-1])
    times = [start + timedelta(seconds=float(middle)) for middle in middles]
    labels = [clock_text(time, now, language) for time in times]
    reaches = {reach.code: reach for reach in Reach.objects.filter(code__in=set(front["reach"]))}
    features = []
    points: list[list[float]] = []
    for k, code in enumerate(front["reach"]):
        reach = reaches.get(code)
        if reach is None or front["to_m"][k] <= front["from_m"][k]:
            continue
        line = part_of_line(reach.line, front["from_m"][k] / reach.length_m, front["to_m"][k] / reach.length_m)
        points += line
        features.append(
            {
                "type": "Feature",
                "id": k,
                "geometry": {"type": "LineString", "coordinates": line},
                "properties": {
                    "reach": code,
                    "name": reach.name,
                    "from_m": front["from_m"][k],
                    "to_m": front["to_m"][k],
                    "levels": "".join(map(str, level[k].tolist())),
                    "mg_l": front["mg_l"][k],
                },
            }
        )
    names = [reaches[code].name if code in reaches else code for code in front["reach"]]
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    return SpillFront(
        features=features,
        times=times,
        labels=labels,
        captions=[_caption(labels[j], level[:, j], mg_l[:, j], names, language) for j in range(len(labels))],
        legend=legend,
        bounds=(min(lons), min(lats), max(lons), max(lats)) if points else None,
        first=_first(answer["places"], edges),
    )


def _levels(question: SpillInputs, answer: KeptAnswer, mg_l: Floats, language: str) -> tuple[Floats, list[FrontLevel]]:
    """Where the levels begin [mg/L]: reached; above the strictest limit downstream; far above it. Where there is no
    limit, three even steps on a logarithmic scale."""
    peaks = [row["peak_mg_l"]["median"] for row in answer["places"] if row["peak_mg_l"]["median"] > 0]
    reached = REACHED * min(peaks) if peaks else float(mg_l.max()) * REACHED
    limits = [row["limit_mg_l"] for row in question["places"] if row["limit_mg_l"] is not None]
    if limits:
        limit = min(limits) - question["background_mg_l"]
        limit = max(limit, reached)
        begins = [min(reached, limit), limit, FAR_ABOVE * limit]
        names = [
            say("front_reached", language, limit=number_text(min(limits))),
            say("front_over", language, limit=number_text(min(limits))),
            say("front_far_over", language, n=f"{FAR_ABOVE:.0f}"),
        ]
    else:
        top = max(float(mg_l.max()), reached * 1.001)
        begins = [float(f"{reached * (top / reached) ** (step / 3):.1g}") for step in range(3)]
        names = [say("front_from", language, n=figure_text(value)) for value in begins]
    return np.array(begins), [FrontLevel(level=j + 1, name=name) for j, name in enumerate(names)]


def _caption(label: str, level: NDArray[np.int64], mg_l: Floats, names: Sequence[str], language: str) -> str:
    """What is where in one step: where it is highest, and how far the front has come."""
    wet = np.flatnonzero(level > 0)
    if wet.size == 0:
        return say("front_nowhere", language, time=label)
    top = int(np.argmax(mg_l))
    return say(
        "front_caption",
        language,
        time=label,
        reach=names[top],
        height=figure_text(float(f"{mg_l[top]:.2g}")),
        front=names[int(wet[-1])],
    )


def _first(places: Sequence[KeptPassage], edges: Floats) -> int:
    """The step to show first: when the place that matters first sees its peak."""
    leading = next((row for row in places if row["kind"] in DRUNK_FROM), places[0] if places else None)
    if leading is None:
        return 0
    step = int(np.searchsorted(edges, leading["peak_s"]["median"], side="right")) - 1
    return min(max(step, 0), edges.size - 2)
