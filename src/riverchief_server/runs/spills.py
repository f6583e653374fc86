"""A spill asked for in the county's own words, as a question that can be stored and computed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NotRequired, TypedDict, cast
from uuid import UUID

from django.db.models import Q

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.parameter import find_parameter
from riverchief.place import Location
from riverchief.spill import Spill, Watch
from riverchief.spill.kept import KeptAnswer, KeptPassage, KeptQuestion
from riverchief.spill.question import spill_question
from riverchief.spill.watches import class_limit
from riverchief.transport.condition_now import conditions_at_share, find_flow_condition, flow_conditions
from riverchief.transport.way import way_from
from riverchief.units import find_unit
from riverchief_server.places.models import Place, Reach
from riverchief_server.runs.actions import NewRun
from riverchief_server.runs.models import DONE, Run
from riverchief_server.runs.queries import result_of
from riverchief_server.runs.rivers import Rivers, rivers_of_county, share_of_mean_flow

KIND = "spill"
MASS_UNITS = ("kg", "t", "g", "m3")
#: A source or intake whose target nobody wrote down: the least that GB 3838-2002 allows for drinking water.
LEAST_FOR_DRINKING = "III"
MEASURED = "measured"
FOOT = "foot"
DAY_S = 86_400.0
#: How far back a spill may lie, and how far ahead [days].
PAST_DAYS, AHEAD_DAYS = 60, 7
MOST = {"mass_kg": 1e9, "duration_h": 24 * 60.0, "decay_per_d": 100.0, "background_mg_l": 1e6}


class SpillTold(TypedDict):
    """A spill as it was asked for: what a list shows, and what the form is filled with again. ``mass_kg`` is what the
    amount comes to; ``flow_share`` is of the mean flow [-]."""

    reach: str
    reach_name: str
    chainage_m: float
    place: str
    parameter: str
    substance: str
    amount: float
    unit: str
    content_mg_l: float | None
    mass_kg: float
    start: str
    duration_h: float
    flow: str
    flow_share: float
    decay_per_d: float
    background_mg_l: float
    leading: NotRequired[KeptPassage | None]


class NetworkUsed(TypedDict):
    """Which network was computed on."""

    sha256: str
    reaches: int


class SpillInputs(KeptQuestion):
    """The question with the target class of each place (by its id) and the network it was asked of."""

    network: NetworkUsed
    targets: dict[str, str]


@dataclass(frozen=True)
class SpillAsked:
    """A spill as somebody reports it.

    Where: ``reach`` with ``chainage_m`` [m], or ``place`` (an outfall's code). What: ``parameter`` (any spelling) or,
    for what the standard does not know, ``substance`` in free words. How much: ``amount`` in kg, t or g of it; in m3 of
    a liquid that holds ``content_mg_l`` [mg/L]. ``flow``: a row of ``flow_conditions.csv``, or "measured".
    """

    uuid: UUID
    amount: float
    start: datetime
    unit: str = "kg"
    content_mg_l: float | None = None
    reach: str = ""
    chainage_m: float | None = None
    place: str = ""
    parameter: str = ""
    substance: str = ""
    duration_h: float = 0.0
    flow: str = MEASURED
    decay_per_d: float = 0.0
    background_mg_l: float = 0.0


def spill_run(asked: SpillAsked, now: datetime, seed: int = 0) -> NewRun:
    """The run to ask for. Raises ``BadInput`` with everything that is wrong with it."""
    rivers = rivers_of_county()
    faults: list[Fault] = []
    reach, chainage = _where(asked, rivers, faults)
    parameter = _parameter(asked, faults)
    mass_kg = _mass(asked, faults)
    _between(asked, now, faults)
    share, flow = _flow(asked, rivers, now, faults)
    if faults or reach is None:
        raise BadInput(faults)
    water = conditions_at_share(
        rivers.network, rivers.mean, share, is_measured=flow == MEASURED, decay_per_s=asked.decay_per_d / DAY_S
    )
    spill = Spill(Location(reach.code, chainage), mass_kg, asked.duration_h * 3600)
    watches, targets = watches_below(rivers, reach, chainage, parameter)
    question = spill_question(rivers.network, water, spill, watches, background_mg_l=asked.background_mg_l)
    told: SpillTold = {
        "reach": reach.code,
        "reach_name": reach.name,
        "chainage_m": round(chainage, 1),
        "place": asked.place,
        "parameter": parameter,
        "substance": asked.substance.strip() if not parameter else "",
        "amount": asked.amount,
        "unit": asked.unit,
        "content_mg_l": asked.content_mg_l if asked.unit == "m3" else None,
        "mass_kg": mass_kg,
        "start": asked.start.isoformat(),
        "duration_h": asked.duration_h,
        "flow": flow,
        "flow_share": round(share, 4),
        "decay_per_d": asked.decay_per_d,
        "background_mg_l": asked.background_mg_l,
    }
    network: NetworkUsed = {"sha256": rivers.sha256, "reaches": rivers.network.n}
    inputs: SpillInputs = {**question, "network": network, "targets": targets}
    return NewRun(asked.uuid, KIND, inputs, seed, summary=told)


def told_of(run: Run) -> SpillTold:
    """What was asked, in the county's words; with the leading place once it is computed."""
    return cast(SpillTold, run.summary)


def inputs_of(run: Run) -> SpillInputs:
    """All that the computation depended on. Lists of runs leave it in the database, so it is asked for anew."""
    return cast(SpillInputs, Run.objects.values_list("inputs", flat=True).get(pk=run.pk))


def answer_of(run: Run) -> KeptAnswer | None:
    """What came out; ``None`` until the run is done."""
    return cast(KeptAnswer, result_of(run)) if run.state == DONE else None


def watches_below(
    rivers: Rivers, reach: Reach, chainage_m: float, parameter: str
) -> tuple[list[Watch], dict[str, str]]:
    """Who must be warned below a point: intakes, drinking-water sources, sections, stations of their own; the foot of
    the last reach where there is nobody. With each one's target class."""
    network = rivers.network
    edges = network.secondary
    way = way_from(network.down, network.index_of(reach.code), (edges.source, edges.target, edges.fraction)).reaches
    below = {rivers.reaches[position].pk for position in way.tolist()}
    found = Place.objects.filter(kind__in=["intake", "source", "section", "station"]).filter(
        Q(reach_id__in=below) if len(below) < 500 else Q()
    )
    watches: list[Watch] = []
    targets: dict[str, str] = {}
    with_intake = {place.part_of_id for place in found if place.kind == "intake"}
    for place in found.select_related("reach", "part_of"):
        is_above = place.reach_id == reach.pk and place.chainage_m < chainage_m and reach.kind != "lake"
        is_told_by_other = (place.kind == "station" and place.part_of_id) or place.pk in with_intake
        if place.reach_id not in below or is_above or is_told_by_other:
            continue
        target = target_of(place)
        limit = _limit(parameter, target, place.reach.water)
        kind = "border" if place.is_border and place.kind == "section" else place.kind
        watches.append(Watch(place.code, Location(place.reach.code, place.chainage_m), kind, place.name, limit))
        targets[place.code] = target
    if not watches:
        last = rivers.reaches[int(way[-1])]
        watches.append(Watch(f"{last.code}:{FOOT}", Location(last.code, last.length_m), FOOT, last.name))
    return watches, targets


def target_of(place: Place) -> str:
    """The class that the water at a place must keep: its own, that of the source it belongs to, else class III."""
    inherited = place.part_of.class_target if place.part_of is not None else ""
    return place.class_target or inherited or LEAST_FOR_DRINKING


def _limit(parameter: str, target: str, water: str) -> float | None:
    """The limit there [mg/L]; None where the standard has none for it."""
    if not parameter:
        return None
    try:
        return class_limit(parameter, target, water)
    except BadInput:
        return None


def _where(asked: SpillAsked, rivers: Rivers, faults: list[Fault]) -> tuple[Reach | None, float]:
    if asked.place:
        place = Place.objects.select_related("reach").filter(code=asked.place).first()
        if place is None:
            faults.append(Fault("not_found", column="place", details={"given": asked.place}))
            return None, 0.0
        return place.reach, place.chainage_m
    by_code: Mapping[str, Reach] = {reach.code: reach for reach in rivers.reaches}
    reach = by_code.get(asked.reach)
    if reach is None:
        names = [name for known in rivers.reaches for name in (known.code, known.name)]
        faults.append(unknown_name("unknown_reach", asked.reach, names, column="reach"))
        return None, 0.0
    chainage = reach.length_m / 2 if asked.chainage_m is None else asked.chainage_m
    if not 0 <= chainage <= reach.length_m:
        details = {"given": f"{chainage:g}", "allowed": f"0 – {reach.length_m:g} m"}
        faults.append(Fault("out_of_range", column="chainage_m", details=details))
    return reach, chainage


def _parameter(asked: SpillAsked, faults: list[Fault]) -> str:
    if not asked.parameter:
        return ""
    try:
        parameter = find_parameter(asked.parameter)
        if find_unit(parameter.unit).dimension != "concentration" or parameter.medium != "water":
            details = {"given": parameter.unit, "allowed": "mg/L"}
            faults.append(Fault("unit_mismatch", column="parameter", details=details))
    except BadInput as refused:
        faults += [fault.at(column="parameter") for fault in refused.faults]
        return ""
    return parameter.code


def _mass(asked: SpillAsked, faults: list[Fault]) -> float:
    """The mass [kg]."""
    _number(asked.amount, "amount", "> 0", asked.amount > 0, faults)
    if asked.unit not in MASS_UNITS:
        details = {"given": asked.unit, "allowed": ", ".join(MASS_UNITS)}
        faults.append(Fault("not_one_of", column="unit", details=details))
        return 0.0
    if asked.unit == "m3":
        content = asked.content_mg_l
        if content is None:
            details = {"given": "content_mg_l", "allowed": "mg/L"}
            faults.append(Fault("missing_value", column="content_mg_l", details=details))
            return 0.0
        _number(content, "content_mg_l", "> 0 mg/L", content > 0, faults)
        mass = asked.amount * content / 1000.0  # m³ · g/m³ / (g/kg) → kg
    else:
        mass = asked.amount * find_unit(asked.unit).factor
    if mass > MOST["mass_kg"]:
        _number(asked.amount, "amount", f"<= {MOST['mass_kg']:g} kg", False, faults)
    return mass


def _between(asked: SpillAsked, now: datetime, faults: list[Fault]) -> None:
    for name in ("duration_h", "decay_per_d", "background_mg_l"):
        value = getattr(asked, name)
        _number(value, name, f"0 – {MOST[name]:g}", 0 <= value <= MOST[name], faults)
    first, last = now - timedelta(days=PAST_DAYS), now + timedelta(days=AHEAD_DAYS)
    if not first <= asked.start <= last:
        details = {"given": asked.start.isoformat(), "allowed": f"{first:%Y-%m-%d} – {last:%Y-%m-%d}"}
        faults.append(Fault("out_of_range", column="start", details=details))


def _flow(asked: SpillAsked, rivers: Rivers, now: datetime, faults: list[Fault]) -> tuple[float, str]:
    """The share of the mean flow [-], and where it comes from: without a gauge that speaks, the mean flow."""
    if asked.flow == MEASURED:
        share = share_of_mean_flow(rivers, min(asked.start, now))
        return (share, MEASURED) if share is not None else (flow_conditions()["mean"].share, "mean")
    try:
        return find_flow_condition(asked.flow).share, asked.flow
    except BadInput as refused:
        faults += refused.faults
        return 1.0, asked.flow


def _number(value: float, column: str, allowed: str, ok: bool, faults: list[Fault]) -> None:
    if not (math.isfinite(value) and ok):
        faults.append(Fault("out_of_range", column=column, details={"given": f"{value:g}", "allowed": allowed}))
