"""Keeps this face's tables in step with the county's own places and series.

A station or section is a thing, a series a datastream, a parameter an observed property, the source of a series a
sensor, the place on the river the feature of interest. The register rules: what it says is written over what stands
here, and only ``properties`` that clients added stay. Looking whether anything changed costs three small statements.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max

from riverchief.errors import BadInput
from riverchief.parameter import Parameter, find_parameter
from riverchief.units import find_unit
from riverchief_server.observations.models import Series
from riverchief_server.observations.store import to_ms
from riverchief_server.places.models import Place
from riverchief_server.sensorthings.models import (
    Datastream,
    Feature,
    History,
    HistoryLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
    ThingLocation,
)

GEOJSON = "application/geo+json"
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
LOOK_EVERY_S = 1.0
KINDS = {
    "station": ("监测站", "monitoring station"),
    "section": ("断面", "section"),
    "source": ("饮用水水源地", "drinking-water source"),
    "outfall": ("入河排污口", "outfall"),
    "intake": ("取水口", "intake"),
}
BANKS = {"left": ("左岸", "left bank"), "right": ("右岸", "right bank"), "both": ("", "")}


class Mirror:
    """Looks now and then whether the register has changed, and copies it then. One a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: tuple[Any, ...] | None = None
        self._next_look = 0.0

    def follow(self, *, now: bool = False) -> bool:
        """Copy the register if it has changed since the last look; whether it had."""
        if not now and time.monotonic() < self._next_look:
            return False
        with self._lock:
            self._next_look = time.monotonic() + LOOK_EVERY_S
            found = fingerprint()
            if found == self._seen:
                return False
            copy_register()
            self._seen = fingerprint()
            return True


def fingerprint() -> tuple[Any, ...]:
    """What changes whenever the register does."""
    places = Place.objects.aggregate(n=Count("pk"))["n"]
    history = Place.history.aggregate(last=Max("history_id"))["last"]
    series = Series.objects.aggregate(n=Count("pk"), last=Max("pk"))
    own = Datastream.objects.filter(series__isnull=False).count()
    return places, history, series["n"], series["last"], own


@transaction.atomic
def copy_register() -> None:
    """Write every place and series of the register over what stands here."""
    series = list(Series.objects.select_related("place__reach").order_by("pk"))
    measured = {one.place_id for one in series}
    places = [
        place
        for place in Place.objects.select_related("reach", "region", "part_of")
        if place.kind in ("station", "section") or place.pk in measured
    ]
    began = dict(Place.history.values_list("id").annotate(Max("history_date")).values_list("id", "history_date__max"))
    features = _features(places)
    things = _things(places, {key: to_ms(moment) for key, moment in began.items()}, features)
    _datastreams(series, things, features)
    Thing.objects.filter(place__isnull=False).exclude(place__in=[place.pk for place in places]).delete()


def _features(places: Sequence[Place]) -> dict[int, Feature]:
    known = {one.place_id: one for one in Feature.objects.filter(place__isnull=False)}
    found = {}
    for place in places:
        feature = known.get(place.pk) or Feature(place=place)
        said = {
            "name": _on_river(place),
            "description": _described(place),
            "encoding_type": GEOJSON,
            "geometry": _point(place),
            "properties": _position(place),
        }
        found[place.pk] = _written(feature, said)
    return found


def _things(places: Sequence[Place], began: dict[int, int], features: dict[int, Feature]) -> dict[int, Thing]:
    known = {one.place_id: one for one in Thing.objects.filter(place__isnull=False)}
    now_at = {link.thing_id: link.location for link in ThingLocation.objects.select_related("location")}
    found = {}
    for place in places:
        thing = known.get(place.pk) or Thing(place=place)
        own = {
            **_position(place),
            "code": place.code,
            "kind": place.kind,
            "target_class": place.class_target or None,
            "operator": place.operator or None,
            "border": place.is_border,
            "section": place.part_of.code if place.part_of else None,
        }
        kept = {key: value for key, value in (thing.properties or {}).items() if key not in own}
        said = {
            "name": place.name,
            "description": thing.description or _described(place),
            "properties": kept | {key: value for key, value in own.items() if value is not None},
        }
        found[place.pk] = thing = _written(thing, said)
        _place_thing(thing, place, now_at.get(thing.pk), began.get(place.pk, 0), features[place.pk])
    return found


def _place_thing(thing: Thing, place: Place, at: Location | None, since: int, feature: Feature) -> None:
    """The thing is where the register says; where that is new the history has one more entry."""
    if at is not None and at.geometry == _point(place):
        _written(at, {"name": place.name, "description": _described(place), "feature_id": feature.pk})
        return
    location = Location.objects.create(
        name=place.name,
        description=_described(place),
        encoding_type=GEOJSON,
        geometry=_point(place),
        feature=feature,
        place=place,
    )
    ThingLocation.objects.filter(thing=thing).delete()
    ThingLocation.objects.create(thing=thing, location=location)
    history = History.objects.create(thing=thing, time=since)
    HistoryLocation.objects.create(history=history, location=location)


def _datastreams(series: Sequence[Series], things: dict[int, Thing], features: dict[int, Feature]) -> None:
    known = {one.pk: one for one in Datastream.objects.filter(series__isnull=False)}
    properties = {one.parameter: one for one in ObservedProperty.objects.filter(parameter__isnull=False)}
    sensors = {one.source: one for one in Sensor.objects.filter(source__isnull=False)}
    for one in series:
        if one.parameter not in properties:
            properties[one.parameter] = _property(one.parameter)
        source = source_of(one)
        if source not in sensors:
            sensors[source] = _sensor(one, source)
        stream = known.get(one.pk) or Datastream(id=one.pk, series=one)
        own = {
            "parameter": one.parameter,
            "statistic": one.statistic,
            "period_s": one.period_s,
            "source": one.source,
            "simulated": one.is_simulated,
        }
        kept = {key: value for key, value in (stream.properties or {}).items() if key not in own}
        measured = properties[one.parameter]
        more = "" if one.statistic == "instant" else f" {one.statistic}"
        said = {
            "thing_id": things[one.place_id].pk,
            "sensor_id": sensors[source].pk,
            "observed_property_id": measured.pk,
            "name": f"{one.place.name} {measured.name}{more}",
            "description": stream.description or f"{measured.name}{more}, {one.place.name}",
            "observation_type": MEASUREMENT,
            "unit": unit_of(one.parameter),
            "geometry": _point(one.place),
            "properties": kept | own,
            "feature_id": features[one.place_id].pk,
        }
        if stream._state.adding:
            # the result of an instrument is there when it has measured
            said |= {"lag_ms": 0, "is_settled": True}
        _written(stream, said)


def unit_of(parameter: str) -> dict[str, str]:
    """The unit of a parameter as the standard says units."""
    known = parameter_of(parameter)
    symbol = known.unit if known else ""
    try:
        unit = find_unit(symbol)
        name = unit.name_en
    except BadInput:
        name = symbol
    return {"name": name or symbol, "symbol": symbol, "definition": f"urn:riverchief:unit:{symbol}"}


def parameter_of(code: str) -> Parameter | None:
    """The parameter of a series; a series of a parameter that was taken out of the table has none."""
    try:
        return find_parameter(code)
    except BadInput:
        return None


def source_of(series: Series) -> str:
    """Under which name the sensor of a series is kept."""
    return f"{'simulated:' if series.is_simulated else ''}{series.source}"


def _property(code: str) -> ObservedProperty:
    known = parameter_of(code)
    names = (known.name_zh, known.name_en) if known else (code, code)
    shown = names if _is_chinese() else names[::-1]
    own = {"code": code}
    if known:
        own |= {"unit": known.unit, "medium": known.medium} | ({"hj_code": known.hj_code} if known.hj_code else {})
    return ObservedProperty.objects.create(
        parameter=code,
        name=shown[0],
        description=shown[1],
        definition=f"urn:riverchief:parameter:{code}",
        properties=own,
    )


def _sensor(series: Series, source: str) -> Sensor:
    unknown = "仪器未登记" if _is_chinese() else "instrument not registered"
    return Sensor.objects.create(
        source=source,
        name=series.source or unknown,
        description=series.source or unknown,
        encoding_type="text/plain",
        metadata=series.source or unknown,
        properties={"simulated": series.is_simulated},
    )


def _written(row: Any, said: dict[str, Any]) -> Any:
    """``row`` with what the register says, saved where that is new."""
    changed = row.pk is None or row._state.adding or any(getattr(row, name) != value for name, value in said.items())
    if changed:
        for name, value in said.items():
            setattr(row, name, value)
        row.save()
    return row


def _is_chinese() -> bool:
    return settings.LANGUAGE_CODE.startswith("zh")


def _point(place: Place) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [place.lon, place.lat]}


def _position(place: Place) -> dict[str, Any]:
    return {
        "river": place.reach.river,
        "reach": place.reach.code,
        "reach_name": place.reach.name,
        "chainage_m": place.chainage_m,
        "bank": place.bank,
    }


def _on_river(place: Place) -> str:
    bank = BANKS.get(place.bank, ("", ""))[0 if _is_chinese() else 1]
    return " ".join(part for part in (place.reach.name, f"{place.chainage_m:.0f} m", bank) if part)


def _described(place: Place) -> str:
    kind = KINDS.get(place.kind, (place.kind, place.kind))[0 if _is_chinese() else 1]
    return f"{kind} · {_on_river(place)}"
