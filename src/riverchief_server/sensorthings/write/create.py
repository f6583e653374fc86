"""Makes entities, with everything that is described inside them, in one transaction (18-088 §10.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from riverchief.errors import BadInput, Conflict, Fault
from riverchief.units import find_unit
from riverchief_server.observations.models import Series
from riverchief_server.sensorthings.mirror import MEASUREMENT, parameter_of
from riverchief_server.sensorthings.models import (
    FIRST_OWN_SERIES,
    Datastream,
    History,
    HistoryLocation,
    Location,
    ObservedProperty,
    Sensor,
    SeriesNumber,
    Thing,
    ThingLocation,
)
from riverchief_server.sensorthings.odata.path import Identity
from riverchief_server.sensorthings.write.arrivals import Arrivals, forget_habits, keep
from riverchief_server.sensorthings.write.body import Draft
from riverchief_server.sensorthings.write.observation import arrival_of
from riverchief_server.sensorthings.write.streams import forget_streams, stream_of
from riverchief_server.sensorthings.write.tables import FIELDS, MODELS, is_of_register, of_register, row_of

Linked = dict[str, Identity]


@dataclass
class Made:
    """What was made: the entity's id, and the observations inside that go to the store together."""

    now: int
    arrivals: list[Arrivals] = field(default_factory=list)


@transaction.atomic
def create(draft: Draft, linked: Linked, now: int) -> Identity:
    """Make the entity of ``draft``; ``linked`` has the relations that the address says. Raises for links to nothing."""
    made = Made(now)
    identity = make(draft, linked, made)
    if made.arrivals:
        keep(made.arrivals)
    forget_habits()
    forget_streams()
    return identity


def make(draft: Draft, linked: Linked, made: Made) -> Identity:
    """Make one entity and what is inside it."""
    name = draft.entity.name
    if name == "Observation":
        return make_observation(draft, linked, made)
    return _MAKERS[name](draft, linked, made)


def make_observation(draft: Draft, linked: Linked, made: Made) -> Identity:
    """Take an observation up for the store; its datastream and feature may be made on the way."""
    stream = stream_of(one(draft, "Datastream", linked, made))
    feature = feature_of(draft, linked, made)
    arrival = arrival_of(stream, draft.values, feature, made.now)
    made.arrivals.append(arrival)
    return f"{arrival.series}-{int(arrival.t[0])}"


def feature_of(draft: Draft, linked: Linked, made: Made) -> int | None:
    """The feature of interest that an observation names, ``None`` where it names none."""
    if "FeatureOfInterest" in linked or draft.links.get("FeatureOfInterest") or draft.inside.get("FeatureOfInterest"):
        identity = one(draft, "FeatureOfInterest", linked, made)
        return int(row_of("FeatureOfInterest", identity, as_link=True).pk)
    return None


def one(draft: Draft, relation: str, linked: Linked, made: Made) -> Identity:
    """The id of the one entity of ``relation``: from the address, a link, or made now."""
    if relation in linked:
        return linked[relation]
    links = draft.links.get(relation)
    if links:
        return links[0]
    inside = draft.inside.get(relation)
    if not inside:
        raise BadInput([Fault("missing_value", details={"given": relation, "allowed": "@iot.id"})])
    return make(inside[0], {}, made)


def values_of(draft: Draft) -> dict[str, Any]:
    """The fields of the model."""
    return {FIELDS[name]: value for name, value in draft.values.items()}


def place_thing(thing: Thing, locations: Sequence[int], now: int) -> None:
    """``thing`` is at ``locations`` from now on; the history has one more entry (18-088 §10.2.2.2)."""
    if is_of_register(thing):
        raise of_register("Thing", thing.pk)
    ThingLocation.objects.filter(thing=thing).delete()
    ThingLocation.objects.bulk_create(ThingLocation(thing=thing, location_id=one) for one in locations)
    history = History.objects.create(thing=thing, time=now)
    HistoryLocation.objects.bulk_create(HistoryLocation(history=history, location_id=one) for one in locations)


def _make_thing(draft: Draft, linked: Linked, made: Made) -> Identity:
    thing = Thing.objects.create(**values_of(draft))
    locations = [row_of("Location", link, as_link=True).pk for link in draft.links.get("Locations", [])]
    locations += [int(make(inner, {}, made)) for inner in draft.inside.get("Locations", [])]
    if "Locations" in linked:
        locations.append(int(linked["Locations"]))
    if locations:
        place_thing(thing, locations, made.now)
    _make_inside(draft, ("HistoricalLocations", "Datastreams"), {"Thing": thing.pk}, made)
    _refuse_links(draft, ("HistoricalLocations", "Datastreams"))
    return int(thing.pk)


def _make_location(draft: Draft, linked: Linked, made: Made) -> Identity:
    location = Location.objects.create(**values_of(draft))
    things = [row_of("Thing", link, as_link=True) for link in draft.links.get("Things", [])]
    if "Things" in linked:
        things.append(row_of("Thing", linked["Things"]))
    for thing in things:
        assert isinstance(thing, Thing)
        place_thing(thing, [location.pk], made.now)
    for inner in draft.inside.get("Things", []):
        make(inner, {"Locations": location.pk}, made)
    histories = list(draft.links.get("HistoricalLocations", []))
    if "HistoricalLocations" in linked:
        histories.append(linked["HistoricalLocations"])
    for link in histories:
        history = row_of("HistoricalLocation", link, as_link=True)
        HistoryLocation.objects.get_or_create(history=history, location=location)
    _make_inside(draft, ("HistoricalLocations",), {"Locations": location.pk}, made)
    return int(location.pk)


def _make_history(draft: Draft, linked: Linked, made: Made) -> Identity:
    thing = row_of("Thing", one(draft, "Thing", linked, made), as_link=True)
    assert isinstance(thing, Thing)
    if is_of_register(thing):
        raise of_register("Thing", thing.pk)
    locations = [row_of("Location", link, as_link=True).pk for link in draft.links.get("Locations", [])]
    locations += [int(make(inner, {}, made)) for inner in draft.inside.get("Locations", [])]
    if "Locations" in linked:
        locations.append(int(linked["Locations"]))
    newest = History.objects.filter(thing=thing).order_by("-time").first()
    history = History.objects.create(thing=thing, **values_of(draft))
    HistoryLocation.objects.bulk_create(HistoryLocation(history=history, location_id=pk) for pk in set(locations))
    if locations and (newest is None or newest.time <= history.time):
        # the newest entry of the history says where the thing is
        ThingLocation.objects.filter(thing=thing).delete()
        ThingLocation.objects.bulk_create(ThingLocation(thing=thing, location_id=pk) for pk in set(locations))
    return int(history.pk)


def _make_datastream(draft: Draft, linked: Linked, made: Made) -> Identity:
    thing = row_of("Thing", one(draft, "Thing", linked, made), as_link=True)
    sensor = row_of("Sensor", one(draft, "Sensor", linked, made), as_link=True)
    measured = row_of("ObservedProperty", one(draft, "ObservedProperty", linked, made), as_link=True)
    assert isinstance(thing, Thing) and isinstance(sensor, Sensor) and isinstance(measured, ObservedProperty)
    series = _series_of_register(draft, thing, sensor, measured)
    number = series.pk if series else FIRST_OWN_SERIES + SeriesNumber.objects.create().pk
    fields = values_of(draft)
    if "geometry" not in fields:
        fields["geometry"] = _geometry_of(thing)
    stream = Datastream.objects.create(
        id=number, series=series, thing=thing, sensor=sensor, observed_property=measured, **fields
    )
    _make_inside(draft, ("Observations",), {"Datastream": stream.pk}, made)
    return int(stream.pk)


def _series_of_register(draft: Draft, thing: Thing, sensor: Sensor, measured: ObservedProperty) -> Series | None:
    """A station of ours that measures a parameter of ours: a series like any other, judged with them."""
    parameter = parameter_of(measured.parameter) if measured.parameter else None
    if thing.place_id is None or parameter is None:
        return None
    symbol = str(draft.values["unitOfMeasurement"].get("symbol") or "")
    try:
        same = find_unit(symbol).symbol == parameter.unit
    except BadInput:
        same = False
    if not same:
        details = {"given": symbol, "allowed": parameter.unit}
        raise BadInput([Fault("sta_unit_of_register", column="unitOfMeasurement", details=details)])
    if draft.values["observationType"] != MEASUREMENT:
        details = {"given": draft.values["observationType"], "allowed": MEASUREMENT}
        raise BadInput([Fault("not_one_of", column="observationType", details=details)])
    series, is_new = Series.objects.get_or_create(
        place_id=thing.place_id,
        parameter=parameter.code,
        source=sensor.name[:120],
        statistic="instant",
        period_s=0,
    )
    if not is_new:
        details = {"given": draft.values["name"], "allowed": f"Datastream({series.pk})"}
        raise Conflict(Fault("sta_already_there", details=details))
    return series


def _geometry_of(thing: Thing) -> Any:
    location = thing.locations.first()
    geometry = location.geometry if location else None
    if isinstance(geometry, dict) and geometry.get("type") == "Feature":
        geometry = geometry.get("geometry")
    return geometry


def _make_plain(draft: Draft, linked: Linked, made: Made) -> Identity:
    row = MODELS[draft.entity.name].objects.create(**values_of(draft))
    back = "FeatureOfInterest" if draft.entity.name == "FeatureOfInterest" else draft.entity.name
    for relation in draft.entity.relations:
        _make_inside(draft, (relation,), {back: row.pk}, made)
        _refuse_links(draft, (relation,))
    return int(row.pk)


def _make_inside(draft: Draft, relations: Sequence[str], linked: Linked, made: Made) -> None:
    for relation in relations:
        for inner in draft.inside.get(relation, []):
            make(inner, linked, made)


def _refuse_links(draft: Draft, relations: Sequence[str]) -> None:
    """A thing can't take the datastream of another along by being made."""
    for relation in relations:
        if draft.links.get(relation):
            raise BadInput([Fault("sta_inline_update", details={"given": relation})])


_MAKERS = {
    "Thing": _make_thing,
    "Location": _make_location,
    "HistoricalLocation": _make_history,
    "Datastream": _make_datastream,
    "Sensor": _make_plain,
    "ObservedProperty": _make_plain,
    "FeatureOfInterest": _make_plain,
}
