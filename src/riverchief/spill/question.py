"""A spill as plain data: the question with all it depends on, and the answer. What can be stored can be asked again.

The question holds only the reaches that the spill's water passes, with the state they were taken to be in, so it stays
small and gives the same answer whatever becomes of the county's network. Numbers are in canonical units; what is not
known is None.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from riverchief.errors import BadInput
from riverchief.place import Location, Network
from riverchief.spill.forecast import (
    Spill,
    SpillForecast,
    Watch,
    WatchForecast,
    forecast_spill,
    spill_profile,
)
from riverchief.spill.front import Profile
from riverchief.spill.kept import KeptAnswer, KeptCurve, KeptFront, KeptPassage, KeptQuestion, KeptRange
from riverchief.transport.conditions import Conditions
from riverchief.transport.doubt import Range
from riverchief.transport.physics import Floats
from riverchief.transport.river_data import river_data, river_of
from riverchief.transport.way import way_from

SEGMENTS, STEPS, CURVE = 240, 120, 120
#: A step of the animation [s]: the first of these that needs at most ``STEPS``.
NICE_STEPS_S = (60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800)
#: A passage is shown for so many times its rise, which is all of it in a river, and for six hours at least.
RISES_SHOWN, LEAST_SHOWN_S = 6.0, 21_600.0
ENSEMBLE_SHARE = 0.9
DRUNK_FROM = ("intake", "source")


def spill_question(
    network: Network,
    conditions: Conditions,
    spill: Spill,
    places: Sequence[Watch],
    *,
    background_mg_l: float = 0.0,
    members: int = 200,
) -> KeptQuestion:
    """The question as plain data. Places that the water does not come to are only named, under ``elsewhere``.

    Raises ``BadInput``: ``unknown_reach``, and ``bad_reach_values`` for reaches on the way whose state is not known.
    """
    edges = network.secondary
    way = way_from(
        network.down, network.index_of(spill.location.reach), (edges.source, edges.target, edges.fraction)
    ).reaches
    physics = conditions.physics
    here = physics.take(way)
    names = network.ids[way].tolist()
    wrong = here.faults(names)
    if wrong:
        raise BadInput(wrong)
    on_way = set(way.tolist())
    river = river_data(network, conditions, way)
    return {
        "spill": {
            "reach": spill.location.reach,
            "chainage_m": float(spill.location.chainage_m),
            "mass_kg": float(spill.mass_kg),
            "duration_s": float(spill.duration_s),
        },
        "reaches": river["reaches"],
        "branches": river["branches"],
        "places": [
            {
                "id": watch.id,
                "reach": watch.location.reach,
                "chainage_m": float(watch.location.chainage_m),
                "kind": watch.kind,
                "name": watch.name,
                "limit_mg_l": watch.limit_mg_l,
            }
            for watch in places
            if network.index_of(watch.location.reach) in on_way
        ],
        "elsewhere": [watch.id for watch in places if network.index_of(watch.location.reach) not in on_way],
        "background_mg_l": float(background_mg_l),
        "members": members,
        "basis": [[quantity, method.code, count] for quantity, method, count in conditions.basis(way)],
    }


def answer_spill(question: KeptQuestion, seed: int, tell: Callable[[float], None]) -> KeptAnswer:
    """The answer as plain data: ``places`` (nearest first), ``unreached`` ids, the ``front`` along the river, and in
    ``summary`` the place that matters first: the nearest intake or source, else the nearest place.

    Every number has six significant figures. ``tell`` hears the share of the work done and may raise to end it.
    Raises ``BadInput`` as :func:`~riverchief.spill.forecast.forecast_spill` does.
    """
    network, physics, doubt = river_of(question)
    spill, places = spill_of(question), watches_of(question)
    forecast = forecast_spill(
        network,
        spill,
        places,
        physics,
        doubt=doubt,
        background_mg_l=question["background_mg_l"],
        members=question["members"],
        seed=seed,
        tell=lambda share: tell(ENSEMBLE_SHARE * share),
    )
    front = None
    if forecast.places:
        until = max(_shown_until(place) for place in forecast.places)
        front = _front(network, spill_profile(network, spill, physics, _clock(until), segments=SEGMENTS))
    tell(1.0)
    told = [_place(place) for place in forecast.places]
    return {
        "summary": {"leading": _leading(told)},
        "places": told,
        "unreached": [*(watch.id for watch in forecast.unreached), *question["elsewhere"]],
        "front": front,
    }


def spill_of(question: KeptQuestion) -> Spill:
    """The spill of a stored question."""
    asked = question["spill"]
    return Spill(Location(asked["reach"], asked["chainage_m"]), asked["mass_kg"], asked["duration_s"])


def watches_of(question: KeptQuestion) -> list[Watch]:
    """The places of a stored question."""
    return [
        Watch(row["id"], Location(row["reach"], row["chainage_m"]), row["kind"], row["name"], row["limit_mg_l"])
        for row in question["places"]
    ]


def forecast_of(question: KeptQuestion, answer: KeptAnswer, seed: int) -> SpillForecast:
    """The forecast that a stored answer was made from, for whatever takes one (a notice, a figure); without its front.

    Numbers have the six figures they were stored with.
    """
    watches = {watch.id: watch for watch in watches_of(question)}

    places = tuple(
        WatchForecast(
            watch=watches[row["id"]],
            distance_m=row["distance_m"],
            arrival_s=Range(**row["arrival_s"]),
            peak_s=Range(**row["peak_s"]),
            peak_mg_l=Range(**row["peak_mg_l"]),
            passage_s=Range(**row["passage_s"]),
            above_limit_s=Range(**row["above_limit_s"]) if row["above_limit_s"] is not None else None,
            mass_kg=Range(**row["mass_kg"]),
            probability_above=row["probability_above"],
            resolved=row["resolved"],
            curve_s=np.asarray(row["curve_s"], np.float64),
            curve_mg_l=np.asarray(row["curve_mg_l"], np.float64),
        )
        for row in answer["places"]
    )
    unreached = tuple(watches[name] for name in answer["unreached"] if name in watches)
    return SpillForecast(spill_of(question), places, unreached, question["members"], seed)


def _leading(places: Sequence[KeptCurve]) -> KeptPassage | None:
    """The place that matters first, without its curve."""
    if not places:
        return None
    chosen = next((row for row in places if row["kind"] in DRUNK_FROM), places[0])
    return cast(KeptPassage, {name: value for name, value in chosen.items() if not name.startswith("curve")})


def _shown_until(place: WatchForecast) -> float:
    """When a place has seen what is worth showing [s]: all of the passage, but of a lake's long memory only its
    beginning."""
    arrival, rise = place.arrival_s.median, place.peak_s.median - place.arrival_s.median
    return arrival + min(place.passage_s.median, max(RISES_SHOWN * rise, LEAST_SHOWN_S))


def _clock(until_s: float) -> Floats:
    """The steps of the animation [s], of a length that people count in; at most ``STEPS``, so a lake's long tail is
    cut."""
    step = next((step for step in NICE_STEPS_S if until_s <= step * STEPS), NICE_STEPS_S[-1])
    return np.arange(min(math.ceil(until_s / step), STEPS) + 1, dtype=np.float64) * step


def _place(place: WatchForecast) -> KeptCurve:
    thin = slice(None, None, max(place.curve_s.size // CURVE, 1))
    return {
        "id": place.watch.id,
        "kind": place.watch.kind,
        "name": place.watch.name,
        "limit_mg_l": place.watch.limit_mg_l,
        "distance_m": _rounded(place.distance_m),
        "arrival_s": _range(place.arrival_s),
        "peak_s": _range(place.peak_s),
        "peak_mg_l": _range(place.peak_mg_l),
        "passage_s": _range(place.passage_s),
        "above_limit_s": _range(place.above_limit_s) if place.above_limit_s is not None else None,
        "mass_kg": _range(place.mass_kg),
        "probability_above": place.probability_above,
        "resolved": place.resolved,
        "curve_s": _list(place.curve_s[thin]),
        "curve_mg_l": _list(place.curve_mg_l[thin]),
    }


def _front(network: Network, profile: Profile) -> KeptFront:
    """Stretches that the spill never comes to are left out: those too far for the time shown."""
    wet = np.flatnonzero(profile.mg_l.max(axis=0) > 0)
    return {
        "time_s": profile.time_s.tolist(),
        "reach": network.ids[profile.reaches[wet]].tolist(),
        "from_m": _list(profile.from_m[wet]),
        "to_m": _list(profile.to_m[wet]),
        "mg_l": [[float(f"{value:.3g}") for value in row] for row in profile.mg_l[:, wet].T.tolist()],
    }


def _range(found: Range) -> KeptRange:
    return {"median": _rounded(found.median), "p05": _rounded(found.p05), "p95": _rounded(found.p95)}


def _list(values: Floats) -> list[float]:
    return [_rounded(value) for value in values.tolist()]


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
